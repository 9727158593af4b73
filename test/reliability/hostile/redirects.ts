import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as BackendNetwork from '@n8n/backend-network';
import type * as Di from '@n8n/di';
import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	IHttpRequestOptions,
} from 'n8n-workflow';
import { repository } from '../../../sandbox/n8n/paths.ts';
import type { CredentialStore, Engine } from '../../integration/engine.ts';
import { findSecrets } from '../../integration/secrets.ts';
import { listingXml } from '../../storage/stubs/listingXml.ts';
import type { RunContext, Summary } from '../part.ts';
import { startHttpHost, type HttpHost, type ReceivedRequest } from './httpHost.ts';

const SECRETS = {
	customerSecret: 'the-customer-secret-of-nobody',
	secretKey: 'the-s3-secret-key-of-nobody',
	sessionToken: 'the-session-token-of-nobody',
	accountKey: Buffer.from('the Azure account key of nobody').toString('base64'),
	sasSignature: 'the-sas-signature-of-nobody',
	appCertificate: 'c0ffee00c0ffee00c0ffee00c0ffee00',
};
const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';
const FILE = `${SID}_class-7b_0.mp4`;
const STATUSES = [301, 302, 303, 307, 308];

const GET_CURRENT = { resource: 'user', operation: 'getCurrent' };
const START = { resource: 'recording', operation: 'start', cname: 'class-7b' };
const GET_MANY = { resource: 'recording', operation: 'getAll', returnAll: true };
const DOWNLOAD = {
	resource: 'recording',
	operation: 'download',
	scope: 'file',
	file: 'video',
	recordingId: { __rl: true, mode: 'id', value: SID },
};

function storageCredentials({ origin }: HttpHost): Record<string, ICredentialDataDecryptedObject> {
	const s3 = {
		vendor: 's3Compatible',
		endpoint: origin,
		addressing: 'pathStyle',
		bucket: 'bucket',
		accessKey: 'NOBODY',
		secretKey: SECRETS.secretKey,
	};
	const azure = {
		vendor: 'azureBlob',
		endpoint: `${origin}/nobody`,
		bucket: 'bucket',
		accessKey: 'nobody',
	};
	const sasToken = `sv=2023-11-03&sr=c&sp=rl&sig=${SECRETS.sasSignature}`;
	return {
		S3: s3,
		'S3 with a session token': { ...s3, sessionToken: SECRETS.sessionToken },
		'Azure with an account key': { ...azure, secretKey: SECRETS.accountKey },
		'Azure with a SAS token': { ...azure, sasToken },
	};
}

function agoraCredential({ origin }: HttpHost): ICredentialDataDecryptedObject {
	return {
		customerId: 'nobody',
		customerSecret: SECRETS.customerSecret,
		appId: '0123456789abcdef0123456789abcdef',
		appCertificate: SECRETS.appCertificate,
		host: 'custom',
		customHost: origin,
	};
}

/** Which requests must and may be sent. */
type Expected = 'own host only' | 'own host, no secret elsewhere' | 'none elsewhere' | 'none';

/** Checks that credentials are sent to their own host only: one host redirects every request to another. */
export async function runRedirects(
	engine: Engine,
	store: CredentialStore,
	{ witness }: RunContext,
): Promise<Summary> {
	witness.guard(SECRETS);
	const other = await startHttpHost(() => ({ status: 200, body: '{}' }));
	let status = 302;
	/** Whether the host answers listings itself, and redirects requests for objects only. */
	let servesListings = false;
	const host = await startHttpHost((path) => {
		if (servesListings && /[?&](?:comp=list|list-type=)/.test(path))
			return { status: 200, body: listingFor(path) };
		if (servesListings && path.includes('_sessions')) return { status: 404, body: notFound(path) };
		return { status, location: `${other.origin}${path}` };
	});
	const agora = agoraCredential(host);
	const storage = storageCredentials(host);
	store.agoraApi = { ...store.agoraApi, Agora: agora };
	store.agoraStorageApi = { ...store.agoraStorageApi, ...storage };
	const figures = { attempts: 0, 'requests to their own host': 0, 'requests elsewhere': 0 };
	const failures: string[] = [];

	async function attempt(
		what: string,
		expected: Expected,
		send: () => Promise<string>,
	): Promise<void> {
		host.received.length = 0;
		other.received.length = 0;
		const outcome = await send();
		figures.attempts++;
		figures['requests to their own host'] += host.received.length;
		figures['requests elsewhere'] += other.received.length;
		const secrets = other.received.flatMap(secretsIn);
		if (secrets.length > 0) failures.push(`${what}: ${secrets.join(', ')} were sent elsewhere`);
		if (expected !== 'own host, no secret elsewhere' && other.received.length > 0)
			failures.push(`${what}: a request was sent elsewhere`);
		if (expected === 'none' && host.received.length > 0) failures.push(`${what}: it was sent`);
		if (expected.startsWith('own') && host.received.length === 0)
			failures.push(`${what}: nothing was sent: ${outcome}`);
	}
	const runNode = async (parameters: IDataObject, credentials: Record<string, string>) => {
		const run = await engine.run(parameters, { credentials });
		witness.see('execution', run.stored);
		return run.error?.message ?? `${run.items.length} items`;
	};

	try {
		for (status of STATUSES) {
			const redirected = async (
				what: string,
				parameters: IDataObject,
				credentials: Record<string, string>,
			) =>
				await attempt(`${what}, ${status}`, 'own host only', async () =>
					runNode(parameters, credentials),
				);
			await redirected('User: Get Current', GET_CURRENT, { agoraApi: 'Agora' });
			await redirected('Recording: Start', START, { agoraApi: 'Agora', agoraStorageApi: 'S3' });
			for (const id of Object.keys(storage)) {
				await redirected(`Get Many, ${id}`, GET_MANY, { agoraStorageApi: id });
				servesListings = true;
				await redirected(`Download, ${id}`, DOWNLOAD, { agoraStorageApi: id });
				servesListings = false;
			}
			for (const client of ['request', 'requestLegacy'] as const) {
				const through = async (id: string, type: string, data: typeof agora, url: string) =>
					await attempt(
						`HTTP Request (${client}), ${id}, ${status}`,
						'own host, no secret elsewhere',
						() => sendAsHttpRequest(type, data, url, client),
					);
				await through('Agora', 'AgoraApi', agora, `${host.origin}/x`);
				for (const [id, data] of Object.entries(storage))
					await through(id, 'AgoraStorageApi', data, '/x');
			}
		}
		for (const [id, data] of Object.entries(storage)) {
			for (const url of urlsOutsideTheBucket(host, other)) {
				await attempt(`HTTP Request, ${id}, to ${url}`, 'none', () =>
					sendAsHttpRequest('AgoraStorageApi', data, url, 'request'),
				);
			}
		}
		for (const customHost of misleadingHosts(host, other)) {
			store.agoraApi!.misleading = { ...agora, customHost };
			await attempt(`Custom Host ${customHost}`, 'none elsewhere', () =>
				runNode(GET_CURRENT, { agoraApi: 'misleading' }),
			);
		}
		servesListings = true;
		const links: string[] = [];
		for (const id of Object.keys(storage)) {
			const { json } = await engine.run(GET_MANY, { credentials: { agoraStorageApi: id } });
			const files = json.flatMap(({ file_list }) => file_list as IDataObject[]);
			links.push(
				...files.flatMap(({ download_url }) => (download_url ? [String(download_url)] : [])),
			);
		}
		failures.push(...wrongLinks(links, host));
	} finally {
		await Promise.all([host.close(), other.close()]);
	}
	return { figures, failures };
}

/** Secrets, and headers and parameters that prove who sends. */
function secretsIn({ headerNames, text }: ReceivedRequest): string[] {
	const proofs = headerNames.filter((name) =>
		/^(?:authorization|cookie|x-amz-.*|x-ms-.*)$/.test(name),
	);
	const signature = /[?&](?:X-Amz-Signature|sig)=/i.test(text) ? ['a signature'] : [];
	return [...findSecrets([text], SECRETS), ...proofs, ...signature];
}

function urlsOutsideTheBucket(host: HttpHost, other: HttpHost): string[] {
	return [
		`${other.origin}/bucket/x`,
		`${other.origin}/nobody/bucket/x`,
		`http://127.0.0.1:${host.port}@127.0.0.1:${other.port}/bucket/x`,
		`http://user:word@127.0.0.1:${host.port}/bucket/x`,
		`http://localhost:${other.port}/bucket/x`,
		`${host.origin}/another/x`,
		`${host.origin}/bucket/../another/x`,
		`${host.origin}/bucketx/x`,
	];
}

/** Custom hosts that look like another one. */
function misleadingHosts(host: HttpHost, other: HttpHost): string[] {
	const address = `127.0.0.1:${other.port}`;
	return [
		`${host.origin}@${address}`,
		`http://user:word@${address}`,
		`${host.origin}#@${address}`,
		`${host.origin}/@${address}`,
		`${host.origin}\\@${address}`,
		`${host.origin}?@${address}`,
		`http://127。0.0.1:${other.port}`,
		`http://${address}\u200B`,
		`http://${host.port}.invalid`,
	];
}

/** Download links must lead to the bucket's own host, and contain no key. */
function wrongLinks(links: string[], { origin }: HttpHost): string[] {
	// S3 requires the session token in links; without the secret key it is of no use.
	const keys = Object.entries(SECRETS).filter(([name]) => name !== 'sessionToken');
	return [
		// None with a SAS token, which would be part of it.
		...(links.length < 3 ? [`only ${links.length} links were created`] : []),
		...links
			.filter((link) => new URL(link).origin !== origin)
			.map((link) => `${link} leads to another host`),
		...findSecrets(links, Object.fromEntries(keys)).map((name) => `a link contains ${name}`),
	];
}

const load = createRequire(import.meta.url);

/** As n8n's HTTP Request node: the credential completes the request, and n8n's client follows redirects. */
async function sendAsHttpRequest(
	type: string,
	data: ICredentialDataDecryptedObject,
	url: string,
	client: 'request' | 'requestLegacy',
): Promise<string> {
	const { Container } = load('@n8n/di') as typeof Di;
	const { OutboundHttp } = load('@n8n/backend-network') as typeof BackendNetwork;
	type Credential = ICredentialType & {
		authenticate(
			data: ICredentialDataDecryptedObject,
			options: IHttpRequestOptions,
		): Promise<IHttpRequestOptions>;
	};
	const classes = load(join(repository, `dist/credentials/${type}.credentials.js`)) as Record<
		string,
		new () => Credential
	>;
	const redirects = { followRedirect: true, followAllRedirects: true, maxRedirects: 21 };
	try {
		const options = { url, method: 'GET' as const, ...redirects };
		const complete = await new classes[type]!().authenticate(data, options);
		const http = Container.get(OutboundHttp).requests();
		await (client === 'request'
			? http.request(complete)
			: http.requestLegacy(complete as Parameters<typeof http.requestLegacy>[0]));
		return 'answered';
	} catch (error) {
		return (error as Error).message;
	}
}

function notFound(path: string): string {
	const code = path.startsWith('/nobody/') ? 'BlobNotFound' : 'NoSuchKey';
	return `<Error><Code>${code}</Code></Error>`;
}

function listingFor(path: string): string {
	if (path.includes('comp=list'))
		return `<EnumerationResults><Blobs><Blob><Name>${FILE}</Name><Properties><Last-Modified>Mon, 23 Nov 2026 10:15:30 GMT</Last-Modified><Content-Length>4</Content-Length></Properties></Blob></Blobs><NextMarker/></EnumerationResults>`;
	return listingXml({ objects: [{ key: FILE, size: 4, lastModified: Date.UTC(2026, 10, 23) }] });
}
