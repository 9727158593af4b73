import { StorageSharedKeyCredential } from '@azure/storage-blob';
import { API_VERSION, signWithSharedKey } from '../../../../nodes/Agora/storage/azure/sharedKey';
import { canonicalQuery, encodePath } from '../../../../nodes/Agora/storage/signature';
import type { RandomSource } from '../../randomSource';
import { randomSource } from '../../randomSource';

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
		...(maybe() && { 'x-ms-meta-note': random.text('abc', 9) }),
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
	it('signs a thousand requests as Azure’s own client does', async () => {
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

	it('never shows the key', () => {
		const { key, account, url, now } = randomRequest(randomSource(32));
		const request = { method: 'GET', url, headers: {}, length: 0 };
		const signed = signWithSharedKey(request, { accessKey: account, secretKey: key }, now);
		expect(JSON.stringify(signed)).not.toContain(key);
	});
});
