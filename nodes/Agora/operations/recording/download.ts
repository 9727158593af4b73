import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/fault';
import { firstFile, namedFile, wholeRecording, type Download } from '../../recordings/downloads';
import { toRecording, type ReadSession } from '../../recordings/recording';
import type { Bucket } from '../../storage/types';
import { concatObjects } from '../../storage/concatObjects';
import { FileItem } from '../fileItem';
import { locateRecording, recordingLocator } from './locator';
import { linkLifetime, presentationOf, type PresentationOptions } from './presentation';

export const description = (): INodeProperties[] => [
	recordingLocator,
	{
		displayName: 'Scope',
		name: 'scope',
		type: 'options',
		options: [
			{
				name: 'Single File',
				value: 'file',
				description: 'One file of the recording as it is in the bucket',
			},
			{
				name: 'Whole Recording',
				value: 'whole',
				description:
					'The MP4 files where there are any, otherwise the slices joined into a video. One item for each file.',
			},
		],
		default: 'whole',
		description: 'How much of the recording to download',
	},
	{
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
	},
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		displayOptions: { show: { scope: ['file'], file: ['name'] } },
		default: '',
		required: true,
		placeholder: 'e.g. 38f8e3cfdc474cd56fc1ceba380d7e1a_class-7b_0.mp4',
		description: 'A filename or a key from the file_list of the recording, slices included',
	},
	{
		displayName: 'Output Data Field Name',
		name: 'binaryPropertyName',
		type: 'string',
		default: 'data',
		required: true,
		hint: 'The name of the output field to put the file in',
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
				default: false,
				description:
					'Whether to download what is there of a recording that still runs or was interrupted, instead of failing',
			},
			linkLifetime,
		],
	},
];

interface DownloadOptions extends PresentationOptions {
	allowIncomplete?: boolean;
}

/**
 * Downloads a recording, or one file of it, into n8n's binary data. Files are streamed, however large, unless n8n
 * itself keeps its binary data in memory.
 *
 * @returns one item for each file
 * @throws Fault when there is no such file, when the recording is not complete, and when a file cannot be read
 *   to its end
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<FileItem[]> {
	const field = readFieldName(context, itemIndex);
	const options = context.getNodeParameter('options', itemIndex, {}) as DownloadOptions;
	// With no Resource ID given, whatever is found is found in the bucket.
	const { bucket, found } = (await locateRecording(context, itemIndex, {}, true)) as {
		bucket: Bucket;
		found: ReadSession;
	};
	const downloads = chooseFiles(context, itemIndex, options, found);
	const { linkSeconds } = presentationOf(options);
	const recording = toRecording(bucket, found, { includeSegments: false, linkSeconds });
	const items: FileItem[] = [];
	for (const download of downloads) {
		const stored = await store(context, bucket, download);
		const { filename, mimeType, uid, objects } = download;
		const file = {
			filename,
			mime_type: mimeType,
			size_bytes: stored.bytes,
			uid,
			parts: objects.length,
		};
		const json = { ...recording, file } as unknown as IDataObject;
		items.push(new FileItem(json, { [field]: stored }));
	}
	return items;
}

function readFieldName(context: IExecuteFunctions, itemIndex: number): string {
	const name = context.getNodeParameter('binaryPropertyName', itemIndex, 'data') as string;
	if (name.trim() !== '') return name.trim();
	throw new Fault('The field ‘Output Data Field Name’ is empty', {
		description: 'Name the output field for the file, such as data.',
	});
}

function chooseFiles(
	context: IExecuteFunctions,
	itemIndex: number,
	{ allowIncomplete = false }: DownloadOptions,
	found: ReadSession,
): Download[] {
	if (context.getNodeParameter('scope', itemIndex) === 'whole') {
		if (allowIncomplete !== true) checkWhole(found);
		return wholeRecording(found);
	}
	const choice = context.getNodeParameter('file', itemIndex) as Parameters<typeof firstFile>[1];
	if ((choice as string) !== 'name') return [firstFile(found, choice)];
	const name = String(context.getNodeParameter('fileName', itemIndex) ?? '').trim();
	if (name !== '') return [namedFile(found, name)];
	throw new Fault('The field ‘File Name’ is empty', {
		description: 'Give a filename from the file_list of the recording.',
	});
}

/** @throws Fault when a part of the recording may be missing */
function checkWhole({ session, status, unreadable }: ReadSession): void {
	const [first] = unreadable;
	if (first !== undefined) {
		throw new Fault(`The playlist "${first.filename}" of recording ${session.sid} cannot be read`, {
			description: `${first.reason} To download what can be found without it, turn on Options > Allow Incomplete.`,
		});
	}
	if (status === 'completed') return;
	const what = status === 'interrupted' ? 'was interrupted' : 'is not complete yet';
	throw new Fault(`Recording ${session.sid} ${what}`, {
		description:
			status === 'interrupted'
				? 'Its recorder was lost, and its end may be missing. To download what there is, switch on Options → Allow Incomplete.'
				: 'It still runs, or its files are still arriving. Wait for the Agora Trigger, or, to download what there is by now, switch on Options → Allow Incomplete.',
	});
}

async function store(
	context: IExecuteFunctions,
	bucket: Bucket,
	{ objects, filename, mimeType }: Download,
) {
	const { stream, close } = await concatObjects(bucket, objects);
	try {
		return await context.helpers.prepareBinaryData(stream, filename, mimeType);
	} finally {
		close();
	}
}
