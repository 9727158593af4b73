import { createHash, createHmac, createSecretKey, type KeyObject } from 'crypto';
import { Fault } from '../http/errors';
import type { BareRequest } from './types';

/** The key pair that signs, and the region that the storage expects in signatures. */
export interface Signer {
	accessKey: string;
	secretKey: string;
	/** Of temporary credentials; '' or unset for permanent ones. */
	sessionToken?: string;
	signingRegion: string;
}

export interface SignableRequest {
	method: string;
	/** Absolute, as returned by `canonicalUrl`. */
	url: string;
	/** Headers to sign in addition to the host and those of the signature. */
	headers?: Record<string, string>;
	/** Null for a stream, which leaves the body out of the signature. */
	body: string | Buffer | null;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
const MAX_SECONDS = 604_800;

/**
 * Signs a request to S3 (n8n: a credential's `authenticate`). Signs the `x-amz-` headers, and the content type of a
 * request with a body.
 */
export function authorizeS3(
	{ method, url, headers, body }: BareRequest,
	signer: Signer,
	now: Date,
): Pick<BareRequest, 'url' | 'headers'> {
	const isSigned = (name: string) =>
		name.startsWith('x-amz-') || (name === 'content-type' && body !== undefined);
	const toSign: SignableRequest = {
		method,
		url,
		headers: Object.fromEntries(
			Object.entries(headers).filter(([name]) => isSigned(name.toLowerCase())),
		),
		body: body === undefined ? '' : Buffer.isBuffer(body) ? body : null,
	};
	return { url, headers: { ...headers, ...signHeaders(toSign, signer, now) } };
}

/**
 * Signs a request with Signature Version 4 (Amazon S3: authenticating requests with the Authorization header). For S3,
 * the path is encoded once and not normalized.
 *
 * @returns the headers to add, with names in lower case; the host is signed but set by the HTTP client
 */
export function signHeaders(
	request: SignableRequest,
	signer: Signer,
	now: Date,
): Record<string, string> {
	const { host } = new URL(request.url);
	const payload = request.body === null ? UNSIGNED_PAYLOAD : sha256(request.body);
	const own = {
		'x-amz-content-sha256': payload,
		'x-amz-date': timestamp(now),
		...(signer.sessionToken && { 'x-amz-security-token': signer.sessionToken }),
	};
	const signed = canonicalHeaders({ ...request.headers, ...own, host });
	const signature = sign(canonicalRequest(request, signed, payload), signer, now);
	const credential = `Credential=${signer.accessKey}/${scope(signer, now)}`;
	return {
		...own,
		authorization: `${ALGORITHM} ${credential}, SignedHeaders=${signed.names}, Signature=${signature}`,
	};
}

/**
 * Creates a presigned URL, with which anyone can read one object (Amazon S3: authenticating requests with query
 * parameters). It contains the session token of temporary credentials, as S3 requires; without the secret key, the
 * token cannot sign requests.
 *
 * @param url absolute, as returned by `canonicalUrl`
 * @param seconds lifetime, 1 to 604,800 (7 days, the maximum of S3)
 * @throws Fault for any other lifetime
 */
export function presignUrl(url: string, signer: Signer, seconds: number, now: Date): string {
	checkLifetime(seconds);
	const [base, query] = split(url);
	const signed = canonicalHeaders({ host: new URL(url).host });
	const parameters: Array<[string, string]> = [
		...new URLSearchParams(query),
		['X-Amz-Algorithm', ALGORITHM],
		['X-Amz-Credential', `${signer.accessKey}/${scope(signer, now)}`],
		['X-Amz-Date', timestamp(now)],
		['X-Amz-Expires', String(seconds)],
		...securityToken(signer),
		['X-Amz-SignedHeaders', signed.names],
	];
	const unsigned = `${base}?${canonicalQuery(parameters)}`;
	const request = { method: 'GET', url: unsigned };
	const signature = sign(canonicalRequest(request, signed, UNSIGNED_PAYLOAD), signer, now);
	return `${unsigned}&X-Amz-Signature=${signature}`;
}

/** @throws Fault when a download link cannot have this lifetime */
export function checkLifetime(seconds: number): void {
	if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS) {
		throw new Fault(
			'The lifetime of a download link must be from 1 second to 7 days (604,800 seconds)',
		);
	}
}

function securityToken({ sessionToken }: Signer): Array<[string, string]> {
	return sessionToken ? [['X-Amz-Security-Token', sessionToken]] : [];
}

/**
 * Normalizes an absolute URL, so that the same URL is signed, sent and parsed: percent-encodes every character
 * except A-Z a-z 0-9 - _ . ~ and the slashes of the path, and sorts the parameters.
 *
 * @throws Fault when the path is not properly URL-encoded
 */
export function canonicalUrl(url: string): string {
	const { origin, pathname, searchParams } = new URL(url);
	const query = canonicalQuery([...searchParams]);
	return `${origin}${encodePath(decodePath(pathname))}${query && `?${query}`}`;
}

/** Percent-encodes an object key for the path of a URL. Keeps slashes. */
export function encodePath(path: string): string {
	return path.split('/').map(encode).join('/');
}

/** @throws Fault when a % does not start an encoded byte, or the bytes are not UTF-8 */
export function decodePath(path: string): string {
	try {
		return decodeURIComponent(path);
	} catch {
		throw notEncoded();
	}
}

function notEncoded(): Fault {
	return new Fault('The path of this storage URL is not properly URL-encoded');
}

/** @returns the query, encoded and in the order that Signature Version 4 requires */
export function canonicalQuery(parameters: Array<[string, string]>): string {
	return parameters
		.map(([name, value]) => [encode(name), encode(value)] as const)
		.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
		.map((pair) => pair.join('='))
		.join('&');
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Also encodes ! ' ( ) *, as S3 does. The Buffer replaces lone surrogates, for which encodeURIComponent throws. */
function encode(value: string): string {
	return encodeURIComponent(Buffer.from(value).toString()).replace(
		/[!'()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}

function canonicalHeaders(headers: Record<string, string>): { names: string; lines: string } {
	const sorted = Object.entries(headers)
		.map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')] as const)
		.sort(([a], [b]) => compare(a, b));
	return {
		names: sorted.map(([name]) => name).join(';'),
		lines: sorted.map((pair) => `${pair.join(':')}\n`).join(''),
	};
}

function canonicalRequest(
	{ method, url }: Pick<SignableRequest, 'method' | 'url'>,
	{ names, lines }: { names: string; lines: string },
	payload: string,
): string {
	const [base, query] = split(url);
	return [method.toUpperCase(), new URL(base).pathname, query, lines, names, payload].join('\n');
}

function sign(request: string, signer: Signer, now: Date): string {
	const date = timestamp(now);
	const { signingRegion } = signer;
	const stringToSign = [ALGORITHM, date, scope({ signingRegion }, now), sha256(request)].join('\n');
	return hmac(signingKey(signer, date.slice(0, 8)), stringToSign).toString('hex');
}

/** Cached, as deriving the key of a day and region is most of the work of a signature. */
let lastKey: { derivedFrom: string; key: KeyObject } | undefined;

function signingKey({ secretKey, signingRegion }: Signer, day: string): KeyObject {
	const parts = [day, signingRegion, 's3', 'aws4_request'];
	const derivedFrom = [secretKey, ...parts].join('\n');
	if (derivedFrom !== lastKey?.derivedFrom) {
		const start: Buffer = Buffer.from(`AWS4${secretKey}`);
		const key = createSecretKey(parts.reduce((before, part) => hmac(before, part), start));
		lastKey = { derivedFrom, key };
	}
	return lastKey.key;
}

function scope({ signingRegion }: Pick<Signer, 'signingRegion'>, now: Date): string {
	return [timestamp(now).slice(0, 8), signingRegion, 's3', 'aws4_request'].join('/');
}

function split(url: string): [base: string, query: string] {
	const [base = '', query = ''] = url.split('?');
	return [base, query];
}

/** @returns e.g. 20261123T101530Z */
function timestamp(now: Date): string {
	return now.toISOString().replace(/[:-]|\.\d{3}/g, '');
}

function sha256(content: string | Buffer): string {
	return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Buffer | KeyObject, content: string): Buffer {
	return createHmac('sha256', key).update(content).digest();
}
