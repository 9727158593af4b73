import { PIECE_SECONDS } from '../recorder/clip.ts';
import type { RecorderOptions, UploadingStatus } from '../recorder/options.ts';
import { ALL_USERS, Recorder, type Publisher } from '../recorder/recorder.ts';
import { StorageRejected } from '../recorder/storage.ts';
import type { Channels } from './channels.ts';
import type { Clock } from './clock.ts';
import { RecordingEvents, type SendRecordingEvent } from './recordingEvents.ts';
import { rtmpUrls, serviceParam, type StartRequest } from './recordingRequest.ts';
import type { Mode } from './schema/requests.ts';

/** Durations in seconds of session time. */
export interface Pace {
	/** How many times faster than real time session time runs. */
	speed: number;
	/** Length of a slice, a multiple of 2 (the length of the pieces of the clip). */
	sliceSeconds: number;
	/** From the start request until the recorder is in the channel. */
	startSeconds: number;
	/** How long users stay in a channel without a plan. */
	callSeconds: number;
	/** From the end of a recording until its last files are in the bucket. */
	exitSeconds: number;
}

/** Agora's `status` of a session. */
export const Status = {
	initialized: 1,
	starting: 2,
	partlyReady: 3,
	ready: 4,
	inProgress: 5,
	stopRequested: 6,
	stopped: 7,
	exited: 8,
	exitedAbnormally: 20,
} as const;

export type EndReason =
	| 'stopped'
	| 'idle'
	| 'max recording hour'
	| 'token rejected'
	| 'storage rejected'
	| 'crashed'
	| 'sandbox reset'
	| 'sandbox stopped';

export interface SessionParameters {
	sid: string;
	resourceId: string;
	appId: string;
	cname: string;
	uid: string;
	mode: Mode;
	/** `clientRequest` of acquire. */
	acquireRequest: Record<string, unknown>;
	/** `clientRequest` of start. */
	startRequest: StartRequest;
	/** Whether the token is valid. As with Agora, an invalid one doesn't fail start, but ends the session later. */
	mayJoin: boolean;
	/** The time of the recorder's clock at the start, if it differs from the real time. */
	recorderTime?: Date;
}

export interface Change {
	action: 'update' | 'updateLayout';
	clientRequest: Record<string, unknown>;
}

const DEFAULT_IDLE_SECONDS = 30;
const PAGE: Publisher = { uid: ALL_USERS, codec: 'h264' };

/** A recording session, from the start request until the recorder exits. */
export class Session {
	readonly parameters: SessionParameters;
	readonly startedAt = new Date();
	readonly recorder: Recorder;
	status: number = Status.initialized;
	/** Set as soon as the session begins to end. */
	endReason: EndReason | null = null;
	endedAt: Date | null = null;
	/** Web mode: whether the recording is paused. */
	onhold: boolean;
	/** Web mode: where the page is broadcast to. They are only reported: the sandbox sends no stream. */
	rtmpUrls: string[];
	/** The `update` and `updateLayout` requests since the start, oldest first. */
	readonly changes: Change[] = [];
	/** Resolves when the session has ended, for whatever reason. */
	readonly ended: Promise<void>;
	/** Resolves when the session writes no more files: late files and the last MP4s are uploaded after its end. */
	readonly complete: Promise<void>;

	readonly #clock: Clock;
	readonly #channels: Channels;
	readonly #pace: Pace;
	readonly #options: RecorderOptions;
	readonly #events: RecordingEvents;
	readonly #beganAt: number;
	#withoutRecorderUntil = 0;
	#isFailingOver = false;
	readonly #ending = new AbortController();
	readonly #abandoned = new AbortController();

	constructor(
		parameters: SessionParameters,
		clock: Clock,
		channels: Channels,
		pace: Pace,
		options: RecorderOptions,
		sendEvent: SendRecordingEvent,
	) {
		this.parameters = parameters;
		this.#events = new RecordingEvents(parameters, sendEvent);
		this.recorder = new Recorder(parameters, pace.sliceSeconds, options);
		const { startRequest } = parameters;
		this.onhold = serviceParam(startRequest, 'web_recorder_service')?.onhold === true;
		this.rtmpUrls = rtmpUrls(serviceParam(startRequest, 'rtmp_publish_service')?.outputs);
		this.#clock = clock;
		this.#channels = channels;
		this.#pace = pace;
		this.#options = options;
		this.#beganAt = clock.now();
		this.ended = this.#run();
		this.complete = this.ended.then(() => this.#uploadRest().catch(throwUnexpected));
	}

	/** Whether the session is running or ending. */
	get live(): boolean {
		return this.endedAt === null;
	}

	/** Whether its UID is in use in the channel. A recorder that took over after a failure has a different UID. */
	get holdsUid(): boolean {
		return this.live && !this.recorder.isReplaced;
	}

	/** Whether query, update and stop find a recorder. */
	get hasRecorder(): boolean {
		return this.live && this.#clock.now() >= this.#withoutRecorderUntil;
	}

	get isEnding(): boolean {
		return this.endReason !== null;
	}

	/** What stop reports after the session has ended. */
	get uploadingStatus(): UploadingStatus {
		return this.#options.uploadingStatus;
	}

	/** Ends the session normally: closes playlists and writes MP4s. */
	end(reason: EndReason): void {
		if (this.isEnding) return;
		this.endReason = reason;
		if (reason === 'stopped') this.status = Status.stopRequested;
		this.#ending.abort();
	}

	/**
	 * The recorder fails and another one takes over.
	 *
	 * @param seconds until it does
	 */
	failOver(seconds: number): void {
		this.#withoutRecorderUntil = this.#clock.now() + seconds;
		this.#isFailingOver = true;
		this.recorder.failOver();
	}

	/** Ends the session at once: nothing more is written. */
	abandon(reason: EndReason): void {
		this.#abandoned.abort();
		this.end(reason);
	}

	async #run(): Promise<void> {
		try {
			await this.#join();
			if (!this.isEnding) await this.#recordChannel();
			await this.#exit();
		} catch (error) {
			this.#abandoned.abort();
			this.endReason = 'storage rejected';
			throwUnexpected(error);
		} finally {
			this.status = this.#abandoned.signal.aborted ? Status.exitedAbnormally : Status.exited;
			this.endedAt = new Date();
			this.#events.exited(this.endReason!, this.status === Status.exited);
		}
	}

	async #join(): Promise<void> {
		const { startSeconds } = this.#pace;
		const steps = [Status.starting, Status.partlyReady, Status.ready];
		for (const [index, status] of steps.entries()) {
			const at = this.#beganAt + (startSeconds * (index + 1)) / steps.length;
			await this.#clock.waitUntil(at, this.#ending.signal);
			if (this.isEnding) return;
			if (status === Status.ready && !this.parameters.mayJoin)
				return this.abandon('token rejected');
			this.status = status;
		}
	}

	async #recordChannel(): Promise<void> {
		const { appId, cname, mode } = this.parameters;
		const uid = mode === 'web' ? null : this.parameters.uid;
		const joinedAt = this.#beganAt + this.#pace.startSeconds;
		this.#channels.join(appId, cname, joinedAt, uid);
		this.#events.started();
		try {
			await this.#record(joinedAt);
		} finally {
			this.#channels.leave(appId, cname, uid);
		}
		if (!this.#abandoned.signal.aborted) this.#events.left(this.endReason!, this.recorder);
	}

	async #record(joinedAt: number): Promise<void> {
		const { mode, startRequest } = this.parameters;
		const maxIdle = startRequest.recordingConfig?.maxIdleTime ?? DEFAULT_IDLE_SECONDS;
		let busyUntil = joinedAt;
		for (let at = joinedAt; !this.isEnding; at += PIECE_SECONDS) {
			const next = at + PIECE_SECONDS;
			await this.#clock.waitUntil(next, this.#ending.signal);
			if (this.isEnding) return;
			if (!this.hasRecorder) continue;
			if (this.#isFailingOver) this.#events.failedOver();
			this.#isFailingOver = false;
			const { publishing, present } = this.#channelAt(at);
			await this.recorder.record(publishing, present, this.#utc(at));
			const piece = { from: this.#utc(at), until: this.#utc(next) };
			this.#events.recorded(publishing, this.recorder, piece, next - joinedAt);
			if (this.recorder.hasFiles && !this.isEnding) this.status = Status.inProgress;
			if (present.length > 0) busyUntil = next;
			if (mode === 'web') {
				if (next - joinedAt >= maxRecordingSeconds(startRequest)) this.end('max recording hour');
			} else if (next - busyUntil >= maxIdle) this.end('idle');
		}
	}

	/** The users in the channel, and those who send something. In web mode, the page acts as the only user. */
	#channelAt(at: number): { publishing: Publisher[]; present: string[] } {
		const { appId, cname, mode } = this.parameters;
		if (mode === 'web') return { publishing: this.onhold ? [] : [PAGE], present: [ALL_USERS] };
		return {
			publishing: this.#channels.publishing(appId, cname, at),
			present: this.#channels.present(appId, cname, at),
		};
	}

	async #exit(): Promise<void> {
		const exitsAt = this.#clock.now() + this.#pace.exitSeconds;
		if (this.endReason !== 'stopped') this.status = Status.stopped;
		await this.#clock.waitUntil(exitsAt, this.#abandoned.signal);
		if (this.#abandoned.signal.aborted || this.#uploadsLate) return;
		await this.recorder.finish();
		if (this.#options.mp4DelaySeconds === 0) await this.recorder.writeLastMp4s();
	}

	/** Whether the last slices, the closed playlists and the last MP4s are uploaded after the end. */
	get #uploadsLate(): boolean {
		return this.uploadingStatus === 'backuped' || this.uploadingStatus === 'stranded';
	}

	async #uploadRest(): Promise<void> {
		const { lateUploadSeconds, mp4DelaySeconds } = this.#options;
		if (this.#uploadsLate) {
			if (this.uploadingStatus === 'backuped' && this.#hasFiles)
				this.#events.uploaded(this.recorder, true);
			if (lateUploadSeconds === null) return;
			if (await this.#waitUnlessAbandoned(lateUploadSeconds)) await this.recorder.finish();
		}
		if (!(await this.#waitUnlessAbandoned(mp4DelaySeconds))) return;
		await this.recorder.writeLastMp4s();
		if (!this.#uploadsLate && this.#hasFiles) this.#events.uploaded(this.recorder, false);
	}

	get #hasFiles(): boolean {
		return !this.#abandoned.signal.aborted && this.recorder.hasCaptured;
	}

	/** Resolves after that many seconds, with false if the session is abandoned. */
	async #waitUnlessAbandoned(seconds: number): Promise<boolean> {
		const { signal } = this.#abandoned;
		await this.#clock.waitUntil(this.#clock.now() + seconds, signal);
		return !signal.aborted;
	}

	/** Converts a session time to milliseconds since 1970, as if it ran at normal speed. */
	#utc(at: number): number {
		const start = this.parameters.recorderTime ?? this.startedAt;
		return Math.round(start.getTime() + (at - this.#beganAt) * 1000);
	}
}

function maxRecordingSeconds(request: StartRequest): number {
	return Number(serviceParam(request, 'web_recorder_service')?.maxRecordingHour) * 3600;
}

/** A bucket that rejects an upload or is not reachable ends a session; any other error is a bug of the sandbox. */
function throwUnexpected(error: unknown): void {
	if (!(error instanceof StorageRejected) && !isNetworkError(error)) throw error;
}

/** Not checked with `instanceof`, because jest replaces the global Error class and sockets use Node's. */
const isNetworkError = (error: unknown) =>
	typeof (error as { code?: unknown } | null)?.code === 'string';
