import { join } from 'node:path';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { runChild } from '../../integration/childProcess.ts';
import { agoraCredential, storageCredential } from '../../integration/sandboxedEngine.ts';
import type { Part, RunContext, Summary } from '../part.ts';
import type { Reading, SoakJob, SoakReport } from './soakProcess.ts';

/** What n8n's process holds does not grow with the number of executions. */
export const soak: Part = { name: 'soak', inCi: false, run };

const EXECUTIONS = Number(process.env.SOAK_EXECUTIONS ?? 3000);
const TIMEOUT_MS = 1_800_000;
/** A recording is complete a fifth of a second after its start. */
const PACE = { speed: 20, sliceSeconds: 4, callSeconds: 4, startSeconds: 1, exitSeconds: 1 };

/** The most that memory may grow; a leak of half a kilobyte in each execution is more. */
const MOST_BYTES = (EXECUTIONS * 1000) / 2;

async function run({ log }: RunContext): Promise<Summary> {
	const sandbox = await startSandbox({ pace: PACE, unlimited: true });
	try {
		const credentials = {
			agoraApi: { default: agoraCredential(sandbox) },
			agoraStorageApi: { default: storageCredential(sandbox) },
		};
		const job = { credentials, executions: EXECUTIONS, leaks: false };
		log(`${EXECUTIONS} executions`);
		const report = await runSoak(job);
		log('as many with a leak on purpose');
		const leaky = await runSoak({ ...job, leaks: true });
		const failed = Object.entries(report.results)
			.filter(([name, { succeeded }]) => succeeded === 0 && !MEANT_TO_FAIL.test(name))
			.map(([name]) => `It never succeeded: ${name}.`);
		const found = grown(leaky).length;
		return {
			figures: {
				executions: report.executions,
				results: report.results,
				'after the warm-up': { ...report.warm },
				'at the end': { ...report.end },
				'at the end, with a leak on purpose': { ...leaky.end },
			},
			failures: [
				...grown(report),
				...failed,
				...(found < LEAKING.length
					? [`Of the leak on purpose only ${found} signs were found.`]
					: []),
			],
		};
	} finally {
		await sandbox.stop();
	}
}

const MEANT_TO_FAIL = /, (?:unknown|unknown App ID|unknown host|canceled)$/;
/** What grows when each execution keeps an array in the closure of a timer. */
const LEAKING: Array<keyof Reading> = ['heapBytes', 'resources'];

async function runSoak(job: SoakJob): Promise<SoakReport> {
	const file = join(import.meta.dirname, 'soakProcess.ts');
	const { exitCode, report } = await runChild<SoakJob, SoakReport>(file, job, {
		// Without the second option V8 drops code that has not run for a while, which frees memory.
		nodeOptions: ['--expose-gc', '--no-flush-bytecode'],
		// Debug messages would fill the disk.
		env: { N8N_LOG_LEVEL: 'error' },
		timeoutMs: TIMEOUT_MS,
	});
	if (report === null) throw new Error(`the process ended with ${exitCode} and no report`);
	return report;
}

function grown({ warm, end }: SoakReport): string[] {
	const most = { heapBytes: MOST_BYTES, bufferBytes: MOST_BYTES, descriptors: 0, resources: 0 };
	return (Object.keys(most) as Array<keyof Reading>)
		.filter((name) => end[name] - warm[name] > most[name])
		.map((name) => `${name} grew from ${warm[name]} to ${end[name]}.`);
}
