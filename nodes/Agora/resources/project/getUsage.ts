import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { getUsage, type AgoraUsage, type Business } from '../../agora/console';
import { readTimestamp } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { oneOf, readDay } from '../shared/parameters';
import { EXAMPLE_LOCATOR, findProjectId, projectLocator } from './projectLocator';
import type { Example, OperationDescription } from '../shared/operation';
import { simplify } from './projectItem';

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

export const description: OperationDescription = {
	name: 'Get Usage',
	value: 'getUsage',
	action: 'Get project usage',
	description: 'Retrieve the seconds of audio and video that a project used per day',
	fields: () => [
		projectLocator,
		businessField,
		{
			displayName: 'From Date',
			name: 'fromDate',
			type: 'dateTime',
			default: '',
			required: true,
			description:
				'The first day, such as 2026-11-01. A time of day is ignored; days are UTC days.',
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
	],
};

/**
 * Gets what a project used, one item a day.
 *
 * @throws Fault before anything is sent when a date is invalid or they are in the wrong order; when the account has no
 *   such project
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

/** Ours and Agora's name of each duration (Agora: console REST API, "Get project usage"). */
const DURATIONS = [
	['audio_seconds', 'durationAudioAll'],
	['video_hd_seconds', 'durationVideoHd'],
	['video_hdplus_seconds', 'durationVideoHdp'],
	['video_1080p_seconds', 'durationVideo1080P'],
	['video_2k_seconds', 'durationVideo2K'],
	['video_4k_seconds', 'durationVideo4K'],
] as const;

/**
 * Puts a day's usage into the shape people see.
 *
 * @returns `{ date, audio_seconds, video_hd_seconds, … }`, the date such as 2026-11-23 in UTC; what Agora does
 *   not give is null
 */
export function usageItem({ date, usage }: AgoraUsage): IDataObject {
	const durations = DURATIONS.map(([name, agoraName]) => [name, usage?.[agoraName] ?? null]);
	return {
		date: readTimestamp(date)?.toISODate() ?? null,
		...Object.fromEntries(durations),
	};
}

export const example = (): Example => ({
	parameters: { projectId: EXAMPLE_LOCATOR, fromDate: '2026-11-23', toDate: '2026-11-23' },
	result: {
		date: '2026-11-23',
		audio_seconds: 5400,
		video_hd_seconds: 161202,
		video_hdplus_seconds: 0,
		video_1080p_seconds: 0,
		video_2k_seconds: 0,
		video_4k_seconds: 0,
	},
});
