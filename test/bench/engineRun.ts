/** A node in n8n's engine, in a process of its own: a tiny run first, then the one that is measured. */
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { answerJob } from '../integration/childProcess.ts';
import { Engine, type CredentialStore, type RunResult } from '../integration/engine.ts';
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
	 * The items come in executions of so many, one after the other; all at once when left out. The Agora
	 * credential has the App ID that the first of them names, so that no run waits for its turn at ten calls a
	 * second.
	 */
	itemsAtOnce?: number;
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
	const { node, credentials, warmUp, itemsAtOnce } = job;
	const packages = node.startsWith(`${PEERS}.`) ? [join(peersFolder, 'node_modules', PEERS)] : [];
	const engine = await Engine.start(credentials, {
		filesOnDisk: true,
		packages,
		keepTranscript: false,
	});
	try {
		const runAll = async ({ parameters, items }: NodeRun, id: string) => {
			const results: RunResult[] = [];
			for (const part of partsOf(items, itemsAtOnce)) {
				if (part?.[0]?.appId !== undefined)
					credentials.agoraApi!.default!.appId = part[0].appId as string;
				const options = { items: part, credentials: chosen(credentials, id), continueOnFail: true };
				results.push(await engine.runNode(node, parameters, options));
			}
			return inOne(results);
		};
		const first = await runAll(warmUp, 'warmUp');
		const failure = first.error?.message ?? first.json.find(({ error }) => error !== undefined);
		if (failure !== undefined) throw new Error(`the warm-up failed: ${JSON.stringify(failure)}`);
		const server = countersOf(job.server);
		await server.reset();
		const { result, use } = await measure(async () => await runAll(job.run, 'default'));
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

function partsOf(items: NodeRun['items'], size = Infinity): Array<NodeRun['items']> {
	if (items === undefined || items.length <= size) return [items];
	return [items.slice(0, size), ...partsOf(items.slice(size), size)];
}

/** What several executions came to: the first error is the whole's. */
function inOne(results: RunResult[]): Pick<RunResult, 'status' | 'error' | 'items' | 'json'> {
	const { status, error } = results.find((each) => each.error !== undefined) ?? results[0]!;
	const items = results.flatMap((each) => each.items);
	return { status, error, items, json: items.map(({ json }) => json) };
}

answerJob(import.meta.filename, run);
