import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

/** The credential tests of both nodes: n8n uses the first one it finds. */
export const credentialTest = {
	async agoraStorageApiTest(
		this: ICredentialTestFunctions,
		credential: ICredentialsDecrypted,
	): Promise<INodeCredentialTestResult> {
		const { testStorageCredential } = await import('./runtime');
		return await testStorageCredential.call(this, credential);
	},
};
