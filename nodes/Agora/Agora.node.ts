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
import { nodeFields, subtitle } from './resources';
import { bucketOnly } from './resources/shared/recordingFields';

export class Agora implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agora',
		name: 'agora',
		icon: { light: 'file:../../icons/agora.svg', dark: 'file:../../icons/agora.dark.svg' },
		group: ['input'],
		version: [1],
		subtitle: subtitle(),
		description:
			'Records channels, finds and downloads recordings, and manages Agora projects, tokens, channels and bans',
		defaults: { name: 'Agora' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [
			{
				name: 'agoraApi',
				displayName: 'Credential for Agora API',
				// Recording > Get uses it if it is there, and n8n cannot require it for the other operations only. They fail
				// without it, and the error says what to connect.
				displayOptions: { hide: { [bucketOnly.name]: [true] } },
			},
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
			async searchBans(
				this: ILoadOptionsFunctions,
				filter?: string,
			): Promise<INodeListSearchResult> {
				const { searchBans } = await import('./runtime');
				return await searchBans.call(this, filter);
			},
			async searchChannels(
				this: ILoadOptionsFunctions,
				filter?: string,
			): Promise<INodeListSearchResult> {
				const { searchChannels } = await import('./runtime');
				return await searchChannels.call(this, filter);
			},
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
			async searchRunningRecordings(
				this: ILoadOptionsFunctions,
				filter?: string,
			): Promise<INodeListSearchResult> {
				const { searchRunningRecordings } = await import('./runtime');
				return await searchRunningRecordings.call(this, filter);
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { router } = await import('./runtime');
		return [await router(this)];
	}
}
