import aws4 from 'aws4';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { IHttpRequestOptions } from 'n8n-workflow';
import type { Context } from '../../../nodes/Agora/http/concurrency';
import {
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

describe('loadStorageCredential', () => {
	const contextOf = (credentials: object) =>
		({
			getNode: () => ({ credentials }),
			getCredentials: async () => fakeCredential({ sessionExpiresAt: '2026-11-23 11:00' }),
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
			'No Agora Recording Storage API credential is connected',
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
	])('accepts a URL %s', (_, options) => {
		expect(sign(options).url).toBe(`https://${HOST}/a%20b`);
	});

	it('adds query parameters to the URL, except undefined ones', () => {
		const qs = { prefix: 'ü', 'list-type': 2, marker: undefined };
		expect(sign({ url: '/', qs }).url).toBe(`https://${HOST}/?list-type=2&prefix=%C3%BC`);
		expect(sign({ url: '/?a=1', qs })).not.toHaveProperty('qs');
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
