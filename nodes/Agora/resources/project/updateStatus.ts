import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { setProjectStatus } from '../../agora/console';
import { oneOf } from '../shared/parameters';
import { EXAMPLE_PROJECT, projectItem, projectOptions, readProjectOutput } from './projectItem';
import { EXAMPLE_LOCATOR, findProjectId, projectLocator } from './projectLocator';
import { simplify } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';

const statusField: INodeProperties = {
	displayName: 'Status',
	name: 'status',
	type: 'options',
	options: [
		{
			name: 'Disabled',
			value: 'disabled',
			description: 'Its App ID cannot be used until the project is enabled again',
		},
		{ name: 'Enabled', value: 'enabled', description: 'Its App ID can be used' },
	],
	default: 'enabled',
	description: 'The status to set',
};

export const description: OperationDescription = {
	name: 'Update Status',
	value: 'updateStatus',
	action: 'Update project status',
	description: 'Enable or disable a project',
	fields: () => [projectLocator, statusField, simplify, projectOptions()],
};

/**
 * Enables or disables a project.
 *
 * @returns the project as it is now
 * @throws Fault when the status is invalid, or the account has no such project
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const enabled = oneOf(context.getNodeParameter('status', itemIndex), statusField) === 'enabled';
	const account = await readAccount(context);
	const id = await findProjectId(context, itemIndex, account);
	const project = await setProjectStatus(context, account, id, enabled);
	return projectItem(project, readProjectOutput(context, itemIndex));
}

export const example = (): Example => ({
	parameters: { projectId: EXAMPLE_LOCATOR, status: 'enabled' },
	result: EXAMPLE_PROJECT,
});
