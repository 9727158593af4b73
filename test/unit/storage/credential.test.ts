import aws4 from 'aws4';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { IHttpRequestOptions } from 'n8n-workflow';
import type { Context } from '../../../nodes/Agora/http/concurrency';
import {
	hasStorageCredential,
	loadStorageCredential,
	readStorageCredential,
	signedRequest,
} from '../../../nodes/Agora/storage/credential';
import { FAKE_SAS, fakeAzure } from './azure/fakeAzure';
import { fakeCredential } from './fakeCredential';

describe('Session Expires At', () => {
	const expiryOf = (sessionExpiresAt: string | number, zone?: string) =>
		readStorageCredential(fakeCredential({ sessionExpiresAt }), zone).sessionExpiresAt;
	const TEN = Date.UTC(2026, 10, 23, 10);

	it.each([
		['as ISO 8601', '2026-11-23T10:00:00Z', TEN],
		['with a space instead of the T', '2026-11-23 10:00:00Z', TEN],
		['with an offset', '2026-11-23T11:00:00+01:00', TEN],
		['with spaces around it', ' 2026-11-23T10:00Z ', TEN],
		['in Unix seconds', String(TEN / 1000), TEN],
		['in Unix seconds, as a number', TEN / 1000, TEN],
		['empty', '', null],
	])('can be entered %s', (_, text, expected) => {
		expect(expiryOf(text)).toBe(expected);
	});

	it.each(['2026-11-23T11:00:00', '2026-11-23 11:00', '2026-11-23 11:00:00.000'])(
		'without a zone, %s is in the zone of the workflow',
		(text) => {
			expect(expiryOf(text, 'Europe/Berlin')).toBe(TEN);
			expect(expiryOf(text)).toBe(TEN + 3_600_000);
		},
	);

	it.each(['soon', '23.11.2026', '2026-13-01'])('cannot be %s', (text) => {
		expect(() => expiryOf(text)).toThrow('Session Expires At');
	});
});

describe('readStorageCredential', () => {
	const other = { vendor: 's3Compatible', endpoint: 'https://s3.example.com' };

	it('returns the values without spaces around them, and null or an empty string for unset ones', () => {
		const spaced = Object.fromEntries(
			Object.entries(fakeCredential()).map(([name, value]) => [name, ` ${String(value)} `]),
		);
		expect(readStorageCredential(spaced)).toEqual({
			vendorName: 'amazonS3',
			vendor: expect.objectContaining({ label: 'Amazon S3' }),
			region: expect.objectContaining({ id: 'eu-west-1' }),
			signingRegion: 'eu-west-1',
			bucket: 'my-recordings',
			accessKey: 'FAKE-ACCESS-KEY',
			secretKey: 'fake-secret-key',
			sasToken: '',
			sessionToken: '',
			sessionExpiresAt: null,
			folders: ['recordings', 'school'],
			endpoint: null,
			addressing: 'pathStyle',
		});
	});

	it.each([
		['Bucket', { bucket: '' }, 'Bucket is empty in the storage credential'],
		['Bucket', { bucket: undefined }, 'Bucket is empty in the storage credential'],
		['a region', { amazonS3Region: '' }, 'No region of Amazon S3 is selected'],
		['a vendor', { vendor: undefined }, 'No vendor is selected in the storage credential'],
	])('refuses a credential without %s', (_, changes, message) => {
		expect(() => readStorageCredential(fakeCredential(changes as never))).toThrow(
			expect.objectContaining({
				message: expect.stringContaining(message),
				details: expect.objectContaining({ cause: 'configuration-invalid' }),
			}),
		);
	});

	it.each(['a', 'A.b_c-9', '0'.repeat(255)])('accepts the bucket %s', (bucket) => {
		expect(readStorageCredential(fakeCredential({ bucket })).bucket).toBe(bucket);
	});

	it.each(['.a', '-a', 'a b', 'a/b', 'https://a', 'ü', 'a\nb', '0'.repeat(256)])(
		'refuses the bucket %j',
		(bucket) => {
			expect(() => readStorageCredential(fakeCredential({ bucket }))).toThrow(
				'must be only the bucket name',
			);
		},
	);

	it.each([
		['https://a@s3.example.com', 'must not contain a user name'],
		['https://:b@s3.example.com', 'must not contain a user name'],
		['https://s3.example.com/#a', 'must not contain a user name, query or fragment'],
		['s3://bucket', 'must be a full URL'],
		['httpx://s3.example.com', 'must be a full URL'],
		['xhttp://s3.example.com', 'must be a full URL'],
		['https://', 'must be a full URL'],
	])('refuses the endpoint %s', (endpoint, message) => {
		expect(() => readStorageCredential(fakeCredential({ ...other, endpoint }))).toThrow(message);
	});

	it.each([
		['s3.example.com', 'https://s3.example.com/'],
		['HTTPS://s3.example.com', 'https://s3.example.com/'],
		['localhost:9000', 'https://localhost:9000/'],
		['http://localhost:9000', 'http://localhost:9000/'],
	])('reads the endpoint %s', (endpoint, expected) => {
		const { endpoint: url } = readStorageCredential(fakeCredential({ ...other, endpoint }));
		expect(url!.href).toBe(expected);
	});

	it.each(['https://10.0.0.1:9000', 'https://[2001:db8::1]'])(
		'refuses a bucket in the host of %s',
		(endpoint) => {
			const data = fakeCredential({ ...other, endpoint, addressing: 'virtualHosted' });
			expect(() => readStorageCredential(data)).toThrow(
				"can't be Virtual-Hosted for the IP address",
			);
			expect(readStorageCredential({ ...data, addressing: 'pathStyle' }).addressing).toBe(
				'pathStyle',
			);
		},
	);

	it.each(['https://1.example.com', 'https://x1.2.example', 'https://minio1'])(
		'accepts a bucket in the host of %s',
		(endpoint) => {
			const data = fakeCredential({ ...other, endpoint, addressing: 'virtualHosted' });
			expect(readStorageCredential(data).addressing).toBe('virtualHosted');
		},
	);

	it.each(['a/./b', '../a', 'a/..', '.'])('refuses the prefix %s', (fileNamePrefix) => {
		expect(() => readStorageCredential(fakeCredential({ fileNamePrefix }))).toThrow(
			'must not contain "." or ".." as a folder',
		);
	});

	it('accepts dots in the names of folders', () => {
		const { folders } = readStorageCredential(fakeCredential({ fileNamePrefix: 'a..b/.c' }));
		expect(folders).toEqual(['a..b', '.c']);
	});

	it('reads Unix seconds only from digits', () => {
		const data = fakeCredential({ sessionExpiresAt: '1795428000x' });
		expect(() => readStorageCredential(data)).toThrow('is not a valid date and time');
	});
});

describe('hasStorageCredential', () => {
	it.each([
		[{ agoraStorageApi: { id: '1', name: 'storage' } }, true],
		[{ agoraApi: { id: '1', name: 'api' } }, false],
		[undefined, false],
	])('with %j: %s', (credentials, expected) => {
		const context = { getNode: () => ({ credentials }) } as unknown as Context;
		expect(hasStorageCredential(context)).toBe(expected);
	});
});

describe('loadStorageCredential', () => {
	const contextOf = (credentials: object) =>
		({
			getNode: () => ({ credentials }),
			getCredentials: async (type: string) =>
				type === 'agoraStorageApi' && fakeCredential({ sessionExpiresAt: '2026-11-23 11:00' }),
			getTimezone: () => 'Europe/Berlin',
		}) as unknown as Context;

	it('reads the credential in the time zone of the workflow', async () => {
		const context = contextOf({ agoraStorageApi: { id: '1', name: 'storage' } });
		const { sessionExpiresAt, bucket } = await loadStorageCredential(context);
		expect(bucket).toBe('my-recordings');
		expect(sessionExpiresAt).toBe(Date.UTC(2026, 10, 23, 10));
	});

	it('throws if none is connected', async () => {
		await expect(loadStorageCredential(contextOf({}))).rejects.toThrow(
			expect.objectContaining({
				message: 'No Agora Recording Storage API credential is connected to this node',
				details: {
					description: expect.stringContaining('Select or create it'),
					cause: 'configuration-invalid',
				},
			}),
		);
	});
});

const NOW = Date.UTC(2026, 10, 23, 10, 15, 30);
const HOST = 'my-recordings.s3.eu-west-1.amazonaws.com';

const sign = (options: IHttpRequestOptions, changes: object = {}) =>
	signedRequest(fakeCredential({ ...changes }), options);
const headersOf = ({ headers }: IHttpRequestOptions) => headers as Record<string, string>;
const signedNames = (options: IHttpRequestOptions) =>
	/SignedHeaders=([^,]+)/.exec(headersOf(options).authorization!)![1]!.split(';');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('signedRequest', () => {
	beforeEach(() => jest.useFakeTimers({ now: NOW }));
	afterEach(() => jest.useRealTimers());

	it.each<[string, IHttpRequestOptions, string[]]>([
		['a listing', { url: '/?list-type=2&prefix=a%2Fb' }, []],
		['an object', { url: '/a%20b', method: 'GET' }, []],
		[
			'an upload, with its content type',
			{ url: '/a', method: 'PUT', body: 'é', headers: { 'Content-Type': 'text/plain' } },
			['content-type'],
		],
		[
			'metadata of the vendor',
			{
				url: '/a',
				method: 'PUT',
				body: 'x',
				headers: { 'X-Amz-Meta-Note': 'a  b', 'Content-Type': 'x/y' },
			},
			['content-type', 'x-amz-meta-note'],
		],
	])('signs %s as aws4 does', (_, options, alsoSigned) => {
		const signed = sign(options);
		const { pathname, search } = new URL(signed.url);
		const request = {
			host: HOST,
			path: `${pathname}${search}`,
			service: 's3',
			region: 'eu-west-1',
			method: options.method ?? 'GET',
			body: String(options.body ?? ''),
			headers: {
				...(options.headers as Record<string, string>),
				'X-Amz-Date': '20261123T101530Z',
			},
			extraHeadersToIgnore: { 'content-length': true },
		};
		const theirs = aws4.sign(request, {
			accessKeyId: 'FAKE-ACCESS-KEY',
			secretAccessKey: 'fake-secret-key',
		});
		expect(headersOf(signed).authorization).toBe(theirs.headers.Authorization);
		const always = ['host', 'x-amz-content-sha256', 'x-amz-date'];
		expect(signedNames(signed).sort()).toEqual([...always, ...alsoSigned].sort());
	});

	it('does not sign other headers, which a proxy may change', () => {
		const headers = { 'User-Agent': 'n8n', Accept: '*/*', 'Content-Type': 'text/plain' };
		const names = signedNames(sign({ url: '/a', method: 'PUT', body: 'x', headers }));
		expect(names).toEqual(['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date']);
	});

	it('does not sign the content type of a request without a body, as clients do not send it', () => {
		const signed = sign({ url: '/a', headers: { 'Content-Type': 'text/plain' } });
		expect(signedNames(signed)).not.toContain('content-type');
		expect(signed).not.toHaveProperty('body');
	});

	it.each([
		['text', '{"a": 1}\n', sha256('{"a": 1}\n')],
		['an object', { a: 1 }, sha256('{"a":1}')],
		['nothing', '', sha256('')],
		['an empty object', {}, sha256('')],
		['a stream', Readable.from(['x']), 'UNSIGNED-PAYLOAD'],
	])('signs the bytes that are sent of %s', (_, body, expected) => {
		const signed = sign({ url: '/a', method: 'PUT', body: body as IHttpRequestOptions['body'] });
		expect(headersOf(signed)['x-amz-content-sha256']).toBe(expected);
		if (Buffer.isBuffer(signed.body)) expect(sha256(signed.body.toString())).toBe(expected);
	});

	it('signs a signed request again', () => {
		const first = sign({ url: '/a', headers: { 'X-Amz-Meta-Note': '1' } });
		jest.setSystemTime(NOW + 60_000);
		const again = sign(first as IHttpRequestOptions);
		expect(headersOf(again)['x-amz-date']).toBe('20261123T101630Z');
		expect(signedNames(again)).toEqual(signedNames(first));
	});

	it.each([
		['a list', [1, { a: 'é' }], '[1,{"a":"é"}]'],
		['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), null],
		['text that looks like JSON', ' {"a": 1} ', ' {"a": 1} '],
		['an empty list', [], undefined],
		['an empty text', '', undefined],
		['null', null, undefined],
		['nothing', undefined, undefined],
	])('sends the body %s as bytes', (_, body, expected) => {
		const signed = sign({ url: '/a', method: 'PUT', body: body as IHttpRequestOptions['body'] });
		if (expected === null) expect(signed.body).toBe(body);
		else if (expected === undefined) expect(signed).not.toHaveProperty('body');
		else expect(signed.body?.toString()).toBe(expected);
	});

	it('sends bytes, streams and forms unchanged', () => {
		for (const body of [Buffer.from('x'), Readable.from(['x']), new FormData()]) {
			const options = { url: '/a', method: 'PUT', body } as unknown as IHttpRequestOptions;
			expect(sign(options).body).toBe(body);
		}
	});

	it.each(['GET', 'HEAD', 'get', undefined])('sends no body with the method %s', (method) => {
		const signed = sign({ url: '/a', method, body: 'x' } as IHttpRequestOptions);
		expect(signed).not.toHaveProperty('body');
		expect(headersOf(signed)['x-amz-content-sha256']).toBe(sha256(''));
	});

	it('keeps other options and headers, but no header of an earlier signature', () => {
		const headers = {
			'X-Amz-Meta-Count': 7,
			'X-Unset': undefined,
			Authorization: 'old',
			Host: 'old',
			'X-Amz-Date': 'old',
			'X-Amz-Content-Sha256': 'old',
			'X-Amz-Security-Token': 'old',
			'X-Ms-Date': 'old',
			'X-Ms-Version': 'old',
		};
		const signed = sign({ url: '/a', headers, timeout: 5 } as unknown as IHttpRequestOptions);
		expect(signed).toMatchObject({ timeout: 5 });
		const names = Object.keys(headersOf(signed)).map((name) => name.toLowerCase());
		expect(names.sort()).toEqual([
			'authorization',
			'x-amz-content-sha256',
			'x-amz-date',
			'x-amz-meta-count',
		]);
		expect(Object.values(headersOf(signed))).not.toContain('old');
		expect(Object.values(headersOf(signed))).toContain('7');
	});

	it('turns off redirects in the options of all n8n versions', () => {
		expect(sign({ url: '/a' })).toMatchObject({
			disableFollowRedirect: true,
			maxRedirects: 0,
			followRedirect: false,
			followAllRedirects: false,
			sendCredentialsOnCrossOriginRedirect: false,
		});
	});

	it.each([
		['relative to the bucket', { url: '/a b' }],
		['absolute', { url: `https://${HOST}/a%20b` }],
		['in the field of the HTTP Request node', { url: '', uri: '/a b' }],
		['with a base URL', { url: 'a b', baseURL: `https://${HOST}/` }],
		['with a folder and a base URL', { url: '/a b', baseURL: `https://${HOST}` }],
		['with slashes between it and its base URL', { url: '//a b', baseURL: `https://${HOST}//` }],
		[
			'absolute with another base URL',
			{ url: `https://${HOST}/a b`, baseURL: 'https://x.example' },
		],
	])('accepts a URL %s', (_, options) => {
		expect(sign(options).url).toBe(`https://${HOST}/a%20b`);
	});

	it('keeps colons and slashes of a URL after a base URL', () => {
		const { url } = sign({ url: '/a//b:c', baseURL: `https://${HOST}/x/` });
		expect(url).toBe(`https://${HOST}/x/a//b%3Ac`);
	});

	it('adds query parameters to the URL, except undefined ones', () => {
		const qs = { prefix: 'ü', 'list-type': 2, marker: undefined };
		expect(sign({ url: '/', qs }).url).toBe(`https://${HOST}/?list-type=2&prefix=%C3%BC`);
		expect(sign({ url: '/?a=1', qs })).not.toHaveProperty('qs');
		const both = `https://${HOST}/?a=1&list-type=2&prefix=%C3%BC`;
		expect(sign({ url: '/?a=1', qs }).url).toBe(both);
		for (const nothing of [{}, { marker: undefined }, undefined]) {
			expect(sign({ url: '/a', qs: nothing }).url).toBe(`https://${HOST}/a`);
		}
	});

	it('refuses a URL of another host', () => {
		expect(() => sign({ url: 'https://example.com/a' })).toThrow('to its own bucket');
	});

	it('adds the session token, signed', () => {
		const signed = sign({ url: '/a' }, { sessionToken: 'fake-token' });
		expect(headersOf(signed)['x-amz-security-token']).toBe('fake-token');
		expect(signedNames(signed)).toContain('x-amz-security-token');
	});

	it("uses Azure's authorization for Azure", () => {
		const withKey = signedRequest(fakeAzure(), { url: '/a' });
		expect(headersOf(withKey).authorization).toMatch(/^SharedKey fakeaccount:/);
		const sas = fakeAzure({ secretKey: '', sasToken: FAKE_SAS });
		expect(new URL(signedRequest(sas, { url: '/a' }).url).searchParams.get('sp')).toBe('rl');
	});

	describe('uses the region', () => {
		const scopeOf = (changes: object) =>
			/Credential=[^/]+\/\d+\/([^/]+)\//.exec(
				headersOf(sign({ url: '/' }, changes)).authorization!,
			)![1];
		const other = { vendor: 's3Compatible', endpoint: 'https://s3.example.com' };

		it.each([
			["of the vendor's list", {}, 'eu-west-1'],
			[
				'of another S3-compatible storage',
				{ ...other, s3CompatibleRegion: 'eu-central-003' },
				'eu-central-003',
			],
			['without spaces around it', { ...other, s3CompatibleRegion: ' nbg1 ' }, 'nbg1'],
			['us-east-1 where it is empty', { ...other, s3CompatibleRegion: '' }, 'us-east-1'],
			['us-east-1 where it consists of spaces', { ...other, s3CompatibleRegion: ' ' }, 'us-east-1'],
			['us-east-1 where it is missing', other, 'us-east-1'],
			['auto for Google', { vendor: 'googleCloud' }, 'auto'],
			[
				'of the vendor, also with a custom endpoint',
				{ endpoint: 'https://cdn.example.com' },
				'eu-west-1',
			],
		])('%s', (_, changes, region) => {
			expect(scopeOf(changes)).toBe(region);
		});
	});
});
