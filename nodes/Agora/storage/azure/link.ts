import type { Link } from '../bucket';
import type { StorageCredential } from '../credential';
import { canonicalQuery, checkLifetime } from '../signature';
import { API_VERSION, signText } from './sharedKey';

/**
 * Makes an address that lets whoever holds it read a blob.
 *
 * With an account key it opens this one blob, for as long as asked (Azure: Create a service SAS). A
 * signature that the user gave can only be handed on as it is, with all it opens, until it ends by itself:
 * so only one that does nothing but read and list, in this container.
 *
 * @param url the blob's absolute address
 * @param key the blob's name
 * @param seconds how long it lasts, 1 to 604,800
 * @returns null where the user's signature must not be handed on
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
	const { sasToken } = credential;
	if (sasToken !== '') return given(url, sasToken);
	const expiresAt = Math.floor(now.getTime() / 1000 + seconds) * 1000;
	return { url: `${url}?${blobSignature(url, key, credential, expiresAt)}`, expiresAt };
}

function given(url: string, signature: string): Link | null {
	const parameters = new URLSearchParams(signature);
	const ofContainer = parameters.get('sr') === 'c';
	const expiresAt = Date.parse(parameters.get('se') ?? '');
	if (!ofContainer || !/^[rl]+$/.test(parameters.get('sp') ?? '') || Number.isNaN(expiresAt)) {
		return null;
	}
	return { url: `${url}?${canonicalQuery([...parameters])}`, expiresAt };
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
