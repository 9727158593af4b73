import type { Link } from '../bucket';
import type { StorageCredential } from '../credential';
import { canonicalQuery, checkLifetime } from '../signature';
import { API_VERSION, signText } from './sharedKey';

/**
 * Makes an address that lets whoever holds it read one blob, for as long as asked (Azure: Create a service SAS).
 *
 * @param url the blob's absolute address
 * @param key the blob's name
 * @param seconds how long it lasts, 1 to 604,800
 * @returns null without the account key: a signature that the user gave cannot be narrowed to one blob, and is a
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

/** Fields that are empty are signed, too, each as a line. */
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
