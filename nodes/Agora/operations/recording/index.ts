import type { INodeProperties } from 'n8n-workflow';
import * as get from './get';
import * as getMany from './getMany';
import * as start from './start';

export const operations = { get, getAll: getMany, start };

export const description: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['recording'] } },
		options: [
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
		],
		default: 'getAll',
	},
	...get.description,
	...getMany.description,
	...start.description,
];
