import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { readStorageCredential } from '../../../../nodes/Agora/storage/credential';
import { fakeCredential } from '../fakeCredential';

export const FAKE_ACCOUNT_KEY = Buffer.from('a key that opens nothing').toString('base64');

/** A signature that permits no more than to read and list; it opens nothing. */
export const FAKE_SAS = 'sv=2023-11-03&se=2026-12-01T00%3A00%3A00Z&sr=c&sp=rl&sig=fake%2Bsig%3D';

/** A storage credential for Azure as n8n decrypts it. */
export function fakeAzure(
	changes: ICredentialDataDecryptedObject = {},
): ICredentialDataDecryptedObject {
	return fakeCredential({
		vendor: 'azureBlob',
		accessKey: 'fakeaccount',
		secretKey: FAKE_ACCOUNT_KEY,
		...changes,
	});
}

/** The same, read. */
export const azureCredential = (changes?: ICredentialDataDecryptedObject) =>
	readStorageCredential(fakeAzure(changes));
