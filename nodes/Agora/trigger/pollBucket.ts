import { sideBySide } from '../http/sideBySide';
import { hasRested } from '../recordings/completeness';
import { ALL_DAYS } from '../recordings/day';
import { listFiles } from '../recordings/listFiles';
import { findTakeovers, listSession, openEntries } from '../recordings/openSession';
import { findPlaces, idOf, prefixesOf, type Places } from '../recordings/places';
import { readSession, type ReadSession } from '../recordings/recording';
import { startOf, type SessionFiles } from '../recordings/sessionFiles';
import type { Bucket } from '../storage/bucket';
import {
	baseline,
	firstDayToWatch,
	isGivenUp,
	isToCome,
	knownStarts,
	newRecordings,
	unknownSessions,
	type Watch,
} from './newRecordings';
import type { TriggerState } from './state';

const SESSIONS_AT_ONCE = 8;
/** What is read is held until the poll is over: so many recordings take some 30 MB. */
const MOST_ENDED = 1000;

/**
 * One poll: lists the sessions of a folder, looks into those it does not know, and says what is new. What does
 * not fit into its time comes next time, and nothing overtakes it: sessions are given out only when the starts
 * of all are known, the oldest first.
 *
 * @param state what the last poll left, null at first
 * @param deadline Unix milliseconds; nothing further is begun after it
 * @throws Fault when the bucket refuses; the state stays as it was
 */
export async function pollBucket(
	bucket: Bucket,
	folder: string,
	state: TriggerState | null,
	watch: Watch,
	deadline: number,
): Promise<{ state: TriggerState; news: ReadSession[] }> {
	const from = state?.from ?? firstDay(watch);
	const places = await findPlaces(bucket, folder, { from, to: ALL_DAYS.to });
	const present = [...places.sessions.keys()];
	const { now } = places;
	const before = state ?? baseline(present, from, now, watch);
	const unknown = unknownSessions(present, before);

	const starts = knownStarts(before, unknown);
	const listed = await listUnknown(bucket, places, unknown, starts, deadline);
	const read = new Map<string, ReadSession | null>();
	for (const [id, session] of listed) {
		if (session === null || isOldNews(session, before, watch, now)) read.set(id, null);
		else starts.set(id, startOf(session));
	}
	const waiting = unknown.filter((id) => !read.has(id));
	const isKnown = (id: string) => starts.has(id) || before.open.includes(id);
	if (waiting.every(isKnown)) {
		waiting.sort((a, b) => (starts.get(a) ?? 0) - (starts.get(b) ?? 0));
		let ended = 0;
		await sideBySide(waiting, SESSIONS_AT_ONCE, async (id) => {
			if (Date.now() > deadline || ended >= MOST_ENDED) return;
			const session = await readUnknown(bucket, places, id, listed.get(id), watch);
			read.set(id, session);
			if (session === null || !isToCome(session, now)) ended++;
		});
	}
	return newRecordings(before, { present, read, starts, now, first: state === null }, watch);
}

/** What was recorded on earlier days is old when the workflow is activated, unless it is wanted. */
function firstDay({ includeExisting }: Watch): string {
	return includeExisting ? ALL_DAYS.from : firstDayToWatch(Date.now());
}

/** Sessions left open have no place in the listing, and are opened one by one. */
async function listUnknown(
	bucket: Bucket,
	places: Places,
	unknown: string[],
	starts: Map<string, number>,
	deadline: number,
): Promise<Map<string, SessionFiles | null>> {
	const wanted = unknown
		.filter((id) => !starts.has(id))
		.map((id) => places.sessions.get(id))
		.filter((place) => place !== undefined);
	const listed = await listFiles(bucket, places, wanted, deadline);
	return new Map([...listed].map(([place, session]) => [idOf(place), session]));
}

/** What ended before the activation, or never began: the listing tells, and nothing of it need be read. */
function isOldNews(
	session: SessionFiles,
	{ since }: TriggerState,
	{ event }: Watch,
	now: number,
): boolean {
	if (event !== 'recordingCompleted') return false;
	const { lastChange } = session;
	if (lastChange === null) return isGivenUp(session, now);
	return hasRested(session, now) && lastChange < since;
}

async function readUnknown(
	bucket: Bucket,
	{ sessions, now }: Places,
	id: string,
	listed: SessionFiles | null | undefined,
	{ event, includeSegments }: Watch,
): Promise<ReadSession | null> {
	const place = sessions.get(id);
	const entries = place === undefined ? await findEntries(bucket, id) : prefixesOf(place);
	const read =
		listed && !includeSegments
			? await readSession(bucket, listed, now)
			: await openEntries(bucket, entries, includeSegments);
	if (read === null || event === 'recordingStarted') return read;
	if (isToCome(read, now) || hasRested(read.session, now)) return read;
	return await unlessChanged(bucket, id, entries, read);
}

/** One that changed while it was read counts as running; the next poll reads it again. */
async function unlessChanged(
	bucket: Bucket,
	id: string,
	entries: string[],
	read: ReadSession,
): Promise<ReadSession> {
	const all = new Set([...entries, ...(await findEntries(bucket, id))]);
	const again = await listSession(bucket, [...all], false);
	return isSame(read.session, again?.session) ? read : { ...read, status: 'recording' };
}

/** Whether nothing changed between two listings, so that what was read in between fits what they show. */
function isSame(before: SessionFiles, after: SessionFiles | undefined): boolean {
	return (
		before.lastChange === after?.lastChange &&
		before.sizeBytes === after.sizeBytes &&
		before.segmentCount === after.segmentCount &&
		before.files.length === after.files.length
	);
}

async function findEntries(bucket: Bucket, id: string): Promise<string[]> {
	const slash = id.lastIndexOf('/') + 1;
	return [`${id}_`, ...(await findTakeovers(bucket, id.slice(0, slash), id.slice(slash)))];
}
