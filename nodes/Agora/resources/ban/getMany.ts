import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount, readAppId } from '../../agora/account';
import { listBans } from '../../agora/bans';
import { appIdOptions, limit, readLimit, returnAll } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';
import { banItem, EXAMPLE_BAN } from './banFields';

export const description: OperationDescription = {
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many bans',
	description: "Retrieve a list of the project's current bans",
	fields: () => [returnAll, limit, appIdOptions],
};

/**
 * Lists the bans of a project, one item each. Agora may leave some out while its network is unstable.
 *
 * @throws Fault when there is no App ID, or Agora refuses
 */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<IDataObject[]> {
	const max = readLimit(context, itemIndex);
	const account = await readAccount(context);
	const appId = readAppId(context.getNodeParameter('options.appId', itemIndex, ''), account);
	const bans = await listBans(context, account, appId);
	return bans.slice(0, max).map((ban) => banItem(ban, appId));
}

export const example = (): Example => ({ parameters: { returnAll: true }, result: EXAMPLE_BAN });
