import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { resetAppCertificate } from '../../agora/console';
import { projectOptions, readProjectOutput, simplify } from './projectFields';
import { projectItem } from './projectItem';
import { findProjectId, projectLocator } from './projectLocator';

export const description = (): INodeProperties[] => [
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
];

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
