import type { INodeProperties } from 'n8n-workflow';

/** A filter of Get Many and of the trigger. */
export const channelFilter: INodeProperties = {
	displayName: 'Channel Name',
	name: 'cname',
	type: 'string',
	default: '',
	placeholder: 'e.g. class-7b',
	description: 'Only recordings of exactly this channel',
};
