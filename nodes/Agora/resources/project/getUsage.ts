import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { getUsage, type Business } from '../../agora/console';
import { Fault } from '../../http/errors';
import { oneOf, readDay } from '../shared/parameters';
import { simplify } from './projectFields';
import { findProjectId, projectLocator } from './projectLocator';
import { usageItem } from './usageItem';

const businessField: INodeProperties = {
	displayName: 'Business Line',
	name: 'business',
	type: 'options',
	options: [
		{ name: 'Audio and Video', value: 'default', description: 'Calls and live streams' },
		{ name: 'Cloud Recording', value: 'cloudRecording' },
		{ name: 'Miniapp', value: 'miniapp', description: 'Calls and live streams in miniapps' },
		{ name: 'On-Premise Recording', value: 'recording' },
		{ name: 'Transcoding', value: 'transcodeDuration' },
	],
	default: 'default',
	description: 'The Agora product to count',
};

export const description = (): INodeProperties[] => [
	projectLocator,
	businessField,
	{
		displayName: 'From Date',
		name: 'fromDate',
		type: 'dateTime',
		default: '',
		required: true,
		description: 'The first day, such as 2026-11-01. A time of day is ignored; days are UTC days.',
	},
	{
		displayName: 'To Date',
		name: 'toDate',
		type: 'dateTime',
		default: '',
		required: true,
		description: 'The last day, included, such as 2026-11-30',
	},
	simplify,
];

/**
 * Gets what a project used, one item a day.
 *
 * @throws Fault before anything is sent when a date is none or they are in the wrong order; when the account
 *   has no such project
 */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<IDataObject[]> {
	const from = readDay(context.getNodeParameter('fromDate', itemIndex), 'From Date');
	const to = readDay(context.getNodeParameter('toDate', itemIndex), 'To Date');
	if (from > to) {
		throw new Fault('"From Date" must not be after "To Date"', {
			description: `They are ${from} and ${to}.`,
		});
	}
	const business = oneOf<Business>(context.getNodeParameter('business', itemIndex), businessField);
	const account = await readAccount(context);
	const id = await findProjectId(context, itemIndex, account);
	const usages = await getUsage(context, account, { id, from, to, business });
	return context.getNodeParameter('simplify', itemIndex, true) ? usages.map(usageItem) : usages;
}
