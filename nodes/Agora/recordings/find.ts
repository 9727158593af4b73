import type { Bucket } from '../storage/types';
import { ALL_DAYS, DAY_MS, dayOf, type Days } from './day';
import {
	differsInCase,
	matchesChannel,
	mayMatchChannel,
	type ChannelFilter,
} from './channelFilter';
import { channelInNames } from './fileName';
import { listFiles, listSession } from './listFiles';
import { loadByPrefixes, loadKnownSession, loadSessions, type LoadedSession } from './loadSession';
import { readableTime, toRecording, type Presentation, type Recording } from './recording';
import type { SessionScan } from './scan';
import { scanNewestFirst, type Batch } from './scanNewestFirst';
import { idOf, prefixesOf, startOf, type SessionFiles } from './sessionFiles';
import { findIndexed, recentSessions } from './sessionRecord';
import { isStale, mayBeRecording, type RecordingStatus } from './status';

/** @returns where recordings are searched, such as `below "class/" in the bucket "recordings"` */
export function placeIn({ name, prefix }: Bucket, folder = prefix): string {
	return folder === '' ? `in the bucket "${name}"` : `below "${folder}" in the bucket "${name}"`;
}

/**
 * Finds one recording by its sid: in the folder named by the index, otherwise directly below the bucket's prefix,
 * otherwise in the folders below, those of the latest days first.
 *
 * @returns null when no folder contains it
 * @throws Fault when the bucket refuses
 */
export async function findSession(
	bucket: Bucket,
	sid: string,
	keepSegments: boolean,
): Promise<LoadedSession | null> {
	const known = (await findIndexed(bucket, sid)) ?? { sid, folder: bucket.prefix, record: null };
	const opened = await loadKnownSession(bucket, known, keepSegments);
	if (opened !== null) return opened;
	for await (const { added } of scanNewestFirst(bucket, bucket.prefix, ALL_DAYS, true)) {
		const session = added.find((each) => each.sid.toLowerCase() === sid.toLowerCase());
		if (session !== undefined)
			return await loadByPrefixes(bucket, prefixesOf(session), keepSegments);
	}
	return null;
}

const SESSIONS_AT_ONCE = 8;

/**
 * Finds a channel's running recording, or its newest one if none is running. A running one that is in the index takes
 * a few requests. Otherwise the bucket is searched from the latest days back, as other programs may have recorded
 * the channel as well.
 *
 * @param cname the exact channel name
 * @returns `found` is null when the bucket has no recording of the channel; `similar` contains channels whose names
 *   differ only in case then
 * @throws Fault when the bucket refuses
 */
export async function findNewestOfChannel(
	bucket: Bucket,
	cname: string,
	keepSegments: boolean,
): Promise<{ found: LoadedSession | null; similar: string[] }> {
	const running = await findRunningIndexed(bucket, cname, keepSegments);
	if (running !== null) return { found: running, similar: [] };
	const { newest, similar } = await searchNewest(bucket, cname);
	if (newest === null || !keepSegments) return { found: newest, similar };
	const { session, record } = newest;
	const known = { sid: session.sid, folder: session.folder, record };
	return { found: await loadKnownSession(bucket, known, true), similar };
}

async function findRunningIndexed(
	bucket: Bucket,
	cname: string,
	keepSegments: boolean,
): Promise<LoadedSession | null> {
	for await (const known of recentSessions(bucket, cname)) {
		if (known.record.endedAt !== undefined) continue;
		const loaded = await loadKnownSession(bucket, known, keepSegments);
		if (loaded?.status === 'recording') return loaded;
	}
	return null;
}

async function searchNewest(
	bucket: Bucket,
	cname: string,
): Promise<{ newest: LoadedSession | null; similar: string[] }> {
	let newest: LoadedSession | null = null;
	const similar = new Set<string>();
	for await (const batch of scanNewestFirst(bucket, bucket.prefix, ALL_DAYS, true)) {
		const { now } = batch.scan;
		const listed = await listBatch(batch);
		noteSimilar(similar, listed, cname);
		const candidates = listed
			.filter(({ channel }) => mayMatchChannel(channel, { cname }))
			.sort(newestFirst);
		while (candidates.length > 0) {
			const loaded = await loadSessions(bucket, candidates.splice(0, SESSIONS_AT_ONCE), now);
			const ofChannel = loaded.filter((each) => matchesChannel(each, { cname }));
			const running = ofChannel.find(({ status }) => status === 'recording');
			if (running !== undefined) return { newest: running, similar: [] };
			newest ??= ofChannel[0] ?? null;
			// A stale session is not running.
			if (newest !== null && candidates.every((each) => isStale(each, now))) break;
		}
		if (newest !== null) break;
	}
	return { newest, similar: [...similar] };
}

function noteSimilar(similar: Set<string>, listed: SessionFiles[], cname: string): void {
	for (const { channel } of listed) if (differsInCase(channel, cname)) similar.add(channel);
}

/** @returns what the listing shows of the sessions that a batch adds, without those of other tools' files alone */
async function listBatch({ scan, added }: Batch): Promise<SessionFiles[]> {
	return [...(await listFiles(scan, added)).values()]
		.filter((each) => each !== null)
		.filter(({ isSession }) => isSession);
}

function newestFirst(a: SessionFiles, b: SessionFiles): number {
	return startOf(b) - startOf(a);
}

export interface RecordingQuery extends ChannelFilter {
	/** Where to search: '' or a path with a trailing slash; includes the folders below it. */
	folder: string;
	/** Part of the channel name or the sid, or the beginning of the start as `2026-11-23 09:30` or `23 Nov 2026`, UTC. */
	search?: string;
	resourceId?: string;
	status?: RecordingStatus;
	/** Unix milliseconds, all of them; the bounds themselves are included. */
	startedAfter?: number;
	startedBefore?: number;
	endedAfter?: number;
	endedBefore?: number;
	/** At most this many, the newest ones. */
	limit: number;
}

export interface FoundRecordings {
	/** Newest first. */
	recordings: Recording[];
	/** How many recordings were listed, including those that do not match. */
	searched: number;
	/** Channels whose names differ from the requested one only in case. */
	similar: string[];
	/** Files whose names are not Agora's; several with the same prefix may count as one. */
	unrecognized: number;
	/** Prefixes that were not searched, because too many names are not Agora's. */
	unsearched: string[];
}

/** Enough to keep all requests busy; with more, their playlists would only stay in memory longer. */
const BATCH = 64;

/**
 * Finds recordings, newest first. Only those day folders are read that a time filter allows, and from the newest back
 * only until the limit is reached. Playlists and session records are read only of recordings that the listing cannot
 * rule out.
 *
 * @throws Fault when the bucket refuses
 */
export async function findRecordings(
	bucket: Bucket,
	query: RecordingQuery,
	presentation: Presentation,
): Promise<FoundRecordings> {
	const recordings: Recording[] = [];
	let candidates: SessionFiles[] = [];
	const similar = new Set<string>();
	const found = { recordings, searched: 0, unrecognized: 0, unsearched: [] as string[] };
	const { folder, limit, cname } = query;
	let atOnce = 1;
	for await (const batch of scanNewestFirst(bucket, folder, daysOf(query), limit !== Infinity)) {
		const { scan, newestUnread } = batch;
		const listed = await listBatch(batch);
		found.searched += listed.length;
		if (cname !== undefined) noteSimilar(similar, listed, cname);
		const matching = listed.filter((each) => mayMatch(each, query, scan.now));
		candidates = candidates.concat(matching).sort(newestFirst);
		let newer = candidates.filter((each) => startOf(each) >= newestUnread);
		candidates = candidates.slice(newer.length);
		while (recordings.length < limit && newer.length > 0) {
			const sessions = newer.slice(0, Math.min(BATCH, Math.max(limit - recordings.length, atOnce)));
			newer = newer.slice(sessions.length);
			// If few match, reading more at once takes fewer round trips.
			atOnce = sessions.length * 2;
			for (const loaded of await loadSessions(bucket, sessions, scan.now)) {
				if (recordings.length === limit) break;
				const recording = toRecording(bucket, loaded, presentation);
				if (!matches(loaded, recording, query)) continue;
				atOnce = 1;
				if (!presentation.includeSegments) recordings.push(recording);
				else {
					const whole = await withSegments(scan, loaded);
					recordings.push(toRecording(bucket, whole, presentation));
				}
			}
		}
		found.unrecognized = scan.unrecognized;
		found.unsearched = scan.unsearched;
		if (recordings.length >= limit) break;
	}
	return { ...found, similar: [...similar] };
}

/** Agora ends a recording after 30 days at the latest (`resourceExpiredHour`). */
const LONGEST_MS = 30 * DAY_MS;

/**
 * The day folders in which there may be recordings that a query's times allow, with a day's margin: other programs may
 * name folders by local time, and a recording that starts just before midnight has its first segment on the next day.
 */
function daysOf({ startedAfter, startedBefore, endedAfter, endedBefore }: RecordingQuery): Days {
	const latest = Math.min(startedBefore ?? Infinity, endedBefore ?? Infinity);
	const endingLate = endedAfter === undefined ? -Infinity : endedAfter - LONGEST_MS;
	const earliest = Math.max(startedAfter ?? -Infinity, endingLate);
	return { from: dayOf(earliest - DAY_MS), to: dayOf(latest + DAY_MS) };
}

async function withSegments(
	{ bucket, sessions }: SessionScan,
	loaded: LoadedSession,
): Promise<LoadedSession> {
	const ref = sessions.get(idOf(loaded.session))!;
	const listed = await listSession(bucket, prefixesOf(ref), true);
	return listed === null ? loaded : { ...loaded, session: listed.session };
}

/** Whether a session can match, as far as the listing shows. */
function mayMatch(session: SessionFiles, query: RecordingQuery, now: number): boolean {
	const { search = '', status, startedAfter, startedBefore } = query;
	const started = startOf(session);
	return (
		mayMatchChannel(session.channel, query) &&
		isFoundBy(session, search.toLowerCase()) &&
		(status !== 'recording' || mayBeRecording(session, now)) &&
		(startedAfter === undefined || started >= startedAfter) &&
		(startedBefore === undefined || started <= startedBefore)
	);
}

function isFoundBy(session: SessionFiles, search: string): boolean {
	const names = channelInNames(`${session.channel} ${session.sid}`.toLowerCase());
	if (names.includes(channelInNames(search))) return true;
	const started = startOf(session);
	if (Number.isNaN(started)) return search === '';
	const times = [new Date(started).toISOString().replace('T', ' '), readableTime(started)];
	return times.some((time) => time.toLowerCase().startsWith(search));
}

/** Whether a recording matches in the fields that come from its session record and playlists. */
function matches(loaded: LoadedSession, recording: Recording, query: RecordingQuery): boolean {
	const { resourceId, status, endedAfter, endedBefore } = query;
	const ended = recording.ended_at === null ? NaN : Date.parse(recording.ended_at);
	return (
		matchesChannel(loaded, query) &&
		(resourceId === undefined || recording.resourceId === resourceId) &&
		(status === undefined || recording.status === status) &&
		(endedAfter === undefined || ended >= endedAfter) &&
		(endedBefore === undefined || ended <= endedBefore)
	);
}
