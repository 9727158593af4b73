import {
	createServer,
	request as forward,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What a caller gets in place of the answer. */
export type Mishap =
	/** Nothing, for as long as it waits. */
	| 'silence'
	/** A connection that breaks before any answer. */
	| 'reset'
	/** Status, headers and half of the body, then a broken connection. */
	| 'half'
	/** The real answer, but the second half of its body only then. */
	| { restAfter: Promise<void> }
	/** Another answer; `body` may come piece by piece. */
	| {
			status: number;
			headers?: Record<string, string>;
			body?: string | AsyncIterable<Buffer> | Iterable<Buffer>;
	  }
	/** The real answer, changed. */
	| ((answer: RealAnswer) => RealAnswer);

export interface RealAnswer {
	status: number;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

export interface Trouble {
	mishap: Mishap;
	/** `after` lets the request take effect first and spoils only its answer; a change of it always does. */
	when: 'before' | 'after';
}

/** A request that came by. */
export interface Passing {
	method: string;
	/** With its query. */
	path: string;
	/** When it came, Unix milliseconds. */
	at: number;
	headers: IncomingHttpHeaders;
	body: string;
	/** Whether the service got it. */
	reached: boolean;
	/** How many of those before it had their answer by then. */
	answered: number;
}

export interface Relay {
	/** `http://127.0.0.1:<port>`, to be used in the place of the real origin. */
	origin: string;
	/** All that came by so far. */
	passed: Passing[];
	close(): Promise<void>;
}

/**
 * Stands between a node and a service on this machine and lets things go wrong on the way. Requests go on as
 * they came, their `Host` too, so that signatures stay good.
 *
 * @param origin of the service
 * @param decide is asked for each request, in order: what goes wrong with it, null for nothing
 */
export async function startRelay(
	origin: string,
	decide: (passing: Passing) => Trouble | null,
): Promise<Relay> {
	const passed: Passing[] = [];
	let answered = 0;
	const server = createServer((request, response) => {
		void handle(request, response).catch(() => response.destroy());
	});

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = 'GET', url: path = '/', headers } = request;
		const body = await readAll(request);
		const at = Date.now();
		const passing: Passing = {
			method,
			path,
			at,
			headers,
			body: body.toString(),
			reached: false,
			answered,
		};
		passed.push(passing);
		const trouble = decide(passing);
		// Before the answer is out: the next request may come with its last byte.
		response.once('prefinish', () => answered++);
		if (trouble === null || trouble.when === 'after' || needsAnswer(trouble.mishap)) {
			passing.reached = true;
			const answer = await pass(origin, request, body);
			if (trouble === null) return send(response, answer);
			return await spoil(response, trouble.mishap, answer);
		}
		await spoil(response, trouble.mishap, null);
	}

	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		passed,
		close: () =>
			new Promise((closed) => {
				server.close(() => closed());
				server.closeAllConnections();
			}),
	};
}

/** What is made of the real answer. */
function needsAnswer(mishap: Mishap): boolean {
	if (typeof mishap === 'object') return 'restAfter' in mishap;
	return typeof mishap === 'function' || mishap === 'half';
}

async function spoil(
	response: ServerResponse,
	mishap: Mishap,
	answer: RealAnswer | null,
): Promise<void> {
	if (mishap === 'silence') return;
	if (mishap === 'reset') return void response.destroy();
	if (mishap === 'half') return sendHalf(response, answer!, () => response.destroy());
	if (typeof mishap === 'function') return send(response, mishap(answer!));
	if ('restAfter' in mishap) {
		sendHalf(response, answer!);
		await mishap.restAfter;
		return void response.end(answer!.body.subarray(Math.floor(answer!.body.length / 2)));
	}
	response.writeHead(mishap.status, mishap.headers);
	const pieces = typeof mishap.body === 'string' ? [mishap.body] : (mishap.body ?? []);
	// Whoever asked may have gone.
	await pipeline(Readable.from(pieces), response).catch(() => undefined);
}

function sendHalf(
	response: ServerResponse,
	{ status, headers, body }: RealAnswer,
	sent?: () => void,
): void {
	response.writeHead(status, { ...plain(headers), 'content-length': String(body.length) });
	response.write(body.subarray(0, Math.floor(body.length / 2)), sent);
}

function send(response: ServerResponse, { status, headers, body }: RealAnswer): void {
	response.writeHead(status, plain(headers));
	response.end(body);
}

/** What tells how the real answer travelled, not what it says. */
const OF_THE_WAY = ['connection', 'keep-alive', 'transfer-encoding'];

function plain(headers: IncomingHttpHeaders): IncomingHttpHeaders {
	return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_WAY.includes(name)));
}

async function pass(origin: string, request: IncomingMessage, body: Buffer): Promise<RealAnswer> {
	const { method, url, headers } = request;
	return await new Promise((resolve, reject) => {
		const onward = forward(`${origin}${url}`, { method, headers, setHost: false }, (answer) => {
			readAll(answer).then(
				(content) =>
					resolve({ status: answer.statusCode!, headers: answer.headers, body: content }),
				reject,
			);
		});
		onward.once('error', reject);
		onward.end(body);
	});
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks);
}
