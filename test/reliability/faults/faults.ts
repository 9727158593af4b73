import type { FaultyResponse, InjectedFault, ServiceResponse } from '../relay.ts';
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

export interface Fault {
	name: string;
	/** Whether it may pass: then it is injected once and always, else always only. */
	isTransient: boolean;
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
 * An error of both services with the same status.
 *
 * @param agora the body; `{ code, reason }` becomes `{ message }` in the console API, which has no codes
 * @param s3Code null for an empty body
 */
function httpError(
	status: number,
	agora: { code?: number; reason?: string; message?: string },
	s3Code: string | null | ((kind: RequestKind) => string),
	headers: Record<string, string> = {},
): ResponseTo {
	return ({ kind }) => {
		if (REQUESTS[kind].service === 'agora') {
			const { reason } = agora;
			const isCoded = reason !== undefined && !isConsoleApi(kind);
			return json(status, isCoded || !reason ? agora : gateway(reason), headers);
		}
		const code = typeof s3Code === 'function' ? s3Code(kind) : s3Code;
		if (code === null) return { status, headers };
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

const isJson = (kind: RequestKind) =>
	REQUESTS[kind].service === 'agora' || kind === 'session record' || kind === 'session index';
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
	name,
	isTransient: true,
	on: () => ({ connection: failure }),
});

const fault =
	(isTransient: boolean, when: (response: FaultyResponse) => InjectedFault) =>
	(name: string, responseTo: ResponseTo): Fault => ({
		name,
		isTransient,
		on(target) {
			const response = responseTo(target);
			return response === null ? null : when(response);
		},
	});
const transient = fault(true, before);
const transientAfter = fault(true, after);
const permanent = fault(false, before);
const permanentAfter = fault(false, after);

const RATE_LIMIT = gateway('API rate limit exceeded');
const RETRY_AFTER = { 'retry-after': String(RETRY_AFTER_SECONDS) };
const notFound = (kind: RequestKind) =>
	isListing(kind) || kind.startsWith('write') ? 'NoSuchBucket' : 'NoSuchKey';

/** Faults of the connection, of the response's status, and of its content: the rows of the matrix. */
export const FAULTS: Fault[] = [
	connection('connection refused', 'refused'),
	connection('unknown host', 'unknown host'),
	connection('untrusted certificate', 'untrusted certificate'),
	transient('reset before the response', same('reset')),
	transientAfter('reset after it took effect', same('reset')),
	transientAfter('reset in the body', unlessWrite('half')),
	permanent('timeout before it took effect', same('silence')),
	permanentAfter('timeout after it took effect', same('silence')),
	permanentAfter('stall in the body', ({ kind }) =>
		isWrite(kind)
			? null
			: { status: 200, headers: { 'content-length': '1000' }, body: stallingBody() },
	),
	permanent('400', httpError(400, service(2, 'api body validate failed!'), 'InvalidArgument')),
	permanent('401', httpError(401, gateway('Invalid authentication credentials'), 'Unauthorized')),
	permanent('403', httpError(403, gateway('Forbidden'), 'AccessDenied')),
	permanent('404', httpError(404, service(404, 'failed to find worker'), notFound)),
	permanent('409', httpError(409, {}, 'OperationAborted')),
	permanent('415', httpError(415, gateway('Unsupported Media Type'), 'UnsupportedMediaType')),
	transient('429', httpError(429, RATE_LIMIT, 'TooManyRequests')),
	transient('429 with Retry-After', httpError(429, RATE_LIMIT, 'TooManyRequests', RETRY_AFTER)),
	transient('500', httpError(500, service(500, 'internal_error'), 'InternalError')),
	transient('502 with an HTML page', same(proxyPage(502))),
	transient('503', httpError(503, gateway('Service Unavailable'), 'SlowDown')),
	transient('504', httpError(504, service(62, 'request timeout'), null)),
	permanent('201, code 7', recordingCode(201, 7, 'already started')),
	transient('206, code 65', recordingCode(206, 65, 'request not completed')),
	permanent('206, code 435', recordingCode(206, 435, 'no recorded data')),
	permanent('400, code 53', recordingCode(400, 53, 'task conflict')),
	permanent('400, code 406', recordingCode(400, 406, 'vendor_over_load')),
	permanent('400, code 49', recordingCode(400, 49, 'invalid operation')),
	permanent('403, clock skewed', ({ kind }) =>
		REQUESTS[kind].service === 'agora' ? null : { status: 403, body: s3('RequestTimeTooSkewed') },
	),
	permanentAfter('Date header off by hours', same(dateOff)),
	permanentAfter('empty body', unlessWrite(withBody(() => ''))),
	permanentAfter(
		'truncated JSON',
		onlyFor(
			isJson,
			withBody((body) => body.subarray(0, body.length / 2)),
		),
	),
	permanent('wrong types', wrongTypesIn(0)),
	permanent('wrong types inside', wrongTypesIn(1)),
	permanentAfter(
		'truncated XML',
		onlyFor(
			isListing,
			withBody((body) => body.subarray(0, -30)),
		),
	),
	permanent('billion laughs', onlyFor(isListing, { status: 200, body: billionLaughs() })),
	permanentAfter('100 MB', () => ({ status: 200, body: new HugeBody() })),
	permanent('endless redirects', ({ relay }) => ({
		status: 302,
		headers: { location: `${relay}/again?${Math.random()}` },
	})),
	permanent('redirect to another origin', ({ elsewhere }) => ({
		status: 307,
		headers: { location: `${elsewhere}/elsewhere` },
	})),
];
