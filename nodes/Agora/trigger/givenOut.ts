import type { IPollFunctions } from 'n8n-workflow';
import { idOf } from '../recordings/sessionRef';
import type { ReadSession } from '../recordings/recording';
import { digestOf, packSeen, packTimes, readSeen, readTimes, type TriggerState } from './state';

/**
 * By then n8n is up again, also after it was killed several times in a row, and a poll has come to its end: n8n alone
 * waits two minutes after an activation that was cut off, and Kubernetes five between two starts.
 */
const TAKE_BACK_MS = 10 * 60_000;

/**
 * Notes what is given out, because n8n stores the state a moment before it stores the execution: what was given
 * out when it is killed in between exists nowhere else.
 *
 * @param now Unix milliseconds by this machine's clock
 * @returns a new state; the same where there is no news
 */
export function noteGivenOut(state: TriggerState, news: ReadSession[], now: number): TriggerState {
	if (news.length === 0) return state;
	const digests = news.map(({ session }) => digestOf(idOf(session)));
	return { ...state, given: packSeen(digests), givenAt: now };
}

/**
 * Takes back what was given out just before n8n was started: its execution was lost or cut off, or n8n was
 * restarted right after it. Given out twice is the lesser evil.
 *
 * @param now Unix milliseconds by this machine's clock
 * @returns a state that does not know those sessions; the same where that was longer ago
 */
export function takeBack(state: TriggerState, now: number): TriggerState {
	if (now - state.givenAt >= TAKE_BACK_MS) return state;
	const given = readSeen({ seen: state.given });
	const seen = [...readSeen(state)].filter((digest) => !given.has(digest));
	const interrupted = [...readTimes(state.interrupted)].filter(([digest]) => !given.has(digest));
	return { ...state, seen: packSeen(seen), interrupted: packTimes(interrupted) };
}

/** n8n has stored what a poll gave out long before this is over, or never does. */
const STORING_MS = 30_000;

/** When something was given out last, Unix milliseconds, by the node that polls. */
const gaveOutAt = new Map<string, number>();

/** @param now Unix milliseconds by this machine's clock */
export function noteGaveOut(node: string, now: number): void {
	gaveOutAt.set(node, now);
}

/**
 * Whether a poll was begun with a state from before what was just given out, and would give it out again: n8n's
 * durable poller reads the state when a poll is due, and stores it a while after that poll has ended.
 *
 * @param node stands for the node that polls
 * @param now Unix milliseconds by this machine's clock
 */
export function isBehind(node: string, state: TriggerState | null, now: number): boolean {
	const last = gaveOutAt.get(node) ?? 0;
	return (state?.givenAt ?? 0) < last && now - last < STORING_MS;
}

/** n8n's own poller polls with the same context for as long as it runs; its durable one makes one for each poll. */
const hasPolled = new WeakSet<IPollFunctions>();

/**
 * Whether this is the first poll after n8n was started or took over from one that had ended (n8n: activation modes
 * `init` and `leadershipChange`). Its durable poller never says so, and stores state and execution as one.
 */
export function isAfterStart(context: IPollFunctions): boolean {
	const isStart = ['init', 'leadershipChange'].includes(context.getActivationMode());
	return isStart && !hasPolled.has(context);
}

/** To be told when a poll has come to its end. */
export function notePolled(context: IPollFunctions): void {
	hasPolled.add(context);
}
