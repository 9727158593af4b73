import { checkProgress, lastEntry, type Bucket, type ListPage } from '../storage/bucket';
import { ALL_DAYS, partitionOf, type Day, type Days } from './day';
import { collect, type SessionFiles } from './sessionFiles';

/** A session that is known to be in the bucket, before any of its files were looked at. */
export interface Place {
	/** '' or with a trailing slash. */
	folder: string;
	sid: string;
	/** The day whose folder it is in, null where it is in no day's. */
	day: Day | null;
	/** What the keys of each of its recorders begin with. */
	entries: Entry[];
}

/** `<folder>[bak<n>_]<sid>_`, to which the bucket folds all that one recorder wrote. */
export interface Entry {
	prefix: string;
	/** Entries whose numbers follow on each other follow on each other in the bucket, too. */
	at: number;
}

/** @returns `<folder><sid>`, which stands for a session */
export function idOf({ folder, sid }: Pick<Place, 'folder' | 'sid'>): string {
	return `${folder}${sid}`;
}

/** @returns what the keys of a session begin with, one for each of its recorders */
export function prefixesOf({ entries }: Place): string[] {
	return entries.map(({ prefix }) => prefix);
}

/** Which sessions are below a folder, in a range of days or in folders that are no days. */
export interface Places {
	/** '' or a path with a trailing slash. */
	root: string;
	days: Days;
	/** By `idOf`. */
	sessions: Map<string, Place>;
	/** Their files, from storage that folds nothing. */
	listed: Map<string, SessionFiles>;
	/** Names that are not Agora's; what is folded into one entry counts as one. */
	foreign: number;
	/** The bucket's time, Unix milliseconds. */
	now: number;
	/** The oldest day that was left out, by the folder around it. */
	oldest: Map<string, Day>;
	/** Folders around days that were leapt over. */
	leapt: Set<string>;
	/** How many entries were seen. */
	entries: number;
}

/** Keys between two others; open where one is missing. */
interface Stretch {
	after?: string;
	before?: string;
}

/** `bak<n>_` with nothing behind it: the folded entry of all that replacing recorders wrote. */
const TAKEOVERS = /(?:^|\/)bak\d+_$/;
/** `<folder>[bak<n>_]<sid>_`, folded or with the rest of a name. */
const ENTRY = /^((.*\/)?(?:bak\d+_)?([0-9a-f]{32})_)[^/]*$/i;
/** All folders of days begin with it. */
const CENTURY = '20';

/**
 * Names the sessions below a folder without listing their files: the bucket folds everything up to the first
 * `_` of a name into one entry, at any depth, so a request names a thousand sessions. Folders of days outside
 * the range are leapt over, so the past costs nothing.
 *
 * @param root '' or a path with a trailing slash
 * @throws Fault when the bucket refuses
 */
export async function findPlaces(
	bucket: Bucket,
	root: string,
	days: Days = ALL_DAYS,
): Promise<Places> {
	const places: Places = {
		root,
		days,
		sessions: new Map(),
		listed: new Map(),
		foreign: 0,
		now: 0,
		oldest: new Map(),
		leapt: new Set(),
		entries: 0,
	};
	await look(bucket, places, root, {}, true);
	await fillLeaps(bucket, places);
	return places;
}

/** @returns whether there are folders of days before the range */
export function hasOlder({ oldest, days }: Places): boolean {
	return [...oldest.values()].some((day) => day < days.from);
}

/**
 * Moves the range back in time: names the sessions of the days before it, and adds them.
 *
 * @param from the first day of the new range, which ends where the old one began
 * @throws Fault when the bucket refuses
 */
export async function findOlderPlaces(bucket: Bucket, places: Places, from: Day): Promise<void> {
	const before = places.days.from;
	places.days = { from, to: before };
	if (!bucket.canStartAfter) {
		await look(bucket, places, places.root, {}, false);
		return;
	}
	for (const [around, oldest] of places.oldest) {
		if (oldest >= before) continue;
		const stretch = { after: `${around}${from}`, before: `${around}${before}` };
		await look(bucket, places, places.root, stretch, false);
	}
}

/**
 * Between the folders of two days there may be files of sessions in no day's folder, whose sid begins like
 * that of a year. Where other sessions lie so, a leap may have been too far.
 */
async function fillLeaps(bucket: Bucket, places: Places): Promise<void> {
	const { root, leapt, days } = places;
	const flat = new Set([...places.sessions.values()].map(({ folder }) => folder));
	for (const around of leapt) {
		if (!flat.has(around)) continue;
		const first = `${around}${CENTURY}`;
		await look(bucket, places, root, { after: first, before: `${around}${days.from}` }, false);
		await look(bucket, places, root, { after: `${around}${days.to}~`, before: `${first}~` }, false);
	}
}

async function look(
	bucket: Bucket,
	places: Places,
	prefix: string,
	stretch: Stretch,
	mayLeap: boolean,
): Promise<void> {
	const takeovers: string[] = [];
	// What was seen before does not go on here.
	const first = ++places.entries;
	for await (const page of pagesOf(bucket, places, prefix, stretch, mayLeap)) {
		places.now = page.serverTime;
		const { before } = stretch;
		const isIn = (key: string) => (before === undefined || key < before) && isWithin(places, key);
		for (const entry of page.prefixes) {
			// One that is foreign or left out counts, too: those around it do not follow on each other.
			places.entries++;
			if (!isIn(entry)) continue;
			if (TAKEOVERS.test(entry)) takeovers.push(entry);
			else if (add(places, entry) === null) places.foreign++;
		}
		// Files that an earlier look met as well are not counted again.
		const isNew = (key: string) => (add(places, key)?.at ?? first) >= first;
		const objects = page.objects.filter(({ key }) => isIn(key) && isNew(key));
		places.foreign += collect(places.listed, objects, false);
		if (before !== undefined && lastEntry(page) >= before) break;
	}
	for (const entry of takeovers) await look(bucket, places, entry, {}, false);
}

/** Whether a key is in no day's folder, or in that of a day in the range. */
function isWithin({ days, oldest }: Places, key: string): boolean {
	const partition = partitionOf(key);
	if (partition === null) return true;
	const { around, day } = partition;
	if (day < days.from && day < (oldest.get(around) ?? days.from)) oldest.set(around, day);
	return day >= days.from && day <= days.to;
}

/** @returns the entry that a name belongs to, null for a name that is not a session's */
function add(places: Places, name: string): Entry | null {
	const [, prefix, folder = '', sid] = ENTRY.exec(name) ?? [];
	if (prefix === undefined || sid === undefined) return null;
	const id = idOf({ folder, sid });
	let place = places.sessions.get(id);
	if (place === undefined) {
		place = { folder, sid, day: partitionOf(name)?.day ?? null, entries: [] };
		places.sessions.set(id, place);
	}
	const known = place.entries.find((entry) => entry.prefix === prefix);
	if (known !== undefined) return known;
	const entry = { prefix, at: places.entries };
	place.entries.push(entry);
	return entry;
}

/** The pages of a folded listing, with a leap wherever one ends in the folder of a day outside the range. */
async function* pagesOf(
	bucket: Bucket,
	places: Places,
	prefix: string,
	{ after }: Stretch,
	mayLeap: boolean,
): AsyncGenerator<ListPage> {
	const query = { prefix, delimiter: '_' };
	let page: ListPage = await bucket.list({ ...query, startAfter: after });
	for (;;) {
		yield page;
		const { nextToken } = page;
		if (nextToken === null) return;
		const leap: Leap | null = mayLeap && bucket.canStartAfter ? leapFrom(page, places.days) : null;
		if (leap !== null) {
			const landed = await bucket.list({ ...query, startAfter: leap.to });
			if (beginsAfter(landed, leap.to)) {
				places.leapt.add(leap.around);
				page = landed;
				continue;
			}
			// It begins anew wherever it is told to start. On, then, page by page.
			bucket.canStartAfter = false;
		}
		page = await bucket.list({ ...query, startAfter: after, token: nextToken });
		checkProgress(bucket, nextToken, page);
	}
}

interface Leap {
	/** The folder around the days. */
	around: string;
	/** Keys after this one come next. */
	to: string;
}

function leapFrom(page: ListPage, { from, to }: Days): Leap | null {
	const partition = partitionOf(lastEntry(page));
	if (partition === null) return null;
	const { around, day } = partition;
	if (day < from) return { around, to: `${around}${from}` };
	return day > to ? { around, to: `${around}${CENTURY}~` } : null;
}

function beginsAfter({ prefixes, objects }: ListPage, key: string): boolean {
	const first = [prefixes[0], objects[0]?.key].filter((name) => name !== undefined);
	return first.every((name) => name > key);
}
