import { Readable } from 'node:stream';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { cancelSignal } from '../../../nodes/Agora/http/concurrency';
import { Fault } from '../../../nodes/Agora/http/errors';
import type { Service } from '../../../nodes/Agora/http/request';

/** A response, or the error that the HTTP client throws. */
export type FakeResponse =
	{ status?: number; headers?: Record<string, string>; body?: string | object | Readable } | Error;

export interface SentRequest {
	credential: string;
	options: IHttpRequestOptions;
	/** By the test's clock, Unix milliseconds. */
	at: number;
}

/** An execute context whose HTTP helper records requests and returns the responses in turn, repeating the last one. */
export function fakeContext(responses: FakeResponse[], credential: object = {}) {
	const sent: SentRequest[] = [];
	const cancel = new AbortController();
	const helper = async (type: string, options: IHttpRequestOptions) => {
		sent.push({ credential: type, options, at: Date.now() });
		const response = responses[Math.min(sent.length, responses.length) - 1]!;
		if (response instanceof Error) throw response;
		const { status = 200, headers = {}, body = '' } = response;
		const text = typeof body === 'string' ? body : JSON.stringify(body);
		const stream = body instanceof Readable ? body : Readable.from([Buffer.from(text)]);
		return { statusCode: status, headers, body: stream };
	};
	const context = {
		getNode: () => ({ credentials: { agoraApi: {} } }),
		getCredentials: async () => credential,
		getExecutionCancelSignal: () => cancel.signal,
		helpers: { httpRequestWithAuthentication: helper },
	};
	return { context: context as unknown as IExecuteFunctions, sent, cancel };
}

/** A service that sends its requests with a context, as callers of `sendRequest` create it. */
export function serviceFrom(context: IExecuteFunctions, changes: Partial<Service> = {}): Service {
	return {
		name: 'Agora',
		advice: 'Check the API Host',
		// Read for each request, as a test may replace the helper.
		request: async (options) =>
			await context.helpers.httpRequestWithAuthentication.call(context, 'agoraApi', options),
		signal: cancelSignal(context),
		...changes,
	};
}

/** A body without end, and the number of bytes read from it. */
export function endless() {
	let bytes = 0;
	const piece = Buffer.alloc(65_536, ' ');
	const stream = Readable.from(
		(function* () {
			for (;;) {
				bytes += piece.length;
				yield piece;
			}
		})(),
	);
	return { stream, bytesRead: () => bytes };
}

/** An error of Node's sockets, as the HTTP client and n8n wrap it. */
export function connectionError(code: string): Error {
	const inner = Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code });
	return new Error('Request failed', { cause: inner });
}

let time = Date.UTC(2026, 10, 23, 12);

/** Installs jest's clock, each time at a later time, as the rate limiter is shared by tests and detects time going back. */
export function useTestClock(): void {
	jest.useFakeTimers({ now: (time += 3_600_000) });
}

/** Waits for the work while the test's clock advances; needs fake timers. */
export async function onTestClock<T>(work: Promise<T>): Promise<T> {
	work.catch(() => undefined);
	await jest.advanceTimersByTimeAsync(600_000);
	return await work;
}

/** @returns the Fault that the work throws */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(Fault);
	return error as Fault;
}
