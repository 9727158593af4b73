import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { MAX_MINUTES, type Ban } from '../../agora/bans';
import { Fault } from '../../http/errors';
import { readWholeNumber } from '../shared/parameters';

export const banLocator: INodeProperties = {
	displayName: 'Ban',
	name: 'banId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description: 'The ban to work with',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Choose a ban …',
			hint: 'Bans of the project. Search by channel, UID, IP address or ID. Agora may leave some out.',
			typeOptions: { searchListMethod: 'searchBans', searchable: true },
		},
		{
			displayName: 'ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 1953',
			hint: 'The ID returned by Create and Get Many',
		},
	],
};

/** @throws Fault when the field Ban is empty or not an ID */
export function readBanId(context: IExecuteFunctions, itemIndex: number): number {
	const { value } = context.getNodeParameter('banId', itemIndex) as { value: unknown };
	const text = String(value ?? '').trim();
	if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
	throw new Fault(
		text === '' ? '"Ban" is empty' : `"${text.slice(0, 80)}" is not the ID of a ban`,
		{
			description:
				'Choose a ban from the list, or enter its ID, a whole number that Create and Get Many return.',
		},
	);
}

/** @param description says from when it counts */
export const durationField = (description: string): INodeProperties => ({
	displayName: 'Duration (Minutes)',
	name: 'duration',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: MAX_MINUTES },
	default: 60,
	description,
});

/** @throws Fault for anything that Agora would replace with another duration without notice */
export function readMinutes(context: IExecuteFunctions, itemIndex: number): number {
	const value = context.getNodeParameter('duration', itemIndex, 60) as unknown;
	const minutes = readWholeNumber(value);
	if (minutes !== undefined && minutes >= 1 && minutes <= MAX_MINUTES) return minutes;
	throw new Fault(`"Duration (Minutes)" must be a whole number from 1 to ${MAX_MINUTES}`, {
		description: `It is "${String(value)}". Agora's longest ban is one day; use Update to extend it before it expires.`,
	});
}

export function banItem(ban: Ban, appId: string): IDataObject {
	return { ...ban, app_id: appId };
}

export const EXAMPLE_BAN = {
	id: 1953,
	cname: 'class-7b',
	uid: '1002',
	ip: null,
	privileges: ['join_channel'],
	created_at: '2026-11-23T08:12:40.000Z',
	expires_at: '2026-11-23T09:12:40.000Z',
	app_id: '0123456789abcdef0123456789abcdef',
};

/** The first ban that Create makes in the sandbox. */
export const EXAMPLE_BAN_LOCATOR = { __rl: true, mode: 'id', value: '1953' };
