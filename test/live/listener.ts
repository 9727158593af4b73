import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { request } from 'undici';

/** An answer of Agora's, and what was asked. */
export interface Heard {
	/** Method and path, with names in the place of IDs. */
	call: string;
	status: number;
	/** Parsed where it is JSON. */
	body: unknown;
}

export interface Listener {
	/** To be used as the API Host. */
	origin: string;
	heard: Heard[];
	close(): Promise<void>;
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
	const server = createServer(async (incoming, outgoing) => {
		const { method = 'GET', url = '/' } = incoming;
		const headers = Object.fromEntries(
			Object.entries(incoming.headers).filter(([name]) => !NOT_PASSED_ON.includes(name)),
		) as Record<string, string>;
		const sent = await text(incoming);
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
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		heard,
		close: async () => await new Promise((resolve) => server.close(() => resolve())),
	};
}

function parsed(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}
