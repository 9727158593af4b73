import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { PREFIX } from './archive/archive.ts';
import type { ArchiveServer, AgoraServer } from './servers.ts';

/** What a person types into each node's credential; the servers look at no key. */

const accessKey = 'NOBODYLOOKS';
const secretKey = 'nobody looks at it';

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
		customerId: 'nobody',
		customerSecret: secretKey,
		appId,
		host: 'custom',
		customHost: origin,
	};
}

export function s3({ origin }: ArchiveServer): ICredentialDataDecryptedObject {
	return {
		endpoint: origin,
		region: 'us-east-1',
		accessKeyId: accessKey,
		secretAccessKey: secretKey,
		forcePathStyle: true,
		ignoreSSLIssues: false,
	};
}

export function aws({ origin }: ArchiveServer): ICredentialDataDecryptedObject {
	return {
		region: 'us-east-1',
		accessKeyId: accessKey,
		secretAccessKey: secretKey,
		customEndpoints: true,
		s3Endpoint: origin,
	};
}
