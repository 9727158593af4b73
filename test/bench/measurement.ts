import { join } from 'node:path';
import { runChild, type ChildOptions } from '../integration/childProcess.ts';
import type { EngineJob, EngineReport } from './engineRun.ts';
import type { AgoraServer, ArchiveServer } from './servers.ts';

/** What a measurement works with. */
export interface Bench {
	archives: ArchiveServer;
	agora: AgoraServer;
	/** Tells what runs now. */
	say(line: string): void;
}

/** One line of the result. */
export interface Row {
	measured: string;
	ours: string;
	peer: string;
	ratio: string;
	/** '' where a figure only stands beside others. */
	target: string;
	met: boolean | null;
}

export interface Measurement {
	/** What runs it alone: `npm run bench -- <name>`. */
	name: string;
	title: string;
	/** How it is measured, for who wants to know what the figures mean. */
	method: string;
	/** @throws Error when something could not be measured; never because a figure is bad */
	measure(bench: Bench): Promise<{ rows: Row[]; notes?: string[] }>;
}

/** Every figure that depends on time is the median of so many runs. */
export const RUNS = 3;

const TIMEOUT_MS = 900_000;

/**
 * Runs a program of this folder in a process of its own.
 *
 * @throws Error when it ends without a report
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
	if (report === null) throw new Error(`${program} ended with ${exitCode} and no report`);
	return report;
}

/** @throws Error when the node fails, for what has to succeed to mean anything */
export async function runNode<Asked>(job: EngineJob): Promise<EngineReport<Asked>> {
	const report = await tryNode<Asked>(job);
	const failure = report.error ?? (report.failed > 0 ? report.json[0]?.error : undefined);
	if (failure) throw new Error(`${job.node} failed: ${String(failure)}`);
	return report;
}

/** The same for what may fail. */
export async function tryNode<Asked>(job: EngineJob): Promise<EngineReport<Asked>> {
	return await inProcess<EngineJob, EngineReport<Asked>>('engineRun.ts', job);
}

export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Runs several things in turns, so that a busy minute of the machine strikes them all.
 *
 * @returns what each gave, in its `RUNS` runs
 */
export async function inTurns<Names extends string, Report>(
	{ say }: Bench,
	contenders: Record<Names, () => Promise<Report>>,
): Promise<Record<Names, Report[]>> {
	const names = Object.keys(contenders) as Names[];
	const reports = Object.fromEntries(names.map((name) => [name, [] as Report[]]));
	for (let run = 1; run <= RUNS; run++) {
		for (const name of names) {
			say(`run ${run} of ${RUNS}: ${name}`);
			reports[name]!.push(await contenders[name]());
		}
	}
	return reports as Record<Names, Report[]>;
}

export const times = (ratio: number) => `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
export const whole = (value: number) => Math.round(value).toLocaleString('en-GB');
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
export const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
