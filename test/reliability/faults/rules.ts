/**
 * What each fault must lead to, by kind of request. Derived from the documentation of Agora, of the S3 API and of HTTP,
 * not from the nodes' code:
 *
 * - Agora, cloud recording, status codes: 206 with code 65 asks for the same request again; 201 with code 7, 206 with
 *   code 435 and all others are final. 404 with code 404: the session is not running. A stop that finds nothing (more)
 *   to stop has succeeded: 404, 49, 435.
 * - HTTP (RFC 9110, 9.2.2): after a broken connection, only idempotent requests may be repeated, and those that
 *   certainly had no effect: a refused connection, an unknown host, an untrusted certificate, 429.
 *   Start, Create Project, Reset Certificate and Create Ban are not idempotent.
 * - Up to four attempts, none later than 25 seconds after the first, so never after a timeout (30 s).
 * - An operation that sent a start and got no response reports that a recording may be running; a started recording is
 *   named in every later error. Only Agora's own error bodies prove that nothing was started: an empty refusal or a
 *   redirect may come from any proxy.
 * - Amazon S3, error responses: NoSuchKey means "not there" and is no failure. A session index or record is optional,
 *   also where it may not be read, and a playlist that has gone is like one that is not finished.
 * - An error that concerns one object costs only what is read from it: its recording is returned with the name of the
 *   file that could not be read.
 * - ListObjectsV2 and a delimiter other than `/` are optional in S3-compatible storage: where one is refused, the bucket
 *   is listed without it.
 */
import type { FaultCause } from '../../../nodes/Agora/http/errors.ts';
import { isConsoleApi, isListing, isWrite, REQUESTS, type RequestKind } from '../requests.ts';
import type { Column } from './columns.ts';
import type { Fault } from './faults.ts';

export interface Expected {
	/**
	 * `result`: the same as without the fault. `other result`: a result that reports what is known. `error`: exactly
	 * one. `note`: an item that reports what is missing. `no crash`: a result or an error.
	 */
	outcome: 'result' | 'other result' | 'error' | 'note' | 'no crash';
	/** How often the request is sent; left out where it does not matter. */
	attempts?: number;
	/** What n8n's scheduler is told; left out where nothing is prescribed. */
	cause?: FaultCause;
	/** What the error must name: a possible effect, or the session that was started. */
	mustName?: 'effect' | 'session';
}

/** What a fault means to the request. */
export interface FaultClass {
	/** Whether the service acted on the request: certainly not, it refused it, or perhaps. */
	acted: 'never' | 'refused' | 'perhaps';
	/** Whether repeating the request can help, because the fault may pass. */
	isTransient: boolean;
	cause?: FaultCause;
	/** Of the storage, where it differs. */
	bucketCause?: FaultCause;
}

export const final = (acted: FaultClass['acted'], cause?: FaultCause): FaultClass => ({
	acted,
	isTransient: false,
	cause,
});
const transient = (acted: FaultClass['acted'], cause: FaultCause): FaultClass => ({
	acted,
	isTransient: true,
	cause,
});

export const neverSent = transient('never', 'temporarily-unavailable');
export const outage = transient('perhaps', 'temporarily-unavailable');
export const rateLimit = transient('refused', 'rate-limited');
export const timeout = final('perhaps', 'temporarily-unavailable');
export const wrongKeys = final('refused', 'credential-invalid');
export const misconfigured = final('refused', 'configuration-invalid');
/** The storage credential contains the endpoint, so that is where the user has to look. */
const bucketCause = 'configuration-invalid';
export const refusal: FaultClass = { ...final('refused'), bucketCause };
export const unreadable: FaultClass = { ...final('perhaps'), bucketCause };
export const harmless = final('perhaps');

const MOST_ATTEMPTS = 4;
/** Faults without an error body of Agora's. */
const NOT_FROM_AGORA = ['409', 'endless redirects', 'redirect to another origin'];
/** Faults of one object, not of the access key or the whole bucket. */
const OBJECT_REFUSED = ['400', '403', '409', '415', '100 MB'];
const OBJECT_MISSING = ['404', 'empty body', 'truncated JSON', 'wrong types'];
const NOT_IDEMPOTENT: RequestKind[] = [
	'start',
	'create project',
	'reset certificate',
	'create ban',
];

/** @param always whether the fault affects every attempt, or only the first */
export function expected(column: Column, fault: Fault, always: boolean): Expected {
	const { name, acted, isTransient, cause, bucketCause } = fault;
	const special = exception(column, name, always);
	if (special !== null) return special;
	const { kind } = column;
	const isIdempotent = !NOT_IDEMPOTENT.includes(kind);
	const isRepeated =
		isTransient && (isIdempotent || acted !== 'perhaps' || name === '206, code 65');
	const attempts = !isRepeated ? 1 : always ? MOST_ATTEMPTS : 2;
	if (isRepeated && !always) return { outcome: 'result', attempts };
	if (isWrite(kind)) return { outcome: 'note', attempts };
	return {
		outcome: 'error',
		attempts,
		cause: REQUESTS[kind].service === 'bucket' ? (bucketCause ?? cause) : cause,
		...(!isIdempotent && acted === 'perhaps' && { mustName: 'effect' }),
		...(kind === 'wait' && { mustName: 'session' }),
	};
}

/** What the general rule does not cover. */
function exception({ kind, operation }: Column, fault: string, always: boolean): Expected | null {
	// Times are compared within one response's clock, and the request does not depend on it.
	if (fault === 'Date header off by hours') return { outcome: 'result', attempts: 1 };
	if (fault === 'wrong types inside') return wrongTypesInside(kind, operation);
	const isRefused = OBJECT_REFUSED.includes(fault);
	const isMissing = OBJECT_MISSING.includes(fault);
	switch (kind) {
		case 'start':
			return NOT_FROM_AGORA.includes(fault)
				? { outcome: 'error', attempts: 1, mustName: 'effect' }
				: null;
		case 'stop':
			if (['404', '400, code 49', '206, code 435'].includes(fault))
				return { outcome: 'other result', attempts: 1 };
			// The first stop may have succeeded; then the second finds nothing to stop.
			if (fault.startsWith('reset') && !always) return { outcome: 'other result', attempts: 2 };
			return null;
		case 'wait':
			// A recorder that starts may not be found for half a minute (Agora: query, failover).
			if (fault !== '404') return null;
			return always ? { outcome: 'error', mustName: 'session' } : { outcome: 'result' };
		case 'session index':
		case 'session record':
			return isMissing || isRefused || fault === '403, clock skewed'
				? { outcome: 'result', attempts: 1 }
				: null;
		case 'playlist':
			return isMissing || isRefused ? withoutPlaylist(operation) : null;
		case 'file':
			// A segment that breaks off is read again once (test/unit/storage/concatObjects.test.ts).
			if (fault === 'reset in the body') {
				return always ? { outcome: 'error', attempts: 2 } : { outcome: 'result', attempts: 2 };
			}
			// Missing, of another length, or broken off after n8n got half of it.
			return ['404', 'empty body', 'stall in the body', '100 MB'].includes(fault)
				? { outcome: 'error', attempts: 1 }
				: null;
		case 'folded listing':
			// It is listed without the delimiter after one request with it (test/unit/storage/pages.test.ts).
			return fault === '400' || fault === '500' ? { outcome: 'result' } : null;
		case 'listing':
			// The older ListObjects is requested (test/unit/storage/s3.test.ts).
			return fault === '400' ? { outcome: 'result' } : null;
		default:
			return null;
	}
}

/** A recording is complete when its playlist says so, which only matters to a download. */
function withoutPlaylist(operation: string): Expected {
	if (operation === 'recording download') return { outcome: 'error', attempts: 1 };
	return { outcome: 'other result', attempts: 1 };
}

function wrongTypesInside(kind: RequestKind, operation: string): Expected {
	if (kind === 'playlist') return withoutPlaylist(operation);
	if (kind === 'session index' || kind === 'session record') return { outcome: 'result' };
	if (isListing(kind)) return { outcome: 'error', cause: 'configuration-invalid' };
	if (kind === 'start') return { outcome: 'error', mustName: 'effect', attempts: 1 };
	if (kind === 'acquire') return { outcome: 'error', attempts: 1 };
	return { outcome: 'no crash', attempts: isConsoleApi(kind) ? 1 : undefined };
}
