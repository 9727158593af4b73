import { serviceParam, type StartRequest } from '../agora/recordingRequest.ts';
import type { Mode } from '../agora/schema/requests.ts';
import { jpeg } from './clip.ts';
import { CombinedFiles } from './combined.ts';
import {
	channelInFileName,
	fileNames,
	type Codec,
	type FileNames,
	type TrackType,
} from './fileNames.ts';
import type { RecorderOptions } from './options.ts';
import { objectKey, upload } from './storage.ts';
import { Track } from './track.ts';

/** The user ID that Agora reports for files of all users. */
export const ALL_USERS = '0';

/** A user who sends audio and video. */
export interface Publisher {
	uid: string;
	codec: Codec;
}

export interface RecordedFile {
	/** Object key in the bucket, including `fileNamePrefix`. */
	fileName: string;
	trackType: TrackType;
	uid: string;
	/** When its first slice begins, milliseconds since 1970. */
	sliceStartTime: number;
}

const MP4_SECONDS = 2 * 3600;

/** Writes the files of a session to the customer's bucket, with the names that Agora uses. */
export class Recorder {
	storage: StartRequest['storageConfig'];
	readonly #sid: string;
	readonly #cname: string;
	readonly #mode: Mode;
	readonly #request: StartRequest;
	readonly #sliceSeconds: number;
	readonly #options: RecorderOptions;
	readonly #screenshotAt = new Map<string, number>();
	#tracks: Track[] = [];
	#combined: CombinedFiles[] = [];
	#failovers = 0;
	/** Whether anything was captured before the last failover. */
	#capturedBeforeFailover = false;
	#screenshots = 0;
	/** Object keys of the screenshots since the last `takeScreenshots`. */
	#newScreenshots: string[] = [];

	constructor(
		session: { sid: string; cname: string; mode: Mode; startRequest: StartRequest },
		sliceSeconds: number,
		options: RecorderOptions,
	) {
		this.#sid = session.sid;
		this.#cname = session.cname;
		this.#mode = session.mode;
		this.#request = session.startRequest;
		this.#sliceSeconds = sliceSeconds;
		this.#options = options;
		this.storage = session.startRequest.storageConfig;
	}

	/** Whether another recorder has taken over after a failure. */
	get isReplaced(): boolean {
		return this.#failovers > 0;
	}

	/** Whether any file has been uploaded, or anything captured for an MP3, which is uploaded at the end. */
	get hasFiles(): boolean {
		const hasAny = ({ slices, pieces }: Track) => (this.#isMp3Only ? pieces : slices.length) > 0;
		return this.#screenshots > 0 || this.#tracks.some(hasAny);
	}

	/** Whether anything was recorded, uploaded or not. */
	get hasCaptured(): boolean {
		const hasAny = this.#screenshots > 0 || this.#tracks.some(({ pieces }) => pieces > 0);
		return hasAny || this.#capturedBeforeFailover;
	}

	/** The uploaded playlists, MP4s and MP3s. Agora doesn't list screenshots. */
	files(): RecordedFile[] {
		const listed = (track: Track, names: string[], trackType = track.settings.type) =>
			names.map((name) => ({
				fileName: objectKey(this.storage, name),
				trackType,
				uid: track.settings.uid,
				sliceStartTime: track.beganAt,
			}));
		return [
			...this.#tracks.flatMap((track) => {
				const playlists = track.slices.length > 0 ? [track.settings.names.playlist] : [];
				return listed(track, [...playlists, ...track.files]);
			}),
			...this.#combined.flatMap(({ video, files }) => listed(video, files, 'audio_and_video')),
		];
	}

	/** Returns the object keys of the screenshots since the last call. */
	takeScreenshots(): string[] {
		return this.#newScreenshots.splice(0);
	}

	/**
	 * Records the next PIECE_SECONDS. Closes the playlists of users who have left; they are reopened if the users
	 * return.
	 *
	 * @param publishing the users who send audio and video
	 * @param present IDs of all users in the channel, including those who send nothing
	 * @param utc when the piece begins, milliseconds since 1970
	 * @throws StorageRejected when the bucket rejects an upload
	 */
	async record(publishing: Publisher[], present: string[], utc: number): Promise<void> {
		const mixed: Publisher[] = publishing.length > 0 ? [{ uid: ALL_USERS, codec: 'h264' }] : [];
		const publishers = this.#isComposite ? mixed : publishing;
		for (const publisher of publishers) {
			for (const track of this.#tracksOf(publisher)) await track.addPiece(utc);
			await this.#takeScreenshot(publisher, utc);
		}
		for (const track of this.#tracks) {
			const { uid } = track.settings;
			if (publishers.some((publisher) => publisher.uid === uid)) continue;
			if (this.#isComposite || this.#isMp3Only || present.includes(uid)) await track.pause();
			else await track.close();
		}
		for (const combined of this.#combined) await combined.refresh();
	}

	/** Writes the pending slices and closes the playlists, or writes the MP3s. */
	async finish(): Promise<void> {
		for (const track of this.#tracks) await track.close();
		for (const combined of this.#combined) await combined.refresh();
	}

	/** Writes the unfinished MP4s. */
	async writeLastMp4s(): Promise<void> {
		for (const track of this.#tracks) await track.writeMp4();
	}

	/**
	 * The recorder fails and another one takes over, with new files whose names begin with `bak<n>_`. The old
	 * playlists are never closed.
	 */
	failOver(): void {
		this.#capturedBeforeFailover ||= this.hasCaptured;
		this.#tracks = [];
		this.#combined = [];
		this.#failovers += 1;
	}

	get #isComposite(): boolean {
		return this.#mode === 'mix' || this.#mode === 'web';
	}

	#fileTypes(): string[] {
		return this.#request.recordingFileConfig?.avFileType ?? ['hls'];
	}

	get #isMp3Only(): boolean {
		return this.#fileTypes().includes('mp3');
	}

	get #isStandard(): boolean {
		if (this.#mode !== 'individual') return false;
		const isRequested = this.#request.recordingConfig?.streamMode === 'standard';
		return isRequested || this.#options.standardStreams;
	}

	#trackTypes(): TrackType[] {
		if (this.#request.snapshotConfig && !this.#request.recordingFileConfig) return [];
		if (this.#isMp3Only) return ['audio'];
		const streams = this.#request.recordingConfig?.streamTypes ?? 2;
		if (streams === 0) return ['audio'];
		if (streams === 1) return ['video'];
		return this.#mode === 'individual' ? ['audio', 'video'] : ['audio_and_video'];
	}

	#names({ uid, codec }: Publisher, type: TrackType): FileNames {
		const keepsUnderscores = !this.#isComposite || this.#options.compositeUnderscores === 'kept';
		return fileNames({
			sid: this.isReplaced ? `bak${this.#failovers - 1}_${this.#sid}` : this.#sid,
			channel: channelInFileName(this.#cname, keepsUnderscores),
			mode: this.#mode,
			uid,
			type,
			codec,
			standard: this.#isStandard,
		});
	}

	/** The tracks of a user, or of all users; created when they first send something. */
	#tracksOf(publisher: Publisher): Track[] {
		const existing = this.#tracks.filter(({ settings }) => settings.uid === publisher.uid);
		if (existing.length > 0) return existing;
		const tracks = this.#trackTypes().map((type) => this.#newTrack(publisher, type));
		this.#tracks.push(...tracks);
		const [audio, video] = tracks;
		if (this.#isStandard && audio && video) this.#combined.push(new CombinedFiles(audio, video));
		return tracks;
	}

	#newTrack(publisher: Publisher, type: TrackType): Track {
		const { recordingConfig } = this.#request;
		const web = serviceParam(this.#request, 'web_recorder_service');
		const mp4Seconds = web ? Number(web.maxVideoDuration ?? 120) * 60 : MP4_SECONDS;
		const hasMp4 = this.#fileTypes().includes('mp4') && publisher.codec === 'h264';
		return new Track({
			...publisher,
			type,
			names: this.#names(publisher, type),
			sliceSeconds: this.#sliceSeconds,
			mp4Seconds: hasMp4 ? (this.#options.mp4EverySeconds ?? mp4Seconds) : null,
			mp3Only: this.#isMp3Only,
			correctExtinf: /"correctEXTINF"\s*:\s*true/.test(recordingConfig?.privateParams ?? ''),
			put: (name, contentType, body) => upload(this.storage, name, contentType, body),
		});
	}

	async #takeScreenshot(publisher: Publisher, utc: number): Promise<void> {
		const config = this.#request.snapshotConfig;
		if (!config || utc < (this.#screenshotAt.get(publisher.uid) ?? 0)) return;
		this.#screenshotAt.set(publisher.uid, utc + (config.captureInterval ?? 10) * 1000);
		const name = this.#names(publisher, 'video').screenshot(utc);
		await upload(this.storage, name, 'image/jpeg', jpeg());
		this.#screenshots += 1;
		this.#newScreenshots.push(objectKey(this.storage, name));
	}
}
