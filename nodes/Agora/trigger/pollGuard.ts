import type { IPollFunctions } from 'n8n-workflow';
import { DAY_MS, dayOf, startOfDay } from '../recordings/day';
import type { LoadedSession } from '../recordings/loadSession';
import { idOf } from '../recordings/sessionFiles';
import { isBefore } from './detectNew';
import { digestOf, packSeen, packTimes, readSeen, readTimes, type TriggerState } from './state';

/**
 * Within this time n8n is running and has polled again, even after several crashes in a row: n8n waits two minutes after
 * an interrupted activation, and Kubernetes up to five between two starts.
 */
const RECENT_MS = 10 * 60_000;

/**
 * Marks sessions as emitted by this poll. n8n stores the state a moment before it stores the execution, so if it is
 * killed in between, nothing else shows that they were lost.
 *
 * @param now Unix milliseconds by this machine's clock
 * @returns a new state; the same where nothing was emitted
 */
export function markEmitted(
	state: TriggerState,
	newSessions: LoadedSession[],
	now: number,
): TriggerState {
	if (newSessions.length === 0) return state;
	const ids = newSessions.map(({ session }) => idOf(session));
	// It may be past midnight when n8n is running again.
	const tomorrow = dayOf(startOfDay(state.from) + DAY_MS);
	return {
		...state,
		emitted: packSeen(ids.map(digestOf)),
		emittedAt: now,
		emittedIds: ids.filter((id) => isBefore(id, tomorrow)),
	};
}

/**
 * Forgets what was emitted just before n8n was started, because its execution may have been lost or interrupted.
 * Emitting a recording twice is better than losing it.
 *
 * @param now Unix milliseconds by this machine's clock
 * @returns a state without those sessions; the same state if that was longer ago
 */
export function forgetRecentlyEmitted(state: TriggerState, now: number): TriggerState {
	if (now - state.emittedAt >= RECENT_MS) return state;
	const emitted = new Set(readSeen({ seen: state.emitted }));
	const seen = [...readSeen(state)].filter((digest) => !emitted.has(digest));
	const interrupted = [...readTimes(state.interrupted)].filter(([digest]) => !emitted.has(digest));
	// A session of a day that is no longer scanned is only found if it is open.
	const open = new Set([
		...state.open,
		...state.emittedIds.filter((id) => isBefore(id, state.from)),
	]);
	return { ...state, seen: packSeen(seen), interrupted: packTimes(interrupted), open: [...open] };
}

/** n8n stores the state of a poll within this time, or not at all. */
const STORING_MS = 30_000;

/** When each node last emitted recordings, Unix milliseconds. */
const emittedAt = new Map<string, number>();

/** @param now Unix milliseconds by this machine's clock */
export function rememberEmission(node: string, now: number): void {
	emittedAt.set(node, now);
}

/**
 * Whether a state is older than the last emission, so that a poll would emit the same recordings again: n8n's durable
 * poller reads the state when a poll is due, and stores it some time after the poll has ended.
 *
 * @param node identifies the node that polls
 * @param now Unix milliseconds by this machine's clock
 */
export function isOutdated(node: string, state: TriggerState | null, now: number): boolean {
	const last = emittedAt.get(node) ?? 0;
	if (now - last >= STORING_MS) {
		emittedAt.delete(node);
		return false;
	}
	return (state?.emittedAt ?? 0) < last;
}

/** n8n's in-memory poller uses the same context until it stops; its durable one creates a context for each poll. */
const hasPolled = new WeakSet<IPollFunctions>();

/**
 * Whether this is the first poll after n8n was started, or took over from another main instance (n8n: activation modes
 * `init` and `leadershipChange`). The durable poller has neither, and stores state and execution together.
 */
export function isFirstPollAfterStart(context: IPollFunctions): boolean {
	const isStart = ['init', 'leadershipChange'].includes(context.getActivationMode());
	return isStart && !hasPolled.has(context);
}

/** To be called when a poll has ended. */
export function markPolled(context: IPollFunctions): void {
	hasPolled.add(context);
}

/** Longer than any poll lasts: a poll that hangs must not block later ones. */
const LONGEST_POLL_MS = 10 * 60_000;

/** When the running poll of each node began, Unix milliseconds. */
const runningSince = new Map<string, number>();

/**
 * Skips a poll while another one of the same node is running: n8n starts polls on schedule even then, and both would
 * emit the same recordings.
 *
 * @param node identifies the node that polls
 * @returns the result of `poll`; `skipped` while another poll of this node is running
 */
export async function skipIfPolling<Result>(
	node: string,
	poll: () => Promise<Result>,
	skipped: Result,
): Promise<Result> {
	const now = Date.now();
	if (now - (runningSince.get(node) ?? 0) < LONGEST_POLL_MS) return skipped;
	runningSince.set(node, now);
	try {
		return await poll();
	} finally {
		if (runningSince.get(node) === now) runningSince.delete(node);
	}
}
