import { mapConcurrent } from '../http/concurrency';
import { ALL_DAYS, partitionOf } from '../recordings/day';
import { findTakeovers, listFiles, listSession } from '../recordings/listFiles';
import { hasPlaylist, hasVideo, loadSession, type LoadedSession } from '../recordings/loadSession';
import { SessionScan } from '../recordings/scan';
import { idOf, prefixesOf, startOf, type SessionFiles } from '../recordings/sessionFiles';
import { isStale, mayBeRecording, MP4_GRACE_MS } from '../recordings/status';
import type { Bucket } from '../storage/types';
import {
	baseline,
	firstDayOfSilence,
	interruptedToCheck,
	isAbandoned,
	isPending,
	knownStarts,
	MAX_SILENCE_MS,
	newRecordings,
	unknownSessions,
	type Watch,
} from './detectNew';
import { digestOf, packSeen, type TriggerState } from './state';

const SESSIONS_AT_ONCE = 8;
/** What is read is held until the poll is over: so many recordings take some 30 MB. */
const MOST_ENDED = 1000;

export interface PollResult {
	state: TriggerState;
	/** New recordings, oldest first. */
	news: LoadedSession[];
	/** What names begin with that this poll did not search, because too many are not Agora's. */
	unsearched: string[];
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
	const { now, unsearched } = scan;
	const before = state ?? baseline(present, from, now, watch);
	const unknown = unknownSessions(present, before);

	const starts = knownStarts(before, unknown);
	const listed = await listUnknown(scan, unknown, starts, deadline);
	const read = new Map<string, LoadedSession | null>();
	for (const [id, session] of listed) {
		if (session === null || isOld(session, before, watch, now)) read.set(id, null);
		else starts.set(id, startOf(session));
	}
	const waiting = unknown.filter((id) => !read.has(id));
	const isKnown = (id: string) => starts.has(id) || before.open.includes(id);
	const toCheck = interruptedToCheck(present, before, now);
	let { lastRead } = before;
	if (waiting.every(isKnown)) {
		waiting.sort((a, b) => (starts.get(a) ?? 0) - (starts.get(b) ?? 0));
		let ended = 0;
		const queue = fromAfter([...waiting, ...toCheck], before.lastRead);
		await mapConcurrent(queue, SESSIONS_AT_ONCE, async (id) => {
			if (Date.now() > deadline || ended >= MOST_ENDED) return;
			const session = await readUnknown(scan, id, listed.get(id), watch);
			read.set(id, session);
			if (session === null || !isPending(session, now)) ended++;
		});
		const checked = new Set(toCheck);
		const isReadAgain = (id: string) => {
			const session = read.get(id);
			return session && (isPending(session, now) || checked.has(id));
		};
		const isDone = queue.every((id) => read.has(id));
		lastRead = isDone ? '' : (queue.filter(isReadAgain).at(-1) ?? '');
	}
	const findings = { present, read, starts, now, first: state === null };
	const next = newRecordings(before, findings, watch);
	const unchecked = packSeen(toCheck.filter((id) => !read.has(id)).map(digestOf));
	const after = { ...next.state, lastRead, checkedAt: now, unchecked };
	return { ...next, state: after, unsearched };
}

/**
 * Those after the one that the last poll read last come first: more recordings may be running than one poll can read,
 * and the others have to be reached as well.
 */
function fromAfter(waiting: string[], lastRead: string): string[] {
	const index = waiting.indexOf(lastRead) + 1;
	return [...waiting.slice(index), ...waiting.slice(0, index)];
}

/** Older recordings are known when the workflow is activated, unless they are wanted. */
function firstDay({ includeExisting }: Watch): string {
	return includeExisting ? ALL_DAYS.from : firstDayOfSilence(Date.now());
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

/**
 * Whether the listing alone shows that a session ended before the activation, or never began. One with a playlist may
 * only be silent.
 */
function isOld(
	session: SessionFiles,
	{ since }: TriggerState,
	{ event }: Watch,
	now: number,
): boolean {
	if (event !== 'recordingCompleted') return false;
	const { lastChange } = session;
	if (lastChange === null) return isAbandoned(session, now);
	if (mayBeRecording(session, now) || lastChange >= since) return false;
	return !hasPlaylist(session) || now - lastChange >= MAX_SILENCE_MS;
}

async function readUnknown(
	scan: SessionScan,
	id: string,
	listed: SessionFiles | null | undefined,
	{ event, includeSegments, mp4 }: Watch,
): Promise<LoadedSession | null> {
	const { bucket, sessions, now } = scan;
	const expectsMp4 = mp4 === 'detect' ? undefined : mp4 === 'expect';
	const ref = sessions.get(id);
	const prefixes = ref === undefined ? await findPrefixes(bucket, id) : prefixesOf(ref);
	// Where only other tools' files are there, Agora's may follow.
	const files = listed && !includeSegments ? listed : await list(bucket, prefixes, includeSegments);
	const read = files && (await loadSession(bucket, files, now, null, expectsMp4));
	if (read === null || event === 'recordingStarted') return read;
	if (isPending(read, now) || isStale(read.session, now)) return read;
	if (mp4 === 'detect' && (await mayGetMp4(scan, read))) return { ...read, status: 'recording' };
	return await unlessChanged(bucket, id, prefixes, read);
}

async function list(bucket: Bucket, prefixes: string[], includeSegments: boolean) {
	return (await listSession(bucket, prefixes, includeSegments))?.session ?? null;
}

/** How often a folder without MP4 files is checked again. */
const MP4_CHECK_MS = 30 * 60_000;
/** So many other recordings of a folder tell whether it has MP4 files. */
const NEIGHBOURS = 2;

/**
 * Whether an MP4 may still arrive for a recording that something else than Start began: nothing says which formats were
 * requested, but a back end requests the same ones for all recordings of a folder.
 */
async function mayGetMp4(scan: SessionScan, read: LoadedSession): Promise<boolean> {
	const { session, record, playlists } = read;
	if (record !== null || playlists.length === 0 || hasVideo(session)) return false;
	if (scan.now - (session.lastChange ?? 0) >= MP4_GRACE_MS) return false;
	const { mp4Folders } = scan.bucket.support;
	const folder = parentOf(session.folder);
	const known = mp4Folders.get(folder);
	if (known?.hasMp4 || (known && scan.now - known.checkedAt < MP4_CHECK_MS)) return known.hasMp4;
	const neighbours = [...scan.sessions.values()]
		.filter((each) => each.sid !== session.sid && parentOf(each.folder) === folder)
		.slice(-NEIGHBOURS);
	const listed = await mapConcurrent(neighbours, NEIGHBOURS, async (each) => {
		return await listSession(scan.bucket, prefixesOf(each), false);
	});
	const hasMp4 = listed.some((each) => each !== null && hasVideo(each.session));
	mp4Folders.set(folder, { hasMp4, checkedAt: scan.now });
	return hasMp4;
}

/** Recordings of all days have the same formats. */
function parentOf(folder: string): string {
	return partitionOf(folder)?.parent ?? folder;
}

/** One that changed while it was read counts as running; the next poll reads it again. */
async function unlessChanged(
	bucket: Bucket,
	id: string,
	prefixes: string[],
	read: LoadedSession,
): Promise<LoadedSession> {
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
