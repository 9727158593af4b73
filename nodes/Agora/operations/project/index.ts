import type { INodeProperties } from 'n8n-workflow';
import * as create from './create';
import * as get from './get';
import * as getMany from './getMany';

export const operations = { create, get, getAll: getMany };

export const description: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['project'] } },
		options: [
			{
				name: 'Create',
				value: 'create',
				action: 'Create project',
				description: 'Add a project to the Agora account, with or without an App Certificate',
			},
			{
				name: 'Get',
				value: 'get',
				action: 'Get project',
				description: 'Retrieve one project by its ID, App ID or name',
			},
			{
				name: 'Get Many',
				value: 'getAll',
				action: 'Get many projects',
				description: 'Retrieve a list of the account’s projects',
			},
		],
		default: 'getAll',
	},
	...create.description,
	...get.description,
	...getMany.description,
];
