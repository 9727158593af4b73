import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workflowsFolder } from './paths.ts';
import type { RestApi } from './restApi.ts';

interface Node {
	name: string;
	type: string;
	credentials?: Record<string, { id: string | null; name: string }>;
}

export interface Workflow {
	id: string;
	name: string;
	nodes: Node[];
}

/** Type and name of a credential → n8n's id of it. */
export type CredentialIds = (type: string, name: string) => string | undefined;

interface Stored extends Workflow {
	active: boolean;
	versionId: string;
}

/** The example workflows, in the order of their file names, read from docs/workflows. */
export function exampleWorkflows(): Workflow[] {
	return readdirSync(workflowsFolder)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map((file) => JSON.parse(readFileSync(join(workflowsFolder, file), 'utf8')) as Workflow);
}

/**
 * Imports a workflow and activates it if it has a trigger of its own and all of its credentials are
 * there; those that are not are left for a person to choose. One that is there already stays as it was
 * left, apart from the addresses of the sandbox, which may listen elsewhere this time.
 *
 * @param inbox address of the sandbox's inbox: takes the place of the one in the example
 */
export async function importWorkflow(
	api: RestApi,
	example: Workflow,
	{ credentialIds, inbox }: { credentialIds: CredentialIds; inbox: string },
): Promise<void> {
	const existing = await find(api, example.id);
	const left = existing ?? withCredentials(example, credentialIds);
	const wanted = withInbox(left, inbox);
	const changed = JSON.stringify(wanted.nodes) !== JSON.stringify(left.nodes);

	let stored = existing;
	if (!stored) stored = await api.post<Stored>('/workflows', wanted);
	else if (changed) {
		stored = await api.patch<Stored>(`/workflows/${stored.id}`, { nodes: wanted.nodes });
	}
	const wasActive = changed && existing?.active;
	const canBegin = !existing && hasAllCredentials(example, credentialIds);
	if ((wasActive || canBegin) && hasTrigger(wanted)) {
		await api.post(`/workflows/${stored.id}/activate`, { versionId: stored.versionId });
	}
}

async function find(api: RestApi, id: string): Promise<Stored | undefined> {
	const all = await api.get<Array<{ id: string }>>('/workflows');
	return all.some((workflow) => workflow.id === id)
		? await api.get<Stored>(`/workflows/${id}`)
		: undefined;
}

/** The workflow with those of its credentials that n8n has, and without those that it has not. */
export function withCredentials(workflow: Workflow, credentialIds: CredentialIds): Workflow {
	const nodes = workflow.nodes.map((node) => {
		if (!node.credentials) return node;
		const credentials = Object.entries(node.credentials).flatMap(([type, { name }]) => {
			const id = credentialIds(type, name);
			return id ? [[type, { id, name }] as const] : [];
		});
		return { ...node, credentials: Object.fromEntries(credentials) };
	});
	return { ...workflow, nodes };
}

function hasAllCredentials({ nodes }: Workflow, credentialIds: CredentialIds): boolean {
	const needed = nodes.flatMap(({ credentials = {} }) => Object.entries(credentials));
	return needed.every(([type, { name }]) => credentialIds(type, name) !== undefined);
}

function withInbox<T extends Workflow>(workflow: T, inbox: string): T {
	const text = JSON.stringify(workflow.nodes);
	const nodes = text.replaceAll(/http:\/\/127\.0\.0\.1:\d+\/inbox/g, inbox);
	return { ...workflow, nodes: JSON.parse(nodes) as Node[] };
}

function hasTrigger({ nodes }: Workflow): boolean {
	const startsItself = /(Trigger|\.webhook)$/;
	return nodes.some(({ type }) => startsItself.test(type) && !/manualTrigger$/.test(type));
}
