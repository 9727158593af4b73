import { Readable } from 'node:stream';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { cancelSignal } from '../../../nodes/Agora/http/concurrency';
import { Fault } from '../../../nodes/Agora/http/errors';
import type { Service } from '../../../nodes/Agora/http/request';

/** An answer, or what the HTTP client throws. */
export type FakeAnswer =
	{ status?: number; headers?: Record<string, string>; body?: string | object | Readable } | Error;

export interface Asked {
	credential: string;
	options: IHttpRequestOptions;
	/** By the clock of the test. */
	at: number;
}

/**
 * An execute context whose HTTP helper gives the answers one after the other, the last one again and again,
 * and notes what it was asked.
 */
export function fakeContext(answers: FakeAnswer[], credential: object = {}) {
	const asked: Asked[] = [];
	const cancel = new AbortController();
	const helper = async (type: string, options: IHttpRequestOptions) => {
		asked.push({ credential: type, options, at: Date.now() });
		const answer = answers[Math.min(asked.length, answers.length) - 1]!;
		if (answer instanceof Error) throw answer;
		const { status = 200, headers = {}, body = '' } = answer;
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
	return { context: context as unknown as IExecuteFunctions, asked, cancel };
}

/** The service whose requests a context sends, as a caller of `send` builds it. */
export function serviceFrom(context: IExecuteFunctions, changes: Partial<Service> = {}): Service {
	return {
		name: 'Agora',
		advice: 'Check the API Host',
		// Read for each request: a test may replace the helper.
		request: async (options) =>
			await context.helpers.httpRequestWithAuthentication.call(context, 'agoraApi', options),
		signal: cancelSignal(context),
		...changes,
	};
}

/** A body that comes for as long as it is read, and how many bytes of it were. */
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
	return { stream, given: () => bytes };
}

/** What Node's sockets throw, as the HTTP client and n8n wrap it. */
export function connectionError(code: string): Error {
	const inner = Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code });
	return new Error('Request failed', { cause: inner });
}

let time = Date.UTC(2026, 10, 23, 12);

/** Puts jest's clock in place, later each time: the rate limit outlives a test and must not see time go back. */
export function useTestClock(): void {
	jest.useFakeTimers({ now: (time += 3_600_000) });
}

/** Waits for the work while the test's clock runs on; fake timers must be in use. */
export async function onTestClock<T>(work: Promise<T>): Promise<T> {
	work.catch(() => undefined);
	await jest.advanceTimersByTimeAsync(600_000);
	return await work;
}

/** @returns the Fault the work fails with */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(Fault);
	return error as Fault;
}
