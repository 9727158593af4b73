import type { INodeProperties } from 'n8n-workflow';
import type { Example } from '../resources/shared/operation';
import { exampleRecording } from '../resources/shared/recordingFields';

export const eventField: INodeProperties = {
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
};

export const mp4FilesField: INodeProperties = {
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
			description: 'Wait for an MP4 file, at most 10 minutes after the end',
		},
	],
	default: 'detect',
	description:
		'Whether to wait for the MP4 files of recordings that another program started. For recordings started with this package, it is known.',
};

export const example = (): Example => ({
	needs: 'endedRecording',
	parameters: {
		pollTimes: { item: [{ mode: 'everyMinute' }] },
		event: 'recordingCompleted',
		filters: { cname: 'class-7b' },
	},
	result: exampleRecording(),
});
