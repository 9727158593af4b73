import { pause } from './concurrency';

const MAX_PER_SECOND = 10;
const MIN_PER_SECOND = 0.5;
/** Requests allowed at once after idling: one less than the limit, as requests can be delayed on the network. */
const BURST = 9;

/** Divides the rate after a refusal. */
const BACK_OFF_FACTOR = 1.5;
/** Added to the rate every second. */
const GAIN_PER_SECOND = 0.2;
/** Refusals within this time count as one: requests in flight were still sent at the old rate. */
const REFUSAL_WINDOW_MS = 2000;

const MAX_STEP_MS = 1000;

/** A request waiting in a queue. Its position moves up when an earlier one is canceled. */
interface Slot {
	position: number;
}

/**
 * The requests that share one limit. Each gets the next position of a queue that advances at the current rate, and may
 * be sent up to a burst ahead of it. Several processes with the same limit converge to equal shares, because each of
 * them slows down by a factor and speeds up by a constant (additive increase, multiplicative decrease, as in TCP).
 *
 * All times are Unix milliseconds.
 */
class Queue {
	private perSecond = MAX_PER_SECOND;
	/** The queue was at `startPosition` at this time, and has advanced at the current rate since. */
	private startTime: number;
	private startPosition = 0;
	private nextFree = 0;
	private lastRequest: number;
	private slowedAt = -Infinity;
	private readonly waiting = new Set<Slot>();

	constructor(now: number) {
		this.startTime = now;
		this.lastRequest = now;
	}

	/** Whether the clock was set back since the last request. */
	isAheadOf(now: number): boolean {
		return now < this.lastRequest;
	}

	/** Whether it behaves like a new queue: full rate and full burst. */
	isIdle(now: number): boolean {
		return this.rateAt(now) === MAX_PER_SECOND && this.nextFree <= this.positionAt(now);
	}

	enter(now: number): Slot {
		this.setRate(now, this.rateAt(now));
		this.lastRequest = now;
		const slot = { position: Math.max(this.nextFree, this.startPosition) };
		this.nextFree = slot.position + 1;
		this.waiting.add(slot);
		return slot;
	}

	/** To be called when the request is sent. */
	leave(slot: Slot): void {
		this.waiting.delete(slot);
	}

	/** Drops a request that is still waiting. Later ones move up. */
	cancel(slot: Slot): void {
		if (!this.waiting.delete(slot)) return;
		for (const other of this.waiting) if (other.position > slot.position) other.position -= 1;
		this.nextFree -= 1;
	}

	/** @returns milliseconds until the request in this slot may be sent, 0 when it may be sent now */
	waitFor({ position }: Slot, now: number): number {
		if (this.isAheadOf(now)) return 0;
		const ahead = position - this.positionAt(now) - (BURST - 1);
		return Math.max(0, Math.round((ahead / this.perSecond) * 1000));
	}

	slowDown(now: number): void {
		// Use up the burst, or the next requests would be sent at once.
		this.nextFree = Math.max(this.nextFree, this.positionAt(now) + BURST - 1);
		if (now - this.slowedAt < REFUSAL_WINDOW_MS) return;
		this.slowedAt = now;
		this.setRate(now, Math.max(MIN_PER_SECOND, this.perSecond / BACK_OFF_FACTOR));
	}

	private rateAt(now: number): number {
		const gain = (GAIN_PER_SECOND * (now - this.lastRequest)) / 1000;
		return Math.min(MAX_PER_SECOND, this.perSecond + gain);
	}

	private positionAt(now: number): number {
		return this.startPosition + ((now - this.startTime) / 1000) * this.perSecond;
	}

	private setRate(now: number, perSecond: number): void {
		this.startPosition = this.positionAt(now);
		this.startTime = now;
		this.perSecond = perSecond;
	}
}

/** By account or App ID. */
const queues = new Map<string, Queue>();

/** Keeps the requests of all executions in this process within one limit. */
export interface RateLimiter {
	/**
	 * Waits until one more request may be sent.
	 *
	 * @throws Fault when the execution is canceled while it waits
	 */
	waitForSlot(signal?: AbortSignal): Promise<void>;
	/**
	 * Slows down after a request was refused for its rate, and speeds up again gradually. Other processes, such as
	 * n8n's workers, may use the same limit.
	 */
	backOff(): void;
}

/**
 * Limits requests to 9 at once, then 10 a second (Agora: 10 requests a second for each App ID; for the console API,
 * for each account).
 *
 * @param key App ID or account; limiters with the same key share the limit
 */
export function rateLimiter(key: string): RateLimiter {
	return {
		async waitForSlot(signal) {
			const queue = queueFor(key);
			const slot = queue.enter(Date.now());
			dropIdleQueues();
			try {
				// In steps, as the rate and the slot's position can change meanwhile.
				for (let wait; (wait = queue.waitFor(slot, Date.now())) > 0;) {
					await pause(Math.min(wait, MAX_STEP_MS), signal);
				}
				queue.leave(slot);
			} finally {
				queue.cancel(slot);
			}
		},
		backOff() {
			queueFor(key).slowDown(Date.now());
		},
	};
}

function queueFor(key: string): Queue {
	const known = queues.get(key);
	// After the clock was set back, all requests would wait until it reaches the old time again.
	if (known !== undefined && !known.isAheadOf(Date.now())) return known;
	const queue = new Queue(Date.now());
	queues.set(key, queue);
	return queue;
}

/** Otherwise the process would keep every App ID it has ever used. */
function dropIdleQueues(): void {
	const now = Date.now();
	for (const [key, queue] of queues) if (queue.isIdle(now)) queues.delete(key);
}
