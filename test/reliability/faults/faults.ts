import type { FaultyResponse, InjectedFault, ServiceResponse } from '../relay.ts';
import {
	final,
	harmless,
	misconfigured,
	neverSent,
	outage,
	rateLimit,
	refusal,
	timeout,
	unreadable,
	wrongKeys,
	type FaultClass,
} from './rules.ts';
import { isConsoleApi, isListing, isWrite, REQUESTS, type RequestKind } from '../requests.ts';

/** How a connection fails before the request is sent. */
export type ConnectionFailure = 'refused' | 'unknown host' | 'untrusted certificate';

/** What a fault depends on. */
export interface Target {
	kind: RequestKind;
	/** Origin of a server that must never get a request. */
	elsewhere: string;
	/** Origin of the relay. */
	relay: string;
}

export interface Fault extends FaultClass {
	name: string;
	/** Null where the fault cannot happen to this kind of request. */
	on(target: Target): { connection: ConnectionFailure } | InjectedFault | null;
}

export const RETRY_AFTER_SECONDS = 2;
export const HUGE_BYTES = 100 * 1024 ** 2;
const HOURS_OFF = 5;

const before = (response: FaultyResponse): InjectedFault => ({ response, when: 'before' });
const after = (response: FaultyResponse): InjectedFault => ({ response, when: 'after' });

type ResponseTo = (target: Target) => FaultyResponse | null;

/** The bodies of Agora's gateway, of its recording service, and of S3. */
const gateway = (message: string) => ({ message });
const service = (code: number, reason: string) => ({ code, reason });
const s3 = (code: string) =>
	`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>made up</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`;

function json(status: number, body: unknown, headers: Record<string, string> = {}): FaultyResponse {
	const type = { 'content-type': 'application/json' };
	return { status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

/**
 * The body of Agora's error, of which the console API has only the reason, as `message`; S3's code, null for an empty
 * body; and further headers.
 */
type HttpError = [
	agora: { code?: number; reason?: string; message?: string },
	s3Code: string | null | ((kind: RequestKind) => string),
	headers?: Record<string, string>,
];

/** An error of both services with the same status. */
function httpError(status: number, ...[agora, s3Code, headers]: HttpError): ResponseTo {
	return ({ kind }) => {
		if (REQUESTS[kind].service === 'agora') {
			const { reason } = agora;
			return json(status, reason && isConsoleApi(kind) ? gateway(reason) : agora, headers);
		}
		const code = typeof s3Code === 'function' ? s3Code(kind) : s3Code;
		if (code === null) return { status };
		return { status, headers: { 'content-type': 'application/xml', ...headers }, body: s3(code) };
	};
}

/** A response with a code of cloud recording, which neither the console API nor the bucket has. */
const recordingCode =
	(status: number, code: number, reason: string): ResponseTo =>
	({ kind }) =>
		REQUESTS[kind].service === 'bucket' || isConsoleApi(kind)
			? null
			: json(status, service(code, reason));

export const proxyPage = (status: number): FaultyResponse => ({
	status,
	headers: { 'content-type': 'text/html' },
	body: `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center><hr><center>nginx</center></body>\r\n</html>`,
});

/** Ten entities, each ten times the previous one: expanding them turns a kilobyte into three gigabytes. */
function billionLaughs(): string {
	const entities = Array.from({ length: 9 }, (_, i) => {
		const value = i === 0 ? 'lol' : `&lol${i - 1};`.repeat(10);
		return `<!ENTITY lol${i} "${value}">`;
	});
	return `<?xml version="1.0"?>\n<!DOCTYPE ListBucketResult [\n${entities.join('\n')}\n]>\n<ListBucketResult><Name>&lol8;</Name><IsTruncated>false</IsTruncated></ListBucketResult>`;
}

/** 100 MB of spaces, which end neither JSON nor XML nor a playlist; counts how many were read. */
export class HugeBody implements Iterable<Buffer> {
	bytesRead = 0;

	*[Symbol.iterator]() {
		const chunk = Buffer.alloc(256 * 1024, ' ');
		for (; this.bytesRead < HUGE_BYTES; this.bytesRead += chunk.length) yield chunk;
	}
}

/** Sends one byte, then nothing. */
async function* stallingBody(): AsyncGenerator<Buffer> {
	yield Buffer.from(' ');
	await new Promise(() => undefined);
}

const WRONG_PROJECT = {
	id: 7,
	name: null,
	vendor_key: {},
	sign_key: [],
	status: 'on',
	created: {},
};
const WRONG_SESSION = {
	status: {},
	fileList: [null, 7, { fileName: 7 }],
	extensionServiceState: [null, 7, { payload: 'text' }],
	uploadingStatus: {},
};
const WRONG_RECORD = { sid: 7, resourceId: [], cname: null, folder: {}, avFileType: 'mp4' };
const WRONG_LISTING =
	'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>7</IsTruncated><Contents><Key>class/a.m3u8</Key><LastModified>yesterday</LastModified><Size>many</Size></Contents></ListBucketResult>';

/** Valid JSON with other types than documented: of the whole, and of what is in it. */
function wrongTypes(kind: RequestKind): [whole: unknown, inside: unknown] {
	switch (kind) {
		case 'projects':
			return [{ projects: { first: {} } }, { projects: [null, 7, 'text', [], WRONG_PROJECT] }];
		case 'usage':
			return [{ usages: 'none' }, { usages: [null, 7, { date: {}, usage: 'no' }, { usage: [] }] }];
		case 'change project':
		case 'create project':
		case 'reset certificate':
			return [{ project: 'text' }, { project: WRONG_PROJECT }];
		case 'channels':
			return [{ data: 'none' }, { data: { channels: [null, 7, 'text', { channel_name: 7 }] } }];
		case 'acquire':
			return [[], { resourceId: 7 }];
		case 'start':
			return [7, { sid: 7, resourceId: {} }];
		case 'query':
		case 'wait':
		case 'stop':
			return [{ serverResponse: 'text' }, { serverResponse: WRONG_SESSION }];
		case 'change recording':
			return ['"text"', { sid: 7, resourceId: [], cname: null }];
		default:
			return [[7], WRONG_RECORD];
	}
}

const wrongTypesIn =
	(part: 0 | 1): ResponseTo =>
	({ kind }) => {
		// The response to a write is not read, and the bytes of a file have no types.
		if (isWrite(kind) || kind === 'file') return null;
		if (isListing(kind) && part === 1) return { status: 200, body: WRONG_LISTING };
		return json(200, wrongTypes(kind)[part]);
	};

const withBody =
	(change: (body: Buffer) => Buffer | string) =>
	(response: ServiceResponse): ServiceResponse => {
		const body = Buffer.from(change(response.body));
		const headers = { ...response.headers, 'content-length': String(body.length) };
		return { ...response, headers, body };
	};

const dateOff = (response: ServiceResponse): ServiceResponse => {
	const date = new Date(Date.now() + HOURS_OFF * 3_600_000).toUTCString();
	return { ...response, headers: { ...response.headers, date } };
};

const isOfBucket = (kind: RequestKind) => REQUESTS[kind].service === 'bucket';
const CLOCK_SKEWED = { status: 403, body: s3('RequestTimeTooSkewed') };
const isJson = (kind: RequestKind) =>
	!isOfBucket(kind) || kind === 'session record' || kind === 'session index';
const unlessWrite = (response: FaultyResponse): ResponseTo => {
	return ({ kind }) => (isWrite(kind) ? null : response);
};
const onlyFor = (applies: (kind: RequestKind) => boolean, response: FaultyResponse): ResponseTo => {
	return ({ kind }) => (applies(kind) ? response : null);
};
const same = (response: FaultyResponse): ResponseTo => {
	return () => response;
};

const connection = (name: string, failure: ConnectionFailure): Fault => ({
	...neverSent,
	name,
	on: () => ({ connection: failure }),
});

const fault =
	(toFault: (response: FaultyResponse) => InjectedFault) =>
	(name: string, faultClass: FaultClass, responseTo: ResponseTo): Fault => ({
		...faultClass,
		name,
		on(target) {
			const response = responseTo(target);
			return response === null ? null : toFault(response);
		},
	});
const instead = fault(before);
const afterwards = fault(after);
/** Errors named after their status, and after their code too. */
const http = (status: number, faultClass: FaultClass, ...error: HttpError) =>
	instead(String(status), faultClass, httpError(status, ...error));
const coded = (status: number, code: number, reason: string, faultClass: FaultClass) =>
	instead(`${status}, code ${code}`, faultClass, recordingCode(status, code, reason));

const gone = (kind: RequestKind) =>
	isListing(kind) || kind.startsWith('write') ? 'NoSuchBucket' : 'NoSuchKey';
const tooMany = gateway('API rate limit exceeded');
const retryAfter = { 'retry-after': String(RETRY_AFTER_SECONDS) };
const conflict: FaultClass = { ...refusal, bucketCause: 'temporarily-unavailable' };
const overload: FaultClass = { ...outage, bucketCause: 'rate-limited' };
const noQuota = final('refused', 'quota-exhausted');
const halved = withBody((body) => body.subarray(0, body.length / 2));
const withoutEnd = withBody((body) => body.subarray(0, -30));
const stall = () => ({ status: 200, headers: { 'content-length': '1000' }, body: stallingBody() });
const redirect = (status: number, location: string) => ({ status, headers: { location } });

/** Faults of the connection, of the response's status, and of its content: the rows of the matrix. */
export const FAULTS: Fault[] = [
	connection('connection refused', 'refused'),
	connection('unknown host', 'unknown host'),
	connection('untrusted certificate', 'untrusted certificate'),
	instead('reset before the response', outage, same('reset')),
	afterwards('reset after it took effect', outage, same('reset')),
	afterwards('reset in the body', outage, unlessWrite('half')),
	instead('timeout before it took effect', timeout, same('silence')),
	afterwards('timeout after it took effect', timeout, same('silence')),
	afterwards('stall in the body', timeout, (target) => unlessWrite(stall())(target)),
	http(400, refusal, service(2, 'api body validate failed!'), 'InvalidArgument'),
	http(401, wrongKeys, gateway('Invalid authentication credentials'), 'Unauthorized'),
	http(403, wrongKeys, gateway('Forbidden'), 'AccessDenied'),
	http(404, refusal, service(404, 'failed to find worker'), gone),
	http(409, conflict, {}, 'OperationAborted'),
	http(415, refusal, gateway('Unsupported Media Type'), 'UnsupportedMediaType'),
	http(429, rateLimit, tooMany, 'TooManyRequests'),
	{ ...http(429, rateLimit, tooMany, 'TooManyRequests', retryAfter), name: '429 with Retry-After' },
	http(500, outage, service(500, 'internal_error'), 'InternalError'),
	instead('502 with an HTML page', outage, same(proxyPage(502))),
	http(503, overload, gateway('Service Unavailable'), 'SlowDown'),
	http(504, outage, service(62, 'request timeout'), null),
	coded(201, 7, 'already started', final('perhaps')),
	coded(206, 65, 'request not completed', outage),
	coded(206, 435, 'no recorded data', final('perhaps')),
	coded(400, 53, 'task conflict', final('refused')),
	coded(400, 406, 'vendor_over_load', noQuota),
	coded(400, 49, 'invalid operation', final('refused')),
	instead('403, clock skewed', misconfigured, onlyFor(isOfBucket, CLOCK_SKEWED)),
	afterwards('Date header off by hours', harmless, same(dateOff)),
	afterwards('empty body', unreadable, unlessWrite(withBody(() => ''))),
	afterwards('truncated JSON', unreadable, onlyFor(isJson, halved)),
	instead('wrong types', unreadable, wrongTypesIn(0)),
	instead('wrong types inside', unreadable, wrongTypesIn(1)),
	afterwards('truncated XML', unreadable, onlyFor(isListing, withoutEnd)),
	instead('billion laughs', unreadable, onlyFor(isListing, { status: 200, body: billionLaughs() })),
	afterwards('100 MB', unreadable, () => ({ status: 200, body: new HugeBody() })),
	instead('endless redirects', misconfigured, ({ relay }) =>
		redirect(302, `${relay}/again?${Math.random()}`),
	),
	instead('redirect to another origin', misconfigured, ({ elsewhere }) =>
		redirect(307, `${elsewhere}/elsewhere`),
	),
];
