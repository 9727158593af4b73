/** How an operation is used, and the first item of what comes out. */
export interface Example {
	/** Node parameters beside resource and operation. */
	parameters: Record<string, unknown>;
	/** Long texts are shortened. */
	result: Record<string, unknown>;
}

const APP_ID = '0123456789abcdef0123456789abcdef';
const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';
const RESOURCE_ID = 'JyvK8nXHuV1BE64GDkAaBGEscv…';

const byChannel = { __rl: true, mode: 'channel', value: 'class-7b' };
const byName = { __rl: true, mode: 'name', value: 'Live classes' };

const PROJECT = {
	id: '36f9c54de',
	name: 'Live classes',
	app_id: APP_ID,
	status: 'enabled',
	certificate_enabled: true,
	created_at: '2026-11-23T07:58:12.000Z',
};

const FILES = {
	sid: SID,
	cname: 'class-7b',
	status: 'completed',
	mode: 'mix',
	uid: '1798811643',
	started_at: '2026-11-23T08:00:04.311Z',
	ended_at: '2026-11-23T08:44:51.020Z',
	duration_seconds: 2686.709,
	size_bytes: 412630528,
	file_list: [
		{
			filename: `${SID}_class-7b_0.mp4`,
			key: `recordings/school/${SID}_class-7b_0.mp4`,
			kind: 'video',
			uid: null,
			size_bytes: 203816960,
			last_modified: '2026-11-23T08:46:12.000Z',
			download_url: 'https://…',
			download_url_expires_at: '2026-11-24T08:50:00.000Z',
		},
	],
	segment_count: 180,
};
const RECORDING = { ...FILES, resourceId: RESOURCE_ID };

const SESSION = {
	sid: SID,
	cname: 'class-7b',
	mode: 'mix',
	uid: '1798811643',
};

/** By `<resource>.<operation>`, and `trigger`. */
export const EXAMPLES: Record<string, Example> = {
	'project.create': {
		parameters: { name: 'Evening classes', enableAppCertificate: true },
		result: { ...PROJECT, name: 'Evening classes' },
	},
	'project.get': { parameters: { projectId: byName }, result: PROJECT },
	'project.getAll': { parameters: { returnAll: true }, result: PROJECT },
	'project.getUsage': {
		parameters: { projectId: byName, fromDate: '2026-11-23', toDate: '2026-11-23' },
		result: {
			date: '2026-11-23',
			audio_seconds: 5400,
			video_hd_seconds: 161202,
			video_hdplus_seconds: 0,
			video_1080p_seconds: 0,
			video_2k_seconds: 0,
			video_4k_seconds: 0,
		},
	},
	'project.resetAppCertificate': { parameters: { projectId: byName }, result: PROJECT },
	'project.setAppCertificate': {
		parameters: { projectId: byName, enableAppCertificate: true },
		result: PROJECT,
	},
	'project.updateStatus': {
		parameters: { projectId: byName, status: 'enabled' },
		result: PROJECT,
	},
	'recording.download': {
		parameters: { recordingId: byChannel, scope: 'whole', binaryPropertyName: 'data' },
		result: {
			...RECORDING,
			file: {
				filename: 'class-7b_20261123T080004Z.mp4',
				mime_type: 'video/mp4',
				size_bytes: 203816960,
				uid: null,
				parts: 1,
			},
		},
	},
	'recording.get': { parameters: { recordingId: byChannel }, result: RECORDING },
	'recording.getAll': {
		parameters: {
			returnAll: false,
			limit: 50,
			filters: { cname: 'class-7b', startedAfter: '2026-11-23T00:00:00Z' },
		},
		result: RECORDING,
	},
	'recording.start': {
		parameters: {
			cname: 'class-7b',
			mode: 'mix',
			uidMode: 'automatic',
			channelType: 1,
			fileFormats: 'hlsMp4',
			options: { maxIdleTime: 60, partitionByDate: true },
		},
		result: {
			sid: SID,
			cname: 'class-7b',
			status: 'recording',
			already_recording: false,
			mode: 'mix',
			uid: '1798811643',
			app_id: APP_ID,
			started_at: '2026-11-23T08:00:04.311Z',
			folder: 'recordings/school/20261123/',
			session_record_saved: true,
			resourceId: RESOURCE_ID,
		},
	},
	'recording.stop': {
		parameters: { recordingId: byChannel },
		result: { ...FILES, stopped: true, uploading_status: 'uploaded', resourceId: RESOURCE_ID },
	},
	'recording.update': {
		parameters: {
			recordingId: byChannel,
			change: 'subscriptions',
			subscribeAudioUids: '1001, 1002',
		},
		result: { ...SESSION, updated: 'subscriptions', resourceId: RESOURCE_ID },
	},
	'recording.updateLayout': {
		parameters: { recordingId: byChannel, mixedVideoLayout: 1 },
		result: {
			...SESSION,
			layout: { mixedVideoLayout: 1, backgroundColor: '#000000' },
			resourceId: RESOURCE_ID,
		},
	},
	'token.generate': {
		parameters: { cname: 'class-7b', userType: 'uid', uid: '1001', role: 'host', lifetime: 3600 },
		result: {
			token: '007…',
			app_id: APP_ID,
			cname: 'class-7b',
			uid: '1001',
			role: 'host',
			expires_at: '2026-11-23T09:00:00.000Z',
		},
	},
	trigger: {
		parameters: {
			pollTimes: { item: [{ mode: 'everyMinute' }] },
			event: 'recordingCompleted',
			filters: { cname: 'class-7b' },
		},
		result: RECORDING,
	},
	'user.getCurrent': {
		parameters: {},
		result: {
			user: { id: '5f3cd0bb7dd1495c8b4b4a8b4c0ea1a4', name: null, email: null },
			project_count: 3,
			note: 'Agora accepts this credential. It tells no name or e-mail address for a Customer ID, so these are empty.',
		},
	},
};
