import { Fault } from '../http/errors';
import type { Addressing, StorageCredential } from './types';
import type { StorageTarget } from './errorTexts';
import { canonicalUrl, decodePath, encodePath } from './signature';

/** A host can name a bucket only in lower case, and a dot would leave the vendor's TLS certificate. */
const FITS_IN_HOST = /^[a-z0-9][a-z0-9-]*$/;

/**
 * The URL of the bucket, without a slash at its end: everything before `/<key>`.
 *
 * @throws Fault for S3-compatible storage without an endpoint
 */
export function bucketUrl(credential: StorageCredential): string {
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
		throw wrong('Endpoint is empty in the storage credential. S3-compatible storage needs one.');
	}
	return new URL(`https://${vendor.host(region?.id ?? '', accessKey)}`);
}

function wrong(message: string): Fault {
	return new Fault(message, { cause: 'configuration-invalid' });
}

/**
 * What an error message may say about the storage of a credential.
 *
 * @throws Fault for S3-compatible storage without an endpoint
 */
export function targetOf(credential: StorageCredential): StorageTarget {
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
 * The URL of an object.
 *
 * @param bucket from `bucketUrl`
 * @param key the object's key, as it is
 * @throws Fault for a key with a `.` or `..` between slashes, which no HTTP client sends unchanged
 */
export function objectUrl(bucket: string, key: string): string {
	return `${bucket}/${encodePath(sendableKey(key))}`;
}

/**
 * Makes the URL of a request absolute, to be signed and sent.
 *
 * @param bucket from `bucketUrl`
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
		throw wrong(`The storage credential only signs requests to its own bucket (${bucket}).`);
	}
	return [pathname.slice(folder.length), search];
}

function splitQuery(url: string): [path: string, query: string] {
	const at = url.indexOf('?');
	return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at)];
}

function sendableKey(key: string): string {
	if (key.split('/').some((part) => part === '.' || part === '..')) {
		throw new Fault('A key that contains "/./" or "/../" cannot be requested over HTTP');
	}
	return key;
}
