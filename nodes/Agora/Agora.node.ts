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
		description: 'Record Agora channels, find the recordings, and look after Agora projects',
		defaults: { name: 'Agora' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [
			// n8n would call the required one ‘Credential’, as if there were no other.
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
		const { runItems } = await import('./runtime');
		return [await runItems(this)];
	}
}
