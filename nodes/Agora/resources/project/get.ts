import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { projectOptions, readProjectOutput, simplify } from './projectFields';
import { projectItem } from './projectItem';
import { findProject, projectLocator } from './projectLocator';

export const description = (): INodeProperties[] => [projectLocator, simplify, projectOptions()];

/**
 * Gets one project.
 *
 * @throws Fault when the account has no such project
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const project = await findProject(context, itemIndex, await readAccount(context));
	return projectItem(project, readProjectOutput(context, itemIndex));
}
