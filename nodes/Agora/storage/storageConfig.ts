import { Fault } from '../http/fault';
import type { StorageCredential } from './credential';

/** Where Agora uploads to (Agora: cloud recording, start, clientRequest.storageConfig). */
export interface StorageConfig {
	vendor: number;
	region: number;
	bucket: string;
	accessKey: string;
	secretKey: string;
	fileNamePrefix?: string[];
	extensionParams?: { endpoint: string };
}

const MAX_PREFIX = 128;
const OTHER_S3_COMPATIBLE = 11;

/**
 * Puts the storage credential into the words of Agora's start request. It holds the secret key: it goes
 * into a request body and nowhere else.
 *
 * @param moreFolders folders to add after the credential's file name prefix, e.g. the UTC day
 * @throws Fault when the prefix is not what Agora takes, or an endpoint is missing
 */
export function storageConfig(
	credential: StorageCredential,
	moreFolders: string[] = [],
): StorageConfig {
	const { vendor, region, bucket, accessKey, secretKey } = credential;
	const fileNamePrefix = [...credential.folders, ...moreFolders];
	checkPrefix(fileNamePrefix);
	return {
		vendor: vendor.number,
		region: region?.number ?? 0,
		bucket,
		accessKey,
		secretKey,
		...(fileNamePrefix.length > 0 && { fileNamePrefix }),
		...(vendor.number === OTHER_S3_COMPATIBLE && {
			extensionParams: { endpoint: endpointForAgora(credential) },
		}),
	};
}

/** Agora: storageConfig.fileNamePrefix takes letters and digits, 128 characters with the slashes. */
function checkPrefix(folders: string[]): void {
	const prefix = folders.join('/');
	if (!folders.every((folder) => /^[A-Za-z0-9]+$/.test(folder))) {
		throw new Fault(`Agora does not take the file name prefix “${prefix}”`, {
			description:
				'Each folder of the File Name Prefix in the storage credential may hold letters (a-z, A-Z) and digits only.',
			cause: 'configuration-invalid',
		});
	}
	if (prefix.length > MAX_PREFIX) {
		throw new Fault(`The file name prefix is ${prefix.length} characters long`, {
			description: `Agora takes at most ${MAX_PREFIX}, slashes and date folder included. Shorten the File Name Prefix in the storage credential.`,
			cause: 'configuration-invalid',
		});
	}
}

/** Agora wants the endpoint without its scheme. */
function endpointForAgora({ endpoint }: StorageCredential): string {
	if (endpoint === null) {
		throw new Fault(
			'The Endpoint field of the storage credential is empty. S3-compatible storage needs one.',
			{ cause: 'configuration-invalid' },
		);
	}
	return `${endpoint.host}${endpoint.pathname.replace(/\/+$/, '')}`;
}
