import { RequestValidator } from '../../../sandbox/agora/requestValidator.ts';
import type { Action, Mode } from '../../../sandbox/agora/schema/requests.ts';
import { body, minimalRequest, PAGE, services, STORAGE } from './requestBodies.ts';

type Json = Record<string, unknown>;

const many = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
const REGION = { x_axis: 0, y_axis: 0, width: 0.5, height: 1 };
const custom = (change: Json) => ({
	mixedVideoLayout: 3,
	layoutConfig: [{ ...REGION, ...change }],
});
const OUTPUT = { rtmpUrl: 'rtmp://live.example.com/a/b' };
const push = (outputs: unknown) =>
	services(PAGE, { serviceName: 'rtmp_publish_service', serviceParam: { outputs } });
const SALT = Buffer.alloc(32, 7).toString('base64');

const storage = (change: Json) => ({ storageConfig: { ...STORAGE, ...change } });
const config = (change: Json) => ({ recordingConfig: { channelType: 0, ...change } });
const users = (change: Json) => config({ subscribeUidGroup: 0, ...change });
const video = (transcodingConfig: Json) => config({ transcodingConfig });
const page = (change: Json) => ({ extensionServiceConfig: services({ ...PAGE, ...change }) });
const files = (...avFileType: unknown[]) => ({ recordingFileConfig: { avFileType } });
const snapshots = (change: Json) => ({ snapshotConfig: { fileType: ['jpg'], ...change } });
const audio = (audioUidList: Json) => ({ streamSubscribe: { audioUidList } });

/** The path of the invalid field in `clientRequest`, a change of the request, and a part of the reason. */
type Invalid = [path: string, change: Json, reason?: string];

const REJECTED: Array<[action: Action, mode: Mode, invalid: Invalid[]]> = [
	[
		'start',
		'mix',
		[
			['storageConfig', { storageConfig: undefined }, 'Required'],
			['storageConfig', { storageConfig: 'lessons' }],
			['storageConfig.vendor', storage({ vendor: 4 }), 'not a known vendor'],
			['storageConfig.vendor', storage({ vendor: '1' })],
			['storageConfig.region', storage({ region: -1 })],
			['storageConfig.region', storage({ region: 'us-east-1' })],
			['storageConfig.bucket', storage({ bucket: '' })],
			['storageConfig.accessKey', storage({ accessKey: undefined }), 'Required'],
			['storageConfig.secretKey', storage({ secretKey: 7 })],
			['storageConfig.stsToken', storage({ vendor: 7, stsToken: 'fake' }), 'vendors 1, 2 and 3'],
			['storageConfig.stsExpiration', storage({ stsExpiration: '2030-01-01' })],
			['storageConfig.fileNamePrefix', storage({ fileNamePrefix: 'lessons' })],
			['storageConfig.fileNamePrefix.0', storage({ fileNamePrefix: ['a b'] }), 'letters, digits'],
			['storageConfig.fileNamePrefix.1', storage({ fileNamePrefix: ['a', 'b/c'] })],
			['storageConfig.fileNamePrefix', storage({ fileNamePrefix: ['a'.repeat(129)] }), '128'],
			['storageConfig.extensionParams.endpoint', storage({ vendor: 11 }), 'Required'],
			['storageConfig.extensionParams.sse', storage({ extensionParams: { sse: 'aes' } })],
			['storageConfig.extensionParams.tag', storage({ extensionParams: { tag: 7 } })],
			['token', { token: 7 }],
			['token', { token: null }],
			['recordingConfig.channelType', { recordingConfig: {} }, 'Required'],
			['recordingConfig.channelType', config({ channelType: 2 })],
			['recordingConfig.channelType', config({ channelType: '0' })],
			['recordingConfig.maxIdleTime', config({ maxIdleTime: 4 })],
			['recordingConfig.maxIdleTime', config({ maxIdleTime: 2_592_001 })],
			['recordingConfig.maxIdleTime', config({ maxIdleTime: 30.5 })],
			['recordingConfig.streamTypes', config({ streamTypes: 3 })],
			['recordingConfig.videoStreamType', config({ videoStreamType: 2 })],
			['recordingConfig.audioProfile', config({ audioProfile: 3 })],
			['recordingConfig.subscribeUidGroup', config({ subscribeUidGroup: 6 })],
			['recordingConfig.privateParams', config({ privateParams: {} })],
			['recordingConfig.subscribeAudioUids', config({ subscribeAudioUids: '7' })],
			['recordingConfig.subscribeAudioUids.0', config({ subscribeAudioUids: [7] })],
			['recordingConfig.subscribeVideoUids', config({ subscribeVideoUids: many(33) })],
			['recordingConfig.unSubscribeAudioUids', config({ unSubscribeAudioUids: many(33) })],
			[
				'recordingConfig.unSubscribeAudioUids',
				config({ subscribeAudioUids: ['1'], unSubscribeAudioUids: ['2'] }),
				'must not be set together with',
			],
			[
				'recordingConfig.unsubscribeVideoUids',
				config({ subscribeVideoUids: ['1'], unsubscribeVideoUids: ['2'] }),
			],
			['recordingConfig.decryptionMode', config({ decryptionMode: 9 })],
			['recordingConfig.secret', config({ decryptionMode: 1 }), 'Required'],
			['recordingConfig.salt', config({ decryptionMode: 7, secret: 'fake' }), '32 bytes'],
			['recordingConfig.salt', config({ decryptionMode: 8, secret: 'fake', salt: 'AAAA' })],
			['recordingConfig.secret', config({ decryptionMode: 8, salt: SALT })],
			['recordingConfig.transcodingConfig.width', video({ width: 1921 })],
			['recordingConfig.transcodingConfig.width', video({ width: 1920, height: 1081 }), '1080'],
			['recordingConfig.transcodingConfig.height', video({ height: 0 })],
			['recordingConfig.transcodingConfig.fps', video({ fps: 0 })],
			['recordingConfig.transcodingConfig.bitrate', video({ bitrate: '500' })],
			['recordingConfig.transcodingConfig.mixedVideoLayout', video({ mixedVideoLayout: 4 })],
			['recordingConfig.transcodingConfig.layoutConfig', video({ mixedVideoLayout: 3 })],
			[
				'recordingConfig.transcodingConfig.layoutConfig',
				video({ mixedVideoLayout: 3, layoutConfig: [] }),
				'Required in the custom layout',
			],
			['recordingFileConfig.avFileType', files('mp4'), 'must contain hls or hls,mp4'],
			['recordingFileConfig.avFileType', files('mp3')],
			['recordingFileConfig.avFileType', files()],
			['recordingFileConfig.avFileType', { recordingFileConfig: { avFileType: 'hls' } }],
			['snapshotConfig', snapshots({}), 'individual and raw mode only'],
			['extensionServiceConfig', { extensionServiceConfig: services() }, 'web mode only'],
		],
	],
	[
		'start',
		'individual',
		[
			['recordingConfig', { recordingConfig: undefined }, 'Required'],
			['recordingConfig.subscribeUidGroup', config({}), 'Required'],
			['recordingConfig.subscribeUidGroup', config({ subscribeUidGroup: -1 })],
			['recordingConfig.streamMode', users({ streamMode: 'mixed' })],
			['recordingConfig.transcodingConfig', users({ transcodingConfig: {} }), 'mix mode only'],
			['recordingFileConfig.avFileType', files('hls', 'mp4'), 'must contain hls'],
			['snapshotConfig.fileType', { snapshotConfig: {} }, 'Required'],
			['snapshotConfig.fileType.0', snapshots({ fileType: ['png'] })],
			['snapshotConfig.captureInterval', snapshots({ captureInterval: 4 })],
			['snapshotConfig.captureInterval', snapshots({ captureInterval: 3601 })],
			['appsCollection.combinationPolicy', { appsCollection: { combinationPolicy: 'mixed' } }],
			['transcodeOptions.transConfig', { transcodeOptions: {} }, 'Required'],
		],
	],
	[
		'start',
		'raw',
		[
			['recordingConfig.subscribeUidGroup', config({}), 'Required'],
			['recordingConfig.streamMode', users({ streamMode: 'standard' }), 'individual mode only'],
			['recordingConfig.transcodingConfig', users({ transcodingConfig: { width: 640 } })],
			['recordingFileConfig.avFileType', files('hls', 'mp3')],
			['recordingConfig.streamTypes', { ...users({ streamTypes: 0 }), ...snapshots({}) }],
			[
				'recordingConfig.subscribeVideoUids',
				{ ...users({ subscribeAudioUids: ['1'] }), ...snapshots({}) },
			],
			['extensionServiceConfig', { extensionServiceConfig: services() }],
		],
	],
	[
		'start',
		'web',
		[
			['recordingConfig', config({}), 'mix, individual and raw mode only'],
			['snapshotConfig', snapshots({})],
			['extensionServiceConfig', { extensionServiceConfig: undefined }, 'Required'],
			[
				'extensionServiceConfig.extensionServices',
				{ extensionServiceConfig: { extensionServices: [] } },
				'web_recorder_service',
			],
			['recordingFileConfig.avFileType', files('mp4')],
			...(
				[
					['url', 'whiteboard'],
					['url', undefined],
					['audioProfile', 3],
					['audioProfile', undefined],
					['videoWidth', 239],
					['videoWidth', 1921],
					['videoHeight', 239],
					['videoHeight', '720'],
					['maxRecordingHour', 0],
					['maxRecordingHour', 721],
					['videoBitrate', 0],
					['videoFps', 4],
					['videoFps', 61],
					['mobile', 'yes'],
					['maxVideoDuration', 29],
					['maxVideoDuration', 241],
					['onhold', 1],
					['readyTimeout', 61],
				] as const
			).map(([field, value]): Invalid => [
				`extensionServiceConfig.extensionServices.0.serviceParam.${field}`,
				page({ [field]: value }),
			]),
			[
				'extensionServiceConfig.extensionServices.0.serviceParam.videoWidth',
				page({ videoWidth: 1920, videoHeight: 1920 }),
				'1080',
			],
			[
				'extensionServiceConfig.extensionServices.1.serviceParam.outputs',
				{ extensionServiceConfig: push([OUTPUT, OUTPUT]) },
			],
			[
				'extensionServiceConfig.extensionServices.1.serviceParam.outputs.0.rtmpUrl',
				{ extensionServiceConfig: push([{ rtmpUrl: 'https://live.example.com' }]) },
			],
			[
				'extensionServiceConfig.extensionServices.1.serviceName',
				{ extensionServiceConfig: services(PAGE, { serviceName: 'other', serviceParam: {} }) },
			],
			[
				'extensionServiceConfig.errorHandlePolicy',
				{ extensionServiceConfig: { ...services(), errorHandlePolicy: 'error_ignore' } },
			],
		],
	],
	[
		'update',
		'mix',
		[
			['', { storageConfig: undefined }, 'something to update'],
			['streamSubscribe', { streamSubscribe: {} }, 'must contain a list'],
			['streamSubscribe', audio({}), 'must contain a list'],
			['streamSubscribe.audioUidList', audio([] as never)],
			['streamSubscribe.audioUidList.subscribeAudioUids', audio({ subscribeAudioUids: [] })],
			['streamSubscribe.audioUidList.unSubscribeAudioUids', audio({ unSubscribeAudioUids: [] })],
			['streamSubscribe.audioUidList.subscribeAudioUids', audio({ subscribeAudioUids: many(33) })],
			['streamSubscribe.audioUidList.subscribeAudioUids.0', audio({ subscribeAudioUids: [7] })],
			[
				'streamSubscribe.audioUidList.unSubscribeAudioUids',
				audio({ subscribeAudioUids: ['1'], unSubscribeAudioUids: ['2'] }),
			],
			['storageConfig.secretKey', storage({ secretKey: undefined }), 'Required'],
			['storageConfig.extensionParams.endpoint', storage({ vendor: 11 })],
			['webRecordingConfig', { webRecordingConfig: { onhold: true } }, 'web mode only'],
			['rtmpPublishConfig', { rtmpPublishConfig: { outputs: [OUTPUT] } }, 'web mode only'],
		],
	],
	[
		'update',
		'web',
		[
			['webRecordingConfig.onhold', { webRecordingConfig: {} }, 'Required'],
			['webRecordingConfig.onhold', { webRecordingConfig: { onhold: 'true' } }],
			['rtmpPublishConfig.outputs', { rtmpPublishConfig: {} }, 'Required'],
			['rtmpPublishConfig.outputs', { rtmpPublishConfig: { outputs: [] } }],
			['rtmpPublishConfig.outputs', { rtmpPublishConfig: { outputs: [OUTPUT, OUTPUT] } }],
			['rtmpPublishConfig.outputs.0.rtmpUrl', { rtmpPublishConfig: { outputs: [{}] } }],
			['streamSubscribe', audio({ subscribeAudioUids: ['1'] }), 'mix, individual and raw'],
		],
	],
	[
		'updateLayout',
		'mix',
		[
			['mixedVideoLayout', { mixedVideoLayout: 4 }],
			['mixedVideoLayout', { mixedVideoLayout: '1' }],
			['maxResolutionUid', { mixedVideoLayout: 2, maxResolutionUid: '0' }],
			['maxResolutionUid', { mixedVideoLayout: 2, maxResolutionUid: 7 }],
			['backgroundColor', { backgroundColor: 'red' }],
			['backgroundImage', { backgroundImage: 'wall.jpg' }],
			['defaultUserBackgroundImage', { defaultUserBackgroundImage: 7 }],
			['layoutConfig', { mixedVideoLayout: 3, layoutConfig: [] }, 'Required in the custom layout'],
			['layoutConfig', { layoutConfig: Array.from({ length: 18 }, () => REGION) }],
			['layoutConfig.0.x_axis', custom({ x_axis: 1.1 })],
			['layoutConfig.0.y_axis', custom({ y_axis: -0.1 })],
			['layoutConfig.0.width', custom({ width: 640 })],
			['layoutConfig.0.height', custom({ height: undefined }), 'Required'],
			['layoutConfig.0.alpha', custom({ alpha: 2 })],
			['layoutConfig.0.render_mode', custom({ render_mode: 2 })],
			['layoutConfig.0.uid', custom({ uid: 'host' })],
			['backgroundConfig.0.image_url', { backgroundConfig: [{ uid: '7' }] }, 'Required'],
			['backgroundConfig.0.uid', { backgroundConfig: [{ image_url: 'https://a.example/b.jpg' }] }],
		],
	],
	[
		'stop',
		'raw',
		[
			['async_stop', { async_stop: 'true' }],
			['async_stop', { async_stop: 1 }],
		],
	],
];

describe.each(REJECTED)('%s in %s mode', (action, mode, invalid) => {
	it.each(invalid)('rejects %s: %j', (path, change, reason = '') => {
		const validator = new RequestValidator();
		const sent = body({ ...minimalRequest(action, mode), ...change });
		const full = path === '' ? 'clientRequest' : `clientRequest.${path}`;
		expect(validator.validate(action, mode, sent)).toEqual({
			status: 400,
			body: { code: 2, reason: expect.stringContaining(`${full}: `) },
		});
		expect(validator.rejections).toMatchObject([
			{ action, mode, path: full, reason: expect.stringContaining(reason) },
		]);
	});

	it('accepts the smallest request', () => {
		const validator = new RequestValidator();
		expect(validator.validate(action, mode, body(minimalRequest(action, mode)))).toBeUndefined();
	});
});
