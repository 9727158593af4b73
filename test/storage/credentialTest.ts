import { createRequire } from 'node:module';
import { request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { join } from 'node:path';
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	ICredentialTestRequest,
	ICredentialType,
	ICredentialsDecrypted,
	IDataObject,
	IHttpRequestOptions,
	INode,
	INodeCredentialTestResult,
	INodeType,
} from 'n8n-workflow';
import type { Workflow as WorkflowType } from 'n8n-workflow';

type TestMethod = (
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
) => Promise<INodeCredentialTestResult>;

const load = createRequire(import.meta.url);
const DIST = join(import.meta.dirname, '../../dist');

/**
 * Tests a storage credential as n8n's button does: with the node's method where it has one, otherwise with
 * the request that the credential describes. Needs an engine that was started before.
 */
export async function testStorageCredential(
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	const { Agora } = load(join(DIST, 'nodes/Agora/Agora.node.js')) as { Agora: new () => INodeType };
	const methods = new Agora().methods?.credentialTest as Record<string, TestMethod> | undefined;
	const method = methods?.agoraStorageApiTest;
	if (method === undefined) return await testByRequest(data);
	const { CredentialTestContext } = load('n8n-core') as typeof import('n8n-core');
	const credential = { id: 'test', name: 'test', type: 'agoraStorageApi', data };
	return await method.call(new CredentialTestContext(), credential);
}

async function testByRequest(
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	const { AgoraStorageApi } = load(join(DIST, 'credentials/AgoraStorageApi.credentials.js')) as {
		AgoraStorageApi: new () => ICredentialType;
	};
	const credential = new AgoraStorageApi();
	const { request: described, rules = [] } = credential.test as ICredentialTestRequest;
	const url = resolve(described.url, data);
	const parameters = Object.entries(described.qs ?? {});
	const qs = Object.fromEntries(parameters.map(([name, value]) => [name, resolve(value, data)]));
	const authenticate = credential.authenticate as (
		data: ICredentialDataDecryptedObject,
		options: IHttpRequestOptions,
	) => Promise<IHttpRequestOptions>;
	const status = await send(await authenticate(data, { url, qs }));
	if (status < 300) return { status: 'OK', message: 'Connection successful!' };
	const rule = rules.find((each) => (each.properties as IDataObject).value === status);
	return { status: 'Error', message: String(rule?.properties.message ?? `HTTP ${status}`) };
}

function resolve(value: unknown, data: ICredentialDataDecryptedObject): string {
	const { Workflow } = load('n8n-workflow') as typeof import('n8n-workflow');
	const node = { id: 'a', name: 'a', type: 'a', typeVersion: 1, position: [0, 0], parameters: {} };
	const workflow: WorkflowType = new Workflow({
		nodes: [node as unknown as INode],
		connections: {},
		active: false,
		nodeTypes: { getByNameAndVersion: () => undefined } as never,
	});
	return String(
		workflow.expression.getSimpleParameterValue(
			node as unknown as INode,
			value as string,
			'internal',
			{ $credentials: data } as never,
			undefined,
			'',
		),
	);
}

async function send({ url, headers }: IHttpRequestOptions): Promise<number> {
	const open = url.startsWith('https:') ? requestSecurely : request;
	return await new Promise((resolve, reject) => {
		open(url, { headers: headers as Record<string, string> }, (response) => {
			response.resume().once('end', () => resolve(response.statusCode!));
		})
			.once('error', reject)
			.end();
	});
}
