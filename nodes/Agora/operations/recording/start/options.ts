import type { INodeProperties } from 'n8n-workflow';
import { alphabetical } from '../../alphabetical';
import { encryptionOptions } from './encryption';
import { CHANNEL, onlyFor } from './mode';

const recorder: INodeProperties[] = [
	{
		displayName: 'App ID',
		name: 'appId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
		description: 'Another project than the one in the Agora API credential',
	},
	{
		displayName: 'Control Period',
		name: 'resourceExpiredHour',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 720 },
		default: 72,
		description:
			'For how many hours the recording can be queried, updated and stopped, 1 to 720. Without it 72, or the Maximum Hours of a web page if these are more.',
	},
	{
		displayName: 'Exclude Resource IDs',
		name: 'excludeResourceIds',
		type: 'string',
		default: '',
		placeholder: 'e.g. JyvK8nXHuV1BE64GDkAaBGEscv',
		description:
			'Resource IDs of other recordings, separated by commas, whose data centers are to be avoided: for a second recording of an important channel',
	},
	{
		displayName: 'Maximum Idle Time',
		name: 'maxIdleTime',
		type: 'number',
		typeOptions: { minValue: 5, maxValue: 2592000 },
		default: 300,
		...onlyFor(CHANNEL),
		description:
			'After how many seconds without anybody in the channel the recording ends, 5 to 2592000. Agora takes 30 when this is not set, and recommends 300.',
	},
	{
		displayName: 'Recorder Region',
		name: 'region',
		type: 'options',
		options: [
			{ name: 'Asia Without Mainland China', value: 'AP' },
			{ name: 'Europe', value: 'EU' },
			{ name: 'Mainland China', value: 'CN' },
			{ name: 'North America', value: 'NA' },
		],
		default: 'EU',
		description:
			'Where the recorder must run, and nowhere else. The region of the bucket must fit. Without it, Agora takes the nearest.',
	},
	{
		displayName: 'Region Affinity',
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
			'Where the recorder had best run, for accounts of Agora’s Chinese edition. Others set Recorder Region.',
	},
	{
		displayName: 'Token',
		name: 'token',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		...onlyFor(CHANNEL),
		description:
			'An RTC token for this channel and recorder UID. Needed only if the project has an App Certificate that is not in the Agora API credential.',
	},
	{
		displayName: 'Token Lifetime',
		name: 'tokenHours',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 720 },
		default: 24,
		...onlyFor(CHANNEL),
		description:
			'For how many hours the token made from the App Certificate is good, 1 to 720. As long as the Control Period when this is not set; Agora lets no token live longer than 24 hours. The recording ends with it.',
	},
	{
		displayName: 'Wait for Recording to Start',
		name: 'waitForRecording',
		type: 'boolean',
		default: false,
		description:
			'Whether to go on only when Agora says that it records, at most 90 seconds, and to fail with the likely causes when it does not',
	},
];

const media: INodeProperties[] = [
	{
		displayName: 'Audio Quality',
		name: 'audioProfile',
		type: 'options',
		options: [
			{ name: 'Mono, About 48 Kbps', value: 0 },
			{ name: 'Mono, About 128 Kbps', value: 1 },
			{ name: 'Stereo, About 192 Kbps', value: 2 },
		],
		default: 0,
		...onlyFor(['mix', 'web']),
		description: 'Sound of the recording, always at 48 kHz',
	},
	{
		displayName: 'Media',
		name: 'streamTypes',
		type: 'options',
		options: [
			{ name: 'Audio and Video', value: 2 },
			{ name: 'Audio Only', value: 0 },
			{ name: 'Video Only', value: 1 },
		],
		default: 2,
		...onlyFor(CHANNEL),
		description: 'What is recorded of each user. Screenshots need video.',
	},
	{
		displayName: 'Standard Playlists',
		name: 'standardPlaylist',
		type: 'boolean',
		default: false,
		...onlyFor(CHANNEL),
		description:
			'Whether playlists get the comma that the HLS standard wants after each duration. Some players insist on it.',
	},
	{
		displayName: 'Stream Mode',
		name: 'streamMode',
		type: 'options',
		options: [
			{ name: 'Default', value: 'default', description: 'Audio and video apart' },
			{
				name: 'Original',
				value: 'original',
				description: 'As the user sent it; good for audio only',
			},
			{
				name: 'Standard',
				value: 'standard',
				description: 'A playlist with audio and video together, besides',
			},
		],
		default: 'default',
		...onlyFor(['individual']),
		description: 'How audio and video of a user are put into files',
	},
	{
		displayName: 'Video Stream',
		name: 'videoStreamType',
		type: 'options',
		options: [
			{ name: 'High Quality', value: 0 },
			{ name: 'Low Quality', value: 1 },
		],
		default: 0,
		...onlyFor(CHANNEL),
		description: 'Which of a user’s two streams is recorded, where the clients send two',
	},
];

const webPage: INodeProperties[] = [
	{
		displayName: 'Maximum MP4 Length',
		name: 'maxVideoDuration',
		type: 'number',
		typeOptions: { minValue: 30, maxValue: 240 },
		default: 120,
		...onlyFor(['web']),
		description: 'After how many minutes a new MP4 begins, 30 to 240',
	},
	{
		displayName: 'Mobile View',
		name: 'mobile',
		type: 'boolean',
		default: false,
		...onlyFor(['web']),
		description: 'Whether the page is opened as a phone would open it',
	},
	{
		displayName: 'Page Ready Timeout',
		name: 'readyTimeout',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 60 },
		default: 0,
		...onlyFor(['web']),
		description:
			'How many seconds Agora waits for the page to load, 0 to 60. 0 records whatever the page shows.',
	},
	{
		displayName: 'Push Address',
		name: 'rtmpUrl',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		placeholder: 'e.g. rtmp://live.example.com/app/stream',
		...onlyFor(['web']),
		description: 'An RTMP or RTMPS address to broadcast the page to as well',
	},
	{
		displayName: 'Start Paused',
		name: 'onhold',
		type: 'boolean',
		default: false,
		...onlyFor(['web']),
		description: 'Whether nothing is recorded until Update resumes the recording',
	},
];

const storage: INodeProperties[] = [
	{
		displayName: 'Object Tag',
		name: 'objectTag',
		type: 'string',
		default: '',
		placeholder: 'e.g. recordings',
		description: 'A tag on every file. Amazon S3 and Alibaba Cloud only.',
	},
	{
		displayName: 'Partition by Date',
		name: 'partitionByDate',
		type: 'boolean',
		default: false,
		description:
			'Whether the files go into a folder of the day (UTC) below the File Name Prefix, such as 20261123',
	},
	{
		displayName: 'Save Session Record',
		name: 'saveSessionRecord',
		type: 'boolean',
		default: true,
		description:
			'Whether to put a small JSON file beside the recording with its resource ID, UID and mode. With it the recording can be found and controlled later from its ID alone.',
	},
	{
		displayName: 'Server-Side Encryption',
		name: 'serverSideEncryption',
		type: 'options',
		options: [
			{ name: 'AES-256', value: 'aes256', description: 'With a key of the bucket’s' },
			{ name: 'KMS', value: 'kms', description: 'With a key of the Key Management Service' },
		],
		default: 'aes256',
		description: 'How the bucket encrypts the files. Amazon S3 only.',
	},
];

/** What few people set. */
export const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: alphabetical([...recorder, ...media, ...encryptionOptions, ...webPage, ...storage]),
};
