import { pause } from './pause';
import { Pace } from './pace';

/** Of each account or App ID. */
const paces = new Map<string, Pace>();

/**
 * Waits until one more call may go out: nine at once, then ten a second for each key, shared by all
 * executions in this process (Agora: 10 requests a second per App ID, per account for the console API).
 *
 * @param key what the limit counts by
 * @param signal ends the wait when the execution is cancelled
 * @throws Fault when it was
 */
export async function takeTurn(key: string, signal?: AbortSignal): Promise<void> {
	const pace = paceNow(key);
	const place = pace.takePlace(Date.now());
	forgetRested();
	// The pace may slow down meanwhile.
	for (let wait; (wait = pace.waitFor(place, Date.now())) > 0;) await pause(wait, signal);
}

/**
 * To be told that a call was refused for its rate: others call with the same key, such as n8n's other
 * workers, so this process leaves room for them and quickens its pace again little by little.
 *
 * @param key what the limit counts by
 */
export function giveWay(key: string): void {
	paceNow(key).slowDown(Date.now());
}

function paceNow(key: string): Pace {
	const known = paces.get(key);
	// Nobody waits for a clock that was set back to come round again.
	if (known !== undefined && !known.isAhead(Date.now())) return known;
	const pace = new Pace(Date.now());
	paces.set(key, pace);
	return pace;
}

/** Without this, each App ID would be kept for ever. */
function forgetRested(): void {
	const now = Date.now();
	for (const [key, pace] of paces) if (pace.isRested(now)) paces.delete(key);
}
