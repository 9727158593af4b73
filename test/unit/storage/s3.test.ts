import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpResponse } from '../../../nodes/Agora/http/request';
import { newSupport } from '../../../nodes/Agora/storage/bucket';
import { readStorageCredential } from '../../../nodes/Agora/storage/credential';
import { s3Api } from '../../../nodes/Agora/storage/s3';
import type { ListPage, ListQuery } from '../../../nodes/Agora/storage/types';
import { readListQuery } from '../../storage/stubs/listing.ts';
import { pageXml } from '../../storage/stubs/listingXml.ts';
import { ObjectStore } from '../../storage/stubs/objectStore.ts';
import { flatten, listWith } from '../../storage/stubs/quirk.ts';
import {
	encodingIgnored,
	markerIgnoredWithEncoding,
	olderListingOnly,
	pageSize,
} from '../../storage/stubs/quirks/listing.ts';
import { faultOf } from '../http/fakeContext';
import { fakeCredential } from './fakeCredential';

const KEYS = ['a_1', 'a_2', 'b', 'c d', 'c_1', 'c_2', 'é+%&<', 'ﬀ', '😀'];
const PAGE = 2;

interface Older {
	/** Whether a folded listing contains NextMarker, as on Amazon S3. */
	hasNextMarker: boolean;
	/** Whether it supports `encoding-type` and then ignores the marker, as Huawei Cloud does. */
	encodes: boolean;
}

let server: Server;
let endpoint: string;
let requests: URLSearchParams[] = [];
let older: Older;

const objects = new ObjectStore();
for (const key of KEYS) {
	const properties = { lastModified: new Date(0), storageClass: 'STANDARD', contentType: '' };
	objects.put(key, 'x', properties);
}

/** Storage that responds to every listing like ListObjects, without tokens and start-after. */
function listOlder(parameters: URLSearchParams): string {
	const quirks = flatten([
		olderListingOnly,
		pageSize(PAGE),
		older.encodes ? markerIgnoredWithEncoding : encodingIgnored,
	]);
	const received = readListQuery(Object.fromEntries(parameters));
	const { query, page } = listWith(quirks, received, { bucket: '', objects, signature: null });
	const xml = pageXml(page, query, ({ name }) => ({ key: name, size: 1, lastModified: 0 }));
	return older.hasNextMarker ? xml : xml.replace(/<NextMarker>.*<\/NextMarker>/, '');
}

beforeAll(async () => {
	server = createServer((request, response) => {
		const { searchParams } = new URL(request.url ?? '', 'http://x');
		requests.push(searchParams);
		response.end(listOlder(searchParams));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => await new Promise((resolve) => server.close(resolve)));
beforeEach(() => (requests = []));

const apiWith = (support = newSupport(), changes: object = {}) =>
	s3Api(readStorageCredential(fakeCredential({ ...changes })), support);
const list = async (query: ListQuery): Promise<ListPage> =>
	await apiWith().list(async (url) => {
		const response = await fetch(`${endpoint}${url}`);
		return { status: response.status, headers: {}, body: await response.text() };
	}, query);

async function entriesOf(query: ListQuery): Promise<string[]> {
	const entries: string[] = [];
	let token: string | undefined;
	for (let pages = 0; pages < 20; pages++) {
		const page: ListPage = await list({ ...query, token });
		entries.push(...page.objects.map(({ key }) => key), ...page.prefixes);
		if (page.nextToken === null) return entries;
		token = page.nextToken;
	}
	throw new Error('the listing does not end');
}

describe.each([
	{ hasNextMarker: true, encodes: false },
	{ hasNextMarker: false, encodes: false },
	{ hasNextMarker: true, encodes: true },
	{ hasNextMarker: false, encodes: true },
])('storage that only supports ListObjects: %j', (kind) => {
	beforeEach(() => (older = kind));

	it('is listed completely', async () => {
		expect((await entriesOf({ prefix: '' })).sort()).toEqual([...KEYS].sort());
		expect(requests).toHaveLength(Math.ceil(KEYS.length / PAGE));
		expect(requests[0]!.get('list-type')).toBe('2');
		expect(requests[1]!.has('list-type')).toBe(false);
		expect(requests[1]!.get('marker')).toBe('a_2');
	});

	it('is listed completely with folding', async () => {
		const folded = ['a_', 'b', 'c d', 'c_', 'é+%&<', 'ﬀ', '😀'];
		expect((await entriesOf({ prefix: '', delimiter: '_' })).sort()).toEqual(folded.sort());
	});

	it('starts after a key, although it ignores start-after', async () => {
		expect((await entriesOf({ prefix: '', startAfter: 'c_1' })).sort()).toEqual(
			['c_2', 'é+%&<', 'ﬀ', '😀'].sort(),
		);
		const folded = await entriesOf({ prefix: '', delimiter: '_', startAfter: 'b' });
		expect(folded.sort()).toEqual(['c d', 'c_', 'é+%&<', 'ﬀ', '😀'].sort());
		expect(requests[0]!.get('start-after')).toBe('c_1');
		expect(requests[1]!.get('marker')).toBe('c_1');
	});
});

const EMPTY = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
const OK: HttpResponse = { status: 200, headers: {}, body: EMPTY };
const refusal = (status: number): HttpResponse => ({ status, headers: {}, body: '' });

/** Records the requested URLs, and which responses are not retried. */
function getter(respond: (parameters: URLSearchParams) => HttpResponse) {
	const urls: string[] = [];
	const finals: boolean[] = [];
	const get = async (url: string, isFinal?: (response: HttpResponse) => boolean) => {
		const response = respond(new URLSearchParams(url.slice(2)));
		urls.push(url);
		finals.push(isFinal?.(response) ?? false);
		return response;
	};
	return { get, urls, finals };
}

describe('a request for a page', () => {
	it('has the parameters of ListObjectsV2', async () => {
		const { get, urls } = getter(() => OK);
		await apiWith().list(get, { prefix: 'a b/', delimiter: '_', maxKeys: 2, startAfter: 'ü' });
		await apiWith().list(get, { prefix: '', token: 't&1', startAfter: 'b' });
		expect(urls).toEqual([
			'/?delimiter=_&encoding-type=url&list-type=2&max-keys=2&prefix=a%20b%2F&start-after=%C3%BC',
			'/?continuation-token=t%261&encoding-type=url&list-type=2',
		]);
	});

	it('fails with the name of the bucket', async () => {
		const body = '<Error><Code>NoSuchBucket</Code></Error>';
		const { get } = getter(() => ({ status: 404, headers: {}, body }));
		const fault = await faultOf(apiWith().list(get, { prefix: '' }));
		expect(fault.message).toContain('bucket "my-recordings" does not exist');
	});
});

describe('storage that refuses ListObjectsV2', () => {
	const isOlder = (url: string) => !url.includes('list-type');

	it.each([400, 405, 501])('with %d is requested with ListObjects from then on', async (status) => {
		const support = newSupport();
		const api = apiWith(support);
		const { get, urls } = getter((query) => (query.has('list-type') ? refusal(status) : OK));
		await api.list(get, { prefix: 'a' });
		await api.list(get, { prefix: 'b' });
		await api.list(get, { prefix: 'c', startAfter: 'c1' });
		expect(urls.map(isOlder)).toEqual([false, true, true, true]);
		expect(urls.at(-1)).toBe('/?marker=c1&prefix=c');
		expect(support.version).toBe(1);
	});

	it.each([400, 501])(
		'with %d is not blamed for it when it refuses every listing',
		async (status) => {
			const support = newSupport();
			const { get, urls } = getter(() => refusal(status));
			const fault = await faultOf(apiWith(support).list(get, { prefix: '' }));
			expect(fault.details.httpCode).toBe(String(status));
			expect(urls).toHaveLength(2);
			expect(support.version).toBe(2);
		},
	);

	it.each([401, 403, 404, 500, 503])('is not assumed after %d', async (status) => {
		const support = newSupport();
		const { get, urls } = getter(() => refusal(status));
		const fault = await faultOf(apiWith(support).list(get, { prefix: '' }));
		expect(fault.details.httpCode).toBe(String(status));
		expect([urls.length, support.version]).toEqual([1, 2]);
	});

	it('is not assumed for a folded listing, as the storage may refuse to fold', async () => {
		const support = newSupport();
		const { get, urls } = getter(() => refusal(400));
		await faultOf(apiWith(support).list(get, { prefix: '', delimiter: '_' }));
		expect([urls.length, support.version]).toEqual([1, 2]);
	});
});

describe('a refusal that may mean the delimiter', () => {
	it.each([400, 500, 501])('such as %d is not retried', async (status) => {
		const { get, finals } = getter(() => refusal(status));
		await faultOf(apiWith().list(get, { prefix: '', delimiter: '_' }));
		expect(finals).toEqual([true]);
	});

	it.each<[string, ListQuery, Parameters<typeof newSupport>[0], number]>([
		['another status', { prefix: '', delimiter: '_' }, {}, 503],
		['no delimiter', { prefix: '' }, {}, 500],
		['storage that has folded before', { prefix: '', delimiter: '_' }, { folds: true }, 500],
	])('is not assumed for %s', async (_, query, known, status) => {
		const { get, finals } = getter(() => refusal(status));
		await faultOf(apiWith(newSupport(known)).list(get, query));
		expect(finals).toEqual([false]);
	});
});

describe('a truncated page without entries', () => {
	it('is not accepted as the last page', async () => {
		const body = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>';
		const { get } = getter(() => ({ ...OK, body }));
		const fault = await faultOf(apiWith().list(get, { prefix: '' }));
		expect(fault.message).toContain('cannot be continued');
	});
});

describe('the headers for writing an object', () => {
	it('contain its checksum, which a bucket with Object Lock requires', () => {
		expect(apiWith().putHeaders('{}')).toEqual({ 'Content-MD5': 'mZFLkyvTelC5g8XnyQrpOw==' });
		expect(apiWith().putHeaders('é')).toEqual({ 'Content-MD5': 'Zt3Nl8/eq7L2+4qZm0vHbw==' });
	});
});

describe('a link', () => {
	const link = (changes: object, seconds = 600) =>
		apiWith(newSupport(), changes).link(
			'https://x.example/a',
			'a',
			seconds,
			new Date('2026-11-23T10:00:00.500Z'),
		)!;

	it('expires after the requested time', () => {
		expect(link({}).expiresAt).toBe(Date.UTC(2026, 10, 23, 10, 10));
		expect(link({ sessionExpiresAt: '2026-11-23T10:01:00Z' }).expiresAt).toBe(
			Date.UTC(2026, 10, 23, 10, 10),
		);
	});

	it('contains the token of temporary credentials, and expires with them', () => {
		const temporary = { sessionToken: 'fake-session-token' };
		const early = link({ ...temporary, sessionExpiresAt: '2026-11-23T10:01:00Z' });
		expect(early.expiresAt).toBe(Date.UTC(2026, 10, 23, 10, 1));
		expect(new URL(early.url).searchParams.get('X-Amz-Security-Token')).toBe('fake-session-token');
		const late = link({ ...temporary, sessionExpiresAt: '2026-11-23T11:00:00Z' });
		expect(late.expiresAt).toBe(Date.UTC(2026, 10, 23, 10, 10));
		expect(link(temporary).expiresAt).toBe(Date.UTC(2026, 10, 23, 10, 10));
	});

	it.each([
		[
			'an expiry with a space in place of the T',
			'2026-11-23 10:01:00Z',
			Date.UTC(2026, 10, 23, 10, 1),
		],
		['an expiry in Unix seconds', '1795428060', 1795428060_000],
	])('reads %s', (_, sessionExpiresAt, expected) => {
		expect(link({ sessionToken: 'x', sessionExpiresAt }).expiresAt).toBe(expected);
	});
});
