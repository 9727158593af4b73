import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workflowsFolder } from './paths.ts';
import type { RestApi } from './restApi.ts';

interface Node {
	name: string;
	type: string;
	parameters?: object;
	/** n8n puts it into the URL of the node's webhook. */
	webhookId?: string;
	credentials?: Record<string, { id: string | null; name: string }>;
}

export interface Workflow {
	id: string;
	name: string;
	nodes: Node[];
}

/** Returns the ID of a credential in n8n; undefined if there is none with this type and name. */
export type CredentialId = (type: string, name: string) => string | undefined;

interface Stored extends Workflow {
	active: boolean;
	versionId: string;
}

/** Reads the example workflows from docs/workflows, in the order of their file names. */
export function exampleWorkflows(): Workflow[] {
	return readdirSync(workflowsFolder)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map((file) => JSON.parse(readFileSync(join(workflowsFolder, file), 'utf8')) as Workflow);
}

/**
 * Imports a workflow, and activates it if it has a trigger and all of its credentials exist. If the workflow exists,
 * only the URL of the inbox is updated, because the port of the sandbox may have changed.
 *
 * @param inbox URL of the sandbox's inbox, which replaces the one in the example
 */
export async function importWorkflow(
	api: RestApi,
	example: Workflow,
	{ credentialId, inbox }: { credentialId: CredentialId; inbox: string },
): Promise<void> {
	const existing = await find(api, example.id);
	const current = existing ?? withCredentials(example, credentialId);
	const updated = withInbox(current, inbox);
	const changed = JSON.stringify(updated.nodes) !== JSON.stringify(current.nodes);

	let stored = existing;
	if (!stored) stored = await api.post<Stored>('/workflows', updated);
	else if (changed) {
		stored = await api.patch<Stored>(`/workflows/${stored.id}`, { nodes: updated.nodes });
	}
	const wasActive = changed && existing?.active;
	const canActivate = !existing && hasAllCredentials(example, credentialId);
	if ((wasActive || canActivate) && hasTrigger(updated)) {
		await api.post(`/workflows/${stored.id}/activate`, { versionId: stored.versionId });
	}
}

async function find(api: RestApi, id: string): Promise<Stored | undefined> {
	const all = await api.get<Array<{ id: string }>>('/workflows');
	return all.some((workflow) => workflow.id === id)
		? await api.get<Stored>(`/workflows/${id}`)
		: undefined;
}

/** Replaces the credentials of a workflow with those in n8n, and removes those that don't exist. */
export function withCredentials(workflow: Workflow, credentialId: CredentialId): Workflow {
	const nodes = workflow.nodes.map((node) => {
		if (!node.credentials) return node;
		const credentials = Object.entries(node.credentials).flatMap(([type, { name }]) => {
			const id = credentialId(type, name);
			return id ? [[type, { id, name }] as const] : [];
		});
		return { ...node, credentials: Object.fromEntries(credentials) };
	});
	return { ...workflow, nodes };
}

function hasAllCredentials({ nodes }: Workflow, credentialId: CredentialId): boolean {
	const required = nodes.flatMap(({ credentials = {} }) => Object.entries(credentials));
	return required.every(([type, { name }]) => credentialId(type, name) !== undefined);
}

function withInbox<T extends Workflow>(workflow: T, inbox: string): T {
	const text = JSON.stringify(workflow.nodes);
	const nodes = text.replaceAll(/http:\/\/127\.0\.0\.1:\d+\/inbox/g, inbox);
	return { ...workflow, nodes: JSON.parse(nodes) as Node[] };
}

function hasTrigger({ nodes }: Workflow): boolean {
	const trigger = /(Trigger|\.webhook)$/;
	return nodes.some(({ type }) => trigger.test(type) && !/manualTrigger$/.test(type));
}
