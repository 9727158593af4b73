import { createHmac } from 'node:crypto';
import {
	BlobSASPermissions,
	ContainerSASPermissions,
	SASProtocol,
	StorageSharedKeyCredential,
	generateBlobSASQueryParameters,
} from '@azure/storage-blob';

export interface AzureAccount {
	name: string;
	/** In base64. */
	key: string;
}

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
 * @param url path and query as they were sent
 * @returns the Authorization header that the request must have (Azure Storage: Authorize with Shared Key)
 */
export function sharedKeyOf(
	account: AzureAccount,
	method: string,
	url: string,
	headers: Record<string, string>,
): string {
	const { pathname, searchParams } = new URL(url, 'http://localhost');
	const own = Object.keys(headers)
		.filter((name) => name.startsWith('x-ms-'))
		.sort()
		.map((name) => `${name}:${headers[name]!.trim()}`);
	const names = [...new Set([...searchParams.keys()].map((name) => name.toLowerCase()))].sort();
	const values = (name: string) =>
		[...searchParams].filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
	const text = [
		method,
		...SIGNED_HEADERS.map((name) =>
			name === 'content-length' && headers[name] === '0' ? '' : (headers[name] ?? ''),
		),
		...own,
		[
			`/${account.name}${pathname}`,
			...names.map((name) => `${name}:${values(name).sort().join(',')}`),
		].join('\n'),
	].join('\n');
	const hmac = createHmac('sha256', Buffer.from(account.key, 'base64'));
	return `SharedKey ${account.name}:${hmac.update(text).digest('base64')}`;
}

/**
 * Checks a shared access signature for a container or one blob; the signature itself is computed by Azure's own
 * library.
 *
 * @returns what it permits, such as `rl`; null when it does not hold for this blob, or no longer
 */
export function permissionsOf(
	account: AzureAccount,
	container: string,
	blob: string,
	query: URLSearchParams,
	now: number,
): string | null {
	const permissions = query.get('sp') ?? '';
	const isForBlob = query.get('sr') === 'b';
	const expiresOn = new Date(query.get('se') ?? '');
	const startsOn = query.get('st');
	if (Number.isNaN(expiresOn.getTime()) || (isForBlob && blob === '')) return null;
	const expected = generateBlobSASQueryParameters(
		{
			containerName: container,
			...(isForBlob && { blobName: blob }),
			permissions: isForBlob
				? BlobSASPermissions.parse(permissions)
				: ContainerSASPermissions.parse(permissions),
			expiresOn,
			...(startsOn !== null && { startsOn: new Date(startsOn) }),
			...(query.has('spr') && { protocol: query.get('spr') as SASProtocol }),
			version: query.get('sv') ?? '',
		},
		new StorageSharedKeyCredential(account.name, account.key),
	);
	if (expected.signature !== query.get('sig') || now > expiresOn.getTime()) return null;
	return startsOn !== null && now < Date.parse(startsOn) ? null : permissions;
}
