import { randomInt } from 'crypto';
import type { INodeProperties } from 'n8n-workflow';
import { isChannelName, NAME_CHARACTERS } from '../../../agora/channelName';
import { isUid, MAX_UID } from '../../../agora/uid';
import { Fault } from '../../../http/fault';
import { CHANNEL, EACH_USER, type Mode } from './mode';

/** What is recorded, and as whom. */
export const channelFields: INodeProperties[] = [
	{
		displayName: 'Channel Name',
		name: 'cname',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. class-7b',
		description:
			'The channel to record, exactly as the clients join it. For a web page it is a label of your own.',
	},
	{
		displayName: 'Recording Mode',
		name: 'mode',
		type: 'options',
		options: [
			{
				name: 'Composite',
				value: 'mix',
				description: 'One recording of the whole channel, all users side by side',
			},
			{
				name: 'Individual',
				value: 'raw',
				description: 'One recording for each user of the channel',
			},
			{
				name: 'Individual (Legacy)',
				value: 'individual',
				description: 'As Individual was before: HLS only, audio and video in files of their own',
			},
			{
				name: 'Web Page',
				value: 'web',
				description: 'What a browser shows and plays at an address',
			},
		],
		default: 'mix',
		description: 'What is put into the files',
	},
	{
		displayName: 'Recorder UID',
		name: 'uidMode',
		type: 'options',
		options: [
			{
				name: 'Automatic',
				value: 'automatic',
				description: 'A large random number that no user is likely to have',
			},
			{ name: 'Specify', value: 'specify', description: 'A number of your choice' },
		],
		default: 'automatic',
		description: 'The user ID with which the recorder joins the channel',
	},
	{
		displayName: 'UID',
		name: 'uid',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. 527841',
		displayOptions: { show: { uidMode: ['specify'] } },
		description:
			'A whole number from 1 to 4294967295 that nobody in the channel uses. If a user has it, or takes it, the recording ends.',
	},
	{
		displayName: 'Channel Profile',
		name: 'channelType',
		type: 'options',
		options: [
			{ name: 'Communication', value: 0, description: 'Everybody in the channel may speak' },
			{ name: 'Live Broadcast', value: 1, description: 'Hosts speak, an audience listens' },
		],
		default: 0,
		displayOptions: { show: { mode: CHANNEL } },
		description: 'The profile that the clients set when they join',
	},
	{
		displayName:
			'The channel profile must be the one that your clients use. With the other one, Agora accepts the start and records nothing.',
		name: 'channelProfileNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { mode: CHANNEL } },
	},
	{
		displayName: 'Users to Record',
		name: 'subscribeUidGroup',
		type: 'options',
		options: [
			{ name: '1 to 2', value: 0 },
			{ name: '3 to 7', value: 1 },
			{ name: '8 to 12', value: 2 },
			{ name: '13 to 17', value: 3 },
			{ name: '18 to 32', value: 4 },
			{ name: '33 to 49', value: 5 },
		],
		default: 0,
		displayOptions: { show: { mode: EACH_USER } },
		description: 'How many users are expected at the most, so that Agora reserves enough room',
	},
];

/** Agora: acquire, a web page's label. */
const MAX_LABEL_BYTES = 1024;

/**
 * @param value what the field Channel Name holds
 * @returns the channel name, or in web mode the label
 * @throws Fault when it is empty, or Agora cannot have it
 *
 * Source: Agora, cloud recording, `acquire`: `cname`.
 */
export function readChannelName(value: unknown, mode: Mode): string {
	const cname = String(value ?? '');
	if (cname.trim() === '') {
		throw new Fault('The field ‘Channel Name’ is empty', {
			description: 'Name the channel to record, exactly as the clients join it.',
		});
	}
	const fits = mode === 'web' ? isLabel(cname) : isChannelName(cname);
	if (fits) return cname;
	throw new Fault(`Agora has no channel named ‘${cname.slice(0, 80)}’`, {
		description:
			mode === 'web'
				? `The label may have ${MAX_LABEL_BYTES} bytes and no slash: it becomes part of file names.`
				: `A channel name has 1 to 64 characters: ${NAME_CHARACTERS}`,
	});
}

/** Agora's list of characters that names cannot hold lacks the slash, which would make a folder. */
function isLabel(text: string): boolean {
	return Buffer.byteLength(text) <= MAX_LABEL_BYTES && !text.includes('/');
}

/**
 * @param value what the field UID holds: text or a number
 * @returns the recorder's UID as text
 * @throws Fault when it is not a whole number from 1 to 4294967295 (Agora: acquire, `uid`)
 */
export function readUid(value: unknown): string {
	const uid = String(value ?? '').trim();
	if (isUid(uid)) return uid;
	throw new Fault(`‘${uid}’ cannot be the UID of a recorder`, {
		description: `Give a whole number from 1 to ${MAX_UID}, or choose Automatic as Recorder UID.`,
	});
}

/** @returns a large UID, as apps hand out small ones; below 2³¹, as Agora's support advises */
export function randomUid(): string {
	return String(randomInt(1_000_000_000, 2_147_483_647));
}
