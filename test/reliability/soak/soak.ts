import { join } from 'node:path';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { runChild } from '../../integration/childProcess.ts';
import { agoraCredential, storageCredential } from '../../integration/sandboxedEngine.ts';
import type { Part, RunContext, Summary } from '../part.ts';
import type { SoakJob, SoakReport } from './soakProcess.ts';

/** What n8n's process holds does not grow with the number of executions. */
export const soak: Part = { name: 'soak', inCi: false, run };

const EXECUTIONS = Number(process.env.SOAK_EXECUTIONS ?? 3000);
const TIMEOUT_MS = 1_800_000;
/** A recording has its first file a fifth of a second after its start. */
const PACE = { speed: 20, sliceSeconds: 4, callSeconds: 600, startSeconds: 1, exitSeconds: 1 };

/** The most that may be kept of an execution, on average; the leak on purpose is of twice as many bytes. */
const MOST_BYTES = EXECUTIONS * 500;
const MOST = { heapBytes: MOST_BYTES, bufferBytes: MOST_BYTES, descriptors: 0, resources: 0 };
/** What grows when each execution leaves an array in the closure of a timer. */
const LEAKING = ['heapBytes', 'resources'];

async function run({ log }: RunContext): Promise<Summary> {
	const sandbox = await startSandbox({ pace: PACE, unlimited: true });
	try {
		const credentials = {
			agoraApi: { default: agoraCredential(sandbox) },
			agoraStorageApi: { default: storageCredential(sandbox) },
		};
		const job = { credentials, executions: EXECUTIONS, leaks: false };
		log(`${EXECUTIONS} executions`);
		const { warm, end, executions, errors } = await runProcess(job);
		log('as many with a leak on purpose');
		const leaky = await runProcess({ ...job, leaks: true });
		const found = grown(leaky);
		return {
			figures: {
				executions,
				'after the warm-up': { ...warm },
				'at the end': { ...end },
				'at the end, with a leak on purpose': { ...leaky.end },
			},
			failures: [
				...grown({ warm, end }).map((name) => `${name} grew from ${warm[name]} to ${end[name]}.`),
				...Object.entries(errors).map(([name, error]) => `It never succeeded: ${name}: ${error}`),
				...(found.join() === LEAKING.join()
					? []
					: [`The leak on purpose grew only [${found.join()}].`]),
			],
		};
	} finally {
		await sandbox.stop();
	}
}

async function runProcess(job: SoakJob): Promise<SoakReport> {
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

function grown({ warm, end }: Pick<SoakReport, 'warm' | 'end'>) {
	return (Object.keys(MOST) as Array<keyof typeof MOST>).filter(
		(name) => end[name] - warm[name] > MOST[name],
	);
}
