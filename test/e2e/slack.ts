import type { FakeService } from './externalServices.ts';

/** A message that was sent to Slack. */
export interface SlackMessage {
	channel: string;
	text: string;
}

/**
 * Simulates the part of Slack's Web API that receives messages. Like Slack, it also refuses with status 200.
 *
 * @param token the access token it accepts
 * @param messages receives every message
 */
export function fakeSlack(token: string, messages: SlackMessage[]): FakeService {
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
