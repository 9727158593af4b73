import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { storageCredential } from '../integration/sandboxedEngine.ts';

/** The data of both credentials. */
export interface Keys {
	agora: ICredentialDataDecryptedObject & { host: string };
	storage: ICredentialDataDecryptedObject;
	/** The channel to record. */
	channel: string;
}

/** The required environment variables, and what each contains. */
const NEEDED = {
	AGORA_CUSTOMER_ID: 'Customer ID',
	AGORA_CUSTOMER_SECRET: 'Customer Secret',
	AGORA_APP_ID: 'App ID of the project to record in',
	AGORA_CHANNEL: 'a channel in which somebody publishes audio or video right now',
	AGORA_STORAGE_VENDOR: "the vendor as in the credential's JSON: amazonS3, googleCloud, …",
	AGORA_STORAGE_BUCKET: 'the bucket to record into',
	AGORA_STORAGE_ACCESS_KEY: 'Access Key',
	AGORA_STORAGE_SECRET_KEY: 'Secret Key',
};

/**
 * Reads the keys from the environment.
 *
 * @throws Error listing all missing variables
 */
export function keysFrom(environment: NodeJS.ProcessEnv): Keys {
	const missing = Object.entries(NEEDED).filter(([name]) => !environment[name]);
	if (missing.length > 0) {
		const list = missing.map(([name, what]) => `  ${name}  ${what}`).join('\n');
		throw new Error(
			`Set these environment variables:\n${list}\nOptional: AGORA_APP_CERTIFICATE if the project has one, AGORA_STORAGE_REGION (such as eu-west-1) or AGORA_STORAGE_ENDPOINT for other S3-compatible storage, and AGORA_HOST (https://api.agora.io by default).`,
		);
	}
	const value = (name: keyof typeof NEEDED) => environment[name]!;
	const vendor = value('AGORA_STORAGE_VENDOR');
	return {
		agora: {
			customerId: value('AGORA_CUSTOMER_ID'),
			customerSecret: value('AGORA_CUSTOMER_SECRET'),
			appId: value('AGORA_APP_ID'),
			appCertificate: environment.AGORA_APP_CERTIFICATE ?? '',
			host: environment.AGORA_HOST ?? 'https://api.agora.io',
		},
		storage: {
			vendor,
			...placeOf(vendor, environment),
			bucket: value('AGORA_STORAGE_BUCKET'),
			accessKey: value('AGORA_STORAGE_ACCESS_KEY'),
			secretKey: value('AGORA_STORAGE_SECRET_KEY'),
			fileNamePrefix: 'smoke',
		},
		channel: value('AGORA_CHANNEL'),
	};
}

function placeOf(
	vendor: string,
	{ AGORA_STORAGE_REGION: region, AGORA_STORAGE_ENDPOINT: endpoint }: NodeJS.ProcessEnv,
): ICredentialDataDecryptedObject {
	return {
		...(region && { [`${vendor}Region`]: region }),
		...(endpoint && { endpoint, addressing: 'pathStyle' }),
	};
}

/** The same values for a sandbox. */
export function keysOf(sandbox: Sandbox): Keys {
	return {
		agora: { ...sandbox.agoraAccount, host: sandbox.agora },
		storage: storageCredential(sandbox),
		channel: 'smoke',
	};
}
