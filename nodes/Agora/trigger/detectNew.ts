import { DAY_MS, dayOf, partitionOf, type Day } from '../recordings/day';
import { matchesChannel, type ChannelFilter } from '../recordings/channelFilter';
import type { LoadedSession } from '../recordings/loadSession';
import { startOf, type SessionFiles } from '../recordings/sessionFiles';
import { BACKUP_MS, isStale, STALE_MS } from '../recordings/status';
import { digestOf, packSeen, packTimes, readSeen, readTimes, type TriggerState } from './state';

export type TriggerEvent = 'recordingCompleted' | 'recordingStarted';

export interface Watch {
	event: TriggerEvent;
	channels: ChannelFilter;
	/** See `TriggerState.scope`. */
	scope: string;
	includeExisting: boolean;
	includeSegments: boolean;
	/** Whether to wait for MP4 files of recordings without a session record. */
	mp4: Mp4Files;
}

/** `detect`: wait if this recording or others in its folder have MP4 files. */
export type Mp4Files = 'detect' | 'expect' | 'ignore';

/** A recorder waits at most this long in a silent channel (Agora: `maxIdleTime`). */
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
 * @returns the first day whose folder may contain a recording that is still running in a silent channel
 */
export function firstDayOfSilence(now: number): Day {
	return dayOf(now - MAX_SILENCE_MS);
}

/** How often an interrupted recording is checked. */
const CHECK_INTERVAL_MS = 60 * 60_000;

/**
 * Which interrupted sessions to check again. Those that have continued are checked at every poll, others once an hour,
 * however often the trigger polls. Those that a poll had no time for are checked at the next one.
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
		const isDue = unchecked.has(id) || checksUntil(now) > checksUntil(state.checkedAt);
		return isDue || now - lastChange < STALE_MS;
	});
	return due.map(([id]) => id);
}

/** The interrupted sessions that still exist, and when each changed last; usually none. */
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
 * @returns with *Include Existing Recordings* no session counts as known. Otherwise, for started recordings, all that are
 *   present do; for completed ones the time decides, so that one still running now is emitted when it ends.
 */
export function initialState(
	present: Iterable<string>,
	from: Day,
	now: number,
	watch: Watch,
): TriggerState {
	const { event, scope, includeExisting } = watch;
	const known = event === 'recordingStarted' && !includeExisting ? [...present].map(digestOf) : [];
	return {
		version: 2,
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
		emitted: '',
		emittedAt: 0,
		emittedIds: [],
	};
}

/**
 * @param present all sessions in the listing, as `<folder><sid>`
 * @returns the sessions that the state does not know yet: of the listing, and those left open
 */
export function unknownSessions(present: Iterable<string>, state: TriggerState): string[] {
	const seen = readSeen(state);
	const interrupted = readTimes(state.interrupted);
	const unknown = [...present].filter((id) => !seen.has(id));
	return [...new Set([...state.open, ...unknown])].filter((id) => !interrupted.has(digestOf(id)));
}

/** What a poll has found. */
export interface Findings {
	/** Sessions in the listing that the state has seen, as indexes of its digests: each once, in the order of the listing. */
	known: readonly number[];
	/** The other sessions in the listing, as `<folder><sid>`. Sessions that are in neither are forgotten. */
	present: string[];
	/** The sessions that were loaded; null for those that are not recordings, or too old. */
	read: Map<string, LoadedSession | null>;
	/** When unknown sessions began, Unix milliseconds, for those listed so far. */
	starts: Map<string, number>;
	/** The bucket's time, Unix milliseconds. */
	now: number;
	/** Whether this is the first poll, which emits no completed recordings. */
	first: boolean;
}

/**
 * Decides what to emit. A pure function of the state and what a poll has found.
 *
 * @returns the sessions to emit, oldest first, and the new state. Sessions that were not loaded are left for the next poll.
 */
export function detectNew(
	state: TriggerState,
	findings: Findings,
	watch: Watch,
): { state: TriggerState; newSessions: LoadedSession[] } {
	const { known, present, read, starts, now } = findings;
	const seen = readSeen(state);
	const wasInterrupted = readTimes(state.interrupted);
	const done = present.filter((id) => seen.has(id)).map(digestOf);
	const newSessions: LoadedSession[] = [];
	const pending: string[] = [];
	const interrupted = new Map<string, number>();
	for (const [id, session] of read) {
		const digest = digestOf(id);
		const decision = decide(session, wasInterrupted.has(digest), state, watch, findings);
		if (decision.isNew) newSessions.push(session!);
		if (decision.then === 'done') done.push(digest);
		else if (decision.then === 'check') interrupted.set(id, session!.session.lastChange!);
		else pending.push(id);
	}
	for (const [id, lastChange] of interruptedSessions(present, state)) {
		if (read.has(id)) continue;
		if (now - lastChange < MAX_SILENCE_MS) interrupted.set(id, lastChange);
		else done.push(digestOf(id));
	}
	newSessions.sort((a, b) => startOf(a.session) - startOf(b.session));
	const unread = unknownSessions(present, state).filter((id) => !read.has(id));
	// While sessions are left to load, the same days are scanned again.
	const next = unread.length > 0 ? state.from : laterOf(state.from, firstDayToWatch(now));
	return {
		state: {
			...state,
			seen: seen.repack(known, withoutOpen(done, state)),
			from: next,
			open: [...pending, ...interrupted.keys(), ...unread].filter((id) => isBefore(id, next)),
			interrupted: packTimes([...interrupted].map(([id, time]) => [digestOf(id), time])),
			starts: packTimes(unread.flatMap((id) => withStart(id, starts))),
		},
		newSessions,
	};
}

function laterOf(a: Day, b: Day): Day {
	return a > b ? a : b;
}

/** Sessions that were left open are not in the listing any more, so they need not be remembered. */
function withoutOpen(done: string[], { open }: TriggerState): string[] {
	const digests = new Set(open.map(digestOf));
	return done.filter((digest) => !digests.has(digest));
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

interface Decision {
	isNew: boolean;
	/** `done`: never load again; `pending`: load at every poll; `check`: see `interruptedToCheck`. */
	then: 'done' | 'pending' | 'check';
}

function decide(
	loaded: LoadedSession | null,
	wasInterrupted: boolean,
	{ since }: TriggerState,
	{ event, channels, includeExisting }: Watch,
	{ now, first }: Findings,
): Decision {
	const done = (isNew: boolean): Decision => ({ isNew, then: 'done' });
	if (loaded === null || !isOfChannel(loaded, channels)) return done(false);
	const { session, status, unreadable } = loaded;
	const { firstChange, lastChange } = session;
	// A session whose files were all deleted starts over.
	const isChecked = wasInterrupted && lastChange !== null;
	const pending: Decision = { isNew: false, then: isChecked ? 'check' : 'pending' };
	if (event === 'recordingStarted') {
		// A recording has started when its first file has arrived, not when its session record has.
		if (firstChange === null) return isAbandoned(session, now) ? done(false) : pending;
		return done(firstChange >= since);
	}
	const isOld = lastChange === null || lastChange < since;
	// An archived recording may never be readable.
	if (unreadable.length > 0 && isOld && isStale(session, now)) return done(false);
	if (isPending(loaded, now)) return pending;
	const isKnown = (first && !includeExisting) || isOld;
	if (status !== 'interrupted' || lastChange === null) return done(!isKnown);
	const isNew = !isKnown && !wasInterrupted;
	return { isNew, then: now - lastChange < MAX_SILENCE_MS ? 'check' : 'done' };
}

/**
 * @returns whether a session has to be loaded again: it is running, files may still arrive, or a playlist cannot be read
 *   at the moment
 */
export function isPending({ status, session, unreadable }: LoadedSession, now: number): boolean {
	if (session.lastChange === null) return !isAbandoned(session, now);
	return status === 'recording' || unreadable.length > 0;
}

/**
 * @param session without recorded files
 * @returns whether it began so long ago that no file will arrive any more
 */
export function isAbandoned(session: SessionFiles, now: number): boolean {
	return now - startOf(session) >= BACKUP_MS;
}

/** Without a session record the channel is known as soon as there is a recorded file. */
function isOfChannel(loaded: LoadedSession, channels: ChannelFilter): boolean {
	const isKnown = loaded.record !== null || loaded.session.lastChange !== null;
	return !isKnown || matchesChannel(loaded, channels);
}
