import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxCredentials, saveCredential } from '../../../sandbox/n8n/credentials.ts';
import { owner } from '../../../sandbox/n8n/demo.ts';
import { installTarball } from '../../../sandbox/n8n/communityPackage.ts';
import { signIn } from '../../../sandbox/n8n/restApi.ts';
import { startN8n, type N8nOptions, type N8nServer } from '../../../sandbox/n8n/server.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { freePorts } from '../../e2e/freePorts.ts';
import { FOLDER } from '../crash/recordings.ts';
import { activateWorkflow, createWorkflow, triggerNode } from '../crash/workflows.ts';
import { startRelay, type InjectedFault, type RelayedRequest } from '../relay.ts';
import type { Services } from './services.ts';

/** How many executions a worker runs at once. */
export const CONCURRENCY = 5;

/** A lost worker is noticed within seconds instead of a minute and a half. */
const QUICK_STALL_DETECTION = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

/** One main n8n and two workers, each with its own folder; they share PostgreSQL and Redis only. */
export interface Cluster {
	sandbox: Sandbox;
	main: Member;
	workers: [Member, Member];
	/** Ids of the workflows: one emits recordings, the other archives one of them. */
	workflows: { emit: string; archive: string };
	stop(): Promise<void>;
}

export interface Member {
	kill(): Promise<void>;
	start(): Promise<void>;
	log(): string;
}

/** @param decide the faults between the nodes and the bucket */
export async function startCluster(
	services: Services,
	decide: (request: RelayedRequest) => InjectedFault | null,
): Promise<Cluster> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-queue-'));
	const cleanUp: Array<() => Promise<void>> = [
		async () => rmSync(folder, { recursive: true, force: true }),
	];
	const stop = async () => {
		for (const step of cleanUp.splice(0).reverse()) await step();
	};
	try {
		const sandbox = await startSandbox();
		cleanUp.push(sandbox.stop);
		const relay = await startRelay(sandbox.s3, decide);
		cleanUp.push(relay.close);
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
			const worker = i === 0 ? undefined : { concurrency: CONCURRENCY };
			const options = { folder: each, port: ports[i]!, settings, worker };
			members.push(await startMember(options, cleanUp));
		}
		const [main, ...workers] = members as [Member, Member, Member];
		const url = `http://127.0.0.1:${ports[0]}`;
		return {
			sandbox,
			main,
			workers,
			workflows: await createWorkflows(url, sandbox, relay.origin),
			stop,
		};
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
		kill: async () => await n8n.kill(),
		async start() {
			n8n = await startN8n(options);
		},
		log: () => readFileSync(n8n.logFile, 'utf8'),
	};
}

/** Each recording that the trigger emits is archived by its own execution: Get, Download, upload. */
async function createWorkflows(url: string, sandbox: Sandbox, bucketOrigin: string) {
	const api = await signIn(url, owner);
	const all = sandboxCredentials(sandbox);
	const save = async (type: string, changes = {}) => {
		const { name, data } = all.find((each) => each.type === type)!;
		const id = await saveCredential(api, { name, type, data: { ...data, ...changes } });
		return { id, name };
	};
	const agoraApi = await save('agoraApi');
	const agoraStorageApi = await save('agoraStorageApi', {
		endpoint: bucketOrigin,
		fileNamePrefix: FOLDER.slice(0, -1),
	});
	const s3 = await save('s3');
	const credentials = { agoraApi, agoraStorageApi };
	const recording = (sid: string) => ({ __rl: true, mode: 'id', value: `={{ ${sid} }}` });
	const archive = await createWorkflow(api, 'archive', {
		Webhook: {
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			parameters: { httpMethod: 'POST', path: 'archive', responseMode: 'onReceived', options: {} },
		},
		Get: {
			type: 'n8n-nodes-agora.agora',
			parameters: {
				resource: 'recording',
				operation: 'get',
				recordingId: recording('$json.body.sid'),
			},
			credentials,
		},
		Download: {
			type: 'n8n-nodes-agora.agora',
			parameters: {
				resource: 'recording',
				operation: 'download',
				scope: 'whole',
				recordingId: recording('$json.sid'),
				binaryPropertyName: 'data',
			},
			credentials,
		},
		Upload: {
			type: 'n8n-nodes-base.s3',
			parameters: {
				operation: 'upload',
				bucketName: sandbox.archiveBucket,
				binaryData: true,
				fileName: '={{ $json.sid }}.mp4',
				binaryPropertyName: 'data',
				additionalFields: {},
				tagsUi: {},
			},
			credentials: { s3 },
		},
	});
	const emit = await createWorkflow(api, 'emit', {
		'Agora Trigger': triggerNode([0, 30], agoraStorageApi.id),
		Archive: {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: {
				method: 'POST',
				url: `${url}/webhook/archive`,
				sendBody: true,
				options: {},
				specifyBody: 'json',
				jsonBody: '={{ { sid: $json.sid } }}',
			},
		},
	});
	for (const id of [archive, emit]) await activateWorkflow(api, id);
	return { emit, archive };
}
