import { answerJson, listenOnLoopback, readBody } from '../loopbackServer.ts';

/** A message of a chat, as OpenAI's API has it. */
export interface Message {
	role: 'system' | 'user' | 'assistant' | 'tool';
	content: string | null;
}

/** A tool as it is offered to a model: its name, what it does, and its arguments as a JSON schema. */
export interface Tool {
	name: string;
	description: string;
	parameters: Record<string, unknown>;
}

export interface ChatRequest {
	messages: Message[];
	tools: Tool[];
}

/** What the model does next. */
export type Turn = { say: string } | { call: string; with: Record<string, unknown> };

export interface ScriptedModel {
	/** The *Base URL* of an OpenAI credential. */
	url: string;
	/** What it was asked, in order. */
	asked: ChatRequest[];
	stop(): Promise<void>;
}

/**
 * A language model that does what it is told: answers OpenAI's chat completions on this machine, so that agents
 * can be tried without an account, and always do the same.
 *
 * @param next what to do, from the chat so far
 */
export async function startScriptedModel(
	next: (request: ChatRequest) => Turn,
): Promise<ScriptedModel> {
	const asked: ChatRequest[] = [];
	const { origin, close } = await listenOnLoopback(0, async (request, response) => {
		if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
			answerJson(response, 404, { error: { message: `no ${request.method} ${request.url} here` } });
			return;
		}
		const { messages, tools = [] } = JSON.parse(await readBody(request)) as {
			messages: Message[];
			tools?: Array<{ function: Tool }>;
		};
		const chat = { messages, tools: tools.map((each) => each.function) };
		asked.push(chat);
		answerJson(response, 200, completion(next(chat), asked.length));
	});
	return { url: `${origin}/v1`, asked, stop: close };
}

function completion(turn: Turn, number: number) {
	const calls = 'call' in turn;
	return {
		id: `chatcmpl-${number}`,
		object: 'chat.completion',
		created: Math.floor(Date.now() / 1000),
		model: 'scripted',
		choices: [
			{
				index: 0,
				finish_reason: calls ? 'tool_calls' : 'stop',
				message: calls
					? {
							role: 'assistant',
							content: null,
							tool_calls: [
								{
									id: `call_${number}`,
									type: 'function',
									function: { name: turn.call, arguments: JSON.stringify(turn.with) },
								},
							],
						}
					: { role: 'assistant', content: turn.say },
			},
		],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}
