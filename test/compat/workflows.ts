import type { Operation } from '../../docs/generate/operations.ts';
import type { Workflow } from '../../sandbox/n8n/workflows.ts';

/** Of credentials by type, in n8n. */
export const CREDENTIAL_IDS: Record<string, string> = {
	agoraApi: 'compatAgora00001',
	agoraStorageApi: 'compatStorage001',
	agoraNotificationsApi: 'compatNotices001',
};

/** Names of the workflows, and the paths of their webhooks. */
export const OPERATIONS = 'operations';
export const COMMAND = 'command';
export const TRIGGER = 'trigger';
export const EVENT_TRIGGER = 'event-trigger';
export const CANCELED = 'canceled';
/** Responds with the file that Recording: Download returns. */
export const FILE = 'file';

/** The node in COMMAND. */
export const COMMAND_NODE = 'Project: Get Many';

type Node = Workflow['nodes'][number] & Record<string, unknown>;
/** Each node leads to the next one. */
type Chain = Node[];

/** A workflow for n8n's CLI and REST API. */
export type CompatWorkflow = ReturnType<typeof workflow>;

/** @param inbox receives the messages of the triggers' workflows */
export function compatWorkflows(operations: Operation[], inbox: string): CompatWorkflow[] {
	const parametersOf = (resource: string, value: string) => {
		const { example } = operations.find((each) => isOperation(each, resource, value))!;
		return { resource, operation: value, ...example.parameters };
	};
	const download = parametersOf('recording', 'download');
	const start = { ...parametersOf('recording', 'start'), cname: CANCELED, waitForRecording: true };
	return [
		workflow(OPERATIONS, [
			...operations.map((each) => {
				const { resource, value } = each;
				const parameters = parametersOf(resource.value, value);
				return [
					webhook(pathOf(each), { responseMode: 'lastNode', responseData: 'allEntries' }),
					agora(`${resource.name}: ${each.name}`, parameters, true),
				];
			}),
			[
				webhook(FILE, {
					responseMode: 'lastNode',
					responseData: 'firstEntryBinary',
					responseBinaryPropertyName: 'data',
				}),
				agora('File', download),
			],
		]),
		workflow(COMMAND, [
			[
				node('Manual trigger', 'n8n-nodes-base.manualTrigger', {}),
				agora(COMMAND_NODE, parametersOf('project', 'getAll')),
			],
		]),
		workflow(TRIGGER, [
			[
				node('Agora Trigger', 'n8n-nodes-agora.agoraTrigger', {
					event: 'recordingCompleted',
					filters: {},
					options: { includeExisting: true },
					pollTimes: { item: [{ mode: 'everyMinute' }] },
				}),
				message(TRIGGER, inbox),
			],
		]),
		workflow(EVENT_TRIGGER, [
			[
				node(
					'Agora Event Trigger',
					'n8n-nodes-agora.agoraEventTrigger',
					{ product: 'recording', events: ['*'], filters: {} },
					{ webhookId: EVENT_TRIGGER },
				),
				message(EVENT_TRIGGER, inbox),
			],
		]),
		workflow(CANCELED, [
			[webhook(CANCELED, { responseMode: 'onReceived' }), agora('Start', start)],
		]),
	];
}

/** @returns the path of the webhook that runs an operation */
export function pathOf({ resource, value }: Operation): string {
	return `${resource.value}-${value}`;
}

export function isOperation(operation: Operation, resource: string, value: string): boolean {
	return operation.resource.value === resource && operation.value === value;
}

/** @returns the text of the message that a workflow with a trigger posts for a recording */
export function messageText(workflowName: string, sid: string): string {
	return `${workflowName} ${sid}`;
}

function message(workflowName: string, inbox: string): Node {
	const json = `{ text: ${JSON.stringify(messageText(workflowName, ''))} + $json.sid }`;
	const parameters = {
		method: 'POST',
		url: `${inbox}/messages`,
		sendBody: true,
		specifyBody: 'json',
		jsonBody: `={{ JSON.stringify(${json}) }}`,
	};
	return node('Message', 'n8n-nodes-base.httpRequest', parameters, { typeVersion: 4.2 });
}

function webhook(path: string, parameters: object): Node {
	return node(
		`Webhook ${path}`,
		'n8n-nodes-base.webhook',
		{ httpMethod: 'POST', path, ...parameters },
		{ typeVersion: 2, webhookId: path },
	);
}

/** @param continues whether a failure is an item, so that the webhook responds with its message */
function agora(name: string, parameters: object, continues = false): Node {
	const settings = continues ? { onError: 'continueRegularOutput' } : {};
	return node(name, 'n8n-nodes-agora.agora', parameters, settings);
}

function node(name: string, type: string, parameters: object, settings: object = {}): Node {
	const credentials = Object.fromEntries(
		Object.entries(CREDENTIAL_IDS).map(([credential, id]) => [
			credential,
			{ id, name: credential },
		]),
	);
	return {
		id: name,
		name,
		// n8n 2.0 doesn't import a workflow without it.
		versionId: crypto.randomUUID(),
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters,
		...(type.startsWith('n8n-nodes-agora.') && { credentials }),
		...settings,
	};
}

function workflow(name: string, chains: Chain[]) {
	const links = chains.flatMap((chain) =>
		chain.slice(1).map((next, i) => {
			const main = [[{ node: next.name, type: 'main', index: 0 }]];
			return [chain[i]!.name, { main }] as const;
		}),
	);
	return {
		id: name,
		name,
		// n8n 2.0 doesn't import a workflow without it.
		versionId: crypto.randomUUID(),
		active: false,
		settings: { executionOrder: 'v1' },
		nodes: chains.flat(),
		connections: Object.fromEntries(links),
	};
}
