import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { n8nFolder } from './paths.ts';

const STARTUP_LIMIT_MS = 180_000;
const SHUTDOWN_LIMIT_MS = 15_000;
const HOST = '127.0.0.1';

export interface N8nServer {
	/** Where the editor and the REST API are (of a worker: only its health), without a slash at the end. */
	url: string;
	/** Its process; undefined when it could not be started. */
	pid: number | undefined;
	/** Everything n8n said, at earlier starts in this folder too. */
	logFile: string;
	/** Resolves with a sentence when n8n ends, wanted or not. */
	ended: Promise<string>;
	/** Ends n8n: politely, then not. */
	stop(): Promise<void>;
	/** Ends n8n at once, as a crash or a cut of the power would. */
	kill(): Promise<void>;
}

/** How an n8n is started. */
export interface N8nOptions {
	/** Its N8N_USER_FOLDER: settings, encryption key and database live in `.n8n` there. */
	folder: string;
	/** Of the editor and the REST API, on 127.0.0.1; of a worker's health. */
	port: number;
	/** Gives up while it starts. */
	signal?: AbortSignal;
	/** Further settings of n8n, by the names of its environment variables. */
	settings?: Record<string, string>;
	/** Makes it a worker, which takes so many executions at once from the queue that the settings name. */
	worker?: { concurrency: number };
}

/**
 * Starts n8n, on SQLite unless the settings say otherwise, and waits until it answers.
 *
 * @throws Error with the end of n8n's log when it stops or does not answer in time
 */
export async function startN8n(options: N8nOptions): Promise<N8nServer> {
	options.signal?.throwIfAborted();
	const { answering, ...server } = launchN8n(options);
	const problem = await answering;
	if (problem === null) return server;
	await server.stop();
	options.signal?.throwIfAborted();
	throw new Error(`${problem}. The end of ${server.logFile}:\n${tail(server.logFile)}`);
}

/**
 * Starts n8n, and does not wait for it.
 *
 * @returns `answering`: resolves with null once it answers, or with a sentence when it ends or takes too long
 */
export function launchN8n(options: N8nOptions): N8nServer & { answering: Promise<string | null> } {
	mkdirSync(options.folder, { recursive: true });
	const logFile = join(options.folder, 'n8n.log');
	// A restart must not take away what n8n said before.
	const output = openSync(logFile, 'a');
	const n8n = join(n8nFolder, 'node_modules/n8n/bin/n8n');
	const child = spawn(process.execPath, [n8n, ...command(options)], {
		cwd: options.folder,
		env: environment(options),
		stdio: ['ignore', output, output],
	});
	closeSync(output);

	let running = true;
	const ended = new Promise<string>((resolve) => {
		child.once('error', ({ message }) => resolve(`n8n could not be started: ${message}`));
		child.once('exit', (code, signal) => resolve(`n8n ended (${signal ?? `code ${code}`})`));
	}).then((sentence) => {
		running = false;
		return sentence;
	});

	async function stop(): Promise<void> {
		if (!running) return;
		child.kill('SIGTERM');
		const inTime = await Promise.race([ended, wait(SHUTDOWN_LIMIT_MS, null, { ref: false })]);
		if (inTime === null) child.kill('SIGKILL');
		await ended;
	}

	async function kill(): Promise<void> {
		child.kill('SIGKILL');
		await ended;
	}

	const url = `http://${HOST}:${options.port}`;
	const ready = `${url}${options.worker ? '/healthz/readiness' : '/rest/settings'}`;
	const givesUp = () => !running || options.signal?.aborted === true;
	const answering = Promise.race([ended, untilItAnswers(ready, givesUp)]);
	return { url, pid: child.pid, logFile, ended, answering, stop, kill };
}

function command({ worker }: N8nOptions): string[] {
	return worker ? ['worker', `--concurrency=${worker.concurrency}`] : ['start'];
}

/** Only n8n's own settings are set anew: what a person exported for another n8n must not leak in. */
function environment({ folder, port, settings, worker }: N8nOptions): NodeJS.ProcessEnv {
	const foreign = /^(N8N_|DB_|EXECUTIONS_|QUEUE_|WEBHOOK_|NODE_OPTIONS$|NODE_ENV$)/;
	const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
	return {
		...Object.fromEntries(inherited),
		N8N_USER_FOLDER: folder,
		N8N_LISTEN_ADDRESS: HOST,
		N8N_HOST: HOST,
		N8N_PORT: String(port),
		// The editor is plain http on this machine, where a cookie marked secure would not come back.
		N8N_SECURE_COOKIE: 'false',
		// No workflow here has a Code node: the broker takes any free port and starts no runner.
		N8N_RUNNERS_MODE: 'external',
		N8N_RUNNERS_AUTH_TOKEN: 'unused',
		N8N_RUNNERS_BROKER_PORT: '0',
		// Nothing is sent anywhere, nothing is fetched from n8n's own services.
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		N8N_DISABLED_MODULES: 'mcp-registry',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '10',
		...(worker && {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(port),
			N8N_WORKER_SERVER_ADDRESS: HOST,
		}),
		...settings,
	};
}

async function untilItAnswers(url: string, givesUp: () => boolean): Promise<string | null> {
	const end = Date.now() + STARTUP_LIMIT_MS;
	while (Date.now() < end && !givesUp()) {
		if (await answers(url)) return null;
		await wait(500, undefined, { ref: false });
	}
	return `n8n did not answer at ${url} within ${STARTUP_LIMIT_MS / 1000} s`;
}

async function answers(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
		const isJson = response.headers.get('content-type')?.includes('json') ?? false;
		await response.body?.cancel();
		return response.ok && isJson;
	} catch {
		return false;
	}
}

function tail(file: string): string {
	return readFileSync(file, 'utf8').split('\n').slice(-30).join('\n');
}
