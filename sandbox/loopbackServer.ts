import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiResponse } from './router.ts';

export interface LoopbackServer {
	/** `http://127.0.0.1:<port>` */
	origin: string;
	/** Closes all connections, including those that wait for a response. */
	close(): Promise<void>;
}

/**
 * Starts an HTTP server that only this machine can reach.
 *
 * @param port 0 for any free port
 * @param handle sends the response; if it rejects, the response is a 500
 */
export function listenOnLoopback(
	port: number,
	handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<LoopbackServer> {
	const server = createServer((request, response) => {
		handle(request, response).catch((error: Error) => {
			if (response.headersSent) response.destroy();
			else sendJson(response, 500, { message: error.message });
		});
	});
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => {
			resolve({
				origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
				close: () =>
					new Promise((closed) => {
						server.close(() => closed());
						server.closeAllConnections();
					}),
			});
		});
	});
}

const BODY_LIMIT = 1024 * 1024;

/** Reads the body of a request as text; rejects if it is larger than 1 MB. */
export async function readBody(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > BODY_LIMIT) throw new Error('the body is larger than 1 MB');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}

/** Sends a response with a JSON body. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
	sendResponse(response, { status, body });
}

/** Sends the response of an API. */
export function sendResponse(
	response: ServerResponse,
	{ status, body, headers = {} }: ApiResponse,
): void {
	const isHtml = headers['content-type']?.startsWith('text/html');
	response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
	response.end(isHtml ? body : JSON.stringify(body));
}
