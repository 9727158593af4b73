import type {
	IExecuteFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	IPollFunctions,
} from 'n8n-workflow';
import { readAtMost, type ByteStream } from './byteStream';
import { connectionFault, tooLong, type ConnectionFault } from './connectionFault';
import { Fault } from './fault';
import { canceled, pause } from './pause';

export type Context = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** A service that requests are sent to, and how. */
export interface Service {
	/** As messages name it: "Agora", "The storage". */
	name: string;
	/** What to check when it cannot be reached, as the beginning of a sentence. */
	advice: string;
	/**
	 * Authorizes one request and sends it with n8n's HTTP client, which brings proxy, TLS and SSRF settings.
	 *
	 * @throws what n8n throws when no answer came, and a Fault when the credential cannot be right
	 */
	request(options: IHttpRequestOptions): Promise<unknown>;
	/** Aborted when the execution is cancelled. */
	signal?: AbortSignal;
}

export interface Request {
	method: 'GET' | 'HEAD' | 'POST' | 'PUT';
	url: string;
	headers?: Record<string, string>;
	body?: string | object;
	/**
	 * Whether sending it twice does no harm (the default). If not, it is sent again only when it
	 * certainly had no effect: the service refused it for its rate, or was never reached.
	 */
	repeatable?: boolean;
	/** Waits for the right to send, before every attempt. */
	turn?: () => Promise<void>;
	/** Told when the service refused an attempt for its rate. */
	tooFast?: () => void;
	/** Whether this answer means "ask again", although its status does not say so. */
	unfinished?: (answer: Answer) => boolean;
	/** Whether an answer is not worth another attempt, although its status says so. */
	isFinal?: (answer: Answer) => boolean;
	/** How often it is sent at most; four times by default. */
	attempts?: number;
}

export interface Answer {
	status: number;
	/** By lower-case name. */
	headers: Record<string, string>;
	body: string;
	/** An earlier attempt at the same request may have had an effect. */
	reachedBefore?: boolean;
}

const TIMEOUT_MS = 30_000;
/** It stays so, however often it is asked. */
const NOT_IMPLEMENTED = 501;
/** Agora: wait 1, 3, 6 seconds. */
const BACK_OFF_MS = [1000, 3000, 6000];
/** No new attempt starts later than this after the first, not counting the waits for a turn. */
const RETRY_WINDOW_MS = 25_000;
/**
 * No text that is asked for is longer. The longest is the playlist of a session of 720 hours (Agora:
 * `resourceExpiredHour`), some 25 MB at 15 seconds a slice.
 */
export const MAX_TEXT_BYTES = 32 * 1024 ** 2;
/** As much of an error's text is read; the rest says nothing new. */
const MAX_ERROR_BYTES = 65_536;

/**
 * Sends one request to a service: the package's only HTTP client.
 *
 * @returns the answer, whatever its status. Redirects are not followed, so that a credential never reaches
 *   another host. Sent up to four times within 25 seconds, with back-off and jitter, on 429, 5xx but 501,
 *   connection faults and what `unfinished` says. Waits for a turn do not count.
 * @throws Fault when no answer came, or one longer than any can be, or the credential refused to sign
 */
export async function send(service: Service, request: Request): Promise<Answer> {
	return await sendUntilAnswered(service, request, async () => await sendOnce(service, request));
}

/** What one attempt came to. */
export type Outcome<Got extends Answer = Answer> = { answer: Got } | ConnectionFault;

/**
 * Repeats an attempt as `send` says; for requests whose answer is read in another way.
 *
 * @param sendOnce one attempt at the request
 * @throws Fault when no answer came, or the credential refused to sign
 */
export async function sendUntilAnswered<Got extends Answer>(
	service: Service,
	request: Request,
	sendOnce: () => Promise<Outcome<Got>>,
): Promise<Got> {
	const progress = { reached: false };
	try {
		return await attempts(service, request, sendOnce, progress);
	} catch (error) {
		throw tellingReach(error as Fault, progress.reached);
	}
}

async function attempts<Got extends Answer>(
	{ signal }: Service,
	request: Request,
	sendOnce: () => Promise<Outcome<Got>>,
	progress: { reached: boolean },
): Promise<Got> {
	const started = Date.now();
	let inLine = 0;
	for (let attempt = 0; ; attempt++) {
		if (signal?.aborted) throw canceled();
		const asked = Date.now();
		await request.turn?.();
		inLine += Date.now() - asked;
		const outcome = await sendOnce();
		if (isRefusedForRate(outcome)) request.tooFast?.();
		const reachedBefore = progress.reached;
		progress.reached ||= mayHaveHadEffect(outcome);
		const wait = waitBeforeNext(outcome, request, attempt);
		const tooLate = wait === null || Date.now() - started - inLine + wait > RETRY_WINDOW_MS;
		if (tooLate && 'answer' in outcome) {
			return reachedBefore ? { ...outcome.answer, reachedBefore } : outcome.answer;
		}
		if (signal?.aborted) throw canceled();
		if (tooLate) throw (outcome as ConnectionFault).fault;
		await pause(wait, signal);
	}
}

/** A request that was refused for its rate, or never arrived, changed nothing. */
function mayHaveHadEffect(outcome: Outcome): boolean {
	if ('fault' in outcome) return !outcome.fault.details.neverReached;
	return !isRefusedForRate(outcome);
}

function isRefusedForRate(outcome: Outcome): boolean {
	return 'answer' in outcome && outcome.answer.status === 429;
}

/** The last attempt's fault knows of itself only; what counts is whether any attempt arrived. */
function tellingReach({ message, details }: Fault, reached: boolean): Fault {
	return new Fault(message, { ...details, neverReached: !reached });
}

/** The signal n8n gives when a person stops the execution; polls and lists have none. */
export function cancelSignal(context: Context): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

async function sendOnce(service: Service, request: Request): Promise<Outcome> {
	try {
		const response = await ask(service, request);
		return { answer: { ...headOf(response), body: await readText(response, service) } };
	} catch (error) {
		return connectionFault(error, service);
	}
}

/** What n8n's HTTP client gives: the body is still to come. */
interface OpenResponse extends IN8nHttpFullResponse {
	body: ByteStream;
}

/**
 * Asks n8n's HTTP client once, without following redirects. The body comes as a stream, as nothing else lets it
 * be left off when it does not end.
 *
 * @throws what n8n throws when no answer came; never for a status
 */
export async function ask(
	service: Service,
	{ method, url, headers, body }: Request,
): Promise<OpenResponse> {
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
	const response = (await service.request(options)) as OpenResponse;
	// A stream that fails while nobody reads it would end the whole n8n process.
	response.body.on('error', () => undefined);
	return response;
}

/** @returns everything of an answer but its body */
export function headOf({ statusCode, headers }: IN8nHttpFullResponse): Omit<Answer, 'body'> {
	return {
		status: statusCode,
		headers: Object.fromEntries(
			Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
		),
	};
}

/**
 * @returns the text of an answer; of an error's not all, where it is long
 * @throws Fault when a success is longer than any can be, and what the stream fails with
 */
export async function readText(
	{ statusCode, body }: OpenResponse,
	service: Service,
): Promise<string> {
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
function waitBeforeNext(
	outcome: Outcome,
	{ repeatable = true, unfinished, isFinal, attempts = BACK_OFF_MS.length + 1 }: Request,
	attempt: number,
): number | null {
	const backOff = BACK_OFF_MS[attempt];
	if (backOff === undefined || attempt + 1 >= attempts) return null;
	const jittered = backOff * (0.5 + Math.random() / 2);
	if ('fault' in outcome) {
		const { onTheWay, fault } = outcome;
		return onTheWay && (repeatable || fault.details.neverReached) ? jittered : null;
	}
	const { answer } = outcome;
	if (answer.status === NOT_IMPLEMENTED || isFinal?.(answer)) return null;
	if (answer.status === 429) return Math.max(retryAfterMs(answer) ?? 0, jittered);
	if (unfinished?.(answer)) return jittered;
	if (repeatable && answer.status >= 500) return Math.max(retryAfterMs(answer) ?? 0, jittered);
	return null;
}

/**
 * @returns what a `Retry-After` header asks for, in milliseconds (seconds and dates are both legal HTTP)
 */
export function retryAfterMs({ headers }: Answer): number | undefined {
	const value = headers['retry-after'];
	if (value === undefined) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
	return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}

/** @returns when the answer was given, by the server's clock if it tells: Unix milliseconds */
export function serverTime({ headers }: Answer): number {
	const time = Date.parse(headers.date ?? '');
	return Number.isNaN(time) ? Date.now() : time;
}
