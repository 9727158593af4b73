import type { INodeProperties } from 'n8n-workflow';
import { showFor } from '../shared/fields';
import * as create from './create';
import * as get from './get';
import * as getMany from './getMany';
import * as getUsage from './getUsage';
import * as resetAppCertificate from './resetAppCertificate';
import * as setAppCertificate from './setAppCertificate';
import * as updateStatus from './updateStatus';

export const operations = {
	create: create.execute,
	get: get.execute,
	getAll: getMany.execute,
	getUsage: getUsage.execute,
	resetAppCertificate: resetAppCertificate.execute,
	setAppCertificate: setAppCertificate.execute,
	updateStatus: updateStatus.execute,
};

export const description = (): INodeProperties[] => [
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
				description: "Retrieve a list of the account's projects",
			},
			{
				name: 'Get Usage',
				value: 'getUsage',
				action: 'Get project usage',
				description: 'Retrieve how many seconds of audio and video a project used, day by day',
			},
			{
				name: 'Reset App Certificate',
				value: 'resetAppCertificate',
				action: 'Reset project app certificate',
				description:
					'Replace the primary App Certificate: tokens made with the old one stop working',
			},
			{
				name: 'Set App Certificate',
				value: 'setAppCertificate',
				action: 'Set project app certificate',
				description: 'Switch the primary App Certificate of a project on or off',
			},
			{
				name: 'Update Status',
				value: 'updateStatus',
				action: 'Update project status',
				description: 'Enable or disable a project',
			},
		],
		default: 'getAll',
	},
	...showFor('project', 'create', create.description()),
	...showFor('project', 'get', get.description()),
	...showFor('project', 'getAll', getMany.description()),
	...showFor('project', 'getUsage', getUsage.description()),
	...showFor('project', 'resetAppCertificate', resetAppCertificate.description()),
	...showFor('project', 'setAppCertificate', setAppCertificate.description()),
	...showFor('project', 'updateStatus', updateStatus.description()),
];
