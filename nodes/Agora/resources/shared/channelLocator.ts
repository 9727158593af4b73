import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/errors';
import { checkChannelName } from './parameters';

export const channelLocator = (): INodeProperties => ({
	displayName: 'Channel',
	name: 'channel',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description: 'The channel to work with',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Choose a channel …',
			hint: 'Channels with users in them. Search by name.',
			typeOptions: { searchListMethod: 'searchChannels', searchable: true },
		},
		{
			displayName: 'Name',
			name: 'name',
			type: 'string',
			placeholder: 'e.g. class-7b',
			hint: 'Channel names are case-sensitive',
		},
	],
});

/**
 * Reads the channel name of the field Channel.
 *
 * @throws Fault when it is empty, or no channel can have that name
 */
export function readChannel(context: IExecuteFunctions, itemIndex: number): string {
	const { value } = context.getNodeParameter('channel', itemIndex) as { value: unknown };
	const cname = String(value ?? '');
	if (cname.trim() !== '') return checkChannelName(cname);
	throw new Fault('"Channel" is empty', {
		description: 'Choose a channel from the list, or enter its name.',
	});
}

export const EXAMPLE_CHANNEL = { __rl: true, mode: 'name', value: 'class-7b' };
