import { createRequire } from 'node:module';
import { join } from 'node:path';
import { n8nFolder } from '../../sandbox/n8n/paths.ts';
import type { RestApi } from '../../sandbox/n8n/restApi.ts';
import { until } from '../until.ts';

export { until };

/** The JSON of a node's output items. */
export type Items = Array<Record<string, unknown>>;

export interface Execution {
	id: string;
	status: string;
	mode: string;
	/** ISO 8601 */
	startedAt?: string;
	/** ISO 8601 */
	stoppedAt?: string;
	/** Message of the node that stopped it. */
	error?: string;
	/** Description of that error. */
	description?: string;
	/** JSON of each node's first output, by node name. */
	outputs: Record<string, Items>;
}

/** A node as n8n stores it in a workflow. */
export interface NodeSettings {
	name: string;
	type: string;
	/** 1 when left out. */
	typeVersion?: number;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	onError?: 'continueRegularOutput';
}

export const DONE = ['success', 'error', 'crashed', 'canceled'];
/** The credentials of the Agora node. */
const NODE_CREDENTIALS = ['agoraApi', 'agoraStorageApi'];

/** n8n stores execution data in the format of this package. */
const flatted = createRequire(join(n8nFolder, 'package.json'))('flatted') as {
	parse(text: string): RunData;
};

interface RunData {
	resultData: {
		error?: { message: string; description?: string | null };
		/** Nodes that provide a tool to an agent have no main output. */
		runData: Record<string, Array<{ data?: { main?: Array<Array<{ json: object }> | null> } }>>;
	};
}

/**
 * Runs a workflow from this trigger to its end, like *Execute workflow*.
 *
 * @returns the execution, even if it failed
 * @throws Error when it does not end in time
 */
export async function execute(
	api: RestApi,
	workflowId: string,
	trigger: string,
	seconds = 30,
): Promise<Execution> {
	const { executionId } = await api.post<{ executionId: string }>(`/workflows/${workflowId}/run`, {
		triggerToStartFrom: { name: trigger },
	});
	return await until(`execution ${executionId} has ended`, seconds, async () => {
		const execution = await readExecution(api, executionId);
		return DONE.includes(execution.status) ? execution : null;
	});
}

/** Runs one node in a new workflow, after a manual trigger. */
export async function executeNode(api: RestApi, node: NodeSettings): Promise<Execution> {
	const manual = 'Manual trigger';
	const { id } = await api.post<{ id: string }>('/workflows', {
		name: node.name,
		nodes: [
			{
				id: 'manual',
				name: manual,
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			},
			{ id: 'node', typeVersion: 1, position: [200, 0], ...node },
		],
		connections: { [manual]: { main: [[{ node: node.name, type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	});
	return await execute(api, id, manual);
}

/** Runs the Agora node with the demo's credentials. */
export async function executeAgora(
	api: RestApi,
	name: string,
	parameters: Record<string, unknown>,
	settings: Pick<NodeSettings, 'onError'> = {},
): Promise<Execution> {
	const all = await api.get<Array<{ id: string; name: string; type: string }>>('/credentials');
	const credentials = all
		// Additional credentials of the same type have a number.
		.filter(({ type, name: own }) => NODE_CREDENTIALS.includes(type) && own.endsWith('account'))
		.map(({ id, name: own, type }) => [type, { id, name: own }] as const);
	return await executeNode(api, {
		name,
		type: 'n8n-nodes-agora.agora',
		parameters,
		credentials: Object.fromEntries(credentials),
		...settings,
	});
}

/** Executions of a workflow that its trigger or webhook started, including running ones, oldest first. */
export async function triggered(
	api: RestApi,
	workflowId: string,
	by: 'trigger' | 'webhook' = 'trigger',
): Promise<Execution[]> {
	const ids = await triggeredIds(api, workflowId, by);
	return await Promise.all(ids.map((id) => readExecution(api, id)));
}

/** n8n lists no more at once. */
const PAGE = 100;

interface ExecutionPage {
	results: Array<{ id: string; mode: string }>;
	nextCursor: string | null;
}

/** IDs of the executions of a workflow that its trigger or webhook started, oldest first. */
export async function triggeredIds(
	api: RestApi,
	workflowId: string,
	by: 'trigger' | 'webhook' = 'trigger',
): Promise<string[]> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const ids: string[] = [];
	for (let cursor = ''; ;) {
		const { results, nextCursor } = await api.get<ExecutionPage>(
			`/executions?filter=${filter}&limit=${PAGE}${cursor}`,
		);
		ids.push(...results.filter(({ mode }) => mode === by).map(({ id }) => id));
		if (!nextCursor) break;
		cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
	}
	// One that ends meanwhile is on two pages.
	return [...new Set(ids)].sort((one, other) => Number(one) - Number(other));
}

export async function readExecution(api: RestApi, id: string): Promise<Execution> {
	const { data, ...entry } = await api.get<{
		status: string;
		mode: string;
		startedAt?: string;
		stoppedAt?: string;
		data?: string;
	}>(`/executions/${id}`);
	// While it runs, its data is empty or incomplete.
	const { status, mode, startedAt, stoppedAt } = entry;
	const read = data && DONE.includes(status) ? readRun(data) : { outputs: {} };
	return { id, status, mode, startedAt, stoppedAt, ...read };
}

/** Parses the stored data of an execution: the output of its nodes, and its error. */
export function readRun(data: string): Pick<Execution, 'error' | 'description' | 'outputs'> {
	const { resultData } = flatted.parse(data);
	const outputs = Object.entries(resultData.runData).map(([name, runs]) => {
		const items = runs.flatMap((run) => run.data?.main?.[0] ?? []);
		return [name, items.map(({ json }) => json as Record<string, unknown>)];
	});
	const { error } = resultData;
	return {
		...(error && { error: error.message }),
		...(error?.description && { description: error.description }),
		outputs: Object.fromEntries(outputs) as Record<string, Items>,
	};
}
