import { listAll, type Bucket } from '../storage/bucket';
import { readSession, type ReadSession } from './recording';
import { collect, type SessionFiles } from './sessionFiles';
import type { SessionRecord } from './sessionRecord';

export interface ListedSession {
	session: SessionFiles;
	/** The bucket's time, Unix milliseconds. */
	now: number;
}

/**
 * Lists the files of one session whose recorders are known, with one request for each (of a thousand files).
 *
 * @param entries what the keys of each recorder begin with: `<folder>[bak<n>_]<sid>_`
 * @param keepSegments whether its slices are listed one by one
 * @returns null when nothing of Agora's is there
 * @throws Fault when the bucket refuses
 */
export async function listSession(
	bucket: Bucket,
	entries: string[],
	keepSegments: boolean,
): Promise<ListedSession | null> {
	const sessions = new Map<string, SessionFiles>();
	let now = 0;
	for (const prefix of entries) {
		for await (const page of listAll(bucket, { prefix })) {
			collect(sessions, page.objects, keepSegments);
			now = page.serverTime;
		}
	}
	const [session] = sessions.values();
	return session === undefined ? null : { session, now };
}

/** What is known of a session before it is opened. */
export interface KnownSession {
	sid: string;
	/** '' or with a trailing slash. */
	folder: string;
	/** Null where it is not known, or there is none. */
	record: SessionRecord | null;
}

/**
 * Lists and reads one session, whatever the size of the archive: one request for its files, one for each
 * playlist and the session record, and one to see whether another recorder took over, where that may be.
 *
 * @param keepSegments whether its slices are listed one by one
 * @returns null when its first recorder left nothing there
 * @throws Fault when the bucket refuses
 */
export async function openSession(
	bucket: Bucket,
	{ sid, folder, record }: KnownSession,
	keepSegments: boolean,
): Promise<ReadSession | null> {
	const entries = [`${folder}${sid}_`];
	const first = await listSession(bucket, entries, keepSegments);
	if (first === null) return null;
	const read = await readSession(bucket, first.session, first.now, record);
	if (wasNotTakenOver(read)) return read;
	const takeovers = await findTakeovers(bucket, folder, sid);
	if (takeovers.length === 0) return read;
	return await openEntries(bucket, [...entries, ...takeovers], keepSegments);
}

/**
 * Looks for recorders that took over, one request for each and one that finds no more.
 *
 * @returns what their keys begin with
 * @throws Fault when the bucket refuses
 */
export async function findTakeovers(
	bucket: Bucket,
	folder: string,
	sid: string,
): Promise<string[]> {
	const entries: string[] = [];
	for (;;) {
		const entry = `${folder}bak${entries.length}_${sid}_`;
		const { objects } = await bucket.list({ prefix: entry, maxKeys: 1 });
		// Storage that shows something else, whatever it is asked for, would be asked without end.
		if (!objects.some(({ key }) => key.startsWith(entry))) return entries;
		entries.push(entry);
	}
}

/**
 * Lists and reads one session whose recorders are known.
 *
 * @param entries see `listSession`
 * @returns null when nothing of Agora's is there
 * @throws Fault when the bucket refuses
 */
export async function openEntries(
	bucket: Bucket,
	entries: string[],
	keepSegments: boolean,
): Promise<ReadSession | null> {
	const listed = await listSession(bucket, entries, keepSegments);
	return listed && (await readSession(bucket, listed.session, listed.now));
}

/** A recorder of one playlist that finished it was not replaced. Of several, those of users who left are finished. */
function wasNotTakenOver({ session, playlists }: ReadSession): boolean {
	const ofUsers = session.files.some(({ name }) => name.uid !== null);
	return !ofUsers && playlists.length > 0 && playlists.every(({ ended }) => ended);
}
