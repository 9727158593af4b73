import { createRequire } from 'node:module';
import { join } from 'node:path';
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	ICredentialsDecrypted,
	INodeCredentialTestResult,
	INodeType,
} from 'n8n-workflow';

type TestMethod = (
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
) => Promise<INodeCredentialTestResult>;

const load = createRequire(import.meta.url);
const NODE = join(import.meta.dirname, '../../dist/nodes/Agora/Agora.node.js');

/** Runs n8n's test of a storage credential. An engine must have been started before. */
export async function testStorageCredential(
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	const { Agora } = load(NODE) as { Agora: new () => INodeType };
	const { CredentialTestContext } = load('n8n-core') as typeof import('n8n-core');
	const { agoraStorageApiTest } = new Agora().methods?.credentialTest as Record<string, TestMethod>;
	const credential = { id: 'test', name: 'test', type: 'agoraStorageApi', data };
	return await agoraStorageApiTest!.call(new CredentialTestContext(), credential);
}
