import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { findRecordings } from '../../recordings/catalogue';
import type { RecordingStatus } from '../../recordings/completeness';
import { openBucket, type Bucket } from '../../storage/bucket';
import { limit, readLimit, returnAll } from '../limit';
import { channelFilter } from './channelFilter';
import { includeSegments, linkLifetime, readPresentation } from './presentation';
import { readTime } from './time';

export const description = (): INodeProperties[] => [
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
			{
				displayName: 'Ended Before',
				name: 'endedBefore',
				type: 'dateTime',
				default: '',
				description: 'Only recordings that ended at or before this time',
			},
			{
				displayName: 'Resource ID',
				name: 'resourceId',
				type: 'string',
				default: '',
				placeholder: 'e.g. JyvK8nXHuV1BE64GDkAaBGEscv',
				description:
					'Only the recording that was started with this resource ID. Works for recordings that keep a session record.',
			},
			{
				displayName: 'Started After',
				name: 'startedAfter',
				type: 'dateTime',
				default: '',
				description: 'Only recordings that began at or after this time',
			},
			{
				displayName: 'Started Before',
				name: 'startedBefore',
				type: 'dateTime',
				default: '',
				description: 'Only recordings that began at or before this time',
			},
			{
				displayName: 'Status',
				name: 'status',
				type: 'options',
				options: [
					{ name: 'Completed', value: 'completed', description: 'All files are in the bucket' },
					{
						name: 'Interrupted',
						value: 'interrupted',
						description: 'Nothing has arrived for an hour, and nothing finished it',
					},
					{
						name: 'Recording',
						value: 'recording',
						description: 'Still running, or its files are still arriving',
					},
				],
				default: 'completed',
				description: 'Only recordings in this state',
			},
		],
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [includeSegments, linkLifetime],
	},
];

interface Filters {
	cname?: string;
	resourceId?: string;
	status?: RecordingStatus;
	startedAfter?: unknown;
	startedBefore?: unknown;
	endedBefore?: unknown;
}

/** Finds recordings in the bucket, newest first, one item each. */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<IDataObject[]> {
	const filters = context.getNodeParameter('filters', itemIndex, {}) as Filters;
	const zone = context.getTimezone();
	const query = {
		cname: filters.cname || undefined,
		resourceId: filters.resourceId?.trim() || undefined,
		status: filters.status,
		startedAfter: readTime(filters.startedAfter, zone, 'Started After'),
		startedBefore: readTime(filters.startedBefore, zone, 'Started Before'),
		endedBefore: readTime(filters.endedBefore, zone, 'Ended Before'),
		limit: readLimit(context, itemIndex),
	};
	const bucket = await openBucket(context);
	const presentation = readPresentation(context, itemIndex);
	const { recordings, foreign } = await findRecordings(
		bucket,
		{ ...query, folder: bucket.prefix },
		presentation,
	);
	if (recordings.length === 0 && foreign > 0) hintAtForeign(context, bucket, foreign);
	return recordings as unknown as IDataObject[];
}

/** Nothing found is at times a wrong prefix. */
function hintAtForeign(
	context: IExecuteFunctions,
	{ name, prefix }: Bucket,
	foreign: number,
): void {
	context.addExecutionHints({
		message: `No recording was found under ‘${prefix}’ in the bucket ${name}, but there are other files (names that are not Agora’s: ${foreign}). Check the filters, and the File Name Prefix in the Agora Recording Storage API credential.`,
		location: 'outputPane',
	});
}
