import { randomInt } from 'node:crypto';
import type { Publisher, Recorder } from '../recorder/recorder.ts';
import { rtmpUrls, serviceParam } from './recordingRequest.ts';
import type { EndReason, SessionParameters } from './session.ts';

/** Receives the events of a recording, with Agora's number and payload. */
export type SendRecordingEvent = (
	session: { appId: string; sid: string },
	eventType: number,
	payload: Record<string, unknown>,
) => void;

/** Agora's `serviceType`. */
const SERVICE = { service: 0, recorder: 1, uploader: 2, extension: 4, page: 6 };

/** Why the recorder has left, as bits of `leaveCode`; 24 was captured when a recording was stopped. */
const LEAVE_CODES: Partial<Record<EndReason, number>> = { stopped: 24, idle: 4 };
const SIGNAL = 2;

/** The end of a session that failed: `module` and `errorCode` of the fatal error. */
const FAILURES: Partial<Record<EndReason, { module: number; errorCode: number }>> = {
	'token rejected': { module: 0, errorCode: 110 },
	'storage rejected': { module: 1, errorCode: 32 },
	crashed: { module: 0, errorCode: 1 },
};
const FATAL = 5;

const RECEIVING = 0;
const NOT_RECEIVING = 1;
const MINUTE = 60;

/**
 * Sends the notifications of a session, in the order that was captured from a recording: the uploader's, the
 * recorder's, and `uploaded` after `session_exit`.
 *
 * Source: Agora, Notifications, cloud recording events.
 */
export class RecordingEvents {
	readonly #parameters: SessionParameters;
	readonly #send: SendRecordingEvent;
	#sequence = 0;
	#publishing: Publisher[] = [];
	readonly #playlists = new Set<string>();
	/** When the last piece ended, Unix milliseconds; 0 before the first one. */
	#endedAt = 0;
	#minutes = 0;

	constructor(parameters: SessionParameters, send: SendRecordingEvent) {
		this.#parameters = parameters;
		this.#send = send;
	}

	/** The recorder is in the channel, or the page is loaded. */
	started(): void {
		// A captured recorder_started has the sequence 1, so something comes before it.
		this.#emit(30, SERVICE.uploader, 'uploader_started', { status: 0 });
		if (!this.#isWeb) return this.#emit(40, SERVICE.recorder, 'recorder_started', { status: 0 });
		this.#emit(70, SERVICE.page, 'web_recorder_started', { recorderStartTime: Date.now() });
		const service = serviceParam(this.#parameters.startRequest, 'rtmp_publish_service');
		for (const rtmpUrl of rtmpUrls(service?.outputs)) {
			const details = { rtmpUrl, status: 'publishing' };
			this.#emit(100, SERVICE.extension, 'rtmp_publish_status', details);
		}
	}

	/**
	 * A piece was recorded.
	 *
	 * @param piece when it begins and ends, Unix milliseconds
	 * @param elapsed seconds since the start
	 */
	recorded(
		publishing: Publisher[],
		recorder: Recorder,
		piece: { from: number; until: number },
		elapsed: number,
	): void {
		this.#changeStreams(publishing, piece.from);
		for (const { fileName } of recorder.files()) {
			if (!fileName.endsWith('.m3u8') || this.#playlists.has(fileName)) continue;
			this.#playlists.add(fileName);
			const details = { fileList: fileName };
			this.#emit(4, SERVICE.recorder, 'cloud_recording_file_infos', details);
		}
		if (publishing.length > 0 && !this.#isWeb) {
			if (piece.from - this.#endedAt > 1) {
				this.#emit(42, SERVICE.recorder, 'recorder_slice_start', {
					startUtcMs: piece.from,
					discontinueUtcMs: this.#endedAt || piece.from,
					mixedAllUser: this.#parameters.mode === 'mix',
					streamUid: '0',
					trackType: 'audio_and_video',
				});
			}
			this.#endedAt = piece.until;
		}
		for (const fileName of recorder.takeScreenshots()) {
			this.#emit(45, SERVICE.recorder, 'recorder_snapshot_file', { fileName });
		}
		if (Math.floor(elapsed / MINUTE) > this.#minutes) {
			this.#minutes = Math.floor(elapsed / MINUTE);
			// It grows, and reaches 10,000 only when the recording has ended.
			const progress = Math.floor((10_000 * this.#minutes) / (this.#minutes + 1));
			this.#emit(33, SERVICE.uploader, 'uploading_progress', { progress });
		}
	}

	/** Another recorder has taken over. */
	failedOver(): void {
		const details = { newUid: randomInt(1, 2 ** 32 - 1) };
		this.#emit(12, SERVICE.service, 'session_failover', details);
		this.#emit(40, SERVICE.recorder, 'recorder_started', { status: 0 });
	}

	/** The recorder has left the channel, or closed the page. */
	left(reason: EndReason, recorder: Recorder): void {
		if (this.#isWeb) {
			const fileList = recorder
				.files()
				.map(({ fileName: filename, sliceStartTime }) => ({ filename, sliceStartTime }));
			const code = reason === 'max recording hour' ? 1 : 0;
			const message = code === 0 ? 'ok' : 'max_recording_hour';
			const details = { code, message, details: '', fileList };
			return this.#emit(71, SERVICE.page, 'web_recorder_stopped', details);
		}
		const leaveCode = LEAVE_CODES[reason] ?? SIGNAL;
		this.#emit(41, SERVICE.recorder, 'recorder_leave', { leaveCode });
		this.#changeStreams([], Date.now());
	}

	/** The session has ended. */
	exited(reason: EndReason, isNormal: boolean): void {
		const failure = FAILURES[reason];
		if (failure) {
			const details = { ...failure, errorLevel: FATAL, stat: 0, errorMsg: reason };
			this.#emit(1, SERVICE.service, 'cloud_recording_error', details);
		}
		this.#emit(11, SERVICE.service, 'session_exit', { exitStatus: isNormal ? 0 : 1 });
	}

	/**
	 * All files are uploaded.
	 *
	 * @param isBackup whether some of them are only in Agora's backup
	 */
	uploaded(recorder: Recorder, isBackup: boolean): void {
		const { mode } = this.#parameters;
		const mixedAllUser = mode === 'mix';
		const files = recorder.files().map((file) => ({ ...file, mixedAllUser, isPlayable: true }));
		const details = { status: 0, ...(!this.#isWeb && { fileList: files }) };
		if (isBackup) this.#emit(32, SERVICE.uploader, 'backuped', details);
		else this.#emit(31, SERVICE.uploader, 'uploaded', details);
	}

	get #isWeb(): boolean {
		return this.#parameters.mode === 'web';
	}

	/** @param utcMs when it happened */
	#changeStreams(publishing: Publisher[], utcMs: number): void {
		if (this.#isWeb) return;
		const emit = (state: number) => (streams: Publisher[], others: Publisher[]) => {
			for (const { uid } of streams) {
				if (others.some((other) => other.uid === uid)) continue;
				const details = { streamUid: Number(uid), state, utcMs };
				this.#emit(44, SERVICE.recorder, 'recorder_video_stream_state_changed', details);
				this.#emit(43, SERVICE.recorder, 'recorder_audio_stream_state_changed', details);
			}
		};
		emit(RECEIVING)(publishing, this.#publishing);
		emit(NOT_RECEIVING)(this.#publishing, publishing);
		this.#publishing = publishing;
	}

	#emit(eventType: number, serviceType: number, msgName: string, details: object): void {
		const { appId, sid, cname, uid, startRequest } = this.#parameters;
		const isSnapshot = startRequest.snapshotConfig && !startRequest.recordingFileConfig;
		this.#send({ appId, sid }, eventType, {
			cname,
			uid,
			sid,
			sequence: this.#sequence++,
			sendts: Date.now(),
			serviceType,
			serviceScene: this.#isWeb ? 'web_record' : isSnapshot ? 'rtc_snapshot' : 'rtc_record',
			details: { msgName, ...details },
		});
	}
}
