import { Fault, type FaultDetails } from '../http/fault';
import { retryAfterMs, type Answer } from '../http/send';

type Words = [message: string, description: string, cause?: FaultDetails['cause']];

/** Agora's answer as an object, {} when it is not JSON (a gateway's HTML page, nothing at all). */
export function readJson({ body }: Answer): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

/**
 * Whether Agora says it did not finish and wants the same request again (HTTP 206, code 65).
 * Source: Agora, cloud recording, status codes.
 */
export function isUnfinished(answer: Answer): boolean {
	return answer.status === 206 && readJson(answer).code === 65;
}

/**
 * Whether the answer is a success. 201 with code 7 and every 206 are failures although 2xx
 * (Agora, cloud recording, status codes); the console API answers 201 to everything (console REST API).
 */
export function isSuccess(answer: Answer): boolean {
	if (answer.status < 200 || answer.status >= 300 || answer.status === 206) return false;
	return !(answer.status === 201 && readJson(answer).code === 7);
}

const NOT_THE_RIGHT_KEYS: Words = [
	'Agora does not accept this Customer ID and Customer Secret',
	'Check both in the Agora API credential (Agora Console → Developer Toolkit → RESTful API). They must belong to the account that owns the App ID.',
	'credential-invalid',
];
const UNKNOWN_APP_ID: Words = [
	'Agora does not know this App ID, or Cloud Recording is not enabled for it',
	'Check the App ID, and switch on Cloud Recording for the project in the Agora Console.',
	'configuration-invalid',
];
const TRY_AGAIN: Words = [
	'Agora could not finish the request in time',
	'Run the node again in a moment.',
	'temporarily-unavailable',
];

const ELSEWHERE: Words = [
	'The API host sends this request to another address',
	'Check the API Host in the Agora API credential. Redirects are not followed, so that the keys reach nobody else.',
	'configuration-invalid',
];

/** Agora's `code`, in cloud recording. */
const BY_CODE: Record<number, Words> = {
	2: ['Agora refuses a value of this request', 'Correct the value that Agora names.'],
	7: [
		'This recording was already started',
		'One start was sent twice, so a recording is running. It ends by itself when the channel is empty.',
	],
	49: ['This recording is already stopping', 'Nothing needs to be done: its files will arrive.'],
	53: [
		'This channel is already being recorded with this recorder UID',
		'Choose Automatic as recorder UID, or another number, to record the channel a second time.',
	],
	62: TRY_AGAIN,
	65: TRY_AGAIN,
	109: ['The recorder’s token has expired', 'Give a token that outlives the recording.'],
	110: [
		'Agora does not accept the recorder’s token',
		'It must be made for exactly this channel and recorder UID. With the App Certificate in the credential it is made for you.',
	],
	400: UNKNOWN_APP_ID,
	401: [
		'Agora refuses this channel name',
		'It may have 64 bytes of letters, digits, spaces and simple signs.',
	],
	404: [
		'This recording session is not running',
		'It has ended, or it never came up: wrong storage keys, token or channel profile, or nobody was in the channel. Look for its files with Get Many.',
	],
	405: [
		'Agora has suspended this account',
		'Check the balance of the account in the Agora Console.',
		'quota-exhausted',
	],
	406: [
		'Too many recordings are running at once for this Agora account',
		'Wait until one has ended, or ask Agora to raise the limit.',
		'quota-exhausted',
	],
	432: [
		'The request does not fit the one that reserved the recorder',
		'Start the recording again.',
	],
	433: [
		'The time to control this recording is over',
		'It can no longer be queried or stopped. It ends by itself.',
	],
	435: ['Nothing was recorded', 'Nobody published audio or video while the recording ran.'],
	500: TRY_AGAIN,
	501: TRY_AGAIN,
	502: TRY_AGAIN,
	504: TRY_AGAIN,
	1013: [
		'Agora refuses this channel name',
		'It may have 64 bytes of letters, digits, spaces and simple signs.',
	],
};

const BY_STATUS: Record<number, Words> = {
	401: NOT_THE_RIGHT_KEYS,
	403: [
		'Agora does not allow this account to do that',
		'Check in the Agora Console that the account and the project are active and the product is enabled.',
		'credential-invalid',
	],
	404: [
		'Agora does not know what was asked for',
		'Check the ID, and the API Host in the Agora API credential.',
	],
	429: [
		'Agora is receiving too many requests from this account',
		'Agora takes 10 a second. Leave time between runs, or run fewer items at once.',
		'rate-limited',
	],
};

/**
 * What to tell a person about an answer that is not a success.
 *
 * @param answer Agora's answer: `{code, reason}` from the recording service, `{message}` from its gateway
 *   and the console API, or anything else
 * @param name what was asked for, such as "start the recording"
 * @returns a Fault with the meaning of Agora's code, and Agora's own reason
 */
export function agoraFault(answer: Answer, name: string): Fault {
	const json = readJson(answer);
	const reason = [json.reason, json.message, json.error_msg].find(
		(text) => typeof text === 'string',
	);
	const [message, advice, cause] = wordsFor(answer, json, String(reason ?? ''));
	return new Fault(`${message} (could not ${name})`, {
		description: reason === undefined ? advice : `${advice} Agora says: ${String(reason)}`,
		httpCode: String(answer.status),
		cause,
		retryAfterMs: retryAfterMs(answer),
	});
}

function wordsFor({ status }: Answer, { code }: Record<string, unknown>, reason: string): Words {
	if (/app_?id/i.test(reason) && /invalid/i.test(reason)) return UNKNOWN_APP_ID;
	const byCode = typeof code === 'number' ? BY_CODE[code] : undefined;
	const byStatus = BY_STATUS[status];
	if (byCode !== undefined && status !== 401 && status !== 429) return byCode;
	if (byStatus !== undefined) return byStatus;
	if (status >= 500) return TRY_AGAIN;
	if (status >= 300 && status < 400) return ELSEWHERE;
	const advice =
		reason === ''
			? 'Agora gives no reason. Check the fields of this node, and the project in the Agora Console.'
			: 'Correct what Agora names.';
	return [`Agora refused the request (${status})`, advice];
}
