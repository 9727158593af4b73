import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { listProjects } from '../../agora/console';
import { limit, readLimit, returnAll, simplify } from '../shared/fields';
import { EXAMPLE_PROJECT, projectItem, projectOptions, readProjectOutput } from './projectItem';
import type { Example, OperationDescription } from '../shared/operation';

export const description: OperationDescription = {
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many projects',
	description: "Retrieve a list of the account's projects",
	fields: () => [returnAll, limit, simplify, projectOptions()],
};

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

export const example = (): Example => ({
	parameters: { returnAll: true },
	result: EXAMPLE_PROJECT,
});
