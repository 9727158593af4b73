import { RequestValidator } from '../../../sandbox/agora/requestValidator.ts';
import type { Action, Mode } from '../../../sandbox/agora/schema/requests.ts';
import { ALL_STREAMS, body, PAGE, services, STORAGE } from './requestBodies.ts';

/**
 * Request bodies with the structure of those in Agora's own clients, collections and documents, with other values.
 * Sources:
 * agora-rest-client-go, -python and -nodejs, agora-go-backend-middleware, the Postman collection of
 * Agora-RESTful-Service, and the OpenAPI files of docs-portal (English and Chinese).
 */

const BOTH = { subscribeAudioUids: ALL_STREAMS, subscribeVideoUids: ALL_STREAMS };
const LIVE = { channelType: 1, streamTypes: 2, maxIdleTime: 30, ...BOTH };
const USERS = { ...LIVE, subscribeUidGroup: 5 };
const HLS = { recordingFileConfig: { avFileType: ['hls'] } };
const HLS_AND_MP4 = { recordingFileConfig: { avFileType: ['hls', 'mp4'] } };
const JPG = { snapshotConfig: { captureInterval: 5, fileType: ['jpg'] } };
const VIDEO = { width: 640, height: 480, fps: 15, bitrate: 800, mixedVideoLayout: 0 };
const region = (uid: string, x_axis: number) => ({
	uid,
	x_axis,
	y_axis: 0.2,
	width: 0.25,
	height: 0.5,
	alpha: 1,
	render_mode: 1,
});
const rtmp = (rtmpUrl: string) => ({ outputs: [{ rtmpUrl }] });
const push = {
	serviceName: 'rtmp_publish_service',
	errorHandlePolicy: 'error_ignore',
	serviceParam: rtmp('rtmp://live.example.com:1935/live/one'),
};
const token = 'fake-token';

const acquire = (clientRequest: object) => body(clientRequest);
const start = (clientRequest: object) => body({ storageConfig: STORAGE, ...clientRequest });

const SAMPLES: Array<[client: string, action: Action, mode: Mode | null, sent: object]> = [
	['Postman', 'acquire', null, acquire({})],
	['OpenAPI', 'acquire', null, acquire({ scene: 0, resourceExpiredHour: 24 })],
	['Node.js', 'acquire', null, acquire({ resourceExpiredHour: 1 })],
	['Go, for a web page', 'acquire', null, acquire({ scene: 1 })],
	['Go, for postponed transcoding', 'acquire', null, acquire({ scene: 2, regionAffinity: 1 })],
	[
		'the middleware',
		'acquire',
		null,
		acquire({
			resourceExpiredHour: 24,
			startParameter: { storageConfig: STORAGE, recordingConfig: { channelType: 0 } },
			excludeResourceIds: [],
		}),
	],

	[
		'Postman: maxResolutionUid in another layout than the vertical one',
		'start',
		'mix',
		start({
			token,
			recordingConfig: {
				channelType: 1,
				streamTypes: 2,
				audioProfile: 1,
				videoStreamType: 0,
				maxIdleTime: 120,
				transcodingConfig: { ...VIDEO, mixedVideoLayout: 1, maxResolutionUid: '1' },
			},
		}),
	],
	[
		'Go: subscribeUidGroup in every mode',
		'start',
		'mix',
		start({
			token,
			recordingConfig: {
				...LIVE,
				audioProfile: 2,
				subscribeUidGroup: 0,
				transcodingConfig: { ...VIDEO, backgroundColor: '#000000' },
			},
			...HLS_AND_MP4,
		}),
	],
	[
		'Go: "" for unset values',
		'start',
		'mix',
		body({
			storageConfig: { ...STORAGE, extensionParams: { sse: '', tag: 'class=algebra' } },
			recordingConfig: {
				...LIVE,
				transcodingConfig: { mixedVideoLayout: 3, layoutConfig: [region('', 0)] },
			},
		}),
	],
	['Python: no recordingConfig', 'start', 'mix', start({ token })],
	[
		'empty lists',
		'start',
		'mix',
		body({
			storageConfig: { ...STORAGE, fileNamePrefix: [] },
			recordingConfig: {
				channelType: 0,
				subscribeAudioUids: [],
				subscribeVideoUids: ALL_STREAMS,
				unSubscribeVideoUids: [],
				transcodingConfig: { ...VIDEO, layoutConfig: [], backgroundConfig: [] },
			},
		}),
	],
	[
		'the middleware: both kinds of lists, one of them empty',
		'start',
		'mix',
		start({
			recordingConfig: { ...LIVE, unsubscribeAudioUids: [], unsubscribeVideoUids: [] },
		}),
	],
	[
		'OpenAPI',
		'start',
		'individual',
		body({
			token,
			recordingConfig: { ...USERS, streamMode: 'default', videoStreamType: 0 },
			...HLS,
			storageConfig: {
				...STORAGE,
				fileNamePrefix: ['quickstart'],
				extensionParams: { tag: 'RETENTION_DAYS=30' },
			},
		}),
	],
	[
		'OpenAPI: audio without transcoding',
		'start',
		'individual',
		start({
			token,
			recordingConfig: {
				channelType: 1,
				streamTypes: 0,
				streamMode: 'original',
				subscribeAudioUids: ALL_STREAMS,
				subscribeUidGroup: 5,
			},
			...HLS,
		}),
	],
	['Go: screenshots', 'start', 'individual', start({ recordingConfig: USERS, ...JPG })],
	[
		'Go: with screenshots',
		'start',
		'individual',
		start({ recordingConfig: USERS, ...HLS, ...JPG }),
	],
	[
		'Go: postponed transcoding',
		'start',
		'individual',
		start({
			recordingConfig: USERS,
			...HLS,
			appsCollection: { combinationPolicy: 'postpone_transcoding' },
			transcodeOptions: {
				container: { format: 'mp3' },
				transConfig: { transMode: 'audioMix' },
				audio: { sampleRate: '48000', bitrate: '48000', channels: '2' },
			},
		}),
	],
	[
		'the documentation of version 2',
		'start',
		'raw',
		start({ recordingConfig: USERS, recordingFileConfig: { avFileType: ['mp3'] } }),
	],
	[
		'OpenAPI: a token',
		'start',
		'web',
		start({ token, extensionServiceConfig: services(), ...HLS_AND_MP4 }),
	],
	['Python', 'start', 'web', start({ extensionServiceConfig: services() })],
	[
		'Go: a broadcast',
		'start',
		'web',
		start({
			extensionServiceConfig: {
				errorHandlePolicy: 'error_abort',
				...services({ ...PAGE, onhold: false, readyTimeout: 0 }, push),
			},
		}),
	],
	[
		'Go: "" for unset policies',
		'start',
		'web',
		start({
			extensionServiceConfig: services(PAGE, { ...push, errorHandlePolicy: '' }),
		}),
	],

	[
		'Go',
		'update',
		'mix',
		body({
			streamSubscribe: {
				audioUidList: { subscribeAudioUids: ALL_STREAMS },
				videoUidList: { subscribeVideoUids: ALL_STREAMS },
			},
		}),
	],
	[
		'Python: video only',
		'update',
		'individual',
		body({ streamSubscribe: { videoUidList: { subscribeVideoUids: ALL_STREAMS } } }),
	],
	[
		'OpenAPI, in English: a lower-case s',
		'update',
		'mix',
		body({ streamSubscribe: { videoUidList: { unsubscribeVideoUids: ['44', '55'] } } }),
	],
	[
		'OpenAPI, in Chinese: two changes',
		'update',
		'raw',
		body({
			streamSubscribe: { videoUidList: { unSubscribeVideoUids: ['44'] } },
			storageConfig: STORAGE,
		}),
	],
	['Python', 'update', 'web', body({ webRecordingConfig: { onhold: true } })],
	[
		'Go and Node.js: two changes',
		'update',
		'web',
		body({
			webRecordingConfig: { onhold: false },
			rtmpPublishConfig: rtmp('rtmps://live.example.com/live/two'),
		}),
	],

	['Go', 'updateLayout', 'mix', body({ mixedVideoLayout: 1, backgroundColor: '#FF0000' })],
	[
		'OpenAPI',
		'updateLayout',
		'mix',
		body({
			mixedVideoLayout: 3,
			backgroundColor: '#FF0000',
			layoutConfig: [region('1', 0.1), region('2', 0.6)],
		}),
	],
	['Postman', 'stop', 'mix', body({})],
	['Go', 'stop', 'web', body({ async_stop: false })],
];

it.each(SAMPLES)('accepts the request of %s to %s (%s)', (_client, action, mode, sent) => {
	const validator = new RequestValidator();
	expect(validator.validate(action, mode, sent)).toBeUndefined();
	expect(validator.rejections).toEqual([]);
	expect(validator.unknownKeys).toEqual([]);
});
