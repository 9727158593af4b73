import { request } from 'undici';
import { listenOnLoopback, readBody, type LoopbackServer } from '../../sandbox/loopbackServer.ts';

/** An answer of Agora's, and what was asked. */
export interface Heard {
	/** Method and path, with names in the place of IDs. */
	call: string;
	status: number;
	/** Parsed where it is JSON. */
	body: unknown;
}

/** Its origin is to be used as the API Host. */
export interface Listener extends LoopbackServer {
	heard: Heard[];
}

/** App IDs, resource IDs and sids. */
const ID = /(?<=\/(?:apps|resourceid|sid)\/)[^/?]+/g;
const NOT_PASSED_ON = ['host', 'connection', 'content-length', 'accept-encoding'];

/**
 * Passes requests on to Agora and notes the answers. Listens on this machine alone.
 *
 * @param origin Agora's, `https://api.agora.io` or a sandbox's
 */
export async function listenTo(origin: string): Promise<Listener> {
	const heard: Heard[] = [];
	const server = await listenOnLoopback(0, async (incoming, outgoing) => {
		const { method = 'GET', url = '/' } = incoming;
		const headers = Object.fromEntries(
			Object.entries(incoming.headers).filter(([name]) => !NOT_PASSED_ON.includes(name)),
		) as Record<string, string>;
		const sent = await readBody(incoming);
		try {
			const answer = await request(`${origin}${url}`, {
				method,
				headers,
				...(sent !== '' && { body: sent }),
			});
			const body = await answer.body.text();
			const call = `${method} ${url.split('?')[0]!.replace(ID, '…')}`;
			heard.push({ call, status: answer.statusCode, body: parsed(body) });
			const type = String(answer.headers['content-type'] ?? 'application/json');
			outgoing.writeHead(answer.statusCode, { 'content-type': type }).end(body);
		} catch {
			// The node tells it as it would tell it of Agora itself.
			outgoing.destroy();
		}
	});
	return { ...server, heard };
}

function parsed(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}
