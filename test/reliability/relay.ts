import {
	request as sendRequest,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { listenOnLoopback } from '../../sandbox/loopbackServer.ts';

/** What the caller gets in place of the service's response. */
export type FaultyResponse =
	/** Nothing, for as long as it waits. */
	| 'silence'
	/** A connection that is reset before any response. */
	| 'reset'
	/** Status, headers and half of the body, then a reset. */
	| 'half'
	/** The service's response, the second half of its body only after the promise resolves. */
	| { restAfter: Promise<void> }
	/** Another response; an iterable body is streamed. */
	| {
			status: number;
			headers?: Record<string, string>;
			body?: string | AsyncIterable<Buffer> | Iterable<Buffer>;
	  }
	/** The service's response, changed. */
	| ((response: ServiceResponse) => ServiceResponse);

export interface ServiceResponse {
	status: number;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

export interface InjectedFault {
	response: FaultyResponse;
	/** `before`: the service never gets the request. `after`: it does, and only its response is lost or changed. */
	when: 'before' | 'after';
}

export interface RelayedRequest {
	method: string;
	/** With its query. */
	path: string;
	/** When it arrived, Unix milliseconds. */
	at: number;
	headers: IncomingHttpHeaders;
	body: string;
	/** Whether the service got it. */
	forwarded: boolean;
	/** How many responses the relay had sent when it arrived. */
	responsesBefore: number;
}

export interface Relay {
	/** `http://127.0.0.1:<port>`, in place of the service's origin. */
	origin: string;
	/** All requests so far, oldest first. */
	requests: RelayedRequest[];
	close(): Promise<void>;
}

/**
 * A proxy between a node and a service on this machine that injects faults. It forwards requests unchanged, their
 * `Host` header included, so that signatures stay valid.
 *
 * @param origin of the service
 * @param decide returns the fault of each request, in order of arrival; null for none
 */
export async function startRelay(
	origin: string,
	decide: (request: RelayedRequest) => InjectedFault | null,
): Promise<Relay> {
	const requests: RelayedRequest[] = [];
	let responses = 0;

	async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		const { method = 'GET', url: path = '/', headers } = incoming;
		const body = await buffer(incoming);
		const request: RelayedRequest = {
			method,
			path,
			at: Date.now(),
			headers,
			body: body.toString(),
			forwarded: false,
			responsesBefore: responses,
		};
		requests.push(request);
		const fault = decide(request);
		// Counted before the last byte is sent, because the next request may follow it at once.
		outgoing.once('prefinish', () => responses++);
		request.forwarded = fault === null || fault.when === 'after' || needsService(fault.response);
		const response = request.forwarded ? await forward(origin, request, body) : null;
		if (fault === null) send(outgoing, response!);
		else await sendFaulty(outgoing, fault.response, response);
	}

	const { origin: relayOrigin, close } = await listenOnLoopback(0, async (incoming, outgoing) => {
		await handle(incoming, outgoing).catch(() => outgoing.destroy());
	});
	return { origin: relayOrigin, requests, close };
}

/** Whether the faulty response is made from the service's. */
function needsService(response: FaultyResponse): boolean {
	if (typeof response === 'object') return 'restAfter' in response;
	return typeof response === 'function' || response === 'half';
}

async function sendFaulty(
	outgoing: ServerResponse,
	faulty: FaultyResponse,
	response: ServiceResponse | null,
): Promise<void> {
	if (faulty === 'silence') return;
	if (faulty === 'reset') return void outgoing.destroy();
	if (faulty === 'half') return sendHalf(outgoing, response!, () => outgoing.destroy());
	if (typeof faulty === 'function') return send(outgoing, faulty(response!));
	if ('restAfter' in faulty) {
		sendHalf(outgoing, response!);
		await faulty.restAfter;
		return void outgoing.end(response!.body.subarray(Math.floor(response!.body.length / 2)));
	}
	outgoing.writeHead(faulty.status, faulty.headers);
	const chunks = typeof faulty.body === 'string' ? [faulty.body] : (faulty.body ?? []);
	// Fails when the caller closes the connection first.
	await pipeline(Readable.from(chunks), outgoing).catch(() => undefined);
}

function sendHalf(
	outgoing: ServerResponse,
	{ status, headers, body }: ServiceResponse,
	onSent?: () => void,
): void {
	outgoing.writeHead(status, { ...endToEnd(headers), 'content-length': String(body.length) });
	outgoing.write(body.subarray(0, Math.floor(body.length / 2)), onSent);
}

function send(outgoing: ServerResponse, { status, headers, body }: ServiceResponse): void {
	outgoing.writeHead(status, endToEnd(headers));
	outgoing.end(body);
}

/** Headers of the connection to the service only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
	return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}

async function forward(
	origin: string,
	{ method, path, headers }: RelayedRequest,
	body: Buffer,
): Promise<ServiceResponse> {
	const response = await new Promise<IncomingMessage>((resolve, reject) => {
		const options = { method, headers, setHost: false };
		sendRequest(`${origin}${path}`, options, resolve).once('error', reject).end(body);
	});
	return {
		status: response.statusCode!,
		headers: response.headers,
		body: await buffer(response),
	};
}
