import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveCredential, type Credential } from '../../../sandbox/n8n/credentials.ts';
import { owner } from '../../../sandbox/n8n/demo.ts';
import { installTarball } from '../../../sandbox/n8n/communityPackage.ts';
import { signIn, type RestApi } from '../../../sandbox/n8n/restApi.ts';
import { startN8n } from '../../../sandbox/n8n/server.ts';
import { freePorts } from '../../e2e/freePorts.ts';

/** A polling node of a workflow. */
export interface PollingNode {
	/** `<package>.<node>` */
	type: string;
	typeVersion: number;
	parameters: Record<string, unknown>;
	credential?: Credential;
}

/** How many workflows poll, and how often. */
export interface Schedule {
	workflows: number;
	/** A divisor of 60. */
	everySeconds: number;
}

/** A real n8n with this package, whose workflows only poll. */
export interface PollingN8n {
	pid: number;
	/** Creates and activates workflows with only this node; their polls are spread evenly over the interval. */
	poll(node: PollingNode, schedule: Schedule): Promise<void>;
	/** @throws Error when a poll failed or found something new: both create an execution */
	assertQuiet(): Promise<void>;
	stop(): Promise<void>;
}

/** Starts n8n, which must be installed, in a temporary folder with this package installed from its tarball. */
export async function startPollingN8n(): Promise<PollingN8n> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-polls-'));
	const removeFolder = () => rmSync(folder, { recursive: true, force: true });
	try {
		await installTarball(join(folder, '.n8n'));
		const [port] = await freePorts(1);
		const n8n = await startN8n({ folder, port: port!, settings: settings() });
		const stop = async () => {
			await n8n.stop();
			removeFolder();
		};
		try {
			const api = await signIn(n8n.url, owner);
			return {
				pid: n8n.pid!,
				poll: async (node, schedule) => await poll(api, node, schedule),
				assertQuiet: async () => await assertQuiet(api),
				stop,
			};
		} catch (error) {
			await stop();
			throw error;
		}
	} catch (error) {
		removeFolder();
		throw error;
	}
}

/** `BENCH_NODE_OPTIONS` attaches a profiler, as NODE_OPTIONS of this process does not reach n8n. */
function settings(): Record<string, string> {
	const { BENCH_NODE_OPTIONS } = process.env;
	return {
		// For `BareListing.node.js`.
		N8N_CUSTOM_EXTENSIONS: import.meta.dirname,
		...(BENCH_NODE_OPTIONS !== undefined && { NODE_OPTIONS: BENCH_NODE_OPTIONS }),
	};
}

async function poll(
	api: RestApi,
	{ credential, ...node }: PollingNode,
	{ workflows, everySeconds }: Schedule,
): Promise<void> {
	const credentials = credential && {
		[credential.type]: { id: await saveCredential(api, credential), name: credential.name },
	};
	for (let number = 0; number < workflows; number++) {
		const first = Math.floor((number * everySeconds) / workflows);
		const { id, versionId } = await api.post<{ id: string; versionId: string }>('/workflows', {
			name: `${node.type} ${number}`,
			nodes: [
				{
					id: 'trigger',
					name: 'Trigger',
					position: [0, 0],
					...node,
					parameters: { ...node.parameters, pollTimes: pollTimes(first, everySeconds) },
					...(credentials && { credentials }),
				},
			],
			connections: {},
			settings: { executionOrder: 'v1' },
		});
		await api.post(`/workflows/${id}/activate`, { versionId });
	}
}

/** n8n rejects a cron expression that fires more than once a minute, but accepts several expressions. */
function pollTimes(first: number, everySeconds: number): object {
	const seconds: number[] = [];
	for (let second = first; second < 60; second += everySeconds) seconds.push(second);
	const custom = (second: number) => ({ mode: 'custom', cronExpression: `${second} * * * * *` });
	return { item: seconds.map(custom) };
}

async function assertQuiet(api: RestApi): Promise<void> {
	const { results } = await api.get<{ results: Array<{ status: string; workflowName: string }> }>(
		'/executions',
	);
	const [first] = results;
	if (first) {
		throw new Error(
			`Quiet polls start no execution, but there are ${results.length}. The latest: ${first.workflowName}, ${first.status}`,
		);
	}
}
