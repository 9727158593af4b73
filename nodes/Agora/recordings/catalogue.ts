import type { Bucket } from '../storage/types';
import { mayBeRecording, type RecordingStatus } from './status';
import { DAY_MS, dayOf, type Days } from './day';
import { channelInNames, isSameChannel } from './fileName';
import { listSession } from './find';
import { listFiles } from './listFiles';
import { readSessions, type ReadSession } from './readSession';
import { toRecording, type Presentation, type Recording } from './recording';
import type { SessionScan } from './scan';
import { idOf, prefixesOf } from './sessionRef';
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
	endedAfter?: number;
	endedBefore?: number;
	/** The newest so many. */
	limit: number;
}

export interface FoundRecordings {
	/** Newest first. */
	recordings: Recording[];
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
	presentation: Presentation,
): Promise<FoundRecordings> {
	const recordings: Recording[] = [];
	let candidates: SessionFiles[] = [];
	let found: FoundRecordings = { recordings, unrecognized: 0, unopened: [] };
	const { folder, limit } = query;
	let atOnce = 1;
	for await (const batch of scanNewestFirst(bucket, folder, daysOf(query), limit !== Infinity)) {
		const { scan, added, newestUnread } = batch;
		const listed = [...(await listFiles(scan, added)).values()]
			.filter((each) => each !== null)
			.filter(({ isSession }) => isSession)
			.filter((each) => mayMatch(each, query, scan.now));
		candidates = candidates.concat(listed).sort((a, b) => startOf(b) - startOf(a));
		let newer = candidates.filter((each) => startOf(each) >= newestUnread);
		candidates = candidates.slice(newer.length);
		while (recordings.length < limit && newer.length > 0) {
			const sessions = newer.slice(0, Math.min(BATCH, Math.max(limit - recordings.length, atOnce)));
			newer = newer.slice(sessions.length);
			// Where few match, more at once take fewer round trips.
			atOnce = sessions.length * 2;
			for (const read of await readSessions(bucket, sessions, scan.now)) {
				if (recordings.length === limit) break;
				const recording = toRecording(bucket, read, presentation);
				if (!matches(recording, query)) continue;
				atOnce = 1;
				if (!presentation.includeSegments) recordings.push(recording);
				else {
					const whole = await withSegments(scan, read);
					recordings.push(toRecording(bucket, whole, presentation));
				}
			}
		}
		const { unrecognized, unopened } = scan;
		found = { recordings, unrecognized, unopened };
		if (recordings.length >= limit) break;
	}
	return found;
}

/** Agora ends a recording after 30 days at the latest (`resourceExpiredHour`). */
const LONGEST_MS = 30 * DAY_MS;

/**
 * The day folders in which there may be recordings that a query's times allow, with a day's margin: others name their
 * folders by local time, and a recording that starts just before midnight has its first slice on the next day.
 */
function daysOf({ startedAfter, startedBefore, endedAfter, endedBefore }: RecordingQuery): Days {
	const latest = Math.min(startedBefore ?? Infinity, endedBefore ?? Infinity);
	const endingLate = endedAfter === undefined ? -Infinity : endedAfter - LONGEST_MS;
	const earliest = Math.max(startedAfter ?? -Infinity, endingLate);
	return { from: dayOf(earliest - DAY_MS), to: dayOf(latest + DAY_MS) };
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
		(cname === undefined || isSameChannel(session.channel, cname)) &&
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
	const text = Number.isNaN(started) ? '' : new Date(started).toISOString().replace('T', ' ');
	return text.startsWith(search);
}

/** What takes the session record and the playlists. Without a record the name in the files has to do. */
function matches(recording: Recording, query: RecordingQuery): boolean {
	const { cname, resourceId, status, endedAfter, endedBefore } = query;
	const ended = recording.ended_at === null ? NaN : Date.parse(recording.ended_at);
	// Without a session record only the name in the files is known.
	const isExact = recording.resourceId !== null;
	return (
		(cname === undefined || recording.cname === cname || !isExact) &&
		(resourceId === undefined || recording.resourceId === resourceId) &&
		(status === undefined || recording.status === status) &&
		(endedAfter === undefined || ended >= endedAfter) &&
		(endedBefore === undefined || ended <= endedBefore)
	);
}
