import type { IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import { pause } from './concurrency';
import {
	canceled,
	connectionFault,
	Fault,
	responseTooLarge,
	type ConnectionFault,
	type ServiceName,
} from './errors';
import type { RateLimiter } from './rateLimiter';
import { readAtMost, type ByteStream } from './stream';

/** A service, and how to send requests to it. */
export interface Service extends ServiceName {
	/**
	 * Authorizes a request and sends it with n8n's HTTP client, which applies proxy, TLS and SSRF settings.
	 *
	 * @throws n8n's error when there is no response, and a Fault when the credential is invalid
	 */
	request(options: IHttpRequestOptions): Promise<unknown>;
	/** Aborted when the execution is canceled. */
	signal?: AbortSignal;
}

export interface Request {
	method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
	url: string;
	headers?: Record<string, string>;
	body?: string | object;
	retry?: RetryPolicy;
}

/** How a request is retried. By default up to four attempts, even if an earlier one may have had an effect. */
export interface RetryPolicy {
	/** Maximum number of attempts, 4 by default. */
	attempts?: number;
	/**
	 * Whether the request is idempotent, true by default. If not, it is only retried when it had no effect: the service
	 * refused it for its rate, or was not reached.
	 */
	isRepeatable?: boolean;
	/** Decides by the service's own codes whether to retry; undefined where the status decides. */
	isRetryable?: (response: HttpResponse) => boolean | undefined;
	/** Each attempt waits for a slot. */
	limiter?: RateLimiter;
}

export interface HttpResponse {
	status: number;
	/** Names in lower case. */
	headers: Record<string, string>;
	body: string;
	/** An earlier attempt of the same request may have had an effect. */
	mayBeDuplicate?: boolean;
}

/** A response whose body has not been read yet. */
export interface StreamedResponse extends HttpResponse {
	/** The body of a 200. Null for any other status, whose text is in `body`. */
	stream: ByteStream | null;
}

const TIMEOUT_MS = 30_000;
const TOO_MANY_REQUESTS = 429;
/** Not retried, as it does not change. */
const NOT_IMPLEMENTED = 501;
/** Agora: retry after 1, 3 and 6 seconds. */
const DELAYS_MS = [1000, 3000, 6000];
/** No attempt starts later than this after the first, not counting waits for the rate limiter. */
const RETRY_WINDOW_MS = 25_000;
/**
 * Above the largest text that is requested: the playlist of a 720-hour session (Agora: `resourceExpiredHour`), about
 * 25 MB with slices of 15 seconds.
 */
export const MAX_TEXT_BYTES = 32 * 1024 ** 2;
const MAX_ERROR_BYTES = 65_536;

/** The result of one attempt. */
type Outcome<Result extends HttpResponse = HttpResponse> = { response: Result } | ConnectionFault;

/**
 * Sends one request to a service. All HTTP requests of the package are sent here.
 *
 * Retries on 429, 5xx except 501, and network failures, within 25 seconds, with back-off and jitter; the request's
 * policy can change that. Does not follow redirects, so that a credential never reaches another host.
 *
 * @param read reads the body; by default all of it
 * @returns the response, whatever its status
 * @throws Fault when there is no response, it is too large, or the credential cannot sign the request
 */
export async function sendRequest<Result extends HttpResponse = HttpResponse>(
	service: Service,
	request: Request,
	read: Reader<Result> = readWhole as Reader<Result>,
): Promise<Result> {
	const { signal } = service;
	const policy = request.retry ?? {};
	const started = Date.now();
	let waitedMs = 0;
	let mayHaveActed = false;
	try {
		for (let attempt = 0; ; attempt++) {
			if (signal?.aborted) throw canceled();
			const waitingSince = Date.now();
			await policy.limiter?.waitForSlot(signal);
			waitedMs += Date.now() - waitingSince;
			const outcome = await attemptOnce(service, request, read);
			if (isRefusedForRate(outcome)) policy.limiter?.backOff();
			const mayBeDuplicate = mayHaveActed;
			mayHaveActed ||= mayHaveHadEffect(outcome);
			const delay = delayBeforeNext(outcome, policy, attempt);
			const isLast = delay === null || Date.now() - started - waitedMs + delay > RETRY_WINDOW_MS;
			if (isLast && 'response' in outcome) {
				return mayBeDuplicate ? { ...outcome.response, mayBeDuplicate } : outcome.response;
			}
			if (signal?.aborted) throw canceled();
			if (isLast) throw (outcome as ConnectionFault).fault;
			await pause(delay, signal);
		}
	} catch (error) {
		throw afterAttempts(error as Fault, mayHaveActed);
	}
}

/** A fault describes the last attempt, but any of them may have reached the service. */
function afterAttempts({ message, details }: Fault, mayHaveActed: boolean): Fault {
	return new Fault(message, { ...details, notSent: !mayHaveActed });
}

function mayHaveHadEffect(outcome: Outcome): boolean {
	if ('fault' in outcome) return !outcome.fault.details.notSent;
	return !isRefusedForRate(outcome);
}

function isRefusedForRate(outcome: Outcome): boolean {
	return 'response' in outcome && outcome.response.status === TOO_MANY_REQUESTS;
}

/** The response of n8n's HTTP client. */
interface RawResponse extends IN8nHttpFullResponse {
	body: ByteStream;
}

type Reader<Result extends HttpResponse> = (
	response: RawResponse,
	service: Service,
) => Promise<Result>;

/** Requests the body as a stream, the only way to stop reading one that is too large. */
async function attemptOnce<Result extends HttpResponse>(
	service: Service,
	{ method, url, headers, body }: Request,
	read: Reader<Result>,
): Promise<Outcome<Result>> {
	const options: IHttpRequestOptions = {
		method,
		url,
		headers: { ...headers },
		body: body as IHttpRequestOptions['body'],
		encoding: 'stream',
		timeout: TIMEOUT_MS,
		disableFollowRedirect: true,
		ignoreHttpStatusErrors: true,
		returnFullResponse: true,
	};
	try {
		const response = (await service.request(options)) as RawResponse;
		// Without a listener, a stream that fails before it is read would end the n8n process.
		response.body.on('error', () => undefined);
		return { response: await read(response, service) };
	} catch (error) {
		return connectionFault(error, service);
	}
}

/**
 * Sends one GET request to a service and returns the body of a 200 as a stream. Retries like `sendRequest`.
 *
 * @returns the response, whatever its status
 * @throws Fault when there is no response, or the credential cannot sign the request
 */
export async function openStream(service: Service, url: string): Promise<StreamedResponse> {
	// Otherwise the length of the decompressed body would differ from Content-Length.
	const headers = { 'Accept-Encoding': 'identity' };
	return await sendRequest<StreamedResponse>(
		service,
		{ method: 'GET', url, headers },
		readUnlessOk,
	);
}

async function readUnlessOk(response: RawResponse, service: Service): Promise<StreamedResponse> {
	if (response.statusCode !== 200) return { ...(await readWhole(response, service)), stream: null };
	return { ...headOf(response), body: '', stream: response.body };
}

async function readWhole(response: RawResponse, service: Service): Promise<HttpResponse> {
	return { ...headOf(response), body: await readText(response, service) };
}

function headOf({ statusCode, headers }: IN8nHttpFullResponse): Omit<HttpResponse, 'body'> {
	return {
		status: statusCode,
		headers: Object.fromEntries(
			Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
		),
	};
}

/** Reads only the beginning of a long error. */
async function readText({ statusCode, body }: RawResponse, service: Service): Promise<string> {
	const isError = statusCode < 200 || statusCode > 299;
	const bytes = await readAtMost(body, isError ? MAX_ERROR_BYTES : MAX_TEXT_BYTES);
	if (!isError && bytes.length > MAX_TEXT_BYTES) throw responseTooLarge(service);
	return decodeText(bytes);
}

/** Faster than decoding UTF-8 at once, and nearly all responses are ASCII. */
function decodeText(bytes: Buffer): string {
	const text = bytes.toString('latin1');
	const isAscii = Buffer.byteLength(text) === bytes.length;
	return isAscii ? text : bytes.toString('utf8');
}

/** @returns milliseconds until the next attempt, null for no further attempt */
function delayBeforeNext(
	outcome: Outcome,
	{ isRepeatable = true, isRetryable, attempts = DELAYS_MS.length + 1 }: RetryPolicy,
	attempt: number,
): number | null {
	const delay = DELAYS_MS[attempt];
	if (delay === undefined || attempt + 1 >= attempts) return null;
	const jittered = delay * (0.5 + Math.random() / 2);
	if ('fault' in outcome) {
		const { isNetwork, fault } = outcome;
		return isNetwork && (isRepeatable || fault.details.notSent) ? jittered : null;
	}
	const { response } = outcome;
	const byStatus =
		response.status === TOO_MANY_REQUESTS ||
		(isRepeatable && response.status >= 500 && response.status !== NOT_IMPLEMENTED);
	if (!(isRetryable?.(response) ?? byStatus)) return null;
	return Math.max(retryAfterMs(response) ?? 0, jittered);
}

/** @returns the time of a `Retry-After` header, seconds or a date (RFC 9110), in milliseconds */
export function retryAfterMs({ headers }: HttpResponse): number | undefined {
	const value = headers['retry-after'];
	if (value === undefined) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
	return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}

/** @returns the response's `Date`, or the local time without one: Unix milliseconds */
export function serverTime({ headers }: HttpResponse): number {
	const time = Date.parse(headers.date ?? '');
	return Number.isNaN(time) ? Date.now() : time;
}

/**
 * Whether credentials may be sent to a URL: over HTTPS, to localhost, or where the user allows plain HTTP.
 *
 * @param allowPlainHttp the credential's *Allow Plain HTTP*
 */
export function mayCarrySecrets({ protocol, hostname }: URL, allowPlainHttp: boolean): boolean {
	if (protocol === 'https:') return true;
	return protocol === 'http:' && (allowPlainHttp || isLoopback(hostname));
}

/** The URL parser normalizes every notation of an IPv4 address to four decimal numbers. */
function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
