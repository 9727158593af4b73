import { buffer } from 'node:stream/consumers';
import { listenOnLoopback, type LoopbackServer } from '../../../sandbox/loopbackServer.ts';

export interface ReceivedRequest {
	method: string;
	/** Not decoded, with its query. */
	path: string;
	/** In lower case. */
	headerNames: string[];
	/** Everything that was received. */
	text: string;
}

export interface HttpHost extends LoopbackServer {
	port: number;
	received: ReceivedRequest[];
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
	const server = await listenOnLoopback(0, async (request, response) => {
		const body = await buffer(request);
		const { method = '', url: path = '', rawHeaders } = request;
		const text = [method, path, ...rawHeaders, body].join('\n');
		received.push({ method, path, headerNames: Object.keys(request.headers), text });
		const { status, location, body: content = '' } = respond(path);
		const headers = location === undefined ? {} : { location };
		response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(content) });
		response.end(content);
	});
	return { ...server, port: Number(new URL(server.origin).port), received };
}
