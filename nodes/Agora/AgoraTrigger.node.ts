import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { credentialTest } from './credentialTest';
import {
	channelFilter,
	channelPrefixFilter,
	folderFilter,
	includeSegments,
	linkLifetime,
	simplifyRecordings,
} from './resources/shared/recordingFields';
import { eventField, mp4FilesField } from './trigger/fields';

export class AgoraTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agora Trigger',
		name: 'agoraTrigger',
		icon: { light: 'file:../../icons/agora.svg', dark: 'file:../../icons/agora.dark.svg' },
		group: ['trigger'],
		version: [1],
		subtitle:
			'={{ $parameter["event"] === "recordingStarted" ? "Recording Started" : "Recording Completed" }}',
		description:
			'Starts the workflow when a cloud recording is ready; records channels, finds and downloads recordings',
		defaults: { name: 'Agora Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'agoraStorageApi', required: true, testedBy: 'agoraStorageApiTest' }],
		properties: [
			eventField,
			{
				displayName: 'Filters',
				name: 'filters',
				type: 'collection',
				placeholder: 'Add filter',
				default: {},
				options: [channelFilter, channelPrefixFilter, folderFilter],
			},
			simplifyRecordings(),
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Include Existing Recordings',
						name: 'includeExisting',
						type: 'boolean',
						default: true,
						description:
							'Whether to begin with the recordings that are in the bucket when the workflow is activated',
					},
					includeSegments,
					linkLifetime,
					mp4FilesField,
				],
			},
		],
	};

	methods = { credentialTest };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const { runPoll } = await import('./runtime');
		return await runPoll(this);
	}
}
