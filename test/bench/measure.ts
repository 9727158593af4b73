const SAMPLE_MS = 20;

export interface Usage {
	ms: number;
	/** Resident set size before the work. */
	idleBytes: number;
	/** Largest resident set size during the work. */
	peakBytes: number;
}

/** Runs `work` once and measures its time and this process's memory. */
export async function measure<Result>(
	work: () => Promise<Result>,
): Promise<{ result: Result; usage: Usage }> {
	const idleBytes = process.memoryUsage.rss();
	const maximumBefore = maximumRss();
	let peakBytes = idleBytes;
	const sample = () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss()));
	const sampling = setInterval(sample, SAMPLE_MS);
	const started = performance.now();
	try {
		const result = await work();
		const ms = performance.now() - started;
		sample();
		// Samples miss short peaks; the system's maximum does not, but it may be from before.
		const maximum = maximumRss();
		if (maximum > maximumBefore) peakBytes = Math.max(peakBytes, maximum);
		return { result, usage: { ms, idleBytes, peakBytes } };
	} finally {
		clearInterval(sampling);
	}
}

function maximumRss(): number {
	return process.resourceUsage().maxRSS * 1024;
}
