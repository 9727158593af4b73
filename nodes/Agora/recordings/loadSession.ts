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

/** A session with its files, playlists and record. */
export interface LoadedSession {
	session: SessionFiles;
	record: SessionRecord | null;
	playlists: LoadedPlaylist[];
	/** Playlists that could not be read. */
	unreadable: UnreadableFile[];
	status: RecordingStatus;
	/** Whether it is completed but an MP4 is missing. */
	lacksMp4: boolean;
	/** Milliseconds since its last file arrived. */
	idleMs: number;
}

/**
 * Loads the session record and the playlists of a session that was listed. A playlist that the storage refuses, or that
 * is something else, is reported in `unreadable`.
 *
 * @param now the bucket's time, Unix milliseconds
 * @param known the session record, if it is loaded already
 * @param expectsMp4 whether an MP4 is expected if there is no session record; by default, if there is already one
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

/** @returns whether a session has a playlist */
export function hasPlaylist(session: SessionFiles): boolean {
	return playlistsOf(session).length > 0;
}

function playlistsOf({ files }: SessionFiles): RecordedObject[] {
	return files.filter(({ name }) => name.kind === 'playlist');
}

/** @returns whether a session has an MP4 file */
export function hasVideo({ files }: SessionFiles): boolean {
	return files.some(({ name }) => name.kind === 'video');
}

/** @returns null when the object has been deleted; a Fault when this object cannot be read */
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
	// At most a few other files differ only in the extension.
	const prefix = key.slice(0, key.lastIndexOf('.') + 1);
	const { objects } = await bucket.list({ prefix });
	return objects.some((object) => object.key === key);
}

async function loadRecordOf(bucket: Bucket, { record, sid }: SessionFiles) {
	return record === null ? null : await loadSessionRecord(bucket, record.key, sid);
}

/**
 * About how many requests are in flight at the same time. Each waits for a round trip on a connection of its own, so
 * fewer would be slow at a distance; S3 serves 5,500 a second for each prefix.
 */
const REQUESTS_AT_ONCE = 32;

/**
 * Loads several sessions, as many at once as the number of their files allows.
 *
 * @returns those that still exist
 * @throws Fault when the bucket cannot be read at all
 */
export async function loadSessions(
	bucket: Bucket,
	sessions: SessionFiles[],
	now: number,
): Promise<LoadedSession[]> {
	const requests = sessions.reduce((sum, session) => sum + 1 + playlistsOf(session).length, 0);
	const sessionsAtOnce = Math.floor((REQUESTS_AT_ONCE * sessions.length) / requests);
	const loaded = await mapConcurrent(
		sessions,
		Math.max(1, sessionsAtOnce),
		async (session) => await loadSession(bucket, session, now),
	);
	return loaded.filter((each) => each !== null);
}

/**
 * Lists and loads one session, with the same few requests whatever the size of the archive: one for its files, one for
 * each playlist and the session record, and one to find a recorder that took over, where that is possible.
 *
 * @param keepSegments whether its segments are listed one by one
 * @returns null when there are no files of its first recorder
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
	const loaded = await loadSession(bucket, first.session, first.now, record);
	if (loaded === null || wasNotTakenOver(loaded)) return loaded;
	const takeovers = await findTakeovers(bucket, folder, sid);
	if (takeovers.length === 0) return loaded;
	return await loadByPrefixes(bucket, [...prefixes, ...takeovers], keepSegments);
}

/**
 * Lists and loads one session whose recorders are known.
 *
 * @param prefixes see `listSession`
 * @returns null when there are no recorded files
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

/**
 * Whether no recorder took over: the first one finished its playlist. With a playlist for each user this is not known,
 * as the playlist of a user who left is finished.
 */
function wasNotTakenOver({ session, playlists }: LoadedSession): boolean {
	const isIndividual = session.files.some(({ name }) => name.uid !== null);
	return !isIndividual && playlists.length > 0 && playlists.every(({ ended }) => ended);
}
