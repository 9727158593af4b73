import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	sandboxCredentials,
	saveCredential,
	type Credential,
} from '../../../sandbox/n8n/credentials.ts';
import { owner } from '../../../sandbox/n8n/demo.ts';
import { installTarball } from '../../../sandbox/n8n/communityPackage.ts';
import { signIn, type RestApi } from '../../../sandbox/n8n/restApi.ts';
import { startN8n, type N8nOptions } from '../../../sandbox/n8n/server.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { freePorts } from '../../e2e/freePorts.ts';
import { startRelay, type RelayedRequest, type Relay, type InjectedFault } from '../relay.ts';
import type { Services } from './services.ts';
import { makeWorkflows, type WorkflowIds } from './workflows.ts';

/** Folders of the bucket. */
export const FINISHED = 'finished/';
const LIVE = 'live/';

/** How many executions a worker runs at once. */
export const CONCURRENCY = 5;

/** A lost worker is noticed after some seconds instead of a minute and a half. */
const STALLED_SOON = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

/** One n8n of several. */
export interface Member {
	/** Ends it at once, as a crash would. */
	kill(): Promise<void>;
	/** Starts it again, in its folder. */
	start(): Promise<void>;
}

export interface Worker extends Member {
	name: string;
	/** Ids of the executions that it began, in that order. */
	began(): string[];
}

/** One main n8n and workers, each with a folder of its own; between them only PostgreSQL and Redis. */
export interface Cluster {
	/** Where the webhooks are. */
	url: string;
	/** Of the main n8n, which asks to sign in again after a new start. */
	readonly api: RestApi;
	sandbox: Sandbox;
	main: Member;
	workers: Worker[];
	workflows: WorkflowIds;
	/** All that the processes have logged, in one text for each. */
	logs(): string[];
	stop(): Promise<void>;
}

/**
 * Starts all of it, with credentials for the sandbox and the workflows.
 *
 * @param spoil what goes wrong between the nodes and the bucket
 */
export async function startCluster(
	services: Services,
	workers: number,
	spoil: (passing: RelayedRequest) => InjectedFault | null,
	say: (line: string) => void,
): Promise<Cluster> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-queue-'));
	const toEnd: Array<() => Promise<void>> = [
		async () => rmSync(folder, { recursive: true, force: true }),
	];
	const stop = async () => {
		for (const end of toEnd.splice(0).reverse()) await end();
	};
	try {
		const sandbox = await startSandbox();
		toEnd.push(async () => await sandbox.stop());
		const relay = await startRelay(sandbox.s3, spoil);
		toEnd.push(async () => await relay.close());

		const settings = {
			...services.settings,
			...STALLED_SOON,
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
		};
		const names = ['main', ...Array.from({ length: workers }, (_, i) => `worker ${i + 1}`)];
		const ports = await freePorts(names.length);
		const folders = names.map((name) => join(folder, name));
		await installTarball(join(folders[0]!, '.n8n'));
		for (const other of folders.slice(1)) {
			cpSync(join(folders[0]!, '.n8n/nodes'), join(other, '.n8n/nodes'), { recursive: true });
		}
		const [mainOptions, ...workerOptions] = folders.map((each, i) => ({
			folder: each,
			port: ports[i]!,
			settings,
		}));

		say('starting the main n8n …');
		const main = await startMember(mainOptions!, toEnd);
		say('starting the workers …');
		const started = await Promise.all(
			workerOptions.map(async (options, i) => await startWorker(names[i + 1]!, options, toEnd)),
		);
		let api = await signIn(main.url, owner);
		const ids = await saveCredentials(api, sandbox, relay);
		return {
			url: main.url,
			get api() {
				return api;
			},
			sandbox,
			main: {
				kill: main.kill,
				async start() {
					await main.start();
					api = await signIn(main.url, owner);
				},
			},
			workers: started,
			workflows: await makeWorkflows(api, main.url, ids),
			logs: () => folders.map(logIn),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

async function startMember(
	options: N8nOptions,
	toEnd: Array<() => Promise<void>>,
): Promise<Member & { url: string }> {
	let n8n = await startN8n(options);
	toEnd.push(async () => await n8n.stop());
	return {
		url: n8n.url,
		kill: async () => await n8n.kill(),
		async start() {
			n8n = await startN8n(options);
		},
	};
}

async function startWorker(
	name: string,
	options: N8nOptions,
	toEnd: Array<() => Promise<void>>,
): Promise<Worker> {
	const member = await startMember({ ...options, worker: { concurrency: CONCURRENCY } }, toEnd);
	return {
		...member,
		name,
		began: () =>
			[...logIn(options.folder).matchAll(/Worker started execution (\d+)/g)].map(([, id]) => id!),
	};
}

function logIn(folder: string): string {
	return readFileSync(join(folder, 'n8n.log'), 'utf8');
}

async function saveCredentials(api: RestApi, sandbox: Sandbox, relay: Relay) {
	const [agora, storage, s3] = sandboxCredentials(sandbox) as [Credential, Credential, Credential];
	const inFolder = (fileNamePrefix: string): Credential => ({
		...storage,
		name: fileNamePrefix,
		data: { ...storage.data, endpoint: relay.origin, fileNamePrefix },
	});
	return {
		agora: await saveCredential(api, agora),
		finished: await saveCredential(api, inFolder(FINISHED.slice(0, -1))),
		live: await saveCredential(api, inFolder(LIVE.slice(0, -1))),
		s3: await saveCredential(api, s3),
	};
}
