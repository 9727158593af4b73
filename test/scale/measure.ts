import { readFileSync } from 'node:fs';
import { median } from '../bench/measurement.ts';

const SAMPLE_MS = 5000;
/** Shares of the samples: the first are of warming up. */
const START = { from: 0.25, to: 0.45 };
const END = { from: 0.8, to: 1 };

export interface MemoryGrowth {
	/** The median at the end, divided by that of the start. */
	growth: number;
	/** For the summary. */
	text: string;
}

/** Samples the resident memory of processes until it is stopped. */
export function watchMemory(pids: number[]): { stop(): MemoryGrowth[] } {
	const samples: number[][] = pids.map(() => []);
	const sample = () => pids.forEach((pid, i) => samples[i]!.push(residentMegabytes(pid)));
	sample();
	const timer = setInterval(sample, SAMPLE_MS);
	return {
		stop() {
			clearInterval(timer);
			sample();
			return samples.map(growthOf);
		},
	};
}

function growthOf(samples: number[]): MemoryGrowth {
	const part = ({ from, to }: typeof START) =>
		median(samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to)));
	const [start, end] = [part(START), part(END)];
	return { growth: end / start, text: `${Math.round(start)} to ${Math.round(end)}` };
}

/** @throws Error without /proc, or for an unknown process */
function residentMegabytes(pid: number): number {
	const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
	return Number(kilobytes) / 1000;
}

/** @returns median and maximum, for the summary */
export function spread(values: number[]): string {
	return `median ${median(values).toFixed(1)}, at most ${Math.max(...values).toFixed(1)}`;
}
