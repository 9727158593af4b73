import type { Mode, StartRequest } from '../agora/recordingRequest.ts';
import { mp3, mp4, picture, PIECE_SECONDS, PIECES, transportStream } from './clip.ts';
import { fileNames, type FileNames, type TrackType } from './fileNames.ts';
import { playlist, type Slice } from './playlist.ts';
import { objectKey, upload } from './storage.ts';

/** The user ID Agora gives for files that mix everybody. */
export const EVERYBODY = '0';

export interface RecordedFile {
	/** Object key in the bucket, prefix path included. */
	fileName: string;
	trackType: TrackType;
	uid: string;
	/** Milliseconds since 1970, when its first slice begins. */
	sliceStartTime: number;
}

interface Track {
	names: FileNames;
	uid: string;
	type: TrackType;
	slices: Slice[];
	/** Pieces of the clip recorded so far, and those not written yet. */
	pieces: number;
	waiting: number[];
	waitingSince: number;
	/** The slice that is waiting does not follow the one before. */
	discontinuous: boolean;
	/** When the last piece ended, to notice a gap. */
	endedAt: number;
	/** When its first piece began, milliseconds since 1970. */
	beganAt: number;
	/** The MP4 or MP3, once it is written. */
	film: string | null;
}

/** Writes what one session records into the customer's bucket, under Agora's names. */
export class Recorder {
	storage: StartRequest['storageConfig'];
	readonly #sid: string;
	readonly #cname: string;
	readonly #mode: Mode;
	readonly #request: StartRequest;
	readonly #sliceSeconds: number;
	readonly #screenshotAt = new Map<string, number>();
	#tracks: Track[] = [];
	#failovers = 0;
	#screenshots = 0;

	constructor(
		session: { sid: string; cname: string; mode: Mode; request: StartRequest },
		sliceSeconds: number,
	) {
		this.#sid = session.sid;
		this.#cname = session.cname;
		this.#mode = session.mode;
		this.#request = session.request;
		this.#sliceSeconds = sliceSeconds;
		this.storage = session.request.storageConfig;
	}

	/** Whether anything at all is in the bucket, or in an MP3, which comes when all is over. */
	get recorded(): boolean {
		const holdsSome = ({ slices, pieces }: Track) => (this.#onlyMp3 ? pieces : slices.length) > 0;
		return this.#screenshots > 0 || this.#tracks.some(holdsSome);
	}

	/** Playlists, MP4s and MP3s that are in the bucket by now; screenshots are in no list of Agora's. */
	files(): RecordedFile[] {
		return this.#tracks.flatMap(({ names, uid, type, slices, film, beganAt }) =>
			[...(slices.length > 0 ? [names.playlist] : []), ...(film ? [film] : [])].map((name) => ({
				fileName: objectKey(this.storage, name),
				trackType: type,
				uid,
				sliceStartTime: beganAt,
			})),
		);
	}

	/**
	 * Records the next PIECE_SECONDS of these users.
	 *
	 * @param uids who publishes
	 * @param utc milliseconds since 1970, when the piece begins
	 * @throws StorageRefused when the bucket does not take it
	 */
	async record(uids: string[], utc: number): Promise<void> {
		for (const uid of this.#mixes ? [EVERYBODY] : uids) {
			for (const type of this.#trackTypes()) await this.#addPiece(this.#track(uid, type), utc);
			await this.#takeScreenshot(uid, utc);
		}
	}

	/** Writes what is waiting, closes the playlists and writes the MP4s, or the MP3s. */
	async finish(): Promise<void> {
		for (const track of this.#tracks) {
			if (this.#onlyMp3) {
				await upload(this.storage, track.names.mp3, 'audio/mpeg', mp3(track.pieces));
				track.film = track.names.mp3;
				continue;
			}
			await this.#writeSlice(track);
			await this.#writePlaylist(track, true);
			if (!this.#fileTypes().includes('mp4')) continue;
			await upload(this.storage, track.names.mp4, 'video/mp4', mp4(track.pieces));
			track.film = track.names.mp4;
		}
	}

	/**
	 * The recording server broke and another one goes on: new files, their names led by `bak<n>_`.
	 * The old playlist is never closed.
	 */
	failOver(): void {
		this.#tracks = [];
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

	#trackTypes(): TrackType[] {
		if (this.#request.snapshotConfig && !this.#request.recordingFileConfig) return [];
		if (this.#onlyMp3) return ['audio'];
		const streams = this.#request.recordingConfig?.streamTypes ?? 2;
		if (streams === 0) return ['audio'];
		if (streams === 1) return ['video'];
		return this.#mode === 'individual' ? ['audio', 'video'] : ['audio_and_video'];
	}

	#names(uid: string, type: TrackType): FileNames {
		const sid = this.#failovers > 0 ? `bak${this.#failovers - 1}_${this.#sid}` : this.#sid;
		return fileNames(sid, this.#cname, this.#mode, uid, type);
	}

	#track(uid: string, type: TrackType): Track {
		const known = this.#tracks.find((track) => track.uid === uid && track.type === type);
		if (known) return known;
		const track: Track = {
			names: this.#names(uid, type),
			uid,
			type,
			slices: [],
			pieces: 0,
			waiting: [],
			waitingSince: 0,
			discontinuous: false,
			endedAt: 0,
			beganAt: 0,
			film: null,
		};
		this.#tracks.push(track);
		return track;
	}

	async #addPiece(track: Track, utc: number): Promise<void> {
		if (track.pieces === 0) track.beganAt = utc;
		if (this.#onlyMp3) {
			track.pieces += 1;
			return;
		}
		const gap = track.pieces > 0 && utc - track.endedAt > 1;
		const clipStartsOver = track.pieces > 0 && track.pieces % PIECES === 0;
		if (gap || clipStartsOver) await this.#writeSlice(track);
		if (track.waiting.length === 0) {
			track.waitingSince = utc;
			track.discontinuous = gap || clipStartsOver;
		}
		track.waiting.push(track.pieces);
		track.pieces += 1;
		track.endedAt = utc + PIECE_SECONDS * 1000;
		if (track.waiting.length * PIECE_SECONDS >= this.#sliceSeconds) {
			await this.#writeSlice(track);
			await this.#writePlaylist(track, false);
		}
	}

	async #writeSlice(track: Track): Promise<void> {
		if (track.waiting.length === 0) return;
		const name = track.names.slice(track.waitingSince);
		await upload(this.storage, name, 'video/MP2T', transportStream(track.waiting));
		track.slices.push({
			name,
			utc: track.waitingSince,
			seconds: track.waiting.length * PIECE_SECONDS,
			discontinuous: track.discontinuous,
		});
		track.waiting = [];
	}

	async #writePlaylist(track: Track, ended: boolean): Promise<void> {
		const correctExtinf = /"correctEXTINF"\s*:\s*true/.test(
			this.#request.recordingConfig?.privateParams ?? '',
		);
		const text = playlist(track.slices, track.type, { ended, correctExtinf });
		await upload(this.storage, track.names.playlist, 'application/x-mpegURL', Buffer.from(text));
	}

	async #takeScreenshot(uid: string, utc: number): Promise<void> {
		const config = this.#request.snapshotConfig;
		if (!config || utc < (this.#screenshotAt.get(uid) ?? 0)) return;
		this.#screenshotAt.set(uid, utc + (config.captureInterval ?? 10) * 1000);
		const name = this.#names(uid, 'video').screenshot(utc);
		await upload(this.storage, name, 'image/jpeg', picture());
		this.#screenshots += 1;
	}
}
