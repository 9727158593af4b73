import { Fault } from '../../http/fault';
import type { StorageCredential } from '../credential';
import { canonicalQuery } from '../signature';
import type { BareRequest } from '../signedRequest';
import { API_VERSION, signWithSharedKey } from './sharedKey';

/**
 * Proves to Azure who sends a request: with the account key, or else with the user's shared access signature,
 * which goes into the address.
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

/** The HTTP client would add one of its own, which nobody has signed. */
const DEFAULT_TYPE = { 'content-type': 'application/octet-stream' };

/** Parameters without a value say nothing, and not all agree on how to sign them. */
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
	throw new Fault('Azure wants to know how long a body is before it is sent', {
		description: 'Give the header Content-Length along with it.',
	});
}
