import type { EngineJob } from './engineRun.ts';
import { PREFIX } from './archive/archive.ts';
import { bucketName } from './archive/bucketName.ts';
import { aws, s3, storageApi } from './credentials.ts';
import type { ArchiveServer } from './servers.ts';

/** The nodes that are measured, as they are set up for a bucket. */

export const AGORA = 'n8n-nodes-agora.agora';
export const S3 = 'n8n-nodes-base.s3';
export const AWS_S3 = 'n8n-nodes-base.awsS3';
export const HTTP_REQUEST = 'n8n-nodes-base.httpRequest';

/** Where each warms up. */
export const TINY = bucketName('flat', 2);

/** Agora · Recording · Get Many, fifty as a person finds it. */
export function getMany(archives: ArchiveServer, bucket: string): EngineJob {
	const run = { parameters: { resource: 'recording', operation: 'getAll', limit: 50 } };
	return {
		node: AGORA,
		credentials: {
			agoraStorageApi: {
				default: storageApi(archives, bucket),
				warmUp: storageApi(archives, TINY),
			},
		},
		warmUp: run,
		run,
		server: archives.origin,
	};
}

/** n8n's own nodes: File · Get Many, Return All, of the same folder. */
export function listFiles(node: string, archives: ArchiveServer, bucket: string): EngineJob {
	const parameters = (bucketName: string) => ({
		resource: 'file',
		operation: 'getAll',
		bucketName,
		returnAll: true,
		options: { folderKey: PREFIX },
	});
	return {
		node,
		credentials:
			node === S3 ? { s3: { default: s3(archives) } } : { aws: { default: aws(archives) } },
		warmUp: { parameters: parameters(TINY) },
		run: { parameters: parameters(bucket) },
		server: archives.origin,
	};
}
