import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../../../../../nodes/Agora/http/errors';
import type { Mode } from '../../../../../nodes/Agora/resources/recording/start/settings';
import { deepMerge } from '../../../../../nodes/Agora/resources/recording/start/clientRequest';
import { checkStart } from '../../../../../nodes/Agora/resources/recording/start/validation';

const STORAGE = {
	vendor: 1,
	region: 0,
	bucket: 'recordings',
	fileNamePrefix: ['class', '20261123'],
};
const HLS_AND_MP4 = { avFileType: ['hls', 'mp4'] };
const EACH_USER = { channelType: 0, streamTypes: 2, subscribeUidGroup: 0 };
const PAGE = {
	url: 'https://example.com/live',
	audioProfile: 0,
	videoWidth: 1280,
	videoHeight: 720,
	maxRecordingHour: 2,
};
const webPage = (serviceParam: object, ...services: object[]) => ({
	extensionServices: [{ serviceName: 'web_recorder_service', serviceParam }, ...services],
});
const push = (...urls: string[]) => ({
	serviceName: 'rtmp_publish_service',
	serviceParam: { outputs: urls.map((rtmpUrl) => ({ rtmpUrl })) },
});

const VALID: Record<Mode, IDataObject> = {
	mix: { recordingConfig: { channelType: 0, streamTypes: 2 }, recordingFileConfig: HLS_AND_MP4 },
	raw: { recordingConfig: EACH_USER, recordingFileConfig: HLS_AND_MP4 },
	individual: { recordingConfig: EACH_USER, recordingFileConfig: { avFileType: ['hls'] } },
	web: { extensionServiceConfig: webPage(PAGE), recordingFileConfig: HLS_AND_MP4 },
};

/** Checks a valid start of the mode with a change merged over it; undefined removes a part. */
function check(mode: Mode, change: IDataObject = {}, reservation: IDataObject = {}): Fault | null {
	const request = deepMerge({ storageConfig: STORAGE, ...VALID[mode] }, change);
	try {
		checkStart(mode, { resourceExpiredHour: 72, ...reservation }, request);
		return null;
	} catch (error) {
		expect(error).toBeInstanceOf(Fault);
		return error as Fault;
	}
}

const config = (recordingConfig: object) => ({ recordingConfig }) as IDataObject;
const video = (transcodingConfig: object) => config({ transcodingConfig });
const files = (...avFileType: string[]) => ({ recordingFileConfig: { avFileType } });
const snapshots = (captureInterval: number) => ({
	snapshotConfig: { captureInterval, fileType: ['jpg'] },
});
const page = (change: object, ...services: object[]) =>
	({ extensionServiceConfig: webPage({ ...PAGE, ...change }, ...services) }) as IDataObject;
const region = (change: object = {}) => ({ x_axis: 0, y_axis: 0, width: 1, height: 1, ...change });
const SALT = Buffer.alloc(32, 7).toString('base64');
const uids = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

describe('checkStart accepts', () => {
	it.each<[string, Mode, IDataObject]>([
		['a composite recording', 'mix', {}],
		['an individual recording', 'raw', {}],
		['a legacy individual recording', 'individual', {}],
		['a web page recording', 'web', {}],
		['settings that Agora may add later', 'mix', { ...config({ futureSetting: 1 }), future: {} }],
		['the shortest idle time', 'mix', config({ maxIdleTime: 5 })],
		['32 subscribed users', 'mix', config({ subscribeAudioUids: uids(32) })],
		['all users', 'mix', config({ subscribeVideoUids: ['#allstream#'] })],
		[
			'included audio users and excluded video users',
			'mix',
			config({ subscribeAudioUids: ['1'], unSubscribeVideoUids: ['2'] }),
		],
		['encryption', 'mix', config({ decryptionMode: 8, secret: 'fake', salt: SALT })],
		['encryption without salt', 'mix', config({ decryptionMode: 6, secret: 'fake' })],
		['17 regions', 'mix', video({ mixedVideoLayout: 3, layoutConfig: Array(17).fill(region()) })],
		['a portrait video', 'mix', video({ width: 1080, height: 1920 })],
		['MP3', 'raw', files('mp3')],
		['files in another order', 'mix', files('mp4', 'hls')],
		['no file formats', 'mix', { recordingFileConfig: {} }],
		['screenshots', 'raw', snapshots(5)],
		[
			'screenshots without audio',
			'individual',
			{ ...config({ streamTypes: 1 }), ...snapshots(3600) },
		],
		['the largest page', 'web', page({ videoWidth: 1920, videoHeight: 1080 })],
		['a page as HLS only', 'web', files('hls')],
		['the smallest page', 'web', page({ videoWidth: 240, videoHeight: 240 })],
		['a page recording until the resource expires', 'web', page({ maxRecordingHour: 72 })],
		['a page with an RTMP URL', 'web', page({}, push('rtmps://live.example.com/app/key'))],
		['a hyphen in the prefix', 'mix', { storageConfig: { fileNamePrefix: ['live-recordings'] } }],
		['no encryption', 'mix', config({ decryptionMode: 0 })],
		['a size whose width alone is set', 'mix', video({ width: 1920 })],
		['a landscape video of the maximum size', 'mix', video({ width: 1920, height: 1080 })],
		['a layout without regions', 'mix', video({ mixedVideoLayout: 1 })],
		[
			'screenshots of audio and video users',
			'raw',
			{
				...config({ subscribeAudioUids: ['1'], subscribeVideoUids: ['1'] }),
				...snapshots(10),
			},
		],
		[
			'screenshots of video users only',
			'raw',
			{ ...config({ subscribeVideoUids: ['1'] }), ...snapshots(10) },
		],
		[
			'a tag on Alibaba Cloud',
			'mix',
			{ storageConfig: { vendor: 2, extensionParams: { tag: 'school' } } },
		],
		['another vendor without extensions', 'mix', { storageConfig: { vendor: 6 } }],
		[
			'an RTMP URL before the page',
			'web',
			{
				extensionServiceConfig: {
					extensionServices: [push('rtmp://a.example/b'), ...webPage(PAGE).extensionServices],
				},
			},
		],
		['a tag', 'mix', { storageConfig: { extensionParams: { tag: 'school', sse: 'kms' } } }],
	])('%s', (_, mode, change) => {
		expect(check(mode, change)).toBeNull();
	});

	it.each([1, 720])('a resource expiry of %i hours', (resourceExpiredHour) => {
		expect(check('mix', {}, { resourceExpiredHour })).toBeNull();
	});

	it.each<[Mode, number, (rate: number) => IDataObject]>([
		['mix', 1, (fps) => video({ fps })],
		['mix', 60, (fps) => video({ fps })],
		['web', 5, (videoFps) => page({ videoFps })],
		['web', 60, (videoFps) => page({ videoFps })],
	])('%s with %i frames per second', (mode, rate, change) => {
		expect(check(mode, change(rate))).toBeNull();
	});
});

describe('checkStart returns the settings that Agora ignores:', () => {
	const salted = (decryptionMode: number) => ({ decryptionMode, secret: 'fake', salt: SALT });
	it.each<[Mode, IDataObject, string[]]>([
		['mix', {}, []],
		['web', {}, []],
		['mix', config({ transcodingConfig: 'x' }), []],
		['mix', video({ maxResolutionUid: '7' }), ['"Main User UID"']],
		['mix', video({ mixedVideoLayout: 1, maxResolutionUid: '7' }), ['"Main User UID"']],
		['mix', video({ mixedVideoLayout: 2, maxResolutionUid: '7' }), []],
		['mix', video({ layoutConfig: [region()] }), ['"Regions"']],
		['mix', video({ mixedVideoLayout: 2, layoutConfig: [region()] }), ['"Regions"']],
		['mix', video({ mixedVideoLayout: 3, layoutConfig: [region()] }), []],
		['raw', config({ streamMode: 'standard' }), ['"Stream Mode"']],
		['individual', config({ streamMode: 'standard' }), []],
		['mix', config(salted(6)), ['"Decryption Salt"']],
		['mix', config(salted(7)), []],
		['mix', config(salted(8)), []],
		['raw', config({ audioProfile: 1 }), ['"Audio Quality"']],
		['mix', config({ audioProfile: 1 }), []],
		[
			'raw',
			config({ audioProfile: 1, streamMode: 'standard', ...salted(1) }),
			['"Stream Mode"', '"Decryption Salt"', '"Audio Quality"'],
		],
	])('%s with %j', (mode, change, expected) => {
		const request = deepMerge({ storageConfig: STORAGE, ...VALID[mode] }, change);
		const sentences = checkStart(mode, { resourceExpiredHour: 72 }, request);
		expect(
			sentences.map((text) => /^Agora ignores (".*?") \(\w+\): only /.exec(text)?.[1] ?? text),
		).toEqual(expected);
	});
});

describe('checkStart rejects, naming the field and the fix:', () => {
	it.each<[string, Mode, IDataObject, RegExp, RegExp]>([
		[
			'recordingConfig of a page',
			'web',
			config({ maxIdleTime: 30 }),
			/Web Page does not support recordingConfig/,
			/Remove/,
		],
		[
			'screenshots of a page',
			'web',
			snapshots(10),
			/Web Page does not support snapshotConfig/,
			/Remove/,
		],
		[
			'screenshots of a composite recording',
			'mix',
			snapshots(10),
			/Composite does not support snapshotConfig/,
			/another Recording Mode/,
		],
		[
			'a page in composite mode',
			'mix',
			page({}),
			/Composite does not support extensionServiceConfig/,
			/Remove/,
		],
		[
			'a page in individual mode',
			'raw',
			page({}),
			/Individual does not support extensionServiceConfig/,
			/Remove/,
		],
		[
			'a page in legacy mode',
			'individual',
			page({}),
			/Legacy\) does not support extensionServiceConfig/,
			/Remove/,
		],
		[
			'a layout in individual mode',
			'raw',
			video({ width: 640 }),
			/Individual does not support transcodingConfig/,
			/Remove/,
		],
		[
			'a layout in legacy mode',
			'individual',
			video({ width: 640 }),
			/does not support transcodingConfig/,
			/Remove/,
		],
		[
			'an idle time of 4',
			'mix',
			config({ maxIdleTime: 4 }),
			/"Maximum Idle Time \(Seconds\)"/,
			/seconds from 5 to 2592000/,
		],
		[
			'an idle time of over 30 days',
			'mix',
			config({ maxIdleTime: 2_592_001 }),
			/"Maximum Idle Time \(Seconds\)"/,
			/5 to/,
		],
		[
			'an idle time as a string',
			'mix',
			config({ maxIdleTime: '30' }),
			/"Maximum Idle Time \(Seconds\)"/,
			/5 to/,
		],
		[
			'an unknown channel profile',
			'mix',
			config({ channelType: 2 }),
			/"Channel Profile"/,
			/0 \(communication\)/,
		],
		[
			'33 subscribed users',
			'mix',
			config({ subscribeAudioUids: uids(33) }),
			/"Record Audio From \(UIDs\)"/,
			/1 to 32/,
		],
		[
			'an empty list',
			'mix',
			config({ subscribeVideoUids: [] }),
			/"Record Video From \(UIDs\)"/,
			/1 to 32/,
		],
		[
			'a name in a list of UIDs',
			'mix',
			config({ unSubscribeVideoUids: ['anna'] }),
			/"Exclude Video From \(UIDs\)"/,
			/UIDs/,
		],
		[
			'UIDs as numbers',
			'mix',
			config({ unSubscribeAudioUids: [7] }),
			/"Exclude Audio From \(UIDs\)"/,
			/as strings/,
		],
		[
			'included and excluded audio users',
			'mix',
			config({ subscribeAudioUids: ['1'], unSubscribeAudioUids: ['2'] }),
			/"Record Audio From \(UIDs\)" and "Exclude/,
			/one of the two/,
		],
		[
			'included and excluded video users',
			'raw',
			config({ subscribeVideoUids: ['1'], unSubscribeVideoUids: ['2'] }),
			/"Record Video From \(UIDs\)" and "Exclude/,
			/one of the two/,
		],
		[
			'a decryption mode without a secret',
			'mix',
			config({ decryptionMode: 1 }),
			/"Decryption Secret" is empty/,
			/encryption key of the clients/,
		],
		[
			'a secret without a decryption mode',
			'mix',
			config({ secret: 'fake' }),
			/"Decryption Mode" is missing/,
			/Choose the mode that the clients use/,
		],
		[
			'an empty secret',
			'mix',
			config({ decryptionMode: 1, secret: '' }),
			/"Decryption Secret" is empty/,
			/or remove Decryption Mode/,
		],
		[
			'a salt without a decryption mode',
			'mix',
			config({ salt: SALT }),
			/"Decryption Mode" is missing/,
			/remove both/,
		],
		[
			'a secret with the decryption mode 0',
			'mix',
			config({ decryptionMode: 0, secret: 'fake' }),
			/"Decryption Mode" is missing/,
			/remove both/,
		],
		...[31, 33].map((bytes): [string, Mode, IDataObject, RegExp, RegExp] => [
			`a salt of ${bytes} bytes`,
			'mix',
			config({ decryptionMode: 7, secret: 'fake', salt: Buffer.alloc(bytes).toString('base64') }),
			/"Decryption Salt" is not valid/,
			/32 bytes/,
		]),
		[
			'a size with a few pixels too many',
			'mix',
			video({ width: 1920, height: 1082 }),
			/"Size" exceeds 1920 × 1080 pixels/,
			/that many pixels/,
		],
		[
			'another format',
			'raw',
			files('aac'),
			/"File Formats"/,
			/\["hls"\] or \["hls","mp4"\] or \["mp3"\]\./,
		],
		[
			'file settings that are no object',
			'mix',
			{ recordingFileConfig: 'hls' },
			/"File Formats"/,
			/avFileType/,
		],
		['screenshots that are no object', 'raw', { snapshotConfig: 'jpg' }, /"What to Record"/, /jpg/],
		[
			'screenshots without a file type',
			'raw',
			{ snapshotConfig: { captureInterval: 10 } },
			/"What to Record" has an invalid value/,
			/it is called snapshotConfig\.fileType\./,
		],
		[
			'an unknown decryption mode',
			'mix',
			config({ decryptionMode: 9, secret: 'fake' }),
			/"Decryption Mode"/,
			/0 to 8/,
		],
		[
			'a missing salt',
			'mix',
			config({ decryptionMode: 7, secret: 'fake' }),
			/"Decryption Salt" is not valid/,
			/32 bytes/,
		],
		[
			'a short salt',
			'raw',
			config({ decryptionMode: 8, secret: 'fake', salt: 'AAAA' }),
			/"Decryption Salt" is not valid/,
			/32 bytes/,
		],
		[
			'a 4K video',
			'mix',
			video({ width: 3840, height: 2160 }),
			/"Size" exceeds/,
			/that many pixels/,
		],
		[
			'a fraction of a pixel',
			'mix',
			video({ width: 640.5, height: 360 }),
			/"Size"/,
			/whole number.*it is called recordingConfig\.transcodingConfig\.width\./,
		],
		['61 frames per second', 'mix', video({ fps: 61 }), /"Frame Rate \(FPS\)"/, /1 to 60/],
		['a bitrate of 0', 'mix', video({ bitrate: 0 }), /"Bitrate \(Kbps\)"/, /kilobits/],
		['a color name', 'mix', video({ backgroundColor: 'red' }), /"Background Color"/, /#000000/],
		[
			'a background image on a disk',
			'mix',
			video({ backgroundImage: 'file:///wall.jpg' }),
			/"Background Image"/,
			/public http or https URL/,
		],
		[
			'a main user by name',
			'mix',
			video({ mixedVideoLayout: 2, maxResolutionUid: 'anna' }),
			/"Main User UID"/,
			/UID/,
		],
		[
			'a custom layout without regions',
			'mix',
			video({ mixedVideoLayout: 3 }),
			/custom layout needs 1 to 17 regions/,
			/Video Settings > Regions/,
		],
		[
			'18 regions',
			'mix',
			video({ mixedVideoLayout: 3, layoutConfig: Array(18).fill(region()) }),
			/"Regions"/,
			/1 to 17/,
		],
		[
			'a region outside of the video',
			'mix',
			video({ mixedVideoLayout: 3, layoutConfig: [region({ x_axis: 1.1 })] }),
			/"Regions"/,
			/0 to 1/,
		],
		[
			'a region in pixels',
			'mix',
			video({ mixedVideoLayout: 3, layoutConfig: [region({ width: 640 })] }),
			/"Regions"/,
			/0 to 1/,
		],
		[
			'a background image without a user',
			'mix',
			video({ backgroundConfig: [{ image_url: 'https://example.com/a.jpg' }] }),
			/"User Background Images"/,
			/UID/,
		],
		['MP4 alone', 'mix', files('mp4'), /"File Formats"/, /MP4 cannot be used alone/],
		[
			'MP3 in composite mode',
			'mix',
			files('mp3'),
			/"File Formats"/,
			/Composite.*\["hls"\] or \["hls","mp4"\]/,
		],
		['MP3 with HLS', 'raw', files('hls', 'mp3'), /"File Formats"/, /\["mp3"\]/],
		[
			'MP4 in legacy mode',
			'individual',
			files('hls', 'mp4'),
			/"File Formats"/,
			/must be \["hls"\]/,
		],
		[
			'file formats that are not a list',
			'web',
			{ recordingFileConfig: { avFileType: 'hls' } },
			/"File Formats"/,
			/avFileType/,
		],
		[
			'screenshots every 4 seconds',
			'raw',
			snapshots(4),
			/"Screenshot Interval \(Seconds\)"/,
			/5 to 3600/,
		],
		[
			'screenshots every 3601 seconds',
			'raw',
			snapshots(3601),
			/"Screenshot Interval \(Seconds\)"/,
			/5 to 3600/,
		],
		[
			'screenshots as PNG',
			'raw',
			{ snapshotConfig: { fileType: ['png'] } },
			/"What to Record"/,
			/jpg/,
		],
		[
			'screenshots without video',
			'raw',
			{ ...config({ streamTypes: 0 }), ...snapshots(10) },
			/"Media" is Audio Only/,
			/Options > Media/,
		],
		[
			'screenshots of audio users only',
			'raw',
			{ ...config({ subscribeAudioUids: ['1'] }), ...snapshots(10) },
			/"Record Video From \(UIDs\)" is empty/,
			/#allstream#/,
		],
		['a page without a URL', 'web', page({ url: '' }), /"Page URL"/, /public http or https URL/],
		[
			'a page on a disk',
			'web',
			page({ url: 'file:///etc/passwd' }),
			/"Page URL"/,
			/public http or https URL/,
		],
		['a page of 239 pixels', 'web', page({ videoWidth: 239 }), /"Page Size"/, /240 to 1920/],
		['a page of 1921 pixels', 'web', page({ videoHeight: 1921 }), /"Page Size"/, /240 to 1920/],
		[
			'a page of too many pixels',
			'web',
			page({ videoWidth: 1920, videoHeight: 1920 }),
			/"Page Size" exceeds/,
			/that many pixels/,
		],
		[
			'a page for 73 hours',
			'web',
			page({ maxRecordingHour: 73 }),
			/"Maximum Duration \(Hours\)" is longer than "Resource Expiry \(Hours\)"/,
			/72 hours/,
		],
		['0 frames per second', 'mix', video({ fps: 0 }), /"Frame Rate \(FPS\)"/, /1 to 60/],
		[
			'a page with 4 frames per second',
			'web',
			page({ videoFps: 4 }),
			/"Frame Rate \(FPS\)"/,
			/5 to 60/,
		],
		[
			'a page with 61 frames per second',
			'web',
			page({ videoFps: 61 }),
			/"Frame Rate \(FPS\)"/,
			/5 to 60/,
		],
		[
			'an MP4 of 29 minutes',
			'web',
			page({ maxVideoDuration: 29 }),
			/"Maximum MP4 Duration \(Minutes\)"/,
			/30 to 240.*it is called serviceParam\.maxVideoDuration\./,
		],
		[
			'a page timeout of 61 seconds',
			'web',
			page({ readyTimeout: 61 }),
			/"Page Ready Timeout \(Seconds\)"/,
			/0 to 60/,
		],
		[
			'a page without audio quality',
			'web',
			page({ audioProfile: undefined }),
			/"Audio Quality"/,
			/0 to 2/,
		],
		[
			'services without the page recorder',
			'web',
			{ extensionServiceConfig: { extensionServices: [push('rtmp://a.example/b')] } },
			/web page recorder is missing/,
			/replaces the services of the fields/,
		],
		...[
			undefined,
			'web_recorder_service',
			{ serviceName: 'web_recorder_service' },
			[null],
			['web_recorder_service'],
			[[]],
			[{ serviceName: 'web_recorder_service' }],
			[{ serviceName: 'web_recorder_service', serviceParam: '{}' }],
			[{ serviceName: 1, serviceParam: {} }],
			[{ serviceName: 'web_recorder_service', serviceParam: PAGE }, null],
			[{ serviceParam: {} }],
		].map((extensionServices): [string, Mode, IDataObject, RegExp, RegExp] => [
			`services that are ${JSON.stringify(extensionServices)}`,
			'web',
			{ extensionServiceConfig: { extensionServices } as IDataObject },
			/"extensionServices" is not a list of services/,
			/a serviceName and a serviceParam/,
		]),
		[
			'an RTMP URL with https',
			'web',
			page({}, push('https://live.example.com/app')),
			/"RTMP URL"/,
			/RTMP or RTMPS/,
		],
		[
			'two RTMP URLs',
			'web',
			page({}, push('rtmp://a.example/b', 'rtmp://c.example/d')),
			/"RTMP URL"/,
			/one public RTMP.*it is called serviceParam\.outputs\./,
		],
		[
			'a slash in a folder',
			'mix',
			{ storageConfig: { fileNamePrefix: ['a/b'] } },
			/"File Name Prefix"/,
			/folder names/,
		],
		[
			'a prefix of 129 characters',
			'mix',
			{ storageConfig: { fileNamePrefix: ['a'.repeat(64), 'b'.repeat(64)] } },
			/"File Name Prefix"/,
			/128/,
		],
		[
			'a prefix as a string',
			'mix',
			{ storageConfig: { fileNamePrefix: 'class' } },
			/"File Name Prefix"/,
			/list of folder names/,
		],
		[
			'server-side encryption on Alibaba Cloud',
			'mix',
			{ storageConfig: { vendor: 2, extensionParams: { sse: 'kms' } } },
			/supports "Server-Side Encryption" for Amazon S3 only/,
			/Remove/,
		],
		[
			'server-side encryption of another vendor',
			'mix',
			{ storageConfig: { vendor: 11, extensionParams: { sse: 'kms' } } },
			/supports "Server-Side Encryption" for Amazon S3 only/,
			/Remove/,
		],
		[
			'a tag of another vendor',
			'mix',
			{ storageConfig: { vendor: 6, extensionParams: { tag: 'x' } } },
			/"Object Tag"/,
			/Remove/,
		],
	])('%s', (_, mode, change, message, description) => {
		const fault = check(mode, change);
		expect(fault?.message).toMatch(message);
		expect(fault?.details.description).toMatch(description);
	});

	it.each<[string, IDataObject, RegExp]>([
		['a resource expiry of 721 hours', { resourceExpiredHour: 721 }, /"Resource Expiry \(Hours\)"/],
		['a resource expiry of 0 hours', { resourceExpiredHour: 0 }, /"Resource Expiry \(Hours\)"/],
		['an unknown recorder region', { region: 'MOON' }, /"Recorder Region"/],
		['an unknown region affinity', { regionAffinity: 5 }, /"Region Affinity"/],
	])('%s', (_, reservation, message) => {
		expect(check('mix', {}, reservation)?.message).toMatch(message);
	});

	it.each<[Mode, string, RegExp]>([
		['mix', 'channelType', /"Channel Profile"/],
		['raw', 'subscribeUidGroup', /"Expected Users"/],
		['individual', 'subscribeUidGroup', /"Expected Users"/],
	])('%s without %s', (mode, name, message) => {
		const recordingConfig = { ...(VALID[mode].recordingConfig as IDataObject), [name]: undefined };
		expect(check(mode, { recordingConfig })?.message).toMatch(message);
	});

	it('without repeating a secret', () => {
		const fault = check(
			'mix',
			config({ decryptionMode: 7, secret: 'fake-secret', salt: 'fake-salt' }),
		);
		expect(`${fault?.message} ${fault?.details.description}`).not.toMatch(/fake/);
		const refused = check('web', page({}, push('http://live.example.com/stream-key')));
		expect(`${refused?.message} ${refused?.details.description}`).not.toMatch(/stream-key/);
	});
});
