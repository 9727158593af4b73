/**
 * What each fault must come to, by what was asked for: written from Agora's documentation, the S3 API's and
 * HTTP's rules, not from what the nodes do.
 *
 * - Agora, cloud recording, status codes: 206 with code 65 wants the same request again; 201 with code 7, 206
 *   with code 435 and all others are final. 404 with code 404: the session is not running. A stop that finds
 *   nothing (more) to stop has its wish: 404, 49, 435.
 * - HTTP (RFC 9110, 9.2.2): after a fault on the way, only what is idempotent may be sent again, and what
 *   certainly was not acted on: a refused connection, an unknown host, an untrusted certificate, 429.
 *   Start, Create Project and Reset Certificate are not idempotent.
 * - Up to four attempts, none begun later than 25 seconds after the first, so never after a timeout (30 s).
 * - What starts a recording and does not hear of it says so; a started recording is named, whatever fails after.
 *   That nothing was started only Agora's own words prove: an empty refusal or a redirect may come from anybody on
 *   the way.
 * - Amazon S3, error responses: NoSuchKey is "not there", no failure: a session index or record is optional, also
 *   where it may not be read, and a playlist that has gone is like one that is not finished.
 * - A refusal that concerns one object costs only what is read from it: its recording is returned with the name of
 *   the file that could not be read.
 * - ListObjectsV2 and a delimiter other than `/` are optional for S3-compatible storage: where one is refused, the
 *   bucket is listed without it.
 */
import type { FaultCause } from '../../../nodes/Agora/http/errors.ts';
import { isOfConsole, type Kind, type Service } from './kinds.ts';

export interface Expected {
	/**
	 * `result`: the same as without the fault. `other result`: a result that says what is known. `error`:
	 * exactly one. `note`: an item that tells what is missing. `no crash`: a result or an error.
	 */
	outcome: 'result' | 'other result' | 'error' | 'note' | 'no crash';
	/** How often the request is sent; left out where that does not matter. */
	attempts?: number;
	/** What n8n's scheduler must be told; left out where nothing is prescribed. */
	cause?: FaultCause;
	retryAfterMs?: number;
	/** What the error must say: that something may have happened, or which recording was started. */
	tells?: 'effect' | 'session';
}

interface Nature {
	/** Whether the service got the request: certainly not, it refused it, or perhaps. */
	got: 'never' | 'refused' | 'perhaps';
	/** Whether sending it again can help. */
	again: 'yes' | 'no' | 'too late';
	cause?: FaultCause | ((service: Service) => FaultCause | undefined);
}

const way = (got: Nature['got'], again: Nature['again'] = 'yes'): Nature => ({
	got,
	again,
	cause: 'temporarily-unavailable',
});
/** Of the storage, whose credential names its address, a person must look there. */
const inCredential = (service: Service) =>
	service === 'bucket' ? ('configuration-invalid' as const) : undefined;
const refusal: Nature = { got: 'refused', again: 'no', cause: inCredential };
const keys: Nature = { got: 'refused', again: 'no', cause: 'credential-invalid' };
const rate: Nature = { got: 'refused', again: 'yes', cause: 'rate-limited' };
const outage: Nature = { got: 'perhaps', again: 'yes', cause: 'temporarily-unavailable' };
const nonsense: Nature = { got: 'perhaps', again: 'no', cause: inCredential };

const NATURES: Record<string, Nature> = {
	'connection refused': way('never'),
	'host name not known': way('never'),
	'certificate not trusted': way('never'),
	'reset before the answer': way('perhaps'),
	'reset after it acted': way('perhaps'),
	'reset in mid-body': way('perhaps'),
	'timeout before it acted': way('perhaps', 'too late'),
	'timeout after it acted': way('perhaps', 'too late'),
	'stall in mid-body': way('perhaps', 'too late'),
	'400': refusal,
	'401': keys,
	'403': keys,
	'404': refusal,
	'409': {
		...refusal,
		cause: (service) => (service === 'bucket' ? 'temporarily-unavailable' : undefined),
	},
	'415': refusal,
	'429': rate,
	'429 with Retry-After': rate,
	'500': outage,
	'502 with a page of HTML': outage,
	'503 (SlowDown)': {
		...outage,
		cause: (service) => (service === 'bucket' ? 'rate-limited' : 'temporarily-unavailable'),
	},
	'504': outage,
	'201, code 7': { got: 'perhaps', again: 'no' },
	'206, code 65': outage,
	'206, code 435': { got: 'perhaps', again: 'no' },
	'400, code 53': { got: 'refused', again: 'no' },
	'400, code 406': { got: 'refused', again: 'no', cause: 'quota-exhausted' },
	'400, code 49': { got: 'refused', again: 'no' },
	'403, clock skewed': { got: 'refused', again: 'no', cause: 'configuration-invalid' },
	'empty body': nonsense,
	'truncated JSON': nonsense,
	'wrong types': nonsense,
	'wrong types inside': nonsense,
	'truncated XML': nonsense,
	'billion laughs': nonsense,
	'100 MB': nonsense,
	'endless redirects': { got: 'refused', again: 'no', cause: 'configuration-invalid' },
	'redirect to another origin': { got: 'refused', again: 'no', cause: 'configuration-invalid' },
};

const MOST_ATTEMPTS = 4;
/** Those of the catalogue that hold no word of Agora's. */
const SILENT_REFUSALS = ['409', 'endless redirects', 'redirect to another origin'];
/** Of one object, and not of the access key or the whole bucket. */
const OBJECT_REFUSED = ['400', '403', '409', '415', '100 MB'];
const NOT_IDEMPOTENT: Kind[] = ['start', 'create project', 'reset certificate'];

/**
 * @param operation such as `Recording: Get`
 * @param fault its name in the catalogue
 * @param always whether it hits every attempt, or the first one only
 * @param retryAfterMs what the fault's answer asks for
 */
export function expected(
	{ service, kind, operation }: { service: Service; kind: Kind; operation: string },
	fault: string,
	always: boolean,
	retryAfterMs: number,
): Expected {
	const special = exception(kind, operation, fault, always);
	if (special !== null) return special;
	const nature = NATURES[fault];
	if (nature === undefined) throw new Error(`no rule for ${fault}`);
	const { got, again } = nature;
	const mayRepeat = !NOT_IDEMPOTENT.includes(kind) || got !== 'perhaps' || fault === '206, code 65';
	const isRepeated = again === 'yes' && mayRepeat;
	const attempts = !isRepeated ? 1 : always ? MOST_ATTEMPTS : 2;
	if (isRepeated && !always) return { outcome: 'result', attempts };
	if (kind === 'write') return { outcome: 'note', attempts };
	const cause = typeof nature.cause === 'function' ? nature.cause(service) : nature.cause;
	return {
		outcome: 'error',
		attempts,
		cause,
		...(fault === '429 with Retry-After' && { retryAfterMs }),
		...(NOT_IDEMPOTENT.includes(kind) && got === 'perhaps' && { tells: 'effect' }),
		...(kind === 'wait' && { tells: 'session' }),
	};
}

/** What the general rule does not cover. */
function exception(kind: Kind, operation: string, fault: string, always: boolean): Expected | null {
	// Times are compared within one answer's clock; what is asked for does not change with it.
	if (fault === 'Date hours off') return { outcome: 'result', attempts: 1 };
	if (fault === 'wrong types inside') return insideOf(kind, operation);
	const isObjectRefused = OBJECT_REFUSED.includes(fault);
	const isMissing = ['404', 'empty body', 'truncated JSON', 'wrong types'].includes(fault);
	switch (kind) {
		case 'start':
			return SILENT_REFUSALS.includes(fault)
				? { outcome: 'error', attempts: 1, tells: 'effect' }
				: null;
		case 'stop':
			if (['404', '400, code 49', '206, code 435'].includes(fault))
				return { outcome: 'other result', attempts: 1 };
			// The first stop may have done it; the second then finds nothing to stop.
			if (fault.startsWith('reset') && !always) return { outcome: 'other result', attempts: 2 };
			return null;
		case 'wait':
			// A recorder that comes up may not be found for half a minute (Agora: query, failover).
			if (fault !== '404') return null;
			return always ? { outcome: 'error', tells: 'session' } : { outcome: 'result' };
		case 'session index':
		case 'session record':
			return isMissing || isObjectRefused || fault === '403, clock skewed'
				? { outcome: 'result', attempts: 1 }
				: null;
		case 'playlist':
			return isMissing || isObjectRefused ? withoutPlaylist(operation) : null;
		case 'file':
			// A slice that breaks off is read again once (test/unit/storage/concatObjects.test.ts).
			if (fault === 'reset in mid-body') {
				return always ? { outcome: 'error', attempts: 2 } : { outcome: 'result', attempts: 2 };
			}
			// Not there, of another length, or broken off with half of it in n8n's hands.
			return ['404', 'empty body', 'stall in mid-body', '100 MB'].includes(fault)
				? { outcome: 'error', attempts: 1 }
				: null;
		case 'folded listing':
			// It is listed plainly after one request with the delimiter (test/unit/storage/pages.test.ts).
			return fault === '400' || fault === '500' ? { outcome: 'result' } : null;
		case 'listing':
			// The older ListObjects is requested (test/unit/storage/s3.test.ts).
			return fault === '400' ? { outcome: 'result' } : null;
		default:
			return null;
	}
}

/** A recording is complete when its playlist says so; whom that does not concern goes on. */
function withoutPlaylist(operation: string): Expected {
	if (operation === 'Recording: Download') return { outcome: 'error', attempts: 1 };
	return { outcome: 'other result', attempts: 1 };
}

function insideOf(kind: Kind, operation: string): Expected {
	if (kind === 'playlist') return withoutPlaylist(operation);
	if (kind === 'session index' || kind === 'session record') return { outcome: 'result' };
	if (kind === 'listing' || kind === 'folded listing')
		return { outcome: 'error', cause: 'configuration-invalid' };
	if (kind === 'start') return { outcome: 'error', tells: 'effect', attempts: 1 };
	if (kind === 'acquire') return { outcome: 'error', attempts: 1 };
	return { outcome: 'no crash', attempts: isOfConsole(kind) ? 1 : undefined };
}
