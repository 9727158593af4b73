import { Fault } from '../http/errors';
import type { StorageCredential } from './types';

/** Where Agora uploads files (Agora: cloud recording, `start`, `storageConfig`). */
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
	/** Only with temporary credentials. */
	stsToken?: string;
	/** Unix seconds. */
	stsExpiration?: number;
}

const MAX_PREFIX = 128;
const OTHER_S3_COMPATIBLE = 11;
const FOUR_HOURS_MS = 4 * 3600 * 1000;
/** Agora: `stsToken` is supported for Amazon S3, Alibaba Cloud and Tencent Cloud. */
const SUPPORTS_TEMPORARY_KEYS = [1, 2, 3];

/**
 * Converts the storage credential to Agora's `storageConfig`. It contains the secret key, so it must only be used in a
 * request body.
 *
 * @param moreFolders folders to add to the credential's file name prefix, such as the UTC day
 * @throws Fault when Agora does not accept the prefix or the credentials, or when an endpoint is missing
 */
export function storageConfig(
	credential: StorageCredential,
	moreFolders: string[] = [],
): StorageConfig {
	return { ...storagePlace(credential, moreFolders), ...storageKeys(credential) };
}

/** @returns `storageConfig` without credentials, for Update, which sets new ones */
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
	const stsExpiration = stsExpirationAt(sessionExpiresAt, 'Session Expires At');
	return { accessKey, secretKey, stsToken: sessionToken, stsExpiration };
}

/** @throws Fault when Agora does not accept temporary credentials of a vendor */
export function checkTemporaryKeys({ vendor }: StorageCredential): void {
	if (SUPPORTS_TEMPORARY_KEYS.includes(vendor.number)) return;
	throw new Fault(`Agora does not accept temporary credentials for ${vendor.label}`, {
		description:
			'It does for Amazon S3, Alibaba Cloud and Tencent Cloud. Use permanent keys without a Session Token.',
		cause: 'configuration-invalid',
	});
}

/**
 * @param expires when temporary credentials expire, Unix milliseconds
 * @param field the label of the field with that time
 * @returns `stsExpiration`, Unix seconds
 * @throws Fault when they expire earlier than Agora allows
 */
export function stsExpirationAt(expires: number, field: string): number {
	if (expires >= Date.now() + FOUR_HOURS_MS) return Math.floor(expires / 1000);
	throw new Fault('The temporary credentials expire too soon', {
		description: `Agora requires "${field}" to be at least four hours from now.`,
		cause: 'configuration-invalid',
	});
}

/**
 * Checks that Agora accepts a file name prefix: at most 128 characters, including slashes. Its documentation of
 * `fileNamePrefix` mentions only letters and digits, but it accepts `_` and `-` (observed in several buckets).
 *
 * @throws Fault when Agora does not accept it
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
			description: `Agora accepts at most ${MAX_PREFIX}, including slashes and the day folder. Shorten it in the Agora Recording Storage API credential.`,
			cause: 'configuration-invalid',
		});
	}
}

/**
 * @returns the credential's endpoint without its scheme, as Agora expects it
 * @throws Fault when the credential has no endpoint
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
