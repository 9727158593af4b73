import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { EXAMPLE_PROJECT, projectItem, projectOptions, readProjectOutput } from './projectItem';
import { EXAMPLE_LOCATOR, findProject, projectLocator } from './projectLocator';
import { simplify } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';

export const description: OperationDescription = {
	name: 'Get',
	value: 'get',
	action: 'Get project',
	description: 'Retrieve a project by its ID, App ID or name',
	fields: () => [projectLocator, simplify, projectOptions()],
};

/**
 * Gets one project.
 *
 * @throws Fault when the account has no such project
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const project = await findProject(context, itemIndex, await readAccount(context));
	return projectItem(project, readProjectOutput(context, itemIndex));
}

export const example = (): Example => ({
	parameters: { projectId: EXAMPLE_LOCATOR },
	result: EXAMPLE_PROJECT,
});
