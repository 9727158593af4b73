import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Everything of one request, as text to search. */
export interface Arrival {
	method: string;
	path: string;
	headers: string[];
	text: string;
}

export interface Host {
	origin: string;
	port: number;
	arrived: Arrival[];
	close(): Promise<void>;
}

/** What a host does with a request: sends it elsewhere, or answers with a text. */
export type Manner = (path: string) => { status: number; location?: string; body?: string };

/** A server on a port of its own that notes all that arrives. */
export async function startHost(manner: Manner): Promise<Host> {
	const arrived: Arrival[] = [];
	const server = createServer((request, response) => {
		void buffer(request).then((body) => {
			const { method = '', url: path = '', rawHeaders } = request;
			const headers = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
			arrived.push({ method, path, headers, text: [method, path, ...rawHeaders, body].join('\n') });
			const { status, location, body: text = '' } = manner(path);
			response.writeHead(status, location === undefined ? {} : { location });
			response.end(text);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		port,
		arrived,
		close: () =>
			new Promise((closed) => {
				server.close(() => closed());
				server.closeAllConnections();
			}),
	};
}
