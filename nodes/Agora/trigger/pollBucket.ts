import { mapConcurrent } from '../http/concurrency';
import { ALL_DAYS, partitionOf } from '../recordings/day';
import { findTakeovers, listFiles, listSession } from '../recordings/listFiles';
import { hasPlaylist, hasVideo, loadSession, type LoadedSession } from '../recordings/loadSession';
import { SessionScan } from '../recordings/scan';
import {
	idOf,
	prefixesOf,
	sessionKeyOf,
	startOf,
	type SessionFiles,
} from '../recordings/sessionFiles';
import { isStale, mayBeRecording, MP4_GRACE_MS } from '../recordings/status';
import type { Bucket } from '../storage/types';
import {
	firstDayOfSilence,
	initialState,
	interruptedToCheck,
	isAbandoned,
	isPending,
	knownStarts,
	MAX_SILENCE_MS,
	detectNew,
	unknownSessions,
	type Watch,
} from './detectNew';
import { digestOf, packSeen, readSeen, type TriggerState } from './state';

const SESSIONS_AT_ONCE = 8;
/** Recordings stay in memory until the poll is over; this many take about 30 MB. */
const MAX_ENDED = 1000;

export interface PollResult {
	state: TriggerState;
	/** The sessions to emit, oldest first. */
	newSessions: LoadedSession[];
	/** Prefixes that this poll did not search, because too many names are not Agora's. */
	unsearched: string[];
}

/**
 * One poll: lists the sessions of a folder, loads those that are unknown, and returns the new ones. Sessions that there
 * is no time for are left for the next poll. New sessions are only returned when the starts of all are known, so that
 * the oldest comes first.
 *
 * @param state from the last poll, null for the first one
 * @param deadline Unix milliseconds; no further session is loaded after it
 * @param scanDeadline Unix milliseconds; all sessions have to be found by then
 * @throws Fault when the bucket refuses, or when the sessions are not found in time; the state is unchanged then
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
	const seen = readSeen(state ?? { seen: '' });
	const known: number[] = [];
	const isFound = new Uint8Array(seen.size);
	const scan = new SessionScan(bucket, folder, {
		deadline: scanDeadline,
		isRepeated: state !== null,
		isKnown(id) {
			const index = seen.indexOf(id);
			if (index < 0) return false;
			// A session is found again for each recorder that took over.
			if (isFound[index] === 0) known.push(index);
			isFound[index] = 1;
			return true;
		},
	});
	await scan.scanDays({ from, to: ALL_DAYS.to });
	const present = [...scan.sessions.keys()];
	const { now, unsearched } = scan;
	const before = state ?? initialState(present, from, now, watch);
	const unknown = unknownSessions(present, before);

	const starts = knownStarts(before, unknown);
	const listed = await listUnknown(scan, unknown, starts, deadline);
	const read = new Map<string, LoadedSession | null>();
	for (const [id, session] of listed) {
		if (session === null || isOld(session, before, now)) read.set(id, null);
		else starts.set(id, startOf(session));
	}
	const waiting = unknown.filter((id) => !read.has(id));
	const isKnown = (id: string) => starts.has(id) || before.open.includes(id);
	const toCheck = interruptedToCheck(present, before, now);
	let { lastRead } = before;
	if (waiting.every(isKnown)) {
		waiting.sort((a, b) => (starts.get(a) ?? 0) - (starts.get(b) ?? 0));
		let ended = 0;
		const queue = rotateAfter([...waiting, ...toCheck], before.lastRead);
		await mapConcurrent(queue, SESSIONS_AT_ONCE, async (id) => {
			if (Date.now() > deadline || ended >= MAX_ENDED) return;
			const session = await loadUnknown(scan, id, listed.get(id), watch);
			read.set(id, session);
			if (session === null || !isPending(session, now)) ended++;
		});
		const checked = new Set(toCheck);
		const isReadAgain = (id: string) => {
			const session = read.get(id);
			return session && (isPending(session, now) || checked.has(id));
		};
		const isDone = queue.every((id) => read.has(id));
		lastRead = isDone ? '' : (queue.filter(isReadAgain).at(-1) ?? lastRead);
	}
	const findings = { known, present, read, starts, now, first: state === null };
	const next = detectNew(before, findings, watch);
	const unchecked = packSeen(toCheck.filter((id) => !read.has(id)).map(digestOf));
	const after = { ...next.state, lastRead, checkedAt: now, unchecked };
	return { ...next, state: after, unsearched };
}

/**
 * Continues after the session that the previous poll loaded last, as more recordings may be running than one poll can
 * load.
 */
function rotateAfter(waiting: string[], lastRead: string): string[] {
	const index = waiting.indexOf(lastRead) + 1;
	return [...waiting.slice(index), ...waiting.slice(0, index)];
}

/** Without *Include Existing Recordings*, only recordings that may still be running are relevant. */
function firstDay({ includeExisting }: Watch): string {
	return includeExisting ? ALL_DAYS.from : firstDayOfSilence(Date.now());
}

/** Lists the files of sessions whose start is not known. Those left open are not in the scan, and are loaded separately. */
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
 * Whether the listing alone shows that a session ended before the activation, or never began. A session with a playlist
 * may be running in a silent channel.
 */
function isOld(session: SessionFiles, { since }: TriggerState, now: number): boolean {
	const { lastChange } = session;
	if (lastChange === null) return isAbandoned(session, now);
	if (mayBeRecording(session, now) || lastChange >= since) return false;
	return !hasPlaylist(session) || now - lastChange >= MAX_SILENCE_MS;
}

async function loadUnknown(
	scan: SessionScan,
	id: string,
	listed: SessionFiles | null | undefined,
	{ event, includeSegments, mp4 }: Watch,
): Promise<LoadedSession | null> {
	const { bucket, sessions, now } = scan;
	const expectsMp4 = mp4 === 'detect' ? undefined : mp4 === 'expect';
	const ref = sessions.get(id);
	const prefixes = ref === undefined ? await findPrefixes(bucket, id) : prefixesOf(ref);
	// Where there are only files of other tools, Agora's may follow.
	const files = listed && !includeSegments ? listed : await list(bucket, prefixes, includeSegments);
	const loaded = files && (await loadSession(bucket, files, now, null, expectsMp4));
	if (loaded === null || event === 'recordingStarted') return loaded;
	if (isPending(loaded, now) || isStale(loaded.session, now)) return loaded;
	if (mp4 === 'detect' && (await mayGetMp4(scan, loaded))) {
		return { ...loaded, status: 'recording' };
	}
	return await recheckFiles(bucket, id, prefixes, loaded);
}

async function list(bucket: Bucket, prefixes: string[], includeSegments: boolean) {
	return (await listSession(bucket, prefixes, includeSegments))?.session ?? null;
}

/** How often a folder without MP4 files is checked again. */
const MP4_CHECK_MS = 30 * 60_000;
/** How many other recordings of a folder are checked for MP4 files. */
const NEIGHBORS = 2;

/**
 * Whether an MP4 may still arrive for a recording that another program started. The requested formats are not known, but
 * are usually the same for all recordings of a folder.
 */
async function mayGetMp4(scan: SessionScan, loaded: LoadedSession): Promise<boolean> {
	const { session, record, playlists } = loaded;
	if (record !== null || playlists.length === 0 || hasVideo(session)) return false;
	if (scan.now - (session.lastChange ?? 0) >= MP4_GRACE_MS) return false;
	const { mp4Folders } = scan.bucket.support;
	const folder = parentOf(session.folder);
	const known = mp4Folders.get(folder);
	if (known?.hasMp4 || (known && scan.now - known.checkedAt < MP4_CHECK_MS)) return known.hasMp4;
	const neighbors = scan.prefixes
		.map((prefix) => sessionKeyOf(prefix)!)
		.filter((each) => each.sid !== session.sid && parentOf(each.folder) === folder)
		.slice(-NEIGHBORS);
	const listed = await mapConcurrent(neighbors, NEIGHBORS, async ({ prefix }) => {
		return await listSession(scan.bucket, [prefix], false);
	});
	const hasMp4 = listed.some((each) => each !== null && hasVideo(each.session));
	mp4Folders.set(folder, { hasMp4, checkedAt: scan.now });
	return hasMp4;
}

/** @returns the folder of a recording, without the folder of its day */
function parentOf(folder: string): string {
	return partitionOf(folder)?.parent ?? folder;
}

/** Lists a session again: if it changed while it was loaded, it counts as running, and the next poll loads it again. */
async function recheckFiles(
	bucket: Bucket,
	id: string,
	prefixes: string[],
	loaded: LoadedSession,
): Promise<LoadedSession> {
	const all = new Set([...prefixes, ...(await findPrefixes(bucket, id))]);
	const again = await listSession(bucket, [...all], false);
	return isSame(loaded.session, again?.session) ? loaded : { ...loaded, status: 'recording' };
}

/** Whether nothing changed between two listings. */
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
