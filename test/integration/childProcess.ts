import { fork } from 'node:child_process';

const TIMEOUT_MS = 300_000;

export interface ChildOptions {
	/** Command line options of Node. */
	nodeOptions?: string[];
	/** Added to this process's environment. */
	env?: Record<string, string>;
	timeoutMs?: number;
}

/**
 * Runs a job in a separate process.
 *
 * @param file the program: a module that calls `answerJob`
 * @returns how the process ended, and what it reported before: null for nothing
 */
export async function runChild<Job extends object, Report>(
	file: string,
	job: Job,
	{ nodeOptions = [], env = {}, timeoutMs = TIMEOUT_MS }: ChildOptions = {},
): Promise<{ exitCode: number | null; report: Report | null }> {
	const child = fork(file, [], {
		execArgv: nodeOptions,
		env: { ...process.env, ...env },
		timeout: timeoutMs,
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	let report: Report | null = null;
	child.on('message', (message) => (report = message as Report));
	child.send(job);
	const exitCode = await new Promise<number | null>((resolve) => child.once('exit', resolve));
	return { exitCode, report };
}

/**
 * The other half: where the module is the program of such a process, it does the one job that it is handed,
 * reports and ends.
 *
 * @param file the module that calls
 */
export function answerJob<Job, Report>(file: string, run: (job: Job) => Promise<Report>): void {
	if (process.argv[1] !== file || process.send === undefined) return;
	let reported = false;
	process.once('message', (job: Job) => {
		void run(job).then((report) => {
			reported = true;
			process.send!(report, () => process.disconnect());
		});
	});
	process.once('disconnect', () => {
		// Nobody waits for the report any more.
		if (!reported) process.exit(1);
	});
}
