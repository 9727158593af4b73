/** Runs a node in n8n's engine, in a separate process: first a small warm-up, then the measured run. */
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { answerJob } from '../integration/childProcess.ts';
import { Engine, type CredentialStore } from '../integration/engine.ts';
import { measure, type Usage } from './measure.ts';
import { peersFolder } from './peers.ts';
import { counterOf } from './servers.ts';

export interface EngineJob {
	/** `<package>.<node>` */
	node: string;
	/** The warm-up uses the credential `warmUp` of each type where there is one, otherwise `default`. */
	credentials: CredentialStore;
	/** Loads everything, so that the memory before the measured run is the idle memory. */
	warmUp: NodeRun;
	run: NodeRun;
	/** Origin of the server that counts the requests of the run. */
	server: string;
}

export interface NodeRun {
	parameters: IDataObject;
	items?: IDataObject[];
}

export interface EngineReport<Counts = unknown> extends Usage {
	/** The requests that the server counted. */
	counts: Counts;
	/** The error's message, null for none. */
	error: string | null;
	items: number;
	/** Items with an error. */
	failed: number;
	/** Sizes of the output files, in bytes. */
	fileBytes: number[];
	/** The first items. */
	json: IDataObject[];
}

const MAX_JSON = 100;
const PEERS = 'n8n-nodes-base';

async function run({ node, credentials, ...job }: EngineJob): Promise<EngineReport> {
	const packages = node.startsWith(`${PEERS}.`) ? [join(peersFolder, 'node_modules', PEERS)] : [];
	const engine = await Engine.start(credentials, {
		filesOnDisk: true,
		packages,
		keepTranscript: false,
	});
	try {
		const runNode = async ({ parameters, items }: NodeRun, id: string) => {
			const ids = idsFor(credentials, id);
			const options = { items, credentials: ids, continueOnFail: true };
			return await engine.runNode(node, parameters, options);
		};
		const first = await runNode(job.warmUp, 'warmUp');
		const failure = first.error?.message ?? first.json.find(({ error }) => error !== undefined);
		if (failure !== undefined) throw new Error(`the warm-up failed: ${JSON.stringify(failure)}`);
		const server = counterOf(job.server);
		await server.reset();
		const { result, usage } = await measure(async () => await runNode(job.run, 'default'));
		return {
			...usage,
			counts: await server.counts(),
			error: result.error?.message ?? null,
			items: result.items.length,
			failed: result.json.filter(({ error }) => error !== undefined).length,
			fileBytes: result.items.flatMap(({ binary }) =>
				Object.values(binary ?? {}).map(({ bytes }) => bytes ?? 0),
			),
			json: result.json.slice(0, MAX_JSON),
		};
	} finally {
		engine.removeFiles();
	}
}

/** @returns the ID of the credential of each type for a run */
function idsFor(credentials: CredentialStore, id: string): Record<string, string> {
	return Object.fromEntries(
		Object.entries(credentials).map(([type, byId]) => [type, id in byId ? id : 'default']),
	);
}

answerJob(import.meta.filename, run);
