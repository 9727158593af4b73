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
import type { Trial } from '../part.ts';
import { startHost, type Arrival, type Host } from './redirectingHost.ts';

/** What nobody but the host they belong to may see. */
const SECRETS = {
	customerSecret: 'agora-secret-of-nobody',
	secretKey: 's3-secret-of-nobody',
	sessionToken: 'session-token-of-nobody',
	accountKey: Buffer.from('the azure account key of nobody').toString('base64'),
	sasSignature: 'sas-signature-of-nobody',
	appCertificate: 'c0ffee00c0ffee00c0ffee00c0ffee00',
};
const APP_ID = '0123456789abcdef0123456789abcdef';
const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';
const STATUSES = [301, 302, 303, 307, 308];

export interface HostTrial {
	rows: Array<{
		what: string;
		/** Requests that arrived at each. */
		home: number;
		elsewhere: number;
		/** Of those elsewhere, how many held something secret. */
		secret: number;
		came: string;
	}>;
	broken: string[];
}

/** By name, each with the credential's type. */
function credentialsFor({ origin }: Host) {
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
	const agora = {
		customerId: 'nobody',
		customerSecret: SECRETS.customerSecret,
		appId: APP_ID,
		appCertificate: SECRETS.appCertificate,
		host: 'custom',
		customHost: origin,
	};
	const sasToken = `sv=2023-11-03&sr=c&sp=rl&sig=${SECRETS.sasSignature}`;
	return {
		Agora: { type: 'agoraApi', data: agora },
		S3: { type: 'agoraStorageApi', data: s3 },
		'S3, temporary keys': {
			type: 'agoraStorageApi',
			data: { ...s3, sessionToken: SECRETS.sessionToken },
		},
		'Azure, account key': {
			type: 'agoraStorageApi',
			data: { ...azure, secretKey: SECRETS.accountKey },
		},
		'Azure, shared access signature': { type: 'agoraStorageApi', data: { ...azure, sasToken } },
	} satisfies Record<string, { type: string; data: ICredentialDataDecryptedObject }>;
}

const CHANNEL = { resource: 'recording', operation: 'start', cname: 'class-7b' };
const GET_MANY = { resource: 'recording', operation: 'getAll', returnAll: true };
const DOWNLOAD = {
	resource: 'recording',
	operation: 'download',
	recordingId: { __rl: true, mode: 'id', value: SID },
	scope: 'file',
	file: 'video',
};

/** Sends the nodes, and the credentials as n8n's HTTP Request node uses them, to a host that sends them on. */
export async function tryHosts(
	engine: Engine,
	store: CredentialStore,
	trial: Trial,
): Promise<HostTrial> {
	trial.witness.guard(SECRETS);
	const elsewhere = await startHost(() => ({ status: 200, body: '{}' }));
	let status = 302;
	let onlyObjects = false;
	const home = await startHost((path) => {
		if (onlyObjects && /[?&](?:comp=list|list-type=)/.test(path)) {
			return { status: 200, body: listingFor(path) };
		}
		if (onlyObjects && path.includes('_sessions')) {
			return {
				status: 404,
				body: missing(path),
			};
		}
		return { status, location: `${elsewhere.origin}${path}` };
	});
	const result: HostTrial = { rows: [], broken: [] };
	const kinds = credentialsFor(home);
	for (const [id, { type, data }] of Object.entries(kinds)) {
		store[type] = { ...store[type], [id]: data };
	}

	/** @param mayArrive without anything secret; else nothing may */
	async function attempt(what: string, mayArrive: boolean, work: () => Promise<string>) {
		home.arrived.length = 0;
		elsewhere.arrived.length = 0;
		const came = await work();
		const secrets = elsewhere.arrived.map(secretsIn).filter((found) => found.length > 0);
		result.rows.push({
			what,
			home: home.arrived.length,
			elsewhere: elsewhere.arrived.length,
			secret: secrets.length,
			came,
		});
		const isSentOn = /, 30\d$/.test(what);
		if (isSentOn && home.arrived.length === 0) result.broken.push(`${what}: nobody asked: ${came}`);
		const isOutside = / to http/.test(what);
		if (isOutside && home.arrived.length > 0) result.broken.push(`${what}: it was not refused`);
		for (const found of secrets)
			result.broken.push(`${what}: elsewhere arrived ${found.join(', ')}`);
		if (!mayArrive && elsewhere.arrived.length > secrets.length) {
			result.broken.push(`${what}: elsewhere arrived a request`);
		}
	}
	const runNode = async (parameters: IDataObject, type: string, id: string) => {
		const run = await engine.run(parameters, { credentials: { [type]: id } });
		trial.witness.see('execution', run.stored);
		return run.error?.message ?? `${run.items.length} items`;
	};

	try {
		for (status of STATUSES) {
			await attempt(
				`User · Get Current, ${status}`,
				false,
				async () =>
					await runNode({ resource: 'user', operation: 'getCurrent' }, 'agoraApi', 'Agora'),
			);
			await attempt(`Recording · Start, ${status}`, false, async () => {
				const both = { agoraApi: 'Agora', agoraStorageApi: 'S3' };
				const run = await engine.run(CHANNEL, { credentials: both });
				trial.witness.see('execution', run.stored);
				return run.error?.message ?? 'started';
			});
			for (const [id, { type }] of Object.entries(kinds)) {
				if (type !== 'agoraStorageApi') continue;
				onlyObjects = false;
				await attempt(
					`Get Many, ${id}, ${status}`,
					false,
					async () => await runNode(GET_MANY, type, id),
				);
				onlyObjects = true;
				await attempt(
					`Download, ${id}, ${status}`,
					false,
					async () => await runNode(DOWNLOAD, type, id),
				);
				onlyObjects = false;
			}
			for (const [id, { type, data }] of Object.entries(kinds)) {
				for (const client of ['request', 'requestLegacy'] as const) {
					const url = type === 'agoraApi' ? `${home.origin}/x` : '/x';
					await attempt(
						`HTTP Request (${client}), ${id}, ${status}`,
						true,
						async () => await sendAsHttpRequest(type, data, { url, method: 'GET' }, client),
					);
				}
			}
		}
		for (const [id, { type, data }] of Object.entries(kinds)) {
			if (type !== 'agoraStorageApi') continue;
			for (const url of absoluteAddresses(home, elsewhere)) {
				await attempt(
					`HTTP Request, ${id}, to ${named(url, home, elsewhere)}`,
					false,
					async () => await sendAsHttpRequest(type, data, { url, method: 'GET' }, 'request'),
				);
			}
		}
		for (const customHost of hostTexts(home, elsewhere)) {
			store.agoraApi!.seeming = { ...kinds.Agora.data, customHost };
			status = 200;
			await attempt(
				`Custom Host ${named(customHost, home, elsewhere)}`,
				false,
				async () =>
					await runNode({ resource: 'user', operation: 'getCurrent' }, 'agoraApi', 'seeming'),
			);
			store.agoraApi!.seeming = kinds.Agora.data;
		}
		result.broken.push(...(await wrongLinks(engine, home, kinds, (only) => (onlyObjects = only))));
	} finally {
		await Promise.all([home.close(), elsewhere.close()]);
	}
	return result;
}

function secretsIn({ headers, text }: Arrival): string[] {
	const proofs = headers.filter((name) => /^(?:authorization|cookie|x-amz-.*|x-ms-.*)$/.test(name));
	const signature = /[?&](?:X-Amz-Signature|sig)=/i.test(text) ? ['a signature'] : [];
	return [...findSecrets([text], SECRETS), ...proofs, ...signature];
}

/** Addresses that are not in the bucket, whatever they look like. */
function absoluteAddresses(home: Host, elsewhere: Host): string[] {
	return [
		`${elsewhere.origin}/bucket/x`,
		`${elsewhere.origin}/nobody/bucket/x`,
		`http://127.0.0.1:${home.port}@127.0.0.1:${elsewhere.port}/bucket/x`,
		`http://user:word@127.0.0.1:${home.port}/bucket/x`,
		`http://localhost:${elsewhere.port}/bucket/x`,
		`${home.origin}/another/x`,
		`${home.origin}/bucket/../another/x`,
		`${home.origin}/bucketx/x`,
	];
}

/** Custom hosts of which a part looks like another. */
function hostTexts(home: Host, elsewhere: Host): string[] {
	const other = `127.0.0.1:${elsewhere.port}`;
	return [
		`${home.origin}@${other}`,
		`http://user:word@${other}`,
		`${home.origin}#@${other}`,
		`${home.origin}/@${other}`,
		`${home.origin}\\@${other}`,
		`${home.origin}?@${other}`,
		`http://127。0.0.1:${elsewhere.port}`,
		`http://127.0.0.1:${elsewhere.port}\u200B`,
		`http://${home.port}.invalid`,
	];
}

/** Ports differ from run to run. */
function named(text: string, home: Host, elsewhere: Host): string {
	return text
		.replaceAll(String(home.port), '<home>')
		.replaceAll(String(elsewhere.port), '<elsewhere>');
}

/** Links must lead to the bucket's own host, and hold no key. */
async function wrongLinks(
	engine: Engine,
	home: Host,
	kinds: ReturnType<typeof credentialsFor>,
	setOnlyObjects: (only: boolean) => void,
): Promise<string[]> {
	setOnlyObjects(true);
	const broken: string[] = [];
	let links = 0;
	for (const [id, { type }] of Object.entries(kinds)) {
		if (type !== 'agoraStorageApi') continue;
		const { json } = await engine.run(GET_MANY, { credentials: { [type]: id } });
		for (const file of json.flatMap(({ file_list }) => file_list as IDataObject[])) {
			if (file.download_url === null) continue;
			links++;
			const link = String(file.download_url);
			// S3 wants the session token in its links; it opens nothing without the secret key.
			const others = Object.entries(SECRETS).filter(([name]) => name !== 'sessionToken');
			const secrets = findSecrets([link], Object.fromEntries(others));
			if (new URL(link).origin !== home.origin) broken.push(`a link of ${id} leads elsewhere`);
			if (secrets.length > 0) broken.push(`a link of ${id} holds ${secrets.join(', ')}`);
		}
	}
	if (links < 3) broken.push(`only ${links} links were made to look at`);
	return broken;
}

const load = createRequire(import.meta.url);

/** What n8n's HTTP Request node does: the credential completes the request, n8n's client follows redirects. */
async function sendAsHttpRequest(
	type: string,
	data: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
	client: 'request' | 'requestLegacy',
): Promise<string> {
	const { Container } = load('@n8n/di') as typeof Di;
	const { OutboundHttp } = load('@n8n/backend-network') as typeof BackendNetwork;
	const name = type === 'agoraApi' ? 'AgoraApi' : 'AgoraStorageApi';
	const classes = load(join(repository, `dist/credentials/${name}.credentials.js`)) as Record<
		string,
		new () => ICredentialType & {
			authenticate(
				data: ICredentialDataDecryptedObject,
				options: IHttpRequestOptions,
			): Promise<IHttpRequestOptions>;
		}
	>;
	try {
		// As the HTTP Request node sets them.
		const given = { ...options, followRedirect: true, followAllRedirects: true, maxRedirects: 21 };
		const complete = await new classes[name]!().authenticate(data, given);
		const http = Container.get(OutboundHttp).requests();
		await (client === 'request'
			? http.request(complete)
			: http.requestLegacy(complete as Parameters<typeof http.requestLegacy>[0]));
		return 'answered';
	} catch (error) {
		return (error as Error).message;
	}
}

function missing(path: string): string {
	const code = path.startsWith('/nobody/') ? 'BlobNotFound' : 'NoSuchKey';
	return `<Error><Code>${code}</Code></Error>`;
}

const FILE = `${SID}_class-7b_0.mp4`;

/** One recording, in the words of whoever was asked. */
function listingFor(path: string): string {
	if (path.includes('comp=list')) {
		return `<EnumerationResults><Blobs><Blob><Name>${FILE}</Name><Properties><Last-Modified>Mon, 23 Nov 2026 10:15:30 GMT</Last-Modified><Content-Length>4</Content-Length></Properties></Blob></Blobs><NextMarker/></EnumerationResults>`;
	}
	return `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>${FILE}</Key><LastModified>2026-11-23T10:15:30.000Z</LastModified><Size>4</Size></Contents></ListBucketResult>`;
}
