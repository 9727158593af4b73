import { sideBySide } from '../http/sideBySide';
import { listAll, type Bucket } from '../storage/bucket';
import { hasRested, type RecordingStatus } from './completeness';
import { channelInNames } from './fileName';
import { readSession, toRecording, type ReadSession, type Recording } from './recording';
import { collect, startOf, type SessionFiles } from './sessionFiles';

export interface RecordingQuery {
	/** Where to look: '' or a path with a trailing slash; folders below it included. */
	folder: string;
	/** The exact channel name. */
	cname?: string;
	/** Part of the channel name, of the sid, or of the start as `2026-11-23 09:30`, UTC; in any case. */
	search?: string;
	resourceId?: string;
	status?: RecordingStatus;
	/** Unix milliseconds, all of them; the bounds themselves are included. */
	startedAfter?: number;
	startedBefore?: number;
	endedBefore?: number;
	/** The newest so many. */
	limit: number;
}

export interface Presentation {
	/** Whether slices are listed one by one. */
	includeSegments: boolean;
	/** Lifetime of download links in seconds, 1 to 604,800. */
	linkSeconds: number;
}

const SESSIONS_AT_ONCE = 8;

/**
 * Finds recordings, newest first. Lists the folder once; playlists and session records are read only of the
 * recordings that the listing cannot rule out, and only until the limit is reached.
 *
 * @throws Fault when the bucket refuses
 */
export async function findRecordings(
	bucket: Bucket,
	query: RecordingQuery,
	{ includeSegments, linkSeconds }: Presentation,
): Promise<Recording[]> {
	const { sessions, now } = await listSessions(bucket, query.folder, includeSegments);
	const candidates = sessions
		.filter((session) => mayMatch(session, query))
		.sort((a, b) => startOf(b) - startOf(a));
	const found: Recording[] = [];
	while (found.length < query.limit && candidates.length > 0) {
		const batch = candidates.splice(0, SESSIONS_AT_ONCE);
		const read = await sideBySide(
			batch,
			SESSIONS_AT_ONCE,
			async (session) => await readSession(bucket, session, now),
		);
		for (const session of read) {
			const recording = toRecording(bucket, session, linkSeconds);
			if (matches(recording, query)) found.push(recording);
		}
	}
	return found.slice(0, query.limit);
}

async function listSessions(
	bucket: Bucket,
	folder: string,
	keepSegments: boolean,
): Promise<{ sessions: SessionFiles[]; now: number }> {
	const sessions = new Map<string, SessionFiles>();
	let now = 0;
	for await (const page of listAll(bucket, { prefix: folder })) {
		collect(sessions, page.objects, keepSegments);
		now = page.serverTime;
	}
	return { sessions: [...sessions.values()], now };
}

/** What the listing alone can decide. */
function mayMatch(session: SessionFiles, query: RecordingQuery): boolean {
	const { cname, search = '', startedAfter, startedBefore } = query;
	const started = startOf(session);
	return (
		(cname === undefined || session.channel === channelInNames(cname)) &&
		isFoundBy(session, search.toLowerCase()) &&
		(startedAfter === undefined || started >= startedAfter) &&
		(startedBefore === undefined || started <= startedBefore)
	);
}

function isFoundBy(session: SessionFiles, search: string): boolean {
	const names = `${session.channel} ${session.sid}`.toLowerCase();
	if (names.includes(channelInNames(search))) return true;
	const started = startOf(session);
	const text = Number.isNaN(started) ? '' : new Date(started).toISOString().replace('T', ' ');
	return text.startsWith(search);
}

/** What takes the session record and the playlists. Without a record the name in the files has to do. */
function matches(recording: Recording, query: RecordingQuery): boolean {
	const { cname, resourceId, status, endedBefore } = query;
	const named = [cname, cname && channelInNames(cname)];
	const exact = recording.resourceId === null ? named : [cname];
	return (
		(cname === undefined || exact.includes(recording.cname)) &&
		(resourceId === undefined || recording.resourceId === resourceId) &&
		(status === undefined || recording.status === status) &&
		(endedBefore === undefined ||
			(recording.ended_at !== null && Date.parse(recording.ended_at) <= endedBefore))
	);
}

export interface SessionPlace {
	folder: string;
	sid: string;
}

/**
 * Names all sessions below a folder. The bucket folds everything up to the first `_` of a name into one
 * entry, so the cost grows with the number of sessions, not of their files. A server that ignores the
 * delimiter lists the files instead, which name the sessions too.
 *
 * @returns the sessions by `<folder><sid>`, and the bucket's time in Unix milliseconds
 * @throws Fault when the bucket refuses
 */
export async function placesOfSessions(
	bucket: Bucket,
	folder: string,
): Promise<{ places: Map<string, SessionPlace>; now: number }> {
	const places = new Map<string, SessionPlace>();
	let now = 0;
	const folders = [folder];
	for (const prefix of folders) {
		for await (const page of listAll(bucket, { prefix, delimiter: '_' })) {
			now = page.serverTime;
			for (const entry of page.prefixes) {
				if (TAKEOVERS.test(entry)) folders.push(entry);
			}
			for (const name of [...page.prefixes, ...page.objects.map(({ key }) => key)]) {
				const [, path = '', sid] = PLACE.exec(name) ?? [];
				if (sid !== undefined) places.set(`${path}${sid}`, { folder: path, sid });
			}
		}
	}
	return { places, now };
}

/** `bak<n>_` with nothing behind it: the folded entry of all that replacing recorders wrote. */
const TAKEOVERS = /(?:^|\/)bak\d+_$/;
/** `<folder>[bak<n>_]<sid>_`, folded or with the rest of a name. */
const PLACE = /^(.*\/)?(?:bak\d+_)?([0-9a-f]{32})_[^/]*$/i;

/**
 * Lists one session's files: one request each for the first recorder and for a possible second one,
 * whatever the size of the archive.
 *
 * @returns the session and the bucket's time, or null when nothing is there
 * @throws Fault when the bucket refuses
 */
export async function openSession(
	bucket: Bucket,
	{ folder, sid }: SessionPlace,
	keepSegments: boolean,
): Promise<{ session: SessionFiles; now: number } | null> {
	const sessions = new Map<string, SessionFiles>();
	let now = 0;
	const take = async (prefix: string): Promise<boolean> => {
		let found = false;
		for await (const page of listAll(bucket, { prefix })) {
			collect(sessions, page.objects, keepSegments);
			found ||= page.objects.length > 0;
			now = page.serverTime;
		}
		return found;
	};
	const [, takenOver] = await Promise.all([
		take(`${folder}${sid}_`),
		take(`${folder}bak0_${sid}_`),
	]);
	for (let n = 1, more = takenOver; more; n++) more = await take(`${folder}bak${n}_${sid}_`);
	const session = sessions.get(`${folder}${sid}`);
	return session === undefined ? null : { session, now };
}

/**
 * Finds one recording by its sid: directly below the bucket's prefix with two requests, else by looking
 * through the folders below it.
 *
 * @param folder where to look first, for who has found it before
 * @returns null when no folder holds it
 * @throws Fault when the bucket refuses
 */
export async function findSession(
	bucket: Bucket,
	sid: string,
	keepSegments: boolean,
	folder = bucket.prefix,
): Promise<ReadSession | null> {
	const opened =
		(await openSession(bucket, { folder, sid }, keepSegments)) ??
		(await openElsewhere(bucket, sid, keepSegments));
	return opened === null ? null : await readSession(bucket, opened.session, opened.now);
}

async function openElsewhere(bucket: Bucket, sid: string, keepSegments: boolean) {
	const { places } = await placesOfSessions(bucket, bucket.prefix);
	const place = [...places.values()].find((candidate) => candidate.sid === sid);
	return place === undefined ? null : await openSession(bucket, place, keepSegments);
}

/**
 * Finds the recording that a channel's name means: the newest that is still running, else the newest.
 *
 * @param cname the exact channel name
 * @returns null when the bucket knows no recording of the channel
 * @throws Fault when the bucket refuses
 */
export async function findNewestOfChannel(
	bucket: Bucket,
	cname: string,
	keepSegments: boolean,
): Promise<ReadSession | null> {
	const { sessions, now } = await listSessions(bucket, bucket.prefix, keepSegments);
	const candidates = sessions
		.filter((session) => mayMatch(session, { cname, folder: bucket.prefix, limit: 1 }))
		.sort((a, b) => startOf(b) - startOf(a));
	let newest: ReadSession | null = null;
	while (candidates.length > 0) {
		const read = await sideBySide(
			candidates.splice(0, SESSIONS_AT_ONCE),
			SESSIONS_AT_ONCE,
			async (session) => await readSession(bucket, session, now),
		);
		const ofChannel = read.filter(({ record }) => record === null || record.cname === cname);
		const running = ofChannel.find(({ status }) => status === 'recording');
		if (running !== undefined) return running;
		newest ??= ofChannel[0] ?? null;
		// What has rested for so long runs no more, and neither does anything older.
		if (newest !== null && candidates.every((session) => hasRested(session, now))) return newest;
	}
	return newest;
}
