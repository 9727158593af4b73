import type { IDataObject, IExecuteFunctions, INodeProperties, IPollFunctions } from 'n8n-workflow';
import { simplifyRecording, type Presentation } from '../../recordings/recording';
import type { ChannelFilter } from '../../recordings/channelFilter';
import { Fault } from '../../http/errors';
import { simplify } from './fields';
import { readBoolean, readWholeNumber } from './parameters';

const DAY = 86_400;
const WEEK = 604_800;

/**
 * Marks an operation that only reads the bucket, so that the node does not ask for the Agora API credential. Credentials
 * cannot be hidden by resource and operation: of several conditions, n8n applies each on its own.
 */
export const bucketOnly: INodeProperties = {
	displayName: 'Bucket Only',
	name: 'bucketOnly',
	type: 'hidden',
	default: true,
};

/** A filter of Get Many and of the trigger. */
export const channelFilter: INodeProperties = {
	displayName: 'Channel Name',
	name: 'cname',
	type: 'string',
	default: '',
	placeholder: 'e.g. class-7b',
	description: 'Only recordings of exactly this channel. Channel names are case-sensitive.',
};

/** A filter of Get Many and of the trigger. */
export const channelPrefixFilter: INodeProperties = {
	displayName: 'Channel Name Starts With',
	name: 'cnamePrefix',
	type: 'string',
	default: '',
	placeholder: 'e.g. class-',
	description: 'Only recordings of channels whose names begin like this',
};

/** A filter of Get Many and of the trigger. */
export const folderFilter: INodeProperties = {
	displayName: 'Folder',
	// The name of the first version, which saved workflows contain.
	name: 'prefix',
	type: 'string',
	default: '',
	placeholder: 'e.g. school/7b',
	description:
		'Only recordings in this folder and the folders in it, relative to the File Name Prefix of the credential',
};

/** @returns the filter with only the conditions that are set */
export function readChannelFilter({ cname, cnamePrefix }: ChannelFilter): ChannelFilter {
	return { cname: cname || undefined, cnamePrefix: cnamePrefix || undefined };
}

/** @returns the folder of the filter below a bucket's prefix, '' or with a trailing slash */
export function readFolder(prefix: string, filter: unknown): string {
	const parts = String(filter ?? '')
		.split('/')
		.filter((part) => part.trim() !== '');
	return prefix + parts.map((part) => `${part}/`).join('');
}

export const includeSegments: INodeProperties = {
	displayName: 'Include Segments',
	name: 'includeSegments',
	type: 'boolean',
	default: true,
	description:
		'Whether to list every segment of a recording in file_list. An hour has hundreds of segments; by default they are only counted.',
};

export const linkLifetime: INodeProperties = {
	displayName: 'Link Lifetime',
	name: 'linkLifetime',
	type: 'options',
	options: [
		{ name: '15 Minutes', value: 900 },
		{ name: '1 Hour', value: 3600 },
		{ name: '1 Day', value: DAY },
		{ name: '7 Days', value: WEEK },
	],
	default: DAY,
	description: 'How long each download_url is valid. Anyone with the URL can download the file.',
};

/** Off by default, unlike elsewhere: workflows rely on the files and links of the whole recording. */
export const simplifyRecordings = (): INodeProperties => ({ ...simplify, default: false });

/**
 * Applies the field Simplify.
 *
 * @param recording as an operation or the trigger returns it
 */
export function presentRecording(
	context: IExecuteFunctions | IPollFunctions,
	itemIndex: number,
	recording: object,
): IDataObject {
	const value =
		'getInputData' in context
			? context.getNodeParameter('simplify', itemIndex, false)
			: context.getNodeParameter('simplify', false);
	const item = readBoolean(value, 'Simplify') ? simplifyRecording(recording) : recording;
	return item as IDataObject;
}

/** Values of both options; what was not set is absent. */
export interface PresentationOptions {
	includeSegments?: unknown;
	/** Seconds. */
	linkLifetime?: unknown;
}

/** Reads both options by themselves, of an item or of a trigger. */
export function readPresentation(
	context: IExecuteFunctions | IPollFunctions,
	itemIndex: number,
): Presentation {
	const options =
		'getInputData' in context
			? context.getNodeParameter('options', itemIndex, {})
			: context.getNodeParameter('options', {});
	return presentationOf(options as PresentationOptions);
}

/** @throws Fault when an expression has set one of them to something else */
export function presentationOf({
	includeSegments: segments,
	linkLifetime: lifetime,
}: PresentationOptions): Presentation {
	const isUnset = lifetime === undefined || lifetime === '';
	const seconds = isUnset ? DAY : (readWholeNumber(lifetime) ?? 0);
	// Signed URLs last at most a week (Amazon S3: presigned URLs).
	if (seconds < 1 || seconds > WEEK) {
		throw new Fault(`"Link Lifetime" can't be "${String(lifetime)}"`, {
			description: 'Enter seconds, 1 to 604800.',
		});
	}
	return { includeSegments: readBoolean(segments, 'Include Segments'), linkSeconds: seconds };
}

export const EXAMPLE_SESSION = {
	sid: '38f8e3cfdc474cd56fc1ceba380d7e1a',
	cname: 'class-7b',
	mode: 'mix',
	uid: '1798811643',
};

export const EXAMPLE_RESOURCE_ID = 'JyvK8nXHuV1BE64GDkAaBGEscv…';

const EXAMPLE_FILE = '38f8e3cfdc474cd56fc1ceba380d7e1a_class-7b_0.mp4';

export const exampleRecording = () => ({
	sid: '38f8e3cfdc474cd56fc1ceba380d7e1a',
	cname: 'class-7b',
	status: 'completed',
	mode: 'mix',
	uid: '1798811643',
	started_at: '2026-11-23T08:00:04.311Z',
	ended_at: '2026-11-23T08:44:51.020Z',
	duration_seconds: 2686.709,
	duration: '00:44:46',
	video_url: 'https://…',
	playlist_url: 'https://…',
	size_bytes: 412630528,
	file_count: 182,
	folder: 'recordings/school/',
	file_list: [
		{
			filename: EXAMPLE_FILE,
			key: `recordings/school/${EXAMPLE_FILE}`,
			kind: 'video',
			uid: null,
			size_bytes: 203816960,
			last_modified: '2026-11-23T08:46:12.000Z',
			download_url: 'https://…',
			download_url_expires_at: '2026-11-24T08:50:00.000Z',
		},
	],
	segment_count: 180,
	resourceId: 'JyvK8nXHuV1BE64GDkAaBGEscv…',
});
