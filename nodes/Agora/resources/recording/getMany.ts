import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/errors';
import type { ChannelFilter } from '../../recordings/channelFilter';
import {
	findRecordings,
	placeIn,
	type FoundRecordings,
	type RecordingQuery,
} from '../../recordings/find';
import type { RecordingStatus } from '../../recordings/status';
import { openBucket } from '../../storage/bucket';
import type { Bucket } from '../../storage/types';
import { limit, readLimit, returnAll } from '../shared/fields';
import {
	bucketOnly,
	exampleRecording,
	channelFilter,
	channelPrefixFilter,
	folderFilter,
	includeSegments,
	linkLifetime,
	presentRecording,
	readChannelFilter,
	readFolder,
	readPresentation,
	simplifyRecordings,
} from '../shared/recordingFields';
import { oneOf, readTime } from '../shared/parameters';
import type { Example, OperationDescription } from '../shared/operation';

const statusField: INodeProperties = {
	displayName: 'Status',
	name: 'status',
	type: 'options',
	options: [
		{ name: 'Completed', value: 'completed', description: 'All files are in the bucket' },
		{
			name: 'Interrupted',
			value: 'interrupted',
			description: 'No new files for an hour, and it was never finished',
		},
		{
			name: 'Recording',
			value: 'recording',
			description: 'Still running, or its files are still arriving',
		},
	],
	default: 'completed',
	description: 'Only recordings with this status',
};

export const description: OperationDescription = {
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many recordings',
	description: 'Retrieve a list of recordings from the bucket, newest first',
	fields: () => [
		bucketOnly,
		returnAll,
		limit,
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add filter',
			default: {},
			options: [
				channelFilter,
				channelPrefixFilter,
				{
					displayName: 'Ended After',
					name: 'endedAfter',
					type: 'dateTime',
					default: '',
					description: 'Only recordings that ended at or after this time',
				},
				{
					displayName: 'Ended Before',
					name: 'endedBefore',
					type: 'dateTime',
					default: '',
					description: 'Only recordings that ended at or before this time',
				},
				folderFilter,
				{
					displayName: 'Resource ID',
					name: 'resourceId',
					type: 'string',
					default: '',
					placeholder: 'e.g. JyvK8nXHuV1BE64GDkAaBGEscv',
					description:
						'Only the recording that was started with this resource ID. Requires a session record.',
				},
				{
					displayName: 'Started After',
					name: 'startedAfter',
					type: 'dateTime',
					default: '',
					description: 'Only recordings that started at or after this time',
				},
				{
					displayName: 'Started Before',
					name: 'startedBefore',
					type: 'dateTime',
					default: '',
					description: 'Only recordings that started at or before this time',
				},
				statusField,
			],
		},
		simplifyRecordings(),
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [includeSegments, linkLifetime],
		},
	],
};

interface Filters extends ChannelFilter {
	prefix?: unknown;
	resourceId?: string;
	status?: unknown;
	startedAfter?: unknown;
	startedBefore?: unknown;
	endedAfter?: unknown;
	endedBefore?: unknown;
}

/**
 * Finds recordings in the bucket, newest first, one item each. If there are none, a hint says why.
 *
 * @throws Fault when a filter or the limit is invalid, or the bucket cannot be read
 */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<IDataObject[]> {
	const filters = context.getNodeParameter('filters', itemIndex, {}) as Filters;
	const zone = context.getTimezone();
	const query = {
		...readChannelFilter(filters),
		resourceId: filters.resourceId?.trim() || undefined,
		status: filters.status ? oneOf<RecordingStatus>(filters.status, statusField) : undefined,
		startedAfter: readTime(filters.startedAfter, zone, 'Started After'),
		startedBefore: readTime(filters.startedBefore, zone, 'Started Before'),
		endedAfter: readTime(filters.endedAfter, zone, 'Ended After'),
		endedBefore: readTime(filters.endedBefore, zone, 'Ended Before'),
		limit: readLimit(context, itemIndex),
	};
	checkOrder(query);
	const bucket = await openBucket(context);
	const presentation = readPresentation(context, itemIndex);
	const folder = readFolder(bucket.prefix, filters.prefix);
	const found = await findRecordings(bucket, { ...query, folder }, presentation);
	for (const message of hintsFor(bucket, { ...query, folder }, found)) {
		context.addExecutionHints({ message, location: 'outputPane' });
	}
	return found.recordings.map((recording) => presentRecording(context, itemIndex, recording));
}

/** Time filters that exclude every recording if the first is later than the second. */
const ORDERED = [
	['startedAfter', 'Started After', 'startedBefore', 'Started Before'],
	['endedAfter', 'Ended After', 'endedBefore', 'Ended Before'],
	['startedAfter', 'Started After', 'endedBefore', 'Ended Before'],
] as const;

function checkOrder(query: Partial<RecordingQuery>): void {
	for (const [from, fromLabel, to, toLabel] of ORDERED) {
		if ((query[from] ?? -Infinity) <= (query[to] ?? Infinity)) continue;
		throw new Fault(`"${fromLabel}" must not be after "${toLabel}"`, {
			description: `They are ${toIso(query[from])} and ${toIso(query[to])}. Swap the two dates.`,
		});
	}
}

function toIso(ms: number | undefined): string {
	return new Date(ms!).toISOString();
}

/** @returns why nothing was found, and what was not searched */
function hintsFor(bucket: Bucket, query: RecordingQuery, found: FoundRecordings): string[] {
	const { name } = bucket;
	const names = found.unsearched.slice(0, 5).map((stem) => `"${stem}…"`);
	return [
		...(found.recordings.length === 0 ? [whyNothing(bucket, query, found)] : []),
		...(names.length > 0
			? [
					`The bucket "${name}" contains too many files that are not Agora's, so folders beginning with ${names.join(', ')} were not searched completely. Set File Name Prefix in the Agora Recording Storage API credential to the folder of the recordings.`,
				]
			: []),
	];
}

function whyNothing(
	bucket: Bucket,
	{ folder, cname, ...query }: RecordingQuery,
	{ searched, similar, unrecognized }: FoundRecordings,
): string {
	const place = placeIn(bucket, folder);
	const advice = 'Check File Name Prefix in the Agora Recording Storage API credential';
	const hasTimes = ORDERED.some(
		([from, , to]) => query[from] !== undefined || query[to] !== undefined,
	);
	if (similar.length > 0) {
		return `There is no recording of channel "${cname}", but there are recordings of ${quoted(similar)}. Channel names are case-sensitive.`;
	}
	if (searched > 0) {
		const which = searched === 1 ? 'The only recording' : `None of the ${searched} recordings`;
		const verb = searched === 1 ? 'does not match' : 'matches';
		return `${which} ${place}${hasTimes ? ' around these dates' : ''} ${verb} these filters.`;
	}
	if (hasTimes) return `There are no recordings ${place} around these dates.`;
	if (unrecognized > 0) {
		return `There are no recordings ${place}, but at least ${unrecognized} ${unrecognized === 1 ? 'file that is' : 'files that are'} not Agora's. ${advice}.`;
	}
	return `There are no files ${place}. ${advice}, and Folder.`;
}

function quoted(names: string[]): string {
	return names.map((each) => `"${each}"`).join(', ');
}

export const example = (): Example => ({
	needs: 'endedRecording',
	parameters: {
		returnAll: false,
		limit: 50,
		filters: { cname: 'class-7b', startedAfter: '2026-11-23T00:00:00Z' },
	},
	result: exampleRecording(),
});
