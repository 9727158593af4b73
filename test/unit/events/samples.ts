import type { IDataObject } from 'n8n-workflow';
import type { Product } from '../../../nodes/Agora/events/eventTypes';

export interface Sample {
	product: Product;
	number: number;
	/** `details` of a recording event; the fields of a channel event. */
	fields: Record<string, unknown>;
	/** `details` of the item, without those that all events of the product have. */
	expected: IDataObject;
}

const FILE = {
	fileName: 'a.m3u8',
	trackType: 'audio_and_video',
	uid: '0',
	mixedAllUser: true,
	isPlayable: true,
	sliceStartTime: 1619170461821,
};
const FILE_ITEM = {
	filename: 'a.m3u8',
	track_type: 'audio_and_video',
	uid: '0',
	mixed_all_users: true,
	is_playable: true,
	started_at: '2021-04-23T09:34:21.821Z',
};

const recording = (
	number: number,
	fields: Record<string, unknown>,
	expected: IDataObject,
): Sample => ({ product: 'recording', number, fields, expected });
const channel = (
	number: number,
	fields: Record<string, unknown>,
	expected: IDataObject,
): Sample => ({ product: 'channel', number, fields, expected });

const LEFT = { platform: 7, clientSeq: 1625051030789, reason: 1, duration: 600 };
const LEFT_ITEM = {
	...{ platform: 'web', client_seq: 1625051030789, reason: 'quit', duration_seconds: 600 },
};

/** One of each documented event, with all documented fields. */
export const SAMPLES: Sample[] = [
	recording(
		1,
		{
			msgName: 'cloud_recording_error',
			module: 1,
			errorLevel: 5,
			errorCode: 47,
			stat: 1,
			errorMsg: 'x',
		},
		{
			...{ message_name: 'cloud_recording_error', module: 'uploader', error_level: 'fatal' },
			...{ error_code: 47, stat: 1, error_message: 'x' },
		},
	),
	recording(
		2,
		{ msgName: 'cloud_recording_warning', module: 0, warnCode: 31 },
		{ message_name: 'cloud_recording_warning', module: 'recorder', warning_code: 31 },
	),
	recording(
		3,
		{ msgName: 'cloud_recording_status_update', status: 5, recordingMode: 1, fileList: 'a.m3u8' },
		{
			...{ message_name: 'cloud_recording_status_update', status: 5, mode: 'mix' },
			file_list: [{ filename: 'a.m3u8' }],
		},
	),
	recording(
		4,
		{ msgName: 'cloud_recording_file_infos', fileList: 'a.m3u8' },
		{ message_name: 'cloud_recording_file_infos', file_list: [{ filename: 'a.m3u8' }] },
	),
	recording(
		11,
		{ msgName: 'session_exit', exitStatus: 0 },
		{ message_name: 'session_exit', exit_status: 'normal' },
	),
	recording(
		12,
		{ msgName: 'session_failover', newUid: 8811 },
		{ message_name: 'session_failover', new_uid: '8811' },
	),
	recording(13, { msgName: 'high_availability' }, { message_name: 'high_availability' }),
	recording(
		30,
		{ msgName: 'uploader_started', status: 0 },
		{ message_name: 'uploader_started', status: 0 },
	),
	recording(
		31,
		{ msgName: 'uploaded', status: 0, fileList: [FILE] },
		{ message_name: 'uploaded', status: 0, file_list: [FILE_ITEM] },
	),
	recording(
		32,
		{ msgName: 'backuped', status: 0, fileList: [FILE] },
		{ message_name: 'backuped', status: 0, file_list: [FILE_ITEM] },
	),
	recording(
		33,
		{ msgName: 'uploading_progress', progress: 9950 },
		{ message_name: 'uploading_progress', progress_percent: 99.5 },
	),
	recording(
		40,
		{ msgName: 'recorder_started', status: 0 },
		{ message_name: 'recorder_started', status: 0 },
	),
	recording(
		41,
		{ msgName: 'recorder_leave', leaveCode: 22 },
		{ message_name: 'recorder_leave', leave_reasons: ['signal', 'no_users', 'left_channel'] },
	),
	recording(
		42,
		{
			...{ msgName: 'recorder_slice_start', startUtcMs: 1619170461821, mixedAllUser: true },
			...{ discontinueUtcMs: 1619170461821, streamUid: 0, trackType: 'audio' },
		},
		{
			...{ message_name: 'recorder_slice_start', started_at: '2021-04-23T09:34:21.821Z' },
			...{ discontinued_at: '2021-04-23T09:34:21.821Z', mixed_all_users: true },
			...{ stream_uid: '0', track_type: 'audio' },
		},
	),
	recording(
		43,
		{
			msgName: 'recorder_audio_stream_state_changed',
			streamUid: '7',
			state: 0,
			UtcMs: 1619170461821,
		},
		{
			...{ message_name: 'recorder_audio_stream_state_changed', stream_uid: '7' },
			...{ is_receiving: true, changed_at: '2021-04-23T09:34:21.821Z' },
		},
	),
	recording(
		44,
		{
			msgName: 'recorder_video_stream_state_changed',
			streamUid: '7',
			state: 1,
			utcMs: 1619170461821,
		},
		{
			...{ message_name: 'recorder_video_stream_state_changed', stream_uid: '7' },
			...{ is_receiving: false, changed_at: '2021-04-23T09:34:21.821Z' },
		},
	),
	recording(
		45,
		{ msgName: 'recorder_snapshot_file', fileName: 'school/a.jpg' },
		{ message_name: 'recorder_snapshot_file', filename: 'school/a.jpg' },
	),
	recording(
		60,
		{ msgName: 'vod_started', aliVodInfo: { videoId: 'v1' } },
		{ message_name: 'vod_started', video_id: 'v1' },
	),
	recording(61, { msgName: 'vod_triggered' }, { message_name: 'vod_triggered' }),
	recording(
		70,
		{ msgName: 'web_recorder_started', recorderStartTime: 1619170461821 },
		{ message_name: 'web_recorder_started', started_at: '2021-04-23T09:34:21.821Z' },
	),
	recording(
		71,
		{
			...{ msgName: 'web_recorder_stopped', code: 1, message: 'max_recording_hour' },
			...{ details: 'max recording hour is 4' },
			fileList: [{ filename: 'a.m3u8', sliceStartTime: 1619170461821 }],
		},
		{
			...{ message_name: 'web_recorder_stopped', stop_reason: 'max_recording_hour' },
			...{ message: 'max_recording_hour', description: 'max recording hour is 4' },
			file_list: [{ filename: 'a.m3u8', started_at: '2021-04-23T09:34:21.821Z' }],
		},
	),
	recording(
		72,
		{ msgName: 'web_recorder_capability_limit', limitType: 'WebGL' },
		{ message_name: 'web_recorder_capability_limit', limit_type: 'WebGL' },
	),
	recording(
		73,
		{ msgName: 'web_recorder_reload', reason: 'audio_silence' },
		{ message_name: 'web_recorder_reload', reason: 'audio_silence' },
	),
	recording(80, { msgName: 'transcoder_started' }, { message_name: 'transcoder_started' }),
	recording(
		81,
		{
			...{ msgName: 'transcoder_completed', result: 'all_success' },
			uids: [{ uid: '7', result: 'success', fileList: [{ fileName: 'a.mp4' }] }],
		},
		{
			...{ message_name: 'transcoder_completed', result: 'all_success' },
			users: [{ uid: '7', result: 'success', file_list: [{ filename: 'a.mp4' }] }],
		},
	),
	recording(
		90,
		{ msgName: 'download_failed', vendor: 1, region: 0, bucket: 'b', fileName: 'a.m3u8;b.ts' },
		{
			...{ message_name: 'download_failed', vendor: 1, region: 0, bucket: 'b' },
			filenames: ['a.m3u8', 'b.ts'],
		},
	),
	recording(
		100,
		{
			msgName: 'rtmp_publish_status',
			rtmpUrl: 'rtmp://live.example.com/app/key',
			status: 'publishing',
		},
		{
			...{ message_name: 'rtmp_publish_status', rtmp_url: 'rtmp://live.example.com/…' },
			status: 'publishing',
		},
	),
	recording(
		1001,
		{
			msgName: 'postpone_transcode_final_result',
			result: 'failed',
			fileList: [{ fileName: 'a.mp4' }],
		},
		{
			...{ message_name: 'postpone_transcode_final_result', result: 'failed' },
			file_list: [{ filename: 'a.mp4' }],
		},
	),
	channel(101, {}, {}),
	channel(102, { lastUid: 7 }, { last_uid: '7' }),
	channel(
		103,
		{ platform: 6, clientType: 10, clientSeq: 5 },
		{ platform: 'linux', client_type: 'cloud_recording', client_seq: 5 },
	),
	channel(104, LEFT, LEFT_ITEM),
	channel(105, { platform: 1, clientSeq: 5 }, { platform: 'android', client_seq: 5 }),
	channel(106, { ...LEFT, reason: 999 }, { ...LEFT_ITEM, reason: 'unusual_activity' }),
	channel(107, { platform: 2, clientSeq: 5 }, { platform: 'ios', client_seq: 5 }),
	channel(108, { ...LEFT, reason: 3 }, { ...LEFT_ITEM, reason: 'banned' }),
	channel(111, { clientSeq: 5 }, { client_seq: 5 }),
	channel(112, { clientSeq: 5 }, { client_seq: 5 }),
];

const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';

/** @returns the notification of a sample, as Agora sends it */
export function notificationOf({ product, number, fields }: Sample, changes: object = {}) {
	const common = { noticeId: `n-${number}`, eventType: number, notifyMs: 1619170470000 };
	const own =
		product === 'channel'
			? { productId: 1, payload: { channelName: 'class-7b', uid: 1001, ts: 1619170461, ...fields } }
			: {
					productId: 3,
					sid: SID,
					payload: {
						...{ cname: 'class-7b', uid: '8811', sid: SID, sequence: 3 },
						...{ sendts: 1619170461821, serviceType: 2, details: fields },
					},
				};
	return { ...common, ...own, ...changes };
}
