import type { IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import { pause } from './concurrency';
import {
	canceled,
	connectionFault,
	Fault,
	tooLong,
	type ConnectionFault,
	type ServiceName,
} from './errors';
import type { RateLimiter } from './rateLimiter';
import { readAtMost, type ByteStream } from './stream';

/** A service that requests are sent to, and how. */
export interface Service extends ServiceName {
	/**
	 * Authorizes one request and sends it with n8n's HTTP client, which brings proxy, TLS and SSRF settings.
	 *
	 * @throws what n8n throws when no answer came, and a Fault when the credential cannot be right
	 */
	request(options: IHttpRequestOptions): Promise<unknown>;
	/** Aborted when the execution is canceled. */
	signal?: AbortSignal;
}

export interface Request {
	method: 'GET' | 'HEAD' | 'POST' | 'PUT';
	url: string;
	headers?: Record<string, string>;
	body?: string | object;
	retry?: RetryPolicy;
}

/** How a request is repeated. Without one: four attempts, also after answers and faults that may have had an effect. */
export interface RetryPolicy {
	/** How often the request is sent at most, 4 by default. */
	attempts?: number;
	/**
	 * Whether sending it twice does no harm, true by default. If not, it is sent again only when it certainly had no
	 * effect: the service refused it for its rate, or was not reached.
	 */
	isRepeatable?: boolean;
	/** What the service itself means by an answer; undefined where the status decides. */
	isRetryable?: (answer: HttpResponse) => boolean | undefined;
	/** Each attempt waits for its turn there. */
	limiter?: RateLimiter;
}

export interface HttpResponse {
	status: number;
	/** By lower-case name. */
	headers: Record<string, string>;
	body: string;
	/** An earlier attempt at the same request may have had an effect. */
	mayBeDuplicate?: boolean;
}

/** An answer whose body is still to come. */
export interface StreamedResponse extends HttpResponse {
	/** The body of a 200, unread. Of any other status it is null, and `body` has the text. */
	stream: ByteStream | null;
}

const TIMEOUT_MS = 30_000;
const TOO_MANY_REQUESTS = 429;
/** It stays so, however often it is requested. */
const NOT_IMPLEMENTED = 501;
/** Agora: wait 1, 3, 6 seconds. */
const DELAYS_MS = [1000, 3000, 6000];
/** No new attempt starts later than this after the first, not counting the waits for the rate limiter. */
const RETRY_WINDOW_MS = 25_000;
/**
 * Longer than any text that is requested. The longest is the playlist of a session of 720 hours (Agora:
 * `resourceExpiredHour`), some 25 MB at 15 seconds a slice.
 */
export const MAX_TEXT_BYTES = 32 * 1024 ** 2;
/** As much of an error's text is read; the rest says nothing new. */
const MAX_ERROR_BYTES = 65_536;

/** What one attempt came to. */
type Outcome<Got extends HttpResponse = HttpResponse> = { answer: Got } | ConnectionFault;

/**
 * Sends one request to a service: the package's only HTTP client.
 *
 * @param read makes the answer of a response; by default with its whole text
 * @returns the answer, whatever its status. Redirects are not followed, so that a credential never reaches
 *   another host. Repeated as its policy says, within 25 seconds, with back-off and jitter, on 429, 5xx but 501 and
 *   connection faults.
 * @throws Fault when no answer came, or one that is too long, or the credential refused to sign
 */
export async function sendRequest<Got extends HttpResponse = HttpResponse>(
	service: Service,
	request: Request,
	read: Reader<Got> = readWhole as Reader<Got>,
): Promise<Got> {
	const { signal } = service;
	const { limiter } = request.retry ?? {};
	const started = Date.now();
	let inLine = 0;
	let mayHaveActed = false;
	try {
		for (let attempt = 0; ; attempt++) {
			const entered = Date.now();
			if (signal?.aborted) throw canceled();
			await limiter?.waitForSlot(signal);
			inLine += Date.now() - entered;
			const outcome = await attemptOnce(service, request, read);
			if (isRefusedForRate(outcome)) limiter?.backOff();
			const mayBeDuplicate = mayHaveActed;
			mayHaveActed ||= mayHaveHadEffect(outcome);
			const delay = delayBeforeNext(outcome, request.retry ?? {}, attempt);
			const isLast = delay === null || Date.now() - started - inLine + delay > RETRY_WINDOW_MS;
			if (isLast && 'answer' in outcome) {
				return mayBeDuplicate ? { ...outcome.answer, mayBeDuplicate } : outcome.answer;
			}
			if (signal?.aborted) throw canceled();
			if (isLast) throw (outcome as ConnectionFault).fault;
			await pause(delay, signal);
		}
	} catch (error) {
		throw afterAttempts(error as Fault, mayHaveActed);
	}
}

/** A fault is about the last attempt, but any of them may have reached the service. */
function afterAttempts({ message, details }: Fault, mayHaveActed: boolean): Fault {
	return new Fault(message, { ...details, notSent: !mayHaveActed });
}

/** A request that was refused for its rate, or not sent, changed nothing. */
function mayHaveHadEffect(outcome: Outcome): boolean {
	if ('fault' in outcome) return !outcome.fault.details.notSent;
	return !isRefusedForRate(outcome);
}

function isRefusedForRate(outcome: Outcome): boolean {
	return 'answer' in outcome && outcome.answer.status === TOO_MANY_REQUESTS;
}

/** What n8n's HTTP client returns: the body is still to come. */
interface RawResponse extends IN8nHttpFullResponse {
	body: ByteStream;
}

/** Makes an answer of a response. */
type Reader<Got extends HttpResponse> = (response: RawResponse, service: Service) => Promise<Got>;

/** The body comes as a stream, because nothing else allows to stop reading one that does not end. */
async function attemptOnce<Got extends HttpResponse>(
	service: Service,
	{ method, url, headers, body }: Request,
	read: Reader<Got>,
): Promise<Outcome<Got>> {
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
		// A stream that fails while nobody reads it would end the whole n8n process.
		response.body.on('error', () => undefined);
		return { answer: await read(response, service) };
	} catch (error) {
		return connectionFault(error, service);
	}
}

/**
 * Sends one GET request to a service, and leaves the body of a 200 to be read.
 *
 * @returns the answer, whatever its status; repeated like `sendRequest`
 * @throws Fault when no answer came, or the credential refused to sign
 */
export async function openStream(service: Service, url: string): Promise<StreamedResponse> {
	// Unpacked on the way, the body would not have the announced length.
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

/** Of a long error only the beginning. */
async function readText({ statusCode, body }: RawResponse, service: Service): Promise<string> {
	const isError = statusCode < 200 || statusCode > 299;
	const bytes = await readAtMost(body, isError ? MAX_ERROR_BYTES : MAX_TEXT_BYTES);
	if (!isError && bytes.length > MAX_TEXT_BYTES) throw tooLong(service);
	return asciiText(bytes) ?? bytes.toString('utf8');
}

const NOT_ASCII = /[\x80-\xff]/;

/** @returns the text, in half the time that UTF-8 takes; null where it is not plain ASCII, which it nearly always is */
export function asciiText(bytes: Buffer): string | null {
	const text = bytes.toString('latin1');
	return NOT_ASCII.test(text) ? null : text;
}

/** Milliseconds until the next attempt, or null when there is to be none. */
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
	const { answer } = outcome;
	const byStatus =
		answer.status === TOO_MANY_REQUESTS ||
		(isRepeatable && answer.status >= 500 && answer.status !== NOT_IMPLEMENTED);
	if (!(isRetryable?.(answer) ?? byStatus)) return null;
	return Math.max(retryAfterMs(answer) ?? 0, jittered);
}

/**
 * @returns what a `Retry-After` header requests, in milliseconds (seconds and dates are both legal HTTP)
 */
export function retryAfterMs({ headers }: HttpResponse): number | undefined {
	const value = headers['retry-after'];
	if (value === undefined) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
	return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}

/** @returns when the answer was sent, by the server's clock where it has a date: Unix milliseconds */
export function serverTime({ headers }: HttpResponse): number {
	const time = Date.parse(headers.date ?? '');
	return Number.isNaN(time) ? Date.now() : time;
}

/**
 * Whether credentials may be sent to a URL: encrypted, to this machine, or where the user has allowed clear text.
 *
 * @param allowPlainHttp whether the user has turned on *Allow Plain HTTP*; localhost does not need it
 */
export function mayCarrySecrets({ protocol, hostname }: URL, allowPlainHttp: boolean): boolean {
	if (protocol === 'https:') return true;
	return protocol === 'http:' && (allowPlainHttp || isLoopback(hostname));
}

/** Parsing has turned every spelling of an IPv4 address into four decimal numbers. */
function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
