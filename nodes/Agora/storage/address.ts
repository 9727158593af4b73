import { Fault } from '../http/fault';
import type { Addressing, StorageCredential } from './credential';
import { canonicalUrl, decodePath, encodePath } from './signature';

/** A host can name a bucket only in lower case, and a dot would leave the vendor's TLS certificate. */
const FITS_IN_HOST = /^[a-z0-9][a-z0-9-]*$/;

/**
 * The address of the bucket, without a slash at its end: what stands before `/<key>`.
 *
 * @throws Fault for S3-compatible storage without an endpoint
 */
export function bucketAddress(credential: StorageCredential): string {
	const { bucket } = credential;
	const endpoint = credential.endpoint ?? vendorEndpoint(credential);
	const path = endpoint.pathname.replace(/\/+$/, '');
	switch (addressing(credential)) {
		case 'bucketDomain':
			return `${endpoint.origin}${path}`;
		case 'virtualHosted':
			return `${endpoint.protocol}//${bucket}.${endpoint.host}${path}`;
		default:
			return `${endpoint.origin}${path}/${bucket}`;
	}
}

function addressing(credential: StorageCredential): Addressing {
	const { vendor, bucket, endpoint } = credential;
	const vendors: Addressing = vendor.pathStyle ? 'pathStyle' : 'virtualHosted';
	const wanted = endpoint ? credential.addressing : vendors;
	return wanted === 'virtualHosted' && !FITS_IN_HOST.test(bucket) ? 'pathStyle' : wanted;
}

function vendorEndpoint({ vendor, region, accessKey }: StorageCredential): URL {
	if (vendor.host === null) {
		throw wrong(
			'The Endpoint field of the storage credential is empty. S3-compatible storage needs one.',
		);
	}
	return new URL(`https://${vendor.host(region?.id ?? '', accessKey)}`);
}

function wrong(message: string): Fault {
	return new Fault(message, { cause: 'configuration-invalid' });
}

/**
 * The address of an object.
 *
 * @param bucket what `bucketAddress` gave
 * @param key the object's key, as it is
 * @throws Fault for a key with a `.` or `..` between slashes, which no HTTP client sends unchanged
 */
export function objectAddress(bucket: string, key: string): string {
	return `${bucket}/${encodePath(sendableKey(key))}`;
}

/**
 * Turns the address of a request into the absolute one to sign and send.
 *
 * @param bucket what `bucketAddress` gave
 * @param url relative to the bucket (`/<encoded key>`, `/?list-type=2`), or absolute and inside it
 * @throws Fault for an absolute address outside the bucket, and for a key that cannot be sent
 */
export function resolveInBucket(bucket: string, url: string): string {
	const absolute = /^[a-z][a-z\d+.-]*:/i.test(url);
	const [path, query] = absolute ? insideBucket(bucket, url) : splitQuery(url);
	const key = sendableKey(decodePath(path.replace(/^\//, '')));
	// Without a key there is no slash either: not every server takes `/bucket/` for the bucket.
	return canonicalUrl(`${key === '' ? bucket : `${bucket}/${encodePath(key)}`}${query}`);
}

function insideBucket(bucket: string, url: string): [path: string, query: string] {
	const home = new URL(bucket);
	const target = URL.canParse(url) ? new URL(url) : null;
	const folder = home.pathname.replace(/\/$/, '');
	const { origin = '', pathname = '', search = '' } = target ?? {};
	const inside = pathname === folder || pathname.startsWith(`${folder}/`);
	if (origin !== home.origin || !inside || target?.username || target?.password) {
		throw wrong(
			`The storage credential signs requests to its own bucket only (${bucket}), and this one goes elsewhere.`,
		);
	}
	return [pathname.slice(folder.length), search];
}

function splitQuery(url: string): [path: string, query: string] {
	const at = url.indexOf('?');
	return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at)];
}

function sendableKey(key: string): string {
	if (key.split('/').some((part) => part === '.' || part === '..')) {
		throw new Fault('A key with “.” or “..” between its slashes cannot be asked for over HTTP');
	}
	return key;
}
