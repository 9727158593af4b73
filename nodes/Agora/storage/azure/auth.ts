import { createHmac } from 'crypto';
import { Fault } from '../../http/errors';
import type { BareRequest, Link, StorageCredential } from '../types';
import { canonicalQuery, checkLifetime } from '../signature';

/** Azure's part of the storage credential: account, and key or signature. */
export interface AzureKeys {
	/** The name of the storage account. */
	accessKey: string;
	/** A key of the account, in base64; '' where the signature is used instead. */
	secretKey: string;
	/** A shared access signature, as a query without its question mark; '' for none. */
	sasToken: string;
}

/** Azure: naming rules for storage accounts. It becomes part of the host. */
const ACCOUNT = /^[a-z0-9]{3,24}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @returns what cannot be right about the keys, null when they may be */
export function checkAzureCredential(keys: AzureKeys): string | null {
	if (!ACCOUNT.test(keys.accessKey)) {
		return 'Access Key must be the name of the Azure storage account: 3 to 24 lower-case letters and digits.';
	}
	if (!BASE64.test(keys.secretKey)) {
		return 'Secret Key is not a key of an Azure storage account, which is base64. For a shared access signature, leave Secret Key empty: its field then appears.';
	}
	if (keys.secretKey === '' && !new URLSearchParams(keys.sasToken).has('sig')) {
		return 'Shared Access Signature is not a signature: it contains no "sig=".';
	}
	return null;
}

/**
 * Authorizes a request to Azure with the account key, or else with the user's shared access signature, which goes
 * into the URL.
 *
 * @throws Fault for a body of unknown length, which no account key can sign
 */
export function authorizeAzure(
	{ method, url: given, headers, body }: BareRequest,
	credential: StorageCredential,
	now: Date,
): Pick<BareRequest, 'url' | 'headers'> {
	const { sasToken } = credential;
	const url = withoutEmpty(given);
	if (sasToken !== '') {
		return {
			url: withSignature(url, sasToken),
			headers: { ...headers, 'x-ms-version': API_VERSION },
		};
	}
	const sent = { ...(body !== undefined && DEFAULT_TYPE), ...lowerCase(headers) };
	const request = { method, url, headers: sent, length: lengthOf(body, sent) };
	return { url, headers: { ...sent, ...signWithSharedKey(request, credential, now) } };
}

/** The HTTP client would add one that is not signed. */
const DEFAULT_TYPE = { 'content-type': 'application/octet-stream' };

/** Services sign parameters without a value in different ways. */
function withoutEmpty(url: string): string {
	const { origin, pathname, searchParams } = new URL(url);
	const query = canonicalQuery([...searchParams].filter(([, value]) => value !== ''));
	return `${origin}${pathname}${query && `?${query}`}`;
}

function withSignature(url: string, signature: string): string {
	const { origin, pathname, searchParams } = new URL(url);
	const ours = new URLSearchParams(signature);
	const others = [...searchParams].filter(([name]) => !ours.has(name));
	return `${origin}${pathname}?${canonicalQuery([...others, ...ours])}`;
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
	/** Absolute, spelled as it is sent. */
	url: string;
	/** Every header that the signature looks at, names in lower case. */
	headers: Record<string, string>;
	/** Bytes of the body; 0 for none. */
	length: number;
}

/**
 * The version of the Blob service's API. Versions before 2021-02-12 write names that XML cannot contain into
 * listings as they are.
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
 * @returns the headers to add, by lower-case name
 */
export function signWithSharedKey(
	request: AzureRequest,
	keys: Pick<AzureKeys, 'accessKey' | 'secretKey'>,
	now: Date,
): Record<string, string> {
	const own = { 'x-ms-date': now.toUTCString(), 'x-ms-version': API_VERSION };
	const length = request.length > 0 ? String(request.length) : '';
	const headers: Record<string, string> = { ...request.headers, 'content-length': length, ...own };
	const text = [
		request.method.toUpperCase(),
		...SIGNED_HEADERS.map((name) => headers[name] ?? ''),
		...canonicalHeaders(headers),
		canonicalResource(request.url, keys.accessKey),
	].join('\n');
	return {
		...own,
		authorization: `SharedKey ${keys.accessKey}:${signText(text, keys.secretKey)}`,
	};
}

/** @param secretKey in base64 */
export function signText(text: string, secretKey: string): string {
	return createHmac('sha256', Buffer.from(secretKey, 'base64')).update(text).digest('base64');
}

function canonicalHeaders(headers: Record<string, string>): string[] {
	return Object.keys(headers)
		.filter((name) => name.startsWith('x-ms-'))
		.sort()
		.map((name) => `${name}:${headers[name]!.trim()}`);
}

/** The path as it is sent, and the parameters decoded. */
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
 * Makes a URL that gives anyone who has it read access to one blob (Azure: Create a service SAS).
 *
 * @param url the blob's absolute URL
 * @param key the blob's name
 * @param seconds how long it is valid, 1 to 604,800
 * @returns null without the account key: the user's signature cannot be narrowed to one blob, and is a
 *   secret
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

/** Empty fields are signed as empty lines. */
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
	const text = [
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
		['sig', signText(text, secretKey)],
	]);
}
