import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeListSearchResult,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { credentialTest } from './credentialTest';
import { nodeFields } from './resources';

export class Agora implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agora',
		name: 'agora',
		icon: { light: 'file:../../icons/agora.svg', dark: 'file:../../icons/agora.dark.svg' },
		group: ['input'],
		version: [1],
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Record Agora channels, find recordings, and manage Agora projects',
		defaults: { name: 'Agora' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [
			// Without a name, n8n labels the required credential "Credential", next to the other one.
			{ name: 'agoraApi', displayName: 'Credential for Agora API', required: true },
			{
				name: 'agoraStorageApi',
				displayName: 'Credential for Agora Recording Storage API',
				displayOptions: { show: { resource: ['recording'] } },
				testedBy: 'agoraStorageApiTest',
			},
		],
		properties: nodeFields(),
	};

	methods = {
		credentialTest,
		listSearch: {
			async searchProjects(
				this: ILoadOptionsFunctions,
				filter?: string,
			): Promise<INodeListSearchResult> {
				const { searchProjects } = await import('./runtime');
				return await searchProjects.call(this, filter);
			},
			async searchRecordings(
				this: ILoadOptionsFunctions,
				filter?: string,
			): Promise<INodeListSearchResult> {
				const { searchRecordings } = await import('./runtime');
				return await searchRecordings.call(this, filter);
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { router } = await import('./runtime');
		return [await router(this)];
	}
}
