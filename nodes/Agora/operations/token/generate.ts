import { DateTime } from 'luxon';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount, type Account } from '../../agora/account';
import { isChannelName, NAME_CHARACTERS } from '../../agora/channelName';
import { rtcToken } from '../../agora/rtcToken';
import { isUserAccount } from '../../agora/userAccount';
import { isUid, MAX_UID } from '../../agora/uid';
import { Fault } from '../../http/fault';

const HOUR = 3600;

export const description = (): INodeProperties[] => [
	{
		displayName:
			'The token comes out of this node, to be handed to its user. Until it expires it is a secret of that user: whoever has it can join the channel in their place, and n8n keeps it in the execution data.',
		name: 'tokenNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Channel Name',
		name: 'cname',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. class-7b',
		description: 'The channel that the user is to join, of the project in the Agora API credential',
	},
	{
		displayName: 'Identify User By',
		name: 'userType',
		type: 'options',
		options: [
			{ name: 'UID', value: 'uid', description: 'A number, as most apps do' },
			{ name: 'User Account', value: 'userAccount', description: 'A text, such as a login name' },
		],
		default: 'uid',
		description: 'How the app names its users to Agora when they join',
	},
	{
		displayName: 'UID',
		name: 'uid',
		type: 'string',
		default: '',
		placeholder: 'e.g. 1001',
		displayOptions: { show: { userType: ['uid'] } },
		description:
			'The user’s number in the channel, a whole number from 1 to 4294967295. Leave empty, or give 0, for a token that is good for any user.',
	},
	{
		displayName: 'User Account',
		name: 'userAccount',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. ada.l',
		displayOptions: { show: { userType: ['userAccount'] } },
		description: 'The user’s account in the channel, 1 to 255 characters',
	},
	{
		displayName: 'Role',
		name: 'role',
		type: 'options',
		options: [
			{ name: 'Audience', value: 'audience', description: 'May join the channel' },
			{ name: 'Host', value: 'host', description: 'May join the channel, and speak and be seen' },
		],
		default: 'host',
		description:
			'What the user may do. Agora lets an audience publish all the same, unless co-host authentication is enabled for the project.',
	},
	{
		displayName: 'Lifetime',
		name: 'lifetime',
		type: 'options',
		options: [
			{ name: '15 Minutes', value: HOUR / 4 },
			{ name: '1 Hour', value: HOUR },
			{ name: '6 Hours', value: 6 * HOUR },
			{ name: '12 Hours', value: 12 * HOUR },
			{ name: '24 Hours', value: 24 * HOUR },
		],
		default: HOUR,
		description:
			'How long the token is good. As an expression: seconds, 1 to 86400. Agora’s tokens last 24 hours at most.',
	},
];

/**
 * Makes the RTC token with which a user of an app joins a channel. Nothing is sent: the App Certificate in the
 * credential is all it takes (Agora: token authentication).
 *
 * @returns `uid` is text: a number, '0' for any user, or a user account
 * @throws Fault when a field cannot be right, or the credential lacks App ID or App Certificate
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex);
	const channel = readChannelName(parameter('cname'));
	const uid =
		parameter('userType') === 'userAccount'
			? readUserAccount(parameter('userAccount'))
			: readUid(parameter('uid'));
	const role = readRole(parameter('role'));
	const lifetimeSeconds = readLifetime(parameter('lifetime'));
	const { appId, appCertificate } = readKeys(await readAccount(context));
	const issuedAt = Math.floor(Date.now() / 1000);
	const token = rtcToken({
		appId,
		appCertificate,
		channel,
		uid,
		lifetimeSeconds,
		mayPublish: role === 'host',
		issuedAt,
	});
	const expiresAt = DateTime.fromSeconds(issuedAt + lifetimeSeconds, { zone: 'utc' });
	return { token, app_id: appId, cname: channel, uid, role, expires_at: expiresAt.toISO() };
}

function readChannelName(value: unknown): string {
	const cname = String(value ?? '');
	if (cname.trim() !== '' && isChannelName(cname)) return cname;
	throw new Fault(`Agora has no channel named ‘${cname.slice(0, 80)}’`, {
		description: `A channel name has 1 to 64 characters: ${NAME_CHARACTERS}`,
	});
}

/** Only an empty field stands for any user: an expression that found nothing must not widen the token. */
function readUid(value: unknown): string {
	const uid = String(value).trim();
	if (uid === '' || uid === '0') return '0';
	if (isUid(uid)) return uid;
	throw new Fault(`‘${uid.slice(0, 80)}’ cannot be a UID`, {
		description: `Give a whole number from 1 to ${MAX_UID}, or nothing for any user. For a text, choose User Account in the field ‘Identify User By’.`,
	});
}

function readUserAccount(value: unknown): string {
	const account = String(value ?? '');
	if (account.trim() !== '' && isUserAccount(account)) return account;
	throw new Fault(`‘${account.slice(0, 80)}’ cannot be a user account`, {
		description: `It has 1 to 255 characters: ${NAME_CHARACTERS}. It is not 0 alone.`,
	});
}

function readRole(value: unknown): 'host' | 'audience' {
	if (value === 'host' || value === 'audience') return value;
	throw new Fault(`A token has no role ‘${String(value)}’`, {
		description: 'Give ‘host’ or ‘audience’ in the field ‘Role’.',
	});
}

function readLifetime(value: unknown): number {
	const seconds = Number(value);
	if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 24 * HOUR) return seconds;
	throw new Fault('The field ‘Lifetime’ needs 1 to 86400 seconds', {
		description: `It is ‘${String(value)}’. Agora’s tokens last 24 hours at most.`,
	});
}

function readKeys({ appId, appCertificate }: Account) {
	if (appId !== '' && appCertificate !== '') return { appId, appCertificate };
	const missing = appId === '' ? 'App ID' : 'App Certificate';
	throw new Fault(`The Agora API credential has no ${missing}`, {
		description:
			'Tokens are made from both. Copy them from the Agora Console (Projects → Edit) into the credential. A project whose App Certificate is off needs no tokens.',
		cause: 'configuration-invalid',
	});
}
