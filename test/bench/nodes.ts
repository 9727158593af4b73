import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { archiveIn, bucketName, PREFIX, type Archive } from './archive.ts';
import type { EngineJob, NodeRun } from './engineRun.ts';
import type { AgoraServer, ArchiveServer } from './servers.ts';

/* The measured nodes, with their credentials and parameters. The servers ignore all keys. */

export const AGORA = 'n8n-nodes-agora.agora';
export const S3 = 'n8n-nodes-base.s3';
export const AWS_S3 = 'n8n-nodes-base.awsS3';
export const HTTP_REQUEST = 'n8n-nodes-base.httpRequest';

/** The bucket of warm-ups. */
export const TINY = bucketName('sessions', 2);

const accessKey = 'IGNORED';
const secretKey = 'ignored';
const binaryPropertyName = 'data';

export function storageApi(
	{ origin }: ArchiveServer,
	bucket: string,
): ICredentialDataDecryptedObject {
	return {
		vendor: 's3Compatible',
		endpoint: origin,
		addressing: 'pathStyle',
		bucket,
		accessKey,
		secretKey,
		fileNamePrefix: PREFIX,
	};
}

export function agoraApi({ origin }: AgoraServer, appId: string): ICredentialDataDecryptedObject {
	return {
		customerId: 'ignored',
		customerSecret: secretKey,
		appId,
		host: 'custom',
		customHost: origin,
	};
}

/** The credentials of n8n's S3 and AWS S3 nodes. */
function peerCredentials(node: string, { origin }: ArchiveServer): EngineJob['credentials'] {
	const keys = { region: 'us-east-1', accessKeyId: accessKey, secretAccessKey: secretKey };
	if (node === AWS_S3) {
		return { aws: { default: { ...keys, customEndpoints: true, s3Endpoint: origin } } };
	}
	const options = { forcePathStyle: true, ignoreSSLIssues: false };
	return { s3: { default: { ...keys, ...options, endpoint: origin } } };
}

/** A run of the Agora node on a bucket, after a warm-up on another one. */
function agoraJob(
	archives: ArchiveServer,
	[bucket, parameters]: [string, IDataObject],
	[warmUpBucket, warmUpParameters]: [string, IDataObject],
): EngineJob {
	return {
		node: AGORA,
		credentials: {
			agoraStorageApi: {
				default: storageApi(archives, bucket),
				warmUp: storageApi(archives, warmUpBucket),
			},
		},
		warmUp: { parameters: { resource: 'recording', ...warmUpParameters } },
		run: { parameters: { resource: 'recording', ...parameters } },
		server: archives.origin,
	};
}

/** Agora, Recording: Get Many. */
export function getMany(
	archives: ArchiveServer,
	bucket: string,
	amount: { limit: number } | { returnAll: true },
): EngineJob {
	const parameters = { operation: 'getAll', ...amount };
	return agoraJob(archives, [bucket, parameters], [TINY, parameters]);
}

/** Agora, Recording: Download of the first session. */
export function download(
	archives: ArchiveServer,
	bucket: Archived,
	warmUpBucket: Archived,
): EngineJob {
	const parameters = ({ archive }: Archived) => ({
		operation: 'download',
		recordingId: { __rl: true, mode: 'id', value: archive.sidOf(0) },
		binaryPropertyName,
	});
	return agoraJob(
		archives,
		[bucket.name, parameters(bucket)],
		[warmUpBucket.name, parameters(warmUpBucket)],
	);
}

/** A bucket and its archive. */
export interface Archived {
	name: string;
	archive: Archive;
}

/** @param now as for the server: file names of slices contain times */
export const archived = (name: string, now: number): Archived => ({
	name,
	archive: archiveIn(name, now),
});

/** n8n's S3 or AWS S3 node, File: Get Many with Return All, of the same folder. */
export function listFiles(node: string, archives: ArchiveServer, bucket: string): EngineJob {
	const run = (name: string): NodeRun => ({
		parameters: {
			resource: 'file',
			operation: 'getAll',
			bucketName: name,
			returnAll: true,
			options: { folderKey: PREFIX },
		},
	});
	return {
		node,
		credentials: peerCredentials(node, archives),
		warmUp: run(TINY),
		run: run(bucket),
		server: archives.origin,
	};
}

/** n8n's S3 node, File: Download of some keys, one item each. */
export function downloadFiles(
	archives: ArchiveServer,
	[bucket, keys]: [string, string[]],
	[warmUpBucket, warmUpKeys]: [string, string[]],
): EngineJob {
	const run = (name: string, fileKeys: string[]): NodeRun => ({
		parameters: {
			resource: 'file',
			operation: 'download',
			bucketName: name,
			fileKey: '={{ $json.key }}',
			binaryPropertyName,
		},
		items: fileKeys.map((key) => ({ key })),
	});
	return {
		node: S3,
		credentials: peerCredentials(S3, archives),
		warmUp: run(warmUpBucket, warmUpKeys),
		run: run(bucket, keys),
		server: archives.origin,
	};
}

/** n8n's HTTP Request node with the response format File. */
export function fetchFile(archives: ArchiveServer, url: string, warmUpUrl: string): EngineJob {
	const response = { response: { responseFormat: 'file', outputPropertyName: binaryPropertyName } };
	const run = (address: string) => ({ parameters: { url: address, options: { response } } });
	return {
		node: HTTP_REQUEST,
		credentials: {},
		warmUp: run(warmUpUrl),
		run: run(url),
		server: archives.origin,
	};
}
