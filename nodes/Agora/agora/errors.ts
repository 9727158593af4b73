import { Fault, withAdvice, type FaultDetails } from '../http/errors';
import { retryAfterMs, type HttpResponse } from '../http/request';

/** @returns the JSON object of a response; {} when it has none, such as a gateway's HTML page */
export function readJson({ body }: HttpResponse): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

/** Agora: the request body is invalid. Comes with different statuses. */
export const INVALID_REQUEST = 2;
const ALREADY_STARTED = 7;
const NOT_COMPLETED = 65;

/**
 * Whether Agora recommends to send the same request again: yes if it did not finish (206 with code 65), no if the request
 * is invalid (code 2, also with 5xx). Source: Agora, cloud recording, status codes.
 *
 * @returns undefined if only the status decides
 */
export function isRetryable(response: HttpResponse): boolean | undefined {
	const { code } = readJson(response);
	if (response.status === 206 && code === NOT_COMPLETED) return true;
	return response.status !== 429 && code === INVALID_REQUEST ? false : undefined;
}

/**
 * Whether a response is a success. Although they are 2xx, 201 with code 7, any 206 and any response with code 2 are
 * failures (Agora: cloud recording, status codes). The console API responds to every request with 201 (console REST API).
 */
export function isSuccess(response: HttpResponse): boolean {
	if (response.status < 200 || response.status >= 300 || response.status === 206) return false;
	const { code } = readJson(response);
	return code !== INVALID_REQUEST && !(response.status === 201 && code === ALREADY_STARTED);
}

export interface ErrorText {
	message: string;
	advice: string;
	cause?: FaultDetails['cause'];
}

const REJECTED_CREDENTIAL: ErrorText = {
	message: 'Agora does not accept this Customer ID and Customer Secret',
	advice:
		'Check both in the Agora API credential (Agora Console > Developer Toolkit > RESTful API). They must belong to the account that owns the App ID.',
	cause: 'credential-invalid',
};
const UNKNOWN_APP_ID: ErrorText = {
	message: 'Agora does not know this App ID, or Cloud Recording is not enabled for it',
	advice: 'Check the App ID, and enable Cloud Recording for the project in the Agora Console.',
	cause: 'configuration-invalid',
};
const INVALID_CHANNEL_NAME: ErrorText = {
	message: 'Agora does not accept this channel name',
	advice: 'Use 1 to 64 letters, digits, spaces and ASCII punctuation marks.',
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

/** Texts by Agora's `code` in cloud recording. */
const BY_CODE: Record<number, ErrorText> = {
	[INVALID_REQUEST]: INVALID,
	[ALREADY_STARTED]: {
		message: 'This recording was already started',
		advice:
			'Agora received the start twice, so a recording is running. It ends by itself when the channel is empty.',
	},
	49: { message: 'This recording is already stopping', advice: 'Wait for its files.' },
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
			'Use a token for exactly this channel and recorder UID, or add the App Certificate to the Agora API credential, so that the node generates it.',
	},
	400: UNKNOWN_APP_ID,
	401: INVALID_CHANNEL_NAME,
	404: {
		message: 'This recording session is not running',
		advice:
			'It has ended, or it never recorded because the storage credentials, the token or the channel profile were wrong or the channel was empty. Use Get Many to find its files.',
	},
	405: {
		message: 'Agora has suspended this account',
		advice: 'Check the balance of the account in the Agora Console.',
		cause: 'quota-exhausted',
	},
	406: {
		message: 'Too many recordings are running at once for this Agora account',
		advice: 'Wait until one has ended, or contact Agora to raise the limit.',
		cause: 'quota-exhausted',
	},
	432: {
		message: 'The request does not match the one that reserved the recorder',
		advice: 'Start the recording again.',
	},
	433: {
		message: 'The resource ID of this recording has expired',
		advice: 'The recording can no longer be queried or stopped. It will end by itself.',
	},
	435: {
		message: 'Nothing was recorded',
		advice: 'Nobody published audio or video while the recording ran.',
	},
	500: TRY_AGAIN,
	501: TRY_AGAIN,
	502: TRY_AGAIN,
	504: TRY_AGAIN,
	1013: INVALID_CHANNEL_NAME,
};

const BY_STATUS: Record<number, ErrorText> = {
	401: REJECTED_CREDENTIAL,
	403: {
		message: 'Agora does not allow this request for this account',
		advice:
			'Check in the Agora Console that the account and the project are active and the product is enabled.',
		cause: 'credential-invalid',
	},
	404: {
		message: 'Agora could not find this',
		advice: 'Check the ID and the API Host in the Agora API credential.',
	},
	429: {
		message: 'Agora is receiving too many requests from this account',
		advice: 'The limit is 10 per second. Wait between runs, or process fewer items at once.',
		cause: 'rate-limited',
	},
};

/**
 * Explains a response that is not a success.
 *
 * @param response `{code, reason}` from the recording service, `{message}` from its gateway and the console API, or
 *   anything else
 * @param name what was requested, such as "start the recording"
 * @param unknownAppId what an App ID that Agora doesn't accept means to this API
 * @returns a Fault with the meaning of Agora's code, and Agora's own reason
 */
export function agoraFault(
	response: HttpResponse,
	name: string,
	unknownAppId: ErrorText = UNKNOWN_APP_ID,
): Fault {
	const json = readJson(response);
	const reason = [json.reason, json.message, json.error_msg].find(
		(text) => typeof text === 'string' && text !== '',
	);
	const text = String(reason ?? '');
	const { message, advice, cause } =
		/app_?id/i.test(text) && /invalid/i.test(text) ? unknownAppId : errorText(response, json);
	return new Fault(`${message} (could not ${name})`, {
		description: reason === undefined ? advice : `${advice} Agora's reason: ${String(reason)}`,
		httpCode: String(response.status),
		cause,
		retryAfterMs: retryAfterMs(response),
	});
}

function errorText({ status }: HttpResponse, { code }: Record<string, unknown>): ErrorText {
	const byCode = typeof code === 'number' ? BY_CODE[code] : undefined;
	const byStatus = BY_STATUS[status];
	if (byCode !== undefined && status !== 401 && status !== 429) return byCode;
	if (byStatus !== undefined) return byStatus;
	if (status >= 500) return TRY_AGAIN;
	if (status >= 300 && status < 400) return REDIRECTED;
	return {
		message: `Agora rejected the request with status ${status}`,
		advice: 'Check the fields of this node, and the project in the Agora Console.',
	};
}

/**
 * Adds a warning to the error of a request that is not repeated, unless it certainly had no effect: it was not sent,
 * rejected (4xx) or redirected (3xx).
 */
export function withWarning(error: unknown, warning: string): unknown {
	if (!(error instanceof Fault)) return error;
	const { notSent, httpCode } = error.details;
	return notSent || /^[34]/.test(httpCode ?? '') ? error : withAdvice(error, warning);
}
