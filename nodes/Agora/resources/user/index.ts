import type { INodeProperties } from 'n8n-workflow';
import * as getCurrent from './getCurrent';

export const operations = { getCurrent: getCurrent.execute };

export const description = (): INodeProperties[] => [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['user'] } },
		options: [
			{
				name: 'Get Current',
				value: 'getCurrent',
				action: 'Get current user',
				description: 'Check the credential and retrieve the Customer ID it belongs to',
			},
		],
		default: 'getCurrent',
	},
];
