import { createHash, createHmac } from 'crypto';
import { Fault } from '../http/errors';

/** What signs: the key pair, and the region the storage expects in the signature. */
export interface Signer {
	accessKey: string;
	secretKey: string;
	/** What belongs to temporary keys; '' or absent for lasting ones. */
	sessionToken?: string;
	signingRegion: string;
}

export interface SignableRequest {
	method: string;
	/** Absolute, as `canonicalUrl` spells it. */
	url: string;
	/** The headers to sign besides the host and the signature's own; names in any case. */
	headers?: Record<string, string>;
	/** The bytes to send; null signs the request whatever its body (for a stream). */
	body: string | Buffer | null;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSIGNED = 'UNSIGNED-PAYLOAD';
const MAX_SECONDS = 604_800;

/**
 * Signs a request with Signature Version 4 in its S3 flavour (Amazon S3: authenticating requests with
 * the Authorization header; the path is encoded once and not normalised).
 *
 * @returns the headers to add, by lower-case name; the host header is signed but left to the HTTP client
 */
export function signHeaders(
	request: SignableRequest,
	signer: Signer,
	now: Date,
): Record<string, string> {
	const { host } = new URL(request.url);
	const payload = request.body === null ? UNSIGNED : sha256(request.body);
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
 * Makes an address that lets whoever holds it read one object for a while (Amazon S3: authenticating
 * requests with query parameters). The session token of temporary keys stands in it: S3 wants it there, and
 * without the secret key it signs nothing.
 *
 * @param url absolute, as `canonicalUrl` spells it
 * @param seconds how long it lasts, 1 to 604,800 (seven days, the most S3 allows)
 * @throws Fault for any other lifetime
 */
export function presignUrl(url: string, signer: Signer, seconds: number, now: Date): string {
	checkLifetime(seconds);
	const [address, query] = split(url);
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
	const unsigned = `${address}?${canonicalQuery(parameters)}`;
	const request = { method: 'GET', url: unsigned };
	const signature = sign(canonicalRequest(request, signed, UNSIGNED), signer, now);
	return `${unsigned}&X-Amz-Signature=${signature}`;
}

/** @throws Fault when no download link may last that long */
export function checkLifetime(seconds: number): void {
	if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS) {
		throw new Fault('A download link can last from 1 second to 7 days (604,800 seconds)');
	}
}

function securityToken({ sessionToken }: Signer): Array<[string, string]> {
	return sessionToken ? [['X-Amz-Security-Token', sessionToken]] : [];
}

/**
 * Spells an absolute address the one way that is signed, sent and read alike: every character outside
 * A-Z a-z 0-9 - _ . ~ as UTF-8 %XX (the slashes of the path stay), parameters sorted, each with its `=`.
 *
 * @throws Fault when the path is not URL-encoded text
 */
export function canonicalUrl(url: string): string {
	const { origin, pathname, searchParams } = new URL(url);
	const query = canonicalQuery([...searchParams]);
	return `${origin}${encodePath(decodePath(pathname))}${query && `?${query}`}`;
}

/** @returns the text with its slashes kept and everything else encoded for a URL path */
export function encodePath(path: string): string {
	return path.split('/').map(encode).join('/');
}

/** @throws Fault when a % does not start an encoded character, or the bytes are no UTF-8 */
export function decodePath(path: string): string {
	try {
		return decodeURIComponent(path);
	} catch {
		throw notEncoded();
	}
}

function notEncoded(): Fault {
	return new Fault('The path of this storage address is not properly URL-encoded');
}

/** @returns `name=value` pairs, encoded and in the order that Signature Version 4 asks for */
export function canonicalQuery(parameters: Array<[string, string]>): string {
	return parameters
		.map(([name, value]) => [encode(name), encode(value)] as const)
		.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
		.map((pair) => pair.join('='))
		.join('&');
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** encodeURIComponent leaves ! ' ( ) * alone, S3 does not. By way of a Buffer, half an emoji does not throw. */
function encode(text: string): string {
	return encodeURIComponent(Buffer.from(text).toString()).replace(
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
	const [address, query] = split(url);
	return [method.toUpperCase(), new URL(address).pathname, query, lines, names, payload].join('\n');
}

function sign(request: string, signer: Signer, now: Date): string {
	const date = timestamp(now);
	const { signingRegion } = signer;
	const text = [ALGORITHM, date, scope({ signingRegion }, now), sha256(request)].join('\n');
	return hmac(signingKey(signer, date.slice(0, 8)), text).toString('hex');
}

/** The key for a day and region is the same for all requests, and making it is most of the work. */
let lastKey: { madeOf: string; key: Buffer } = { madeOf: '', key: Buffer.alloc(0) };

function signingKey({ secretKey, signingRegion }: Signer, day: string): Buffer {
	const parts = [day, signingRegion, 's3', 'aws4_request'];
	const madeOf = [secretKey, ...parts].join('\n');
	if (madeOf !== lastKey.madeOf) {
		const start: Buffer = Buffer.from(`AWS4${secretKey}`);
		lastKey = { madeOf, key: parts.reduce((key, part) => hmac(key, part), start) };
	}
	return lastKey.key;
}

function scope({ signingRegion }: Pick<Signer, 'signingRegion'>, now: Date): string {
	return [timestamp(now).slice(0, 8), signingRegion, 's3', 'aws4_request'].join('/');
}

function split(url: string): [address: string, query: string] {
	const [address = '', query = ''] = url.split('?');
	return [address, query];
}

/** @returns e.g. 20261123T101530Z */
function timestamp(now: Date): string {
	return now.toISOString().replace(/[:-]|\.\d{3}/g, '');
}

function sha256(content: string | Buffer): string {
	return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
	return createHmac('sha256', key).update(text).digest();
}
