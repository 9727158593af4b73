import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListPage, ListQuery } from '../../../nodes/Agora/storage/bucket';
import { readStorageCredential } from '../../../nodes/Agora/storage/credential';
import { s3Api } from '../../../nodes/Agora/storage/s3Api';
import { faultOf } from '../http/fakeContext';
import { fakeCredential } from './fakeCredential';
import { readPageFrom } from './readPage';

const KEYS = ['a_1', 'a_2', 'b', 'c d', 'c_1', 'c_2', 'é+%&<', 'ﬀ', '😀'];
const PAGE = 2;

interface Older {
	/** Whether a folded listing names where to go on, as Amazon does. */
	namesMarker: boolean;
	/** Whether it knows `encoding-type`, and then takes no notice of a marker, as Huawei Cloud is said to. */
	encodes: boolean;
}

let server: Server;
let address: string;
let asked: URLSearchParams[] = [];
let older: Older;

const bytes = (text: string) => Buffer.from(text);
const xml = (text: string) =>
	text.replace(/[&<]/g, (character) => (character === '&' ? '&amp;' : '&lt;'));

/** Storage that answers every listing as the older ListObjects: it knows no tokens and no start. */
function listOlder(query: URLSearchParams): string {
	const encoded = older.encodes && query.get('encoding-type') === 'url';
	const write = (text: string) => (encoded ? encodeURIComponent(text) : xml(text));
	const marker = encoded ? '' : (query.get('marker') ?? '');
	const delimiter = query.get('delimiter');
	const fold = (key: string) => {
		const at = delimiter === null ? -1 : key.indexOf(delimiter);
		return at < 0 ? key : key.slice(0, at + 1);
	};
	const entries = [...new Set(KEYS.map(fold))]
		.filter((entry) => Buffer.compare(bytes(entry), bytes(marker)) > 0)
		.sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
	const page = entries.slice(0, PAGE);
	const truncated = entries.length > PAGE;
	const write1 = (entry: string) =>
		KEYS.includes(entry)
			? `<Contents><Key>${write(entry)}</Key><Size>1</Size><LastModified>2026-11-23T10:00:00Z</LastModified></Contents>`
			: `<CommonPrefixes><Prefix>${write(entry)}</Prefix></CommonPrefixes>`;
	return [
		'<ListBucketResult>',
		`<IsTruncated>${truncated}</IsTruncated>`,
		encoded ? '<EncodingType>url</EncodingType>' : '',
		truncated && older.namesMarker && delimiter !== null
			? `<NextMarker>${write(page.at(-1)!)}</NextMarker>`
			: '',
		...page.map(write1),
		'</ListBucketResult>',
	].join('');
}

beforeAll(async () => {
	server = createServer((request, response) => {
		const { searchParams } = new URL(request.url ?? '', 'http://x');
		asked.push(searchParams);
		response.end(listOlder(searchParams));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => await new Promise((resolve) => server.close(resolve)));
beforeEach(() => (asked = []));

const api = s3Api(readStorageCredential(fakeCredential()));
const list = async (query: ListQuery): Promise<ListPage> =>
	await api.list(
		readPageFrom(async (url) => {
			const response = await fetch(`${address}${url}`);
			return { status: response.status, headers: {}, body: await response.text() };
		}),
		query,
	);

async function entriesOf(query: ListQuery): Promise<string[]> {
	const entries: string[] = [];
	let token: string | undefined;
	for (let pages = 0; pages < 20; pages++) {
		const page: ListPage = await list({ ...query, token });
		entries.push(...page.objects.map(({ key }) => key), ...page.prefixes);
		if (page.nextToken === null) return entries;
		token = page.nextToken;
	}
	throw new Error('the listing has no end');
}

describe.each([
	{ namesMarker: true, encodes: false },
	{ namesMarker: false, encodes: false },
	{ namesMarker: true, encodes: true },
	{ namesMarker: false, encodes: true },
])('storage that knows the older listing only: %j', (kind) => {
	beforeEach(() => (older = kind));

	it('is listed to its end', async () => {
		expect((await entriesOf({ prefix: '' })).sort()).toEqual([...KEYS].sort());
		expect(asked).toHaveLength(Math.ceil(KEYS.length / PAGE));
		expect(asked[0]!.get('list-type')).toBe('2');
		expect(asked[1]!.has('list-type')).toBe(false);
		expect(asked[1]!.get('marker')).toBe('a_2');
	});

	it('is listed to its end folded', async () => {
		const folded = ['a_', 'b', 'c d', 'c_', 'é+%&<', 'ﬀ', '😀'];
		expect((await entriesOf({ prefix: '', delimiter: '_' })).sort()).toEqual(folded.sort());
	});

	it('starts after a key, although it takes no notice of start-after', async () => {
		expect((await entriesOf({ prefix: '', startAfter: 'c_1' })).sort()).toEqual(
			['c_2', 'é+%&<', 'ﬀ', '😀'].sort(),
		);
		const folded = await entriesOf({ prefix: '', delimiter: '_', startAfter: 'b' });
		expect(folded.sort()).toEqual(['c d', 'c_', 'é+%&<', 'ﬀ', '😀'].sort());
		expect(asked[0]!.get('start-after')).toBe('c_1');
		expect(asked[1]!.get('marker')).toBe('c_1');
	});
});

describe('storage that says there is more, and shows nothing', () => {
	it('is not taken for listed', async () => {
		const body = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>';
		const answer = readPageFrom(async () => ({ status: 200, headers: {}, body }));
		expect((await faultOf(api.list(answer, { prefix: '' }))).message).toContain('not how to go on');
	});
});

describe('a link', () => {
	const link = (changes: object, seconds = 600) =>
		s3Api(readStorageCredential(fakeCredential({ ...changes }))).link(
			'https://x.example/a',
			'a',
			seconds,
			new Date('2026-11-23T10:00:00.500Z'),
		)!;

	it('ends when it was asked to', () => {
		expect(link({}).expiresAt).toBe(Date.UTC(2026, 10, 23, 10, 10));
		expect(link({ sessionExpiresAt: '2026-11-23T10:01:00Z' }).expiresAt).toBe(
			Date.UTC(2026, 10, 23, 10, 10),
		);
	});

	it('carries the token of temporary keys, and ends no later than they', () => {
		const temporary = { sessionToken: 'fake-session-token' };
		const early = link({ ...temporary, sessionExpiresAt: '2026-11-23T10:01:00Z' });
		expect(early.expiresAt).toBe(Date.UTC(2026, 10, 23, 10, 1));
		expect(new URL(early.url).searchParams.get('X-Amz-Security-Token')).toBe('fake-session-token');
		const late = link({ ...temporary, sessionExpiresAt: '2026-11-23T11:00:00Z' });
		expect(late.expiresAt).toBe(Date.UTC(2026, 10, 23, 10, 10));
		expect(link(temporary).expiresAt).toBe(Date.UTC(2026, 10, 23, 10, 10));
	});
});

describe('storage that takes no such delimiter', () => {
	const plain = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';

	it.each([400, 501])('is listed plainly from then on, after it answered %d', async (status) => {
		const api = s3Api(readStorageCredential(fakeCredential()));
		const urls: string[] = [];
		const read = readPageFrom(async (url) => {
			urls.push(url);
			const refused = url.includes('delimiter');
			return { status: refused ? status : 200, headers: {}, body: refused ? '' : plain };
		});
		for (const prefix of ['a', 'b']) await api.list(read, { prefix, delimiter: '_' });
		expect(urls.map((url) => /delimiter/.test(url))).toEqual([true, false, false]);
	});

	it('is not blamed for what goes wrong without one, too', async () => {
		const api = s3Api(readStorageCredential(fakeCredential()));
		const read = readPageFrom(async () => ({ status: 400, headers: {}, body: '' }));
		await expect(api.list(read, { prefix: '', delimiter: '_' })).rejects.toThrow('HTTP 400');
	});
});
