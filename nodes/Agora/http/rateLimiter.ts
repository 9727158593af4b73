import { pause } from './concurrency';

/** Calls a second. */
const FASTEST = 10;
const SLOWEST = 0.5;
/** How many may go at once after a rest: one less than in a second, for those that are delayed on the way. */
const BURST = 9;

/** What a refusal divides the rate by, and how much it gains again every second. */
const SLOW_DOWN = 1.5;
const GAIN_PER_SECOND = 0.2;
/** Refusals come together, and what is under way is refused at the old rate: they count once. */
const ONE_REFUSAL_MS = 2000;

const LONGEST_STEP_MS = 1000;

/** A call in line. Its position moves up when one before it is canceled. */
interface Slot {
	position: number;
}

/**
 * How fast calls may follow one another. Each takes a slot in a line that moves on steadily, and a call may go out a
 * burst ahead of its slot. Several processes that share a limit come to share it evenly: all of them lose in
 * proportion to their rate, and gain alike (additive increase, multiplicative decrease, as in TCP).
 *
 * All times are Unix milliseconds.
 */
class Line {
	private perSecond = FASTEST;
	/** At this time the line had reached this position; from then on it moves at the present rate. */
	private since: number;
	private reached = 0;
	private nextFree = 0;
	private lastCall: number;
	private slowedAt = -Infinity;
	private readonly waiting = new Set<Slot>();

	constructor(now: number) {
		this.since = now;
		this.lastCall = now;
	}

	/** Whether the clock was set back since the last call. */
	isAhead(now: number): boolean {
		return now < this.lastCall;
	}

	/** Whether it is as fast as a new one, with its whole burst. */
	isRested(now: number): boolean {
		return this.rateAt(now) === FASTEST && this.nextFree <= this.positionAt(now);
	}

	enter(now: number): Slot {
		this.change(now, this.rateAt(now));
		this.lastCall = now;
		const slot = { position: Math.max(this.nextFree, this.reached) };
		this.nextFree = slot.position + 1;
		this.waiting.add(slot);
		return slot;
	}

	/** The call goes out. */
	leave(slot: Slot): void {
		this.waiting.delete(slot);
	}

	/** If the call is still waiting, it is not made, and the ones behind it move up. */
	cancel(slot: Slot): void {
		if (!this.waiting.delete(slot)) return;
		for (const other of this.waiting) if (other.position > slot.position) other.position -= 1;
		this.nextFree -= 1;
	}

	/** @returns milliseconds until the call in this slot may go out, 0 when it may now */
	waitFor({ position }: Slot, now: number): number {
		if (this.isAhead(now)) return 0;
		const ahead = position - this.positionAt(now) - (BURST - 1);
		return Math.max(0, Math.round((ahead / this.perSecond) * 1000));
	}

	/** After a refusal. */
	slowDown(now: number): void {
		// Nothing is left of a burst either.
		this.nextFree = Math.max(this.nextFree, this.positionAt(now) + BURST - 1);
		if (now - this.slowedAt < ONE_REFUSAL_MS) return;
		this.slowedAt = now;
		this.change(now, Math.max(SLOWEST, this.perSecond / SLOW_DOWN));
	}

	private rateAt(now: number): number {
		const gain = (GAIN_PER_SECOND * (now - this.lastCall)) / 1000;
		return Math.min(FASTEST, this.perSecond + gain);
	}

	private positionAt(now: number): number {
		return this.reached + ((now - this.since) / 1000) * this.perSecond;
	}

	private change(now: number, perSecond: number): void {
		this.reached = this.positionAt(now);
		this.since = now;
		this.perSecond = perSecond;
	}
}

/** By account or App ID. */
const lines = new Map<string, Line>();

/** Keeps the requests of all executions in this process within one limit. */
export interface RateLimiter {
	/**
	 * Waits until one more request may be sent.
	 *
	 * @param signal ends the wait when the execution is canceled
	 * @throws Fault when it was
	 */
	waitForSlot(signal?: AbortSignal): Promise<void>;
	/**
	 * To be called when a request was refused for its rate: others use the same limit, such as n8n's other workers, so
	 * this process slows down, and speeds up again little by little.
	 */
	backOff(): void;
}

/**
 * @param key what the limit counts by
 * @returns the limiter of all who use this key: nine requests at once, then ten a second (Agora: 10 requests a second
 *   for each App ID; for the console API, for each account)
 */
export function rateLimiter(key: string): RateLimiter {
	return {
		async waitForSlot(signal) {
			const line = lineOf(key);
			const slot = line.enter(Date.now());
			forgetRested();
			try {
				// In steps, because the line can slow down meanwhile, and the slot move up.
				for (let wait; (wait = line.waitFor(slot, Date.now())) > 0;) {
					await pause(Math.min(wait, LONGEST_STEP_MS), signal);
				}
				line.leave(slot);
			} finally {
				line.cancel(slot);
			}
		},
		backOff() {
			lineOf(key).slowDown(Date.now());
		},
	};
}

function lineOf(key: string): Line {
	const known = lines.get(key);
	// A clock that was set back would make everybody wait until it is as late again.
	if (known !== undefined && !known.isAhead(Date.now())) return known;
	const line = new Line(Date.now());
	lines.set(key, line);
	return line;
}

/** Without this, each App ID would be kept for the life of the process. */
function forgetRested(): void {
	const now = Date.now();
	for (const [key, line] of lines) if (line.isRested(now)) lines.delete(key);
}
