import { sideBySide } from '../http/sideBySide';
import { lastEntry, listAll, type Bucket, type ListPage } from '../storage/bucket';
import { idOf, type Entry, type Place, type Places } from './places';
import { collect, type SessionFiles } from './sessionFiles';

/** Requests for listings that are under way at the same time. */
const LISTS_AT_ONCE = 8;
/** So many stretches keep all lanes busy to the end. */
const STRETCHES = 16;
/** The last page of a stretch holds what comes after it, too: short stretches waste more. */
const FEWEST_PAGES = 4;
/** A stretch is read to its end, whatever the deadline: so many requests take some seconds. */
const MOST_PAGES = 40;

/**
 * Lists the files of many sessions: what lies side by side in the bucket is listed plainly, a thousand files
 * a request, several such stretches at once. What lies between them is not read.
 *
 * @param places where the sessions were found
 * @param wanted the sessions to list
 * @param deadline Unix milliseconds; no further stretch is begun after it, and sessions that are not wholly
 *   listed by then are left out
 * @returns all that a listing tells about each, without its slices one by one; null where nothing of Agora's is
 * @throws Fault when the bucket refuses
 */
export async function listFiles(
	bucket: Bucket,
	places: Places,
	wanted: Place[],
	deadline = Infinity,
): Promise<Map<Place, SessionFiles | null>> {
	const listed = (place: Place) => places.listed.get(idOf(place));
	const unlisted = wanted.filter((place) => listed(place) === undefined);
	const sessions = new Map<string, SessionFiles>();
	const unread = new Set<Entry>();
	if (unlisted.length > 0 && !bucket.canStartAfter) {
		for await (const { objects } of listAll(bucket, { prefix: places.root })) {
			collect(sessions, objects, false);
		}
	} else {
		const entries = unlisted.flatMap((place) => place.entries).sort((a, b) => a.at - b.at);
		const inTime = () => Date.now() <= deadline;
		const perPage = inTime() ? await listFirstPage(bucket, places.root, entries, sessions) : 0;
		const stretches = stretchesOf(entries.slice(perPage), Math.max(1, perPage));
		await sideBySide(stretches, LISTS_AT_ONCE, async (stretch) => {
			if (inTime()) await listStretch(bucket, places.root, stretch, sessions);
			else for (const entry of stretch) unread.add(entry);
		});
	}
	const whole = wanted.filter(({ entries }) => !entries.some((entry) => unread.has(entry)));
	return new Map(whole.map((place) => [place, listed(place) ?? sessions.get(idOf(place)) ?? null]));
}

/**
 * Reads one page, which tells how many sessions to expect on each.
 *
 * @returns how many entries it holds to their end
 */
async function listFirstPage(
	bucket: Bucket,
	root: string,
	entries: Entry[],
	sessions: Map<string, SessionFiles>,
): Promise<number> {
	const [first, ...more] = runOf(entries);
	if (first === undefined || more.length === 0) return 0;
	const page = await bucket.list(queryFor(root, first, more.at(-1)!));
	const isWhole = ({ prefix }: Entry) =>
		page.nextToken === null || isBehind(lastEntry(page), prefix);
	const whole = [first, ...more].filter(isWhole);
	if (whole.length > 0) collect(sessions, between(page, first, whole.at(-1)!), false);
	return whole.length;
}

/** The first entries, as long as they follow on each other in the bucket. */
function runOf(entries: Entry[]): Entry[] {
	const end = entries.findIndex(({ at }, i) => i > 0 && at - entries[i - 1]!.at > 1);
	return end < 0 ? entries : entries.slice(0, end);
}

/** Entries that follow on each other in the bucket, in groups that one lane reads. */
function stretchesOf(entries: Entry[], perPage: number): Entry[][] {
	const fit = Math.ceil(entries.length / STRETCHES);
	const most = Math.min(MOST_PAGES * perPage, Math.max(FEWEST_PAGES * perPage, fit));
	const stretches: Entry[][] = [];
	for (let rest = entries; rest.length > 0; rest = rest.slice(stretches.at(-1)!.length)) {
		stretches.push(runOf(rest.slice(0, most)));
	}
	return stretches;
}

async function listStretch(
	bucket: Bucket,
	root: string,
	stretch: Entry[],
	sessions: Map<string, SessionFiles>,
): Promise<void> {
	const [first, last] = [stretch[0]!, stretch.at(-1)!];
	for await (const page of listAll(bucket, queryFor(root, first, last))) {
		collect(sessions, between(page, first, last), false);
		if (isBehind(lastEntry(page), last.prefix)) return;
	}
}

/** All keys of an entry come after it, being longer. */
function queryFor(root: string, first: Entry, last: Entry) {
	return first === last ? { prefix: first.prefix } : { prefix: root, startAfter: first.prefix };
}

function isBehind(key: string, prefix: string): boolean {
	return key > prefix && !key.startsWith(prefix);
}

/** Storage may begin with the first key wherever it is told to start, and then shows what others list, too. */
function between({ objects }: ListPage, first: Entry, last: Entry) {
	const begin = objects.findIndex(({ key }) => key > first.prefix);
	const end = objects.findLastIndex(({ key }) => !isBehind(key, last.prefix));
	return begin < 0 ? [] : objects.slice(begin, end + 1);
}
