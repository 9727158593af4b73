import type { RestApi } from '../../../sandbox/n8n/restApi.ts';
import type { NodeSettings } from '../../e2e/executions.ts';

export const TRIGGER = 'Agora Trigger';

/** A node without the properties that `createWorkflow` adds. */
export type NodePlan = Omit<NodeSettings, 'name'>;

/**
 * Creates a workflow whose nodes follow each other.
 *
 * @param nodes by name, in their order
 * @returns its id
 */
export async function createWorkflow(
	api: RestApi,
	name: string,
	nodes: Record<string, NodePlan>,
): Promise<string> {
	const names = Object.keys(nodes);
	const { id } = await api.post<{ id: string }>('/workflows', {
		name,
		nodes: Object.entries(nodes).map(([node, plan], i) => ({
			id: `${name}-${i}`,
			name: node,
			typeVersion: 1,
			position: [i * 220, 0],
			...(plan.type.endsWith('.webhook') && { webhookId: `${name}-webhook` }),
			...plan,
		})),
		connections: Object.fromEntries(
			names
				.slice(1)
				.map((next, i) => [names[i], { main: [[{ node: next, type: 'main', index: 0 }]] }]),
		),
		settings: { executionOrder: 'v1' },
	});
	return id;
}

/** Activates a workflow; a trigger that polls does so at once. */
export async function activateWorkflow(api: RestApi, id: string): Promise<void> {
	const { versionId } = await api.get<{ versionId: string }>(`/workflows/${id}`);
	await api.post(`/workflows/${id}/activate`, { versionId });
}

/**
 * @param seconds of every minute at which it polls
 * @param storage id of the credential
 */
export function triggerNode(seconds: number[], storage: string): NodePlan {
	// n8n rejects an expression that matches more than once a minute, but accepts several.
	const item = seconds.map((second) => ({
		mode: 'custom',
		cronExpression: `${second} * * * * *`,
	}));
	return {
		type: 'n8n-nodes-agora.agoraTrigger',
		parameters: { pollTimes: { item } },
		credentials: { agoraStorageApi: { id: storage, name: storage } },
	};
}
