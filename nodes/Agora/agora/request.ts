import { cancelSignal, type Context } from '../http/concurrency';
import { Fault } from '../http/errors';
import { rateLimiter } from '../http/rateLimiter';
import { type HttpResponse, type Request, sendRequest, type Service } from '../http/request';
import type { Account } from './account';
import { agoraFault, isSuccess, isRetryable, readJson } from './errors';

export interface AgoraCall {
	/** What the call does, for error messages: "start the recording". */
	name: string;
	method: 'GET' | 'POST';
	/** Path and query, already encoded. */
	path: string;
	body?: object;
	/** What Agora counts its rate by: the App ID, or for the console API the account. */
	limitedBy: string;
	/** See `RetryPolicy`. */
	isRepeatable?: boolean;
}

/**
 * Asks Agora's REST API, within its rate limit.
 *
 * @returns the JSON object of a successful answer
 * @throws Fault in words for a person, for every answer that is not a success
 */
export async function agoraRequest(
	context: Context,
	account: Account,
	call: AgoraCall,
): Promise<Record<string, unknown>> {
	const answer = await agoraAnswer(context, account, call);
	if (isSuccess(answer)) return readJson(answer);
	throw agoraFault(answer, call.name);
}

/**
 * The same, for callers to whom an unsuccessful answer means something: they get it as it is, but without text that
 * repeats a secret.
 *
 * @throws Fault when no answer came
 */
export async function agoraAnswer(
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
	const answer = await sendRequest(agoraService(context), request);
	if (isSuccess(answer)) return answer;
	return redact(answer, [...account.secrets, ...secretsIn(body)]);
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

/** The fault for a successful answer that lacks what its documentation promises. */
export function incompleteAnswer(name: string, missing: string): Fault {
	return new Fault(`Agora's answer has no ${missing} (could not ${name})`, {
		description:
			'Run the node again. If it happens again, check the API Host in the Agora API credential: something other than Agora may answer there.',
	});
}

/** Fields of requests that contain secrets (Agora: cloud recording, `start` and `update`). */
const SECRET_FIELDS = ['secretKey', 'stsToken', 'token', 'secret', 'salt', 'rtmpUrl'];

const REDACTED = '(left out here, because it repeats a secret of the request)';

/**
 * Removes the text of an answer that repeats a secret of the request: Agora's own words go into errors, and a gateway
 * or a proxy may put the whole request into them.
 *
 * @param secrets what the request contained or was made with
 * @returns the answer; of one that repeats any of them only the status, the headers and Agora's `code`
 */
export function redact(answer: HttpResponse, secrets: string[]): HttpResponse {
	const json = readJson(answer);
	const texts = Object.values(json).filter((value) => typeof value === 'string');
	const forms = secrets.filter(Boolean).flatMap(spellings);
	if (!forms.some((secret) => texts.some((text) => text.includes(secret)))) return answer;
	return { ...answer, body: JSON.stringify({ code: json.code, reason: REDACTED }) };
}

/** As it is, in JSON (a body that is repeated) and in a URL. */
function spellings(secret: string): string[] {
	return [secret, JSON.stringify(secret).slice(1, -1), encode(secret)];
}

/** Half a surrogate pair cannot be encoded, so it is replaced first. */
function encode(text: string): string {
	return encodeURIComponent(Buffer.from(text).toString());
}

/** @returns the values of all fields for secrets in a request's body */
export function secretsIn(body: unknown): string[] {
	if (typeof body !== 'object' || body === null) return [];
	return Object.entries(body).flatMap(([name, value]) =>
		typeof value === 'string' && SECRET_FIELDS.includes(name) ? [value] : secretsIn(value),
	);
}
