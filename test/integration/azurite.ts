import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { ContainerClient } from '@azure/storage-blob';
import {
	BlobServiceClient,
	ContainerSASPermissions,
	SASProtocol,
	StorageSharedKeyCredential,
	generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** Azure's Blob service on this machine, by Azure's own emulator, and a container in it. */
export interface Azurite {
	/** Azure's own client. */
	container: ContainerClient;
	accountKey: string;
	/** A shared access signature for the container. */
	sign(permissions: string, expires?: Date): string;
	/** What a person types into the Agora Recording Storage API credential. */
	credential(changes?: ICredentialDataDecryptedObject): ICredentialDataDecryptedObject;
	stop(): Promise<void>;
}

const ACCOUNT = 'testaccount';
const CONTAINER = 'recordings';
const STARTED = /successfully listens on (http:\/\/127\.0\.0\.1:\d+)/;

/** Starts Azurite, with everything in memory, on a free port of 127.0.0.1. */
export async function startAzurite(): Promise<Azurite> {
	const accountKey = randomBytes(64).toString('base64');
	const main = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
	const address = ['--blobHost', '127.0.0.1', '--blobPort', '0'];
	const child = spawn(
		process.execPath,
		[main, '--inMemoryPersistence', '--silent', '--disableTelemetry', ...address],
		{ env: { ...process.env, AZURITE_ACCOUNTS: `${ACCOUNT}:${accountKey}` } },
	);
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const origin = await new Promise<string>((resolve, reject) => {
		let output = '';
		const read = (chunk: Buffer) => {
			output += chunk.toString();
			const [, found] = STARTED.exec(output) ?? [];
			if (found !== undefined) resolve(found);
		};
		child.stdout.on('data', read);
		child.stderr.on('data', read);
		void ended.then(() => reject(new Error(`Azurite did not start: ${output}`)));
	});

	const endpoint = `${origin}/${ACCOUNT}`;
	const keys = new StorageSharedKeyCredential(ACCOUNT, accountKey);
	const container = new BlobServiceClient(endpoint, keys).getContainerClient(CONTAINER);
	await container.create();
	return {
		container,
		accountKey,
		sign: (permissions, expires = new Date(Date.now() + 3_600_000)) =>
			generateBlobSASQueryParameters(
				{
					containerName: CONTAINER,
					permissions: ContainerSASPermissions.parse(permissions),
					protocol: SASProtocol.HttpsAndHttp,
					expiresOn: expires,
				},
				keys,
			).toString(),
		credential: (changes = {}) => ({
			vendor: 'azureBlob',
			endpoint,
			bucket: CONTAINER,
			accessKey: ACCOUNT,
			secretKey: accountKey,
			fileNamePrefix: 'class',
			...changes,
		}),
		stop: async () => {
			child.kill();
			await ended;
		},
	};
}
