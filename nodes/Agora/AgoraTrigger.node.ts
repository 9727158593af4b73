import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { credentialTest } from './credentialTest';
import { channelFilter } from './operations/recording/channelFilter';
import { includeSegments, linkLifetime } from './operations/recording/presentation';

export class AgoraTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agora Trigger',
		name: 'agoraTrigger',
		icon: { light: 'file:../../icons/agora.svg', dark: 'file:../../icons/agora.dark.svg' },
		group: ['trigger'],
		version: [1],
		subtitle:
			'={{ $parameter["event"] === "recordingStarted" ? "Recording Started" : "Recording Completed" }}',
		description: 'Starts the workflow when Agora recordings appear in your bucket',
		defaults: { name: 'Agora Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'agoraStorageApi', required: true, testedBy: 'agoraStorageApiTest' }],
		properties: [
			{
				displayName: 'Trigger On',
				name: 'event',
				type: 'options',
				options: [
					{
						name: 'Recording Completed',
						value: 'recordingCompleted',
						description:
							'When a recording has ended and all its files are in the bucket, or nothing has arrived for an hour (status interrupted)',
					},
					{
						name: 'Recording Started',
						value: 'recordingStarted',
						description: 'When the first file of a recording is in the bucket',
					},
				],
				default: 'recordingCompleted',
			},
			{
				displayName: 'Filters',
				name: 'filters',
				type: 'collection',
				placeholder: 'Add filter',
				default: {},
				options: [
					channelFilter,
					{
						displayName: 'Prefix',
						name: 'prefix',
						type: 'string',
						default: '',
						placeholder: 'e.g. school/7b',
						description:
							'Only recordings in this folder and those inside it, counted from the File Name Prefix of the credential',
					},
				],
			},
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
						default: false,
						description:
							'Whether to begin with the recordings that are in the bucket when the workflow is activated',
					},
					includeSegments,
					linkLifetime,
					{
						displayName: 'MP4 Files',
						name: 'mp4Files',
						type: 'options',
						displayOptions: { show: { '/event': ['recordingCompleted'] } },
						options: [
							{
								name: 'Detect',
								value: 'detect',
								description: 'Wait where this recording or others in its folder have MP4 files',
							},
							{
								name: "Don't Wait",
								value: 'ignore',
								description: 'Return the recording when its playlists are finished',
							},
							{
								name: 'Expect',
								value: 'expect',
								description: 'Wait for an MP4 file, for 10 minutes after the end at most',
							},
						],
						default: 'detect',
						description:
							'Whether to wait for the MP4 files of recordings that another program started. For those that Start began, it is known.',
					},
				],
			},
		],
	};

	methods = { credentialTest };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const { runPoll } = await import('./running');
		return await runPoll(this);
	}
}
