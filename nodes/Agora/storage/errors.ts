import { Fault } from '../http/errors';
import { type HttpResponse, retryAfterMs } from '../http/request';
import { errorCode, isSameOwner, isWebPage, suggestedHost, suggestedRegion } from './errorResponse';
import {
	applyRule,
	FULL,
	HTTPS_REQUIRED,
	IN_CREDENTIAL,
	NOT_SUPPORTED,
	NOT_THE_API,
	S3_ERRORS,
	SPENDING_CAP,
	TOO_MANY_REQUESTS,
	UNAVAILABLE,
	unknownError,
	WEB_PAGE,
	WRONG_CREDENTIALS,
	WRONG_REGION,
	type ErrorTable,
	type ErrorText,
	type Rule,
} from './errorTexts';
import type { StorageTarget } from './types';

/**
 * Explains an error response of S3 storage by its code, message, suggested endpoint and region, headers and status.
 * Repeats only names in a strict form from the response (region, host, permission, code), so that no key, token or
 * signature can appear in a log.
 *
 * @param target the request that was refused
 */
export function s3Fault(response: HttpResponse, target: StorageTarget): Fault {
	return toFault(response, 'bucket', target, findErrorText(response, target, S3_ERRORS));
}

/**
 * @param table explains the codes of this kind of storage, and statuses without a code, such as `403`
 * @returns the explanation of an error response
 */
export function findErrorText(
	response: HttpResponse,
	target: StorageTarget,
	table: ErrorTable,
): ErrorText {
	const { status } = response;
	const code = errorCode(response);
	const byCode =
		code === ''
			? (notFromStorage(response) ?? table.get(String(status)))
			: table.get(code.toLowerCase());
	const rule = byCode ?? BY_STATUS.get(status);
	if (rule !== undefined) return applyRule(rule, response, target);
	return status >= 500 ? UNAVAILABLE : unknownError(response);
}

/** @param kind what the vendor calls a bucket */
export function toFault(
	response: HttpResponse,
	kind: 'bucket' | 'container',
	{ bucket }: StorageTarget,
	{ message, description, cause }: ErrorText,
): Fault {
	return new Fault(
		// The last %s, as an object key before it may contain one.
		message.replace(/%s(?!.*%s)/s, () => `${kind} "${bucket}"`),
		{
			description,
			httpCode: String(response.status),
			cause,
			retryAfterMs: retryAfterMs(response),
		},
	);
}

/** For responses whose code is missing or unknown. */
const BY_STATUS = new Map<number, Rule>([
	[401, WRONG_CREDENTIALS],
	[429, TOO_MANY_REQUESTS],
	[501, NOT_SUPPORTED],
	[507, FULL],
]);

/**
 * Explains responses without a code, which come from proxies, consoles and login pages.
 *
 * @returns undefined when the response may come from the storage
 */
function notFromStorage(response: HttpResponse): Rule | undefined {
	const { status, body } = response;
	if (status >= 300 && status < 400) return redirected;
	if (/sent to HTTPS port|HTTP request to an HTTPS server/i.test(body)) return HTTPS_REQUIRED;
	// Backblaze's native API responds with JSON.
	if (/\bcap exceeded\b/i.test(body)) return SPENDING_CAP;
	if (status === 429 || status >= 500) return undefined;
	if (isWebPage(response)) return WEB_PAGE;
	const isJson = /^\s*\{/.test(body);
	const isOther404 = status === 404 && body.trim() !== '';
	return status < 300 || isJson || isOther404 ? NOT_THE_API : undefined;
}

function redirected(response: HttpResponse, target: StorageTarget): ErrorText {
	const { endpoint } = target;
	const { location = '' } = response.headers;
	const to = URL.canParse(location) ? new URL(location) : undefined;
	if (suggestedRegion(response, target) !== undefined) {
		return applyRule(WRONG_REGION, response, target);
	}
	if (to === undefined) {
		return applyRule(target.region === '' ? NOT_THE_API : WRONG_REGION, response, target);
	}
	const host = suggestedHost(response, target);
	const [hostname] = endpoint.split(':');
	if (to.protocol === 'https:' && (host ?? hostname)?.split(':')[0] === hostname) {
		return applyRule(HTTPS_REQUIRED, response, target);
	}
	if (host === undefined) return applyRule(NOT_THE_API, response, target);
	return isSameOwner(host, endpoint)
		? applyRule(WRONG_REGION, response, target)
		: {
				message: `The endpoint "${endpoint}" redirects to "${host}"`,
				description: `Enter the URL of the storage's S3 API as Endpoint ${IN_CREDENTIAL}. A redirect to a login page means that there is a proxy or firewall in between.`,
				cause: 'configuration-invalid',
			};
}

/** The meaning of a failed GET of one object. */
export type ReadFailure = 'missing' | 'archived' | 'denied' | 'failed';

const MISSING = new Set(['NoSuchKey', 'BlobNotFound', 'NoSuchObject', 'ObjectNotFound']);
const IN_ARCHIVE = new Set([
	'InvalidObjectState',
	'ObjectNotInActiveTierError',
	'BlobArchived',
	'BlobBeingRehydrated',
]);
/** A shared access signature can have some permissions and lack others. */
const LACKS_PERMISSION = new Set([
	'AuthorizationPermissionMismatch',
	'InsufficientAccountPermissions',
]);

/**
 * Classifies the error response to a GET of one object.
 *
 * @returns `missing`: the object does not exist. `archived`: it must be restored first. `denied`: this object or
 *   permission is refused, but others may not be; also returned for a missing object when the key has no permission
 *   to list. `failed`: any other error, e.g. a wrong key, a wrong region or an outage.
 */
export function classifyRead(response: HttpResponse): ReadFailure {
	const code = errorCode(response);
	if (IN_ARCHIVE.has(code)) return 'archived';
	const isEmpty = code === '' && response.body.trim() === '';
	if (response.status === 404) return MISSING.has(code) || isEmpty ? 'missing' : 'failed';
	if (LACKS_PERMISSION.has(code)) return 'denied';
	return findErrorText(response, ANY_OBJECT, S3_ERRORS).objectOnly ? 'denied' : 'failed';
}

const ANY_OBJECT: StorageTarget = {
	bucket: '',
	vendorLabel: '',
	region: '',
	endpoint: '',
	custom: true,
	temporary: false,
	key: '',
};
