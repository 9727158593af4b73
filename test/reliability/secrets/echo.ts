import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../../../sandbox/loopbackServer.ts';
import { NOT_RESERVED } from './actions.ts';

/** A response that repeats the request, its headers and keys included. */
interface EchoResponse {
	status: number;
	/** An HTML page instead of the service's own error body. */
	isPage?: boolean;
	/** Agora's error code. */
	code?: number;
	/** The connection breaks after half of the body. */
	isCut?: boolean;
}

const RESPONSES: Record<string, EchoResponse> = {
	'200 without the expected fields': { status: 200 },
	'201, code 7': { status: 201, code: 7 },
	'206, code 65': { status: 206, code: 65 },
	'206, code 435': { status: 206, code: 435 },
	'301': { status: 301 },
	'307': { status: 307 },
	'400, code 2': { status: 400, code: 2 },
	'400, code 53': { status: 400, code: 53 },
	'400, a page': { status: 400, isPage: true },
	'401': { status: 401 },
	'403': { status: 403 },
	'404': { status: 404 },
	'409': { status: 409 },
	'429': { status: 429 },
	'500, code 500': { status: 500, code: 500 },
	'502, a page': { status: 502, isPage: true },
	'503': { status: 503 },
	'418, cut': { status: 418, isCut: true },
	'200, cut': { status: 200, isCut: true },
};

/** A folder to which Start can write its test file, so that it continues. */
export const WRITABLE_FOLDER = 'writable';

export interface EchoServers {
	/** By the name of the response. */
	origins: Record<string, string>;
	/** Every request, with its credentials decoded. */
	received: string[];
	/** How many requests followed a redirect. */
	readonly redirected: number;
	/** Never responds. */
	silent: string;
	close(): Promise<void>;
}

export async function startEchoServers(): Promise<EchoServers> {
	const received: string[] = [];
	const closing: Array<() => Promise<void>> = [];
	let redirected = 0;
	const listen = async (
		respond: (request: IncomingMessage, response: ServerResponse, echo: string) => void,
	) => {
		const server = await listenOnLoopback(0, async (request, response) => {
			const echo = await decode(request);
			received.push(echo);
			respond(request, response, echo);
		});
		closing.push(server.close);
		return server.origin;
	};
	const elsewhere = await listen((_, response) => {
		redirected++;
		response.end('{}');
	});
	const origins: Record<string, string> = {};
	for (const [name, echoResponse] of Object.entries(RESPONSES)) {
		origins[name] = await listen((request, response, echo) =>
			repeat(request, response, echo, echoResponse, elsewhere),
		);
	}
	return {
		origins,
		received,
		get redirected() {
			return redirected;
		},
		silent: await listen(() => undefined),
		close: async () => void (await Promise.all(closing.map((close) => close()))),
	};
}

/** The request with its credentials decoded, as a careless service would log it. */
async function decode(request: IncomingMessage): Promise<string> {
	const body = await text(request);
	const { method, url = '/', headers, rawHeaders } = request;
	const [, basic = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
	return [
		`${method} ${url}`,
		decodeURIComponent(url.replace(/%(?![0-9a-f]{2})/gi, '%25')),
		...rawHeaders,
		`user ${Buffer.from(basic, 'base64').toString()}`,
		body,
	].join('\n');
}

function repeat(
	{ url = '/', headers }: IncomingMessage,
	response: ServerResponse,
	echo: string,
	{ status, code, isPage, isCut }: EchoResponse,
	elsewhere: string,
): void {
	const isAgora = /^\/(?:v1|dev)\//.test(url);
	// Start sends the bucket's keys only after a reservation.
	if (url.endsWith('/acquire') && !echo.includes(NOT_RESERVED)) {
		response.setHeader('content-type', 'application/json');
		return void response.end(JSON.stringify({ resourceId: 'a-reservation' }));
	}
	if (url.includes(`/${WRITABLE_FOLDER}/_sessions/write-check`)) return void response.end();
	const [type, body] = isPage
		? ['text/html', `<html><title>${echo}</title><pre>${echo}</pre></html>`]
		: isAgora
			? ['application/json', agoraError(echo, code)]
			: ['application/xml', s3Error(echo)];
	const echoed = Object.entries(headers).map(([name, value]) => [`x-echo-${name}`, String(value)]);
	response.writeHead(status, headers.authorization?.replace(/[^ -~]/g, '') ?? 'No Authorization', {
		...Object.fromEntries(echoed),
		'content-type': type,
		'www-authenticate': `Basic realm="${headers.authorization}"`,
		...(status > 300 && status < 400 && { location: `${elsewhere}${url}` }),
		...(isCut && { 'content-length': String(Buffer.byteLength(body)) }),
	});
	if (!isCut) return void response.end(body);
	response.write(body.slice(0, body.length / 2), () => response.destroy());
}

function agoraError(echo: string, code: number | undefined): string {
	const reason = `invalid request: ${echo}`;
	return JSON.stringify({ code, reason, message: reason, error_msg: reason, echo });
}

function s3Error(echo: string): string {
	const code = echo.replace(/[<&]/g, '');
	const message = echo.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
	return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
