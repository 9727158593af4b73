import {
	BlobSASPermissions,
	SASProtocol,
	StorageSharedKeyCredential,
	generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import { objectUrl } from '../../../../nodes/Agora/storage/address';
import {
	API_VERSION,
	authorizeAzure,
	blobLink,
	signWithSharedKey,
} from '../../../../nodes/Agora/storage/azure/auth';
import { canonicalQuery, encodePath } from '../../../../nodes/Agora/storage/signature';
import type { RandomSource } from '../../randomSource';
import { randomSource } from '../../randomSource';
import { FAKE_SAS, azureCredential } from './fakeAzure';

describe('a storage credential for Azure', () => {
	it.each(['YWJj', 'YWJjZA==', 'YWJjZGU=', 'a+/9'])('accepts the key %s', (secretKey) => {
		expect(azureCredential({ secretKey }).secretKey).toBe(secretKey);
	});

	it('has an account and its key', () => {
		expect(azureCredential()).toMatchObject({ accessKey: 'fakeaccount', sasToken: '' });
	});

	it.each([
		['as the portal shows it', FAKE_SAS],
		['with its question mark', `?${FAKE_SAS}`],
		['in a whole URL', `https://fakeaccount.blob.core.windows.net/my-recordings?${FAKE_SAS}`],
	])('accepts a signature instead of the key, %s', (_, sasToken) => {
		expect(azureCredential({ secretKey: '', sasToken })).toMatchObject({
			secretKey: '',
			sasToken: FAKE_SAS,
		});
	});

	it('ignores a signature next to a key, and with another vendor', () => {
		expect(azureCredential({ sasToken: FAKE_SAS }).sasToken).toBe('');
		expect(azureCredential({ vendor: 'amazonS3', sasToken: FAKE_SAS }).sasToken).toBe('');
		expect(() =>
			azureCredential({ vendor: 'amazonS3', secretKey: '', sasToken: FAKE_SAS }),
		).toThrow('Secret Key is empty in the storage credential');
	});

	it.each([
		['neither key nor signature', { secretKey: '' }, 'Secret Key is empty'],
		['a key that is not base64', { secretKey: 'not a key!' }, 'in base64'],
		['a signature in the field of the key', { secretKey: FAKE_SAS }, 'its field then appears'],
		['a key that was cut', { secretKey: 'YWJj=' }, 'in base64'],
		['a key with one character at its end', { secretKey: 'YWJjY=' }, 'in base64'],
		['half a signature', { secretKey: '', sasToken: 'sv=2023-11-03&sp=rl' }, 'must contain "sig="'],
		['an account that is a host', { accessKey: 'evil.example/' }, 'name of the Azure storage'],
		['an account in capitals', { accessKey: 'FakeAccount' }, 'lowercase letters and digits'],
	])('refuses %s', (_, changes, expected) => {
		expect(() => azureCredential(changes)).toThrow(expected);
	});
});

const NOW = new Date('2026-11-23T10:00:00.750Z');
const request = (changes: object = {}) => ({
	method: 'GET',
	url: 'https://fakeaccount.blob.core.windows.net/my-recordings/a',
	headers: {},
	body: undefined,
	...changes,
});
const withSas = azureCredential({ secretKey: '', sasToken: FAKE_SAS });

describe('authorizeAzure', () => {
	it('signs headers with a key, and sends the API version', () => {
		const { url, headers } = authorizeAzure(request(), azureCredential(), NOW);
		expect(url).toBe(request().url);
		expect(headers).toEqual({
			'x-ms-date': 'Mon, 23 Nov 2026 10:00:00 GMT',
			'x-ms-version': API_VERSION,
			authorization: expect.stringMatching(/^SharedKey fakeaccount:[\w+/]{43}=$/),
		});
	});

	it('adds a signature to the URL, once', () => {
		const first = authorizeAzure(request(), withSas, NOW);
		expect(first.headers).toEqual({ 'x-ms-version': API_VERSION });
		const again = authorizeAzure(request({ url: first.url }), withSas, NOW);
		expect(again).toEqual(first);
		expect([...new URL(first.url).searchParams].sort()).toEqual(
			[...new URLSearchParams(FAKE_SAS)].sort(),
		);
	});

	it('does not let a request override the signature', () => {
		const wider = request({ url: `${request().url}?sp=rwd&sig=mine&comp=list` });
		const { searchParams } = new URL(authorizeAzure(wider, withSas, NOW).url);
		expect(searchParams.getAll('sp')).toEqual(['rl']);
		expect(searchParams.getAll('sig')).toEqual(['fake+sig=']);
		expect(searchParams.get('comp')).toBe('list');
	});

	it('removes parameters without a value', () => {
		const list = request({ url: 'https://x.example/c?comp=list&prefix=' });
		expect(authorizeAzure(list, azureCredential(), NOW).url).toBe('https://x.example/c?comp=list');
	});

	it('sets the content type of a body', () => {
		const put = request({ method: 'PUT', body: Buffer.from('x') });
		expect(authorizeAzure(put, azureCredential(), NOW).headers).toMatchObject({
			'content-type': 'application/octet-stream',
		});
		const typed = { ...put, headers: { 'Content-Type': 'text/plain' } };
		expect(authorizeAzure(typed, azureCredential(), NOW).headers).toMatchObject({
			'content-type': 'text/plain',
		});
	});

	it('signs a stream only if its length is known', () => {
		const stream = request({ method: 'PUT', body: new FormData() });
		expect(() => authorizeAzure(stream, azureCredential(), NOW)).toThrow(
			'requires the length of a body',
		);
		const known = { ...stream, headers: { 'Content-Length': '12' } };
		expect(authorizeAzure(known, azureCredential(), NOW).headers['content-length']).toBe('12');
	});
});

const ODD = 'aZ09-_.~ +%&=?#/:;,@$!*\'()[]{}|\\^`"<>\téß漢字😀';

afterEach(() => jest.useRealTimers());

function randomRequest(random: RandomSource) {
	const maybe = () => random.pick([true, false]);
	const some = () => random.text(ODD, random.integer(1, 20));
	const account = random.text('abc019', random.integer(3, 24));
	const key = Buffer.from(random.text('abcXYZ019+/', 40)).toString('base64');
	const host = random.pick([
		`https://${account}.blob.core.windows.net`,
		`http://127.0.0.1:10000/${account}`,
	]);
	const query = canonicalQuery(
		['comp', 'restype', 'prefix', 'delimiter', 'marker', 'maxresults', 'Timeout']
			.filter(maybe)
			.map((name): [string, string] => [name, some()]),
	);
	const url = `${host}/container/${encodePath(some())}${query && `?${query}`}`;
	const body = maybe() ? random.text(ODD, random.integer(0, 99)) : '';
	const headers: Record<string, string> = {
		...(maybe() && { 'content-type': random.pick(['application/json', 'text/plain; charset=x']) }),
		...(maybe() && { 'x-ms-blob-type': 'BlockBlob' }),
		...(maybe() && { 'x-ms-meta-note': random.pick([random.text('abc', 9), ' a b']) }),
		...(maybe() && { 'content-md5': 'mZFLkyvTelC5g8XnyQrpOw==' }),
		...(maybe() && { date: 'Mon, 23 Nov 2026 10:00:00 GMT' }),
		...(maybe() && { 'if-modified-since': 'Mon, 23 Nov 2026 09:00:00 GMT' }),
		...(maybe() && { 'if-unmodified-since': 'Mon, 23 Nov 2026 11:00:00 GMT' }),
		...(maybe() && { 'if-match': '"abc"' }),
		...(maybe() && { range: 'bytes=0-9' }),
		...(maybe() && { 'if-none-match': '*' }),
	};
	const now = new Date(random.integer(0, 4_000_000_000) * 1000);
	return { account, key, method: random.pick(['GET', 'PUT', 'HEAD']), url, body, headers, now };
}

/** Signs with Azure's own client, which takes the time from the clock. */
async function signWithLibrary(request: ReturnType<typeof randomRequest>) {
	const { account, key, method, url, body, headers, now } = request;
	jest.useFakeTimers({ now });
	const sent = new Map(Object.entries({ ...headers, 'x-ms-version': API_VERSION }));
	const headersLike = {
		set: (name: string, value: string | number) => sent.set(name.toLowerCase(), String(value)),
		get: (name: string) => sent.get(name.toLowerCase()),
		headersArray: () => [...sent].map(([name, value]) => ({ name, value })),
	};
	const done = { sendRequest: async () => ({}) };
	const policy = new StorageSharedKeyCredential(account, key).create(done as never, {} as never);
	await policy.sendRequest({ method, url, body, headers: headersLike } as never);
	return sent;
}

describe('signWithSharedKey', () => {
	it("signs a thousand requests like Azure's own client", async () => {
		const random = randomSource(31);
		for (let i = 0; i < 1000; i++) {
			const request = randomRequest(random);
			const { account, key, body, now, ...bare } = request;
			const ours = signWithSharedKey(
				{ ...bare, length: Buffer.byteLength(body) },
				{ accessKey: account, secretKey: key },
				now,
			);
			const theirs = await signWithLibrary(request);
			expect({ url: bare.url, ...ours }).toEqual({
				url: bare.url,
				authorization: theirs.get('authorization'),
				'x-ms-date': theirs.get('x-ms-date'),
				'x-ms-version': API_VERSION,
			});
		}
	});

	it('never contains the key', () => {
		const { key, account, url, now } = randomRequest(randomSource(32));
		const request = { method: 'GET', url, headers: {}, length: 0 };
		const signed = signWithSharedKey(request, { accessKey: account, secretKey: key }, now);
		expect(JSON.stringify(signed)).not.toContain(key);
	});
});

const parametersOf = (url: string) => [...new URL(url).searchParams].sort();

describe('blobLink, with an account key', () => {
	it("creates a thousand signatures like Azure's own client", () => {
		const random = randomSource(41);
		for (let i = 0; i < 1000; i++) {
			const key = random.text('aZ09-_.~ +%&=?#/:;,@$!*\'()[]|"<>é漢😀', random.integer(1, 60));
			if (key.split('/').some((part) => part === '.' || part === '..')) continue;
			const secretKey = Buffer.from(random.text('abcXYZ019+/', 40)).toString('base64');
			const accessKey = random.text('abc019', random.integer(3, 24));
			const host = random.pick(['https://x.example.com', `http://127.0.0.1:1/${accessKey}`]);
			const seconds = random.integer(1, 604_800);
			const credential = azureCredential({ accessKey, secretKey });
			const url = objectUrl(`${host}/my-recordings`, key);
			const link = blobLink(url, key, credential, seconds, NOW)!;
			const theirs = generateBlobSASQueryParameters(
				{
					containerName: 'my-recordings',
					blobName: key,
					permissions: BlobSASPermissions.parse('r'),
					protocol: host.startsWith('https') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
					expiresOn: new Date(link.expiresAt),
					version: API_VERSION,
				},
				new StorageSharedKeyCredential(accessKey, secretKey),
			);
			expect(link.url.split('?')[0]).toBe(url);
			expect(parametersOf(link.url)).toEqual(parametersOf(`${url}?${theirs.toString()}`));
			expect(link.expiresAt).toBe(Math.floor(NOW.getTime() / 1000 + seconds) * 1000);
			expect(link.url).not.toContain(encodeURIComponent(secretKey));
		}
	});

	it.each([0, 604_801, 1.5, Number.NaN])('refuses a lifetime of %s seconds', (seconds) => {
		expect(() => blobLink('https://x.example/c/a', 'a', azureCredential(), seconds, NOW)).toThrow(
			'from 1 second to 7 days',
		);
	});
});

describe('blobLink, with a shared access signature', () => {
	it('returns null, as the link would expose the signature and with it the container', () => {
		const credential = azureCredential({ secretKey: '', sasToken: FAKE_SAS });
		expect(blobLink('https://x.example/c/a', 'a', credential, 60, NOW)).toBeNull();
	});
});
