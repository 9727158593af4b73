import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { resetAppCertificate } from '../../agora/console';
import {
	EXAMPLE_PROJECT,
	projectItem,
	projectOptions,
	readProjectOutput,
	simplify,
} from './projectItem';
import { EXAMPLE_LOCATOR, findProjectId, projectLocator } from './projectLocator';
import type { Example, OperationDescription } from '../shared/operation';

export const description: OperationDescription = {
	name: 'Reset App Certificate',
	value: 'resetAppCertificate',
	action: 'Reset project app certificate',
	description: 'Replace the primary App Certificate: tokens made with the old one stop working',
	fields: () => [
		{
			displayName:
				'All tokens made with the old certificate stop working, and clients must get new ones. Put the new certificate into the Agora API credential, too. A certificate that is off is switched on.',
			name: 'resetNotice',
			type: 'notice',
			default: '',
		},
		projectLocator,
		simplify,
		projectOptions(),
	],
};

/**
 * Gives a project a new primary App Certificate.
 *
 * @returns the project as it is now
 * @throws Fault when the account has no such project; it says when the certificate may have changed all the
 *   same
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const account = await readAccount(context);
	const id = await findProjectId(context, itemIndex, account);
	const project = await resetAppCertificate(context, account, id);
	return projectItem(project, readProjectOutput(context, itemIndex));
}

export const example = (): Example => ({
	parameters: { projectId: EXAMPLE_LOCATOR },
	result: EXAMPLE_PROJECT,
});
