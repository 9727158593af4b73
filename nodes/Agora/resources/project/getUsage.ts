import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { getUsage, type AgoraUsage, type Business } from '../../agora/console';
import { readTimestamp } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { oneOf, readBoolean, readDay } from '../shared/parameters';
import { EXAMPLE_PROJECT } from './projectItem';
import { EXAMPLE_LOCATOR, findProject, projectLocator } from './projectLocator';
import type { Example, OperationDescription } from '../shared/operation';
import { simplify } from '../shared/fields';

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
			typeOptions: { dateOnly: true },
			default: "={{ $today.minus({ days: 29 }).toFormat('yyyy-MM-dd') }}",
			required: true,
			description: 'The first day, such as 2026-11-01. Days are UTC days.',
		},
		{
			displayName: 'To Date',
			name: 'toDate',
			type: 'dateTime',
			typeOptions: { dateOnly: true },
			default: "={{ $today.toFormat('yyyy-MM-dd') }}",
			required: true,
			description: 'The last day, included, such as 2026-11-30',
		},
		simplify,
		{
			displayName: 'Combine Days',
			name: 'combineDays',
			type: 'boolean',
			default: false,
			displayOptions: { show: { simplify: [true] } },
			description: 'Whether to return one item with the total of all days instead of one per day',
		},
	],
};

/**
 * Gets what a project used, one item per day or one for all days.
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
			description: `They are ${from} and ${to}. Swap the two dates.`,
		});
	}
	const business = oneOf<Business>(context.getNodeParameter('business', itemIndex), businessField);
	const account = await readAccount(context);
	const project = await findProject(context, itemIndex, account);
	const usages = await getUsage(context, account, { id: project.id, from, to, business });
	const isSimplified = context.getNodeParameter('simplify', itemIndex, true) as boolean;
	const of = {
		project_id: project.id,
		project_name: project.name,
		business: BUSINESS_NAMES[business],
	};
	if (!isSimplified) return usages.map((usage) => ({ ...usage, ...of }));
	if (readBoolean(context.getNodeParameter('combineDays', itemIndex, false), 'Combine Days')) {
		return [{ from_date: from, to_date: to, ...of, ...durationsOf(usages) }];
	}
	return usages.map((usage) => ({
		date: readTimestamp(usage.date)?.toISODate() ?? null,
		...of,
		...durationsOf([usage]),
	}));
}

/** Values of the output field `business`. */
const BUSINESS_NAMES: Record<Business, string> = {
	default: 'audio_and_video',
	cloudRecording: 'cloud_recording',
	miniapp: 'miniapp',
	recording: 'on_premise_recording',
	transcodeDuration: 'transcoding',
};

/** Ours and Agora's name of each duration (Agora: console REST API, "Get project usage"). */
const DURATIONS = [
	['audio_seconds', 'durationAudioAll'],
	['video_hd_seconds', 'durationVideoHd'],
	['video_hdplus_seconds', 'durationVideoHdp'],
	['video_1080p_seconds', 'durationVideo1080P'],
	['video_2k_seconds', 'durationVideo2K'],
	['video_4k_seconds', 'durationVideo4K'],
] as const;

const VIDEO = DURATIONS.filter(([name]) => name.startsWith('video_'));

/**
 * Adds up the usage of days.
 *
 * @returns `{ audio_seconds, video_hd_seconds, …, total_video_seconds }`; what Agora does not report of any day is null
 */
export function durationsOf(usages: AgoraUsage[]): IDataObject {
	const sum = (agoraNames: string[]) => {
		const values = usages
			.flatMap(({ usage }) => agoraNames.map((name) => usage?.[name]))
			.filter((value) => typeof value === 'number');
		return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
	};
	return {
		...Object.fromEntries(DURATIONS.map(([name, agoraName]) => [name, sum([agoraName])])),
		total_video_seconds: sum(VIDEO.map(([, agoraName]) => agoraName)),
	};
}

export const example = (): Example => ({
	parameters: { projectId: EXAMPLE_LOCATOR, fromDate: '2026-11-23', toDate: '2026-11-23' },
	result: {
		date: '2026-11-23',
		project_id: EXAMPLE_PROJECT.id,
		project_name: EXAMPLE_PROJECT.name,
		business: 'audio_and_video',
		audio_seconds: 5400,
		video_hd_seconds: 161202,
		video_hdplus_seconds: 0,
		video_1080p_seconds: 0,
		video_2k_seconds: 0,
		video_4k_seconds: 0,
		total_video_seconds: 161202,
	},
});
