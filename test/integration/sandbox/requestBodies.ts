import type { Action, Mode } from '../../../sandbox/agora/schema/requests.ts';

/* Valid request bodies, for tests that change a field. */

type Json = Record<string, unknown>;

export const STORAGE = {
	vendor: 2,
	region: 3,
	bucket: 'lessons',
	accessKey: 'fake-key',
	secretKey: 'fake-secret',
};

export const PAGE = {
	url: 'https://example.com/whiteboard',
	audioProfile: 2,
	videoWidth: 1280,
	videoHeight: 720,
	maxRecordingHour: 1,
};

export const ALL_STREAMS = ['#allstream#'];

export const body = (clientRequest: unknown, more: Json = {}) => ({
	cname: 'algebra',
	uid: '527841',
	clientRequest,
	...more,
});

/** `extensionServiceConfig` with a page and other services. */
export const services = (page: Json = PAGE, ...more: Json[]) => ({
	extensionServices: [{ serviceName: 'web_recorder_service', serviceParam: page }, ...more],
});

const START: Record<Mode, Json> = {
	mix: { storageConfig: STORAGE, recordingConfig: { channelType: 0 } },
	individual: { storageConfig: STORAGE, recordingConfig: { channelType: 0, subscribeUidGroup: 0 } },
	raw: { storageConfig: STORAGE, recordingConfig: { channelType: 0, subscribeUidGroup: 0 } },
	web: { storageConfig: STORAGE, extensionServiceConfig: services() },
};

/** The smallest `clientRequest` that Agora accepts. */
export function minimalRequest(action: Action, mode: Mode): Json {
	if (action === 'start') return START[mode];
	if (action === 'update')
		return mode === 'web' ? { webRecordingConfig: { onhold: true } } : { storageConfig: STORAGE };
	return {};
}
