import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { listProjects } from '../../agora/console';
import { limit, readLimit, returnAll } from '../shared/fields';
import { projectOptions, readProjectOutput, simplify } from './projectFields';
import { projectItem } from './projectItem';

export const description = (): INodeProperties[] => [returnAll, limit, simplify, projectOptions()];

/** Lists the account's projects, one item each. */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<IDataObject[]> {
	const output = readProjectOutput(context, itemIndex);
	const projects = await listProjects(context, await readAccount(context));
	return projects
		.slice(0, readLimit(context, itemIndex))
		.map((project) => projectItem(project, output));
}
