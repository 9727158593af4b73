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
	/** The bucket that `config` names; null unless the node's storage credential is for that bucket. */
	bucket: Bucket | null;
	/** Folder of the recording's files, '' or with a trailing slash. */
	folder: string;
}

const REQUIRED = ['vendor', 'region', 'bucket', 'accessKey', 'secretKey'];
/** A `storageConfig` with any of these keys replaces the credential, so that credentials of two buckets never mix. */
const REPLACING = [...REQUIRED, 'stsToken', 'stsExpiration'];

/**
 * Reads where a recording is stored: from the storage credential, or from the `storageConfig` of Client Request (JSON).
 * One with a bucket or credentials replaces the storage credential. Any other, such as one with only a file name prefix,
 * is merged over it.
 *
 * @param custom `storageConfig` of Client Request (JSON), if any
 * @param added values from Options
 * @param partitionByDate whether to add a folder for the current day (UTC)
 * @throws Fault when there is neither, when a replacing `storageConfig` is not complete, or when Agora can't use the
 *   credential
 */
export async function readStartStorage(
	context: IExecuteFunctions,
	custom: IDataObject | undefined,
	added: IDataObject,
	partitionByDate: boolean,
): Promise<StartStorage> {
	const isConnected = hasStorageCredential(context);
	const replaces = custom !== undefined && isReplacing(custom);
	if (!isConnected && !replaces) {
		throw new Fault('No storage is configured for this recording', {
			description:
				'Connect an Agora Recording Storage API credential to this node, or add a storageConfig to Client Request (JSON).',
			cause: 'configuration-invalid',
		});
	}
	const day = partitionByDate ? [dayOf(Date.now())] : [];
	const credential = isConnected ? await loadStorageCredential(context) : null;
	if (replaces) checkComplete(custom);
	const base = replaces
		? inFolders({ fileNamePrefix: [], ...custom }, day)
		: deepMerge({ ...storageConfig(credential!, day) }, inFolders(custom ?? {}, day));
	const config = deepMerge(added, base);
	const isSame = credential !== null && isSameBucket(credential, config);
	return {
		config,
		bucket: isSame ? await openBucket(context) : null,
		folder: folderOf(config.fileNamePrefix),
	};
}

function isReplacing(custom: IDataObject): boolean {
	const { endpoint } = (custom.extensionParams ?? {}) as IDataObject;
	return endpoint !== undefined || REPLACING.some((key) => key in custom);
}

function checkComplete(custom: IDataObject): void {
	const missing = REQUIRED.filter((key) => !(key in custom));
	if (missing.length === 0) return;
	throw new Fault(`storageConfig in "Client Request (JSON)" has no ${missing.join(', ')}`, {
		description:
			'A storageConfig with a bucket or credentials replaces the storage credential, so it must be complete. To use the credential, keep only fileNamePrefix and extensionParams in it.',
	});
}

/** Buckets of the same name at another vendor, region or endpoint are different. */
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
 * Checks that the bucket of the storage credential exists and can be written to, with one small request per execution.
 * Agora itself accepts a start with wrong credentials, and then records nothing.
 *
 * @throws Fault with the reason, and that nothing was started
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
			error,
			'Nothing was started. To start without this check, turn off Options > Save Session Record.',
		);
	}
});
