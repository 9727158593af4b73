import { cancelSignal, type Context } from '../http/concurrency';
import { Fault } from '../http/errors';
import { rateLimiter } from '../http/rateLimiter';
import { type HttpResponse, type Request, sendRequest, type Service } from '../http/request';
import type { Account } from './account';
import { agoraFault, isSuccess, isRetryable, readJson } from './errors';

export interface AgoraCall {
	/** What the call does, for error messages, such as "start the recording". */
	name: string;
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Path and query, already encoded. */
	path: string;
	body?: object;
	/** What Agora's rate limit applies to: the App ID, or for the console API the account. */
	limitedBy: string;
	/** See `RetryPolicy`. */
	isRepeatable?: boolean;
}

/**
 * Sends a request to Agora's REST API, within its rate limit.
 *
 * @returns the JSON object of the response
 * @throws Fault when the response is not a success
 */
export async function agoraRequest(
	context: Context,
	account: Account,
	call: AgoraCall,
): Promise<Record<string, unknown>> {
	const response = await agoraResponse(context, account, call);
	if (isSuccess(response)) return readJson(response);
	throw agoraFault(response, call.name);
}

/**
 * Sends a request to Agora's REST API, for callers that handle unsuccessful responses.
 *
 * @returns the response, whatever its status. An unsuccessful one has no text that repeats a secret.
 * @throws Fault when there was no response
 */
export async function agoraResponse(
	context: Context,
	account: Account,
	{ method, path, body, limitedBy, isRepeatable }: AgoraCall,
): Promise<HttpResponse> {
	const request: Request = {
		method,
		url: `${account.host}${path}`,
		headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
		body,
		retry: { isRepeatable, isRetryable, limiter: rateLimiter(`${account.host} ${limitedBy}`) },
	};
	const response = await sendRequest(agoraService(context), request);
	if (isSuccess(response)) return response;
	return redact(response, [...account.secrets, ...secretsIn(body)]);
}

function agoraService(context: Context): Service {
	return {
		name: 'Agora',
		advice: 'Check the API Host in the Agora API credential',
		request: async (options) =>
			await context.helpers.httpRequestWithAuthentication.call(context, 'agoraApi', options),
		signal: cancelSignal(context),
	};
}

/** @returns the error for a successful response that lacks a documented value */
export function incompleteResponse(name: string, missing: string): Fault {
	return new Fault(`Agora's response has no ${missing} (could not ${name})`, {
		description:
			'Run the node again. If it fails again, check the API Host in the Agora API credential: it may not be an Agora server.',
	});
}

/** Keys of secrets in request bodies (Agora: cloud recording, `start` and `update`). */
const SECRET_KEYS = ['secretKey', 'stsToken', 'token', 'secret', 'salt', 'rtmpUrl'];

const REDACTED = '(removed because it contains a secret of the request)';

/**
 * Removes the text of a response that repeats a secret of the request: errors contain Agora's own reason, and a gateway
 * or a proxy may repeat the whole request in it.
 *
 * @param secrets secrets in the request
 * @returns the response; if it contains a secret, only with its status, headers and Agora's `code`
 */
export function redact(response: HttpResponse, secrets: string[]): HttpResponse {
	const json = readJson(response);
	const texts = Object.values(json).filter((value) => typeof value === 'string');
	const forms = secrets.filter(Boolean).flatMap(encodings);
	if (!forms.some((secret) => texts.some((text) => text.includes(secret)))) return response;
	return { ...response, body: JSON.stringify({ code: json.code, reason: REDACTED }) };
}

/** @returns the secret as it is, as in JSON, and as in a URL */
function encodings(secret: string): string[] {
	// Through a buffer, which replaces unpaired surrogates: encodeURIComponent would throw.
	const inUrl = encodeURIComponent(Buffer.from(secret).toString());
	return [secret, JSON.stringify(secret).slice(1, -1), inUrl];
}

/** @returns the values of all keys for secrets in a request body */
function secretsIn(body: unknown): string[] {
	if (typeof body !== 'object' || body === null) return [];
	return Object.entries(body).flatMap(([name, value]) =>
		typeof value === 'string' && SECRET_KEYS.includes(name) ? [value] : secretsIn(value),
	);
}
