import { join } from 'node:path';
import { runChild, type ChildOptions } from '../integration/childProcess.ts';
import type { EngineJob, EngineReport } from './engineRun.ts';
import type { Usage } from './measure.ts';
import type { AgoraServer, ArchiveServer } from './servers.ts';

export interface Bench {
	archives: ArchiveServer;
	agora: AgoraServer;
	/** Prints progress. */
	log(line: string): void;
}

/** One row of the results. */
export interface Row {
	measured: string;
	ours: string;
	peer?: string;
	ratio?: string;
	target: string;
	met: boolean;
}

export interface Measurement {
	/** Runs only this one: `npm run bench -- <name>`. */
	name: string;
	title: string;
	/** How it is measured, as Markdown. */
	method: string;
	/** @throws Error when something could not be measured, but not for a missed target */
	measure(bench: Bench): Promise<{ rows: Row[]; notes?: string[] }>;
}

/** Times, speeds and memory are medians of this many runs. */
export const RUNS = 3;

const TIMEOUT_MS = 900_000;

/**
 * Runs a program of this folder in a separate process.
 *
 * @throws Error when it exits without a report
 */
export async function inProcess<Job extends object, Report>(
	program: string,
	job: Job,
	options: ChildOptions = {},
): Promise<Report> {
	const { exitCode, report } = await runChild<Job, Report>(
		join(import.meta.dirname, program),
		job,
		{ timeoutMs: TIMEOUT_MS, ...options, env: { N8N_LOG_LEVEL: 'info', ...options.env } },
	);
	if (report === null) throw new Error(`${program} exited with ${exitCode} and no report`);
	return report;
}

/** @throws Error when the node or one of its items fails */
export async function runNode<Counts>(job: EngineJob): Promise<EngineReport<Counts>> {
	const report = await tryNode<Counts>(job);
	const failure = report.error ?? (report.failed > 0 ? report.json[0]?.error : undefined);
	if (failure) throw new Error(`${job.node} failed: ${String(failure)}`);
	return report;
}

/** Runs a node that may fail. */
export async function tryNode<Counts>(job: EngineJob): Promise<EngineReport<Counts>> {
	return await inProcess<EngineJob, EngineReport<Counts>>('engineRun.ts', job);
}

export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Runs several contenders in turn, so that other load on the machine affects them equally.
 *
 * @returns the reports of the `RUNS` runs of each
 */
export async function inTurns<Names extends string, Report>(
	{ log }: Bench,
	contenders: Record<Names, () => Promise<Report>>,
): Promise<Record<Names, Report[]>> {
	const names = Object.keys(contenders) as Names[];
	const reports = Object.fromEntries(names.map((name) => [name, [] as Report[]]));
	for (let run = 1; run <= RUNS; run++) {
		for (const name of names) {
			log(`run ${run} of ${RUNS}: ${name}`);
			reports[name]!.push(await contenders[name]());
		}
	}
	return reports as Record<Names, Report[]>;
}

export const timeOf = (runs: Usage[]) => median(runs.map(({ ms }) => ms));
/** Peak memory above the idle memory, in bytes. */
export const memoryOf = (runs: Usage[]) =>
	median(runs.map(({ peakBytes, idleBytes }) => peakBytes - idleBytes));

export const times = (ratio: number) => `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
export const whole = (value: number) => Math.round(value).toLocaleString('en-GB');
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
export const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
