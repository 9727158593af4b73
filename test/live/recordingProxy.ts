import { request } from 'undici';
import { listenOnLoopback, readBody, type LoopbackServer } from '../../sandbox/loopbackServer.ts';

/** A request and Agora's response. */
export interface Exchange {
	/** Method and path without IDs. */
	call: string;
	status: number;
	/** Parsed if it is JSON. */
	body: unknown;
}

/** A proxy whose origin is used as the API Host. */
export interface RecordingProxy extends LoopbackServer {
	exchanges: Exchange[];
}

/** App IDs, resource IDs and sids. */
const ID = /(?<=\/(?:apps|resourceid|sid)\/)[^/?]+/g;
const NOT_FORWARDED = ['host', 'connection', 'content-length', 'accept-encoding'];

/**
 * Forwards requests to Agora and keeps the responses. Listens on this machine only.
 *
 * @param origin Agora's, `https://api.agora.io` or a sandbox's
 */
export async function startRecordingProxy(origin: string): Promise<RecordingProxy> {
	const exchanges: Exchange[] = [];
	const server = await listenOnLoopback(0, async (incoming, outgoing) => {
		const { method = 'GET', url = '/' } = incoming;
		const headers = Object.fromEntries(
			Object.entries(incoming.headers).filter(([name]) => !NOT_FORWARDED.includes(name)),
		) as Record<string, string>;
		const sent = await readBody(incoming);
		try {
			const response = await request(`${origin}${url}`, {
				method,
				headers,
				...(sent !== '' && { body: sent }),
			});
			const body = await response.body.text();
			const call = `${method} ${url.split('?')[0]!.replace(ID, '…')}`;
			exchanges.push({ call, status: response.statusCode, body: parsed(body) });
			const type = String(response.headers['content-type'] ?? 'application/json');
			outgoing.writeHead(response.statusCode, { 'content-type': type }).end(body);
		} catch {
			// The node reports it as it would report an error of Agora's.
			outgoing.destroy();
		}
	});
	return { ...server, exchanges };
}

function parsed(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}
