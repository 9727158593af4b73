import { saveCredential } from '../../sandbox/n8n/credentials.ts';
import type { Demo } from '../../sandbox/n8n/demo.ts';

export const ASK = 'Ask';
export const AGENT = 'AI Agent';

type Tool = [name: string, parameters: Record<string, unknown>];

/** The Agora node as three tools; what the model decides is named and described as n8n's editor does it. */
const TOOLS: Tool[] = [
	[
		'List recordings',
		{
			resource: 'recording',
			operation: 'getAll',
			limit: 5,
			filters: { cname: fromAi('Channel_Name') },
		},
	],
	['Get recording', { resource: 'recording', operation: 'get', recordingId: byId('Recording') }],
	['Start recording', { resource: 'recording', operation: 'start', cname: fromAi('Channel_Name') }],
];

function fromAi(key: string): string {
	return `={{ $fromAI('${key}', '', 'string') }}`;
}

function byId(key: string) {
	return { __rl: true, mode: 'id', value: fromAi(key) };
}

/**
 * Makes a workflow in which n8n's AI Agent has the Agora node as tools.
 *
 * @param model base URL of a model that speaks OpenAI's API
 * @returns n8n's id of it
 */
export async function makeAgent({ api }: Demo, model: string): Promise<string> {
	const openAi = await saveCredential(api, {
		name: 'Scripted model',
		type: 'openAiApi',
		data: { apiKey: 'a-key-that-opens-nothing', url: model },
	});
	const all = await api.get<Array<{ id: string; name: string; type: string }>>('/credentials');
	const own = Object.fromEntries(
		all
			.filter(({ type }) => type.startsWith('agora'))
			.map(({ id, name, type }) => [type, { id, name }]),
	);
	const nodes = [
		node(ASK, 'n8n-nodes-base.manualTrigger', 1, {}),
		node(AGENT, '@n8n/n8n-nodes-langchain.agent', 3.1, {
			promptType: 'define',
			text: 'Record class-7b again, as it was recorded last time.',
			options: {},
		}),
		{
			...node('Model', '@n8n/n8n-nodes-langchain.lmChatOpenAi', 1.2, {
				model: { __rl: true, mode: 'id', value: 'scripted' },
				options: {},
			}),
			credentials: { openAiApi: { id: openAi, name: 'Scripted model' } },
		},
		...TOOLS.map(([name, parameters]) => ({
			...node(name, 'n8n-nodes-agora.agoraTool', 1, parameters),
			credentials: own,
		})),
	];
	const toAgent = (type: string) => ({ [type]: [[{ node: AGENT, type, index: 0 }]] });
	const { id } = await api.post<{ id: string }>('/workflows', {
		name: 'An agent that records',
		nodes,
		connections: {
			[ASK]: toAgent('main'),
			Model: toAgent('ai_languageModel'),
			...Object.fromEntries(TOOLS.map(([name]) => [name, toAgent('ai_tool')])),
		},
		settings: { executionOrder: 'v1' },
	});
	return id;
}

let made = 0;

function node(name: string, type: string, typeVersion: number, parameters: object) {
	return { id: `node-${made++}`, name, type, typeVersion, position: [made * 200, 0], parameters };
}
