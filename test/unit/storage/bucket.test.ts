import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	IExecuteFunctions,
	IHttpRequestOptions,
} from 'n8n-workflow';
import type { Service } from '../../../nodes/Agora/http/request';
import {
	createBucket,
	openBucket,
	serviceName,
	testStorageCredential,
} from '../../../nodes/Agora/storage/bucket';
import { readStorageCredential } from '../../../nodes/Agora/storage/credential';
import { listingXml } from '../../storage/stubs/listingXml.ts';
import { faultOf } from '../http/fakeContext';
import { fakeAzure } from './azure/fakeAzure';
import { fakeCredential } from './fakeCredential';

interface FakeResponse {
	statusCode?: number;
	headers?: Record<string, string>;
	body?: string;
}

/** A node's context whose HTTP helper records requests and returns the responses in turn, repeating the last one. */
function fakeContext(responses: FakeResponse[], credential = fakeCredential()) {
	const sent: IHttpRequestOptions[] = [];
	const passed: unknown[] = [];
	let decrypted = 0;
	const helper = async (_type: string, options: IHttpRequestOptions, more: unknown) => {
		sent.push(options);
		passed.push(more);
		const response = responses[Math.min(sent.length, responses.length) - 1] ?? {};
		const { statusCode = 200, headers = {}, body = '' } = response;
		return { statusCode, headers, body: Readable.from([Buffer.from(body)]) };
	};
	const context = {
		getNode: () => ({ credentials: { agoraStorageApi: { id: '1', name: 'storage' } } }),
		getCredentials: async () => {
			decrypted++;
			return credential;
		},
		getTimezone: () => 'Europe/Berlin',
		helpers: { httpRequestWithAuthentication: helper },
	};
	return {
		context: context as unknown as IExecuteFunctions,
		sent,
		passed,
		decryptions: () => decrypted,
	};
}

let buckets = 0;
/** Tests must not share what the process learns about a bucket. */
const otherBucket = () => `bucket-${++buckets}`;

const page = (keys: string[], nextToken?: string) =>
	listingXml({
		objects: keys.map((key) => ({ key, size: 1, lastModified: Date.UTC(2026, 10, 23, 10) })),
		next: nextToken,
	});

const s3Error = (statusCode: number, code: string) => ({
	statusCode,
	body: `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>FAKE-ACCESS-KEY is no good</Message><AWSAccessKeyId>FAKE-ACCESS-KEY</AWSAccessKeyId><StringToSign>fake</StringToSign></Error>`,
});

describe('the bucket', () => {
	it('lists one page', async () => {
		const { context, sent } = fakeContext([
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
		expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
			'GET /?delimiter=_&encoding-type=url&list-type=2&max-keys=2&prefix=a%20b%2F&start-after=0',
		]);
	});

	it('uses the local time if the storage does not send the time', async () => {
		const { context } = fakeContext([{ body: page([]) }]);
		const before = Date.now();
		const { serverTime } = await (await openBucket(context)).list({ prefix: '' });
		expect(serverTime).toBeGreaterThanOrEqual(before);
		expect(serverTime).toBeLessThanOrEqual(Date.now());
	});

	it('decrypts the credential once, and passes it on with each request', async () => {
		const credential = fakeCredential();
		const { context, passed, decryptions } = fakeContext([{ body: page([]) }], credential);
		for (let item = 0; item < 3; item++) await (await openBucket(context)).list({ prefix: '' });
		expect(decryptions()).toBe(1);
		const expected = expect.objectContaining({ type: 'agoraStorageApi', data: credential });
		expect(passed).toEqual(Array(3).fill({ credentialsDecrypted: expected }));
	});

	it('returns an object as text, or null if it does not exist', async () => {
		const { context, sent } = fakeContext([
			{ body: '#EXTM3U é' },
			s3Error(404, 'NoSuchKey'),
			{ statusCode: 404 },
		]);
		const bucket = await openBucket(context);
		expect(await bucket.getText('a b/c.m3u8')).toBe('#EXTM3U é');
		expect(await bucket.getText('gone')).toBeNull();
		expect(await bucket.getText('gone too')).toBeNull();
		expect(sent.map(({ url }) => url)).toEqual(['/a%20b/c.m3u8', '/gone', '/gone%20too']);
	});

	it('returns an object as a stream, or null if it does not exist', async () => {
		const { context } = fakeContext([
			{ body: 'bytes', headers: { 'Content-Length': '5' } },
			{ body: 'bytes' },
			s3Error(404, 'NoSuchKey'),
			s3Error(403, 'InvalidObjectState'),
		]);
		const bucket = await openBucket(context);
		const first = (await bucket.open('a'))!;
		expect([first.size, await textOf(first.stream)]).toEqual([5, 'bytes']);
		expect((await bucket.open('a'))!.size).toBeNull();
		expect(await bucket.open('gone')).toBeNull();
		expect((await faultOf(bucket.open('old.mp4'))).message).toContain('"old.mp4"');
	});

	it.each([
		['archived', s3Error(403, 'InvalidObjectState'), true],
		['denied', s3Error(403, 'AccessDenied'), true],
		['encrypted with an unknown key', s3Error(400, 'KMS.DisabledException'), true],
		['gone in another way', { statusCode: 410 }, true],
		['read with an unknown access key', s3Error(403, 'InvalidAccessKeyId'), false],
		['read with a wrong signature', s3Error(403, 'SignatureDoesNotMatch'), false],
		['read with a wrong clock', s3Error(403, 'RequestTimeTooSkewed'), false],
		['read without credentials', s3Error(401, 'Unauthorized'), false],
		['read too fast', { statusCode: 429 }, false],
		['read during an outage', { statusCode: 503 }, false],
		['read during a failure', { statusCode: 500 }, false],
		['in another region', s3Error(301, 'PermanentRedirect'), false],
	])('reports whether only this object cannot be read: %s', async (_, response, only) => {
		const credential = readStorageCredential(fakeCredential());
		const service = {
			name: 'The storage',
			advice: 'Check it',
			request: async () => ({
				headers: {},
				...response,
				body: Readable.from([Buffer.from('body' in response ? response.body : '')]),
			}),
		};
		const fault = await faultOf(createBucket(credential, service, 1).getText('a.m3u8'));
		expect(fault.details.onlyThisObject).toBe(only);
	});

	it('writes an object with its checksum', async () => {
		const { context, sent } = fakeContext([{}]);
		await (await openBucket(context)).put('a/b.json', '{}', 'application/json');
		expect(sent[0]).toMatchObject({
			method: 'PUT',
			url: '/a/b.json',
			body: '{}',
			headers: {
				'Content-Type': 'application/json',
				'Content-MD5': 'mZFLkyvTelC5g8XnyQrpOw==',
			},
		});
	});

	it('creates links without a request', async () => {
		const { context, sent } = fakeContext([]);
		const link = (await openBucket(context)).presign('a b', 60, new Date(999))!;
		expect(link.expiresAt).toBe(60_000);
		expect(link.url).toMatch(
			/^https:\/\/my-recordings\.s3\.eu-west-1\.amazonaws\.com\/a%20b\?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=FAKE-ACCESS-KEY%2F19700101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=19700101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]{64}$/,
		);
		expect(sent).toHaveLength(0);
	});

	it.each([
		[403, 'InvalidAccessKeyId', 'does not recognize this access key', 'Access Key'],
		[403, 'SignatureDoesNotMatch', 'rejected the signature', 'Secret Key'],
		[404, 'NoSuchBucket', 'does not exist', 'Bucket'],
		[403, 'RequestTimeTooSkewed', 'because of its timestamp', 'clock'],
		[400, 'InvalidArgument', 'the error InvalidArgument (HTTP 400)', 'Look up'],
		[400, 'constructor', 'an error (HTTP 400)', 'Look up'],
	])('explains %d %s for every request', async (status, code, expected, advice) => {
		const { context } = fakeContext([s3Error(status, code)]);
		const bucket = await openBucket(context);
		for (const work of [
			async () => await bucket.list({ prefix: '' }),
			async () => await bucket.getText('a'),
			async () => await bucket.open('a'),
			async () => await bucket.put('a', 'b', 'text/plain'),
		]) {
			const { message, details } = await faultOf(work());
			expect(message).toContain('bucket "my-recordings"');
			expect(message).toContain(expected);
			expect(details.httpCode).toBe(String(status));
			expect(details.description).toContain(advice);
			expect(JSON.stringify({ message, details })).not.toMatch(/FAKE-ACCESS-KEY|StringToSign/);
		}
	});

	it('names the permission that each request needs', async () => {
		const { context } = fakeContext([s3Error(403, 'AccessDenied')]);
		const bucket = await openBucket(context);
		const explained = async (work: Promise<unknown>) => {
			const { message, details } = await faultOf(work);
			return [message, details.description?.split('.')[0]];
		};
		expect(await explained(bucket.list({ prefix: '' }))).toEqual([
			'This access key is not allowed to list the bucket "my-recordings"',
			'Grant the key s3:ListBucket for this bucket',
		]);
		for (const work of [bucket.getText('a/b'), bucket.open('a/b')]) {
			expect(await explained(work)).toEqual([
				'This access key is not allowed to read "a/b" in the bucket "my-recordings"',
				'Grant the key s3:GetObject for this bucket',
			]);
		}
		expect(await explained(bucket.put('a/b', '', 'text/plain'))).toEqual([
			'This access key is not allowed to write to the bucket "my-recordings"',
			'Grant the key s3:PutObject for this bucket',
		]);
	});

	it.each<[string, FakeResponse]>([
		[
			'a header',
			{ ...s3Error(301, 'PermanentRedirect'), headers: { 'x-amz-bucket-region': 'us-east-2' } },
		],
		[
			'the host in Location, without a body',
			{
				statusCode: 307,
				headers: { Location: 'https://my-recordings.s3.us-east-2.amazonaws.com/' },
			},
		],
		[
			'the endpoint in the body',
			{
				statusCode: 301,
				body: '<Error><Code>PermanentRedirect</Code><Endpoint>my-recordings.s3.us-east-2.amazonaws.com</Endpoint></Error>',
			},
		],
	])('reports a redirect as the wrong region, from %s', async (_, response) => {
		const { context, sent } = fakeContext([response]);
		const fault = await faultOf((await openBucket(context)).list({ prefix: '' }));
		expect(fault.message).toBe(
			'The bucket "my-recordings" is in the region us-east-2, not eu-west-1',
		);
		expect(fault.details.description).toContain('Select us-east-2 as Region');
		expect(fault.details.cause).toBe('configuration-invalid');
		expect(sent[0]!.disableFollowRedirect).toBe(true);
	});

	it('reports a redirect as the wrong region, even if the response names none', async () => {
		const { context } = fakeContext([s3Error(301, 'PermanentRedirect')]);
		const bucket = await openBucket(context);
		for (const work of [
			bucket.list({ prefix: '' }),
			bucket.getText('a'),
			bucket.put('a', '', 'x'),
		]) {
			expect((await faultOf(work)).message).toBe(
				'The bucket "my-recordings" is in a different region than set in the credential',
			);
		}
	});

	it('does not accept a web page as a response', async () => {
		const { context } = fakeContext([
			{ body: '<html></html>' },
			{ statusCode: 404, body: '<html></html>' },
		]);
		const bucket = await openBucket(context);
		expect((await faultOf(bucket.list({ prefix: '' }))).message).toContain('not a bucket listing');
		expect((await faultOf(bucket.getText('a'))).message).toContain('returned a web page');
	});

	it('throws for an invalid credential before any request', async () => {
		const { context, sent } = fakeContext([], fakeCredential({ amazonS3Region: 'nowhere' }));
		await expect(openBucket(context)).rejects.toThrow('No region of Amazon S3 is selected');
		expect(sent).toHaveLength(0);
	});
});

describe('what the process learns about a bucket', () => {
	const supportOf = (changes: object) =>
		createBucket(readStorageCredential(fakeCredential({ ...changes })), {} as Service).support;

	it('is shared by all users of the bucket, with any access key', () => {
		const bucket = otherBucket();
		const support = supportOf({ bucket });
		expect(support).toMatchObject({ folds: 'unknown', startsAfter: true, version: 2 });
		support.folds = false;
		expect(supportOf({ bucket, accessKey: 'ANOTHER', fileNamePrefix: 'x' })).toBe(support);
	});

	it('is separate for another bucket, region or endpoint', () => {
		const bucket = otherBucket();
		const support = supportOf({ bucket });
		for (const changes of [
			{ bucket: otherBucket() },
			{ bucket, amazonS3Region: 'eu-west-2' },
			{ bucket, endpoint: 'https://s3.example.com' },
		]) {
			expect(supportOf(changes)).not.toBe(support);
		}
	});

	it('assumes for Azure that a listing cannot start after a key', () => {
		const credential = readStorageCredential(fakeAzure({ bucket: otherBucket() }));
		expect(createBucket(credential, {} as Service).support.startsAfter).toBe(false);
	});
});

describe('an Azure container', () => {
	it('is read and written as Azure requires', async () => {
		const { context, sent } = fakeContext(
			[{ body: '#EXTM3U' }, s3Error(404, 'BlobNotFound'), s3Error(404, 'ContainerNotFound'), {}],
			fakeAzure(),
		);
		const bucket = await openBucket(context);
		expect(await bucket.getText('a b+c')).toBe('#EXTM3U');
		expect(await bucket.getText('gone')).toBeNull();
		expect((await faultOf(bucket.getText('a'))).message).toContain('does not exist');
		await bucket.put('a.json', '{}', 'application/json');
		expect(sent.map(({ url }) => url)).toEqual(['/a%20b%2Bc', '/gone', '/a', '/a.json']);
		expect(sent[3]!.headers).toEqual({
			'Content-Type': 'application/json',
			'x-ms-blob-type': 'BlockBlob',
			'Content-MD5': 'mZFLkyvTelC5g8XnyQrpOw==',
		});
	});
});

describe('testStorageCredential', () => {
	/** Tests a credential with n8n's older HTTP client, whose requests are recorded. */
	async function tested(
		response: FakeResponse | Error,
		data: ICredentialDataDecryptedObject | undefined = fakeCredential(),
	) {
		const sent: object[] = [];
		const request = async (options: object) => {
			sent.push(options);
			if (response instanceof Error) throw response;
			const { statusCode = 200, headers = {}, body = '' } = response;
			return { statusCode, headers, body: Readable.from([Buffer.from(body)]) };
		};
		const context = { helpers: { request } } as unknown as ICredentialTestFunctions;
		const credential = { id: '', name: '', type: 'agoraStorageApi', data };
		return { result: await testStorageCredential.call(context, credential), sent };
	}

	it('lists the folder of the recordings with one signed request', async () => {
		const { result, sent } = await tested({ body: page([]) });
		expect(result).toEqual({ status: 'OK', message: 'Connection successful!' });
		expect(sent).toEqual([
			expect.objectContaining({
				method: 'GET',
				uri: 'https://my-recordings.s3.eu-west-1.amazonaws.com/?encoding-type=url&list-type=2&max-keys=1&prefix=recordings%2Fschool%2F',
				headers: expect.objectContaining({ authorization: expect.stringContaining('AWS4') }),
				useStream: true,
				resolveWithFullResponse: true,
				simple: false,
				followRedirect: false,
			}),
		]);
		expect(sent[0]).not.toHaveProperty('url');
	});

	it.each<[string, FakeResponse | Error, RegExp]>([
		['refusal', s3Error(403, 'AccessDenied'), /^This access key is not allowed to list .*\. Grant/],
		['outage, without a retry', { statusCode: 503 }, /^The .*\./],
		[
			'failure of the network',
			Object.assign(new Error(), { code: 'ENOTFOUND' }),
			/^The storage could not be reached: .*\. Check Vendor and Region/,
		],
	])('reports a %s with the error message and the advice', async (_, response, message) => {
		const { result, sent } = await tested(response);
		expect(result).toEqual({ status: 'Error', message: expect.stringMatching(message) });
		expect(sent).toHaveLength(1);
	});

	it('reports an invalid credential, also an empty one, without a request', async () => {
		const invalid = { ...fakeCredential(), bucket: '' };
		for (const [data, message] of [
			[invalid, 'Bucket is empty'],
			[{}, 'No vendor is selected'],
			[undefined, 'No vendor is selected'],
		] as const) {
			const context = { helpers: {} } as unknown as ICredentialTestFunctions;
			const credential = { id: '', name: '', type: 'agoraStorageApi', data };
			const result = await testStorageCredential.call(context, credential);
			expect(result.status).toBe('Error');
			expect(result.message).toMatch(
				new RegExp(`^${message} in the storage credential\\. Correct it`),
			);
		}
	});

	it('reports a prefix that Agora does not accept, after the listing', async () => {
		const data = fakeCredential({ fileNamePrefix: 'my school' });
		const { result, sent } = await tested({ body: page([]) }, data);
		expect(result).toEqual({
			status: 'Error',
			message: expect.stringContaining('File Name Prefix'),
		});
		expect(sent).toHaveLength(1);
	});
});

describe('createBucket', () => {
	const bucketWith = (
		respond: () => object,
		{ attempts, signal }: { attempts?: number; signal?: AbortSignal } = {},
	) => {
		let requests = 0;
		const service = {
			name: 'The storage',
			advice: 'Check it',
			signal,
			request: async (options: IHttpRequestOptions) => {
				requests++;
				(options.abortSignal as AbortSignal | undefined)?.throwIfAborted();
				return { statusCode: 200, headers: {}, body: Readable.from(['']), ...respond() };
			},
		} as Service;
		const credential = readStorageCredential(fakeCredential({ bucket: otherBucket() }));
		return { bucket: createBucket(credential, service, attempts), requests: () => requests };
	};

	it('sends each request only as often as allowed', async () => {
		const { bucket, requests } = bucketWith(() => ({ statusCode: 503 }), { attempts: 1 });
		const works = [
			async () => await bucket.list({ prefix: '' }),
			async () => await bucket.getText('a'),
			async () => await bucket.put('a', '', 'text/plain'),
		];
		for (const [i, work] of works.entries()) {
			await faultOf(work());
			expect(requests()).toBe(i + 1);
		}
	});

	it.each([
		[199, false],
		[200, true],
		[201, true],
		[299, true],
		[300, false],
		[400, false],
	])('accepts the status %i of an upload: %s', async (statusCode, isAccepted) => {
		const { bucket } = bucketWith(() => ({ statusCode }), { attempts: 1 });
		const result = await bucket.put('a', '', 'text/plain').then(
			() => true,
			() => false,
		);
		expect(result).toBe(isAccepted);
	});

	it('only returns the text of a complete response', async () => {
		const { bucket } = bucketWith(() => ({ statusCode: 206, body: Readable.from(['part']) }));
		expect((await faultOf(bucket.getText('a'))).details.httpCode).toBe('206');
	});

	it('cancels a transfer with the execution, or with its own signal', async () => {
		for (const [own, signal] of [
			[AbortSignal.abort(), undefined],
			[undefined, AbortSignal.abort()],
			[AbortSignal.abort(), new AbortController().signal],
		]) {
			const { bucket } = bucketWith(() => ({}), { signal });
			await expect(bucket.open('a', own)).rejects.toThrow();
		}
		const { bucket } = bucketWith(() => ({ headers: { 'content-length': '0' } }));
		expect((await bucket.open('a'))!.size).toBe(0);
	});

	it('does not retry a listing whose delimiter is refused', async () => {
		const { bucket, requests } = bucketWith(() => ({ statusCode: 500 }));
		await faultOf(bucket.list({ prefix: '', delimiter: '_' }));
		expect(requests()).toBe(1);
	});

	it('has an empty prefix without folders', () => {
		const credential = readStorageCredential(fakeCredential({ fileNamePrefix: '' }));
		expect(createBucket(credential, {} as Service).prefix).toBe('');
	});
});

describe('serviceName', () => {
	it.each([
		['Amazon', {}, 'Check Vendor and Region in'],
		['a vendor without regions', { vendor: 'googleCloud' }, 'Check Vendor in'],
		['a custom endpoint', { endpoint: 'https://s3.example.com' }, 'Check Endpoint in'],
	])('advises what to check for %s', (_, changes, advice) => {
		const service = serviceName(readStorageCredential(fakeCredential(changes)));
		expect(service.name).toBe('The storage');
		expect(service.advice).toContain(advice);
	});

	it('advises what to check for Azure', () => {
		const { advice } = serviceName(readStorageCredential(fakeAzure()));
		expect(advice).toContain('Check Access Key (the account name) in');
	});
});
