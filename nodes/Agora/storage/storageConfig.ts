import { Fault } from '../http/errors';
import type { StorageCredential } from './types';

/** Where Agora uploads to (Agora: cloud recording, start, clientRequest.storageConfig). */
export interface StorageConfig extends StoragePlace, StorageKeys {}

export interface StoragePlace {
	vendor: number;
	region: number;
	bucket: string;
	fileNamePrefix?: string[];
	extensionParams?: { endpoint: string };
}

export interface StorageKeys {
	accessKey: string;
	secretKey: string;
	/** Of temporary keys. */
	stsToken?: string;
	/** Unix seconds. */
	stsExpiration?: number;
}

const MAX_PREFIX = 128;
const OTHER_S3_COMPATIBLE = 11;
const FOUR_HOURS_MS = 4 * 3600 * 1000;
/** Agora: stsToken is for Amazon S3, Alibaba Cloud and Tencent Cloud. */
const TAKES_TEMPORARY_KEYS = [1, 2, 3];

/**
 * Puts the storage credential into the words of Agora's start request. It holds the secret key: it goes
 * into a request body and nowhere else.
 *
 * @param moreFolders folders to add after the credential's file name prefix, e.g. the UTC day
 * @throws Fault when the prefix is not what Agora takes, an endpoint is missing, or Agora cannot use the keys
 */
export function storageConfig(
	credential: StorageCredential,
	moreFolders: string[] = [],
): StorageConfig {
	return { ...storagePlace(credential, moreFolders), ...storageKeys(credential) };
}

/** The same without keys, for keys that come from elsewhere. */
export function storagePlace(
	credential: StorageCredential,
	moreFolders: string[] = [],
): StoragePlace {
	const { vendor, region, bucket } = credential;
	const fileNamePrefix = [...credential.folders, ...moreFolders];
	checkPrefix(fileNamePrefix);
	return {
		vendor: vendor.number,
		region: region?.number ?? 0,
		bucket,
		...(fileNamePrefix.length > 0 && { fileNamePrefix }),
		...(vendor.number === OTHER_S3_COMPATIBLE && {
			extensionParams: { endpoint: endpointForAgora(credential) },
		}),
	};
}

function storageKeys(credential: StorageCredential): StorageKeys {
	const { accessKey, secretKey, sessionToken, sessionExpiresAt } = credential;
	if (secretKey === '') {
		throw new Fault('Agora cannot record with a shared access signature', {
			description:
				'It only accepts a key of the storage account. Enter one as Secret Key in the storage credential.',
			cause: 'configuration-invalid',
		});
	}
	if (sessionToken === '') return { accessKey, secretKey };
	checkTemporaryKeys(credential);
	if (sessionExpiresAt === null) {
		throw new Fault('Session Expires At is empty in the storage credential', {
			description: 'Agora requires the expiry time of temporary credentials.',
			cause: 'configuration-invalid',
		});
	}
	const stsExpiration = keysEndAt(sessionExpiresAt, 'Session Expires At');
	return { accessKey, secretKey, stsToken: sessionToken, stsExpiration };
}

/** @throws Fault when Agora does not accept temporary credentials of a vendor */
export function checkTemporaryKeys({ vendor }: StorageCredential): void {
	if (TAKES_TEMPORARY_KEYS.includes(vendor.number)) return;
	throw new Fault(`Agora does not accept temporary credentials for ${vendor.label}`, {
		description:
			'It does for Amazon S3, Alibaba Cloud and Tencent Cloud. Use permanent keys without a Session Token.',
		cause: 'configuration-invalid',
	});
}

/**
 * @param expires when temporary keys end, Unix milliseconds
 * @param field where that was written
 * @returns the same in Unix seconds, as Agora wants it
 * @throws Fault when they end sooner than Agora allows
 */
export function keysEndAt(expires: number, field: string): number {
	if (expires >= Date.now() + FOUR_HOURS_MS) return Math.floor(expires / 1000);
	throw new Fault('The temporary credentials expire too soon', {
		description: `Agora requires "${field}" to be at least four hours from now.`,
		cause: 'configuration-invalid',
	});
}

/**
 * Checks that Agora accepts a prefix. Its page on `storageConfig.fileNamePrefix` names letters and digits; `_` and `-`
 * are accepted as well (seen in buckets of several users). At most 128 characters with the slashes.
 *
 * @throws Fault when it does not
 */
export function checkPrefix(folders: string[]): void {
	const prefix = folders.join('/');
	if (!folders.every((folder) => /^[A-Za-z0-9_-]+$/.test(folder))) {
		throw new Fault(`Agora does not accept the File Name Prefix "${prefix}"`, {
			description:
				'Use only letters (a-z, A-Z), digits, "_" and "-" in its folders, in the Agora Recording Storage API credential.',
			cause: 'configuration-invalid',
		});
	}
	if (prefix.length > MAX_PREFIX) {
		throw new Fault(`The File Name Prefix has ${prefix.length} characters`, {
			description: `Agora accepts at most ${MAX_PREFIX}, slashes and day folder included. Shorten it in the Agora Recording Storage API credential.`,
			cause: 'configuration-invalid',
		});
	}
}

/**
 * @returns the endpoint as Agora expects it, without its scheme
 * @throws Fault when the credential has none
 */
export function endpointForAgora({ endpoint }: StorageCredential): string {
	if (endpoint === null) {
		throw new Fault(
			'Endpoint is empty in the storage credential. S3-compatible storage needs one.',
			{ cause: 'configuration-invalid' },
		);
	}
	return `${endpoint.host}${endpoint.pathname.replace(/\/+$/, '')}`;
}
