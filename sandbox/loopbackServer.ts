import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
	/** `http://127.0.0.1:<port>` */
	origin: string;
	/** Ends every connection, also those that wait for an answer. */
	close(): Promise<void>;
}

/**
 * An HTTP server nobody outside this machine can reach.
 *
 * @param port 0 for any free one
 * @param handle answers a request; a rejection becomes a 500
 */
export function listenOnLoopback(
	port: number,
	handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<LoopbackServer> {
	const server = createServer((request, response) => {
		handle(request, response).catch((error: Error) => {
			if (response.headersSent) response.destroy();
			else answerJson(response, 500, { message: error.message });
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

/** The request's whole body as text; rejects beyond 1 MB. */
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

/** Ends the response with a JSON body. */
export function answerJson(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): void {
	response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
	response.end(JSON.stringify(body));
}
