import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { Fault } from '../../http/fault';
import { openBucket, type Bucket } from '../../storage/bucket';
import { loadStorageCredential } from '../../storage/credential';
import { storageConfig } from '../../storage/storageConfig';
import { mergeOver } from './clientRequest';

export interface StartStorage {
	/** Agora's `storageConfig`, keys included: for the request body and nothing else. */
	config: IDataObject;
	/** The bucket it names, where this node has the key to it; else null. */
	bucket: Bucket | null;
	/** Folder of the recording, '' or with a trailing slash. */
	folder: string;
}

const OF_A_BUCKET = ['vendor', 'region', 'bucket', 'accessKey', 'secretKey'];
const AZURE = 5;

/**
 * Decides where a recording is stored: the storage credential, or the `storageConfig` of the Client Request.
 * One that names a bucket or keys stands alone, so that the keys of two buckets never mix; another one (only
 * a file name prefix, say) is merged over the credential.
 *
 * @param given `storageConfig` of the Client Request, if any
 * @throws Fault when neither is there
 */
export async function readStartStorage(
	context: IExecuteFunctions,
	given: IDataObject | undefined,
): Promise<StartStorage> {
	const connected = context.getNode().credentials?.agoraStorageApi !== undefined;
	const standsAlone = given !== undefined && OF_A_BUCKET.some((key) => key in given);
	if (!connected && !standsAlone) {
		throw new Fault('Agora would not know where to store the recording', {
			description:
				'Connect an Agora Recording Storage credential to this node, or give a storageConfig in the Client Request.',
			cause: 'configuration-invalid',
		});
	}
	const ours = connected
		? ({ ...storageConfig(await loadStorageCredential(context)) } as IDataObject)
		: null;
	const config = standsAlone ? given : mergeOver(ours!, given ?? {});
	const readable =
		ours !== null &&
		ours.vendor !== AZURE &&
		ours.vendor === config.vendor &&
		ours.bucket === config.bucket;
	return {
		config,
		bucket: readable ? await openBucket(context) : null,
		folder: folderOf(config.fileNamePrefix),
	};
}

function folderOf(fileNamePrefix: unknown): string {
	return Array.isArray(fileNamePrefix) ? fileNamePrefix.map((part) => `${part}/`).join('') : '';
}
