import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { n8nFolder } from './paths.ts';

const STARTUP_LIMIT_MS = 180_000;
const SHUTDOWN_LIMIT_MS = 15_000;
const HOST = '127.0.0.1';

export interface N8nServer {
	/** URL of the editor and the REST API (for a worker, of its health endpoint), without a trailing slash. */
	url: string;
	/** Its process ID; undefined if it could not be started. */
	pid: number | undefined;
	/** n8n's output, including that of earlier starts in this folder. */
	logFile: string;
	/** Resolves with a message when n8n has ended. */
	ended: Promise<string>;
	/** Stops n8n with SIGTERM, or with SIGKILL if it takes too long. */
	stop(): Promise<void>;
	/** Ends n8n with SIGKILL, like a crash. */
	kill(): Promise<void>;
}

export interface N8nOptions {
	/** N8N_USER_FOLDER: settings, encryption key and database are in its `.n8n`. */
	folder: string;
	/** Port of the editor and the REST API, or of a worker's health endpoint. */
	port: number;
	/** Cancels the start. */
	signal?: AbortSignal;
	/** Further environment variables of n8n. */
	settings?: Record<string, string>;
	/** Starts a worker for the queue in the settings, with this number of concurrent executions. */
	worker?: { concurrency: number };
	/** Another n8n than that of the demo. */
	program?: N8nProgram;
}

/** An n8n, and the Node that runs it. */
export interface N8nProgram {
	/** Contains `node_modules/n8n`. */
	folder: string;
	/** Path of the program. */
	node: string;
}

const DEMO: N8nProgram = { folder: n8nFolder, node: process.execPath };

/**
 * Starts n8n, with SQLite unless the settings contain another database, and waits until it is ready.
 *
 * @throws Error with the end of n8n's log if it ends or is not ready in time
 */
export async function startN8n(options: N8nOptions): Promise<N8nServer> {
	options.signal?.throwIfAborted();
	const { ready, ...server } = launchN8n(options);
	const problem = await ready;
	if (problem === null) return server;
	await server.stop();
	options.signal?.throwIfAborted();
	throw new Error(`${problem}. The end of ${server.logFile}:\n${tail(server.logFile)}`);
}

/**
 * Starts n8n without waiting for it.
 *
 * @returns `ready` resolves with null once n8n is ready, or with a message if it ends or takes too long
 */
export function launchN8n(options: N8nOptions): N8nServer & { ready: Promise<string | null> } {
	mkdirSync(options.folder, { recursive: true });
	const logFile = join(options.folder, 'n8n.log');
	const output = openSync(logFile, 'a');
	const { node, script } = scriptOf(options);
	const child = spawn(node, [script, ...command(options)], {
		cwd: options.folder,
		env: environment(options),
		stdio: ['ignore', output, output],
	});
	closeSync(output);

	let running = true;
	const ended = new Promise<string>((resolve) => {
		child.once('error', ({ message }) => resolve(`n8n could not be started: ${message}`));
		child.once('exit', (code, signal) => resolve(`n8n ended (${signal ?? `code ${code}`})`));
	}).then((message) => {
		running = false;
		return message;
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
	const healthUrl = `${url}${options.worker ? '/healthz/readiness' : '/rest/settings'}`;
	const isCancelled = () => !running || options.signal?.aborted === true;
	const ready = Promise.race([ended, untilReady(healthUrl, isCancelled)]);
	return { url, pid: child.pid, logFile, ended, ready, stop, kill };
}

/**
 * Runs a command of n8n's CLI, in the folder of an n8n that is not running.
 *
 * @returns its standard output
 * @throws Error with the end of its output when it fails or takes too long
 */
export async function runN8nCommand(options: N8nOptions, args: string[]): Promise<string> {
	const { node, script } = scriptOf(options);
	const settings = {
		cwd: options.folder,
		env: environment(options),
		timeout: STARTUP_LIMIT_MS,
		maxBuffer: 64 * 1024 ** 2,
	};
	return await new Promise((resolve, reject) => {
		execFile(node, [script, ...args], settings, (error, stdout, stderr) => {
			if (error === null) return resolve(stdout);
			const end = `${stdout}\n${stderr}`.trim().split('\n').slice(-10).join('\n');
			reject(new Error(`n8n ${args.join(' ')} failed:\n${end}`));
		});
	});
}

function scriptOf({ program = DEMO }: N8nOptions) {
	return { node: program.node, script: join(program.folder, 'node_modules/n8n/bin/n8n') };
}

function command({ worker }: N8nOptions): string[] {
	return worker ? ['worker', `--concurrency=${worker.concurrency}`] : ['start'];
}

/** n8n's environment, without variables that were exported for another n8n. */
function environment({ folder, port, settings, worker }: N8nOptions): NodeJS.ProcessEnv {
	const n8nVariables = /^(N8N_|DB_|EXECUTIONS_|QUEUE_|WEBHOOK_|NODE_OPTIONS$|NODE_ENV$)/;
	const inherited = Object.entries(process.env).filter(([name]) => !n8nVariables.test(name));
	return {
		...Object.fromEntries(inherited),
		N8N_USER_FOLDER: folder,
		N8N_LISTEN_ADDRESS: HOST,
		N8N_HOST: HOST,
		N8N_PORT: String(port),
		// Browsers don't send secure cookies over plain HTTP.
		N8N_SECURE_COOKIE: 'false',
		// No workflow has a Code node, so no task runner is started.
		N8N_RUNNERS_MODE: 'external',
		N8N_RUNNERS_AUTH_TOKEN: 'unused',
		N8N_RUNNERS_BROKER_PORT: '0',
		// Sends no data to n8n's services, and requests none from them.
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

async function untilReady(url: string, isCancelled: () => boolean): Promise<string | null> {
	const end = Date.now() + STARTUP_LIMIT_MS;
	while (Date.now() < end && !isCancelled()) {
		if (await isReady(url)) return null;
		await wait(500, undefined, { ref: false });
	}
	return `n8n was not ready at ${url} within ${STARTUP_LIMIT_MS / 1000} s`;
}

async function isReady(url: string): Promise<boolean> {
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
