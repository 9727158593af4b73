import type {
	IBinaryData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';
import { mapConcurrent } from '../../http/concurrency';
import { Fault } from '../../http/errors';
import type { Download } from '../../recordings/download';
import type { LoadedSession } from '../../recordings/loadSession';
import { toRecording } from '../../recordings/recording';
import { firstFile, namedFile } from '../../recordings/singleFile';
import { planWholeRecording, type WholeRecording } from '../../recordings/wholeRecording';
import type { Bucket } from '../../storage/types';
import { concatObjects } from '../../storage/concatObjects';
import { oneOf, readBoolean } from '../shared/parameters';
import { EXAMPLE_LOCATOR, locateRecording, recordingLocator } from './locator';
import {
	bucketOnly,
	exampleRecording,
	linkLifetime,
	presentationOf,
	type PresentationOptions,
} from '../shared/recordingFields';
import type { Example, OperationDescription } from '../shared/operation';

const scopeField: INodeProperties = {
	displayName: 'What to Download',
	name: 'scope',
	type: 'options',
	options: [
		{
			name: 'Single File',
			value: 'file',
			description: 'One file of the recording, unchanged',
		},
		{
			name: 'Whole Recording',
			value: 'whole',
			description:
				"The MP4 files if there are any, otherwise the merged segments of each track. Outputs one item per file; segments that can't be merged, such as WebM, are separate files.",
		},
	],
	default: 'whole',
	description: 'Whether to download the whole recording or one of its files',
};

const fileField: INodeProperties = {
	displayName: 'File',
	name: 'file',
	type: 'options',
	displayOptions: { show: { scope: ['file'] } },
	options: [
		{ name: 'By Name', value: 'name' },
		{ name: 'First Audio', value: 'audio' },
		{ name: 'First Image', value: 'image' },
		{ name: 'First Playlist', value: 'playlist' },
		{ name: 'First Video', value: 'video' },
	],
	default: 'video',
	description: 'Which file of the recording to download',
};

export const description: OperationDescription = {
	name: 'Download',
	value: 'download',
	action: 'Download recording',
	description: 'Fetch the video and other files of a recording as binary data',
	fields: () => [
		bucketOnly,
		recordingLocator(),
		scopeField,
		fileField,
		{
			displayName: 'File Name',
			name: 'fileName',
			type: 'string',
			displayOptions: { show: { scope: ['file'], file: ['name'] } },
			default: '',
			placeholder: 'e.g. …_class-7b_0.mp4',
			description:
				'A filename or key from the file_list of the recording, or of one of its segments',
		},
		{
			displayName: 'Output Data Field Name',
			name: 'binaryPropertyName',
			type: 'string',
			default: 'data',
			required: true,
			hint: 'The name of the output binary field to put the file in',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [
				{
					displayName: 'Allow Incomplete',
					name: 'allowIncomplete',
					type: 'boolean',
					displayOptions: { show: { '/scope': ['whole'] } },
					default: true,
					description:
						'Whether to download what is available, instead of failing, if the recording is still running, was interrupted or lacks files',
				},
				linkLifetime,
			],
		},
	],
};

interface DownloadOptions extends PresentationOptions {
	allowIncomplete?: unknown;
}

/**
 * Downloads a recording, or one file of it, into n8n's binary data. Files are streamed, however large, unless n8n
 * itself keeps its binary data in memory.
 *
 * @returns one item for each file
 * @throws Fault when there is no such file, when the recording is not complete, and when a file cannot be read
 *   to its end
 */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<INodeExecutionData[]> {
	const field = readFieldName(context, itemIndex);
	const options = context.getNodeParameter('options', itemIndex, {}) as DownloadOptions;
	// Without a Resource ID, only the bucket can be searched, so both are there.
	const { bucket, found } = (await locateRecording(context, itemIndex, true)) as {
		bucket: Bucket;
		found: LoadedSession;
	};
	const { downloads, skipped } = await chooseFiles(context, itemIndex, options, bucket, found);
	const unreadable = [...found.unreadable, ...skipped.map(toUnreadable)];
	const { linkSeconds } = presentationOf(options);
	const presentation = { includeSegments: false, linkSeconds };
	const recording = toRecording(bucket, { ...found, unreadable }, presentation);
	const stored = await storeAll(context, bucket, downloads);
	return downloads.map((download, i) => {
		const notes = [recording.note, incompleteNote(unreadable.length), download.note];
		const note = notes.filter(Boolean).join(' ');
		const file = describeFile(download, stored[i]!);
		const json = { ...recording, ...(note !== '' && { note }), file };
		return { json: json as unknown as IDataObject, binary: { [field]: stored[i]! } };
	});
}

function readFieldName(context: IExecuteFunctions, itemIndex: number): string {
	const name = context.getNodeParameter('binaryPropertyName', itemIndex, 'data') as string;
	if (name.trim() !== '') return name.trim();
	throw new Fault('The field "Output Data Field Name" is empty', {
		description: 'Enter the name of the output field for the file, such as data.',
	});
}

type Choice = Pick<WholeRecording, 'downloads' | 'skipped'>;

async function chooseFiles(
	context: IExecuteFunctions,
	itemIndex: number,
	{ allowIncomplete }: DownloadOptions,
	bucket: Bucket,
	found: LoadedSession,
): Promise<Choice> {
	if (oneOf(context.getNodeParameter('scope', itemIndex), scopeField) === 'whole') {
		return await planWholeRecording(
			bucket,
			found,
			readBoolean(allowIncomplete, 'Allow Incomplete'),
		);
	}
	const choice = oneOf<Parameters<typeof firstFile>[1] | 'name'>(
		context.getNodeParameter('file', itemIndex, 'video'),
		fileField,
	);
	if (choice !== 'name') return { downloads: [firstFile(found, choice)], skipped: [] };
	const name = String(context.getNodeParameter('fileName', itemIndex, '') ?? '').trim();
	if (name !== '') return { downloads: [namedFile(found, name)], skipped: [] };
	throw new Fault('The field "File Name" is empty', {
		description: 'Enter a filename from the file_list of the recording.',
	});
}

function toUnreadable({ filename, fault }: WholeRecording['skipped'][number]) {
	return { filename, reason: `${fault.message}. ${fault.details.description}` };
}

function incompleteNote(unreadable: number): string {
	if (unreadable === 0) return '';
	const playlists = unreadable === 1 ? '1 playlist' : `${unreadable} playlists`;
	return `The tracks of ${playlists} may be missing: see unreadable_files.`;
}

/** Separate segments are small: one after the other, each would wait for its own round trip. */
const SEGMENTS_AT_ONCE = 4;

/** @returns n8n's references to the stored files, in the same order */
async function storeAll(
	context: IExecuteFunctions,
	bucket: Bucket,
	downloads: Download[],
): Promise<IBinaryData[]> {
	const stored = new Map<Download, IBinaryData>();
	const save = async (download: Download) =>
		stored.set(download, await store(context, bucket, download));
	for (const download of downloads) if (download.part === null) await save(download);
	const segments = downloads.filter(({ part }) => part !== null);
	await mapConcurrent(segments, SEGMENTS_AT_ONCE, save);
	return downloads.map((download) => stored.get(download)!);
}

async function store(
	context: IExecuteFunctions,
	bucket: Bucket,
	{ objects, filename, mimeType }: Download,
): Promise<IBinaryData> {
	const { stream, bytesRead, close } = await concatObjects(bucket, objects);
	try {
		const stored = await context.helpers.prepareBinaryData(stream, filename, mimeType);
		// n8n sets it from n8n 2.6 on.
		stored.bytes ??= bytesRead();
		return stored;
	} finally {
		close();
	}
}

function describeFile(
	{ filename, mimeType, uid, objects, part, missing }: Download,
	{ bytes }: IBinaryData,
) {
	return {
		filename,
		mime_type: mimeType,
		size_bytes: bytes,
		uid,
		parts: objects.length,
		...(part !== null && { segment_number: part.number, segment_total: part.total }),
		...(missing.length > 0 && { missing_files: missing }),
	};
}

export const example = (): Example => ({
	needs: 'endedRecording',
	parameters: { recordingId: EXAMPLE_LOCATOR, scope: 'whole', binaryPropertyName: 'data' },
	result: {
		...exampleRecording(),
		file: {
			filename: 'class-7b_20261123T080004Z.mp4',
			mime_type: 'video/mp4',
			size_bytes: 203816960,
			uid: null,
			parts: 1,
		},
	},
});
