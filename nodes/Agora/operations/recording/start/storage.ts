import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { Fault } from '../../../http/fault';
import { dayOf } from '../../../recordings/day';
import { openBucket } from '../../../storage/bucket';
import type { Bucket, StorageCredential } from '../../../storage/types';
import { hasStorageCredential, loadStorageCredential } from '../../../storage/credential';
import { endpointForAgora, storageConfig } from '../../../storage/storageConfig';
import { mergeOver } from './mergeOver';
import { withoutUnset } from './withoutUnset';

export interface StartStorage {
	/** Agora's `storageConfig`, keys included: for the request body and nothing else. */
	config: IDataObject;
	/** The bucket it names, where this node has the key to it; else null. */
	bucket: Bucket | null;
	/** Folder of the recording, '' or with a trailing slash. */
	folder: string;
}

/** Options of Start about the bucket; what was not set is absent. */
export interface StorageOptions {
	partitionByDate?: boolean;
	serverSideEncryption?: string;
	objectTag?: string;
}

const OF_A_BUCKET = ['vendor', 'region', 'bucket', 'accessKey', 'secretKey'];

/**
 * Decides where a recording is stored: the storage credential, or the `storageConfig` of the Client Request.
 * One that names a bucket or keys stands alone, so that the keys of two buckets never mix; another one (only
 * a file name prefix, say) is merged over the credential.
 *
 * @param given `storageConfig` of the Client Request, if any
 * @throws Fault when neither is there, or Agora cannot use the credential's keys
 */
export async function readStartStorage(
	context: IExecuteFunctions,
	given: IDataObject | undefined,
	options: StorageOptions,
): Promise<StartStorage> {
	const connected = hasStorageCredential(context);
	const standsAlone = given !== undefined && OF_A_BUCKET.some((key) => key in given);
	if (!connected && !standsAlone) {
		throw new Fault('Agora would not know where to store the recording', {
			description:
				'Connect an Agora Recording Storage API credential to this node, or give a storageConfig in the Client Request.',
			cause: 'configuration-invalid',
		});
	}
	const day = options.partitionByDate ? [dayOf(Date.now())] : [];
	const credential = connected ? await loadStorageCredential(context) : null;
	const base = standsAlone
		? inFolders({ fileNamePrefix: [], ...given }, day)
		: mergeOver({ ...storageConfig(credential!, day) }, inFolders(given ?? {}, day));
	const config = withExtension(base, options);
	const readable = credential !== null && isSameBucket(credential, config);
	return {
		config,
		bucket: readable ? await openBucket(context) : null,
		folder: folderOf(config.fileNamePrefix),
	};
}

/** The same name at another vendor, region or endpoint is another bucket. */
function isSameBucket(credential: StorageCredential, config: IDataObject): boolean {
	const { vendor, region, bucket } = credential;
	if (config.vendor !== vendor.number || config.bucket !== bucket) return false;
	if (config.region !== (region?.number ?? 0)) return false;
	const { endpoint } = (config.extensionParams ?? {}) as IDataObject;
	if (endpoint === undefined) return true;
	return String(endpoint).replace(/^https?:\/\/|\/+$/g, '') === endpointForAgora(credential);
}

function inFolders(config: IDataObject, more: string[]): IDataObject {
	const { fileNamePrefix, ...rest } = config;
	if (!Array.isArray(fileNamePrefix)) return config;
	const folders = [...fileNamePrefix, ...more];
	return folders.length > 0 ? { ...rest, fileNamePrefix: folders } : rest;
}

function withExtension(config: IDataObject, options: StorageOptions): IDataObject {
	const asked = withoutUnset({ sse: options.serverSideEncryption, tag: options.objectTag?.trim() });
	if (Object.keys(asked).length === 0) return config;
	return mergeOver({ extensionParams: asked }, config);
}

function folderOf(fileNamePrefix: unknown): string {
	return Array.isArray(fileNamePrefix) ? fileNamePrefix.map((part) => `${part}/`).join('') : '';
}
