import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTarball } from '../../../sandbox/n8n/communityPackage.ts';
import { owner } from '../../../sandbox/n8n/demo.ts';
import { signIn, type RestApi } from '../../../sandbox/n8n/restApi.ts';
import { startN8n, type N8nOptions, type N8nServer } from '../../../sandbox/n8n/server.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/sandbox.ts';
import { freePorts } from '../../e2e/freePorts.ts';
import type { Services } from './services.ts';

/** A lost worker is noticed within seconds instead of a minute and a half. */
const QUICK_STALL_DETECTION = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

/** One main n8n and two workers, each with its own folder; they share PostgreSQL and Redis only. */
export interface Cluster {
	sandbox: Sandbox;
	/** URL of the main n8n, without a trailing slash. */
	url: string;
	api: RestApi;
	main: Member;
	workers: [Member, Member];
	stop(): Promise<void>;
}

export interface Member {
	/** Process ID of its last start. */
	readonly pid: number;
	kill(): Promise<void>;
	start(): Promise<void>;
	log(): string;
}

/**
 * Starts the cluster and a sandbox, without workflows. n8n must be installed.
 *
 * @param concurrency how many executions a worker runs at once
 */
export async function startCluster(
	services: Services,
	concurrency: number,
	sandboxOptions: SandboxOptions = {},
): Promise<Cluster> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-queue-'));
	const cleanUp: Array<() => Promise<void>> = [
		async () => rmSync(folder, { recursive: true, force: true }),
	];
	const stop = async () => {
		for (const step of cleanUp.splice(0).reverse()) await step();
	};
	try {
		const sandbox = await startSandbox(sandboxOptions);
		cleanUp.push(sandbox.stop);
		const names = ['main', 'worker1', 'worker2'];
		const ports = await freePorts(names.length);
		const folders = names.map((name) => join(folder, name));
		await installTarball(join(folders[0]!, '.n8n'));
		for (const other of folders.slice(1))
			cpSync(join(folders[0]!, '.n8n/nodes'), join(other, '.n8n/nodes'), { recursive: true });
		const key = randomBytes(24).toString('hex');
		const settings = {
			...services.settings,
			...QUICK_STALL_DETECTION,
			N8N_ENCRYPTION_KEY: key,
		};
		const members: Member[] = [];
		for (const [i, each] of folders.entries()) {
			const worker = i === 0 ? undefined : { concurrency };
			const options = { folder: each, port: ports[i]!, settings, worker };
			members.push(await startMember(options, cleanUp));
		}
		const [main, ...workers] = members as [Member, Member, Member];
		const url = `http://127.0.0.1:${ports[0]}`;
		return { sandbox, url, api: await signIn(url, owner), main, workers, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

async function startMember(
	options: N8nOptions,
	cleanUp: Array<() => Promise<void>>,
): Promise<Member> {
	let n8n: N8nServer = await startN8n(options);
	cleanUp.push(async () => await n8n.stop());
	return {
		get pid() {
			return n8n.pid!;
		},
		kill: async () => await n8n.kill(),
		async start() {
			n8n = await startN8n(options);
		},
		log: () => readFileSync(n8n.logFile, 'utf8'),
	};
}
