/** The high-water mark of this process's memory, and what it used of the processor. */

const SAMPLE_MS = 20;

export interface Use {
	ms: number;
	/** User and system. */
	cpuMs: number;
	/** Resident set right before. */
	idleBytes: number;
	/** Largest resident set meanwhile. */
	peakBytes: number;
}

/** Does something once, and tells what it took. */
export async function measure<Result>(
	work: () => Promise<Result>,
): Promise<{ result: Result; use: Use }> {
	const idleBytes = process.memoryUsage.rss();
	const markBefore = highWaterMark();
	let peakBytes = idleBytes;
	const sample = () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss()));
	const sampling = setInterval(sample, SAMPLE_MS);
	const cpu = process.cpuUsage();
	const started = performance.now();
	try {
		const result = await work();
		const ms = performance.now() - started;
		const { user, system } = process.cpuUsage(cpu);
		sample();
		// Samples miss what comes and goes between them; the system's own mark does not, once it has moved.
		const mark = highWaterMark();
		if (mark > markBefore) peakBytes = Math.max(peakBytes, mark);
		return { result, use: { ms, cpuMs: (user + system) / 1000, idleBytes, peakBytes } };
	} finally {
		clearInterval(sampling);
	}
}

function highWaterMark(): number {
	return process.resourceUsage().maxRSS * 1024;
}
