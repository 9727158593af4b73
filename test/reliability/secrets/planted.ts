import { randomBytes } from 'node:crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** Secrets that never occur by chance, and look different in every encoding. */
export type Planted = ReturnType<typeof plant>;

const hex = () => randomBytes(9).toString('hex');
const base64 = (bytes: number) => randomBytes(bytes).toString('base64');
/** With every character that some encoding changes. */
const special = () => `${hex()}/+=?"'&<>\\% (ü)${hex()}`;
const specialAscii = () => `${hex()}/+=?"'&<>\\% ()${hex()}`;

/** @returns new secrets each time */
export function plant() {
	return {
		inCredentials: {
			'Customer Secret': special(),
			// The node accepts no other format.
			'App Certificate': randomBytes(16).toString('hex'),
			'storage Secret Key': special(),
			// It is sent as a header.
			'Session Token': specialAscii(),
			'Notifications Secret': specialAscii(),
			'Azure account key': base64(64),
			'Azure shared access signature': base64(32),
		},
		/** For n8n's variables, which expressions read as `$vars`. */
		variables: {
			decryptionSecret: special(),
			decryptionSalt: base64(32),
			recorderToken: `007eJx${base64(60)}`,
			temporarySecretKey: special(),
			temporaryToken: special(),
			streamKey: hex() + hex(),
			otherSecretKey: special(),
		},
	};
}

/** The Agora API credential with planted keys, for a host. */
export function plantedAgora(
	{ inCredentials }: Planted,
	host: string,
): ICredentialDataDecryptedObject {
	return {
		customerId: 'planted-customer-id',
		customerSecret: inCredentials['Customer Secret'],
		appId: '0123456789abcdef0123456789abcdef',
		appCertificate: inCredentials['App Certificate'],
		host: 'custom',
		customHost: host,
	};
}

const DAY_MS = 86_400_000;

/** The storage credential with planted keys, once for each kind of keys. */
export function plantedStorages(
	{ inCredentials }: Planted,
	endpoint: string,
): Record<string, ICredentialDataDecryptedObject> {
	const common = { endpoint, bucket: 'recordings', fileNamePrefix: 'class' };
	const s3Keys = {
		...common,
		addressing: 'pathStyle',
		accessKey: 'PLANTEDKEY',
		secretKey: inCredentials['storage Secret Key'],
	};
	const azureKeys = {
		...common,
		vendor: 'azureBlob',
		accessKey: 'plantedaccount',
		secretKey: '',
	};
	const signature = encodeURIComponent(inCredentials['Azure shared access signature']);
	return {
		'S3 compatible': { ...s3Keys, vendor: 's3Compatible' },
		'temporary keys': {
			...s3Keys,
			vendor: 'amazonS3',
			amazonS3Region: 'us-east-1',
			sessionToken: inCredentials['Session Token'],
			sessionExpiresAt: new Date(Date.now() + DAY_MS).toISOString(),
		},
		'Azure key': { ...azureKeys, secretKey: inCredentials['Azure account key'] },
		'Azure signature': { ...azureKeys, sasToken: `sv=2024-11-04&sr=c&sp=rcwl&sig=${signature}` },
	};
}
