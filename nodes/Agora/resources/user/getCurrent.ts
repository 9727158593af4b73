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
 * Proves the credential and says whose it is, as far as Agora tells.
 *
 * @returns `user.id` is the Customer ID; `user.name` and `user.email` are null, because Agora has no
 *   address that gives them to this kind of key, and `note` says so
 * @throws Fault when Agora does not accept the credential
 */
export async function execute(context: IExecuteFunctions): Promise<IDataObject> {
	const account = await readAccount(context);
	const projects = await listProjects(context, account);
	return {
		user: { id: account.customerId, name: null, email: null },
		project_count: projects.length,
		note: 'Agora accepts this credential. It tells no name or e-mail address for a Customer ID, so these are empty.',
	};
}

export const example = (): Example => ({
	parameters: {},
	result: {
		user: { id: '5f3cd0bb7dd1495c8b4b4a8b4c0ea1a4', name: null, email: null },
		project_count: 3,
		note: 'Agora accepts this credential. It tells no name or e-mail address for a Customer ID, so these are empty.',
	},
});
