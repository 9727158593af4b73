import type { INodeProperties } from 'n8n-workflow';
import {
	isBoolean,
	isPositive,
	isPublicUrl,
	isRtmpUrl,
	isString,
	listOf,
	oneOf,
	wholeNumber,
	type AgoraValue,
} from '../../../agora/formats';
import { alphabetical, appIdOption } from '../../shared/fields';
import { readList } from '../../shared/parameters';
import { LAYOUT_SETTINGS, layoutFields, layoutOptions } from '../layout';
import { SUBSCRIPTION_SETTINGS, subscriptionFields } from '../subscriptions';

/** Agora's recording modes: composite, individual, the previous version of individual, web page. */
export type Mode = 'mix' | 'raw' | 'individual' | 'web';

/** Modes that record a channel, not a web page. */
export const CHANNEL: Mode[] = ['mix', 'raw', 'individual'];
/** Modes that record each user separately. */
export const EACH_USER: Mode[] = ['raw', 'individual'];
const ALL: Mode[] = [...CHANNEL, 'web'];

/** Decryption modes with a salt: AES-128-GCM2 and AES-256-GCM2. */
export const SALTED = [7, 8];

/**
 * A value in Agora's requests, and its field. A path that begins with `acquire` belongs to `acquire`; with `page` or
 * `push`, to `serviceParam` of the web page recorder or of the RTMP push in `extensionServiceConfig`; any other path, to
 * `clientRequest` of `start`.
 */
export interface Setting extends AgoraValue {
	/** Modes that have this value. */
	modes: Mode[];
	/** Whether Agora requires it. */
	isRequired?: boolean;
	/** Absent if another field, or only Client Request (JSON), sets the value. */
	field?: Field;
}

interface Field extends Omit<INodeProperties, 'displayName'> {
	/** The collection that contains the field; absent for fields outside collections. */
	in?: 'picture' | 'options';
	/** Converts the field's value to Agora's. By default, they are the same. */
	toAgora?: (value: unknown) => unknown;
}

const quality = [
	{ name: 'Mono, About 48 Kbps', value: 0 },
	{ name: 'Mono, About 128 Kbps', value: 1 },
	{ name: 'Stereo, About 192 Kbps', value: 2 },
];
const audioQuality: Field = {
	in: 'options',
	name: 'audioProfile',
	type: 'options',
	options: quality,
	default: 0,
	description: 'Channels and bitrate of the audio, at 48 kHz',
};
const bitrate: Field = {
	in: 'picture',
	name: 'bitrate',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 1130,
	description:
		"Bitrate of the video in kilobits per second. Defaults to Agora's recommendation for the size at 15 frames per second.",
};
const frameRate: Field = {
	in: 'picture',
	name: 'fps',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 60 },
	default: 15,
	description: 'Frames per second, 1 to 60, for a web page 5 to 60',
};
const hls = { name: 'HLS', value: 'hls', description: 'A playlist and segments of a few seconds' };
const hlsAndMp4 = {
	name: 'HLS and MP4',
	value: 'hlsMp4',
	description: 'Also MP4 files, a few minutes after the recording ends',
};
const mp3 = { name: 'MP3', value: 'mp3', description: 'Audio only' };
/** Agora's `avFileType` by the value of File Formats. */
export const FILE_TYPES: Record<string, string[]> = {
	hls: ['hls'],
	hlsMp4: ['hls', 'mp4'],
	mp3: ['mp3'],
};

export const JPG = '["jpg"]';

/**
 * All values that Agora's `acquire` and `start` accept, in the order of the editor. Fields, request, validation and the
 * reference are derived from this table.
 *
 * Source: Agora, cloud recording, `acquire` and `start`.
 */
export const SETTINGS: Setting[] = [
	{
		agora: 'recordingConfig.channelType',
		label: 'Channel Profile',
		check: oneOf(0, 1),
		must: '0 (communication) or 1 (live broadcast)',
		modes: CHANNEL,
		isRequired: true,
		field: {
			name: 'channelType',
			type: 'options',
			options: [
				{ name: 'Communication', value: 0, description: 'Everyone in the channel can speak' },
				{ name: 'Live Broadcast', value: 1, description: 'Hosts speak, an audience listens' },
			],
			default: 0,
			description: 'The channel profile that the clients use',
		},
	},
	{
		agora: 'recordingConfig.subscribeUidGroup',
		label: 'Expected Users',
		check: wholeNumber(0, 5),
		must: 'a whole number from 0 to 5',
		modes: EACH_USER,
		isRequired: true,
		field: {
			name: 'subscribeUidGroup',
			type: 'options',
			options: [
				{ name: '1 to 2', value: 0 },
				{ name: '3 to 7', value: 1 },
				{ name: '8 to 12', value: 2 },
				{ name: '13 to 17', value: 3 },
				{ name: '18 to 32', value: 4 },
				{ name: '33 to 49', value: 5 },
			],
			default: 3,
			description:
				'Maximum number of users expected, so Agora can reserve capacity. Further users may not be recorded.',
		},
	},
	{
		agora: 'page.url',
		label: 'Page URL',
		check: isPublicUrl,
		must: 'a public http or https URL, such as https://example.com/live/7b',
		modes: ['web'],
		isRequired: true,
		field: {
			name: 'url',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://example.com/live/7b',
			description:
				"URL of the page to record. Agora opens it from the internet without signing in, so localhost and private addresses don't work.",
			toAgora: (value) => String(value ?? '').trim(),
		},
	},
	{
		agora: 'page.videoWidth',
		label: 'Page Size',
		check: wholeNumber(240, 1920),
		must: 'a width from 240 to 1920 pixels',
		modes: ['web'],
		isRequired: true,
	},
	{
		agora: 'page.videoHeight',
		label: 'Page Size',
		check: wholeNumber(240, 1920),
		must: 'a height from 240 to 1920 pixels',
		modes: ['web'],
		isRequired: true,
	},
	{
		agora: 'page.maxRecordingHour',
		label: 'Maximum Duration (Hours)',
		check: wholeNumber(1, 720),
		must: 'a whole number of hours from 1 to 720',
		modes: ['web'],
		isRequired: true,
		field: {
			name: 'maxRecordingHour',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 720 },
			default: 2,
			description:
				'How long the recording lasts at most, in hours, 1 to 720. A web page is never idle, so it only ends earlier if you stop it.',
		},
	},
	{
		agora: 'snapshotConfig.fileType',
		label: 'What to Record',
		check: (value) => JSON.stringify(value) === JPG,
		must: JPG,
		modes: EACH_USER,
	},
	{
		agora: 'snapshotConfig.captureInterval',
		label: 'Screenshot Interval (Seconds)',
		check: wholeNumber(5, 3600),
		must: 'a whole number of seconds from 5 to 3600',
		modes: EACH_USER,
	},
	{
		agora: 'recordingFileConfig.avFileType',
		label: 'File Formats',
		check: Array.isArray,
		must: 'a list of file types',
		modes: ALL,
	},
	{
		agora: 'recordingConfig.transcodingConfig.width',
		label: 'Size',
		check: isPositive,
		must: 'a whole number of pixels',
		modes: ['mix'],
	},
	{
		agora: 'recordingConfig.transcodingConfig.height',
		label: 'Size',
		check: isPositive,
		must: 'a whole number of pixels',
		modes: ['mix'],
	},
	{
		agora: 'recordingConfig.transcodingConfig.fps',
		label: 'Frame Rate (FPS)',
		check: wholeNumber(1, 60),
		must: 'a whole number of frames per second from 1 to 60',
		modes: ['mix'],
		field: frameRate,
	},
	{
		agora: 'recordingConfig.transcodingConfig.bitrate',
		label: 'Bitrate (Kbps)',
		check: isPositive,
		must: 'a whole number of kilobits per second',
		modes: ['mix'],
		field: bitrate,
	},
	{
		agora: 'page.videoFps',
		label: 'Frame Rate (FPS)',
		check: wholeNumber(5, 60),
		must: 'a whole number of frames per second from 5 to 60',
		modes: ['web'],
		field: frameRate,
	},
	{
		agora: 'page.videoBitrate',
		label: 'Bitrate (Kbps)',
		check: isPositive,
		must: 'a whole number of kilobits per second',
		modes: ['web'],
		field: bitrate,
	},
	...LAYOUT_SETTINGS.map((setting) => ({
		...setting,
		agora: `recordingConfig.transcodingConfig.${setting.agora}`,
		modes: ['mix' as const],
	})),
	...SUBSCRIPTION_SETTINGS.map((setting) => ({
		...setting,
		agora: `recordingConfig.${setting.agora}`,
		modes: CHANNEL,
	})),
	{
		agora: 'acquire.resourceExpiredHour',
		label: 'Resource Expiry (Hours)',
		check: wholeNumber(1, 720),
		must: 'a whole number of hours from 1 to 720',
		modes: ALL,
		isRequired: true,
		field: {
			in: 'options',
			name: 'resourceExpiredHour',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 720 },
			default: 72,
			description:
				'How long the recording can be queried, updated and stopped, in hours, 1 to 720. Defaults to 72, or to the Maximum Duration of a web page if that is longer.',
		},
	},
	{
		agora: 'acquire.excludeResourceIds',
		label: 'Exclude Resource IDs',
		check: listOf(1, Infinity, isString),
		must: 'a list of resource IDs',
		modes: ALL,
		field: {
			in: 'options',
			name: 'excludeResourceIds',
			type: 'string',
			default: '',
			placeholder: 'e.g. JyvK8nXHuV1BE64GDkAaBGEscv',
			description:
				'Resource IDs of other recordings whose data centers to avoid, separated by commas. Use it to record an important channel twice.',
			toAgora: readList,
		},
	},
	{
		agora: 'acquire.region',
		label: 'Recorder Region',
		check: oneOf('CN', 'AP', 'EU', 'NA'),
		must: 'CN, AP, EU or NA',
		modes: ALL,
		field: {
			in: 'options',
			name: 'region',
			type: 'options',
			options: [
				{ name: 'Asia Except Mainland China', value: 'AP' },
				{ name: 'Europe', value: 'EU' },
				{ name: 'Mainland China', value: 'CN' },
				{ name: 'North America', value: 'NA' },
			],
			default: 'EU',
			description:
				"Restrict the recorder to this region. Must match the bucket's region. Defaults to the nearest.",
		},
	},
	{
		agora: 'acquire.regionAffinity',
		label: 'Region Affinity',
		check: wholeNumber(0, 4),
		must: 'a whole number from 0 to 4',
		modes: ALL,
		field: {
			in: 'options',
			name: 'regionAffinity',
			type: 'options',
			options: [
				{ name: 'China', value: 1 },
				{ name: 'Europe', value: 3 },
				{ name: 'Nearest', value: 0 },
				{ name: 'North America', value: 4 },
				{ name: 'Southeast Asia', value: 2 },
			],
			default: 0,
			description:
				'Preferred recorder location (Agora China accounts only). Otherwise use Recorder Region.',
		},
	},
	{
		agora: 'recordingConfig.maxIdleTime',
		label: 'Maximum Idle Time (Seconds)',
		check: wholeNumber(5, 2_592_000),
		must: 'a whole number of seconds from 5 to 2592000',
		modes: CHANNEL,
		field: {
			in: 'options',
			name: 'maxIdleTime',
			type: 'number',
			typeOptions: { minValue: 5, maxValue: 2592000 },
			default: 300,
			description:
				'How long the channel can be empty before the recording ends, in seconds, 5 to 2,592,000. Agora uses 30 if this is not set, and recommends 300.',
		},
	},
	{
		agora: 'recordingConfig.audioProfile',
		label: 'Audio Quality',
		check: wholeNumber(0, 2),
		must: 'a whole number from 0 to 2',
		modes: ['mix'],
		field: audioQuality,
	},
	{
		agora: 'page.audioProfile',
		label: 'Audio Quality',
		check: wholeNumber(0, 2),
		must: 'a whole number from 0 to 2',
		modes: ['web'],
		isRequired: true,
		field: audioQuality,
	},
	{
		agora: 'recordingConfig.streamTypes',
		label: 'Media',
		check: wholeNumber(0, 2),
		must: '0 (audio), 1 (video) or 2 (both)',
		modes: CHANNEL,
		field: {
			in: 'options',
			name: 'streamTypes',
			type: 'options',
			options: [
				{ name: 'Audio and Video', value: 2 },
				{ name: 'Audio Only', value: 0 },
				{ name: 'Video Only', value: 1 },
			],
			default: 2,
			description: 'What to record of each user. Screenshots need video.',
		},
	},
	{
		agora: 'recordingConfig.privateParams',
		label: 'Standard Playlists',
		check: isString,
		must: 'a string',
		modes: CHANNEL,
		field: {
			in: 'options',
			name: 'standardPlaylist',
			type: 'boolean',
			default: true,
			description:
				'Whether to add the comma after each segment duration that the HLS standard requires. Some players need it.',
			toAgora: (value) => (value === true ? '{"correctEXTINF":true}' : undefined),
		},
	},
	{
		agora: 'recordingConfig.streamMode',
		label: 'Stream Mode',
		check: oneOf('default', 'standard', 'original'),
		must: 'default, standard or original',
		modes: ['individual'],
		field: {
			in: 'options',
			name: 'streamMode',
			type: 'options',
			options: [
				{ name: 'Default', value: 'default', description: 'Separate audio and video files' },
				{
					name: 'Original',
					value: 'original',
					description: 'Audio in its original encoding. Only with Media set to Audio Only.',
				},
				{
					name: 'Standard',
					value: 'standard',
					description: 'Also a playlist that combines audio and video',
				},
			],
			default: 'default',
			description: "How to write a user's audio and video to files",
		},
	},
	{
		agora: 'recordingConfig.videoStreamType',
		label: 'Video Stream',
		check: oneOf(0, 1),
		must: '0 (high) or 1 (low)',
		modes: CHANNEL,
		field: {
			in: 'options',
			name: 'videoStreamType',
			type: 'options',
			options: [
				{ name: 'High Quality', value: 0 },
				{ name: 'Low Quality', value: 1 },
			],
			default: 0,
			description: 'The stream to record if the clients send two (dual-stream mode)',
		},
	},
	{
		agora: 'recordingConfig.decryptionMode',
		label: 'Decryption Mode',
		check: wholeNumber(0, 8),
		must: 'a whole number from 0 to 8',
		modes: CHANNEL,
		field: {
			in: 'options',
			name: 'decryptionMode',
			type: 'options',
			options: [
				{ name: 'AES-128-ECB', value: 2 },
				{ name: 'AES-128-GCM', value: 5 },
				{ name: 'AES-128-GCM2', value: 7 },
				{ name: 'AES-128-XTS', value: 1 },
				{ name: 'AES-256-GCM', value: 6 },
				{ name: 'AES-256-GCM2', value: 8 },
				{ name: 'AES-256-XTS', value: 3 },
				{ name: 'SM4-128-ECB', value: 4 },
			],
			default: 7,
			description: 'The encryption mode of the clients',
			toAgora: (value) => (value === 0 ? undefined : value),
		},
	},
	{
		agora: 'recordingConfig.secret',
		label: 'Decryption Secret',
		check: isString,
		must: 'a string',
		modes: CHANNEL,
		field: {
			in: 'options',
			name: 'decryptionSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { decryptionMode: [1, 2, 3, 4, 5, 6, 7, 8] } },
			description: 'The encryption key of the clients',
		},
	},
	{
		agora: 'recordingConfig.salt',
		label: 'Decryption Salt',
		check: isString,
		must: 'a string',
		modes: CHANNEL,
		field: {
			in: 'options',
			name: 'decryptionSalt',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { decryptionMode: SALTED } },
			description: 'The encryption salt of the clients: 32 bytes in Base64',
		},
	},
	{
		agora: 'page.maxVideoDuration',
		label: 'Maximum MP4 Duration (Minutes)',
		check: wholeNumber(30, 240),
		must: 'a whole number of minutes from 30 to 240',
		modes: ['web'],
		field: {
			in: 'options',
			name: 'maxVideoDuration',
			type: 'number',
			typeOptions: { minValue: 30, maxValue: 240 },
			default: 120,
			description: 'Duration after which Agora starts a new MP4 file, in minutes, 30 to 240',
		},
	},
	{
		agora: 'page.mobile',
		label: 'Mobile View',
		check: isBoolean,
		must: 'true or false',
		modes: ['web'],
		field: {
			in: 'options',
			name: 'mobile',
			type: 'boolean',
			default: true,
			description: 'Whether to open the page in its mobile version',
		},
	},
	{
		agora: 'page.readyTimeout',
		label: 'Page Ready Timeout (Seconds)',
		check: wholeNumber(0, 60),
		must: 'a whole number of seconds from 0 to 60',
		modes: ['web'],
		field: {
			in: 'options',
			name: 'readyTimeout',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 60 },
			default: 0,
			description:
				'How long to wait for the page to load, in seconds, 0 to 60. With 0, recording starts without waiting.',
		},
	},
	{
		agora: 'push.outputs',
		label: 'RTMP URL',
		check: listOf(1, 1, (value) => isRtmpUrl((value as { rtmpUrl?: unknown } | null)?.rtmpUrl)),
		must: 'one public RTMP or RTMPS URL, such as rtmp://live.example.com/app/stream',
		modes: ['web'],
		field: {
			in: 'options',
			name: 'rtmpUrl',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. rtmp://live.example.com/app/stream',
			description: 'RTMP or RTMPS URL to broadcast the page to during the recording',
			toAgora: (value) => {
				const rtmpUrl = String(value ?? '').trim();
				return rtmpUrl === '' ? undefined : [{ rtmpUrl }];
			},
		},
	},
	{
		agora: 'page.onhold',
		label: 'Start Paused',
		check: isBoolean,
		must: 'true or false',
		modes: ['web'],
		field: {
			in: 'options',
			name: 'onhold',
			type: 'boolean',
			default: true,
			description: 'Whether to start paused. Use Update > Resume to begin recording.',
		},
	},
	{
		agora: 'storageConfig.fileNamePrefix',
		label: 'File Name Prefix',
		check: (value) =>
			listOf(0, 128, (part) => isString(part) && /^[\w-]+$/.test(String(part)))(value) &&
			(value as string[]).join('/').length <= 128,
		must: 'a list of folder names with only letters, digits, "_" and "-", at most 128 characters including slashes',
		modes: ALL,
	},
	{
		agora: 'storageConfig.extensionParams.sse',
		label: 'Server-Side Encryption',
		check: oneOf('aes256', 'kms'),
		must: 'aes256 or kms',
		modes: ALL,
		field: {
			in: 'options',
			name: 'serverSideEncryption',
			type: 'options',
			options: [
				{ name: 'AES-256', value: 'aes256', description: 'Keys managed by Amazon S3 (SSE-S3)' },
				{ name: 'KMS', value: 'kms', description: 'Keys of AWS Key Management Service (SSE-KMS)' },
			],
			default: 'aes256',
			description: 'How to encrypt the files in the bucket. Amazon S3 only.',
		},
	},
	{
		agora: 'storageConfig.extensionParams.tag',
		label: 'Object Tag',
		check: isString,
		must: 'a string',
		modes: ALL,
		field: {
			in: 'options',
			name: 'objectTag',
			type: 'string',
			default: '',
			placeholder: 'e.g. recordings',
			description: 'Tag to add to every file. Amazon S3 and Alibaba Cloud only.',
			toAgora: (value) => String(value ?? '').trim(),
		},
	},
];

export const modeField: INodeProperties = {
	displayName: 'Recording Mode',
	name: 'mode',
	type: 'options',
	options: [
		{
			name: 'Composite',
			value: 'mix',
			description: 'All users of the channel in one video',
		},
		{
			name: 'Individual',
			value: 'raw',
			description: 'Separate files for each user of the channel',
		},
		{
			name: 'Individual (Legacy)',
			value: 'individual',
			description: 'Previous version of Individual: HLS only, separate audio and video files',
		},
		{
			name: 'Web Page',
			value: 'web',
			description: 'A web page with its audio, as a browser shows it',
		},
	],
	default: 'mix',
	description: 'Whether to record all users together, each user separately, or a web page',
};

export const uidModeField: INodeProperties = {
	displayName: 'Recorder UID',
	name: 'uidMode',
	type: 'options',
	options: [
		{
			name: 'Automatic',
			value: 'automatic',
			description:
				'A large number derived from channel and mode, so that a channel is not recorded twice',
		},
		{ name: 'Specify', value: 'specify', description: 'Enter a UID' },
	],
	default: 'automatic',
	description: 'The user ID with which the recorder joins the channel',
};

export const captureField: INodeProperties = {
	displayName: 'What to Record',
	name: 'capture',
	type: 'options',
	options: [
		{ name: 'Audio and Video', value: 'recording', description: 'Without screenshots' },
		{ name: 'Audio, Video and Screenshots', value: 'both' },
		{ name: 'Screenshots Only', value: 'screenshots' },
	],
	default: 'recording',
	displayOptions: { show: { mode: EACH_USER } },
	description: 'Whether to record audio and video, take screenshots of the video, or both',
};

const fileFormats: INodeProperties = {
	displayName: 'File Formats',
	name: 'fileFormats',
	type: 'options',
	options: [hls, hlsAndMp4],
	default: 'hlsMp4',
	displayOptions: { show: { mode: ['mix', 'web'] } },
	description: 'File formats that Agora writes to the bucket. HLS is always included.',
};
/** File Formats in individual mode. Its choices include those of the other modes. */
export const fileFormatsField: INodeProperties = {
	...fileFormats,
	options: [hls, hlsAndMp4, mp3],
	displayOptions: { show: { mode: ['raw'], capture: ['recording', 'both'] } },
	description: 'File formats that Agora writes to the bucket for each user',
};

/** Kilobits per second at 15 frames per second, by size (Agora: video profiles). */
export const BITRATES: Record<string, number> = {
	'360x640': 400,
	'640x360': 400,
	'720x1280': 1130,
	'1280x720': 1130,
	'1920x1080': 2080,
};

export const pageSizeField: INodeProperties = {
	displayName: 'Page Size',
	name: 'pageSize',
	type: 'options',
	options: [
		{ name: '1280 × 720', value: '1280x720' },
		{ name: '1920 × 1080', value: '1920x1080' },
		{ name: '720 × 1280 (Portrait)', value: '720x1280' },
	],
	default: '1280x720',
	displayOptions: { show: { mode: ['web'] } },
	description: 'Width and height of the page and of the video, in pixels',
};

export const videoSizeField: INodeProperties = {
	displayName: 'Size',
	name: 'videoSize',
	type: 'options',
	options: [
		{ name: '1280 × 720', value: '1280x720' },
		{ name: '1920 × 1080', value: '1920x1080' },
		{ name: '360 × 640 (Portrait)', value: '360x640' },
		{ name: '640 × 360', value: '640x360' },
		{ name: '720 × 1280 (Portrait)', value: '720x1280' },
	],
	default: '1280x720',
	description:
		'Width and height of the composite video, in pixels. Agora uses 360 × 640 if this is not set.',
};

export const ifAlreadyRecordingField: INodeProperties = {
	displayName: 'If Already Recording',
	name: 'ifAlreadyRecording',
	type: 'options',
	options: [
		{ name: 'Fail', value: 'fail', description: 'Fail with an error' },
		{
			name: 'Return Running Recording',
			value: 'return',
			description: 'Return it as the result, with already_recording set to true',
		},
		{
			name: 'Start Another',
			value: 'startAnother',
			description: 'Also start a second recording, with another recorder UID',
		},
	],
	default: 'return',
	description: 'What to do if the channel is already being recorded in this mode',
};

/** Options that only this node has, without a value in Agora's requests. */
const nodeOptions: INodeProperties[] = [
	{
		displayName: 'Allow Unknown Settings',
		name: 'allowUnknown',
		type: 'boolean',
		default: true,
		description:
			"Whether to send keys of Client Request (JSON) that this node doesn't know, such as settings that Agora has added since",
	},
	appIdOption,
	ifAlreadyRecordingField,
	{
		displayName: 'Save Session Record',
		name: 'saveSessionRecord',
		type: 'boolean',
		default: true,
		description:
			'Whether to save a JSON file next to the recording, so that you can stop, update and find it by its ID or channel. Also checks that the bucket is writable before the recording starts.',
	},
	{
		displayName: 'Token',
		name: 'token',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		displayOptions: { show: { '/mode': CHANNEL } },
		description:
			'RTC token for this channel and recorder UID. Only needed if the project has an App Certificate that is not in the Agora API credential.',
	},
	{
		displayName: 'Token Lifetime (Hours)',
		name: 'tokenHours',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 720 },
		default: 24,
		displayOptions: { show: { '/mode': CHANNEL } },
		description:
			'How long the generated token lasts, in hours, 1 to 720. The recording ends when it expires. Defaults to Resource Expiry.',
		hint: 'Agora limits tokens to 24 hours, even if you enter more',
	},
];

/** Shown where an MP4 is recorded. */
const mp4Notice = (show: Record<string, string[]>): INodeProperties => ({
	displayName:
		'Files arrive while the recording runs; the MP4 a few minutes after it ends. Use the Agora Trigger to start a workflow when all files are uploaded.',
	name: 'filesNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { ...show, fileFormats: ['hlsMp4'] } },
});

/** Start's fields, in the order in which a user decides. */
export const startFields = (): INodeProperties[] => [
	{
		displayName: 'Channel Name',
		name: 'cname',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. class-7b',
		description:
			'The channel to record, exactly as the clients join it. For a web page, any label.',
	},
	modeField,
	uidModeField,
	{
		displayName: 'UID',
		name: 'uid',
		type: 'string',
		default: '',
		placeholder: 'e.g. 527841',
		displayOptions: { show: { uidMode: ['specify'] } },
		description:
			'A whole number from 1 to 4294967295 that no user of the channel has. If a user joins with it, the recording ends.',
	},
	...fieldsOf('recordingConfig.channelType'),
	{
		displayName:
			'The channel profile must match the one your clients use. With the wrong one, Agora accepts the start and records nothing.',
		name: 'channelProfileNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { mode: CHANNEL } },
	},
	...fieldsOf('recordingConfig.subscribeUidGroup', 'page.url'),
	pageSizeField,
	...fieldsOf('page.maxRecordingHour'),
	captureField,
	{
		displayName: 'Screenshot Interval (Seconds)',
		name: 'captureInterval',
		type: 'number',
		typeOptions: { minValue: 5, maxValue: 3600 },
		default: 10,
		displayOptions: { show: { mode: EACH_USER, capture: ['both', 'screenshots'] } },
		description: 'Time between two screenshots of a user, in seconds, 5 to 3,600',
	},
	fileFormats,
	fileFormatsField,
	{
		displayName: 'Wait for Recording to Start',
		name: 'waitForRecording',
		type: 'boolean',
		default: false,
		description:
			'Whether to wait up to 90 seconds until Agora confirms that it is recording, and to fail with the likely causes otherwise',
	},
	{
		displayName: 'Partition by Date',
		name: 'partitionByDate',
		type: 'boolean',
		default: false,
		description:
			'Whether to store the files in a folder for the current day (UTC), such as 20261123, within the File Name Prefix',
	},
	mp4Notice({ mode: ['mix', 'web'] }),
	mp4Notice({ mode: ['raw'], capture: ['recording', 'both'] }),
	{
		displayName: 'Video Settings',
		name: 'picture',
		type: 'collection',
		placeholder: 'Add setting',
		default: {},
		displayOptions: { show: { mode: ['mix', 'web'] } },
		description: 'Size, quality and layout of the video',
		options: alphabetical([
			...[...layoutFields(), ...layoutOptions(), videoSizeField].map((field) =>
				inModes(['mix'], field),
			),
			...fieldsIn('picture'),
		]),
	},
	{
		displayName: 'Subscriptions',
		name: 'subscriptions',
		type: 'collection',
		placeholder: 'Add subscription',
		default: {},
		displayOptions: { show: { mode: CHANNEL } },
		description: 'Users to record or to exclude. By default, everyone is recorded.',
		options: subscriptionFields(),
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: alphabetical([...nodeOptions, ...fieldsIn('options')]),
	},
	{
		displayName: 'Client Request (JSON)',
		name: 'clientRequest',
		type: 'json',
		default: '{}',
		description:
			'Settings of Agora\'s start request to merge over the fields above, such as { "recordingConfig": { "videoStreamType": 1 } }, or a whole request body with cname, uid and clientRequest. A storageConfig with a bucket and keys replaces the storage credential.',
		hint: 'Keep storage keys in the Agora Recording Storage API credential, not here',
	},
];

/** @returns the fields outside collections that set the values at these paths */
function fieldsOf(...paths: string[]): INodeProperties[] {
	return SETTINGS.filter(({ agora }) => paths.includes(agora)).map((setting) => ({
		...definitionOf(setting),
		displayOptions: { show: { mode: setting.modes } },
	}));
}

/** @returns the fields of a collection. A field with different paths for two modes is included once. */
function fieldsIn(collection: Field['in']): INodeProperties[] {
	const fields = new Map<string, INodeProperties>();
	for (const setting of SETTINGS) {
		const { field } = setting;
		if (field?.in !== collection || fields.has(field!.name)) continue;
		const sharing = SETTINGS.filter((each) => each.field?.name === field!.name);
		const modes = sharing.flatMap((each) => each.modes);
		fields.set(field!.name, inModes(modes, definitionOf(setting)));
	}
	return [...fields.values()];
}

/** @returns the field of a setting as an n8n property */
export function definitionOf({ label, field }: Setting): INodeProperties {
	const definition: Partial<Field> & INodeProperties = { displayName: label, ...field! };
	delete definition.in;
	delete definition.toAgora;
	return definition;
}

/** Shows a field of a collection only in these modes. */
function inModes(modes: Mode[], field: INodeProperties): INodeProperties {
	if (modes.length === ALL.length) return field;
	return { ...field, displayOptions: { show: { '/mode': modes, ...field.displayOptions?.show } } };
}
