import type { Player } from './outsideWorld.ts';

/** A message as it arrived in Slack. */
export interface SlackMessage {
	channel: string;
	text: string;
}

/**
 * Plays the part of Slack's Web API that takes messages. As there, a refusal is a 200, too.
 *
 * @param token the access token that it takes
 * @param messages gets every message
 */
export function playSlack(token: string, messages: SlackMessage[]): Player {
	return async ({ method, url, headers, body }) => {
		if (`${method} ${new URL(url).pathname}` !== 'POST /api/chat.postMessage') return null;
		if (headers.authorization !== `Bearer ${token}`) {
			return { statusCode: 200, json: { ok: false, error: 'invalid_auth' } };
		}
		const message = (await body.getJson()) as SlackMessage;
		messages.push(message);
		const ts = `${Math.floor(Date.now() / 1000)}.${String(messages.length).padStart(6, '0')}`;
		return { statusCode: 200, json: { ok: true, channel: 'C0RECORDINGS', ts, message } };
	};
}
