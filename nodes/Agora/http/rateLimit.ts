import { pause } from './pause';

const CALLS_PER_SECOND = 10;
const BURST = 10;
const GAP_MS = 1000 / CALLS_PER_SECOND;

/** Per account or App ID: when the last call was asked for, and when the next is due if they come evenly. */
const turns = new Map<string, { askedAt: number; nextDue: number }>();

/**
 * Waits until one more call may go out: ten at once, then ten a second for each key, shared by all
 * executions in this process (Agora: 10 requests a second per App ID, per account for the console API).
 *
 * @param key what the limit counts by
 * @param signal ends the wait when the execution is cancelled
 * @throws Fault when it was
 */
export async function takeTurn(key: string, signal?: AbortSignal): Promise<void> {
	const now = Date.now();
	const last = turns.get(key);
	const clockWasSetBack = last !== undefined && now < last.askedAt;
	const due = last === undefined || clockWasSetBack ? now : Math.max(last.nextDue, now);
	turns.set(key, { askedAt: now, nextDue: due + GAP_MS });
	const wait = due - now - (BURST - 1) * GAP_MS;
	if (wait > 0) await pause(wait, signal);
}
