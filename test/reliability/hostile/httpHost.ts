import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ReceivedRequest {
	method: string;
	/** Not decoded, with its query. */
	path: string;
	/** In lower case. */
	headerNames: string[];
	/** Everything that was received. */
	text: string;
}

export interface HttpHost {
	origin: string;
	port: number;
	received: ReceivedRequest[];
	close(): Promise<void>;
}

export interface HttpResponse {
	status: number;
	body?: string;
	/** Where a redirect leads. */
	location?: string;
}

/** Starts an HTTP server on a free port that keeps every request it receives. */
export async function startHttpHost(respond: (path: string) => HttpResponse): Promise<HttpHost> {
	const received: ReceivedRequest[] = [];
	const server = createServer(async (request, response) => {
		const body = await buffer(request);
		const { method = '', url: path = '', rawHeaders } = request;
		const text = [method, path, ...rawHeaders, body].join('\n');
		const headerNames = Object.keys(request.headers);
		received.push({ method, path, headerNames, text });
		const { status, location, body: content = '' } = respond(path);
		const headers = location === undefined ? {} : { location };
		response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(content) });
		response.end(content);
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		port,
		received,
		close: async () => {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
}
