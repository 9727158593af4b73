import { DateTime } from 'luxon';

const NAME = /^[\w !#$%&()+\-:;<=.>?@[\]^{|}~,]+$/;
const MAX_CHANNEL_NAME = 64;
const MAX_USER_ACCOUNT = 255;
/** Agora: UIDs have 32 bits. */
export const MAX_UID = 4_294_967_295;

/** The characters of channel names and user accounts. Source: Agora, RTC SDK, joining a channel. */
export const NAME_CHARACTERS =
	'a-z, A-Z, 0-9, space and ! # $ % & ( ) + - : ; < = . > ? @ [ ] ^ _ { | } ~ ,';

/** @returns whether an RTC channel can have this name: 1 to 64 of `NAME_CHARACTERS` */
export function isChannelName(text: string): boolean {
	return text.length <= MAX_CHANNEL_NAME && NAME.test(text);
}

/**
 * @returns whether a user of an RTC channel can have this account: 1 to 255 of `NAME_CHARACTERS` (Agora: RTC SDK,
 *   string user accounts). Not `0`, because a token for it would be valid for any user.
 */
export function isUserAccount(text: string): boolean {
	return text.length <= MAX_USER_ACCOUNT && NAME.test(text) && text !== '0';
}

/** @returns whether a string is the UID of one user, 1 to 4294967295, without leading zeros */
export function isUid(text: string): boolean {
	return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= MAX_UID;
}

/** @returns whether a string is an IPv4 address of four decimal numbers, or an IPv6 address; not 0.0.0.0 or :: */
export function isIpAddress(text: string): boolean {
	if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
		const numbers = text.split('.').map(Number);
		return numbers.every((number) => number <= 255) && numbers.some((number) => number > 0);
	}
	const isIpv6 = /^[\da-f:.]*:[\da-f:.]*$/i.test(text) && URL.canParse(`http://[${text}]`);
	return isIpv6 && new URL(`http://[${text}]`).hostname !== '[::]';
}

/** @returns whether a string is a session ID: 32 hexadecimal digits (as in every captured response) */
export function isSid(text: string): boolean {
	return /^[0-9a-f]{32}$/i.test(text);
}

/**
 * Parses a time of Agora's API. The console REST API documents Unix seconds, but milliseconds (`created` of a project)
 * and ISO 8601 (`date` of a usage) have been observed. Seconds stay below 10¹¹ until the year 5138.
 *
 * @returns the time in UTC; null when it is not a time after 1970
 */
export function readTimestamp(stamp: unknown): DateTime | null {
	const number = Number(stamp);
	const time = Number.isNaN(number)
		? DateTime.fromISO(String(stamp), { zone: 'utc' })
		: DateTime.fromMillis(number < 1e11 ? number * 1000 : number, { zone: 'utc' });
	return time.isValid && time.toMillis() > 0 ? time : null;
}

/** Values of `serverResponse.status` in Agora's `query`. */
export const SessionStatus = { ready: 4, inProgress: 5, stopRequested: 6 };

/** Source: Agora, cloud recording, `query`: `status`. */
const STATES: Record<number, string> = {
	0: 'not started',
	1: 'initialized',
	2: 'starting',
	3: 'partly ready',
	4: 'ready',
	5: 'in progress',
	6: 'stop requested',
	7: 'stopped',
	8: 'exited',
	20: 'exited abnormally',
};

/** @returns the name of Agora's `status`, e.g. `in progress` for 5; `unknown (99)` for one it does not document */
export function sessionState(status: number): string {
	return STATES[status] ?? `unknown (${status})`;
}

/** Whether Agora accepts a value. */
export type ValueCheck = (value: unknown) => boolean;

/** A value in Agora's requests, and its check. */
export interface AgoraValue {
	/** Its path in the request. */
	agora: string;
	/** The label of its field, also in errors. */
	label: string;
	check: ValueCheck;
	/** Completes "It must be …" in the error of a value that doesn't pass the check. */
	must: string;
}

/** @returns a check for whole numbers from `from` to `to`, inclusive */
export const wholeNumber =
	(from: number, to: number): ValueCheck =>
	(value) =>
		Number.isInteger(value) && (value as number) >= from && (value as number) <= to;

/** @returns a check for one of the values */
export const oneOf =
	(...choices: unknown[]): ValueCheck =>
	(value) =>
		choices.includes(value);

export const isString: ValueCheck = (value) => typeof value === 'string';

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

export const isBoolean: ValueCheck = (value) => typeof value === 'boolean';

export const isPositive = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** A fraction of the video's width or height. */
export const isFraction: ValueCheck = (value) =>
	typeof value === 'number' && value >= 0 && value <= 1;

/** @returns a check for lists with `from` to `to` entries that all pass `check` */
export const listOf =
	(from: number, to: number, check: ValueCheck): ValueCheck =>
	(value) =>
		Array.isArray(value) && value.length >= from && value.length <= to && value.every(check);

/** Agora's name for all users in subscription lists. */
export const EVERYONE = '#allstream#';

/** Whether a value is valid in a subscription list. */
export const isRecordedUid: ValueCheck = (value) =>
	typeof value === 'string' && (value === EVERYONE || isUid(value));

/** Whether Agora can open an http or https URL. It opens it from the internet, so private addresses don't work. */
export const isPublicUrl: ValueCheck = (value) => isPublic(value, /^https?:$/);

/** Whether Agora can publish to an RTMP or RTMPS URL. */
export const isRtmpUrl: ValueCheck = (value) => isPublic(value, /^rtmps?:$/);

function isPublic(value: unknown, protocol: RegExp): boolean {
	if (typeof value !== 'string' || !URL.canParse(value)) return false;
	const url = new URL(value);
	if (!protocol.test(url.protocol) || url.host === '') return false;
	// URL only normalizes the host of protocols that it knows, not of RTMP.
	const asHttp = `http://${url.host}`;
	return URL.canParse(asHttp) && !isPrivateHost(new URL(asHttp).hostname);
}

/**
 * Whether a host is only known in its own network: localhost, private, link-local and carrier-grade NAT addresses
 * (RFC 1918, 3927, 4193, 4291, 6598, 6761, 6762, 8375).
 *
 * @param hostname as normalized by `URL`, in lower case and with IPv4 addresses as four decimal numbers
 */
function isPrivateHost(hostname: string): boolean {
	const name = hostname.replace(/\.$/, '');
	if (name.startsWith('[')) {
		return /^\[(::1?\]|::ffff:|f[cd]|fe[89ab])/.test(name);
	}
	if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) {
		const [a, b] = name.split('.').map(Number) as [number, number];
		return (
			[0, 10, 127].includes(a) ||
			(a === 100 && b >= 64 && b < 128) ||
			(a === 169 && b === 254) ||
			(a === 172 && b >= 16 && b < 32) ||
			(a === 192 && b === 168)
		);
	}
	return !name.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)$/.test(name);
}
