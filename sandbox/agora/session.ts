import { PIECE_SECONDS } from '../recorder/clip.ts';
import type { RecorderOptions, UploadingStatus } from '../recorder/options.ts';
import { EVERYBODY, Recorder, type Publisher } from '../recorder/recorder.ts';
import { StorageRefused } from '../recorder/storage.ts';
import type { Channels } from './channels.ts';
import type { Clock } from './clock.ts';
import { pushAddresses, serviceParam, type StartRequest } from './recordingRequest.ts';
import type { Mode } from './schema/requests.ts';

/** How long things take, in seconds of session time. */
export interface Pace {
	/** Session time runs this many times faster than real time. */
	speed: number;
	/** Length of a slice; pieces of the clip are 2 seconds long. */
	sliceSeconds: number;
	/** From the start request until the recorder is in the channel. */
	startSeconds: number;
	/** How long people stay in a channel nobody planned. */
	callSeconds: number;
	/** From the end of a recording until its last files are in the bucket. */
	exitSeconds: number;
}

/** Agora's `status` of a session. */
export const Status = {
	initialised: 1,
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
	| 'token refused'
	| 'storage refused'
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
	reservation: Record<string, unknown>;
	/** `clientRequest` of start. */
	request: StartRequest;
	/** Whether the token lets the recorder into the channel; looked at when it tries. */
	mayJoin: boolean;
	/** What the recorder's clock said at the start; the time when left out. */
	recorderTime?: Date;
}

export interface Change {
	action: 'update' | 'updateLayout';
	clientRequest: Record<string, unknown>;
}

const DEFAULT_IDLE_SECONDS = 30;
const PAGE: Publisher = { uid: EVERYBODY, codec: 'h264' };

/** One recording session, from the start request until its recorder is gone. */
export class Session {
	readonly parameters: SessionParameters;
	readonly startedAt = new Date();
	readonly recorder: Recorder;
	status: number = Status.initialised;
	endedBecause: EndReason | null = null;
	endedAt: Date | null = null;
	/** Web mode: the recording pauses. */
	onhold: boolean;
	/** Web mode: where the page is broadcast to, in words only: nothing leaves this machine. */
	pushAddresses: string[];
	/** What `update` and `updateLayout` changed since the start, oldest first. */
	readonly changes: Change[] = [];
	/** Resolves when the session is over, however it ended. */
	readonly over: Promise<void>;
	/** Resolves when nothing more will be written: late files and the last MP4s come after the end. */
	readonly complete: Promise<void>;

	readonly #clock: Clock;
	readonly #channels: Channels;
	readonly #pace: Pace;
	readonly #options: RecorderOptions;
	readonly #begunAt: number;
	#lostUntil = 0;
	readonly #ending = new AbortController();
	readonly #abandoned = new AbortController();

	constructor(
		parameters: SessionParameters,
		clock: Clock,
		channels: Channels,
		pace: Pace,
		options: RecorderOptions,
	) {
		this.parameters = parameters;
		this.recorder = new Recorder(parameters, pace.sliceSeconds, options);
		this.onhold = serviceParam(parameters.request, 'web_recorder_service')?.onhold === true;
		this.pushAddresses = pushAddresses(
			serviceParam(parameters.request, 'rtmp_publish_service')?.outputs,
		);
		this.#clock = clock;
		this.#channels = channels;
		this.#pace = pace;
		this.#options = options;
		this.#begunAt = clock.now();
		this.over = this.#run();
		this.complete = this.over.then(() => this.#uploadRest().catch(throwUnexpected));
	}

	/** Whether it runs, or is ending. */
	get live(): boolean {
		return this.endedAt === null;
	}

	/** Whether no other recording can have its UID. A recorder that took over has another one. */
	get holdsUid(): boolean {
		return this.live && !this.recorder.isReplaced;
	}

	/** Whether query, update and stop find a worker. */
	get hasRecorder(): boolean {
		return this.live && this.#clock.now() >= this.#lostUntil;
	}

	get ending(): boolean {
		return this.endedBecause !== null;
	}

	/** What stop answers when it has waited for the end. */
	get uploadingStatus(): UploadingStatus {
		return this.#options.uploadingStatus;
	}

	/** Ends the recording in good order: playlists are closed, MP4s written. */
	end(reason: EndReason): void {
		if (this.ending) return;
		this.endedBecause = reason;
		if (reason === 'stopped') this.status = Status.stopRequested;
		this.#ending.abort();
	}

	/**
	 * Another recorder takes over.
	 *
	 * @param seconds until it does
	 */
	failOver(seconds: number): void {
		this.#lostUntil = this.#clock.now() + seconds;
		this.recorder.failOver();
	}

	/** Ends it at once, and leaves behind what is in the bucket by now. */
	abandon(reason: EndReason): void {
		this.#abandoned.abort();
		this.end(reason);
	}

	async #run(): Promise<void> {
		try {
			await this.#join();
			if (!this.ending) await this.#recordChannel();
			await this.#exit();
		} catch (error) {
			this.#abandoned.abort();
			this.endedBecause = 'storage refused';
			throwUnexpected(error);
		} finally {
			this.status = this.#abandoned.signal.aborted ? Status.exitedAbnormally : Status.exited;
			this.endedAt = new Date();
		}
	}

	async #join(): Promise<void> {
		const { startSeconds } = this.#pace;
		const steps = [Status.starting, Status.partlyReady, Status.ready];
		for (const [index, status] of steps.entries()) {
			const at = this.#begunAt + (startSeconds * (index + 1)) / steps.length;
			await this.#clock.until(at, this.#ending.signal);
			if (this.ending) return;
			if (status === Status.ready && !this.parameters.mayJoin) return this.abandon('token refused');
			this.status = status;
		}
	}

	async #recordChannel(): Promise<void> {
		const { cname } = this.parameters;
		const joinedAt = this.#begunAt + this.#pace.startSeconds;
		this.#channels.join(cname, joinedAt);
		try {
			await this.#record(joinedAt);
		} finally {
			this.#channels.leave(cname);
		}
	}

	async #record(joinedAt: number): Promise<void> {
		const { mode, request } = this.parameters;
		const maxIdle = request.recordingConfig?.maxIdleTime ?? DEFAULT_IDLE_SECONDS;
		let busyUntil = joinedAt;
		for (let at = joinedAt; !this.ending; at += PIECE_SECONDS) {
			const next = at + PIECE_SECONDS;
			await this.#clock.until(next, this.#ending.signal);
			if (this.ending) return;
			if (!this.hasRecorder) continue;
			const { publishing, present } = this.#channelAt(at);
			await this.recorder.record(publishing, present, this.#utc(at));
			if (this.recorder.recorded && !this.ending) this.status = Status.inProgress;
			if (present.length > 0) busyUntil = next;
			if (mode === 'web') {
				if (next - joinedAt >= maxRecordingSeconds(request)) this.end('max recording hour');
			} else if (next - busyUntil >= maxIdle) this.end('idle');
		}
	}

	/** Who is there and who sends something; the page of a web page recording until it is on hold. */
	#channelAt(at: number): { publishing: Publisher[]; present: string[] } {
		const { cname, mode } = this.parameters;
		if (mode === 'web') return { publishing: this.onhold ? [] : [PAGE], present: [EVERYBODY] };
		const publishing = this.#channels.publishing(cname, at);
		return { publishing, present: this.#channels.present(cname, at) };
	}

	async #exit(): Promise<void> {
		const exitsAt = this.#clock.now() + this.#pace.exitSeconds;
		if (this.endedBecause !== 'stopped') this.status = Status.stopped;
		await this.#clock.until(exitsAt, this.#abandoned.signal);
		if (this.#abandoned.signal.aborted || this.#uploadsLate) return;
		await this.recorder.finish();
		if (this.#options.mp4DelaySeconds === 0) await this.recorder.writeLastMp4s();
	}

	/** Whether the last slices, the closed playlists and the last MP4s come after the end only. */
	get #uploadsLate(): boolean {
		return this.uploadingStatus === 'backuped' || this.uploadingStatus === 'stranded';
	}

	async #uploadRest(): Promise<void> {
		const { lateUploadSeconds, mp4DelaySeconds } = this.#options;
		if (this.#uploadsLate) {
			if (lateUploadSeconds === null) return;
			if (await this.#waitUnlessAbandoned(lateUploadSeconds)) await this.recorder.finish();
		}
		if (await this.#waitUnlessAbandoned(mp4DelaySeconds)) await this.recorder.writeLastMp4s();
	}

	/** Resolves with whether the recorder still works after so many seconds. */
	async #waitUnlessAbandoned(seconds: number): Promise<boolean> {
		const { signal } = this.#abandoned;
		await this.#clock.until(this.#clock.now() + seconds, signal);
		return !signal.aborted;
	}

	/** A session time as milliseconds since 1970, true to the length of the media. */
	#utc(at: number): number {
		const start = this.parameters.recorderTime ?? this.startedAt;
		return Math.round(start.getTime() + (at - this.#begunAt) * 1000);
	}
}

function maxRecordingSeconds(request: StartRequest): number {
	return Number(serviceParam(request, 'web_recorder_service')?.maxRecordingHour) * 3600;
}

/** A bucket that refuses, or is gone, ends a session; anything else is a fault of the sandbox. */
function throwUnexpected(error: unknown): void {
	if (!(error instanceof StorageRefused) && !isNetworkError(error)) throw error;
}

/** Not asked with `instanceof`: jest has an Error of its own, the sockets have Node's. */
const isNetworkError = (error: unknown) =>
	typeof (error as { code?: unknown } | null)?.code === 'string';
