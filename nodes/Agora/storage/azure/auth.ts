import { createHmac } from 'crypto';
import { Fault } from '../../http/errors';
import type { BareRequest, Link, StorageCredential } from '../types';
import { canonicalQuery, checkLifetime } from '../signature';

/** Azure: naming rules for storage accounts. The name becomes part of the host. */
const ACCOUNT = /^[a-z0-9]{3,24}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @returns an error message, null for a valid credential */
export function checkAzureCredential({
	accessKey,
	secretKey,
	sasToken,
}: Pick<StorageCredential, 'accessKey' | 'secretKey' | 'sasToken'>): string | null {
	if (!ACCOUNT.test(accessKey)) {
		return 'Access Key in the storage credential must be the name of the Azure storage account: 3 to 24 lowercase letters and digits';
	}
	if (!BASE64.test(secretKey)) {
		return 'Secret Key in the storage credential must be a key of the Azure storage account, in base64. To use a shared access signature, leave Secret Key empty; its field then appears.';
	}
	if (secretKey === '' && !new URLSearchParams(sasToken).has('sig')) {
		return 'Shared Access Signature in the storage credential must contain "sig="';
	}
	return null;
}

/**
 * Authorizes a request to Azure with the account key, or without one by adding the shared access signature to the URL.
 *
 * @throws Fault for a body of unknown length, which an account key cannot sign
 */
export function authorizeAzure(
	{ method, url: requestUrl, headers, body }: BareRequest,
	credential: StorageCredential,
	now: Date,
): Pick<BareRequest, 'url' | 'headers'> {
	const { sasToken } = credential;
	const url = withoutEmptyParameters(requestUrl);
	if (sasToken !== '') {
		return {
			url: withSignature(url, sasToken),
			headers: { ...headers, 'x-ms-version': API_VERSION },
		};
	}
	const toSign = { ...(body !== undefined && DEFAULT_TYPE), ...lowerCase(headers) };
	const request = { method, url, headers: toSign, length: lengthOf(body, toSign) };
	return { url, headers: { ...toSign, ...signWithSharedKey(request, credential, now) } };
}

/** Otherwise the HTTP client adds one, which is not signed. */
const DEFAULT_TYPE = { 'content-type': 'application/octet-stream' };

/** Implementations of the service sign parameters without a value differently. */
function withoutEmptyParameters(url: string): string {
	const { origin, pathname, searchParams } = new URL(url);
	const query = canonicalQuery([...searchParams].filter(([, value]) => value !== ''));
	return `${origin}${pathname}${query && `?${query}`}`;
}

function withSignature(url: string, signature: string): string {
	const { origin, pathname, searchParams } = new URL(url);
	const ofSignature = new URLSearchParams(signature);
	const others = [...searchParams].filter(([name]) => !ofSignature.has(name));
	return `${origin}${pathname}?${canonicalQuery([...others, ...ofSignature])}`;
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
	);
}

function lengthOf(body: BareRequest['body'], headers: Record<string, string>): number {
	if (body === undefined) return 0;
	if (Buffer.isBuffer(body)) return body.length;
	const length = Number(headers['content-length'] ?? NaN);
	if (Number.isSafeInteger(length)) return length;
	throw new Fault('Azure requires the length of a body before it is sent', {
		description: 'Add the header Content-Length to the request.',
	});
}

export interface AzureRequest {
	method: string;
	/** Absolute, as it is sent. */
	url: string;
	/** All headers to sign, with names in lower case. */
	headers: Record<string, string>;
	/** Bytes of the body; 0 without one. */
	length: number;
}

/**
 * The version of the Blob service API. Before 2021-02-12, listings contain names that are not valid in XML.
 */
export const API_VERSION = '2023-11-03';

const SIGNED_HEADERS = [
	'content-encoding',
	'content-language',
	'content-length',
	'content-md5',
	'content-type',
	'date',
	'if-modified-since',
	'if-match',
	'if-none-match',
	'if-unmodified-since',
	'range',
];

/**
 * Signs a request with an account key (Azure: Authorize with Shared Key).
 *
 * @returns the headers to add, with names in lower case
 */
export function signWithSharedKey(
	request: AzureRequest,
	{ accessKey, secretKey }: Pick<StorageCredential, 'accessKey' | 'secretKey'>,
	now: Date,
): Record<string, string> {
	const own = { 'x-ms-date': now.toUTCString(), 'x-ms-version': API_VERSION };
	const length = request.length > 0 ? String(request.length) : '';
	const headers: Record<string, string> = { ...request.headers, 'content-length': length, ...own };
	const stringToSign = [
		request.method.toUpperCase(),
		...SIGNED_HEADERS.map((name) => headers[name] ?? ''),
		...canonicalHeaders(headers),
		canonicalResource(request.url, accessKey),
	].join('\n');
	return {
		...own,
		authorization: `SharedKey ${accessKey}:${sign(stringToSign, secretKey)}`,
	};
}

/** @param secretKey in base64 */
function sign(stringToSign: string, secretKey: string): string {
	return createHmac('sha256', Buffer.from(secretKey, 'base64'))
		.update(stringToSign)
		.digest('base64');
}

function canonicalHeaders(headers: Record<string, string>): string[] {
	return Object.keys(headers)
		.filter((name) => name.startsWith('x-ms-'))
		.sort()
		.map((name) => `${name}:${headers[name]!.trim()}`);
}

/** The encoded path and the decoded parameters. */
function canonicalResource(url: string, account: string): string {
	const { pathname, searchParams } = new URL(url);
	const values = new Map<string, string[]>();
	for (const [name, value] of searchParams) {
		const key = name.toLowerCase();
		values.set(key, [...(values.get(key) ?? []), value]);
	}
	const parameters = [...values.keys()]
		.sort()
		.map((name) => `\n${name}:${values.get(name)!.sort().join(',')}`);
	return `/${account}${pathname}${parameters.join('')}`;
}

/**
 * Creates a URL with which anyone can read one blob (Azure: Create a service SAS).
 *
 * @param url the blob's absolute URL
 * @param key the blob's name
 * @param seconds lifetime, 1 to 604,800
 * @returns null without the account key: the user's shared access signature is a secret and cannot be limited to one
 *   blob
 * @throws Fault for any other lifetime
 */
export function blobLink(
	url: string,
	key: string,
	credential: StorageCredential,
	seconds: number,
	now: Date,
): Link | null {
	checkLifetime(seconds);
	if (credential.sasToken !== '') return null;
	const expiresAt = Math.floor(now.getTime() / 1000 + seconds) * 1000;
	return { url: `${url}?${blobSignature(url, key, credential, expiresAt)}`, expiresAt };
}

/** Fields without a value are signed as empty lines. */
function blobSignature(
	url: string,
	key: string,
	{ accessKey, secretKey, bucket }: StorageCredential,
	expiresAt: number,
): string {
	const permissions = 'r';
	const expiry = new Date(expiresAt).toISOString().replace('.000', '');
	const protocol = url.startsWith('https:') ? 'https' : 'https,http';
	const resource = 'b';
	const stringToSign = [
		permissions,
		'', // start
		expiry,
		`/blob/${accessKey}/${bucket}/${key}`,
		'', // identifier
		'', // IP addresses
		protocol,
		API_VERSION,
		resource,
		'', // snapshot
		'', // encryption scope
		'', // Cache-Control
		'', // Content-Disposition
		'', // Content-Encoding
		'', // Content-Language
		'', // Content-Type
	].join('\n');
	return canonicalQuery([
		['sp', permissions],
		['se', expiry],
		['spr', protocol],
		['sv', API_VERSION],
		['sr', resource],
		['sig', sign(stringToSign, secretKey)],
	]);
}
