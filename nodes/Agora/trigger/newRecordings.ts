import { DAY_MS, dayOf, partitionOf, type Day } from '../recordings/day';
import { isSameChannel } from '../recordings/fileName';
import type { ReadSession } from '../recordings/recording';
import { startOf, type SessionFiles } from '../recordings/sessionFiles';
import { digestOf, packSeen, packStarts, readSeen, readStarts, type TriggerState } from './state';

export type TriggerEvent = 'recordingCompleted' | 'recordingStarted';

export interface Watch {
	event: TriggerEvent;
	/** Only this channel; undefined for all. */
	cname?: string;
	/** See `TriggerState.scope`. */
	scope: string;
	includeExisting: boolean;
	includeSegments: boolean;
	/** Whether to wait for MP4 files of recordings without a session record. */
	mp4: Mp4Files;
}

/** `detect`: where this recording or others in its folder have MP4 files. */
export type Mp4Files = 'detect' | 'expect' | 'ignore';

/**
 * How long after its start the first file of a session may appear: Agora uploads late ones within three days
 * (cloud recording, `stop`: files on the backup server).
 */
const LOOK_BACK_MS = 3 * DAY_MS;

/**
 * @param now Unix milliseconds, about the bucket's time
 * @returns the first day whose folder must be looked into for sessions that appear from now on
 */
export function firstDayToWatch(now: number): Day {
	return dayOf(now - LOOK_BACK_MS);
}

/**
 * The state of a first poll.
 *
 * @param present all sessions in the listing, as `<folder><sid>`
 * @param from the first day that was listed
 * @param now the bucket's time, Unix milliseconds
 * @returns with *Include Existing Recordings* nothing counts as known. Else, for started recordings, all that
 *   are present do; for completed ones the time decides, so that one still running now is news when it ends.
 */
export function baseline(
	present: Iterable<string>,
	from: Day,
	now: number,
	watch: Watch,
): TriggerState {
	const { event, scope, includeExisting } = watch;
	const known = event === 'recordingStarted' && !includeExisting ? [...present].map(digestOf) : [];
	return {
		version: 1,
		scope,
		since: includeExisting ? 0 : now,
		seen: packSeen(known),
		from,
		open: [],
		starts: '',
		lastRead: '',
		given: '',
		givenAt: 0,
	};
}

/** @returns the sessions that the state does not know yet: of the listing, and those left open */
export function unknownSessions(present: Iterable<string>, state: TriggerState): string[] {
	const seen = readSeen(state);
	const unknown = [...present].filter((session) => !seen.has(digestOf(session)));
	return [...new Set([...state.open, ...unknown])];
}

/** What a poll has found out. */
export interface Findings {
	/** All sessions in the listing, as `<folder><sid>`; what left it is forgotten. */
	present: string[];
	/** The unknown sessions that were looked into; null for those that can be no news. */
	read: Map<string, ReadSession | null>;
	/** The starts of unknown sessions, Unix milliseconds, as far as they are known. */
	starts: Map<string, number>;
	/** The bucket's time, Unix milliseconds. */
	now: number;
	/** Whether this poll made the state: what it finds complete is known, not news. */
	first: boolean;
}

/**
 * Decides what is news: state and listing in, new state and news out.
 *
 * @returns the news, oldest first, and the state that knows them. What was not looked into comes next time.
 */
export function newRecordings(
	state: TriggerState,
	findings: Findings,
	watch: Watch,
): { state: TriggerState; news: ReadSession[] } {
	const { present, read, starts, now } = findings;
	const seen = readSeen(state);
	const kept: string[] = [];
	const unknown: string[] = [];
	for (const id of present) {
		const digest = digestOf(id);
		if (seen.has(digest)) kept.push(digest);
		else unknown.push(id);
	}
	const news: ReadSession[] = [];
	const running: string[] = [];
	for (const [id, session] of read) {
		const verdict = judge(session, state, watch, findings);
		if (verdict === 'later') running.push(id);
		else kept.push(digestOf(id));
		if (verdict === 'news') news.push(session!);
	}
	news.sort((a, b) => startOf(a.session) - startOf(b.session));
	const undone = [...new Set([...state.open, ...unknown])].filter((id) => !read.has(id));
	const isUnchanged = read.size === 0 && kept.length === seen.size && state.open.length === 0;
	// While something is left to do, the same days are looked at again.
	const next = undone.length > 0 ? state.from : laterOf(state.from, firstDayToWatch(now));
	return {
		state: {
			...state,
			seen: isUnchanged ? state.seen : packSeen(kept.filter(isNoneOf(state.open))),
			from: next,
			open: [...running, ...undone].filter((id) => isBefore(id, next)),
			starts: packStarts(undone.flatMap((id) => withStart(id, starts))),
		},
		news,
	};
}

function laterOf(a: Day, b: Day): Day {
	return a > b ? a : b;
}

/** Those in days that are not listed any more need not be known: they will not be seen again. */
function isNoneOf(open: string[]): (digest: string) => boolean {
	const digests = new Set(open.map(digestOf));
	return (digest) => !digests.has(digest);
}

function isBefore(id: string, day: Day): boolean {
	const partition = partitionOf(id);
	return partition !== null && partition.day < day;
}

function withStart(id: string, starts: Map<string, number>): Array<[string, number]> {
	const start = starts.get(id);
	return start === undefined ? [] : [[digestOf(id), start]];
}

/** @returns the starts that a state knows, of these sessions */
export function knownStarts(state: TriggerState, sessions: string[]): Map<string, number> {
	const starts = readStarts(state);
	return new Map(
		sessions.flatMap((id) => {
			const start = starts.get(digestOf(id));
			return start === undefined ? [] : [[id, start]];
		}),
	);
}

function judge(
	read: ReadSession | null,
	{ since }: TriggerState,
	{ event, cname, includeExisting }: Watch,
	{ now, first }: Findings,
): 'news' | 'never' | 'later' {
	if (read === null || !isOfChannel(read, cname)) return 'never';
	const { firstChange, lastChange } = read.session;
	if (event === 'recordingStarted') {
		// A session record is not the recording: it starts with a file of Agora's.
		if (firstChange === null) return isAbandoned(read.session, now) ? 'never' : 'later';
		return firstChange < since ? 'never' : 'news';
	}
	if (isPending(read, now)) return 'later';
	const known = (first && !includeExisting) || lastChange === null || lastChange < since;
	return known ? 'never' : 'news';
}

/**
 * @returns whether a session still runs, its files may still come, or a playlist cannot be read at present, so that it
 *   has to be read again
 */
export function isPending({ status, session, unreadable }: ReadSession, now: number): boolean {
	if (session.lastChange === null) return !isAbandoned(session, now);
	return status === 'recording' || unreadable.length > 0;
}

/** @returns whether only the record of a session is there, for so long that no file will come any more */
export function isAbandoned(session: SessionFiles, now: number): boolean {
	return session.lastChange === null && now - startOf(session) >= LOOK_BACK_MS;
}

/** The record knows the exact name; without one the name in the files has to do. */
function isOfChannel({ record, session }: ReadSession, cname: string | undefined): boolean {
	if (cname === undefined) return true;
	return record === null ? isSameChannel(session.channel, cname) : record.cname === cname;
}
