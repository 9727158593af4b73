const PER_SECOND = 10;
const BURST = 10;

/**
 * Ten requests per second for each key (an App ID, or a method and path), as Agora documents for cloud recording
 * and for the Console API. Always in real time, regardless of the speed of session time.
 */
export class RateLimit {
	readonly #buckets = new Map<string, { tokens: number; at: number }>();

	/** Counts a request; returns false if it exceeds the limit. */
	allows(key: string): boolean {
		const now = performance.now();
		const bucket = this.#buckets.get(key) ?? { tokens: BURST, at: now };
		const tokens = Math.min(BURST, bucket.tokens + ((now - bucket.at) / 1000) * PER_SECOND);
		const allowed = tokens >= 1;
		this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now });
		return allowed;
	}
}
