import { Fault } from '../http/errors';
import type { Addressing, StorageCredential, StorageTarget } from './types';
import { canonicalUrl, decodePath, encodePath } from './signature';

/** Host names are lowercase, and the vendor's TLS certificate does not cover a bucket name with a dot. */
const VALID_IN_HOST = /^[a-z0-9][a-z0-9-]*$/;

/**
 * @returns the URL of the bucket, without a trailing slash
 *
 * @throws Fault for S3-compatible storage without an endpoint
 */
export function bucketUrl(credential: StorageCredential): string {
	const { bucket } = credential;
	const endpoint = credential.endpoint ?? vendorEndpoint(credential);
	const path = endpoint.pathname.replace(/\/+$/, '');
	switch (addressingOf(credential)) {
		case 'bucketDomain':
			return `${endpoint.origin}${path}`;
		case 'virtualHosted':
			return `${endpoint.protocol}//${bucket}.${endpoint.host}${path}`;
		default:
			return `${endpoint.origin}${path}/${bucket}`;
	}
}

function addressingOf(credential: StorageCredential): Addressing {
	const { vendor, bucket, endpoint } = credential;
	const vendorDefault: Addressing = vendor.pathStyle ? 'pathStyle' : 'virtualHosted';
	const preferred = endpoint ? credential.addressing : vendorDefault;
	return preferred === 'virtualHosted' && !VALID_IN_HOST.test(bucket) ? 'pathStyle' : preferred;
}

function vendorEndpoint({ vendor, region, accessKey }: StorageCredential): URL {
	if (vendor.host === null) {
		throw invalid('Endpoint is empty in the storage credential. S3-compatible storage needs one.');
	}
	return new URL(`https://${vendor.host(region?.id ?? '', accessKey)}`);
}

function invalid(message: string): Fault {
	return new Fault(message, { cause: 'configuration-invalid' });
}

/**
 * @returns the parts of a storage credential that its error messages contain
 *
 * @throws Fault for S3-compatible storage without an endpoint
 */
export function storageTarget(credential: StorageCredential): StorageTarget {
	const { bucket, vendor, signingRegion, endpoint, sessionToken, sasToken } = credential;
	const isAzure = credential.vendorName === 'azureBlob';
	return {
		bucket,
		vendorLabel: vendor.label,
		region: isAzure ? '' : signingRegion,
		endpoint: (endpoint ?? vendorEndpoint(credential)).host,
		custom: endpoint !== null,
		temporary: sessionToken !== '' || sasToken !== '',
	};
}

/**
 * @param bucket from `bucketUrl`
 * @returns the URL of an object
 * @throws Fault for a key with `.` or `..` as a folder, which HTTP clients do not send unchanged
 */
export function objectUrl(bucket: string, key: string): string {
	return `${bucket}/${encodePath(sendableKey(key))}`;
}

/**
 * Makes the URL of a request absolute.
 *
 * @param bucket from `bucketUrl`
 * @param url relative to the bucket (`/<encoded key>`, `/?list-type=2`), or absolute and inside it
 * @returns the URL to sign and send
 * @throws Fault for an absolute URL outside the bucket, and for a key that cannot be sent
 */
export function resolveInBucket(bucket: string, url: string): string {
	const absolute = /^[a-z][a-z\d+.-]*:/i.test(url);
	const [path, query] = absolute ? insideBucket(bucket, url) : splitQuery(url);
	const key = sendableKey(decodePath(path.replace(/^\//, '')));
	// Without a trailing slash for the bucket itself, as some servers do not accept `/bucket/`.
	return canonicalUrl(`${key === '' ? bucket : `${bucket}/${encodePath(key)}`}${query}`);
}

function insideBucket(bucket: string, url: string): [path: string, query: string] {
	const base = new URL(bucket);
	const target = URL.canParse(url) ? new URL(url) : null;
	const folder = base.pathname.replace(/\/$/, '');
	const { origin = '', pathname = '', search = '' } = target ?? {};
	const isInside = pathname === folder || pathname.startsWith(`${folder}/`);
	if (origin !== base.origin || !isInside || target?.username || target?.password) {
		throw invalid(`The storage credential only signs requests to its own bucket (${bucket}).`);
	}
	return [pathname.slice(folder.length), search];
}

function splitQuery(url: string): [path: string, query: string] {
	const index = url.indexOf('?');
	return index < 0 ? [url, ''] : [url.slice(0, index), url.slice(index)];
}

function sendableKey(key: string): string {
	if (key.split('/').some((part) => part === '.' || part === '..')) {
		throw new Fault('A key that contains "/./" or "/../" cannot be requested over HTTP');
	}
	return key;
}
