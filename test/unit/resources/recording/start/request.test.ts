import type { IDataObject } from 'n8n-workflow';
import {
	toRequest,
	toReservation,
	type StartFields,
} from '../../../../../nodes/Agora/resources/recording/start/request';
import type { Mode } from '../../../../../nodes/Agora/resources/recording/start/settings';

interface Settings {
	mode: Mode;
	picture?: IDataObject;
	subscriptions?: Record<string, unknown>;
	options?: IDataObject;
	[field: string]: unknown;
}

const settings = (given: Settings): Settings => given;
function toClientRequest({
	mode,
	picture = {},
	subscriptions = {},
	options = {},
	...main
}: Settings): IDataObject {
	const fields: StartFields = { main, picture, subscriptions, options };
	return toRequest(mode, fields).clientRequest;
}
const HLS_AND_MP4 = { recordingFileConfig: { avFileType: ['hls', 'mp4'] } };
const HLS = { recordingFileConfig: { avFileType: ['hls'] } };
const PAGE = {
	url: 'https://example.com/live',
	audioProfile: 0,
	videoWidth: 1280,
	videoHeight: 720,
	maxRecordingHour: 2,
};
const webPage = (serviceParam: object, ...more: object[]) => ({
	extensionServiceConfig: {
		errorHandlePolicy: 'error_abort',
		extensionServices: [
			{ serviceName: 'web_recorder_service', errorHandlePolicy: 'error_abort', serviceParam },
			...more,
		],
	},
});

describe('toRequest', () => {
	const cases: Array<[string, Settings, IDataObject]> = [
		[
			'a composite recording with defaults',
			settings({ mode: 'mix' }),
			{ recordingConfig: { channelType: 0, streamTypes: 2 }, ...HLS_AND_MP4 },
		],
		[
			'a composite recording with all settings',
			settings({
				mode: 'mix',
				channelType: 1,
				fileFormats: 'hls',
				picture: {
					videoSize: '1280x720',
					bitrate: 900,
					fps: 30,
					mixedVideoLayout: 2,
					maxResolutionUid: '7',
					backgroundColor: '#102030',
					backgroundImage: 'https://example.com/wall.jpg',
					defaultUserBackgroundImage: 'https://example.com/nobody.jpg',
				},
				subscriptions: { subscribeAudioUids: '1, 2', unSubscribeVideoUids: '3' },
				options: {
					audioProfile: 2,
					maxIdleTime: 300,
					streamTypes: 0,
					videoStreamType: 1,
					standardPlaylist: true,
					decryptionMode: 8,
					decryptionSecret: 'fake key of the clients',
					decryptionSalt: 'fake salt',
				},
			}),
			{
				recordingConfig: {
					channelType: 1,
					streamTypes: 0,
					maxIdleTime: 300,
					videoStreamType: 1,
					decryptionMode: 8,
					secret: 'fake key of the clients',
					salt: 'fake salt',
					subscribeAudioUids: ['1', '2'],
					unSubscribeVideoUids: ['3'],
					privateParams: '{"correctEXTINF":true}',
					audioProfile: 2,
					transcodingConfig: {
						width: 1280,
						height: 720,
						fps: 30,
						bitrate: 900,
						mixedVideoLayout: 2,
						maxResolutionUid: '7',
						backgroundColor: '#102030',
						backgroundImage: 'https://example.com/wall.jpg',
						defaultUserBackgroundImage: 'https://example.com/nobody.jpg',
					},
				},
				...HLS,
			},
		],
		[
			'a size, with its frame rate and bitrate',
			settings({ mode: 'mix', picture: { videoSize: '1920x1080' } }),
			{
				recordingConfig: {
					channelType: 0,
					streamTypes: 2,
					transcodingConfig: { width: 1920, height: 1080, fps: 15, bitrate: 2080 },
				},
				...HLS_AND_MP4,
			},
		],
		[
			'a layout without a size',
			settings({ mode: 'mix', picture: { mixedVideoLayout: 0 } }),
			{
				recordingConfig: {
					channelType: 0,
					streamTypes: 2,
					transcodingConfig: { mixedVideoLayout: 0 },
				},
				...HLS_AND_MP4,
			},
		],
		[
			'an individual recording, without video settings',
			settings({
				mode: 'raw',
				channelType: 1,
				subscribeUidGroup: 3,
				picture: { mixedVideoLayout: 1, videoSize: '640x360' },
				options: { audioProfile: 2, maxIdleTime: 60, streamMode: 'standard' },
			}),
			{
				recordingConfig: { channelType: 1, streamTypes: 2, maxIdleTime: 60, subscribeUidGroup: 3 },
				...HLS_AND_MP4,
			},
		],
		[
			'MP3, with audio only',
			settings({ mode: 'raw', fileFormats: 'mp3' }),
			{
				recordingConfig: { channelType: 0, streamTypes: 0, subscribeUidGroup: 0 },
				recordingFileConfig: { avFileType: ['mp3'] },
			},
		],
		[
			'MP3 with screenshots, which need video',
			settings({ mode: 'raw', fileFormats: 'mp3', capture: 'both', captureInterval: 30 }),
			{
				recordingConfig: { channelType: 0, streamTypes: 2, subscribeUidGroup: 0 },
				recordingFileConfig: { avFileType: ['mp3'] },
				snapshotConfig: { captureInterval: 30, fileType: ['jpg'] },
			},
		],
		[
			'screenshots only, without file formats',
			settings({ mode: 'raw', capture: 'screenshots', fileFormats: 'hlsMp4' }),
			{
				recordingConfig: { channelType: 0, streamTypes: 2, subscribeUidGroup: 0 },
				snapshotConfig: { captureInterval: 10, fileType: ['jpg'] },
			},
		],
		[
			'a legacy individual recording, always with HLS',
			settings({
				mode: 'individual',
				subscribeUidGroup: 1,
				fileFormats: 'hlsMp4',
				options: { streamMode: 'standard' },
			}),
			{
				recordingConfig: {
					channelType: 0,
					streamTypes: 2,
					subscribeUidGroup: 1,
					streamMode: 'standard',
				},
				...HLS,
			},
		],
		[
			'a web page with all settings that Agora requires, without recordingConfig',
			settings({ mode: 'web', url: ' https://example.com/live ', capture: 'screenshots' }),
			{ ...webPage(PAGE), ...HLS_AND_MP4 },
		],
		[
			'a web page with all settings',
			settings({
				mode: 'web',
				url: 'https://example.com/live',
				pageSize: '720x1280',
				maxRecordingHour: 10,
				fileFormats: 'hls',
				picture: { bitrate: 1500, fps: 30, mixedVideoLayout: 1 },
				options: {
					audioProfile: 1,
					mobile: true,
					maxVideoDuration: 60,
					onhold: true,
					readyTimeout: 0,
					rtmpUrl: ' rtmp://live.example.com/app/stream ',
					maxIdleTime: 60,
				},
			}),
			{
				...webPage(
					{
						url: 'https://example.com/live',
						audioProfile: 1,
						videoWidth: 720,
						videoHeight: 1280,
						maxRecordingHour: 10,
						videoBitrate: 1500,
						videoFps: 30,
						mobile: true,
						maxVideoDuration: 60,
						onhold: true,
						readyTimeout: 0,
					},
					{
						serviceName: 'rtmp_publish_service',
						errorHandlePolicy: 'error_ignore',
						serviceParam: { outputs: [{ rtmpUrl: 'rtmp://live.example.com/app/stream' }] },
					},
				),
				...HLS,
			},
		],
	];
	it.each(cases)('converts %s', (_, given, expected) => {
		expect(toClientRequest(given)).toStrictEqual(expected);
	});

	it('omits the salt of a mode without salt, and the secret without a mode', () => {
		const encrypted = (decryptionMode?: number) =>
			toClientRequest(
				settings({
					mode: 'mix',
					options: { decryptionMode, decryptionSecret: 'fake', decryptionSalt: 'fake' },
				}),
			).recordingConfig;
		expect(encrypted(5)).toStrictEqual({
			channelType: 0,
			streamTypes: 2,
			decryptionMode: 5,
			secret: 'fake',
		});
		expect(encrypted()).toStrictEqual({ channelType: 0, streamTypes: 2 });
		const options = { decryptionMode: 7 };
		expect(toClientRequest(settings({ mode: 'mix', options })).recordingConfig).toStrictEqual({
			channelType: 0,
			streamTypes: 2,
			decryptionMode: 7,
		});
	});

	it('accepts UIDs as a string, a number or a list', () => {
		const lists = (value: unknown) =>
			(
				toClientRequest(settings({ mode: 'mix', subscriptions: { subscribeAudioUids: value } }))
					.recordingConfig as IDataObject
			).subscribeAudioUids;
		expect(lists('1;2  3,\n4')).toEqual(['1', '2', '3', '4']);
		expect(lists(7)).toEqual(['7']);
		expect(lists([7, '8'])).toEqual(['7', '8']);
		expect(lists('#allstream#')).toEqual(['#allstream#']);
		expect(lists(' ')).toBeUndefined();
	});
});

const page = (maxRecordingHour: unknown) => ({
	extensionServiceConfig: {
		extensionServices: [
			null,
			{ serviceName: 'web_recorder_service', serviceParam: { maxRecordingHour } },
		],
	},
});
const reservation = (mode: Mode, options: object, clientRequest: object = {}) => {
	const fields = { main: {}, picture: {}, subscriptions: {}, options: { ...options } };
	const { reservation: values } = toRequest(mode, fields);
	return toReservation(mode, values, clientRequest as IDataObject);
};

describe('storage options', () => {
	it('are returned for storageConfig, and nothing without them', () => {
		const extension = (options: IDataObject) =>
			toRequest('mix', { main: {}, picture: {}, subscriptions: {}, options }).storageExtension;
		expect(extension({ serverSideEncryption: 'kms', objectTag: 'school' })).toStrictEqual({
			extensionParams: { sse: 'kms', tag: 'school' },
		});
		expect(extension({})).toStrictEqual({});
		expect(extension({ objectTag: ' ' })).toStrictEqual({});
	});
});

describe('toReservation', () => {
	it('expires after 72 hours by default', () => {
		expect(reservation('mix', {})).toStrictEqual({ scene: 0, resourceExpiredHour: 72 });
	});

	it('contains all values that are set', () => {
		const options = {
			resourceExpiredHour: 1,
			region: 'EU',
			regionAffinity: 0,
			excludeResourceIds: 'one, two\nthree',
		};
		expect(reservation('raw', options)).toStrictEqual({
			scene: 0,
			resourceExpiredHour: 1,
			region: 'EU',
			regionAffinity: 0,
			excludeResourceIds: ['one', 'two', 'three'],
		});
	});

	it.each([
		[100, 100],
		[2, 72],
		['many', 72],
	])('expires for a page of %p hours after %d', (hours, expected) => {
		expect(reservation('web', {}, page(hours))).toMatchObject({
			scene: 1,
			resourceExpiredHour: expected,
		});
	});

	it('keeps the expiry that was set', () => {
		expect(reservation('web', { resourceExpiredHour: 10 }, page(100)).resourceExpiredHour).toBe(10);
	});
});

describe('fields that an expression has filled in', () => {
	const options = (values: IDataObject) =>
		toRequest('mix', { main: {}, picture: {}, subscriptions: {}, options: values }).clientRequest
			.recordingConfig as IDataObject;

	it('accept names of choices, and numbers and booleans as strings', () => {
		const values = { streamTypes: 'Audio Only', maxIdleTime: '60', standardPlaylist: 'true' };
		expect(options(values)).toMatchObject({
			streamTypes: 0,
			maxIdleTime: 60,
			privateParams: '{"correctEXTINF":true}',
		});
		expect(options({ standardPlaylist: 'false' })).not.toHaveProperty('privateParams');
	});

	it.each<[unknown, unknown]>([
		[' 60 ', 60],
		['12.5', 12.5],
		['12.55', 12.55],
		['60 s', '60 s'],
		['s60', 's60'],
		['1.', '1.'],
		['-1', '-1'],
		[' ', ' '],
		[true, true],
	])('convert %j to the number %j, or keep what is not a number', (given, value) => {
		expect(options({ maxIdleTime: given as string }).maxIdleTime).toBe(value);
	});

	it.each([undefined, null, ''])('count as not set if they are %j', (value) => {
		const names = ['maxIdleTime', 'streamTypes', 'standardPlaylist', 'decryptionMode'];
		const values = Object.fromEntries(names.map((name) => [name, value]));
		expect(options(values as IDataObject)).toStrictEqual({ channelType: 0, streamTypes: 2 });
	});

	it.each<[string, unknown]>([
		['text', '123'],
		['a number', 123],
	])('keep a text field as it is: %s', (_, value) => {
		const values = { decryptionMode: 1, decryptionSecret: value as string };
		expect(options(values).secret).toBe(value);
	});

	it.each<[unknown, number]>([
		[undefined, 10],
		['', 10],
		['7', 7],
		[0, 0],
	])('take screenshots every %j seconds: %d', (captureInterval, seconds) => {
		const given = settings({ mode: 'individual', capture: 'both', captureInterval });
		expect(toClientRequest(given)).toMatchObject({
			recordingFileConfig: { avFileType: ['hls'] },
			snapshotConfig: { captureInterval: seconds },
		});
	});

	it('use the defaults where a choice is empty', () => {
		const empty = { fileFormats: '', capture: '', pageSize: '' };
		expect(toClientRequest(settings({ mode: 'raw', ...empty }))).toStrictEqual(
			toClientRequest(settings({ mode: 'raw' })),
		);
		expect(toClientRequest(settings({ mode: 'web', ...empty }))).toStrictEqual(
			toClientRequest(settings({ mode: 'web' })),
		);
		const picture = { videoSize: '' };
		expect(toClientRequest(settings({ mode: 'mix', picture }))).not.toHaveProperty(
			'recordingConfig.transcodingConfig',
		);
	});

	it('ignore fields of other modes', () => {
		const main = { fileFormats: 'mp3', capture: 'x', pageSize: 'x', url: 'x' };
		expect(toClientRequest(settings({ mode: 'individual', fileFormats: 'x' }))).toMatchObject(HLS);
		expect(toClientRequest(settings({ mode: 'mix', ...main, fileFormats: 'hls' }))).toStrictEqual({
			recordingConfig: { channelType: 0, streamTypes: 2 },
			...HLS,
		});
	});

	it.each<[Mode, object, number]>([
		['raw', { capture: 'recording' }, 0],
		['raw', { capture: 'screenshots' }, 0],
		['raw', { capture: 'both' }, 2],
		['individual', { capture: 'recording' }, 2],
		['mix', {}, 2],
	])('with MP3 record in the mode %s with %j the media %d', (mode, fields, streamTypes) => {
		const request = toClientRequest(settings({ mode, fileFormats: 'mp3', ...fields }));
		expect(request.recordingConfig).toMatchObject({ streamTypes });
	});

	it('set the URL of a web page to an empty string if there is none', () => {
		expect(toClientRequest(settings({ mode: 'web' }))).toStrictEqual({
			...webPage({ ...PAGE, url: '' }),
			...HLS_AND_MP4,
		});
	});

	it.each<[IDataObject, string]>([
		[{ streamTypes: 'everything' }, '"Media" can\'t be "everything"'],
		[{ standardPlaylist: 'yes' }, '"Standard Playlists" can\'t be "yes"'],
	])('are named in the error otherwise: %j', (values, message) => {
		expect(() => options(values)).toThrow(message);
	});
});
