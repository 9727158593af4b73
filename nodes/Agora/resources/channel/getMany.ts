import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount, readAppId } from '../../agora/account';
import { listChannels } from '../../agora/channels';
import { appIdOptions, limit, readLimit, returnAll } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';

export const description: OperationDescription = {
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many channels',
	description: 'Retrieve a list of the channels that have users in them',
	fields: () => [returnAll, limit, appIdOptions],
};

/**
 * Lists the channels of a project that have users in them, one item each.
 *
 * @throws Fault when there is no App ID, or Agora doesn't know it
 */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<IDataObject[]> {
	const account = await readAccount(context);
	const appId = readAppId(context.getNodeParameter('options.appId', itemIndex, ''), account);
	const channels = await listChannels(context, account, appId, readLimit(context, itemIndex));
	return channels.map(({ channel_name: cname, user_count: users }) => ({
		cname,
		user_count: users ?? null,
		app_id: appId,
	}));
}

export const example = (): Example => ({
	needs: 'runningRecording',
	parameters: { returnAll: true },
	result: { cname: 'class-7b', user_count: 2, app_id: '0123456789abcdef0123456789abcdef' },
});
