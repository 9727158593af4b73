import { RECORDING_SETTINGS } from '../../../agora/recordingConfig';
import { isObject, isText, oneOf, wholeNumber, type ValueCheck } from '../../../agora/valueCheck';

/** What Agora's fields may be, by Agora's name: the label people know it by, the check, and it in words. */
export type Rules = Record<string, [label: string, check: ValueCheck, must: string]>;

const isWebAddress: ValueCheck = (value) =>
	isText(value) && /^https?:\/\/[^/]/i.test(String(value));
const isFlag: ValueCheck = (value) => typeof value === 'boolean';
const isShare: ValueCheck = (value) => typeof value === 'number' && value >= 0 && value <= 1;
const isUid: ValueCheck = (value) =>
	isText(value) && /^\d{1,10}$/.test(String(value)) && Number(value) <= 4_294_967_295;
const listOf =
	(from: number, to: number, check: ValueCheck): ValueCheck =>
	(value) =>
		Array.isArray(value) && value.length >= from && value.length <= to && value.every(check);
const isPositive = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** Source: Agora, cloud recording, `acquire`. */
export const reservation: Rules = {
	resourceExpiredHour: ['Control Period', wholeNumber(1, 720), 'hours, 1 to 720'],
	region: ['Recorder Region', oneOf('CN', 'AP', 'EU', 'NA'), 'CN, AP, EU or NA'],
	regionAffinity: ['Region Affinity', wholeNumber(0, 4), 'a whole number from 0 to 4'],
};

/** Source: Agora, cloud recording, `start`: `storageConfig`. */
export const storage: Rules = {
	fileNamePrefix: [
		'File Name Prefix',
		(value) =>
			listOf(0, 128, (part) => /^[^/]+$/.test(String(part)))(value) &&
			(value as string[]).join('/').length <= 128,
		'a list of folders without slashes, 128 characters at most together with the slashes between them',
	],
};

const LABELS: Record<string, string> = {
	channelType: 'Channel Profile',
	decryptionMode: 'Decryption Mode',
	secret: 'Decryption Secret',
	salt: 'Decryption Salt',
	maxIdleTime: 'Maximum Idle Time',
	streamTypes: 'Media',
	videoStreamType: 'Video Stream',
	subscribeAudioUids: 'Record Audio Of',
	subscribeVideoUids: 'Record Video Of',
	unSubscribeAudioUids: 'Record Audio of All But',
	unSubscribeVideoUids: 'Record Video of All But',
	subscribeUidGroup: 'Users to Record',
	streamMode: 'Stream Mode',
	audioProfile: 'Audio Quality',
	privateParams: 'Standard Playlists',
	transcodingConfig: 'Picture',
};

const uidList: ValueCheck = listOf(1, 32, (uid) => uid === '#allstream#' || isUid(uid));

/** Source: Agora, cloud recording, `start`: `recordingConfig`. */
export const channel: Rules = Object.fromEntries(
	[...RECORDING_SETTINGS].map(([name, [check, must]]) => [
		name,
		name.endsWith('Uids')
			? [LABELS[name]!, uidList, '1 to 32 whole numbers as text, or #allstream#']
			: [LABELS[name]!, check, must],
	]),
);

const isRegion: ValueCheck = (value) =>
	isObject(value) &&
	['x_axis', 'y_axis', 'width', 'height'].every((name) => isShare(value[name])) &&
	(value.alpha === undefined || isShare(value.alpha)) &&
	(value.uid === undefined || isUid(value.uid));

/** Source: Agora, cloud recording, `start`: `transcodingConfig`. */
export const picture: Rules = {
	width: ['Size', isPositive, 'pixels, a whole number'],
	height: ['Size', isPositive, 'pixels, a whole number'],
	fps: ['Frame Rate', wholeNumber(1, 60), 'frames a second, 1 to 60'],
	bitrate: ['Bitrate', isPositive, 'kilobits a second, a whole number'],
	mixedVideoLayout: ['Layout', wholeNumber(0, 3), 'a whole number from 0 to 3'],
	maxResolutionUid: ['Large User', isUid, 'the UID of a user, a whole number as text'],
	backgroundColor: [
		'Background Color',
		(value) => /^#[0-9a-f]{6}$/i.test(String(value)),
		'# and six hexadecimal digits, such as #000000',
	],
	backgroundImage: ['Background Image', isWebAddress, 'a web address'],
	defaultUserBackgroundImage: ['User Background Image', isWebAddress, 'a web address'],
	layoutConfig: [
		'Regions',
		listOf(1, 17, isRegion),
		'1 to 17 regions with Left, Top, Width and Height from 0 to 1',
	],
	backgroundConfig: [
		'User Background Images',
		listOf(0, 17, (value) => isObject(value) && isUid(value.uid) && isWebAddress(value.image_url)),
		'a list of at most 17 images, each with a UID and a web address',
	],
};

export const JPG = '["jpg"]';

/** Source: Agora, cloud recording, `start`: `snapshotConfig`. */
export const screenshots: Rules = {
	captureInterval: ['Screenshot Interval', wholeNumber(5, 3600), 'seconds, 5 to 3600'],
	fileType: ['Record', (value) => JSON.stringify(value) === JPG, JPG],
};

/** Source: Agora, cloud recording, `start`: `web_recorder_service`. Agora requires these five. */
export const pageRequired: Rules = {
	url: ['Page URL', isWebAddress, 'a web address such as https://example.com/live/7b'],
	audioProfile: ['Audio Quality', wholeNumber(0, 2), 'a whole number from 0 to 2'],
	videoWidth: ['Page Size', wholeNumber(240, 1920), '240 to 1920 pixels wide'],
	videoHeight: ['Page Size', wholeNumber(240, 1920), '240 to 1920 pixels high'],
	maxRecordingHour: ['Maximum Hours', wholeNumber(1, 720), 'hours, 1 to 720'],
};

/** Source: the same. These may be left out. */
export const page: Rules = {
	videoBitrate: ['Bitrate', isPositive, 'kilobits a second, a whole number'],
	videoFps: ['Frame Rate', wholeNumber(5, 60), 'frames a second, 5 to 60'],
	mobile: ['Mobile View', isFlag, 'on or off'],
	maxVideoDuration: ['Maximum MP4 Length', wholeNumber(30, 240), 'minutes, 30 to 240'],
	onhold: ['Start Paused', isFlag, 'on or off'],
	readyTimeout: ['Page Ready Timeout', wholeNumber(0, 60), 'seconds, 0 to 60'],
};

/** Source: Agora, cloud recording, `start`: `rtmp_publish_service`. */
export const push: Rules = {
	outputs: [
		'Push Address',
		listOf(1, 1, (value) => isObject(value) && /^rtmps?:\/\/[^/]/i.test(String(value.rtmpUrl))),
		'one RTMP or RTMPS address, such as rtmp://live.example.com/app/stream',
	],
};
