/** A node in n8n's engine, in a process of its own: a tiny run first, then the one that is measured. */
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { answerJob } from '../integration/childProcess.ts';
import { Engine, type CredentialStore } from '../integration/engine.ts';
import { measure, type Use } from './measure.ts';
import { peersFolder } from './peers.ts';
import { countersOf } from './servers.ts';

export interface EngineJob {
	/** `<package>.<node>` */
	node: string;
	/** The tiny run uses the one called `warmUp`, where there is one, and the other `default`. */
	credentials: CredentialStore;
	/** Loads and warms up everything; what is there afterwards is idle. */
	warmUp: NodeRun;
	run: NodeRun;
	/** Where the server is whose counters tell what the run asked. */
	server: string;
	/**
	 * How many App IDs the Agora credential has, one after the other, as it would with an expression in it: so
	 * that no run waits for its turn at ten calls a second.
	 */
	appIds?: number;
}

export interface NodeRun {
	parameters: IDataObject;
	items?: IDataObject[];
}

export interface EngineReport<Asked = unknown> extends Use {
	/** The server's counters. */
	asked: Asked;
	status: string;
	/** The error's message, null for none. */
	error: string | null;
	items: number;
	/** Items that came out as an error. */
	failed: number;
	/** Sizes of the files that came out, in bytes. */
	fileBytes: number[];
	/** The first items. */
	json: IDataObject[];
}

const MOST_JSON = 100;
const PEERS = 'n8n-nodes-base';

async function run(job: EngineJob): Promise<EngineReport> {
	const { node, credentials, warmUp, appIds } = job;
	if (appIds !== undefined) rotateAppIds(credentials, appIds);
	const packages = node.startsWith(`${PEERS}.`) ? [join(peersFolder, 'node_modules', PEERS)] : [];
	const engine = await Engine.start(credentials, {
		filesOnDisk: true,
		packages,
		keepTranscript: false,
	});
	try {
		const runOnce = async ({ parameters, items }: NodeRun, id: string) =>
			await engine.runNode(node, parameters, {
				items,
				credentials: chosen(credentials, id),
				continueOnFail: true,
			});
		const first = await runOnce(warmUp, 'warmUp');
		const failure = first.error?.message ?? first.json.find(({ error }) => error !== undefined);
		if (failure !== undefined) throw new Error(`the warm-up failed: ${JSON.stringify(failure)}`);
		const server = countersOf(job.server);
		await server.reset();
		const { result, use } = await measure(async () => await runOnce(job.run, 'default'));
		return {
			...use,
			asked: await server.counts(),
			status: result.status,
			error: result.error?.message ?? null,
			items: result.items.length,
			failed: result.json.filter(({ error }) => error !== undefined).length,
			fileBytes: result.items.flatMap(({ binary }) =>
				Object.values(binary ?? {}).map(({ bytes }) => bytes ?? 0),
			),
			json: result.json.slice(0, MOST_JSON),
		};
	} finally {
		engine.removeFiles();
	}
}

/** The credential of each type that a run uses. */
function chosen(credentials: CredentialStore, id: string): Record<string, string> {
	return Object.fromEntries(
		Object.entries(credentials).map(([type, byId]) => [type, id in byId ? id : 'default']),
	);
}

function rotateAppIds(credentials: CredentialStore, count: number): void {
	let asked = 0;
	Object.defineProperty(credentials.agoraApi!.default!, 'appId', {
		enumerable: true,
		get: () => `app${asked++ % count}`,
	});
}

answerJob(import.meta.filename, run);
