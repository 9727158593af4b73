import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { runChild } from '../../integration/childProcess.ts';
import type { CredentialStore } from '../../integration/engine.ts';
import { agoraCredential, storageCredential } from '../../integration/sandboxedEngine.ts';
import type { Finding, Part, Trial } from '../part.ts';
import { judge } from './judgement.ts';
import type { Sample } from './sample.ts';
import { soakPage, type Outcome } from './soakPage.ts';
import type { SoakJob, SoakReport } from './soakRun.ts';
import { ACCOUNTS, NOWHERE, WRONG } from './traffic.ts';
import { makeTrouble } from './trouble.ts';

/** Two hours of traffic: what the process holds does not grow. */
export const soak: Part = {
	name: 'soak',
	title: 'Memory and handles over two hours of traffic',
	inCi: false,
	try: trySoak,
};

/** `SOAK_MINUTES=1` for a look while developing. */
const MINUTES = Number(process.env.SOAK_MINUTES ?? 10);
/** Ten minutes are two hours. */
const SPEED = 12;
const PACE = { speed: SPEED, sliceSeconds: 14, callSeconds: 600, startSeconds: 6, exitSeconds: 6 };

async function trySoak({ say }: Trial): Promise<Finding> {
	let agoraRequests = 0;
	const log = () => agoraRequests++;
	const sandboxes = await Promise.all(
		ACCOUNTS.map((account) => startSandbox({ account, pace: PACE, log })),
	);
	try {
		const job: SoakJob = { credentials: credentialsFor(sandboxes), minutes: MINUTES };
		say(`${MINUTES} minutes of traffic`);
		const trouble = makeTrouble(sandboxes);
		const report = await runSoak(job);
		await trouble.stop();
		const traffic = judge(report.samples, ({ at }) => (at * SPEED) / 3_600_000);
		const { executions } = report.samples.at(-1)!;
		say(`${executions} executions; now as many of a node that does nothing, and leaks on purpose`);
		const perHour = executions / ((MINUTES * SPEED) / 60);
		const control = async (leak?: SoakJob['leak']) => {
			const { samples } = await runSoak({ ...job, nothing: executions, leak });
			return judge(samples, (sample: Sample) => sample.executions / perHour);
		};
		const outcome: Outcome = {
			hours: (MINUTES * SPEED) / 60,
			report,
			traffic,
			nothing: await control(),
			leaks: { memory: await control('memory'), timers: await control('timers') },
			requests: { agora: agoraRequests, s3: trouble.s3Requests },
			faults: trouble.faults,
		};
		return { page: soakPage(outcome), broken: brokenBy(outcome) };
	} finally {
		await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
	}
}

async function runSoak(job: SoakJob): Promise<SoakReport> {
	const { exitCode, report } = await runChild<SoakJob, SoakReport>(
		join(import.meta.dirname, 'soakRun.ts'),
		job,
		{
			// V8 throws code away that has not run for a while, and that would look like a fall.
			nodeOptions: ['--expose-gc', '--no-flush-bytecode'],
			// Debug messages would be gigabytes on disk.
			env: { N8N_LOG_LEVEL: 'error' },
			timeoutMs: job.minutes * 60_000 + 300_000,
		},
	);
	if (report === null) throw new Error(`the process ended with ${exitCode} and no report`);
	return report;
}

function credentialsFor(sandboxes: Sandbox[]): CredentialStore {
	const agora = sandboxes.map((sandbox) => agoraCredential(sandbox));
	const storage = sandboxes.map((sandbox) => storageCredential(sandbox));
	const byAccount = <Data>(all: Data[]) =>
		Object.fromEntries(ACCOUNTS.map((account, index) => [account, all[index]!]));
	return {
		agoraApi: {
			...byAccount(agora),
			[WRONG]: { ...agora[0]!, customerSecret: 'not the secret' },
			[NOWHERE]: { ...agora[0]! },
		},
		agoraStorageApi: {
			...byAccount(storage),
			[WRONG]: { ...storage[0]!, secretKey: 'not the secret' },
		},
	};
}

function brokenBy({ traffic, nothing, leaks, report }: Outcome): string[] {
	const undone = Object.entries(report.tally)
		.filter(([name, { done }]) => done === 0 && !FAILING.test(name))
		.map(([name]) => `It never succeeded: ${name}.`);
	const unfound = Object.entries(leaks)
		.filter(([, { broken }]) => broken.length === 0)
		.map(([what]) => `A leak of ${what} on purpose was not found.`);
	return [
		...traffic.broken,
		...nothing.broken.map((line) => `With a node that does nothing: ${line}`),
		...undone,
		...unfound,
	];
}

/** What is meant to fail, or to be cancelled. */
const FAILING = /, (?:cancelled|unknown channel|wrong keys|no such host|the name is taken)$/;
