/** Calls a second. */
const FASTEST = 10;
const SLOWEST = 0.5;
/** How many may go at once after a rest: one less than in a second, for those that are held up on the way. */
const BURST = 9;

/** What a refusal divides the pace by, and how much it gains again every second. */
const SLOW_DOWN = 1.5;
const GAIN_PER_SECOND = 0.2;
/** Refusals come together, and what is under way is refused at the old pace: they count once. */
const ONE_REFUSAL_MS = 2000;

/**
 * How fast calls may follow one another. Each takes a place in a line that moves on steadily, and a call may
 * go out a burst ahead of its place. Several processes that share a limit come to share it evenly: all of them
 * lose by the pace they have, and gain alike (additive increase, multiplicative decrease, as in TCP).
 *
 * All times are Unix milliseconds.
 */
export class Pace {
	private perSecond = FASTEST;
	/** At this time it was the turn of this place; from then on the line moves at the present pace. */
	private since: number;
	private reached = 0;
	private nextFree = 0;
	private askedAt: number;
	private slowedAt = -Infinity;

	constructor(now: number) {
		this.since = now;
		this.askedAt = now;
	}

	/** Whether the clock was set back since the last call. */
	isAhead(now: number): boolean {
		return now < this.askedAt;
	}

	/** Whether it is as fast as a new one, with its whole burst. */
	isRested(now: number): boolean {
		return this.gained(now) === FASTEST && this.nextFree <= this.turnAt(now);
	}

	takePlace(now: number): number {
		this.change(now, this.gained(now));
		this.askedAt = now;
		const place = Math.max(this.nextFree, this.reached);
		this.nextFree = place + 1;
		return place;
	}

	/** @returns milliseconds until the call at this place may go out, 0 when it may now */
	waitFor(place: number, now: number): number {
		if (this.isAhead(now)) return 0;
		const ahead = place - this.turnAt(now) - (BURST - 1);
		return Math.max(0, Math.round((ahead / this.perSecond) * 1000));
	}

	/** After a refusal. */
	slowDown(now: number): void {
		// Nothing is left of a burst, either.
		this.nextFree = Math.max(this.nextFree, this.turnAt(now) + BURST - 1);
		if (now - this.slowedAt < ONE_REFUSAL_MS) return;
		this.slowedAt = now;
		this.change(now, Math.max(SLOWEST, this.perSecond / SLOW_DOWN));
	}

	private gained(now: number): number {
		const gain = (GAIN_PER_SECOND * (now - this.askedAt)) / 1000;
		return Math.min(FASTEST, this.perSecond + gain);
	}

	private turnAt(now: number): number {
		return this.reached + ((now - this.since) / 1000) * this.perSecond;
	}

	private change(now: number, perSecond: number): void {
		this.reached = this.turnAt(now);
		this.since = now;
		this.perSecond = perSecond;
	}
}
