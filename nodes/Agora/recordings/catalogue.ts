import type { Bucket } from '../storage/types';
import { hasRested, type RecordingStatus } from './completeness';
import { ALL_DAYS, DAY_MS, dayOf, type Days } from './day';
import { channelInNames } from './fileName';
import { listSession } from './find';
import { listFiles } from './listFiles';
import { readSessions, toRecording, type ReadSession, type Recording } from './recording';
import { idOf, prefixesOf, type SessionScan } from './scan';
import { scanNewestFirst } from './scanNewestFirst';
import { startOf, type SessionFiles } from './sessionFiles';

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

export interface FoundRecordings {
	/** Newest first. */
	recordings: Recording[];
	/** How many recordings there were to choose from, as far as they were looked at. */
	candidates: number;
	/** Files whose names are not Agora's; those that begin alike may count as one. */
	unrecognized: number;
	/** What names begin with that were not searched, because too many are not Agora's. */
	unopened: string[];
}

/** So many at a time keep all requests busy; more would only hold their playlists in memory longer. */
const BATCH = 64;

/**
 * Finds recordings, newest first. Of folders by day only those that a time filter allows are read, and from
 * the newest back only until the limit is reached. Playlists and session records are read only of recordings
 * that the listing cannot rule out.
 *
 * @throws Fault when the bucket refuses
 */
export async function findRecordings(
	bucket: Bucket,
	query: RecordingQuery,
	{ includeSegments, linkSeconds }: Presentation,
): Promise<FoundRecordings> {
	const recordings: Recording[] = [];
	let candidates: SessionFiles[] = [];
	let found: FoundRecordings = { recordings, candidates: 0, unrecognized: 0, unopened: [] };
	const { folder, limit } = query;
	for await (const batch of scanNewestFirst(bucket, folder, daysOf(query), limit !== Infinity)) {
		const { scan, added, newestUnread } = batch;
		const listed = [...(await listFiles(scan, added)).values()]
			.filter((each) => each !== null)
			.filter((each) => mayMatch(each, query, scan.now));
		candidates = candidates.concat(listed).sort((a, b) => startOf(b) - startOf(a));
		let newer = candidates.filter((each) => startOf(each) >= newestUnread);
		candidates = candidates.slice(newer.length);
		while (recordings.length < limit && newer.length > 0) {
			const count = Math.min(BATCH, limit - recordings.length);
			const sessions = newer.slice(0, count);
			newer = newer.slice(count);
			for (const read of await readSessions(bucket, sessions, scan.now)) {
				if (recordings.length === limit) break;
				const recording = toRecording(bucket, read, linkSeconds);
				if (!matches(recording, query)) continue;
				if (!includeSegments) recordings.push(recording);
				else {
					const whole = await withSegments(scan, read);
					recordings.push(toRecording(bucket, whole, linkSeconds));
				}
			}
		}
		const { unrecognized, unopened } = scan;
		found = { recordings, candidates: scan.sessions.size, unrecognized, unopened };
		if (recordings.length >= limit) break;
	}
	return found;
}

/** The folders of days in which recordings may lie that a query's times allow. */
function daysOf({ startedAfter, startedBefore, endedBefore }: RecordingQuery): Days {
	const latest = Math.min(startedBefore ?? Infinity, endedBefore ?? Infinity);
	return {
		from: startedAfter === undefined ? ALL_DAYS.from : dayOf(startedAfter - DAY_MS),
		to: dayOf(latest),
	};
}

async function withSegments(
	{ bucket, sessions }: SessionScan,
	read: ReadSession,
): Promise<ReadSession> {
	const ref = sessions.get(idOf(read.session))!;
	const listed = await listSession(bucket, prefixesOf(ref), true);
	return listed === null ? read : { ...read, session: listed.session };
}

/** What the listing alone can decide. */
function mayMatch(session: SessionFiles, query: RecordingQuery, now: number): boolean {
	const { cname, search = '', status, startedAfter, startedBefore } = query;
	const started = startOf(session);
	return (
		(cname === undefined || channelInNames(session.channel) === channelInNames(cname)) &&
		isFoundBy(session, search.toLowerCase()) &&
		(status !== 'recording' || !hasRested(session, now)) &&
		(startedAfter === undefined || started >= startedAfter) &&
		(startedBefore === undefined || started <= startedBefore)
	);
}

function isFoundBy(session: SessionFiles, search: string): boolean {
	const names = channelInNames(`${session.channel} ${session.sid}`.toLowerCase());
	if (names.includes(channelInNames(search))) return true;
	const started = startOf(session);
	const text = Number.isNaN(started) ? '' : new Date(started).toISOString().replace('T', ' ');
	return text.startsWith(search);
}

/** What takes the session record and the playlists. Without a record the name in the files has to do. */
function matches(recording: Recording, query: RecordingQuery): boolean {
	const { cname, resourceId, status, endedBefore } = query;
	const isSame = (a: string, b: string) =>
		recording.resourceId === null ? channelInNames(a) === channelInNames(b) : a === b;
	return (
		(cname === undefined || isSame(recording.cname, cname)) &&
		(resourceId === undefined || recording.resourceId === resourceId) &&
		(status === undefined || recording.status === status) &&
		(endedBefore === undefined ||
			(recording.ended_at !== null && Date.parse(recording.ended_at) <= endedBefore))
	);
}
