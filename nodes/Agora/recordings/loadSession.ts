import { mapConcurrent } from '../http/concurrency';
import { Fault, fullText } from '../http/errors';
import type { Bucket } from '../storage/types';
import { findTakeovers, listSession } from './listFiles';
import { isPlaylist, readPlaylist, type LoadedPlaylist } from './playlist';
import type { RecordedObject, SessionFiles } from './sessionFiles';
import { loadSessionRecord, type KnownSession, type SessionRecord } from './sessionRecord';
import { idleMs, lacksMp4, statusOf, type RecordingStatus } from './status';

export interface UnreadableFile {
	filename: string;
	/** What happened, and what to do about it. */
	reason: string;
}

/** What is known of a session after its playlists and its record were read. */
export interface LoadedSession {
	session: SessionFiles;
	record: SessionRecord | null;
	playlists: LoadedPlaylist[];
	/** Playlists that are there and could not be read. */
	unreadable: UnreadableFile[];
	status: RecordingStatus;
	/** Whether it counts as completed although an MP4 is missing. */
	lacksMp4: boolean;
	/** How long nothing had arrived when it was listed, in milliseconds. */
	idleMs: number;
}

/**
 * Reads what a listing does not contain: the session record and the playlists. A playlist that the storage refuses,
 * or that is none, is reported in `unreadable` and costs nothing else.
 *
 * @param now the bucket's time, Unix milliseconds
 * @param known the session record, where it is known already
 * @param expectsMp4 whether an MP4 is waited for where no session record says so; by default, where there is one
 * @returns null when its playlists have been deleted since the listing
 * @throws Fault when the bucket cannot be read at all
 */
export async function loadSession(
	bucket: Bucket,
	session: SessionFiles,
	now: number,
	known: SessionRecord | null = null,
	expectsMp4 = hasVideo(session),
): Promise<LoadedSession | null> {
	const listed = playlistsOf(session);
	const [record, ...texts] = await Promise.all([
		known ?? loadRecordOf(bucket, session),
		...listed.map(async ({ key }) => await readText(bucket, key)),
	]);
	const present: LoadedPlaylist[] = [];
	const unreadable: UnreadableFile[] = [];
	for (const [i, object] of listed.entries()) {
		const text = texts[i] ?? null;
		if (text instanceof Fault)
			unreadable.push({
				filename: object.filename,
				reason: fullText(text.message, text.details.description),
			});
		else if (text !== null) present.push({ object, ...readPlaylist(text) });
	}
	if (listed.length > 0 && present.length + unreadable.length === 0) return null;
	// A master lists the playlists of a user's tracks, and never ends.
	const playlists = present.filter((playlist) => !playlist.isMaster);
	const mp4Expected = record?.avFileType.includes('mp4') ?? expectsMp4;
	const status = statusOf(session, playlists, unreadable.length > 0, mp4Expected, record, now);
	const lacking = status === 'completed' && lacksMp4(session, playlists, mp4Expected);
	return {
		session,
		record,
		playlists,
		unreadable,
		status,
		lacksMp4: lacking,
		idleMs: idleMs(session, now),
	};
}

/** @returns whether a playlist is there */
export function hasPlaylist(session: SessionFiles): boolean {
	return playlistsOf(session).length > 0;
}

function playlistsOf({ files }: SessionFiles): RecordedObject[] {
	return files.filter(({ name }) => name.kind === 'playlist');
}

/** @returns whether an MP4 is there */
export function hasVideo({ files }: SessionFiles): boolean {
	return files.some(({ name }) => name.kind === 'video');
}

/** @returns null when the object has been deleted, a Fault that says why this one cannot be read */
async function readText(bucket: Bucket, key: string): Promise<string | Fault | null> {
	const text = await bucket.getText(key).catch((error: unknown) => {
		if (error instanceof Fault && error.details.onlyThisObject) return error;
		throw error;
	});
	if (text === null) return (await isListed(bucket, key)) ? NOT_RETURNED : null;
	const isBroken = typeof text === 'string' && !isPlaylist(text);
	return isBroken ? new Fault('The file is not a playlist') : text;
}

const NOT_RETURNED = new Fault('The storage lists this file, but does not return it', {
	description: 'Check whether the file can be downloaded in the console of the storage.',
});

async function isListed(bucket: Bucket, key: string): Promise<boolean> {
	// With its ending, a few other files at most.
	const prefix = key.slice(0, key.lastIndexOf('.') + 1);
	const { objects } = await bucket.list({ prefix });
	return objects.some((object) => object.key === key);
}

async function loadRecordOf(bucket: Bucket, { record, sid }: SessionFiles) {
	return record === null ? null : await loadSessionRecord(bucket, record.key, sid);
}

/**
 * Requests in flight at the same time, about. Each waits for a round trip and n8n's client opens a connection for it,
 * so few would be slow at a distance and many would be a burden; S3 serves 5,500 a second for each prefix.
 */
const REQUESTS_AT_ONCE = 32;

/**
 * Reads several sessions, as many at once as the number of their files allows.
 *
 * @returns those that are still there
 * @throws Fault when the bucket cannot be read at all
 */
export async function loadSessions(
	bucket: Bucket,
	sessions: SessionFiles[],
	now: number,
): Promise<LoadedSession[]> {
	const reads = sessions.reduce((sum, session) => sum + 1 + playlistsOf(session).length, 0);
	const sessionsAtOnce = Math.floor((REQUESTS_AT_ONCE * sessions.length) / reads);
	const read = await mapConcurrent(
		sessions,
		Math.max(1, sessionsAtOnce),
		async (session) => await loadSession(bucket, session, now),
	);
	return read.filter((each) => each !== null);
}

/**
 * Lists and reads one session, whatever the size of the archive: one request for its files, one for each playlist and
 * the session record, and one to see whether another recorder took over, where that is possible.
 *
 * @param keepSegments whether its slices are listed one by one
 * @returns null when its first recorder left nothing there
 * @throws Fault when the bucket refuses
 */
export async function loadKnownSession(
	bucket: Bucket,
	{ sid, folder, record }: KnownSession,
	keepSegments: boolean,
): Promise<LoadedSession | null> {
	const prefixes = [`${folder}${sid}_`];
	const first = await listSession(bucket, prefixes, keepSegments);
	if (!first?.session.isSession) return null;
	const read = await loadSession(bucket, first.session, first.now, record);
	if (read === null || wasNotTakenOver(read)) return read;
	const takeovers = await findTakeovers(bucket, folder, sid);
	if (takeovers.length === 0) return read;
	return await loadByPrefixes(bucket, [...prefixes, ...takeovers], keepSegments);
}

/**
 * Lists and reads one session whose recorders are known.
 *
 * @param prefixes see `listSession`
 * @returns null when nothing of Agora's is there
 * @throws Fault when the bucket refuses
 */
export async function loadByPrefixes(
	bucket: Bucket,
	prefixes: string[],
	keepSegments: boolean,
): Promise<LoadedSession | null> {
	const listed = await listSession(bucket, prefixes, keepSegments);
	if (!listed?.session.isSession) return null;
	return await loadSession(bucket, listed.session, listed.now);
}

/** A recorder of one playlist that finished it was not replaced. Of several, users who left finished theirs. */
function wasNotTakenOver({ session, playlists }: LoadedSession): boolean {
	const ofUsers = session.files.some(({ name }) => name.uid !== null);
	return !ofUsers && playlists.length > 0 && playlists.every(({ ended }) => ended);
}
