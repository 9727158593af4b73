import type { Sample } from './sample.ts';
import { slopeOf, type Slope } from './slope.ts';

/** What is measured in bytes. */
export const BYTES = ['heapUsed', 'external', 'arrayBuffers', 'rss'] as const;
export type Bytes = (typeof BYTES)[number];

export interface Judgement {
	/** Idle, after the warm-up. */
	begin: Sample;
	end: Sample;
	/** Rise in an hour of traffic. */
	slopes: Record<Bytes | 'descriptors' | 'resources', Slope>;
	/** The most while work was under way. */
	peak: { heapUsed: number; descriptors: number; resources: number };
	/** Sentences. */
	broken: string[];
}

/** The most that JavaScript's heap may rise in an hour of traffic, in bytes. */
export const HEAP_BOUND = 1_000_000;
/** The same for buffers outside of it. */
export const BUFFER_BOUND = 1_000_000;
/** Until then everything is loaded and compiled for the first time. */
const WARM_UP = 0.2;

/**
 * Judges whether a process holds ever more. Only moments at which nothing was under way count, after a warm-up.
 *
 * @param hourOf when a sample was taken, in hours of traffic
 */
export function judge(samples: Sample[], hourOf: (sample: Sample) => number): Judgement {
	const warmAt = hourOf(samples.at(-1)!) * WARM_UP;
	const idle = samples.filter((sample) => sample.idle && hourOf(sample) >= warmAt);
	const slope = (value: (sample: Sample) => number) =>
		slopeOf(idle.map((sample) => [hourOf(sample), value(sample)]));
	const slopes = {
		heapUsed: slope(({ heapUsed }) => heapUsed),
		external: slope(({ external }) => external),
		arrayBuffers: slope(({ arrayBuffers }) => arrayBuffers),
		rss: slope(({ rss }) => rss),
		descriptors: slope(({ descriptors }) => descriptors),
		resources: slope(resourceCount),
	};
	const [begin, end] = [idle[0]!, idle.at(-1)!];
	const peakOf = (value: (sample: Sample) => number) => Math.max(...samples.map(value));
	return {
		begin,
		end,
		slopes,
		peak: {
			heapUsed: peakOf(({ heapUsed }) => heapUsed),
			descriptors: peakOf(({ descriptors }) => descriptors),
			resources: peakOf(resourceCount),
		},
		broken: [...risingBytes(slopes), ...keptHandles(begin, end)],
	};
}

export function resourceCount({ resources }: Sample): number {
	return Object.values(resources).reduce((sum, count) => sum + count, 0);
}

function risingBytes({ heapUsed, arrayBuffers }: Judgement['slopes']): string[] {
	const rising: Array<[string, Slope, number]> = [
		['The heap', heapUsed, HEAP_BOUND],
		['Memory in buffers', arrayBuffers, BUFFER_BOUND],
	];
	return rising
		.filter(([, { perUnit }, bound]) => perUnit > bound)
		.map(
			([what, { perUnit, error }]) =>
				`${what} rises by ${megabytes(perUnit)} ± ${megabytes(2 * error)} MB in an hour.`,
		);
}

/** When nothing is under way, what Node waits for is what it waited for before. */
function keptHandles(begin: Sample, end: Sample): string[] {
	const kinds = Object.entries(end.resources)
		.filter(([kind, count]) => count > (begin.resources[kind] ?? 0))
		.map(
			([kind, count]) => `${kind}: ${begin.resources[kind] ?? 0} at first, ${count} at the end.`,
		);
	if (end.descriptors > begin.descriptors)
		kinds.push(`Open files: ${begin.descriptors} at first, ${end.descriptors} at the end.`);
	return kinds;
}

export const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
