import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount, readAppId } from '../../agora/account';
import { getUserStatus } from '../../agora/channels';
import { channelLocator, EXAMPLE_CHANNEL, readChannel } from '../shared/channelLocator';
import { appIdOptions, userUid } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';
import { readUserUid } from '../shared/parameters';

export const description: OperationDescription = {
	name: 'Get User Status',
	value: 'getUserStatus',
	action: 'Get channel user status',
	description: 'Check whether a user is in a channel, in which role and since when',
	fields: () => [channelLocator(), userUid, appIdOptions],
};

/**
 * Gets the status of a user in a channel. A user who isn't in it has the same form, with `in_channel` false.
 *
 * @throws Fault when the channel name or the UID is empty or invalid, or Agora refuses
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const cname = readChannel(context, itemIndex);
	const uid = readUserUid(context.getNodeParameter('uid', itemIndex));
	const account = await readAccount(context);
	const appId = readAppId(context.getNodeParameter('options.appId', itemIndex, ''), account);
	const status = await getUserStatus(context, account, { appId, cname }, uid);
	return { cname, uid, ...status, app_id: appId };
}

export const example = (): Example => ({
	needs: 'runningRecording',
	parameters: { channel: EXAMPLE_CHANNEL, uid: '1001' },
	result: {
		cname: 'class-7b',
		uid: '1001',
		in_channel: true,
		role: 'host',
		channel_profile: 'live_broadcast',
		platform: 'web',
		joined_at: '2026-11-23T08:00:02.000Z',
		app_id: '0123456789abcdef0123456789abcdef',
	},
});
