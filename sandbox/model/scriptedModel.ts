import { listenOnLoopback, readBody, sendJson } from '../loopbackServer.ts';

/** A message of a chat, as in OpenAI's API. */
export interface Message {
	role: 'system' | 'user' | 'assistant' | 'tool';
	content: string | null;
}

/** A tool that the model can call: its name, what it does, and its arguments as a JSON schema. */
export interface Tool {
	name: string;
	description: string;
	parameters: Record<string, unknown>;
}

export interface ChatRequest {
	messages: Message[];
	tools: Tool[];
}

/** What the model responds with: a message, or a call of a tool. */
export type Turn = { content: string } | { tool: string; arguments: Record<string, unknown> };

export interface ScriptedModel {
	/** The *Base URL* of an OpenAI credential. */
	url: string;
	/** All requests, oldest first. */
	requests: ChatRequest[];
	stop(): Promise<void>;
}

/**
 * Starts a server with OpenAI's chat completions API and a scripted model, so that agents can be tested without an
 * account and with the same result each time.
 *
 * @param respond decides what the model responds with, from the chat so far
 */
export async function startScriptedModel(
	respond: (request: ChatRequest) => Turn,
): Promise<ScriptedModel> {
	const requests: ChatRequest[] = [];
	const { origin, close } = await listenOnLoopback(0, async (request, response) => {
		if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
			sendJson(response, 404, { error: { message: `no route ${request.method} ${request.url}` } });
			return;
		}
		const { messages, tools = [] } = JSON.parse(await readBody(request)) as {
			messages: Message[];
			tools?: Array<{ function: Tool }>;
		};
		const chat = { messages, tools: tools.map((each) => each.function) };
		requests.push(chat);
		sendJson(response, 200, completion(respond(chat), requests.length));
	});
	return { url: `${origin}/v1`, requests, stop: close };
}

function completion(turn: Turn, number: number) {
	const isToolCall = 'tool' in turn;
	return {
		id: `chatcmpl-${number}`,
		object: 'chat.completion',
		created: Math.floor(Date.now() / 1000),
		model: 'scripted',
		choices: [
			{
				index: 0,
				finish_reason: isToolCall ? 'tool_calls' : 'stop',
				message: isToolCall
					? {
							role: 'assistant',
							content: null,
							tool_calls: [
								{
									id: `call_${number}`,
									type: 'function',
									function: { name: turn.tool, arguments: JSON.stringify(turn.arguments) },
								},
							],
						}
					: { role: 'assistant', content: turn.content },
			},
		],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}
