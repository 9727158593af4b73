import type { Account } from './agora/account.ts';
import type { Channels, ChannelPlan } from './agora/channels.ts';
import type { ConsoleApi } from './agora/consoleApi.ts';
import { AGORA_OPTIONS, type AgoraOptions } from './agora/options.ts';
import type { RecordingApi } from './agora/recordingApi.ts';
import type { Refusal, UnknownKeys } from './agora/requestChecks.ts';
import type { Change, Session } from './agora/session.ts';
import type { Bucket } from './bucket/bucket.ts';
import type { Fault, Faults } from './faults.ts';
import type { Inbox } from './inbox.ts';
import { putBeside } from './recorder/otherFiles.ts';
import { RECORDER_OPTIONS, type RecorderOptions } from './recorder/options.ts';
import { redact } from './redact.ts';
import { recordElsewhere, type Elsewhere, type ForeignRecording } from './recordElsewhere.ts';
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
	/** Agora's status: 1 to 5 until it ends, 8 after an orderly end, 20 after any other. */
	status: number;
	live: boolean;
	endedBecause: string | null;
	/** ISO 8601 */
	startedAt: string;
	endedAt: string | null;
	onhold: boolean;
	/** What stop answers, by choice or by chance. */
	uploadingStatus: string;
	/** `clientRequest` of acquire and of start; in the place of each secret stands `(hidden)`. */
	reservation: unknown;
	request: unknown;
	/** What was changed while it ran; of storage only that it was. */
	changes: Change[];
}

/** What a test, or a curious person, may look at and change in a running sandbox. */
export interface Control {
	/** The next requests to that service which match go wrong as told. */
	fail(on: Service, fault: Fault): Promise<void>;
	/** Forgets the faults that are still to happen, and breaks off what hangs in the bucket. */
	clearFaults(): Promise<void>;
	/** What a service was asked, oldest first. */
	requests(on: Service): Promise<RequestEntry[]>;
	/** How often each `METHOD /path` (without its query) was asked. */
	requestCounts(on: Service): Promise<Record<string, number>>;
	/** Requests of cloud recording that the schema refused, oldest first. */
	refusals(): Refusal[];
	/** Requests of cloud recording with keys that Agora does not know in that mode, oldest first. */
	unknownKeys(): UnknownKeys[];
	/** Forgets requests. */
	clearRequests(): Promise<void>;
	/** All sessions there ever were, oldest first. */
	sessions(): SessionEntry[];
	/** Who publishes in a channel, from now on; the times of a plan count from then, or from the join. */
	setChannel(cname: string, plan: ChannelPlan): void;
	/** How Agora behaves from now on; what is left out is as usual. */
	setAgora(options: Partial<AgoraOptions>): void;
	/** How recordings that start from now on behave; what is left out is as usual. */
	setRecorder(options: Partial<RecorderOptions>): void;
	/**
	 * Starts a recording as somebody else's back end would: no node knows of it.
	 *
	 * @throws Error with Agora's reason when the request is refused
	 */
	recordElsewhere(recording: ForeignRecording): SessionEntry;
	/** Stops a recording, whoever started it, and resolves when it is over; MP4s may come later. */
	stop(sid: string): Promise<void>;
	/** Resolves when nothing more of a session will be written, late MP4s included. */
	complete(sid: string): Promise<void>;
	/**
	 * Puts a file of another tool beside a recording, say `_0_merge_av.mp4` of Agora's converter.
	 *
	 * @param ending what follows the sid in the name
	 * @param text its content; when left out, a video or picture, or an empty file
	 * @returns its object key
	 */
	putBeside(sid: string, ending: string, text?: string): Promise<string>;
	/** The recorder breaks: nothing more is written, no playlist closed. */
	crash(sid: string): Promise<void>;
	/**
	 * The recorder breaks and another goes on, under `bak<n>_` names.
	 *
	 * @param seconds of session time in which there is none, so that Agora does not find the session
	 */
	failOver(sid: string, seconds?: number): void;
	/** Returns to the state of the start: no recordings, files, requests, refusals or faults, and the first projects only. */
	reset(): Promise<void>;
}

export function controlOf(parts: {
	account: Account;
	inbox: Inbox;
	/** How Agora behaves at the start. */
	agora: Partial<AgoraOptions>;
	faults: Faults;
	log: RequestLog;
	bucket: Bucket;
	channels: Channels;
	recording: RecordingApi;
	consoleApi: ConsoleApi;
	storage: Elsewhere['storage'];
}): Control {
	const { account, inbox, faults, log, bucket, channels, recording, consoleApi, storage } = parts;
	const find = (sid: string): Session => {
		const session = recording.sessions.find((each) => each.parameters.sid === sid);
		if (!session) throw new Error('there is no such session');
		return session;
	};
	const live = (sid: string): Session => {
		const session = find(sid);
		if (!session.live) throw new Error('no such session is running');
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
		requestCounts: async (on) => counted(await requests(on)),
		refusals: () => [...recording.checks.refusals],
		unknownKeys: () => [...recording.checks.unknownKeys],
		clearRequests: async () => {
			log.clear();
			await bucket.clearRequests();
		},
		sessions: () => recording.sessions.map(shown),
		setChannel: (cname, plan) => channels.plan(cname, plan),
		setAgora: (options) => {
			const agora = { ...AGORA_OPTIONS, ...options };
			recording.options = agora;
			consoleApi.edition = agora.consoleEdition;
		},
		setRecorder: (options) => {
			recording.recorderOptions = { ...RECORDER_OPTIONS, ...options };
		},
		recordElsewhere: (foreign) =>
			shown(find(recordElsewhere({ recording, account, storage }, foreign))),
		stop: async (sid) => {
			const session = live(sid);
			session.end('stopped');
			await session.over;
		},
		complete: async (sid) => find(sid).complete,
		putBeside: async (sid, ending, text) =>
			putBeside(find(sid).recorder.storage, sid + ending, text),
		crash: async (sid) => {
			const session = live(sid);
			session.abandon('crashed');
			await session.over;
		},
		failOver: (sid, seconds = 0) => live(sid).failOver(seconds),
		reset: async () => {
			await control.clearFaults();
			await recording.reset();
			await bucket.empty();
			await control.clearRequests();
			control.setAgora(parts.agora);
			control.setRecorder({});
			channels.reset();
			account.reset();
			inbox.clear();
		},
	};
	control.setAgora(parts.agora);
	return control;
}

function counted(requests: RequestEntry[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { method, path } of requests) {
		const key = `${method} ${path.split('?')[0]}`;
		counts[key] = (counts[key] ?? 0) + 1;
	}
	return counts;
}

function shown(session: Session): SessionEntry {
	const { sid, resourceId, appId, cname, uid, mode, reservation, request } = session.parameters;
	const { status, live, endedBecause, startedAt, endedAt, onhold, uploadingStatus, changes } =
		session;
	return {
		sid,
		resourceId,
		appId,
		cname,
		uid,
		mode,
		status,
		live,
		endedBecause,
		startedAt: startedAt.toISOString(),
		endedAt: endedAt?.toISOString() ?? null,
		onhold,
		uploadingStatus,
		reservation: redact(reservation),
		request: redact(request),
		changes: changes.map(withoutKeys),
	};
}

/** An RTMP URL stays: it is how a test sees the change. */
function withoutKeys({ action, clientRequest }: Change): Change {
	if (!('storageConfig' in clientRequest)) return { action, clientRequest };
	const storageConfig = redact(clientRequest.storageConfig);
	return { action, clientRequest: { ...clientRequest, storageConfig } };
}
