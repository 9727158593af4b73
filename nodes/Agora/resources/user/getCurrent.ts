import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { listProjects } from '../../agora/console';
import type { Example, OperationDescription } from '../shared/operation';

export const description: OperationDescription = {
	name: 'Get Current',
	value: 'getCurrent',
	action: 'Get current user',
	description: 'Check the credential and retrieve the Customer ID it belongs to',
	fields: () => [],
};

/**
 * Checks the credential and returns the Customer ID it belongs to.
 *
 * @returns `user.id` is the Customer ID; `user.name` and `user.email` are null, because no endpoint of Agora's returns
 *   them, as `note` explains
 * @throws Fault when Agora does not accept the credential
 */
export async function execute(context: IExecuteFunctions): Promise<IDataObject> {
	const account = await readAccount(context);
	const projects = await listProjects(context, account);
	return {
		user: { id: account.customerId, name: null, email: null },
		project_count: projects.length,
		note: "Agora accepts this credential. Its API doesn't expose a name or email for a Customer ID, so these are null.",
	};
}

export const example = (): Example => ({
	parameters: {},
	result: {
		user: { id: '5f3cd0bb7dd1495c8b4b4a8b4c0ea1a4', name: null, email: null },
		project_count: 3,
		note: "Agora accepts this credential. Its API doesn't expose a name or email for a Customer ID, so these are null.",
	},
});
