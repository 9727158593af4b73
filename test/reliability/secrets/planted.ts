import { randomBytes } from 'node:crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** Secrets that are found nowhere by chance, and look different in every spelling. */
export interface Planted {
	/** What both credentials hold, by a name that can be shown. */
	inCredentials: Record<
		| 'Customer Secret'
		| 'App Certificate'
		| 'storage Secret Key'
		| 'Session Token'
		| 'Azure account key'
		| 'Azure shared access signature',
		string
	>;
	/** What expressions find in n8n's variables, so that no node parameter holds it, by variable. */
	variables: Record<
		| 'decryptionSecret'
		| 'decryptionSalt'
		| 'recorderToken'
		| 'temporarySecretKey'
		| 'temporaryToken'
		| 'streamKey'
		| 'otherSecretKey',
		string
	>;
}

const hex = () => randomBytes(9).toString('hex');
const base64 = (bytes: number) => randomBytes(bytes).toString('base64');
/** Every sign that some spelling writes in another way. */
const odd = () => `${hex()}/+=?"'&<>\\% (ü)${hex()}`;
const oddAscii = () => `${hex()}/+=?"'&<>\\% ()${hex()}`;

/** @returns other secrets each time */
export function plant(): Planted {
	return {
		inCredentials: {
			'Customer Secret': odd(),
			// The node takes no other form for it.
			'App Certificate': randomBytes(16).toString('hex'),
			'storage Secret Key': odd(),
			// It travels as a header.
			'Session Token': oddAscii(),
			'Azure account key': base64(64),
			'Azure shared access signature': base64(32),
		},
		variables: {
			decryptionSecret: odd(),
			decryptionSalt: base64(32),
			recorderToken: `007eJx${base64(60)}`,
			temporarySecretKey: odd(),
			temporaryToken: odd(),
			streamKey: hex() + hex(),
			otherSecretKey: odd(),
		},
	};
}

/** The Agora API credential with planted keys, for a host. */
export function agoraCredential(
	{ inCredentials }: Planted,
	host: string,
	changes: ICredentialDataDecryptedObject = {},
): ICredentialDataDecryptedObject {
	return {
		customerId: 'planted-customer-id',
		customerSecret: inCredentials['Customer Secret'],
		appId: '0123456789abcdef0123456789abcdef',
		appCertificate: inCredentials['App Certificate'],
		host: 'custom',
		customHost: host,
		...changes,
	};
}

const BUCKET = 'recordings';
const DAY_MS = 86_400_000;

/**
 * The Agora Recording Storage API credential with planted keys, for an endpoint.
 *
 * @returns one for each kind of keys that it takes
 */
export function storageCredentials({ inCredentials }: Planted, endpoint: string) {
	const keys = { bucket: BUCKET, endpoint, fileNamePrefix: 'class' };
	const s3 = {
		...keys,
		addressing: 'pathStyle',
		accessKey: 'PLANTEDKEY',
		secretKey: inCredentials['storage Secret Key'],
	};
	const azure = { ...keys, vendor: 'azureBlob', accessKey: 'plantedaccount', secretKey: '' };
	const signature = encodeURIComponent(inCredentials['Azure shared access signature']);
	return {
		's3 compatible': { ...s3, vendor: 's3Compatible' },
		'temporary keys': {
			...s3,
			vendor: 'amazonS3',
			amazonS3Region: 'us-east-1',
			sessionToken: inCredentials['Session Token'],
			sessionExpiresAt: new Date(Date.now() + DAY_MS).toISOString(),
		},
		'Azure key': { ...azure, secretKey: inCredentials['Azure account key'] },
		'Azure signature': { ...azure, sasToken: `sv=2024-11-04&sr=c&sp=rcwl&sig=${signature}` },
	};
}

export type StorageKind = keyof ReturnType<typeof storageCredentials>;
