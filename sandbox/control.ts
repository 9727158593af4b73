import type { BanRule, Bans } from './agora/bans.ts';
import type { Channels, ChannelPlan } from './agora/channels.ts';
import type { ConsoleApi } from './agora/consoleApi.ts';
import type {
	CheckedEvent,
	NotificationProduct,
	Notifications,
	NotificationSettings,
	SentNotice,
} from './agora/notifications.ts';
import { AGORA_OPTIONS, type AgoraOptions } from './agora/options.ts';
import { redact } from './agora/recordingRequest.ts';
import type { Rejection, UnknownKeys } from './agora/requestValidator.ts';
import type { Change, Session } from './agora/session.ts';
import type { Bucket } from './bucket/bucket.ts';
import {
	startExternalRecording,
	type ExternalRecording,
	type RecordingServices,
} from './externalRecording.ts';
import type { Fault, Faults } from './faults.ts';
import type { Inbox } from './inbox.ts';
import { RECORDER_OPTIONS, type RecorderOptions } from './recorder/options.ts';
import { uploadSample } from './recorder/storage.ts';
import type { RequestEntry, RequestLog } from './requestLog.ts';

/** The two services of the sandbox. */
export type Service = 'agora' | 's3';

export interface SessionEntry {
	sid: string;
	resourceId: string;
	appId: string;
	cname: string;
	uid: string;
	mode: string;
	/** Agora's status: 1 to 7 while it is live, 8 after a normal end, 20 after any other. */
	status: number;
	/** Whether it is running or ending. */
	live: boolean;
	endReason: string | null;
	/** ISO 8601 */
	startedAt: string;
	endedAt: string | null;
	onhold: boolean;
	/** What stop reports after the session has ended. */
	uploadingStatus: string;
	/** `clientRequest` of acquire and of start, in which each secret is replaced with `(hidden)`. */
	acquireRequest: unknown;
	startRequest: unknown;
	/** The `update` and `updateLayout` requests, without storage credentials. */
	changes: Change[];
}

/** Inspects and changes a running sandbox. */
export interface Control {
	/** Makes the next matching requests to that service fail. */
	fail(on: Service, fault: Fault): Promise<void>;
	/** Removes all pending faults, and closes hanging connections to the bucket. */
	clearFaults(): Promise<void>;
	/** The requests to a service, oldest first. */
	requests(on: Service): Promise<RequestEntry[]>;
	/** The number of requests for each `METHOD /path` (without query). */
	requestCounts(on: Service): Promise<Record<string, number>>;
	/** Cloud recording requests that don't match the schema, oldest first. */
	rejections(): Rejection[];
	/** Cloud recording requests with keys that Agora doesn't know in that mode, oldest first. */
	unknownKeys(): UnknownKeys[];
	/** Forgets the requests to both services. */
	clearRequests(): Promise<void>;
	/** All sessions since the last reset, oldest first. */
	sessions(): SessionEntry[];
	/**
	 * Sets who is in a channel from now on. The times of the plan count from the moment a recorder joins, or from
	 * now if one is in the channel.
	 *
	 * @param appId defaults to the main project
	 */
	setChannel(cname: string, plan: ChannelPlan, appId?: string): void;
	/**
	 * The bans that have not expired, oldest first.
	 *
	 * @param appId defaults to the main project
	 */
	bans(appId?: string): BanRule[];
	/**
	 * Sets the URL that receives the notifications of a product, as in the Agora Console: each product has one. Null
	 * removes all URLs, and forgets what was sent.
	 */
	setNotifications(settings: NotificationSettings | null): void;
	/** The notifications since the URLs were last removed, in the order of their events. */
	notifications(): SentNotice[];
	/**
	 * Sends the test events that the Agora Console sends when Check is pressed.
	 *
	 * @param appId defaults to the main project
	 */
	checkNotifications(product: NotificationProduct, appId?: string): Promise<CheckedEvent[]>;
	/** Sets how Agora behaves from now on; omitted options return to their defaults. */
	setAgora(options: Partial<AgoraOptions>): void;
	/** Sets how recordings that start from now on behave; omitted options return to their defaults. */
	setRecorder(options: Partial<RecorderOptions>): void;
	/**
	 * Starts a recording as another backend would, without a session record.
	 *
	 * @throws Error with Agora's reason when the request is rejected
	 */
	startExternalRecording(recording: ExternalRecording): SessionEntry;
	/** Stops any recording. Resolves when it has ended; MP4s may be uploaded later. */
	stop(sid: string): Promise<void>;
	/** Resolves when a session writes no more files, including late MP4s. */
	waitUntilComplete(sid: string): Promise<void>;
	/**
	 * Adds a file of another tool to a recording, such as `_0_merge_av.mp4` of Agora's converter.
	 *
	 * @param suffix follows the sid in the file name
	 * @param content defaults to a sample of the file's type; empty for an unknown type
	 * @returns its object key
	 */
	addFile(sid: string, suffix: string, content?: string): Promise<string>;
	/** Makes the recorder fail: nothing more is written, and playlists stay open. */
	crash(sid: string): Promise<void>;
	/**
	 * Makes the recorder fail and another one take over, whose file names begin with `bak<n>_`.
	 *
	 * @param seconds of session time until it takes over; meanwhile, Agora doesn't find the session
	 */
	failOver(sid: string, seconds?: number): void;
	/**
	 * Restores the initial state: no recordings, files, requests, faults or URLs for notifications, default options
	 * and projects.
	 */
	reset(): Promise<void>;
}

export interface ControlledParts extends RecordingServices {
	inbox: Inbox;
	/** The options that a reset restores. */
	agoraOptions: Partial<AgoraOptions>;
	faults: Faults;
	log: RequestLog;
	bucket: Bucket;
	channels: Channels;
	bans: Bans;
	notifications: Notifications;
	consoleApi: ConsoleApi;
}

export function createControl(parts: ControlledParts): Control {
	const { account, inbox, faults, log, bucket, channels, bans, recordingApi, consoleApi } = parts;
	const { notifications } = parts;
	const find = (sid: string): Session => {
		const session = recordingApi.sessions.find((each) => each.parameters.sid === sid);
		if (!session) throw new Error('no such session');
		return session;
	};
	const findLive = (sid: string): Session => {
		const session = find(sid);
		if (!session.live) throw new Error('the session has ended');
		return session;
	};
	const requests = async (on: Service) => (on === 's3' ? bucket.requests() : log.all());
	const control: Control = {
		fail: async (on, fault) => (on === 's3' ? bucket.fail(fault) : faults.add(fault)),
		clearFaults: async () => {
			faults.clear();
			await bucket.clearFaults();
		},
		requests,
		requestCounts: async (on) => countRequests(await requests(on)),
		rejections: () => [...recordingApi.validator.rejections],
		unknownKeys: () => [...recordingApi.validator.unknownKeys],
		clearRequests: async () => {
			log.clear();
			await bucket.clearRequests();
		},
		sessions: () => recordingApi.sessions.map(toEntry),
		setChannel: (cname, plan, appId = account.mainProject.vendor_key) =>
			channels.setPlan(appId, cname, plan),
		bans: (appId = account.mainProject.vendor_key) => bans.of(appId),
		setNotifications: (settings) => {
			if (settings === null) notifications.clear();
			else notifications.set(settings.appId ?? account.mainProject.vendor_key, settings);
		},
		notifications: () => [...notifications.sent],
		checkNotifications: async (product, appId = account.mainProject.vendor_key) =>
			notifications.check(appId, product),
		setAgora: (options) => {
			const agoraOptions = { ...AGORA_OPTIONS, ...options };
			recordingApi.options = agoraOptions;
			consoleApi.edition = agoraOptions.consoleEdition;
		},
		setRecorder: (options) => {
			recordingApi.recorderOptions = { ...RECORDER_OPTIONS, ...options };
		},
		startExternalRecording: (recording) => toEntry(find(startExternalRecording(parts, recording))),
		stop: async (sid) => {
			const session = findLive(sid);
			session.end('stopped');
			await session.ended;
		},
		waitUntilComplete: async (sid) => find(sid).complete,
		addFile: async (sid, suffix, content) =>
			uploadSample(find(sid).recorder.storage, sid + suffix, content),
		crash: async (sid) => {
			const session = findLive(sid);
			session.abandon('crashed');
			await session.ended;
		},
		failOver: (sid, seconds = 0) => findLive(sid).failOver(seconds),
		reset: async () => {
			notifications.clear();
			await control.clearFaults();
			await recordingApi.reset();
			await bucket.empty();
			await control.clearRequests();
			control.setAgora(parts.agoraOptions);
			control.setRecorder({});
			channels.reset();
			bans.reset();
			account.reset();
			inbox.clear();
		},
	};
	control.setAgora(parts.agoraOptions);
	return control;
}

function countRequests(requests: RequestEntry[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { method, path } of requests) {
		const key = `${method} ${path.split('?')[0]}`;
		counts[key] = (counts[key] ?? 0) + 1;
	}
	return counts;
}

function toEntry(session: Session): SessionEntry {
	const { sid, resourceId, appId, cname, uid, mode, ...parameters } = session.parameters;
	const { status, live, endReason, startedAt, endedAt, onhold, uploadingStatus, changes } = session;
	return {
		sid,
		resourceId,
		appId,
		cname,
		uid,
		mode,
		status,
		live,
		endReason,
		startedAt: startedAt.toISOString(),
		endedAt: endedAt?.toISOString() ?? null,
		onhold,
		uploadingStatus,
		acquireRequest: redact(parameters.acquireRequest),
		startRequest: redact(parameters.startRequest),
		changes: changes.map(withoutCredentials),
	};
}

/** Keeps RTMP URLs, so that tests can check them. */
function withoutCredentials({ action, clientRequest }: Change): Change {
	if (!('storageConfig' in clientRequest)) return { action, clientRequest };
	const storageConfig = redact(clientRequest.storageConfig);
	return { action, clientRequest: { ...clientRequest, storageConfig } };
}
