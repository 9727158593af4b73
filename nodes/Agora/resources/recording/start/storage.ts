import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { memoizePerExecution } from '../../../http/concurrency';
import { Fault, withAdvice } from '../../../http/errors';
import { dayOf } from '../../../recordings/day';
import { INDEX_FOLDER } from '../../../recordings/sessionRecord';
import { openBucket } from '../../../storage/bucket';
import { hasStorageCredential, loadStorageCredential } from '../../../storage/credential';
import { endpointForAgora, storageConfig } from '../../../storage/storageConfig';
import type { Bucket, StorageCredential } from '../../../storage/types';
import { deepMerge } from './clientRequest';

export interface StartStorage {
	/** Agora's `storageConfig`, including the credentials: for the request body and nothing else. */
	config: IDataObject;
	/** The bucket it names, where the node's storage credential is for that bucket; else null. */
	bucket: Bucket | null;
	/** Folder of the recording, '' or with a trailing slash. */
	folder: string;
}

const REQUIRED = ['vendor', 'region', 'bucket', 'accessKey', 'secretKey'];
/** Any of these makes a `storageConfig` one that stands alone: it must not mix with the credential's. */
const OF_A_BUCKET = [...REQUIRED, 'stsToken', 'stsExpiration'];

/**
 * Decides where a recording is stored: the storage credential, or the `storageConfig` of Client Request (JSON). One
 * that names a bucket or credentials stands alone, so that the credentials of two buckets never mix; another one (only
 * a file name prefix, for example) is merged over the credential.
 *
 * @param given `storageConfig` of Client Request (JSON), if any
 * @param added what the options add to it
 * @param partitionByDate whether the recording gets a folder of the day
 * @throws Fault when there is neither, one that stands alone is not complete, or Agora cannot use the credential
 */
export async function readStartStorage(
	context: IExecuteFunctions,
	given: IDataObject | undefined,
	added: IDataObject,
	partitionByDate: boolean,
): Promise<StartStorage> {
	const isConnected = hasStorageCredential(context);
	const standsAlone = given !== undefined && isOfABucket(given);
	if (!isConnected && !standsAlone) {
		throw new Fault('No storage is configured for this recording', {
			description:
				'Connect an Agora Recording Storage API credential to this node, or add a storageConfig to Client Request (JSON).',
			cause: 'configuration-invalid',
		});
	}
	const day = partitionByDate ? [dayOf(Date.now())] : [];
	const credential = isConnected ? await loadStorageCredential(context) : null;
	if (standsAlone) checkComplete(given);
	const base = standsAlone
		? inFolders({ fileNamePrefix: [], ...given }, day)
		: deepMerge({ ...storageConfig(credential!, day) }, inFolders(given ?? {}, day));
	const config = deepMerge(added, base);
	const isOurs = credential !== null && isSameBucket(credential, config);
	return {
		config,
		bucket: isOurs ? await openBucket(context) : null,
		folder: folderOf(config.fileNamePrefix),
	};
}

function isOfABucket(given: IDataObject): boolean {
	const { endpoint } = (given.extensionParams ?? {}) as IDataObject;
	return endpoint !== undefined || OF_A_BUCKET.some((key) => key in given);
}

function checkComplete(given: IDataObject): void {
	const missing = REQUIRED.filter((key) => !(key in given));
	if (missing.length === 0) return;
	throw new Fault(`storageConfig in "Client Request (JSON)" has no ${missing.join(', ')}`, {
		description:
			'A storageConfig that names a bucket or credentials replaces the storage credential, so it must be complete. To use the credential, only leave fileNamePrefix and extensionParams in it.',
	});
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

function folderOf(fileNamePrefix: unknown): string {
	return Array.isArray(fileNamePrefix) ? fileNamePrefix.map((part) => `${part}/`).join('') : '';
}

/**
 * Checks that the bucket of the storage credential is there and can be written to, with one small request for each
 * execution: Agora itself accepts a start with wrong credentials, and then records nothing.
 *
 * @throws Fault that says what is wrong, and that nothing was started
 */
export const checkWritable = memoizePerExecution(async (context): Promise<void> => {
	const bucket = await openBucket(context);
	const key = `${bucket.prefix}${INDEX_FOLDER}write-check.json`;
	try {
		await bucket.put(
			key,
			JSON.stringify({ checkedAt: new Date().toISOString() }),
			'application/json',
		);
	} catch (error) {
		throw withAdvice(
			error as Fault,
			'Nothing was started. To start without this check, turn off Options > Save Session Record.',
		);
	}
});
