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
const webPage = (serviceParam: object, ...more: object[]) => ({
	extensionServices: [{ serviceName: 'web_recorder_service', serviceParam }, ...more],
});
const push = (...urls: string[]) => ({
	serviceName: 'rtmp_publish_service',
	serviceParam: { outputs: urls.map((rtmpUrl) => ({ rtmpUrl })) },
});

const RIGHT: Record<Mode, IDataObject> = {
	mix: { recordingConfig: { channelType: 0, streamTypes: 2 }, recordingFileConfig: HLS_AND_MP4 },
	raw: { recordingConfig: EACH_USER, recordingFileConfig: HLS_AND_MP4 },
	individual: { recordingConfig: EACH_USER, recordingFileConfig: { avFileType: ['hls'] } },
	web: { extensionServiceConfig: webPage(PAGE), recordingFileConfig: HLS_AND_MP4 },
};

/** Checks a right start of the mode with a change laid over it; undefined takes a part away. */
function check(mode: Mode, change: IDataObject = {}, reservation: IDataObject = {}): Fault | null {
	const request = deepMerge({ storageConfig: STORAGE, ...RIGHT[mode] }, change);
	try {
		checkStart(mode, { resourceExpiredHour: 72, ...reservation }, request);
		return null;
	} catch (error) {
		expect(error).toBeInstanceOf(Fault);
		return error as Fault;
	}
}

const config = (recordingConfig: object) => ({ recordingConfig }) as IDataObject;
const pictureOf = (transcodingConfig: object) => config({ transcodingConfig });
const files = (...avFileType: string[]) => ({ recordingFileConfig: { avFileType } });
const snapshots = (captureInterval: number) => ({
	snapshotConfig: { captureInterval, fileType: ['jpg'] },
});
const page = (change: object, ...more: object[]) =>
	({ extensionServiceConfig: webPage({ ...PAGE, ...change }, ...more) }) as IDataObject;
const region = (change: object = {}) => ({ x_axis: 0, y_axis: 0, width: 1, height: 1, ...change });
const SALT = Buffer.alloc(32, 7).toString('base64');
const uids = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

describe('checkStart lets pass', () => {
	it.each<[string, Mode, IDataObject]>([
		['a plain composite recording', 'mix', {}],
		['a plain individual one', 'raw', {}],
		['a plain legacy one', 'individual', {}],
		['a plain web page', 'web', {}],
		['settings that Agora may invent', 'mix', { ...config({ futureSetting: 1 }), future: {} }],
		['the shortest and longest idle time', 'mix', config({ maxIdleTime: 5 })],
		['32 subscribed users', 'mix', config({ subscribeAudioUids: uids(32) })],
		['everybody', 'mix', config({ subscribeVideoUids: ['#allstream#'] })],
		[
			'audio of some and video of all but some',
			'mix',
			config({ subscribeAudioUids: ['1'], unSubscribeVideoUids: ['2'] }),
		],
		['encryption', 'mix', config({ decryptionMode: 8, secret: 'fake', salt: SALT })],
		['encryption without salt', 'mix', config({ decryptionMode: 6, secret: 'fake' })],
		[
			'17 regions',
			'mix',
			pictureOf({ mixedVideoLayout: 3, layoutConfig: Array(17).fill(region()) }),
		],
		['a picture on end', 'mix', pictureOf({ width: 1080, height: 1920 })],
		['MP3', 'raw', files('mp3')],
		['files in another order', 'mix', files('mp4', 'hls')],
		['no word about files', 'mix', { recordingFileConfig: {} }],
		['screenshots', 'raw', snapshots(5)],
		[
			'screenshots of the video alone',
			'individual',
			{ ...config({ streamTypes: 1 }), ...snapshots(3600) },
		],
		['a page as large as can be', 'web', page({ videoWidth: 1920, videoHeight: 1080 })],
		['a page as small as can be', 'web', page({ videoWidth: 240, videoHeight: 240 })],
		['a page as long as it is under control', 'web', page({ maxRecordingHour: 72 })],
		['a page that is broadcast', 'web', page({}, push('rtmps://live.example.com/app/key'))],
		[
			'a hyphen in the prefix, which some buckets have',
			'mix',
			{ storageConfig: { fileNamePrefix: ['live-recordings'] } },
		],
		['a tag', 'mix', { storageConfig: { extensionParams: { tag: 'school', sse: 'kms' } } }],
	])('%s', (_, mode, change) => {
		expect(check(mode, change)).toBeNull();
	});

	it.each([1, 720])('a resource expiry of %i hours', (resourceExpiredHour) => {
		expect(check('mix', {}, { resourceExpiredHour })).toBeNull();
	});

	it.each<[Mode, number, (rate: number) => IDataObject]>([
		['mix', 1, (fps) => pictureOf({ fps })],
		['mix', 60, (fps) => pictureOf({ fps })],
		['web', 5, (videoFps) => page({ videoFps })],
		['web', 60, (videoFps) => page({ videoFps })],
	])('in mode %s %i frames per second', (mode, rate, change) => {
		expect(check(mode, change(rate))).toBeNull();
	});
});

describe('checkStart refuses, naming the field and what to do,', () => {
	it.each<[string, Mode, IDataObject, RegExp, RegExp]>([
		[
			'recordingConfig of a page',
			'web',
			config({ maxIdleTime: 30 }),
			/Web Page has no recordingConfig/,
			/Remove/,
		],
		['screenshots of a page', 'web', snapshots(10), /Web Page has no snapshotConfig/, /Remove/],
		[
			'screenshots of a mix',
			'mix',
			snapshots(10),
			/Composite has no snapshotConfig/,
			/another Recording Mode/,
		],
		['a page in a mix', 'mix', page({}), /Composite has no extensionServiceConfig/, /Remove/],
		['a page in raw', 'raw', page({}), /Individual has no extensionServiceConfig/, /Remove/],
		[
			'a page in legacy',
			'individual',
			page({}),
			/Legacy\) has no extensionServiceConfig/,
			/Remove/,
		],
		[
			'mixing in raw',
			'raw',
			pictureOf({ width: 640 }),
			/Individual has no transcodingConfig/,
			/Remove/,
		],
		[
			'mixing in legacy',
			'individual',
			pictureOf({ width: 640 }),
			/has no transcodingConfig/,
			/Remove/,
		],
		[
			'an idle time of 4',
			'mix',
			config({ maxIdleTime: 4 }),
			/"Maximum Idle Time"/,
			/seconds, 5 to 2592000/,
		],
		[
			'an idle time of over 30 days',
			'mix',
			config({ maxIdleTime: 2_592_001 }),
			/"Maximum Idle Time"/,
			/5 to/,
		],
		['an idle time as text', 'mix', config({ maxIdleTime: '30' }), /"Maximum Idle Time"/, /5 to/],
		[
			'a wrong profile',
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
			'a name among UIDs',
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
			'both lists of audio',
			'mix',
			config({ subscribeAudioUids: ['1'], unSubscribeAudioUids: ['2'] }),
			/"Record Audio From \(UIDs\)" and "Exclude/,
			/one of the two/,
		],
		[
			'both lists of video',
			'raw',
			config({ subscribeVideoUids: ['1'], unSubscribeVideoUids: ['2'] }),
			/"Record Video From \(UIDs\)" and "Exclude/,
			/one of the two/,
		],
		[
			'a mode without secret',
			'mix',
			config({ decryptionMode: 1 }),
			/"Decryption Secret" is empty/,
			/Enter the key/,
		],
		[
			'a secret without mode',
			'mix',
			config({ secret: 'fake' }),
			/"Decryption Mode" is missing/,
			/choose the mode/,
		],
		[
			'a mode that is none',
			'mix',
			config({ decryptionMode: 9, secret: 'fake' }),
			/"Decryption Mode"/,
			/0 to 8/,
		],
		[
			'no salt',
			'mix',
			config({ decryptionMode: 7, secret: 'fake' }),
			/"Decryption Salt"/,
			/32 bytes/,
		],
		[
			'a short salt',
			'raw',
			config({ decryptionMode: 8, secret: 'fake', salt: 'AAAA' }),
			/"Decryption Salt"/,
			/32 bytes/,
		],
		[
			'a picture of 4K',
			'mix',
			pictureOf({ width: 3840, height: 2160 }),
			/"Size" exceeds/,
			/that many pixels/,
		],
		['half a pixel', 'mix', pictureOf({ width: 640.5, height: 360 }), /"Size"/, /whole number/],
		['61 frames', 'mix', pictureOf({ fps: 61 }), /"Frame Rate"/, /1 to 60/],
		['no bitrate', 'mix', pictureOf({ bitrate: 0 }), /"Bitrate"/, /kilobits/],
		[
			'a color by name',
			'mix',
			pictureOf({ backgroundColor: 'red' }),
			/"Background Color"/,
			/#000000/,
		],
		[
			'a picture on a disk',
			'mix',
			pictureOf({ backgroundImage: 'file:///wall.jpg' }),
			/"Background Image"/,
			/public http or https URL/,
		],
		[
			'a large user by name',
			'mix',
			pictureOf({ mixedVideoLayout: 2, maxResolutionUid: 'anna' }),
			/"Main User UID"/,
			/UID/,
		],
		[
			'no regions',
			'mix',
			pictureOf({ mixedVideoLayout: 3 }),
			/custom layout has 1 to 17 regions/,
			/Video Settings > Regions/,
		],
		[
			'18 regions',
			'mix',
			pictureOf({ mixedVideoLayout: 3, layoutConfig: Array(18).fill(region()) }),
			/"Regions"/,
			/1 to 17/,
		],
		[
			'a region outside',
			'mix',
			pictureOf({ mixedVideoLayout: 3, layoutConfig: [region({ x_axis: 1.1 })] }),
			/"Regions"/,
			/0 to 1/,
		],
		[
			'a region in pixels',
			'mix',
			pictureOf({ mixedVideoLayout: 3, layoutConfig: [region({ width: 640 })] }),
			/"Regions"/,
			/0 to 1/,
		],
		[
			'a background for nobody',
			'mix',
			pictureOf({ backgroundConfig: [{ image_url: 'https://example.com/a.jpg' }] }),
			/"User Background Images"/,
			/UID/,
		],
		['MP4 alone', 'mix', files('mp4'), /"File Formats"/, /MP4 cannot be used alone/],
		[
			'MP3 of a mix',
			'mix',
			files('mp3'),
			/"File Formats"/,
			/Composite.*\["hls"\] or \["hls","mp4"\]/,
		],
		['MP3 and HLS', 'raw', files('hls', 'mp3'), /"File Formats"/, /\["mp3"\]/],
		['MP4 of legacy', 'individual', files('hls', 'mp4'), /"File Formats"/, /is \["hls"\]/],
		[
			'files that are no list',
			'web',
			{ recordingFileConfig: { avFileType: 'hls' } },
			/"File Formats"/,
			/avFileType/,
		],
		['screenshots each 4 seconds', 'raw', snapshots(4), /"Screenshot Interval"/, /5 to 3600/],
		[
			'screenshots each hour and a second',
			'raw',
			snapshots(3601),
			/"Screenshot Interval"/,
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
			'screenshots of sound',
			'raw',
			{ ...config({ streamTypes: 0 }), ...snapshots(10) },
			/"Media" is Audio Only/,
			/Options > Media/,
		],
		[
			'screenshots of those who are only heard',
			'raw',
			{ ...config({ subscribeAudioUids: ['1'] }), ...snapshots(10) },
			/"Record Video From \(UIDs\)" is empty/,
			/#allstream#/,
		],
		['a page without address', 'web', page({ url: '' }), /"Page URL"/, /public http or https URL/],
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
			/"Maximum Hours" is longer than "Resource Expiry \(Hours\)"/,
			/72 hours/,
		],
		['no frames', 'mix', pictureOf({ fps: 0 }), /"Frame Rate"/, /1 to 60/],
		['a page with 4 frames', 'web', page({ videoFps: 4 }), /"Frame Rate"/, /5 to 60/],
		['a page with 61 frames', 'web', page({ videoFps: 61 }), /"Frame Rate"/, /5 to 60/],
		[
			'an MP4 of 29 minutes',
			'web',
			page({ maxVideoDuration: 29 }),
			/"Maximum MP4 Length"/,
			/30 to 240/,
		],
		[
			'a long wait for the page',
			'web',
			page({ readyTimeout: 61 }),
			/"Page Ready Timeout"/,
			/0 to 60/,
		],
		['a missing quality', 'web', page({ audioProfile: undefined }), /"Audio Quality"/, /0 to 2/],
		[
			'a page recorder that the JSON has removed',
			'web',
			{ extensionServiceConfig: { extensionServices: [push('rtmp://a.example/b')] } },
			/web page recorder is missing/,
			/replaces that of the fields/,
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
			[{ serviceParam: {} }],
		].map((extensionServices): [string, Mode, IDataObject, RegExp, RegExp] => [
			`services that are ${JSON.stringify(extensionServices)}`,
			'web',
			{ extensionServiceConfig: { extensionServices } as IDataObject },
			/"extensionServices" is not a list of services/,
			/a serviceName and a serviceParam/,
		]),
		[
			'a push over the web',
			'web',
			page({}, push('https://live.example.com/app')),
			/"RTMP URL"/,
			/RTMP or RTMPS/,
		],
		[
			'two pushes',
			'web',
			page({}, push('rtmp://a.example/b', 'rtmp://c.example/d')),
			/"RTMP URL"/,
			/one public RTMP/,
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
			'a prefix as text',
			'mix',
			{ storageConfig: { fileNamePrefix: 'class' } },
			/"File Name Prefix"/,
			/list of folder names/,
		],
		[
			'encryption of another bucket',
			'mix',
			{ storageConfig: { vendor: 11, extensionParams: { sse: 'kms' } } },
			/"Server-Side Encryption" for Amazon S3 only/,
			/Remove/,
		],
		[
			'a tag of another bucket',
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
		['a control period of 721 hours', { resourceExpiredHour: 721 }, /"Resource Expiry \(Hours\)"/],
		['a control period of none', { resourceExpiredHour: 0 }, /"Resource Expiry \(Hours\)"/],
		['a region of the moon', { region: 'MOON' }, /"Recorder Region"/],
		['an affinity of 5', { regionAffinity: 5 }, /"Region Affinity"/],
	])('%s', (_, reservation, message) => {
		expect(check('mix', {}, reservation)?.message).toMatch(message);
	});

	it.each<[Mode, string, RegExp]>([
		['mix', 'channelType', /"Channel Profile"/],
		['raw', 'subscribeUidGroup', /"Users to Record"/],
		['individual', 'subscribeUidGroup', /"Users to Record"/],
	])('in mode %s a missing %s', (mode, name, message) => {
		const recordingConfig = { ...(RIGHT[mode].recordingConfig as IDataObject), [name]: undefined };
		expect(check(mode, { recordingConfig })?.message).toMatch(message);
	});

	it('and keeps secrets out of its words', () => {
		const fault = check(
			'mix',
			config({ decryptionMode: 7, secret: 'fake-secret', salt: 'fake-salt' }),
		);
		expect(`${fault?.message} ${fault?.details.description}`).not.toMatch(/fake/);
		const refused = check('web', page({}, push('http://live.example.com/stream-key')));
		expect(`${refused?.message} ${refused?.details.description}`).not.toMatch(/stream-key/);
	});
});
