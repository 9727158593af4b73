import { DateTime } from 'luxon';
import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { type Context, memoizePerExecution } from '../http/concurrency';
import { Fault } from '../http/errors';
import { mayCarrySecrets } from '../http/request';
import { bucketUrl, resolveInBucket } from './address';
import { authorizeAzure, checkAzureCredential } from './azure/auth';
import { authorizeS3, canonicalQuery } from './signature';
import type { Addressing, StorageCredential } from './types';
import { findVendor, regionField } from './vendors';

/** Vendors have different rules; this excludes only what would change the meaning of a URL. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** Whether the running node has a storage credential. */
export const hasStorageCredential = memoizePerExecution(
	(context) => context.getNode().credentials?.agoraStorageApi !== undefined,
);

/**
 * Reads the storage credential of the running node.
 *
 * @throws Fault when the node has none, or a value is missing or invalid
 */
export async function loadStorageCredential(context: Context): Promise<StorageCredential> {
	return readStorageCredential(await loadCredentialData(context), context.getTimezone());
}

/**
 * Decrypts the storage credential of the running node.
 *
 * @throws Fault when the node has none
 */
export async function loadCredentialData(
	context: Context,
): Promise<ICredentialDataDecryptedObject> {
	if (!hasStorageCredential(context)) {
		throw new Fault('No Agora Recording Storage API credential is connected to this node', {
			description:
				'It is needed to find recordings in your bucket. Select or create it at the top of the node.',
			cause: 'configuration-invalid',
		});
	}
	return await context.getCredentials('agoraStorageApi');
}

/**
 * Checks the decrypted values of an Agora Recording Storage API credential.
 *
 * @param zone time zone of times without one
 * @throws Fault when a value is missing or invalid
 */
export function readStorageCredential(
	data: ICredentialDataDecryptedObject,
	zone = 'utc',
): StorageCredential {
	const field = (name: string) => String(data[name] ?? '').trim();
	const vendorName = field('vendor');
	const vendor = findVendor(vendorName);
	if (!vendor) throw invalid('No vendor is selected in the storage credential');
	const secretKey = field('secretKey');
	const sasToken =
		vendorName === 'azureBlob' && secretKey === '' ? field('sasToken').replace(/^[^?]*\?/, '') : '';
	for (const [value, label] of [
		[field('bucket'), 'Bucket'],
		[field('accessKey'), 'Access Key'],
		[secretKey || sasToken, 'Secret Key'],
	]) {
		if (value === '') throw invalid(`${label} is empty in the storage credential`);
	}
	if (!BUCKET.test(field('bucket'))) {
		throw invalid('Bucket in the storage credential must be only the bucket name, not a URL');
	}
	const regionId = field(regionField(vendorName));
	const region = vendor.regions.find(({ id }) => id === regionId) ?? null;
	if (vendor.regions.length > 0 && region === null) {
		throw invalid(`No region of ${vendor.label} is selected in the storage credential`);
	}
	const credential = {
		vendorName,
		vendor,
		region,
		signingRegion: (region?.id ?? vendor.signingRegion ?? regionId) || 'us-east-1',
		bucket: field('bucket'),
		accessKey: field('accessKey'),
		secretKey,
		sasToken,
		sessionToken: field('sessionToken'),
		sessionExpiresAt: readExpiry(field('sessionExpiresAt'), zone),
		folders: readFolders(field('fileNamePrefix')),
		endpoint: readEndpoint(field('endpoint'), data.allowPlainHttp === true),
		addressing: (field('addressing') || 'pathStyle') as Addressing,
	};
	if (credential.addressing === 'virtualHosted' && isIpAddress(credential.endpoint)) {
		throw invalid(
			`Addressing in the storage credential can't be Virtual-Hosted for the IP address ${credential.endpoint!.hostname}. Select Path-Style.`,
		);
	}
	const problem = vendorName === 'azureBlob' ? checkAzureCredential(credential) : null;
	if (problem !== null) throw invalid(problem);
	return credential;
}

/** @returns Unix milliseconds, null for an empty field */
function readExpiry(value: string, zone: string): number | null {
	if (value === '') return null;
	const time = /^\d+$/.test(value)
		? Number(value) * 1000
		: DateTime.fromISO(value.replace(' ', 'T'), { zone }).toMillis();
	if (!Number.isNaN(time)) return time;
	throw invalid('Session Expires At in the storage credential is not a valid date and time');
}

function readFolders(fileNamePrefix: string): string[] {
	const folders = fileNamePrefix.split('/').filter((folder) => folder !== '');
	if (folders.some((folder) => folder === '.' || folder === '..')) {
		throw invalid(
			'File Name Prefix in the storage credential must not contain "." or ".." as a folder',
		);
	}
	return folders;
}

function isIpAddress(endpoint: URL | null): boolean {
	return endpoint !== null && /^(?:\[.*\]|[\d.]+)$/.test(endpoint.hostname);
}

/** @param value https if it has no scheme */
function readEndpoint(value: string, allowPlainHttp: boolean): URL | null {
	if (value === '') return null;
	const url = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `https://${value}`;
	const endpoint = URL.canParse(url) ? new URL(url) : null;
	if (!endpoint || !/^https?:$/.test(endpoint.protocol)) {
		throw invalid(
			'Endpoint in the storage credential must be a full URL, such as https://s3.example.com',
		);
	}
	if (endpoint.username || endpoint.password || endpoint.search || endpoint.hash) {
		throw invalid(
			'Endpoint in the storage credential must not contain a user name, query or fragment',
		);
	}
	if (!mayCarrySecrets(endpoint, allowPlainHttp)) {
		throw invalid(
			'Endpoint in the storage credential uses unencrypted HTTP. Use HTTPS, or turn on Allow Plain HTTP if you trust the network.',
		);
	}
	return endpoint;
}

function invalid(message: string): Fault {
	return new Fault(message, {
		description: 'Correct it in the Agora Recording Storage API credential.',
		cause: 'configuration-invalid',
	});
}

/** The HTTP Request node still sets these older options. */
type Options = IHttpRequestOptions & {
	uri?: string;
	followRedirect?: boolean;
	followAllRedirects?: boolean;
};

/** On a redirect, n8n removes `Authorization`, but not the session token or other headers of the vendor. */
const NO_REDIRECTS = {
	disableFollowRedirect: true,
	maxRedirects: 0,
	followRedirect: false,
	followAllRedirects: false,
	sendCredentialsOnCrossOriginRedirect: false,
};

/** Headers of an earlier signature, as n8n signs a request again after a 401. */
const SIGNATURE_HEADERS = [
	'authorization',
	'host',
	'x-amz-date',
	'x-amz-content-sha256',
	'x-amz-security-token',
	'x-ms-date',
	'x-ms-version',
];

/**
 * Makes the URL of a request to the bucket absolute and authorizes the request as its vendor requires (n8n: a
 * credential's `authenticate`).
 *
 * @param data the decrypted credential
 * @param options `url` is relative to the bucket, or absolute and inside it; `qs` is added to it
 * @returns the options to send
 * @throws Fault when the credential is invalid, or the URL is outside its bucket
 */
export function signedRequest(
	data: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): IHttpRequestOptions {
	const credential = readStorageCredential(data);
	const { uri, baseURL, qs, body, ...rest } = options as Options;
	const method = (rest.method ?? 'GET').toUpperCase();
	const request = {
		method,
		url: resolveInBucket(
			bucketUrl(credential),
			withQuery(withBase(rest.url || uri || '', baseURL), qs),
		),
		headers: withoutSignature(rest.headers),
		body: ['GET', 'HEAD'].includes(method) ? undefined : toBytes(body),
	};
	const authorize = credential.vendorName === 'azureBlob' ? authorizeAzure : authorizeS3;
	return {
		...rest,
		...authorize(request, credential, new Date()),
		...(request.body !== undefined && { body: request.body }),
		...NO_REDIRECTS,
	};
}

function withBase(url: string, baseURL: string | undefined): string {
	return baseURL && !/^[a-z][a-z\d+.-]*:/i.test(url)
		? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`
		: url;
}

function withQuery(url: string, qs: IHttpRequestOptions['qs']): string {
	const parameters = Object.entries(qs ?? {}).filter(([, value]) => value !== undefined);
	if (parameters.length === 0) return url;
	const query = canonicalQuery(parameters.map(([name, value]) => [name, String(value)]));
	return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

/**
 * Converts strings, arrays and plain objects to bytes: n8n's HTTP client trims or quotes a string it takes for JSON,
 * and the signature covers every byte. Streams and forms are returned unchanged.
 */
function toBytes(body: IHttpRequestOptions['body']): IHttpRequestOptions['body'] {
	if (body === null || body === '') return undefined;
	if (typeof body === 'string') return Buffer.from(body);
	const isPlain = Array.isArray(body) || Object.getPrototypeOf(body ?? '') === Object.prototype;
	if (!isPlain) return body;
	return Object.keys(body ?? {}).length === 0 ? undefined : Buffer.from(JSON.stringify(body));
}

function withoutSignature(headers: IHttpRequestOptions['headers']): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers ?? {})
			.filter(([name, value]) => {
				return value !== undefined && !SIGNATURE_HEADERS.includes(name.toLowerCase());
			})
			.map(([name, value]) => [name, String(value)]),
	);
}
