import { DAY_MS, dayOf, partitionOf, type Day } from '../recordings/day';
import { isSameChannel } from '../recordings/fileName';
import type { LoadedSession } from '../recordings/loadSession';
import { startOf, type SessionFiles } from '../recordings/sessionFiles';
import { BACKUP_MS, isStale, STALE_MS } from '../recordings/status';
import { digestOf, packSeen, packTimes, readSeen, readTimes, type TriggerState } from './state';

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

/** A recorder waits for so long in a silent channel at most (Agora: `maxIdleTime`). */
export const MAX_SILENCE_MS = 30 * DAY_MS;

/**
 * @param now Unix milliseconds, about the bucket's time
 * @returns the first day whose folder is scanned for sessions that appear from now on
 */
export function firstDayToWatch(now: number): Day {
	return dayOf(now - BACKUP_MS);
}

/**
 * @param now Unix milliseconds, about the bucket's time
 * @returns the first day whose folder may contain a recording that has been silent since and may still go on
 */
export function firstDayOfSilence(now: number): Day {
	return dayOf(now - MAX_SILENCE_MS);
}

/** How often a silent recording is checked. */
const CHECK_INTERVAL_MS = 60 * 60_000;

/**
 * Which interrupted sessions to check again. Those that have gone on are checked at every poll, silent ones once an
 * hour, however often the trigger polls. Those that a poll had no time for are checked at the next one.
 *
 * @param present all sessions in the listing, as `<folder><sid>`
 * @param now the bucket's time, Unix milliseconds
 */
export function interruptedToCheck(
	present: Iterable<string>,
	state: TriggerState,
	now: number,
): string[] {
	const unchecked = readSeen({ seen: state.unchecked });
	const due = interruptedSessions(present, state).filter(([id, lastChange]) => {
		const checksUntil = (time: number) => Math.floor((time - lastChange) / CHECK_INTERVAL_MS);
		const isDue = unchecked.has(digestOf(id)) || checksUntil(now) > checksUntil(state.checkedAt);
		return isDue || now - lastChange < STALE_MS;
	});
	return due.map(([id]) => id);
}

/** The interrupted sessions that are still there, and when each changed last; mostly none. */
function interruptedSessions(
	present: Iterable<string>,
	state: TriggerState,
): Array<[id: string, lastChange: number]> {
	if (state.interrupted === '') return [];
	const interrupted = readTimes(state.interrupted);
	return [...new Set([...present, ...state.open])].flatMap((id) => {
		const lastChange = interrupted.get(digestOf(id));
		return lastChange === undefined ? [] : [[id, lastChange] as [string, number]];
	});
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
		interrupted: '',
		checkedAt: now,
		unchecked: '',
		starts: '',
		lastRead: '',
		given: '',
		givenAt: 0,
		givenIds: [],
	};
}

/**
 * @param present all sessions in the listing, as `<folder><sid>`
 * @returns the sessions that the state does not know yet: of the listing, and those left open
 */
export function unknownSessions(present: Iterable<string>, state: TriggerState): string[] {
	const seen = readSeen(state);
	const interrupted = readTimes(state.interrupted);
	const unknown = [...present].filter((id) => !seen.has(digestOf(id)));
	return [...new Set([...state.open, ...unknown])].filter((id) => !interrupted.has(digestOf(id)));
}

/** What a poll has found out. */
export interface Findings {
	/** All sessions in the listing, as `<folder><sid>`; what left it is forgotten. */
	present: string[];
	/** The sessions that were read; null for those that are not recordings, or too old. */
	read: Map<string, LoadedSession | null>;
	/** The starts of unknown sessions, Unix milliseconds, as far as they are known. */
	starts: Map<string, number>;
	/** The bucket's time, Unix milliseconds. */
	now: number;
	/** Whether this poll made the state: what it finds complete is known and not emitted. */
	first: boolean;
}

/**
 * Decides what to emit: state and listing in, new state and recordings out.
 *
 * @returns the recordings to emit, oldest first, and the state that knows them. What was not read comes next time.
 */
export function newRecordings(
	state: TriggerState,
	findings: Findings,
	watch: Watch,
): { state: TriggerState; news: LoadedSession[] } {
	const { present, read, starts, now } = findings;
	const seen = readSeen(state);
	const wasInterrupted = readTimes(state.interrupted);
	const kept = present.map(digestOf).filter((digest) => seen.has(digest));
	const news: LoadedSession[] = [];
	const pending: string[] = [];
	const interrupted = new Map<string, number>();
	for (const [id, session] of read) {
		const digest = digestOf(id);
		const verdict = judge(session, wasInterrupted.has(digest), state, watch, findings);
		if (verdict.isNew) news.push(session!);
		if (verdict.then === 'done') kept.push(digest);
		else if (verdict.then === 'check') interrupted.set(id, session!.session.lastChange!);
		else pending.push(id);
	}
	for (const [id, lastChange] of interruptedSessions(present, state)) {
		if (read.has(id)) continue;
		if (now - lastChange < MAX_SILENCE_MS) interrupted.set(id, lastChange);
		else kept.push(digestOf(id));
	}
	news.sort((a, b) => startOf(a.session) - startOf(b.session));
	const unread = unknownSessions(present, state).filter((id) => !read.has(id));
	const isUnchanged = read.size === 0 && kept.length === seen.size && state.open.length === 0;
	// While something is left to read, the same days are scanned again.
	const next = unread.length > 0 ? state.from : laterOf(state.from, firstDayToWatch(now));
	return {
		state: {
			...state,
			seen: isUnchanged ? state.seen : packSeen(kept.filter(isNoneOf(state.open))),
			from: next,
			open: [...pending, ...interrupted.keys(), ...unread].filter((id) => isBefore(id, next)),
			interrupted: packTimes([...interrupted].map(([id, time]) => [digestOf(id), time])),
			starts: packTimes(unread.flatMap((id) => withStart(id, starts))),
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

/** @returns whether a session, `<folder><sid>`, is in the folder of a day before this one */
export function isBefore(id: string, day: Day): boolean {
	const partition = partitionOf(id);
	return partition !== null && partition.day < day;
}

function withStart(id: string, starts: Map<string, number>): Array<[string, number]> {
	const start = starts.get(id);
	return start === undefined ? [] : [[digestOf(id), start]];
}

/** @returns the starts that a state knows, of these sessions */
export function knownStarts(state: TriggerState, sessions: string[]): Map<string, number> {
	const starts = readTimes(state.starts);
	return new Map(
		sessions.flatMap((id) => {
			const start = starts.get(digestOf(id));
			return start === undefined ? [] : [[id, start]];
		}),
	);
}

interface Verdict {
	isNew: boolean;
	/** `done`: never read again; `pending`: read at every poll; `check`: see `interruptedToCheck`. */
	then: 'done' | 'pending' | 'check';
}

function judge(
	read: LoadedSession | null,
	wasInterrupted: boolean,
	{ since }: TriggerState,
	{ event, cname, includeExisting }: Watch,
	{ now, first }: Findings,
): Verdict {
	const done = (isNew: boolean): Verdict => ({ isNew, then: 'done' });
	if (read === null || !isOfChannel(read, cname)) return done(false);
	const { session, status, unreadable } = read;
	const { firstChange, lastChange } = session;
	// One whose files were all deleted begins again.
	const isChecked = wasInterrupted && lastChange !== null;
	const pending: Verdict = { isNew: false, then: isChecked ? 'check' : 'pending' };
	if (event === 'recordingStarted') {
		// A session record is not the recording: it starts with a file of Agora's.
		if (firstChange === null) return isAbandoned(session, now) ? done(false) : pending;
		return done(firstChange >= since);
	}
	const isOld = lastChange === null || lastChange < since;
	// An archived recording may stay unreadable for ever.
	if (unreadable.length > 0 && isOld && isStale(session, now)) return done(false);
	if (isPending(read, now)) return pending;
	const isKnown = (first && !includeExisting) || isOld;
	if (status !== 'interrupted' || lastChange === null) return done(!isKnown);
	const isNew = !isKnown && !wasInterrupted;
	return { isNew, then: now - lastChange < MAX_SILENCE_MS ? 'check' : 'done' };
}

/**
 * @returns whether a session still runs, its files may still come, or a playlist cannot be read at present, so that it
 *   has to be read again
 */
export function isPending({ status, session, unreadable }: LoadedSession, now: number): boolean {
	if (session.lastChange === null) return !isAbandoned(session, now);
	return status === 'recording' || unreadable.length > 0;
}

/** @returns whether only the record of a session is there, for so long that no file will come any more */
export function isAbandoned(session: SessionFiles, now: number): boolean {
	return session.lastChange === null && now - startOf(session) >= BACKUP_MS;
}

/** The record has the exact name; without one the name in the files decides, as soon as there are any of Agora's. */
function isOfChannel({ record, session }: LoadedSession, cname: string | undefined): boolean {
	if (cname === undefined || (record === null && session.lastChange === null)) return true;
	return record === null ? isSameChannel(session.channel, cname) : record.cname === cname;
}
