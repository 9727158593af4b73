import { Readable } from 'node:stream';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { Fault } from '../../../nodes/Agora/http/fault';
import { listAll, openBucket } from '../../../nodes/Agora/storage/bucket';
import { fakeAzure } from './azure/fakeAzure';
import { fakeCredential } from './fakeCredential';

interface FakeAnswer {
	statusCode?: number;
	headers?: Record<string, string>;
	body?: string;
}

/** A node's context whose HTTP helper answers from a list and notes what it was asked. */
function fakeContext(answers: FakeAnswer[], credential = fakeCredential()) {
	const asked: IHttpRequestOptions[] = [];
	const helper = async (_type: string, options: IHttpRequestOptions) => {
		asked.push(options);
		const { statusCode = 200, headers = {}, body = '' } = answers[asked.length - 1] ?? {};
		const bytes = Buffer.from(body);
		const isStream = options.encoding === 'stream';
		return { statusCode, headers, body: isStream ? Readable.from([bytes]) : bytes };
	};
	const context = {
		getNode: () => ({ credentials: { agoraStorageApi: { id: '1', name: 'storage' } } }),
		getCredentials: async () => credential,
		getTimezone: () => 'Europe/Berlin',
		helpers: { httpRequestWithAuthentication: helper },
	};
	return { context: context as unknown as IExecuteFunctions, asked };
}

function page(keys: string[], nextToken?: string): string {
	const contents = keys.map(
		(key) =>
			`<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-11-23T10:00:00.000Z</LastModified></Contents>`,
	);
	const next = nextToken ? `<NextContinuationToken>${nextToken}</NextContinuationToken>` : '';
	return `<ListBucketResult><IsTruncated>${Boolean(nextToken)}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

const s3Error = (statusCode: number, code: string) => ({
	statusCode,
	body: `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>FAKE-ACCESS-KEY is no good</Message><AWSAccessKeyId>FAKE-ACCESS-KEY</AWSAccessKeyId><StringToSign>fake</StringToSign></Error>`,
});

async function faultOf(work: Promise<unknown>): Promise<Fault> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(Fault);
	return error as Fault;
}

describe('the bucket', () => {
	it('lists one page', async () => {
		const { context, asked } = fakeContext([
			{ body: page(['a', 'b'], 'next'), headers: { Date: 'Mon, 23 Nov 2026 10:15:30 GMT' } },
		]);
		const bucket = await openBucket(context);
		expect(bucket).toMatchObject({ name: 'my-recordings', prefix: 'recordings/school/' });
		expect(
			await bucket.list({ prefix: 'a b/', delimiter: '_', maxKeys: 2, startAfter: '0' }),
		).toEqual({
			objects: ['a', 'b'].map((key) => ({
				key,
				size: 1,
				lastModified: Date.UTC(2026, 10, 23, 10),
			})),
			prefixes: [],
			nextToken: 'next',
			serverTime: Date.UTC(2026, 10, 23, 10, 15, 30),
		});
		expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
			'GET /?delimiter=_&encoding-type=url&list-type=2&max-keys=2&prefix=a%20b%2F&start-after=0',
		]);
	});

	it('tells the time itself where the storage does not', async () => {
		const { context } = fakeContext([{ body: page([]) }]);
		const before = Date.now();
		const { serverTime } = await (await openBucket(context)).list({ prefix: '' });
		expect(serverTime).toBeGreaterThanOrEqual(before);
		expect(serverTime).toBeLessThanOrEqual(Date.now());
	});

	it('walks a listing to its end', async () => {
		const { context, asked } = fakeContext([
			{ body: page(['a'], 't+1') },
			{ body: page([], 't/2') },
			{ body: page(['b']) },
		]);
		const keys: string[] = [];
		for await (const { objects } of listAll(await openBucket(context), { prefix: 'x' })) {
			keys.push(...objects.map(({ key }) => key));
		}
		expect(keys).toEqual(['a', 'b']);
		expect(
			asked.map(({ url }) => new URL(url, 'http://h').searchParams.get('continuation-token')),
		).toEqual([null, 't+1', 't/2']);
	});

	it('stops when the storage gives the same page again and again', async () => {
		const { context, asked } = fakeContext(Array(5).fill({ body: page(['a'], 'same') }));
		const walk = async () => {
			const pages = listAll(await openBucket(context), { prefix: '' });
			while (!(await pages.next()).done);
		};
		expect((await faultOf(walk())).message).toContain('over and over');
		expect(asked).toHaveLength(2);
	});

	it('reads an object as text, and says null when there is none', async () => {
		const { context, asked } = fakeContext([{ body: '#EXTM3U é' }, s3Error(404, 'NoSuchKey')]);
		const bucket = await openBucket(context);
		expect(await bucket.getText('a b/c.m3u8')).toBe('#EXTM3U é');
		expect(await bucket.getText('gone')).toBeNull();
		expect(asked.map(({ url }) => url)).toEqual(['/a%20b/c.m3u8', '/gone']);
	});

	it('writes an object', async () => {
		const { context, asked } = fakeContext([{}]);
		await (await openBucket(context)).put('a/b.json', '{}\n', 'application/json');
		expect(asked[0]).toMatchObject({
			method: 'PUT',
			url: '/a/b.json',
			body: '{}\n',
			headers: { 'Content-Type': 'application/json' },
		});
	});

	it('makes links without asking the storage', async () => {
		const { context, asked } = fakeContext([]);
		const link = (await openBucket(context)).presign('a b', 60, new Date(999))!;
		expect(link.expiresAt).toBe(60_000);
		expect(link.url).toMatch(
			/^https:\/\/my-recordings\.s3\.eu-west-1\.amazonaws\.com\/a%20b\?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=FAKE-ACCESS-KEY%2F19700101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=19700101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]{64}$/,
		);
		expect(asked).toHaveLength(0);
	});

	it.each([
		[403, 'AccessDenied', 'refuses this access key', 's3:ListBucket', 'credential-invalid'],
		[
			403,
			'InvalidAccessKeyId',
			'does not know this access key',
			'Access Key',
			'credential-invalid',
		],
		[
			403,
			'SignatureDoesNotMatch',
			'does not accept the signature',
			'Secret Key',
			'credential-invalid',
		],
		[401, 'Unauthorized', 'does not accept these keys', 'Secret Key', 'credential-invalid'],
		[403, 'RequestTimeTooSkewed', 'because of its time', 'clock', 'configuration-invalid'],
		[404, 'NoSuchBucket', 'does not exist', 'bucket', 'configuration-invalid'],
		[400, 'ExpiredToken', 'temporary keys have ended', 'Session Token', 'credential-invalid'],
		[400, 'InvalidToken', 'does not accept the session token', 'Session', 'credential-invalid'],
		[403, 'RequestExpired', 'an old one', 'clock', 'credential-invalid'],
		[403, 'PathStyleDomainForbidden', 'in the host only', 'Addressing', 'configuration-invalid'],
		[301, 'PermanentRedirect', 'another region', 'region', 'configuration-invalid'],
		[400, 'AuthorizationHeaderMalformed', 'another region', 'region', 'configuration-invalid'],
		[
			400,
			'InvalidArgument',
			'the error InvalidArgument (HTTP 400)',
			'vendor',
			'configuration-invalid',
		],
		[400, 'constructor', 'the error constructor (HTTP 400)', 'vendor', 'configuration-invalid'],
	])('%d %s becomes words a person can act on', async (status, code, says, todo, cause) => {
		const { context } = fakeContext([
			s3Error(status, code),
			s3Error(status, code),
			s3Error(status, code),
		]);
		const bucket = await openBucket(context);
		for (const work of [
			async () => await bucket.list({ prefix: '' }),
			async () => await bucket.getText('a'),
			async () => await bucket.put('a', 'b', 'text/plain'),
		]) {
			const { message, details } = await faultOf(work());
			expect(message).toContain('my-recordings');
			expect(message).toContain(says);
			expect(details).toMatchObject({ httpCode: String(status), cause });
			expect(details.description).toContain(todo);
			expect(JSON.stringify({ message, details })).not.toMatch(/FAKE-ACCESS-KEY|StringToSign/);
		}
	});

	it('does not take a page of the wrong kind for an answer', async () => {
		const { context } = fakeContext([
			{ body: '<html></html>' },
			{ statusCode: 404, body: '<html></html>' },
		]);
		const bucket = await openBucket(context);
		expect((await faultOf(bucket.list({ prefix: '' }))).message).toContain('not a bucket listing');
		expect((await faultOf(bucket.getText('a'))).message).toContain('(HTTP 404)');
	});

	it('of Azure reads and writes in Azure’s way', async () => {
		const { context, asked } = fakeContext(
			[{ body: '#EXTM3U' }, s3Error(404, 'BlobNotFound'), s3Error(404, 'ContainerNotFound'), {}],
			fakeAzure(),
		);
		const bucket = await openBucket(context);
		expect(await bucket.getText('a b+c')).toBe('#EXTM3U');
		expect(await bucket.getText('gone')).toBeNull();
		expect((await faultOf(bucket.getText('a'))).message).toContain('does not exist');
		await bucket.put('a.json', '{}', 'application/json');
		expect(asked.map(({ url }) => url)).toEqual(['/a%20b%2Bc', '/gone', '/a', '/a.json']);
		expect(asked[3]!.headers).toEqual({
			'Content-Type': 'application/json',
			'x-ms-blob-type': 'BlockBlob',
		});
	});

	it('of Azure cannot start a listing in the middle, and says so to who asks it', async () => {
		const { context, asked } = fakeContext([], fakeAzure());
		const bucket = await openBucket(context);
		expect(bucket.canStartAfter).toBe(false);
		await expect(bucket.list({ prefix: '', startAfter: 'a' })).rejects.toThrow(
			'cannot start its listing',
		);
		expect(asked).toHaveLength(0);
	});
});
