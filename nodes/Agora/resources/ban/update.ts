import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount, readAppId } from '../../agora/account';
import { updateBan } from '../../agora/bans';
import { appIdOptions } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';
import {
	banItem,
	banLocator,
	durationField,
	EXAMPLE_BAN,
	EXAMPLE_BAN_LOCATOR,
	readBanId,
	readMinutes,
} from './banFields';

export const description: OperationDescription = {
	name: 'Update',
	value: 'update',
	action: 'Update ban',
	description: 'Extend or shorten a ban',
	fields: () => [
		banLocator,
		durationField('How long the ban lasts from now on, in minutes, 1 to 1440'),
		appIdOptions,
	],
};

/**
 * Sets when a ban expires.
 *
 * @returns the ban as it is now
 * @throws Fault before anything is sent when a field is invalid; when the project has no such ban
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const id = readBanId(context, itemIndex);
	const minutes = readMinutes(context, itemIndex);
	const account = await readAccount(context);
	const appId = readAppId(context.getNodeParameter('options.appId', itemIndex, ''), account);
	return banItem(await updateBan(context, account, appId, { id, minutes }), appId);
}

export const example = (): Example => ({
	parameters: { banId: EXAMPLE_BAN_LOCATOR, duration: 60 },
	result: EXAMPLE_BAN,
});
