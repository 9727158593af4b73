import type { Account } from './agora/account.ts';
import type { RecordingApi } from './agora/recordingApi.ts';
import type { Mode } from './agora/schema/requests.ts';
import type { ApiResponse } from './router.ts';

/** A recording that another backend starts, not a node. */
export interface ExternalRecording {
	/** The default is the main project. */
	appId?: string;
	cname: string;
	/** Folders, such as a day in the backend's local time. */
	fileNamePrefix: string[];
	/** The default is `mix`. */
	mode?: Mode;
	/** The recorder's user ID. */
	uid?: string;
	/** The time of the recorder's clock at the start, ISO 8601. It determines the timestamps in file names. */
	recorderTime?: string;
	/** Settings that are added to `clientRequest`, or replace its defaults. */
	clientRequest?: Record<string, unknown>;
}

/** The parts of the sandbox that an external recording uses. */
export interface RecordingServices {
	recordingApi: RecordingApi;
	account: Account;
	storage: { endpoint: string; bucket: string; accessKey: string; secretKey: string };
}

const PAGE_SETTINGS = {
	url: 'https://example.com/',
	audioProfile: 0,
	videoWidth: 1280,
	videoHeight: 720,
	maxRecordingHour: 1,
};

/**
 * Starts a recording into the sandbox's bucket, with the acquire and start requests of a typical backend.
 *
 * @returns the sid
 * @throws Error with Agora's reason when a request is rejected
 */
export function startExternalRecording(
	{ recordingApi, account, storage }: RecordingServices,
	{
		appId,
		cname,
		fileNamePrefix,
		mode = 'mix',
		uid = '8811',
		recorderTime,
		clientRequest: settings,
	}: ExternalRecording,
): string {
	const project = appId === undefined ? account.mainProject : account.findProject(appId);
	if (!project) throw new Error('appid is invalid');
	const { endpoint, ...bucketAndCredentials } = storage;
	const storageConfig = {
		...bucketAndCredentials,
		vendor: 11,
		region: 0,
		fileNamePrefix,
		extensionParams: { endpoint: new URL(endpoint).host },
	};
	const clientRequest = { storageConfig, ...defaultSettings(mode), ...settings };
	const scene = mode === 'web' ? 1 : 0;
	const acquired = recordingApi.acquire({
		project,
		body: { cname, uid, clientRequest: { scene } },
	});
	const { resourceId } = bodyOf(acquired) as { resourceId: string };
	const started = recordingApi.start(
		{ project, path: { resourceId, mode }, body: { cname, uid, clientRequest } },
		{ withoutToken: true, recorderTime: recorderTime ? new Date(recorderTime) : undefined },
	);
	return (bodyOf(started) as { sid: string }).sid;
}

function defaultSettings(mode: Mode) {
	if (mode === 'web') {
		const service = { serviceName: 'web_recorder_service', serviceParam: PAGE_SETTINGS };
		return { extensionServiceConfig: { extensionServices: [service] } };
	}
	const groups = mode === 'mix' ? {} : { subscribeUidGroup: 0 };
	return { recordingConfig: { channelType: 0, ...groups } };
}

function bodyOf({ status, body }: ApiResponse): unknown {
	if (status === 200) return body;
	throw new Error((body as { reason?: string }).reason ?? `status ${status}`);
}
