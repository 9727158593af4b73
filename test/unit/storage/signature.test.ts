import aws4 from 'aws4';
import type { Signer } from '../../../nodes/Agora/storage/signature';
import {
	canonicalQuery,
	canonicalUrl,
	decodePath,
	encodePath,
	presignUrl,
	signHeaders,
} from '../../../nodes/Agora/storage/signature';
import type { RandomSource } from '../randomSource';
import { randomSource } from '../randomSource';

const ODD = 'aZ09-_.~ +%&=?#/:;,@$!*\'()[]{}|\\^`"<>\téß漢字😀';

function odd(random: RandomSource, longest: number): string {
	return random.text(ODD, random.integer(0, longest));
}

function randomKey(random: RandomSource): string {
	const key = odd(random, random.pick([3, 30, 300]));
	return key.split('/').some((part) => part === '.' || part === '..') ? 'key' : key;
}

function randomAddress(random: RandomSource): string {
	const bucket = random.text('abc019-', 10);
	const host = random.pick(['s3.eu-west-1.amazonaws.com', 'localhost:9000', 'x.example/base']);
	const scheme = random.pick(['https', 'http']);
	return random.pick([true, false])
		? `${scheme}://b${bucket}.${host}`
		: `${scheme}://${host}/b${bucket}`;
}

function randomQuery(random: RandomSource): string {
	const names = ['list-type', 'prefix', 'delimiter', 'continuation-token', 'a b', 'é', 'Z', '_'];
	return canonicalQuery(
		names
			.filter(() => random.pick([true, false]))
			.map((name): [string, string] => [name, odd(random, 12)]),
	);
}

function randomRequest(random: RandomSource) {
	const query = randomQuery(random);
	const url = `${randomAddress(random)}/${encodePath(randomKey(random))}${query && `?${query}`}`;
	const method = random.pick(['GET', 'PUT', 'HEAD', 'POST', 'DELETE']);
	const body = random.pick([
		'',
		odd(random, 50),
		Buffer.from(Array.from({ length: 9 }, () => random.integer(0, 255))),
	]);
	const headers: Record<string, string> = {
		'Content-Type': random.pick(['application/json', 'text/plain; charset=utf-8']),
		...(random.pick([true, false]) && {
			'X-Amz-Meta-Note': `  two   ${odd(random, 3).trim()} spaces `,
		}),
	};
	const signer = {
		accessKey: `FAKE${random.text('ABC234', 16)}`,
		secretKey: random.text('abcXYZ019+/', 40),
		sessionToken: random.pick(['', `fake/${random.text('abcXYZ019+/=', 200)}`]),
		signingRegion: random.pick(['us-east-1', 'auto', 'cn-hangzhou', 'bj']),
	};
	const now = new Date(random.integer(0, 4_000_000_000) * 1000 + random.integer(0, 999));
	return { url, method, body, headers, signer, now };
}

const timestamp = (now: Date) => now.toISOString().replace(/[:-]|\.\d+/g, '');

const awsKey = ({ accessKey, secretKey, sessionToken }: Signer) => ({
	accessKeyId: accessKey,
	secretAccessKey: secretKey,
	...(sessionToken && { sessionToken }),
});

/** @returns host and path of a URL, split without a parser that could change them */
function cut(url: string): { host: string; path: string } {
	const [, host = '', path = ''] = /^\w+:\/\/([^/]+)(.*)$/.exec(url) ?? [];
	return { host, path };
}

describe('signHeaders', () => {
	it('signs a thousand requests like aws4', () => {
		const random = randomSource(1);
		for (let i = 0; i < 1000; i++) {
			const { url, method, body, headers, signer, now } = randomRequest(random);
			const ours = signHeaders({ method, url, headers, body }, signer, now);
			const request = {
				...cut(url),
				service: 's3',
				region: signer.signingRegion,
				method,
				body,
				headers: { ...headers, 'X-Amz-Date': timestamp(now) },
				extraHeadersToIgnore: { 'content-length': true },
			};
			const theirs = aws4.sign(request, awsKey(signer));
			expect({ url, ...ours }).toEqual({
				url,
				authorization: theirs.headers.Authorization,
				'x-amz-content-sha256': theirs.headers['X-Amz-Content-Sha256'],
				'x-amz-date': theirs.headers['X-Amz-Date'],
				...(signer.sessionToken && {
					'x-amz-security-token': theirs.headers['X-Amz-Security-Token'],
				}),
			});
		}
	});

	it('leaves the payload out of the signature for a stream', () => {
		const { url, signer, now } = randomRequest(randomSource(2));
		const signed = signHeaders({ method: 'PUT', url, body: null }, signer, now);
		expect(signed['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD');
	});
});

describe('presignUrl', () => {
	it('creates a thousand URLs like aws4', () => {
		const random = randomSource(3);
		for (let i = 0; i < 1000; i++) {
			const { signer, now } = randomRequest(random);
			const url = `${randomAddress(random)}/${encodePath(randomKey(random))}`;
			const seconds = random.integer(1, 604_800);
			const ours = presignUrl(url, signer, seconds, now);
			const { host, path } = cut(url);
			const request = {
				host,
				path: `${path}?X-Amz-Expires=${seconds}&X-Amz-Date=${timestamp(now)}`,
				service: 's3',
				region: signer.signingRegion,
				method: 'GET',
				signQuery: true,
			};
			const theirs = aws4.sign(request, awsKey(signer));
			const [address, query] = ours.split('?');
			expect(address).toBe(url);
			expect([...new URLSearchParams(query)].sort()).toEqual(
				[...new URLSearchParams(theirs.path.split('?')[1])].sort(),
			);
		}
	});

	it.each([1, 604_800])('accepts a lifetime of %s seconds', (seconds) => {
		const { url, signer, now } = randomRequest(randomSource(4));
		const { searchParams } = new URL(presignUrl(url, signer, seconds, now));
		expect(searchParams.get('X-Amz-Expires')).toBe(String(seconds));
	});

	it.each([0, -1, 604_801, 1.5, Number.NaN])('refuses a lifetime of %s seconds', (seconds) => {
		const { url, signer, now } = randomRequest(randomSource(4));
		expect(() => presignUrl(url, signer, seconds, now)).toThrow('from 1 second to 7 days');
	});
});

describe('canonicalUrl', () => {
	it('returns a URL with the same key and parameters that parsing does not change', () => {
		const random = randomSource(5);
		for (let i = 0; i < 1000; i++) {
			const key = randomKey(random);
			const query = randomQuery(random);
			const url = canonicalUrl(`https://h.example/${encodePath(key)}${query && `?${query}`}`);
			const parsed = new URL(url);
			expect(parsed.href).toBe(url);
			expect(decodePath(parsed.pathname)).toBe(`/${key}`);
			expect(parsed.search).toBe(query && `?${query}`);
		}
	});

	it('normalizes a URL entered by a user', () => {
		expect(canonicalUrl("https://H.example:443/a b/it's(1)!*+?prefix=x+y&acl&a=%c3%a9")).toBe(
			'https://h.example/a%20b/it%27s%281%29%21%2A%2B?a=%C3%A9&acl=&prefix=x%20y',
		);
	});

	it('refuses a path that is not URL-encoded', () => {
		expect(() => canonicalUrl('https://h.example/100%')).toThrow('not properly URL-encoded');
	});
});
