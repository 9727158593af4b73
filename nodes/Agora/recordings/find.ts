import { Pages } from '../storage/pages';
import type { Bucket } from '../storage/types';
import { ALL_DAYS } from './day';
import { isStale } from './status';
import { isSameChannel } from './fileName';
import { listFiles } from './listFiles';
import { readSession, readSessions, type ReadSession } from './readSession';
import { prefixesOf } from './sessionRef';
import { scanNewestFirst } from './scanNewestFirst';
import { collect, startOf, type SessionFiles } from './sessionFiles';
import { findIndexed, recentSessions, type KnownSession } from './sessionRecord';

/**
 * Finds one recording by its sid: in the folder that the index names, else directly below the bucket's prefix, else
 * in the folders below, those of the latest days first.
 *
 * @returns null when no folder contains it
 * @throws Fault when the bucket refuses
 */
export async function findSession(
	bucket: Bucket,
	sid: string,
	keepSegments: boolean,
): Promise<ReadSession | null> {
	const known = (await findIndexed(bucket, sid)) ?? { sid, folder: bucket.prefix, record: null };
	const opened = await openSession(bucket, known, keepSegments);
	if (opened !== null) return opened;
	for await (const { added } of scanNewestFirst(bucket, bucket.prefix, ALL_DAYS, true)) {
		const session = added.find((each) => each.sid.toLowerCase() === sid.toLowerCase());
		if (session !== undefined) return await openPrefixes(bucket, prefixesOf(session), keepSegments);
	}
	return null;
}

/** How many of a channel's sessions are checked to see whether one is still running. */
export const LATEST = 20;
const SESSIONS_AT_ONCE = 8;

/**
 * Finds a channel's running recording, or its newest one if none is running. One that runs and is in the index takes
 * a few requests. Otherwise the bucket is searched from the latest days back, as other programs may have recorded
 * the channel as well.
 *
 * @param cname the exact channel name
 * @returns null when the bucket has no recording of the channel
 * @throws Fault when the bucket refuses
 */
export async function findNewestOfChannel(
	bucket: Bucket,
	cname: string,
	keepSegments: boolean,
): Promise<ReadSession | null> {
	const running = await findRunningIndexed(bucket, cname, keepSegments);
	const found = running ?? (await searchNewest(bucket, cname));
	if (found === null || running !== null || !keepSegments) return found;
	const { session, record } = found;
	return await openSession(bucket, { ...session, record }, true);
}

async function findRunningIndexed(
	bucket: Bucket,
	cname: string,
	keepSegments: boolean,
): Promise<ReadSession | null> {
	for await (const known of recentSessions(bucket, cname, LATEST)) {
		if (known.record.endedAt !== undefined) continue;
		const read = await openSession(bucket, known, keepSegments);
		if (read?.status === 'recording') return read;
	}
	return null;
}

async function searchNewest(bucket: Bucket, cname: string): Promise<ReadSession | null> {
	let newest: ReadSession | null = null;
	for await (const { scan, added } of scanNewestFirst(bucket, bucket.prefix, ALL_DAYS, true)) {
		const candidates = [...(await listFiles(scan, added)).values()]
			.filter((each) => each !== null)
			.filter(({ isSession }) => isSession)
			.filter(({ channel }) => isSameChannel(channel, cname))
			.sort((a, b) => startOf(b) - startOf(a));
		while (candidates.length > 0) {
			const read = await readSessions(bucket, candidates.splice(0, SESSIONS_AT_ONCE), scan.now);
			const ofChannel = read.filter(({ record }) => record === null || record.cname === cname);
			const running = ofChannel.find(({ status }) => status === 'recording');
			if (running !== undefined) return running;
			newest ??= ofChannel[0] ?? null;
			// A session that rested for so long is not running, and neither is an older one.
			if (newest !== null && candidates.every((each) => isStale(each, scan.now))) break;
		}
		if (newest !== null) return newest;
	}
	return newest;
}

/**
 * Lists and reads one session, whatever the size of the archive: one request for its files, one for each playlist and
 * the session record, and one to see whether another recorder took over, where that is possible.
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
	const prefixes = [`${folder}${sid}_`];
	const first = await listSession(bucket, prefixes, keepSegments);
	if (!first?.session.isSession) return null;
	const read = await readSession(bucket, first.session, first.now, record);
	if (read === null || wasNotTakenOver(read)) return read;
	const takeovers = await findTakeovers(bucket, folder, sid);
	if (takeovers.length === 0) return read;
	return await openPrefixes(bucket, [...prefixes, ...takeovers], keepSegments);
}

/**
 * Lists and reads one session whose recorders are known.
 *
 * @param prefixes see `listSession`
 * @returns null when nothing of Agora's is there
 * @throws Fault when the bucket refuses
 */
export async function openPrefixes(
	bucket: Bucket,
	prefixes: string[],
	keepSegments: boolean,
): Promise<ReadSession | null> {
	const listed = await listSession(bucket, prefixes, keepSegments);
	if (!listed?.session.isSession) return null;
	return await readSession(bucket, listed.session, listed.now);
}

export interface ListedSession {
	session: SessionFiles;
	/** The bucket's time, Unix milliseconds. */
	now: number;
}

/**
 * Lists the files of one session whose recorders are known, with one request for each thousand files of one.
 *
 * @param prefixes what the keys of each recorder begin with: `<folder>[bak<n>_]<sid>_`
 * @param keepSegments whether its slices are listed one by one
 * @returns null when nothing is there; of files that are not Agora's, a session that is none (`isSession`)
 * @throws Fault when the bucket refuses
 */
export async function listSession(
	bucket: Bucket,
	prefixes: string[],
	keepSegments: boolean,
): Promise<ListedSession | null> {
	const sessions = new Map<string, SessionFiles>();
	let now = 0;
	for (const prefix of prefixes) {
		const pages = new Pages(bucket, { prefix });
		for (let page = await pages.next(); page !== null; page = await pages.next()) {
			collect(sessions, page.objects, keepSegments);
			now = page.serverTime;
		}
	}
	const [session] = sessions.values();
	return session === undefined ? null : { session, now };
}

/**
 * Finds the recorders that took over, with one request for each and one that finds no more.
 *
 * @returns what their keys begin with
 * @throws Fault when the bucket refuses
 */
export async function findTakeovers(
	bucket: Bucket,
	folder: string,
	sid: string,
): Promise<string[]> {
	const prefixes: string[] = [];
	for (;;) {
		const prefix = `${folder}bak${prefixes.length}_${sid}_`;
		const { objects } = await bucket.list({ prefix, maxKeys: 1 });
		// A server that ignores the prefix would return another object each time.
		if (!objects.some(({ key }) => key.startsWith(prefix))) return prefixes;
		prefixes.push(prefix);
	}
}

/** A recorder of one playlist that finished it was not replaced. Of several, users who left finished theirs. */
function wasNotTakenOver({ session, playlists }: ReadSession): boolean {
	const ofUsers = session.files.some(({ name }) => name.uid !== null);
	return !ofUsers && playlists.length > 0 && playlists.every(({ ended }) => ended);
}
