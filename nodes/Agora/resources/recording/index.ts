import type { INodeProperties } from 'n8n-workflow';
import { showFor } from '../shared/fields';
import * as download from './download';
import * as get from './get';
import * as getMany from './getMany';
import * as start from './start';
import * as stop from './stop';
import * as update from './update';
import * as updateLayout from './updateLayout';

export const operations = {
	download: download.execute,
	get: get.execute,
	getAll: getMany.execute,
	start: start.execute,
	stop: stop.execute,
	update: update.execute,
	updateLayout: updateLayout.execute,
};

export const description = (): INodeProperties[] => [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['recording'] } },
		options: [
			{
				name: 'Download',
				value: 'download',
				action: 'Download recording',
				description: 'Fetch the video and other files of a recording as binary data',
			},
			{
				name: 'Get',
				value: 'get',
				action: 'Get recording',
				description: 'Retrieve the state, files and download links of one recording',
			},
			{
				name: 'Get Many',
				value: 'getAll',
				action: 'Get many recordings',
				description: 'Retrieve a list of recordings from the bucket, newest first',
			},
			{
				name: 'Start',
				value: 'start',
				action: 'Start recording',
				description: 'Begin to record a channel or a web page into the bucket',
			},
			{
				name: 'Stop',
				value: 'stop',
				action: 'Stop recording',
				description: 'End a running recording and retrieve its files, by ID or channel name alone',
			},
			{
				name: 'Update',
				value: 'update',
				action: 'Update recording',
				description: 'Pause, resume or broadcast, or change whose media is recorded',
			},
			{
				name: 'Update Layout',
				value: 'updateLayout',
				action: 'Update recording layout',
				description: 'Arrange the pictures of a running composite recording anew',
			},
		],
		default: 'getAll',
	},
	...showFor('recording', 'download', download.description()),
	...showFor('recording', 'get', get.description()),
	...showFor('recording', 'getAll', getMany.description()),
	...showFor('recording', 'start', start.description()),
	...showFor('recording', 'stop', stop.description()),
	...showFor('recording', 'update', update.description()),
	...showFor('recording', 'updateLayout', updateLayout.description()),
];
