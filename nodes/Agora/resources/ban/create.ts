import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount, readAppId } from '../../agora/account';
import { createBan, type BanTarget, type Privilege } from '../../agora/bans';
import { isIpAddress } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { channelLocator, EXAMPLE_CHANNEL, readChannel } from '../shared/channelLocator';
import { appIdOptions, userUid } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';
import { oneOf, readUserUid, someOf } from '../shared/parameters';
import { banItem, durationField, EXAMPLE_BAN, readMinutes } from './banFields';

type Target = 'userInChannel' | 'user' | 'channel' | 'ip';

/**
 * The combinations of criteria that Agora documents. Chosen by name rather than by which fields are filled in, as an
 * expression without a value would otherwise turn the ban of a user into that of everyone.
 *
 * Source: Agora, channel management REST API, "Create a banning rule", banning rule behavior.
 */
const targetField: INodeProperties = {
	displayName: 'Target',
	name: 'target',
	type: 'options',
	options: [
		{
			name: 'Everyone in a Channel',
			value: 'channel',
			description: 'All users of one channel. Nobody can use the channel until the ban ends.',
		},
		{
			name: 'IP Address',
			value: 'ip',
			description:
				'All users with this IP address, in all channels of the project. Others who share the address are banned too.',
		},
		{
			name: 'User in a Channel',
			value: 'userInChannel',
			description: 'One user in one channel. The user can still use other channels.',
		},
		{
			name: 'User in All Channels',
			value: 'user',
			description: 'One user in all channels of the project',
		},
	],
	default: 'userInChannel',
	description: 'Who is banned, and where',
};

const privilegesField: INodeProperties = {
	displayName: 'Privileges',
	name: 'privileges',
	type: 'multiOptions',
	options: [
		{
			name: 'Join Channel',
			value: 'join_channel',
			description: 'Users are removed from the channel and cannot join again',
		},
		{
			name: 'Publish Audio',
			value: 'publish_audio',
			description: 'Users stay in the channel, but nobody can hear them',
		},
		{
			name: 'Publish Video',
			value: 'publish_video',
			description: 'Users stay in the channel, but nobody can see them',
		},
	],
	default: ['join_channel'],
	required: true,
	description: 'What to take away from the users',
};

const showFor = (field: INodeProperties, ...targets: Target[]): INodeProperties => ({
	...field,
	displayOptions: { show: { target: targets } },
});

export const description: OperationDescription = {
	name: 'Create',
	value: 'create',
	action: 'Create ban',
	description: 'Remove users from channels and keep them out, or mute them, for up to a day',
	fields: () => [
		targetField,
		showFor(channelLocator(), 'userInChannel', 'channel'),
		showFor(userUid, 'userInChannel', 'user'),
		showFor(
			{
				displayName: 'IP Address',
				name: 'ip',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. 203.0.113.7',
				description: 'The public IP address of the users',
			},
			'ip',
		),
		privilegesField,
		durationField('How long the ban lasts, in minutes, 1 to 1440'),
		appIdOptions,
	],
};

/**
 * Bans users.
 *
 * @returns the ban
 * @throws Fault before anything is sent when a field is empty or invalid; when Agora refuses
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const target = readTarget(context, itemIndex);
	const privileges = someOf<Privilege>(
		context.getNodeParameter('privileges', itemIndex, ['join_channel']),
		privilegesField,
	);
	const minutes = readMinutes(context, itemIndex);
	const account = await readAccount(context);
	const appId = readAppId(context.getNodeParameter('options.appId', itemIndex, ''), account);
	const ban = await createBan(context, account, appId, { target, privileges, minutes });
	return banItem(ban, appId);
}

function readTarget(context: IExecuteFunctions, itemIndex: number): BanTarget {
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, '');
	switch (oneOf<Target>(context.getNodeParameter('target', itemIndex), targetField)) {
		case 'userInChannel':
			return { cname: readChannel(context, itemIndex), uid: readUserUid(parameter('uid')) };
		case 'user':
			return { uid: readUserUid(parameter('uid')) };
		case 'channel':
			return { cname: readChannel(context, itemIndex) };
		case 'ip':
			return { ip: readIpAddress(parameter('ip')) };
	}
}

function readIpAddress(value: unknown): string {
	const ip = String(value ?? '').trim();
	if (isIpAddress(ip)) return ip;
	throw new Fault(
		ip === '' ? '"IP Address" is empty' : `"${ip.slice(0, 80)}" is not an IP address`,
		{ description: 'Enter one address, such as 203.0.113.7, without a port or a range.' },
	);
}

export const example = (): Example => ({
	parameters: {
		target: 'userInChannel',
		channel: EXAMPLE_CHANNEL,
		uid: '1002',
		privileges: ['join_channel'],
		duration: 60,
	},
	result: EXAMPLE_BAN,
});
