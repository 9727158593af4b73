import { sideBySide } from '../http/sideBySide';
import { hasRested } from '../recordings/completeness';
import { ALL_DAYS } from '../recordings/day';
import { findTakeovers, listSession, openPrefixes } from '../recordings/find';
import { listFiles } from '../recordings/listFiles';
import { readSession, type ReadSession } from '../recordings/recording';
import { idOf, prefixesOf, SessionScan } from '../recordings/scan';
import { startOf, type SessionFiles } from '../recordings/sessionFiles';
import type { Bucket } from '../storage/types';
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

export interface PollResult {
	state: TriggerState;
	/** New recordings, oldest first. */
	news: ReadSession[];
	/** What names begin with that this poll did not search, because too many are not Agora's. */
	unopened: string[];
}

/**
 * One poll: lists the sessions of a folder, reads those it does not know, and returns the new ones. What does not fit
 * into its time is left for the next poll. New sessions are only returned when the starts of all are known, the
 * oldest first.
 *
 * @param state from the last poll, null at first
 * @param deadline Unix milliseconds; no further session is read after it
 * @param scanDeadline Unix milliseconds; by then it has to be known which sessions there are
 * @throws Fault when the bucket refuses, or when the sessions are not known in time; the state stays as it was
 */
export async function pollBucket(
	bucket: Bucket,
	folder: string,
	state: TriggerState | null,
	watch: Watch,
	deadline: number,
	scanDeadline = Infinity,
): Promise<PollResult> {
	const from = state?.from ?? firstDay(watch);
	const scan = new SessionScan(bucket, folder, {
		deadline: scanDeadline,
		isRepeated: state !== null,
	});
	await scan.scanDays({ from, to: ALL_DAYS.to });
	const present = [...scan.sessions.keys()];
	const { now, unopened } = scan;
	const before = state ?? baseline(present, from, now, watch);
	const unknown = unknownSessions(present, before);

	const starts = knownStarts(before, unknown);
	const listed = await listUnknown(scan, unknown, starts, deadline);
	const read = new Map<string, ReadSession | null>();
	for (const [id, session] of listed) {
		if (session === null || isOldNews(session, before, watch, now)) read.set(id, null);
		else starts.set(id, startOf(session));
	}
	const waiting = unknown.filter((id) => !read.has(id));
	const isKnown = (id: string) => starts.has(id) || before.open.includes(id);
	let lastRead = before.lastRead;
	if (waiting.every(isKnown)) {
		waiting.sort((a, b) => (starts.get(a) ?? 0) - (starts.get(b) ?? 0));
		let ended = 0;
		const queue = fromAfter(waiting, before.lastRead);
		await sideBySide(queue, SESSIONS_AT_ONCE, async (id) => {
			if (Date.now() > deadline || ended >= MOST_ENDED) return;
			const session = await readUnknown(scan, id, listed.get(id), watch);
			read.set(id, session);
			if (!isPending(session, now)) ended++;
		});
		const pending = queue.filter((id) => read.has(id) && isPending(read.get(id) ?? null, now));
		lastRead = queue.every((id) => read.has(id)) ? '' : (pending.at(-1) ?? '');
	}
	const findings = { present, read, starts, now, first: state === null };
	const next = newRecordings(before, findings, watch);
	return { ...next, state: { ...next.state, lastRead }, unopened };
}

function isPending(session: ReadSession | null, now: number): boolean {
	return session !== null && isToCome(session, now);
}

/**
 * Those after the one that the last poll read last come first: more recordings may be running than one poll can read,
 * and the others have to be reached as well.
 */
function fromAfter(waiting: string[], lastRead: string): string[] {
	const index = waiting.indexOf(lastRead) + 1;
	return [...waiting.slice(index), ...waiting.slice(0, index)];
}

/** What was recorded on earlier days is old when the workflow is activated, unless it is wanted. */
function firstDay({ includeExisting }: Watch): string {
	return includeExisting ? ALL_DAYS.from : firstDayToWatch(Date.now());
}

/** Sessions left open are not in the listing, and are opened one by one. */
async function listUnknown(
	scan: SessionScan,
	unknown: string[],
	starts: Map<string, number>,
	deadline: number,
): Promise<Map<string, SessionFiles | null>> {
	const wanted = unknown
		.filter((id) => !starts.has(id))
		.map((id) => scan.sessions.get(id))
		.filter((session) => session !== undefined);
	const listed = await listFiles(scan, wanted, deadline);
	return new Map([...listed].map(([session, files]) => [idOf(session), files]));
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
	{ bucket, sessions, now }: SessionScan,
	id: string,
	listed: SessionFiles | null | undefined,
	{ event, includeSegments }: Watch,
): Promise<ReadSession | null> {
	const ref = sessions.get(id);
	const prefixes = ref === undefined ? await findPrefixes(bucket, id) : prefixesOf(ref);
	const read =
		listed && !includeSegments
			? await readSession(bucket, listed, now)
			: await openPrefixes(bucket, prefixes, includeSegments);
	if (read === null || event === 'recordingStarted') return read;
	if (isToCome(read, now) || hasRested(read.session, now)) return read;
	return await unlessChanged(bucket, id, prefixes, read);
}

/** One that changed while it was read counts as running; the next poll reads it again. */
async function unlessChanged(
	bucket: Bucket,
	id: string,
	prefixes: string[],
	read: ReadSession,
): Promise<ReadSession> {
	const all = new Set([...prefixes, ...(await findPrefixes(bucket, id))]);
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

async function findPrefixes(bucket: Bucket, id: string): Promise<string[]> {
	const slash = id.lastIndexOf('/') + 1;
	return [`${id}_`, ...(await findTakeovers(bucket, id.slice(0, slash), id.slice(slash)))];
}
