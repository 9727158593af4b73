import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { setProjectStatus } from '../../agora/console';
import { Fault } from '../../http/fault';
import { projectOptions, readProjectOutput, simplify } from './projectFields';
import { projectItem } from './projectItem';
import { findProjectId, projectLocator } from './projectLocator';

export const description = (): INodeProperties[] => [
	projectLocator,
	{
		displayName: 'Status',
		name: 'status',
		type: 'options',
		options: [
			{
				name: 'Disabled',
				value: 'disabled',
				description: 'Its App ID cannot be used until the project is enabled again',
			},
			{ name: 'Enabled', value: 'enabled', description: 'Its App ID can be used' },
		],
		default: 'enabled',
		description: 'What the project is to be. One that is so already stays so.',
	},
	simplify,
	projectOptions(),
];

/**
 * Enables or disables a project.
 *
 * @returns the project as it is now
 * @throws Fault when the status is none, or the account has no such project
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const enabled = readStatus(context.getNodeParameter('status', itemIndex)) === 'enabled';
	const account = await readAccount(context);
	const id = await findProjectId(context, itemIndex, account);
	const project = await setProjectStatus(context, account, id, enabled);
	return projectItem(project, readProjectOutput(context, itemIndex));
}

/** An expression may give anything; what is not clearly meant must not disable a project. */
function readStatus(value: unknown): 'enabled' | 'disabled' {
	if (value === 'enabled' || value === 'disabled') return value;
	throw new Fault(`A project has no status ‘${String(value)}’`, {
		description: 'Give ‘enabled’ or ‘disabled’ in the field ‘Status’.',
	});
}
