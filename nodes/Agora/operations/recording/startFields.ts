import type { INodeProperties } from 'n8n-workflow';

const onlyFor = (...modes: string[]): Pick<INodeProperties, 'displayOptions'> => ({
	displayOptions: { show: { '/mode': modes } },
});

const channelFields: INodeProperties[] = [
	{
		displayName: 'Channel Name',
		name: 'cname',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. class-7b',
		description:
			'The channel to record, exactly as the clients join it. For a web page it is a label of your own.',
	},
	{
		displayName: 'Recording Mode',
		name: 'mode',
		type: 'options',
		options: [
			{
				name: 'Composite',
				value: 'mix',
				description: 'One recording of the whole channel, all users side by side',
			},
			{
				name: 'Individual',
				value: 'raw',
				description: 'One recording for each user of the channel',
			},
			{
				name: 'Web Page',
				value: 'web',
				description: 'What a browser shows and plays at an address',
			},
		],
		default: 'mix',
		description: 'What is put into the files',
	},
	{
		displayName: 'Recorder UID',
		name: 'uidMode',
		type: 'options',
		options: [
			{
				name: 'Automatic',
				value: 'automatic',
				description: 'A large random number that no user is likely to have',
			},
			{ name: 'Specify', value: 'specify', description: 'A number of your choice' },
		],
		default: 'automatic',
		description: 'The user ID with which the recorder joins the channel',
	},
	{
		displayName: 'UID',
		name: 'uid',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. 527841',
		displayOptions: { show: { uidMode: ['specify'] } },
		description:
			'A whole number from 1 to 4294967295 that nobody in the channel uses. If a user has it, or takes it, the recording ends.',
	},
	{
		displayName: 'Channel Profile',
		name: 'channelType',
		type: 'options',
		options: [
			{ name: 'Communication', value: 0, description: 'Everybody in the channel may speak' },
			{ name: 'Live Broadcast', value: 1, description: 'Hosts speak, an audience listens' },
		],
		default: 0,
		displayOptions: { show: { mode: ['mix', 'raw'] } },
		description: 'The profile that the clients set when they join',
	},
	{
		displayName:
			'The channel profile must be the one that your clients use. With the other one, Agora accepts the start and records nothing.',
		name: 'channelProfileNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { mode: ['mix', 'raw'] } },
	},
	{
		displayName: 'Users to Record',
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
		default: 0,
		displayOptions: { show: { mode: ['raw'] } },
		description: 'How many users are expected at the most, so that Agora reserves enough room',
	},
];

const webPageFields: INodeProperties[] = [
	{
		displayName: 'Page URL',
		name: 'url',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. https://example.com/live/7b',
		displayOptions: { show: { mode: ['web'] } },
		description:
			'The page to open and record. It must be reachable from the internet without a login.',
	},
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'options',
		options: [
			{ name: '1280 × 720', value: '1280x720' },
			{ name: '1920 × 1080', value: '1920x1080' },
			{ name: '720 × 1280 (Upright)', value: '720x1280' },
		],
		default: '1280x720',
		displayOptions: { show: { mode: ['web'] } },
		description: 'Width and height of the page and of the video, in pixels',
	},
	{
		displayName: 'Maximum Hours',
		name: 'maxRecordingHour',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 720 },
		default: 2,
		displayOptions: { show: { mode: ['web'] } },
		description:
			'After how many hours the recording ends by itself. A page is never idle, so without a stop it runs this long.',
	},
];

const fileFields: INodeProperties[] = [
	{
		displayName: 'File Formats',
		name: 'fileFormats',
		type: 'options',
		options: [
			{ name: 'HLS', value: 'hls', description: 'A playlist and slices of some seconds' },
			{
				name: 'HLS and MP4',
				value: 'hlsMp4',
				description: 'The same, and after the end MP4 files that play anywhere',
			},
		],
		default: 'hlsMp4',
		description: 'Which files Agora writes into the bucket. It always writes HLS.',
	},
	{
		displayName:
			'Files reach the bucket while the recording runs, the MP4 some minutes after its end. The Agora Trigger tells when all are there.',
		name: 'filesNotice',
		type: 'notice',
		default: '',
	},
];

const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'App ID',
			name: 'appId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
			description: 'Another project than the one in the Agora API credential',
		},
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
			...onlyFor('mix', 'web'),
			description: 'Sound of the recording, always at 48 kHz',
		},
		{
			displayName: 'Control Period',
			name: 'resourceExpiredHour',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 720 },
			default: 72,
			description:
				'For how many hours the recording can be queried and stopped, and its token is good, 1 to 720',
		},
		{
			displayName: 'Layout',
			name: 'mixedVideoLayout',
			type: 'options',
			options: [
				{ name: 'Best Fit', value: 1, description: 'All users in equal tiles' },
				{ name: 'Floating', value: 0, description: 'The first user large, the others in front' },
				{ name: 'Vertical', value: 2, description: 'One user large, the others in a column' },
			],
			default: 0,
			...onlyFor('mix'),
			description: 'How the users’ pictures are arranged',
		},
		{
			displayName: 'Maximum Idle Time',
			name: 'maxIdleTime',
			type: 'number',
			typeOptions: { minValue: 5, maxValue: 2592000 },
			default: 300,
			...onlyFor('mix', 'raw'),
			description:
				'After how many seconds without anybody in the channel the recording ends, 5 to 2592000. Agora takes 30 when this is not set, and recommends 300.',
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
			...onlyFor('mix', 'raw'),
			description: 'What is recorded of each user',
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
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			...onlyFor('mix', 'raw'),
			description:
				'An RTC token for this channel and recorder UID. Needed only if the project has an App Certificate that is not in the Agora API credential.',
		},
		{
			displayName: 'Video Size',
			name: 'videoSize',
			type: 'options',
			options: [
				{ name: '1280 × 720', value: '1280x720' },
				{ name: '1920 × 1080', value: '1920x1080' },
				{ name: '360 × 640 (Upright)', value: '360x640' },
				{ name: '640 × 360', value: '640x360' },
				{ name: '720 × 1280 (Upright)', value: '720x1280' },
			],
			default: '1280x720',
			...onlyFor('mix'),
			description:
				'Width and height of the composite picture, in pixels, at 15 frames a second. Agora takes 360 × 640 when this is not set.',
		},
	],
};

const clientRequest: INodeProperties = {
	displayName: 'Client Request (JSON)',
	name: 'clientRequest',
	type: 'json',
	default: '{}',
	description:
		'Anything else that Agora’s start request takes, such as { "recordingConfig": { "videoStreamType": 1 } }. It is merged over the fields above. A storageConfig with its own bucket and keys replaces the storage credential.',
	hint: 'Keep storage keys in the Agora Recording Storage credential, not here',
};

/** In the order in which a person decides. */
export const startFields: INodeProperties[] = [
	...channelFields,
	...webPageFields,
	...fileFields,
	options,
	clientRequest,
];
