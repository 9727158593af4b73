import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount, readAppId } from '../../agora/account';
import { listUsers, MAX_AUDIENCE, type ChannelUsers } from '../../agora/channels';
import { channelLocator, EXAMPLE_CHANNEL, readChannel } from '../shared/channelLocator';
import { appIdOption, limit, readLimit, returnAll } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';
import { readBoolean } from '../shared/parameters';

export const description: OperationDescription = {
	name: 'Get Users',
	value: 'getUsers',
	action: 'Get channel users',
	description: 'Retrieve a list of the hosts and the audience of a channel',
	fields: () => [
		channelLocator(),
		returnAll,
		limit,
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [
				appIdOption,
				{
					displayName: 'Hosts Only',
					name: 'hostsOnly',
					type: 'boolean',
					default: false,
					description:
						'Whether to leave out the audience. A channel with the Communication profile has no hosts.',
				},
			],
		},
	],
};

/**
 * Lists the users of a channel, one item each, hosts first. Shows n8n's hint when there are none or when the list is not
 * complete.
 *
 * @throws Fault when the channel name is empty or invalid, or Agora refuses
 */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<IDataObject[]> {
	const cname = readChannel(context, itemIndex);
	const max = readLimit(context, itemIndex);
	const hostsOnly = readBoolean(
		context.getNodeParameter('options.hostsOnly', itemIndex, false),
		'Hosts Only',
	);
	const account = await readAccount(context);
	const appId = readAppId(context.getNodeParameter('options.appId', itemIndex, ''), account);
	const found = await listUsers(context, account, { appId, cname }, hostsOnly);
	const message = hintFor(cname, found, hostsOnly);
	if (message !== null) context.addExecutionHints({ message, location: 'outputPane' });
	if (found === null) return [];
	return found.users.slice(0, max).map(({ uid, role }) => ({
		cname,
		uid,
		role,
		channel_profile: found.profile,
		user_count: found.count,
		app_id: appId,
	}));
}

function hintFor(cname: string, found: ChannelUsers | null, hostsOnly: boolean): string | null {
	if (found === null) {
		return `Nobody is in the channel "${cname}". Channel names are case-sensitive.`;
	}
	const { profile, users, count } = found;
	if (hostsOnly && profile === 'communication') {
		return `The channel "${cname}" has the Communication profile, so it has no hosts. Turn off Hosts Only to get its users.`;
	}
	if (users.length === 0) return `The channel "${cname}" has no ${hostsOnly ? 'hosts' : 'users'}.`;
	return count !== null && count > users.length
		? `The channel "${cname}" has ${count} users. Agora lists ${MAX_AUDIENCE} of its audience at most.`
		: null;
}

export const example = (): Example => ({
	needs: 'runningRecording',
	parameters: { channel: EXAMPLE_CHANNEL, returnAll: true },
	result: {
		cname: 'class-7b',
		uid: '1001',
		role: 'host',
		channel_profile: 'live_broadcast',
		user_count: 24,
		app_id: '0123456789abcdef0123456789abcdef',
	},
});
