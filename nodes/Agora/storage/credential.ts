import { DateTime } from 'luxon';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { type Context, memoizePerExecution } from '../http/concurrency';
import { Fault } from '../http/errors';
import { mayCarrySecrets } from '../http/request';
import { checkAzureCredential } from './azure/auth';
import type { Addressing, StorageCredential } from './types';
import { findVendor, regionField } from './vendors';

/** Nearly everything is allowed but what would change the meaning of a URL. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** Whether a storage credential is connected to the node that runs. */
export const hasStorageCredential = memoizePerExecution(
	(context) => context.getNode().credentials?.agoraStorageApi !== undefined,
);

/**
 * Reads the storage credential of the node that runs.
 *
 * @throws Fault when none is connected, or a value is missing or cannot be right
 */
export async function loadStorageCredential(context: Context): Promise<StorageCredential> {
	return readStorageCredential(await loadCredentialData(context), context.getTimezone());
}

/**
 * Decrypts the storage credential of the node that runs.
 *
 * @throws Fault when none is connected
 */
export async function loadCredentialData(
	context: Context,
): Promise<ICredentialDataDecryptedObject> {
	if (!hasStorageCredential(context)) {
		throw new Fault('No Agora Recording Storage API credential is connected to this node', {
			description:
				'Recordings are found in your bucket. Choose or create its credential at the top of the node.',
			cause: 'configuration-invalid',
		});
	}
	return await context.getCredentials('agoraStorageApi');
}

/**
 * Checks the decrypted values of an Agora Recording Storage credential.
 *
 * @param zone time zone of a time that names none
 * @throws Fault when a value is missing or cannot be right
 */
export function readStorageCredential(
	data: ICredentialDataDecryptedObject,
	zone = 'utc',
): StorageCredential {
	const text = (name: string) => String(data[name] ?? '').trim();
	const vendorName = text('vendor');
	const vendor = findVendor(vendorName);
	if (!vendor) throw wrong('No vendor is chosen in the storage credential');
	const secretKey = text('secretKey');
	const sasToken =
		vendorName === 'azureBlob' && secretKey === '' ? text('sasToken').replace(/^[^?]*\?/, '') : '';
	for (const [value, label] of [
		[text('bucket'), 'Bucket'],
		[text('accessKey'), 'Access Key'],
		[secretKey || sasToken, 'Secret Key'],
	]) {
		if (value === '') throw wrong(`${label} is empty in the storage credential`);
	}
	if (!BUCKET.test(text('bucket'))) {
		throw wrong(
			'Bucket must be the name of the bucket alone, not a URL, in the storage credential',
		);
	}
	const regionId = text(regionField(vendorName));
	const region = vendor.regions.find(({ id }) => id === regionId) ?? null;
	if (vendor.regions.length > 0 && region === null) {
		throw wrong(`No region of ${vendor.label} is chosen in the storage credential`);
	}
	const credential = {
		vendorName,
		vendor,
		region,
		signingRegion: (region?.id ?? vendor.signingRegion ?? regionId) || 'us-east-1',
		bucket: text('bucket'),
		accessKey: text('accessKey'),
		secretKey,
		sasToken,
		sessionToken: text('sessionToken'),
		sessionExpiresAt: readExpiry(text('sessionExpiresAt'), zone),
		folders: readFolders(text('fileNamePrefix')),
		endpoint: readEndpoint(text('endpoint'), data.allowPlainHttp === true),
		addressing: (text('addressing') || 'pathStyle') as Addressing,
	};
	if (credential.addressing === 'virtualHosted' && isIpAddress(credential.endpoint)) {
		throw wrong(
			`Addressing cannot be Virtual-Hosted with the IP address ${credential.endpoint!.hostname}: use Path-Style in the storage credential`,
		);
	}
	const fault = vendorName === 'azureBlob' ? checkAzureCredential(credential) : null;
	if (fault !== null) throw wrong(fault);
	return credential;
}

/** @returns Unix milliseconds, null for an empty field */
function readExpiry(text: string, zone: string): number | null {
	if (text === '') return null;
	const time = /^\d+$/.test(text)
		? Number(text) * 1000
		: DateTime.fromISO(text.replace(' ', 'T'), { zone }).toMillis();
	if (!Number.isNaN(time)) return time;
	throw wrong('Session Expires At is not a time in the storage credential');
}

function readFolders(fileNamePrefix: string): string[] {
	const folders = fileNamePrefix.split('/').filter((folder) => folder !== '');
	if (folders.some((folder) => folder === '.' || folder === '..')) {
		throw wrong(
			'File Name Prefix must not contain "." or ".." as a folder in the storage credential',
		);
	}
	return folders;
}

function isIpAddress(endpoint: URL | null): boolean {
	return endpoint !== null && /^(?:\[.*\]|[\d.]+)$/.test(endpoint.hostname);
}

/** @param text with or without scheme; without one it is https */
function readEndpoint(text: string, allowPlainHttp: boolean): URL | null {
	if (text === '') return null;
	const url = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
	const endpoint = URL.canParse(url) ? new URL(url) : null;
	if (!endpoint || !/^https?:$/.test(endpoint.protocol)) {
		throw wrong(
			'Endpoint must be a full URL such as https://s3.example.com in the storage credential',
		);
	}
	if (endpoint.username || endpoint.password || endpoint.search || endpoint.hash) {
		throw wrong(
			'Endpoint must not contain a user name, a query or a fragment in the storage credential',
		);
	}
	if (!mayCarrySecrets(endpoint, allowPlainHttp)) {
		throw wrong(
			'Endpoint uses unencrypted HTTP in the storage credential. Use HTTPS, or enable Allow Plain HTTP on a trusted network.',
		);
	}
	return endpoint;
}

function wrong(message: string): Fault {
	return new Fault(message, {
		description: 'Correct it in the Agora Recording Storage API credential.',
		cause: 'configuration-invalid',
	});
}
