import { createHmac } from 'crypto';
import type { AzureKeys } from './credential';

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
 * The version of the Blob service's API that is spoken: an older one writes names that XML cannot hold into
 * its listings as they are (Azure: version 2021-02-12).
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

/** The path as it is sent, and the parameters as they are meant. */
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
