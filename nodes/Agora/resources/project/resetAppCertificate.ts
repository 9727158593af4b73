import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { resetAppCertificate } from '../../agora/console';
import { EXAMPLE_PROJECT, projectItem, projectOptions, readProjectOutput } from './projectItem';
import { EXAMPLE_LOCATOR, findProjectId, projectLocator } from './projectLocator';
import { simplify } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';

export const description: OperationDescription = {
	name: 'Reset App Certificate',
	value: 'resetAppCertificate',
	action: 'Reset project app certificate',
	description:
		'Replace the primary App Certificate. Tokens generated with the old one stop working.',
	fields: () => [
		{
			displayName:
				'All tokens generated with the old certificate stop working, so clients need new ones. Also update the App Certificate in the Agora API credential. A disabled certificate is enabled.',
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
 * Replaces the primary App Certificate of a project.
 *
 * @returns the project as it is now
 * @throws Fault when the account has no such project. It says so when the certificate may have changed despite the error.
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
