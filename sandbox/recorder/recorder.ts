import { serviceParam, type StartRequest } from '../agora/recordingRequest.ts';
import type { Mode } from '../agora/schema/requests.ts';
import { picture } from './clip.ts';
import { Combined } from './combined.ts';
import { fileNames, nameable, type Codec, type FileNames, type TrackType } from './fileNames.ts';
import type { RecorderOptions } from './options.ts';
import { objectKey, upload } from './storage.ts';
import { Track } from './track.ts';

/** The user ID Agora gives for files that mix everybody. */
export const EVERYBODY = '0';

/** Somebody who sends audio and video. */
export interface Publisher {
	uid: string;
	codec: Codec;
}

export interface RecordedFile {
	/** Object key in the bucket, prefix path included. */
	fileName: string;
	trackType: TrackType;
	uid: string;
	/** Milliseconds since 1970, when its first slice begins. */
	sliceStartTime: number;
}

const MP4_SECONDS = 2 * 3600;

/** Writes what one session records into the customer's bucket, under Agora's names. */
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
	#combined: Combined[] = [];
	#failovers = 0;
	/** Whether a recorder that broke had captured something. */
	#lostSome = false;
	#screenshots = 0;

	constructor(
		session: { sid: string; cname: string; mode: Mode; request: StartRequest },
		sliceSeconds: number,
		options: RecorderOptions,
	) {
		this.#sid = session.sid;
		this.#cname = session.cname;
		this.#mode = session.mode;
		this.#request = session.request;
		this.#sliceSeconds = sliceSeconds;
		this.#options = options;
		this.storage = session.request.storageConfig;
	}

	/** Whether another recorder has taken over. */
	get isReplaced(): boolean {
		return this.#failovers > 0;
	}

	/** Whether anything at all is in the bucket, or in an MP3, which comes when all is over. */
	get recorded(): boolean {
		const holdsSome = ({ slices, pieces }: Track) => (this.#onlyMp3 ? pieces : slices.length) > 0;
		return this.#screenshots > 0 || this.#tracks.some(holdsSome);
	}

	/** Whether anything was recorded, uploaded or not. */
	get captured(): boolean {
		const holdsSome = this.#screenshots > 0 || this.#tracks.some(({ pieces }) => pieces > 0);
		return holdsSome || this.#lostSome;
	}

	/** Playlists, MP4s and MP3s that are in the bucket by now; screenshots are in no list of Agora's. */
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
				return listed(track, [...playlists, ...track.films]);
			}),
			...this.#combined.flatMap(({ video, files }) => listed(video, files, 'audio_and_video')),
		];
	}

	/**
	 * Records the next PIECE_SECONDS. The playlists of users who are gone are closed, and opened again
	 * should they come back.
	 *
	 * @param publishing who sends audio and video
	 * @param present IDs of all users in the channel, those who send nothing too
	 * @param utc milliseconds since 1970, when the piece begins
	 * @throws StorageRefused when the bucket does not take it
	 */
	async record(publishing: Publisher[], present: string[], utc: number): Promise<void> {
		const everybody: Publisher[] = publishing.length > 0 ? [{ uid: EVERYBODY, codec: 'h264' }] : [];
		const publishers = this.#mixes ? everybody : publishing;
		for (const publisher of publishers) {
			for (const track of this.#tracksOf(publisher)) await track.addPiece(utc);
			await this.#takeScreenshot(publisher, utc);
		}
		for (const track of this.#tracks) {
			const { uid } = track.settings;
			if (publishers.some((publisher) => publisher.uid === uid)) continue;
			if (this.#mixes || this.#onlyMp3 || present.includes(uid)) await track.pause();
			else await track.close();
		}
		for (const combined of this.#combined) await combined.refresh();
	}

	/** Writes what is waiting and closes the playlists, or writes the MP3s. */
	async finish(): Promise<void> {
		for (const track of this.#tracks) await track.close();
		for (const combined of this.#combined) await combined.refresh();
	}

	/** Writes the MP4s that were still growing. */
	async writeLastMp4s(): Promise<void> {
		for (const track of this.#tracks) await track.writeMp4();
	}

	/**
	 * The recording server broke and another one goes on: new files, their names led by `bak<n>_`.
	 * The old playlist is never closed.
	 */
	failOver(): void {
		this.#lostSome ||= this.captured;
		this.#tracks = [];
		this.#combined = [];
		this.#failovers += 1;
	}

	get #mixes(): boolean {
		return this.#mode === 'mix' || this.#mode === 'web';
	}

	#fileTypes(): string[] {
		return this.#request.recordingFileConfig?.avFileType ?? ['hls'];
	}

	get #onlyMp3(): boolean {
		return this.#fileTypes().includes('mp3');
	}

	get #standard(): boolean {
		if (this.#mode !== 'individual') return false;
		const asked = this.#request.recordingConfig?.streamMode === 'standard';
		return asked || this.#options.standardStreams;
	}

	#trackTypes(): TrackType[] {
		if (this.#request.snapshotConfig && !this.#request.recordingFileConfig) return [];
		if (this.#onlyMp3) return ['audio'];
		const streams = this.#request.recordingConfig?.streamTypes ?? 2;
		if (streams === 0) return ['audio'];
		if (streams === 1) return ['video'];
		return this.#mode === 'individual' ? ['audio', 'video'] : ['audio_and_video'];
	}

	#names({ uid, codec }: Publisher, type: TrackType): FileNames {
		const keepsUnderscores = !this.#mixes || this.#options.compositeUnderscores === 'kept';
		return fileNames({
			sid: this.isReplaced ? `bak${this.#failovers - 1}_${this.#sid}` : this.#sid,
			channel: nameable(this.#cname, keepsUnderscores),
			mode: this.#mode,
			uid,
			type,
			codec,
			standard: this.#standard,
		});
	}

	/** The tracks of a user, or of everybody; new ones when nothing was recorded of them before. */
	#tracksOf(publisher: Publisher): Track[] {
		const known = this.#tracks.filter(({ settings }) => settings.uid === publisher.uid);
		if (known.length > 0) return known;
		const tracks = this.#trackTypes().map((type) => this.#newTrack(publisher, type));
		this.#tracks.push(...tracks);
		const [audio, video] = tracks;
		if (this.#standard && audio && video) this.#combined.push(new Combined(audio, video));
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
			onlyMp3: this.#onlyMp3,
			correctExtinf: /"correctEXTINF"\s*:\s*true/.test(recordingConfig?.privateParams ?? ''),
			put: (name, contentType, body) => upload(this.storage, name, contentType, body),
		});
	}

	async #takeScreenshot(publisher: Publisher, utc: number): Promise<void> {
		const config = this.#request.snapshotConfig;
		if (!config || utc < (this.#screenshotAt.get(publisher.uid) ?? 0)) return;
		this.#screenshotAt.set(publisher.uid, utc + (config.captureInterval ?? 10) * 1000);
		const name = this.#names(publisher, 'video').screenshot(utc);
		await upload(this.storage, name, 'image/jpeg', picture());
		this.#screenshots += 1;
	}
}
