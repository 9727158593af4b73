import type { GenericValue, IDataObject } from 'n8n-workflow';
import { isObject } from '../agora/formats';

type Convert = (value: unknown) => GenericValue | GenericValue[] | IDataObject | IDataObject[];

/** The output field of one of Agora's fields, and how its value is converted. */
interface Field {
	name: string;
	convert?: Convert;
}

const named =
	(names: Record<string, string>): Convert =>
	(value) =>
		names[String(value)] ?? (value as GenericValue);

const text: Convert = (value) => (value === null ? null : String(value as string));

/**
 * @param value Unix seconds or milliseconds, as a number or digits
 * @returns ISO 8601 UTC, null where it is not a time
 */
export function toIsoTime(value: unknown): string | null {
	const number = typeof value === 'string' && value !== '' ? Number(value) : value;
	if (typeof number !== 'number' || !(number > 0)) return null;
	const date = new Date(number < 1e11 ? number * 1000 : number);
	return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** Bits of `leaveCode`. Agora asks to ignore 8. */
const LEAVE_BITS: Array<[bit: number, reason: string]> = [
	[2, 'signal'],
	[4, 'no_users'],
	[16, 'left_channel'],
];
const leaveReasons: Convert = (value) =>
	Number(value) === 0
		? ['initialization_failed']
		: LEAVE_BITS.filter(([bit]) => (Number(value) & bit) !== 0).map(([, reason]) => reason);

const files: Convert = (value) => {
	if (typeof value === 'string') return value === '' ? [] : [{ filename: value }];
	if (!Array.isArray(value)) return [];
	return value.map((file): IDataObject =>
		isObject(file) ? toDetails(file) : { filename: String(file) },
	);
};

/** The stream key is in the path. */
export const withoutStreamKey: Convert = (value) => {
	const url = String(value);
	return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}/…` : '…';
};

/** Agora's reasons for a user who left. Source: Agora, Notifications, channel events 104, 106 and 108. */
const LEAVE_REASONS: Record<string, string> = {
	'0': 'other',
	'1': 'quit',
	'2': 'timeout',
	'3': 'banned',
	'4': 'server_issue',
	'5': 'other_device',
	'9': 'several_ip_addresses',
	'10': 'network_issue',
	'12': 'token_expired',
	'99': 'unknown_network_issue',
	'999': 'unusual_activity',
};

/**
 * Agora's fields in `payload` and `payload.details`. A field that is not in the table keeps its name, in snake_case, and
 * its value.
 *
 * Source: Agora, Notifications, cloud recording events and channel events.
 */
export const FIELDS: Record<string, Field> = {
	msgName: { name: 'message_name' },
	module: {
		name: 'module',
		convert: named({ '0': 'recorder', '1': 'uploader', '2': 'service', '6': 'web_page' }),
	},
	errorLevel: {
		name: 'error_level',
		convert: named({ '1': 'debug', '2': 'minor', '3': 'medium', '4': 'major', '5': 'fatal' }),
	},
	errorCode: { name: 'error_code' },
	errorMsg: { name: 'error_message' },
	stat: { name: 'stat' },
	warnCode: { name: 'warning_code' },
	status: { name: 'status' },
	recordingMode: { name: 'mode', convert: named({ '0': 'individual', '1': 'mix' }) },
	fileList: { name: 'file_list', convert: files },
	exitStatus: { name: 'exit_status', convert: named({ '0': 'normal', '1': 'abnormal' }) },
	newUid: { name: 'new_uid', convert: text },
	progress: { name: 'progress_percent', convert: (value) => Number(value) / 100 },
	leaveCode: { name: 'leave_reasons', convert: leaveReasons },
	startUtcMs: { name: 'started_at', convert: toIsoTime },
	discontinueUtcMs: { name: 'discontinued_at', convert: toIsoTime },
	mixedAllUser: { name: 'mixed_all_users' },
	streamUid: { name: 'stream_uid', convert: text },
	trackType: { name: 'track_type' },
	state: { name: 'is_receiving', convert: (value) => Number(value) === 0 },
	UtcMs: { name: 'changed_at', convert: toIsoTime },
	utcMs: { name: 'changed_at', convert: toIsoTime },
	fileName: { name: 'filename' },
	filename: { name: 'filename' },
	isPlayable: { name: 'is_playable' },
	sliceStartTime: { name: 'started_at', convert: toIsoTime },
	aliVodInfo: {
		name: 'video_id',
		convert: (value) => (isObject(value) ? (value.videoId as GenericValue) : null),
	},
	recorderStartTime: { name: 'started_at', convert: toIsoTime },
	code: {
		name: 'stop_reason',
		convert: named({
			'0': 'stopped',
			'1': 'max_recording_hour',
			'2': 'capability_limit',
			'3': 'start_engine_failed',
			'4': 'page_load_timeout',
			'5': 'access_url_failed',
			'6': 'recorder_error',
		}),
	},
	message: { name: 'message' },
	details: { name: 'description' },
	limitType: { name: 'limit_type' },
	reason: { name: 'reason', convert: named(LEAVE_REASONS) },
	result: { name: 'result' },
	uids: {
		name: 'users',
		convert: (value) =>
			Array.isArray(value) ? value.filter(isObject).map((user) => toDetails(user)) : [],
	},
	uid: { name: 'uid', convert: text },
	vendor: { name: 'vendor' },
	region: { name: 'region' },
	bucket: { name: 'bucket' },
	rtmpUrl: { name: 'rtmp_url', convert: withoutStreamKey },
	platform: {
		name: 'platform',
		convert: named({
			...{ '0': 'other', '1': 'android', '2': 'ios', '5': 'windows', '6': 'linux', '7': 'web' },
			'8': 'macos',
		}),
	},
	clientType: {
		name: 'client_type',
		convert: named({ '3': 'on_premise_recording', '10': 'cloud_recording' }),
	},
	clientSeq: { name: 'client_seq' },
	duration: { name: 'duration_seconds' },
	lastUid: { name: 'last_uid', convert: text },
	account: { name: 'user_account' },
	sequence: { name: 'sequence' },
	serviceType: {
		name: 'service',
		convert: named({
			...{ '0': 'service', '1': 'recorder', '2': 'uploader', '4': 'extension', '6': 'web_page' },
			'8': 'download',
		}),
	},
	serviceScene: { name: 'service_scene' },
};

/** Names that separate the files of Download Failed. */
const SEPARATOR = ';';

/**
 * @param fields Agora's fields of an event
 * @returns the same with the names of n8n items, and readable values
 */
export function toDetails(fields: Record<string, unknown>): IDataObject {
	const details: IDataObject = {};
	for (const [agoraName, value] of Object.entries(fields)) {
		const { name, convert } = Object.hasOwn(FIELDS, agoraName)
			? FIELDS[agoraName]!
			: { name: snakeCase(agoraName), convert: undefined };
		const converted = (convert?.(value) ?? value ?? null) as IDataObject[string];
		if (name === 'filename' && String(value).includes(SEPARATOR)) {
			details.filenames = String(value).split(SEPARATOR);
		} else if (name !== '__proto__') details[name] = converted;
	}
	return details;
}

function snakeCase(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, '');
}
