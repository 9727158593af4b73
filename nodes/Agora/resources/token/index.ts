import type { INodeProperties } from 'n8n-workflow';
import { showFor } from '../shared/fields';
import * as generate from './generate';

export const operations = { generate: generate.execute };

export const description = (): INodeProperties[] => [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['token'] } },
		options: [
			{
				name: 'Generate',
				value: 'generate',
				action: 'Generate token',
				description: 'Make the RTC token with which a user of your app joins a channel',
			},
		],
		default: 'generate',
	},
	...showFor('token', 'generate', generate.description()),
];
