import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
	createServer as createSocketServer,
	type AddressInfo,
	type Server as Sockets,
} from 'node:net';

/** A way in which a service says the whole request back, headers, keys and all. */
export interface Manner {
	status: number;
	/** Instead of an object with `reason` for Agora, and an `<Error>` for a bucket. */
	page?: boolean;
	/** Agora's own code besides. */
	code?: number;
	/** The connection breaks after half of it. */
	cut?: boolean;
}

export const MANNERS: Record<string, Manner> = {
	'200 with nothing that was promised': { status: 200 },
	'201, code 7': { status: 201, code: 7 },
	'206, code 65': { status: 206, code: 65 },
	'206, code 435': { status: 206, code: 435 },
	'301': { status: 301 },
	'307': { status: 307 },
	'400, code 2': { status: 400, code: 2 },
	'400, code 53': { status: 400, code: 53 },
	'400, a page': { status: 400, page: true },
	'401': { status: 401 },
	'403': { status: 403 },
	'404': { status: 404 },
	'409': { status: 409 },
	'429': { status: 429 },
	'500, code 500': { status: 500, code: 500 },
	'502, a page': { status: 502, page: true },
	'503': { status: 503 },
	'418, cut': { status: 418, cut: true },
	'200, cut': { status: 200, cut: true },
};

/** A folder in which Start may write its test file, so that it goes on. */
export const PASSES_WRITE_CHECK = 'writable';

export interface Echoes {
	/** Where each manner is found. */
	origins: Record<string, string>;
	/** Every request that came, word for word. */
	heard: string[];
	/** Requests that a redirect has led elsewhere. */
	readonly ledAway: number;
	/** Answers nothing, ever. */
	silence: string;
	/** Breaks every connection off. */
	reset: string;
	/** Speaks no HTTP. */
	noise: string;
	close(): Promise<void>;
}

/** Services on this machine that repeat in their answers whatever they were sent. */
export async function startEchoes(): Promise<Echoes> {
	const heard: string[] = [];
	let ledAway = 0;
	const servers: Array<Server | Sockets> = [];
	const listen = async (server: Server | Sockets): Promise<string> => {
		servers.push(server);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	};
	const elsewhere = await listen(
		createServer((request, response) => {
			ledAway++;
			heard.push(request.rawHeaders.join('\n'));
			response.end('{}');
		}),
	);
	const origins: Record<string, string> = {};
	for (const [name, manner] of Object.entries(MANNERS)) {
		origins[name] = await listen(
			createServer((request, response) => {
				void wordForWord(request).then((words) => {
					heard.push(words);
					answer(request, response, words, manner, elsewhere);
				});
			}),
		);
	}
	const silence = await listen(
		createServer((request) => void wordForWord(request).then((words) => heard.push(words))),
	);
	const reset = await listen(
		createSocketServer((socket) => socket.once('data', () => socket.destroy())),
	);
	const noise = await listen(
		createSocketServer((socket) => {
			socket.on('error', () => undefined);
			socket.once('data', (data) => socket.end(data));
		}),
	);
	return {
		origins,
		heard,
		get ledAway() {
			return ledAway;
		},
		silence,
		reset,
		noise,
		close: async () => {
			for (const server of servers) {
				server.close();
				if ('closeAllConnections' in server) server.closeAllConnections();
			}
		},
	};
}

/** The request, and its keys as a careless service would log them. */
async function wordForWord(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	const { method, url = '/', headers, rawHeaders } = request;
	const [, basic = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
	return [
		`${method} ${url}`,
		decodeURIComponent(url.replace(/%(?![0-9a-f]{2})/gi, '%25')),
		...rawHeaders,
		`user ${Buffer.from(basic, 'base64').toString()}`,
		Buffer.concat(chunks).toString(),
	].join('\n');
}

function answer(
	request: IncomingMessage,
	response: ServerResponse,
	words: string,
	{ status, code, page, cut }: Manner,
	elsewhere: string,
): void {
	const { url = '/', headers } = request;
	const isAgora = /^\/(?:v1|dev)\//.test(url);
	// Without a reservation nobody starts, and the start is what carries the keys of the bucket.
	if (url.endsWith('/acquire') && !words.includes('not-to-be-reserved')) {
		response.setHeader('content-type', 'application/json');
		return void response.end(JSON.stringify({ resourceId: 'a-reservation' }));
	}
	if (url.includes(`/${PASSES_WRITE_CHECK}/_sessions/write-check`)) return void response.end();
	const sent = Object.entries(headers).map(([name, value]) => [`x-echo-${name}`, String(value)]);
	const body = page ? pageOf(words) : isAgora ? jsonOf(words, code) : xmlOf(words);
	response.writeHead(status, headers.authorization?.replace(/[^ -~]/g, '') ?? 'No Authorization', {
		...Object.fromEntries(sent),
		'content-type': page ? 'text/html' : isAgora ? 'application/json' : 'application/xml',
		'www-authenticate': `Basic realm="${headers.authorization}"`,
		...(status > 300 && status < 400 && { location: `${elsewhere}${url}` }),
		...(cut && { 'content-length': String(Buffer.byteLength(body)) }),
	});
	if (!cut) return void response.end(body);
	response.write(body.slice(0, body.length / 2), () => response.destroy());
}

function jsonOf(words: string, code: number | undefined): string {
	const said = `invalid request: ${words}`;
	return JSON.stringify({ code, reason: said, message: said, error_msg: said, echo: words });
}

const xmlOf = (words: string) =>
	`<?xml version="1.0"?><Error><Code>${words.replace(/[<&]/g, '')}</Code><Message>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</Message></Error>`;

const pageOf = (words: string) => `<html><title>${words}</title><pre>${words}</pre></html>`;
