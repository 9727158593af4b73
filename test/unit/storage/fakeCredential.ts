import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** A storage credential as n8n decrypts it; its keys open nothing. */
export function fakeCredential(
	changes: ICredentialDataDecryptedObject = {},
): ICredentialDataDecryptedObject {
	return {
		vendor: 'amazonS3',
		amazonS3Region: 'eu-west-1',
		bucket: 'my-recordings',
		accessKey: 'FAKE-ACCESS-KEY',
		secretKey: 'fake-secret-key',
		fileNamePrefix: 'recordings/school',
		...changes,
	};
}
