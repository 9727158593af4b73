import type { Account } from './agora/account.ts';
import type { RecordingApi } from './agora/recordingApi.ts';
import type { Mode } from './agora/schema/requests.ts';

/** A recording that neither a node nor a test starts. */
export interface ForeignRecording {
	cname: string;
	/** Folders, such as a day in the back end's local time. */
	fileNamePrefix: string[];
	/** The default is `mix`. */
	mode?: Mode;
	/** The recorder's user ID. */
	uid?: string;
	/** What the recorder's clock says at the start, ISO 8601: the stamps in file names follow it. */
	recorderTime?: string;
	/** Further settings of `clientRequest`; each replaces the usual one of that name. */
	clientRequest?: Record<string, unknown>;
}

/** Where the other back end records. */
export interface Elsewhere {
	recording: RecordingApi;
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
 * Starts a recording into the sandbox's bucket, with acquire and start as any back end sends them.
 *
 * @returns the sid
 * @throws Error with Agora's reason when the request is refused
 */
export function recordElsewhere(
	{ recording, account, storage }: Elsewhere,
	{ cname, fileNamePrefix, mode = 'mix', uid = '8811', recorderTime, ...more }: ForeignRecording,
): string {
	const project = account.mainProject;
	const { endpoint, ...keys } = storage;
	const storageConfig = {
		...keys,
		vendor: 11,
		region: 0,
		fileNamePrefix,
		extensionParams: { endpoint: new URL(endpoint).host },
	};
	const clientRequest = { storageConfig, ...settings(mode), ...more.clientRequest };
	const acquired = recording.acquire(project, {
		cname,
		uid,
		clientRequest: { scene: mode === 'web' ? 1 : 0 },
	});
	const { resourceId } = done(acquired) as { resourceId: string };
	const started = recording.start(
		project,
		{ resourceId, mode },
		{ cname, uid, clientRequest },
		{ withoutToken: true, recorderTime: recorderTime ? new Date(recorderTime) : undefined },
	);
	return (done(started) as { sid: string }).sid;
}

function settings(mode: Mode) {
	if (mode === 'web') {
		const service = { serviceName: 'web_recorder_service', serviceParam: PAGE_SETTINGS };
		return { extensionServiceConfig: { extensionServices: [service] } };
	}
	const groups = mode === 'mix' ? {} : { subscribeUidGroup: 0 };
	return { recordingConfig: { channelType: 0, ...groups } };
}

function done({ status, body }: { status: number; body: unknown }): unknown {
	if (status === 200) return body;
	throw new Error((body as { reason?: string }).reason ?? `status ${status}`);
}
