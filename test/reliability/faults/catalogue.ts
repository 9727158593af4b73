import type { Mishap, Trouble } from '../relay.ts';
import type { Closed } from './gate.ts';
import { isOfConsole, type Kind, type Service } from './kinds.ts';

/** How a fault is brought about: on the way to the relay, or by it. */
export type How = { closed: Closed } | { trouble: Trouble };

/** Why a fault makes no sense for a request; the letters stand in the tables. */
export const SENSELESS = {
	a: 'an error that only the other service has',
	b: 'an error code of cloud recording, which the console API does not have',
	c: 'the answer to a write has no body that is read',
	d: 'the answer is no XML',
	e: 'the answer is no JSON',
	f: 'the bytes of a film have no types',
} as const;
export type Senseless = keyof typeof SENSELESS;

/** What a fault needs to know of the request it hits. */
export interface Target {
	service: Service;
	kind: Kind;
	/** Origin of a server that nobody has a reason to ask. */
	elsewhere: string;
	/** Origin of the relay. */
	here: string;
}

export interface FaultOf {
	name: string;
	/** Whether it can pass by itself: then it is tried hitting once, and hitting always. */
	passes: boolean;
	/** How it is brought about, or why it makes no sense. */
	on(target: Target): How | Senseless;
}

export const RETRY_AFTER_SECONDS = 2;
export const HUGE_BYTES = 100 * 1024 ** 2;
const HOURS_OFF = 5;

const before = (mishap: Mishap): How => ({ trouble: { mishap, when: 'before' } });
const after = (mishap: Mishap): How => ({ trouble: { mishap, when: 'after' } });

function json(status: number, body: unknown, headers: Record<string, string> = {}): Mishap {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return { status, headers: { 'content-type': 'application/json', ...headers }, body: text };
}

/** An error of the S3 API. */
function xml(status: number, code: string, headers: Record<string, string> = {}): Mishap {
	const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>made up</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`;
	return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
}

const HTML =
	'<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>\r\n</html>';

/** The reference's two error bodies: the gateway's, and the recording service's. */
const ofAgora = (kind: Kind, status: number, code: number, reason: string): Mishap =>
	json(status, isOfConsole(kind) ? { message: reason } : { code, reason });

const onlyRecording = (mishap: Mishap): FaultOf['on'] => {
	return ({ service, kind }) =>
		service === 'bucket' ? 'a' : isOfConsole(kind) ? 'b' : before(mishap);
};
const either = (agora: (kind: Kind) => Mishap, bucket: (kind: Kind) => Mishap): FaultOf['on'] => {
	return ({ service, kind }) => before(service === 'agora' ? agora(kind) : bucket(kind));
};

const isListing = (kind: Kind) => kind === 'listing' || kind === 'folded listing';
const isJson = (kind: Kind) => kind === 'session record' || kind === 'session index';

const LISTING =
	'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';

/** Ten entities, each ten of the one before: a reader that resolves them makes three gigabytes of a kilobyte. */
function billionLaughs(): string {
	const entities = Array.from({ length: 9 }, (_, i) => {
		const before = i === 0 ? 'lol' : `&lol${i - 1};`.repeat(10);
		return `<!ENTITY lol${i} "${before}">`;
	});
	return `<?xml version="1.0"?>\n<!DOCTYPE ListBucketResult [\n${entities.join('\n')}\n]>\n<ListBucketResult><Name>&lol8;</Name><IsTruncated>false</IsTruncated></ListBucketResult>`;
}

/** What the huge answers were asked for, so that a test can tell how much of them was taken. */
export interface HugeBody extends Iterable<Buffer> {
	taken: number;
}

/** @returns 100 MB of what neither JSON nor XML nor a playlist is ended by */
export function hugeBody(): HugeBody {
	const piece = Buffer.alloc(256 * 1024, ' ');
	return {
		taken: 0,
		*[Symbol.iterator]() {
			for (; this.taken < HUGE_BYTES; this.taken += piece.length) yield piece;
		},
	};
}

/** A body of which one byte comes. */
async function* stalling(): AsyncGenerator<Buffer> {
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

/** Valid JSON whose values are not what the reference says, by what was asked for. */
function wrongTypes(kind: Kind): [outside: unknown, inside: unknown] {
	switch (kind) {
		case 'projects':
			return [{ projects: { first: {} } }, { projects: [null, 7, 'text', [], WRONG_PROJECT] }];
		case 'usage':
			return [
				{ usages: 'none' },
				{ usages: [null, 7, { date: {}, usage: 'none' }, { usage: [] }] },
			];
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
			return [
				{ serverResponse: 'text' },
				{
					serverResponse: {
						status: {},
						fileList: [null, 7, { fileName: 7 }],
						extensionServiceState: [null, 7, { payload: 'text' }],
						uploadingStatus: {},
					},
				},
			];
		default:
			return ['"text"', { sid: 7, resourceId: [], cname: null }];
	}
}

const INSIDE_LISTING = `${LISTING}<IsTruncated>7</IsTruncated><Contents><Key>class/a.m3u8</Key><LastModified>yesterday</LastModified><Size>many</Size></Contents></ListBucketResult>`;

const wrong = (inside: 0 | 1): FaultOf['on'] => {
	return ({ service, kind }) => {
		if (service === 'agora') return before(json(200, JSON.stringify(wrongTypes(kind)[inside])));
		if (kind === 'write') return 'c';
		if (kind === 'file') return 'f';
		if (isListing(kind) && inside) return before({ status: 200, body: INSIDE_LISTING });
		const record = { sid: 7, resourceId: [], cname: null, folder: {}, avFileType: 'mp4' };
		return before(json(200, inside ? record : [7]));
	};
};

/** Faults of the way, of the answer's status, and of its content: the rows of the tables. */
export const FAULTS: FaultOf[] = [
	{ name: 'connection refused', passes: true, on: () => ({ closed: 'refused' }) },
	{ name: 'host name not known', passes: true, on: () => ({ closed: 'unknown host' }) },
	{ name: 'certificate not trusted', passes: true, on: () => ({ closed: 'untrusted' }) },
	{ name: 'reset before the answer', passes: true, on: () => before('reset') },
	{ name: 'reset after it acted', passes: true, on: () => after('reset') },
	{
		name: 'reset in mid-body',
		passes: true,
		on: ({ kind }) => (kind === 'write' ? 'c' : after('half')),
	},
	{ name: 'timeout before it acted', passes: false, on: () => before('silence') },
	{ name: 'timeout after it acted', passes: false, on: () => after('silence') },
	{
		name: 'stall in mid-body',
		passes: false,
		on: ({ kind }) =>
			kind === 'write'
				? 'c'
				: after({ status: 200, headers: { 'content-length': '1000' }, body: stalling() }),
	},
	{
		name: '400',
		passes: false,
		on: either(
			(kind) => ofAgora(kind, 400, 2, 'api body validate failed!'),
			() => xml(400, 'InvalidArgument'),
		),
	},
	{
		name: '401',
		passes: false,
		on: either(
			() => json(401, { message: 'Invalid authentication credentials' }),
			() => xml(401, 'Unauthorized'),
		),
	},
	{
		name: '403',
		passes: false,
		on: either(
			() => json(403, { message: 'Forbidden' }),
			() => xml(403, 'AccessDenied'),
		),
	},
	{
		name: '404',
		passes: false,
		on: either(
			(kind) => ofAgora(kind, 404, 404, 'failed to find worker'),
			(kind) =>
				isListing(kind) || kind === 'write' ? xml(404, 'NoSuchBucket') : xml(404, 'NoSuchKey'),
		),
	},
	{
		name: '409',
		passes: false,
		on: either(
			() => json(409, {}),
			() => xml(409, 'OperationAborted'),
		),
	},
	{
		name: '415',
		passes: false,
		on: either(
			() => json(415, { message: 'Unsupported Media Type' }),
			() => xml(415, 'UnsupportedMediaType'),
		),
	},
	{
		name: '429',
		passes: true,
		on: either(
			() => json(429, { message: 'API rate limit exceeded' }),
			() => xml(429, 'TooManyRequests'),
		),
	},
	{
		name: '429 with Retry-After',
		passes: true,
		on: either(
			() =>
				json(
					429,
					{ message: 'API rate limit exceeded' },
					{ 'retry-after': String(RETRY_AFTER_SECONDS) },
				),
			() => xml(429, 'TooManyRequests', { 'retry-after': String(RETRY_AFTER_SECONDS) }),
		),
	},
	{
		name: '500',
		passes: true,
		on: either(
			(kind) => ofAgora(kind, 500, 500, 'internal_error'),
			() => xml(500, 'InternalError'),
		),
	},
	{
		name: '502 with a page of HTML',
		passes: true,
		on: () => before({ status: 502, headers: { 'content-type': 'text/html' }, body: HTML }),
	},
	{
		name: '503 (SlowDown)',
		passes: true,
		on: either(
			() => json(503, { message: 'Service Unavailable' }),
			() => xml(503, 'SlowDown'),
		),
	},
	{
		name: '504',
		passes: true,
		on: either(
			(kind) => ofAgora(kind, 504, 62, 'request timeout'),
			() => ({ status: 504 }),
		),
	},
	{
		name: '201, code 7',
		passes: false,
		on: onlyRecording(json(201, { code: 7, reason: 'already started' })),
	},
	{
		name: '206, code 65',
		passes: true,
		on: onlyRecording(json(206, { code: 65, reason: 'request not completed' })),
	},
	{
		name: '206, code 435',
		passes: false,
		on: onlyRecording(json(206, { code: 435, reason: 'no recorded data' })),
	},
	{
		name: '400, code 53',
		passes: false,
		on: onlyRecording(json(400, { code: 53, reason: 'task conflict' })),
	},
	{
		name: '400, code 406',
		passes: false,
		on: onlyRecording(json(400, { code: 406, reason: 'vendor_over_load' })),
	},
	{
		name: '400, code 49',
		passes: false,
		on: onlyRecording(json(400, { code: 49, reason: 'invalid operation' })),
	},
	{
		name: '403, clock skewed',
		passes: false,
		on: ({ service }) => (service === 'agora' ? 'a' : before(xml(403, 'RequestTimeTooSkewed'))),
	},
	{
		name: 'Date hours off',
		passes: false,
		on: () =>
			after((answer) => {
				const date = new Date(Date.now() + HOURS_OFF * 3_600_000).toUTCString();
				return { ...answer, headers: { ...answer.headers, date } };
			}),
	},
	{
		name: 'empty body',
		passes: false,
		on: ({ kind }) => (kind === 'write' ? 'c' : after((answer) => withBody(answer, ''))),
	},
	{
		name: 'truncated JSON',
		passes: false,
		on: ({ service, kind }) =>
			service === 'agora' || isJson(kind)
				? after((answer) => withBody(answer, answer.body.subarray(0, answer.body.length / 2)))
				: 'e',
	},
	{ name: 'wrong types', passes: false, on: wrong(0) },
	{ name: 'wrong types inside', passes: false, on: wrong(1) },
	{
		name: 'truncated XML',
		passes: false,
		on: ({ service, kind }) =>
			service === 'bucket' && isListing(kind)
				? after((answer) => withBody(answer, answer.body.subarray(0, answer.body.length - 30)))
				: 'd',
	},
	{
		name: 'billion laughs',
		passes: false,
		on: ({ service, kind }) =>
			service === 'bucket' && isListing(kind)
				? before({ status: 200, body: billionLaughs() })
				: 'd',
	},
	{ name: '100 MB', passes: false, on: () => after({ status: 200, body: hugeBody() }) },
	{
		name: 'endless redirects',
		passes: false,
		on: ({ here }) =>
			before({ status: 302, headers: { location: `${here}/again?${Math.random()}` } }),
	},
	{
		name: 'redirect to another origin',
		passes: false,
		on: ({ elsewhere }) =>
			before({ status: 307, headers: { location: `${elsewhere}/give-me-your-keys` } }),
	},
];

function withBody<Answer extends { headers: object }>(answer: Answer, body: Buffer | string) {
	const bytes = Buffer.from(body);
	return {
		...answer,
		headers: { ...answer.headers, 'content-length': String(bytes.length) },
		body: bytes,
	};
}
