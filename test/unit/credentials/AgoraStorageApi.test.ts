import aws4 from 'aws4';
import type { IncomingMessage, Server } from 'http';
import { createServer } from 'http';
import type { AddressInfo } from 'net';
import type {
	ICredentialDataDecryptedObject,
	IHttpRequestOptions,
	INodeCredentialTestResult,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { AgoraStorageApi } from '../../../credentials/AgoraStorageApi.credentials';
import { Agora } from '../../../nodes/Agora/Agora.node';
import { AgoraTrigger } from '../../../nodes/Agora/AgoraTrigger.node';
import { credentialTest } from '../../../nodes/Agora/credentialTest';
import { objectUrl } from '../../../nodes/Agora/storage/address';
import type { Vendor } from '../../../nodes/Agora/storage/vendors';
import { VENDORS, VENDOR_NAMES } from '../../../nodes/Agora/storage/vendors';
import { randomSource } from '../randomSource';
import { FAKE_ACCOUNT_KEY, FAKE_SAS, fakeAzure } from '../storage/azure/fakeAzure';
import { fakeCredential } from '../storage/fakeCredential';

const credential = new AgoraStorageApi();
const userFolder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-'));
const EMPTY_LISTING = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';

interface Received {
	method: string;
	url: string;
	headers: IncomingMessage['headers'];
	body: Buffer;
}

let received: Received[] = [];
let serverResponse: { status: number; body: string };
let server: Server;
let endpoint: string;

/** n8n's own HTTP client, which its helpers use. */
let sendWithN8n: (options: IHttpRequestOptions) => Promise<unknown>;
let core: typeof import('n8n-core');

beforeAll(async () => {
	process.env.N8N_USER_FOLDER = userFolder;
	process.env.N8N_ENCRYPTION_KEY = 'fake';
	core = await import('n8n-core');
	const { Container } = await import('@n8n/di');
	const { OutboundHttp } = await import('@n8n/backend-network');
	sendWithN8n = async (options) => await Container.get(OutboundHttp).requests().request(options);

	server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const { method = '', url = '', headers } = request;
		received.push({ method, url, headers, body: Buffer.concat(chunks) });
		response
			.writeHead(serverResponse.status, { 'Content-Type': 'application/xml' })
			.end(serverResponse.body);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
	await new Promise((resolve) => server.close(resolve));
	rmSync(userFolder, { recursive: true, force: true });
});

beforeEach(() => {
	received = [];
	serverResponse = { status: 200, body: EMPTY_LISTING };
});

const local = (changes: ICredentialDataDecryptedObject = {}) =>
	fakeCredential({ vendor: 's3Compatible', s3CompatibleRegion: 'us-east-1', endpoint, ...changes });

/** Signs the received request and compares the signatures, like a storage server. */
function isSignatureValid({ method, url, headers, body }: Received): boolean {
	const { authorization = '' } = headers;
	const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
	const request = {
		method,
		host: headers.host ?? '',
		path: url,
		service: 's3',
		region: 'us-east-1',
		body,
		headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
		extraHeadersToIgnore: {
			'content-length': true,
			...(!names.includes('content-type') && { 'content-type': true }),
		},
	};
	delete (request.headers as Record<string, string>)['x-amz-content-sha256'];
	const key = { accessKeyId: 'FAKE-ACCESS-KEY', secretAccessKey: 'fake-secret-key' };
	return aws4.sign(request, key).headers.Authorization === authorization;
}

describe("requests signed by the storage credential, sent by n8n's HTTP client", () => {
	const sign = async (options: IHttpRequestOptions, data = local()) =>
		await credential.authenticate(data, options);

	it('follow no redirects, whatever the options of an HTTP Request node', async () => {
		const redirects = { followRedirect: true, followAllRedirects: true, maxRedirects: 21 };
		expect(
			await sign({ method: 'GET', url: '/a', ...redirects } as IHttpRequestOptions),
		).toMatchObject({
			disableFollowRedirect: true,
			maxRedirects: 0,
			followRedirect: false,
			followAllRedirects: false,
			sendCredentialsOnCrossOriginRedirect: false,
		});
	});

	it('contain any key unchanged, with a valid signature', async () => {
		const random = randomSource(21);
		const odd = 'aZ09-_.~ +%&=?#/:;,@$!*\'()[]{}|\\^`"<>\té漢😀';
		const keys = Array.from({ length: 150 }, () => random.text(odd, random.integer(1, 40)));
		for (const key of [
			...keys,
			'%2e%2e/%2F',
			'a//b',
			'/a',
			'a/',
			'...',
			'ünï/ço dé'.normalize('NFD'),
		]) {
			if (key.split('/').some((part) => part === '.' || part === '..')) continue;
			await sendWithN8n(await sign({ method: 'GET', url: objectUrl('', key) }));
			const last = received.at(-1) as Received;
			expect(decodeURIComponent(last.url)).toBe(`/my-recordings/${key}`);
			expect({ key, isValid: isSignatureValid(last) }).toEqual({ key, isValid: true });
		}
		expect(received.length).toBeGreaterThan(140);
	});

	it.each(['{"a": 1}\n', ' "quoted" ', 'not json', 'é漢😀', ' '])(
		'contain the text %j byte for byte',
		async (body) => {
			const headers = { 'content-type': 'application/json' };
			await sendWithN8n(await sign({ method: 'PUT', url: '/a.json', headers, body }));
			expect(received[0]?.body.toString()).toBe(body);
			expect(received[0]?.headers['content-type']).toBe('application/json');
			expect(received[0]?.headers.authorization).toContain('content-type;host;');
			expect(isSignatureValid(received[0] as Received)).toBe(true);
		},
	);

	it('accept bytes, objects and no body', async () => {
		const bodies = [Buffer.from([0, 255, 10, 13]), { a: 'é' }, undefined, ''];
		for (const body of bodies) {
			await sendWithN8n(await sign({ method: 'PUT', url: '/a', body }));
		}
		expect(received.map(({ body }) => body.toString('latin1'))).toEqual([
			'\x00\xff\n\r',
			Buffer.from('{"a":"é"}').toString('latin1'),
			'',
			'',
		]);
		expect(received.map(isSignatureValid)).toEqual([true, true, true, true]);
	});

	it('contain the query in the URL, encoded like S3', async () => {
		const qs = { prefix: "it's (a) b+c*", 'max-keys': 1, empty: '' };
		await sendWithN8n(await sign({ url: '/?list-type=2', qs }));
		expect(received[0]?.url).toBe(
			'/my-recordings?empty=&list-type=2&max-keys=1&prefix=it%27s%20%28a%29%20b%2Bc%2A',
		);
		expect(isSignatureValid(received[0] as Received)).toBe(true);
	});

	it('are signed again when n8n authenticates a second time', async () => {
		const once = await sign({
			method: 'PUT',
			url: '/a b',
			body: 'x',
			headers: { 'X-Amz-Acl': 'private' },
		});
		await sendWithN8n(await sign(once));
		expect(received[0]?.url).toBe('/my-recordings/a%20b');
		expect(received[0]?.headers['x-amz-acl']).toBe('private');
		expect(isSignatureValid(received[0] as Received)).toBe(true);
	});

	it('accept an absolute URL of the bucket, from the HTTP Request node', async () => {
		await sendWithN8n(await sign({ url: `${endpoint}/my-recordings/a b.mp4` }));
		const uri = `${endpoint}/my-recordings/c.mp4`;
		await sendWithN8n(await sign({ uri } as unknown as IHttpRequestOptions));
		await sendWithN8n(await sign({ baseURL: `${endpoint}/my-recordings/`, url: '/d.mp4' }));
		expect(received.map(({ url }) => url)).toEqual(
			['a%20b.mp4', 'c.mp4', 'd.mp4'].map((key) => `/my-recordings/${key}`),
		);
		expect(received.map(isSignatureValid)).toEqual([true, true, true]);
	});

	it('contain the signed token of temporary credentials', async () => {
		const data = local({ sessionToken: 'fake-session-token' });
		const again = await sign({ method: 'PUT', url: '/a', body: 'x' }, data);
		await sendWithN8n(await sign(again, data));
		expect(received[0]?.headers['x-amz-security-token']).toBe('fake-session-token');
		expect(received[0]?.headers.authorization).toContain('x-amz-date;x-amz-security-token,');
		expect(isSignatureValid(received[0] as Received)).toBe(true);
	});

	it("accept the bucket's own domain as the endpoint", async () => {
		await sendWithN8n(await sign({ url: '/a' }, local({ addressing: 'bucketDomain' })));
		await sendWithN8n(await sign({ url: '/' }, local({ addressing: 'bucketDomain' })));
		expect(received.map(({ url }) => url)).toEqual(['/a', '/']);
		expect(received.map(isSignatureValid)).toEqual([true, true]);
	});

	it.each([
		[
			'another host',
			{ url: 'https://evil.example/my-recordings/a' },
			'only signs requests to its own bucket',
		],
		[
			'another bucket',
			{ url: '/a', baseURL: 'https://evil.example' },
			'only signs requests to its own bucket',
		],
		['a key with parent folders', { url: '/a/../../other/b' }, 'cannot be requested over HTTP'],
	])('are refused for %s', async (_what, options, expected) => {
		await expect(sign(options)).rejects.toThrow(expected);
	});

	it('are refused for plain HTTP', async () => {
		await expect(sign({ url: '/' }, local({ endpoint: 'http://x.example.com' }))).rejects.toThrow(
			'unencrypted HTTP',
		);
	});

	it('never contain the secret key', async () => {
		const signed = await sign({ url: '/a' });
		expect(JSON.stringify(signed)).not.toContain('fake-secret-key');
	});
});

describe("the test of the storage credential, run in n8n's context", () => {
	async function test(data: ICredentialDataDecryptedObject): Promise<INodeCredentialTestResult> {
		const additionalData = {} as IWorkflowExecuteAdditionalData;
		const decrypted = { id: '1', name: 'test', type: 'agoraStorageApi', data };
		const context = new core.CredentialTestContext(additionalData);
		return await credentialTest.agoraStorageApiTest.call(context, decrypted);
	}
	const requests = () => received.map(({ method, url }) => `${method} ${url}`);

	it('belongs to both nodes, as n8n uses the test of the first one it finds', () => {
		for (const node of [new Agora(), new AgoraTrigger()]) {
			const uses = node.description.credentials!.find(({ name }) => name === credential.name);
			expect(node.methods.credentialTest).toHaveProperty(uses!.testedBy as string);
		}
	});

	it('lists one key below the prefix of all operations, with a valid signature', async () => {
		expect(await test(local({ fileNamePrefix: '/recordings/school/' }))).toEqual({
			status: 'OK',
			message: 'Connection successful!',
		});
		expect(requests()).toEqual([
			'GET /my-recordings?encoding-type=url&list-type=2&max-keys=1&prefix=recordings%2Fschool%2F',
		]);
		expect(isSignatureValid(received[0] as Received)).toBe(true);
	});

	it('lists one blob for Azure', async () => {
		const account = fakeAzure({ endpoint: `${endpoint}/fakeaccount` });
		serverResponse.body = '<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>';
		expect((await test({ ...account, fileNamePrefix: '/school/' })).status).toBe('OK');
		expect((await test({ ...account, fileNamePrefix: '' })).status).toBe('OK');
		const list = 'GET /fakeaccount/my-recordings?comp=list&maxresults=1';
		expect(requests()).toEqual([
			`${list}&prefix=school%2F&restype=container`,
			`${list}&restype=container`,
		]);
		expect(received[0]!.headers.authorization).toMatch(/^SharedKey fakeaccount:/);
	});

	it.each([
		['an Azure key', { vendor: 'azureBlob', accessKey: 'fakeaccount' }, 'in base64'],
		['an endpoint without https', { endpoint: 'http://x.example.com' }, 'unencrypted HTTP'],
		['an endpoint that is no URL', { endpoint: 'my storage' }, 'https://s3.example.com'],
		['an empty bucket', { bucket: '' }, 'Bucket is empty'],
		['no vendor', { vendor: '' }, 'No vendor is selected'],
		['a bucket in the host of an IP address', { addressing: 'virtualHosted' }, 'Path-Style'],
	])('explains %s without sending a request', async (_, changes, expected) => {
		const result = await test(local(changes));
		expect(result.status).toBe('Error');
		expect(result.message).toContain(expected);
		expect(received).toHaveLength(0);
	});

	it.each([
		['letters that Agora does not accept', 'my folder/über'],
		['more than 128 characters', 'a'.repeat(129)],
	])('refuses a prefix with %s, as Start would', async (_, fileNamePrefix) => {
		const result = await test(local({ fileNamePrefix }));
		expect(result.status).toBe('Error');
		expect(result.message).toContain('File Name Prefix');
	});

	it.each(['match_recordings/x', 'test-1203/room-1'])('accepts the prefix %s', async (prefix) => {
		expect((await test(local({ fileNamePrefix: prefix }))).status).toBe('OK');
	});

	it.each([
		['another region', 301, 'PermanentRedirect', 'region'],
		['a wrong secret', 403, 'SignatureDoesNotMatch', 'Secret Key'],
		['a missing permission', 403, 'AccessDenied', 's3:ListBucket'],
		['a bucket that does not exist', 404, 'NoSuchBucket', 'does not exist'],
		['a wrong clock', 403, 'RequestTimeTooSkewed', 'clock'],
	])('explains %s like the nodes, after one request', async (_, status, code, expected) => {
		serverResponse = { status, body: `<Error><Code>${code}</Code><Message>No</Message></Error>` };
		const result = await test(local());
		expect(result.status).toBe('Error');
		expect(result.message).toContain(expected);
		expect(result.message).toMatch(/\.$/);
		expect(received).toHaveLength(1);
	});

	it.each([
		['refuses connections', 'http://127.0.0.1:1', 'the connection was refused'],
		['has an unknown host', 'https://storage.invalid', 'host name'],
	])('reports that the storage %s, without an error code', async (_, address, expected) => {
		const result = await test(local({ endpoint: address }));
		expect(result.status).toBe('Error');
		expect(result.message).toContain(expected);
		expect(result.message).not.toMatch(/\bE[A-Z]{4,}|ERR_/);
	});

	it('reports that the endpoint uses plain HTTP instead of TLS', async () => {
		const result = await test(local({ endpoint: endpoint.replace('http:', 'https:') }));
		expect(result.message).toContain('does not respond with TLS');
	});
});

describe('the fields of the storage credential', () => {
	/** Stored values as n8n reads them: without hidden fields, and with defaults. */
	const stored = (values: ICredentialDataDecryptedObject) =>
		NodeHelpers.getNodeParameters(
			credential.properties,
			values as never,
			true,
			false,
			null,
			null,
		) as ICredentialDataDecryptedObject;

	it.each(VENDOR_NAMES)('%s: the defaults are sufficient to sign requests', async (vendor) => {
		const { host, regions }: Vendor = VENDORS[vendor];
		const { bucket, accessKey, secretKey } =
			vendor === 'azureBlob' ? fakeAzure() : fakeCredential();
		const values = stored({
			vendor,
			bucket: bucket!,
			accessKey: accessKey!,
			secretKey: secretKey!,
			...(vendor === 's3Compatible' && { endpoint: 'https://x.example.com' }),
		});
		const { url } = await credential.authenticate(values, { url: '/' });
		expect(url).toContain(host?.(regions[0]?.id ?? '', String(accessKey)) ?? 'x.example.com');
	});

	it('keeps the addressing of a custom endpoint', () => {
		const values = {
			vendor: 'amazonS3',
			endpoint: 'https://x.example.com',
			addressing: 'virtualHosted',
		};
		expect(stored(values)).toMatchObject(values);
		expect(stored({ vendor: 'amazonS3' })).not.toHaveProperty('addressing');
	});

	it('shows the shared access signature only for Azure without an account key, and no session token for Azure', () => {
		const azure = { vendor: 'azureBlob', sasToken: FAKE_SAS, sessionToken: 'x' };
		expect(stored(azure)).toMatchObject({ sasToken: FAKE_SAS, secretKey: '' });
		expect(stored(azure)).not.toHaveProperty('sessionToken');
		expect(stored({ ...azure, secretKey: FAKE_ACCOUNT_KEY })).not.toHaveProperty('sasToken');
		const amazon = stored({ ...azure, vendor: 'amazonS3' });
		expect(amazon).toMatchObject({ sessionToken: 'x', sessionExpiresAt: '' });
		expect(amazon).not.toHaveProperty('sasToken');
		expect(stored({ vendor: 'amazonS3' })).not.toHaveProperty('sessionExpiresAt');
	});

	it('masks exactly the secrets', () => {
		const hidden = credential.properties.filter(({ typeOptions }) => typeOptions?.password);
		expect([...new Set(hidden.map(({ name }) => name))]).toEqual([
			'secretKey',
			'sasToken',
			'sessionToken',
		]);
	});
});
