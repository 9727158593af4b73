import { DateTime } from 'luxon';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount, type Account } from '../../agora/account';
import { isUid, isUserAccount, MAX_UID, NAME_CHARACTERS } from '../../agora/formats';
import { rtcToken } from '../../agora/rtcToken';
import { Fault } from '../../http/errors';
import { checkChannelName, oneOf, readWholeNumber } from '../shared/parameters';
import type { Example, OperationDescription } from '../shared/operation';

const HOUR = 3600;

const userTypeField: INodeProperties = {
	displayName: 'Identify User By',
	name: 'userType',
	type: 'options',
	options: [
		{ name: 'UID', value: 'uid', description: 'A number, used by most apps' },
		{ name: 'User Account', value: 'userAccount', description: 'A string, such as a login name' },
	],
	default: 'uid',
	description: 'How the app identifies its users when they join',
};

const roleField: INodeProperties = {
	displayName: 'Role',
	name: 'role',
	type: 'options',
	options: [
		{ name: 'Audience', value: 'audience', description: 'Can join the channel' },
		{ name: 'Host', value: 'host', description: 'Can join the channel, speak and send video' },
	],
	default: 'host',
	description:
		'What the user can do. Agora also lets an audience publish, unless co-host authentication is enabled for the project.',
};

export const description: OperationDescription = {
	name: 'Generate',
	value: 'generate',
	action: 'Generate token',
	description: 'Generate an RTC token for a user to join a channel',
	fields: () => [
		{
			displayName:
				'This node returns the token, so that you can pass it to its user. Until it expires it is a secret: anyone who has it can join the channel as that user, and n8n keeps it in the execution data.',
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
			description: 'The channel for the user to join, in the project of the Agora API credential',
		},
		userTypeField,
		{
			displayName: 'UID',
			name: 'uid',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1001',
			displayOptions: { show: { userType: ['uid'] } },
			description:
				"The user's UID in the channel, a whole number from 1 to 4294967295. Leave empty, or enter 0, for a token that is valid for any user.",
		},
		{
			displayName: 'User Account',
			name: 'userAccount',
			type: 'string',
			default: '',
			placeholder: 'e.g. ada.l',
			displayOptions: { show: { userType: ['userAccount'] } },
			description: "The user's account in the channel, 1 to 255 characters",
		},
		roleField,
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
			description: 'How long the token is valid. As an expression: seconds, 1 to 86400.',
		},
	],
};

/**
 * Generates the RTC token with which a user of an app joins a channel, from the App Certificate in the credential and
 * without a request (Agora: token authentication).
 *
 * @returns `uid` is a string: a number, '0' for any user, or a user account
 * @throws Fault when a field is not valid, or the credential has no App ID or App Certificate
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex);
	const channel = checkChannelName(String(parameter('cname') ?? ''));
	const uid =
		oneOf(parameter('userType'), userTypeField) === 'userAccount'
			? readUserAccount(parameter('userAccount'))
			: readUid(parameter('uid'));
	const role = oneOf<'host' | 'audience'>(parameter('role'), roleField);
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

/** Only an empty field means any user: an expression that found nothing must not widen the token. */
function readUid(value: unknown): string {
	const uid = String(value).trim();
	if (uid === '' || uid === '0') return '0';
	if (isUid(uid)) return uid;
	throw new Fault(`"${uid.slice(0, 80)}" can't be a UID`, {
		description: `Enter a whole number from 1 to ${MAX_UID}, or nothing for any user. For a string, set "Identify User By" to User Account.`,
	});
}

function readUserAccount(value: unknown): string {
	const account = String(value ?? '');
	if (account.trim() !== '' && isUserAccount(account)) return account;
	throw new Fault(
		account === ''
			? '"User Account" is empty'
			: `"${account.slice(0, 80)}" can't be a user account`,
		{
			description: `It must have 1 to 255 characters: ${NAME_CHARACTERS}. It can't be 0.`,
		},
	);
}

function readLifetime(value: unknown): number {
	const seconds = readWholeNumber(value) ?? 0;
	if (seconds >= 1 && seconds <= 24 * HOUR) return seconds;
	throw new Fault('"Lifetime" must be 1 to 86400 seconds', {
		description: `It is "${String(value)}". Agora ends tokens after 24 hours.`,
	});
}

function readKeys({ appId, appCertificate }: Account) {
	if (appId !== '' && appCertificate !== '') return { appId, appCertificate };
	const missing = appId === '' ? 'App ID' : 'App Certificate';
	throw new Fault(`The Agora API credential has no ${missing}`, {
		description:
			'Tokens are generated from both. Copy them from the Agora Console (Projects > Edit) into the credential. A project without App Certificate needs no tokens.',
		cause: 'configuration-invalid',
	});
}

export const example = (): Example => ({
	parameters: { cname: 'class-7b', userType: 'uid', uid: '1001', role: 'host', lifetime: 3600 },
	result: {
		token: '007…',
		app_id: '0123456789abcdef0123456789abcdef',
		cname: 'class-7b',
		uid: '1001',
		role: 'host',
		expires_at: '2026-11-23T09:00:00.000Z',
	},
});
