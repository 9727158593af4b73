import { Fault, type FaultDetails } from '../http/errors';
import { retryAfterMs, type HttpResponse } from '../http/request';

/** Agora's answer as an object, {} when it is not JSON (a gateway's HTML page, nothing at all). */
export function readJson({ body }: HttpResponse): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

/** Agora: the request body is invalid, with whatever status. */
export const INVALID_REQUEST = 2;
const NOT_COMPLETED = 65;

/**
 * What Agora itself says about sending the same request again: yes where it did not finish (206 with code 65), no where
 * the request is invalid (code 2, which also comes with 5xx). Source: Agora, cloud recording, status codes.
 *
 * @returns undefined where it says nothing, and the status decides
 */
export function isRetryable(answer: HttpResponse): boolean | undefined {
	const { code } = readJson(answer);
	if (answer.status === 206 && code === NOT_COMPLETED) return true;
	return answer.status !== 429 && code === INVALID_REQUEST ? false : undefined;
}

/**
 * Whether the answer is a success. 201 with code 7 and every 206 are failures although 2xx, and so is code 2 with any
 * status (Agora, cloud recording, status codes); the console API answers 201 to everything (console REST API).
 */
export function isSuccess(answer: HttpResponse): boolean {
	if (answer.status < 200 || answer.status >= 300 || answer.status === 206) return false;
	const { code } = readJson(answer);
	return code !== INVALID_REQUEST && !(answer.status === 201 && code === 7);
}

interface ErrorText {
	message: string;
	advice: string;
	cause?: FaultDetails['cause'];
}

const WRONG_CREDENTIAL: ErrorText = {
	message: 'Agora does not accept this Customer ID and Customer Secret',
	advice:
		'Check both in the Agora API credential (Agora Console → Developer Toolkit → RESTful API). They must belong to the account that owns the App ID.',
	cause: 'credential-invalid',
};
const UNKNOWN_APP_ID: ErrorText = {
	message: 'Agora does not know this App ID, or Cloud Recording is not enabled for it',
	advice: 'Check the App ID, and enable Cloud Recording for the project in the Agora Console.',
	cause: 'configuration-invalid',
};
const WRONG_CHANNEL_NAME: ErrorText = {
	message: 'Agora does not accept this channel name',
	advice: 'A channel name has 1 to 64 letters, digits, spaces and simple punctuation marks.',
};
const TRY_AGAIN: ErrorText = {
	message: 'Agora could not finish the request in time',
	advice: 'Run the node again in a moment.',
	cause: 'temporarily-unavailable',
};
const REDIRECTED: ErrorText = {
	message: 'The API host responded with a redirect',
	advice:
		'Check the API Host in the Agora API credential. Redirects are not followed, so that the credential is not sent to another host.',
	cause: 'configuration-invalid',
};
const INVALID: ErrorText = {
	message: 'Agora rejected the request as invalid',
	advice: 'Check the fields of this node.',
};

/** By Agora's `code`, in cloud recording. */
const BY_CODE: Record<number, ErrorText> = {
	[INVALID_REQUEST]: INVALID,
	7: {
		message: 'This recording was already started',
		advice:
			'The start was sent twice, so a recording is running. It ends by itself when the channel is empty.',
	},
	49: { message: 'This recording is already stopping', advice: 'Its files will arrive.' },
	53: {
		message: 'This channel is already being recorded with this recorder UID',
		advice: 'To record the channel a second time, use another recorder UID.',
	},
	62: TRY_AGAIN,
	[NOT_COMPLETED]: TRY_AGAIN,
	109: {
		message: "The recorder's token has expired",
		advice: 'Use a token that lasts longer than the recording.',
	},
	110: {
		message: "Agora does not accept the recorder's token",
		advice:
			'The token must be for exactly this channel and recorder UID. With the App Certificate in the Agora API credential, the node generates it.',
	},
	400: UNKNOWN_APP_ID,
	401: WRONG_CHANNEL_NAME,
	404: {
		message: 'This recording session is not running',
		advice:
			'It has ended, or never started recording: the storage credentials, token or channel profile were wrong, or the channel was empty. Use Get Many to look for its files.',
	},
	405: {
		message: 'Agora has suspended this account',
		advice: 'Check the balance of the account in the Agora Console.',
		cause: 'quota-exhausted',
	},
	406: {
		message: 'Too many recordings are running at once for this Agora account',
		advice: 'Wait until one has ended, or ask Agora to raise the limit.',
		cause: 'quota-exhausted',
	},
	432: {
		message: 'The request does not match the one that reserved the recorder',
		advice: 'Start the recording again.',
	},
	433: {
		message: 'The resource ID of this recording has expired',
		advice: 'The recording can no longer be queried or stopped. It ends by itself.',
	},
	435: {
		message: 'Nothing was recorded',
		advice: 'Nobody published audio or video while the recording ran.',
	},
	500: TRY_AGAIN,
	501: TRY_AGAIN,
	502: TRY_AGAIN,
	504: TRY_AGAIN,
	1013: WRONG_CHANNEL_NAME,
};

const BY_STATUS: Record<number, ErrorText> = {
	401: WRONG_CREDENTIAL,
	403: {
		message: 'Agora does not allow this account to do that',
		advice:
			'Check in the Agora Console that the account and the project are active and the product is enabled.',
		cause: 'credential-invalid',
	},
	404: {
		message: 'Agora could not find this',
		advice: 'Check the ID, and the API Host in the Agora API credential.',
	},
	429: {
		message: 'Agora is receiving too many requests from this account',
		advice: 'The limit is 10 a second. Leave time between runs, or run fewer items at once.',
		cause: 'rate-limited',
	},
};

/**
 * Explains an answer that is not a success.
 *
 * @param answer Agora's answer: `{code, reason}` from the recording service, `{message}` from its gateway
 *   and the console API, or anything else
 * @param name what was requested, such as "start the recording"
 * @returns a Fault with the meaning of Agora's code, and Agora's own reason
 */
export function agoraFault(answer: HttpResponse, name: string): Fault {
	const json = readJson(answer);
	const reason = [json.reason, json.message, json.error_msg].find(
		(text) => typeof text === 'string' && text !== '',
	);
	const { message, advice, cause } = errorText(answer, json, String(reason ?? ''));
	return new Fault(`${message} (could not ${name})`, {
		description: reason === undefined ? advice : `${advice} Agora says: ${String(reason)}`,
		httpCode: String(answer.status),
		cause,
		retryAfterMs: retryAfterMs(answer),
	});
}

function errorText(
	{ status }: HttpResponse,
	{ code }: Record<string, unknown>,
	reason: string,
): ErrorText {
	if (/app_?id/i.test(reason) && /invalid/i.test(reason)) return UNKNOWN_APP_ID;
	const byCode = typeof code === 'number' ? BY_CODE[code] : undefined;
	const byStatus = BY_STATUS[status];
	if (byCode !== undefined && status !== 401 && status !== 429) return byCode;
	if (byStatus !== undefined) return byStatus;
	if (status >= 500) return TRY_AGAIN;
	if (status >= 300 && status < 400) return REDIRECTED;
	const advice = 'Check the fields of this node, and the project in the Agora Console.';
	return {
		message: `Agora refused the request (${status})`,
		advice: reason === '' ? `Agora gives no reason. ${advice}` : advice,
	};
}
