import { BYTES, HEAP_BOUND, megabytes, resourceCount, type Judgement } from './judgement.ts';
import type { Sample } from './sample.ts';
import type { Slope } from './slope.ts';
import type { SoakReport } from './soakRun.ts';

/** What came of a soak and of its controls. */
export interface Outcome {
	/** Of traffic. */
	hours: number;
	report: SoakReport;
	traffic: Judgement;
	/** As many executions of a node that does nothing. */
	nothing: Judgement;
	/** The same, with leaks on purpose. */
	leaks: { memory: Judgement; timers: Judgement };
	requests: { agora: number; s3: number };
	faults: number;
}

/** @returns the outcome as Markdown */
export function soakPage(outcome: Outcome): string[] {
	const { hours, report, traffic, nothing, leaks, requests, faults } = outcome;
	const { executions } = report.samples.at(-1)!;
	const idle = report.samples.filter((sample) => sample.idle).length;
	const [rememberedFirst, rememberedLast] = report.remembered;
	return [
		`n8n’s engine in a process of its own does what ${figure(hours)} hours bring, twelve times as fast: two accounts with a bucket each, in other processes, in which recordings start, are looked at, changed, listed, downloaded, stopped and noticed by a trigger, while requests go wrong, executions are cancelled, keys are wrong and hosts and App IDs are ever new. ${figure(executions)} executions; ${figure(requests.agora)} requests to Agora and ${figure(requests.s3)} to the buckets, the recorders’ own among them; ${megabytes(report.downloadedBytes)} MB downloaded; ${figure(faults)} faults. Every twenty seconds all work ends, and what the process then holds is measured after a garbage collection (\`--expose-gc\`): ${idle} times, the first fifth left out as a warm-up.`,
		'',
		'| Idle | At first | At the end | Rise in an hour, ± two standard errors | A node that does nothing |',
		'| --- | --- | --- | --- | --- |',
		...BYTES.map(
			(kind) =>
				`| ${kind}, MB | ${megabytes(traffic.begin[kind])} | ${megabytes(traffic.end[kind])} | ${rise(traffic.slopes[kind], 1e6)} | ${rise(nothing.slopes[kind], 1e6)} |`,
		),
		`| open files and sockets | ${traffic.begin.descriptors} | ${traffic.end.descriptors} | ${rise(traffic.slopes.descriptors)} | ${rise(nothing.slopes.descriptors)} |`,
		`| what Node waits for | ${handles(traffic.begin)} | ${handles(traffic.end)} | ${rise(traffic.slopes.resources)} | ${rise(nothing.slopes.resources)} |`,
		`| letters that the triggers remember | ${figure(rememberedFirst)} | ${figure(rememberedLast)} | | |`,
		'',
		`It holds when the heap and the buffers rise by less than ${megabytes(HEAP_BOUND)} MB in an hour, and when what Node waits for and what is open is at the end no more than at first. Under load it was at most ${megabytes(traffic.peak.heapUsed)} MB of heap, ${traffic.peak.descriptors} open files and ${traffic.peak.resources} things to wait for. The last column is the same number of executions of a node that does nothing: what n8n’s engine itself keeps. With leaks on purpose, 2,000 letters or a timer kept by each execution, the same judgement says: ${[...leaks.memory.broken, ...leaks.timers.broken].join(' ')}`,
		'',
		'| Action | Done | Failed | Cancelled |',
		'| --- | --- | --- | --- |',
		...Object.entries(report.tally)
			.sort()
			.map(
				([name, { done, failed, cancelled }]) =>
					`| ${[name, done, failed, cancelled].join(' | ')} |`,
			),
	];
}

const figure = (count: number) => count.toLocaleString('en', { maximumFractionDigits: 1 });

function rise({ perUnit, error }: Slope, unit = 1): string {
	return `${(perUnit / unit).toFixed(2)} ± ${((2 * error) / unit).toFixed(2)}`;
}

function handles(sample: Sample): string {
	const kinds = Object.entries(sample.resources).map(([kind, count]) => `${count} ${kind}`);
	return `${resourceCount(sample)} (${kinds.join(', ')})`;
}
