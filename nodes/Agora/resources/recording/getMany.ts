import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { findRecordings, type FoundRecordings } from '../../recordings/find';
import type { RecordingStatus } from '../../recordings/status';
import { openBucket } from '../../storage/bucket';
import type { Bucket } from '../../storage/types';
import { limit, readLimit, returnAll } from '../shared/fields';
import {
	exampleRecording,
	channelFilter,
	includeSegments,
	linkLifetime,
	readPresentation,
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
};

export const description: OperationDescription = {
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many recordings',
	description: 'Retrieve a list of recordings from the bucket, newest first',
	fields: () => [
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
				statusField,
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
	],
};

interface Filters {
	cname?: string;
	resourceId?: string;
	status?: unknown;
	startedAfter?: unknown;
	startedBefore?: unknown;
	endedAfter?: unknown;
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
		status: filters.status ? oneOf<RecordingStatus>(filters.status, statusField) : undefined,
		startedAfter: readTime(filters.startedAfter, zone, 'Started After'),
		startedBefore: readTime(filters.startedBefore, zone, 'Started Before'),
		endedAfter: readTime(filters.endedAfter, zone, 'Ended After'),
		endedBefore: readTime(filters.endedBefore, zone, 'Ended Before'),
		limit: readLimit(context, itemIndex),
	};
	const bucket = await openBucket(context);
	const presentation = readPresentation(context, itemIndex);
	const folder = bucket.prefix;
	const found = await findRecordings(bucket, { ...query, folder }, presentation);
	hint(context, bucket, found);
	return found.recordings as unknown as IDataObject[];
}

function hint(context: IExecuteFunctions, { name, prefix }: Bucket, found: FoundRecordings): void {
	const { recordings, unrecognized, unsearched } = found;
	const messages: string[] = [];
	if (recordings.length === 0 && unrecognized > 0) {
		messages.push(
			`No recordings found under "${prefix}" in the bucket ${name}, but files that are not Agora's (at least ${unrecognized}). Check the filters, and File Name Prefix in the Agora Recording Storage API credential.`,
		);
	}
	if (unsearched.length > 0) {
		const names = unsearched.slice(0, 5).map((stem) => `"${stem}…"`);
		messages.push(
			`The bucket ${name} contains too many files that are not Agora's, so folders beginning with ${names.join(', ')} were not searched completely. Set File Name Prefix in the Agora Recording Storage API credential to the folder of the recordings.`,
		);
	}
	for (const message of messages) context.addExecutionHints({ message, location: 'outputPane' });
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
