import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { EACH_USER, type Mode } from './mode';

const HLS = { name: 'HLS', value: 'hls', description: 'A playlist and slices of some seconds' };
const HLS_AND_MP4 = {
	name: 'HLS and MP4',
	value: 'hlsMp4',
	description: 'The same, and after the end MP4 files that play anywhere',
};
const MP3 = { name: 'MP3', value: 'mp3', description: 'The audio of each user alone' };

const fileFormats: INodeProperties = {
	displayName: 'File Formats',
	name: 'fileFormats',
	type: 'options',
	options: [HLS, HLS_AND_MP4],
	default: 'hlsMp4',
	displayOptions: { show: { mode: ['mix', 'web'] } },
	description: 'Which files Agora writes into the bucket. It always writes HLS.',
};

/** Which files come out. */
export const fileFields: INodeProperties[] = [
	{
		displayName: 'Record',
		name: 'capture',
		type: 'options',
		options: [
			{ name: 'Audio and Video', value: 'recording', description: 'No screenshots' },
			{ name: 'Audio, Video and Screenshots', value: 'both' },
			{ name: 'Screenshots Only', value: 'screenshots' },
		],
		default: 'recording',
		displayOptions: { show: { mode: EACH_USER } },
		description: 'Whether each user’s video is also, or only, kept as pictures',
	},
	{
		displayName: 'Screenshot Interval',
		name: 'captureInterval',
		type: 'number',
		typeOptions: { minValue: 5, maxValue: 3600 },
		default: 10,
		displayOptions: { show: { mode: EACH_USER, capture: ['both', 'screenshots'] } },
		description: 'Seconds from one screenshot of a user to the next, 5 to 3600',
	},
	fileFormats,
	{
		...fileFormats,
		options: [HLS, HLS_AND_MP4, MP3],
		displayOptions: { show: { mode: ['raw'], capture: ['recording', 'both'] } },
		description: 'Which files Agora writes into the bucket for each user',
	},
	{
		displayName:
			'Files reach the bucket while the recording runs, the MP4 some minutes after its end. The Agora Trigger tells when all are there.',
		name: 'filesNotice',
		type: 'notice',
		default: '',
	},
];

/** The fields about files, as the item has them; those of another mode are absent. */
export interface FileSettings {
	capture?: 'recording' | 'both' | 'screenshots';
	/** Seconds. */
	captureInterval?: number;
	fileFormats?: 'hls' | 'hlsMp4' | 'mp3';
}

const FORMATS = { hls: ['hls'], hlsMp4: ['hls', 'mp4'], mp3: ['mp3'] };

/**
 * Says in Agora's words which files come out.
 *
 * @returns `recordingFileConfig`, which Agora wants absent when only screenshots are taken, and
 *   `snapshotConfig` when they are
 *
 * Source: Agora, cloud recording, `start`, and capture screenshots.
 */
export function fileConfig(mode: Mode, settings: FileSettings): IDataObject {
	const capture = EACH_USER.includes(mode) ? (settings.capture ?? 'recording') : 'recording';
	const formats = mode === 'individual' ? 'hls' : (settings.fileFormats ?? 'hlsMp4');
	return {
		...(capture !== 'screenshots' && { recordingFileConfig: { avFileType: FORMATS[formats] } }),
		...(capture !== 'recording' && {
			snapshotConfig: { captureInterval: settings.captureInterval ?? 10, fileType: ['jpg'] },
		}),
	};
}
