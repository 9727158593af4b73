import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { setAppCertificate } from '../../agora/console';
import {
	EXAMPLE_PROJECT,
	projectItem,
	projectOptions,
	readCertificateSwitch,
	readProjectOutput,
} from './projectItem';
import { EXAMPLE_LOCATOR, findProjectId, projectLocator } from './projectLocator';
import { simplify } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';

export const description: OperationDescription = {
	name: 'Set App Certificate',
	value: 'setAppCertificate',
	action: 'Set project app certificate',
	description: 'Enable or disable the primary App Certificate of a project',
	fields: () => [
		projectLocator,
		{
			displayName: 'Enable App Certificate',
			name: 'enableAppCertificate',
			type: 'boolean',
			default: true,
			description:
				'Whether clients need a token to join channels of this project. If enabled, clients without a token can no longer join; if disabled, anyone who knows the App ID can.',
		},
		simplify,
		projectOptions(),
	],
};

/**
 * Enables or disables the primary App Certificate of a project.
 *
 * @returns the project as it is now
 * @throws Fault when the toggle is neither true nor false, or the account has no such project
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const enabled = readCertificateSwitch(context, itemIndex);
	const account = await readAccount(context);
	const id = await findProjectId(context, itemIndex, account);
	const project = await setAppCertificate(context, account, id, enabled);
	return projectItem(project, readProjectOutput(context, itemIndex));
}

export const example = (): Example => ({
	parameters: { projectId: EXAMPLE_LOCATOR, enableAppCertificate: true },
	result: EXAMPLE_PROJECT,
});
