import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount, readAppId } from '../../agora/account';
import { deleteBan } from '../../agora/bans';
import { appIdOptions } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';
import { banLocator, EXAMPLE_BAN, EXAMPLE_BAN_LOCATOR, readBanId } from './banFields';

export const description: OperationDescription = {
	name: 'Delete',
	value: 'delete',
	action: 'Delete ban',
	description: 'Lift a ban before it expires',
	fields: () => [banLocator, appIdOptions],
};

/**
 * Lifts a ban.
 *
 * @throws Fault before anything is sent when the ID is invalid; when the project has no such ban
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const id = readBanId(context, itemIndex);
	const account = await readAccount(context);
	const appId = readAppId(context.getNodeParameter('options.appId', itemIndex, ''), account);
	await deleteBan(context, account, appId, id);
	return { id, deleted: true, app_id: appId };
}

export const example = (): Example => ({
	parameters: { banId: EXAMPLE_BAN_LOCATOR },
	result: { id: EXAMPLE_BAN.id, deleted: true, app_id: EXAMPLE_BAN.app_id },
});
