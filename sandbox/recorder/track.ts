import { mp3, mp4, PIECE_SECONDS, PIECES, transportStream, webm } from './clip.ts';
import { DASH_STREAMS, type Codec, type FileNames, type TrackType } from './fileNames.ts';
import { dashManifest } from './manifest.ts';
import { playlist, type Slice } from './playlist.ts';

/** Uploads a file to the bucket. */
export type Put = (name: string, contentType: string, body: Buffer) => Promise<void>;

export interface TrackSettings {
	uid: string;
	type: TrackType;
	codec: Codec;
	names: FileNames;
	sliceSeconds: number;
	/** Seconds of recording after which a new MP4 begins; null for no MP4. */
	mp4Seconds: number | null;
	/** Whether to write only an MP3, at the end. */
	mp3Only: boolean;
	/** Whether to write `#EXTINF` with its comma. */
	correctExtinf: boolean;
	put: Put;
}

const CONTENT_TYPES: Record<string, string> = {
	ts: 'video/MP2T',
	webm: 'video/webm',
	m3u8: 'application/x-mpegURL',
	mpd: 'application/dash+xml',
};
const contentType = (name: string) => CONTENT_TYPES[name.slice(name.lastIndexOf('.') + 1)]!;

/** The recording of one user, or of all users: slices, their playlist, and MP4s or an MP3. */
export class Track {
	readonly settings: TrackSettings;
	readonly slices: Slice[] = [];
	/** The uploaded MP4s, or the MP3. */
	readonly files: string[] = [];
	/** When its first piece begins, milliseconds since 1970. */
	beganAt = 0;
	/** How many pieces of the clip have been recorded. */
	pieces = 0;
	/** Whether its playlist is closed. It is reopened when the user returns. */
	closed = false;
	/** Numbers of the pieces of the slice that is not written yet, and when the first of them begins. */
	#pending: number[] = [];
	#pendingSince = 0;
	/** Whether this slice follows a gap, or the end of the clip. */
	#pendingAfter: { gap: boolean; lap: boolean } = { gap: true, lap: false };
	/** When the last piece ended, to detect a gap. */
	#endedAt = 0;
	#mp4Pieces = 0;

	constructor(settings: TrackSettings) {
		this.settings = settings;
	}

	/** @param utc when the piece begins, milliseconds since 1970 */
	async addPiece(utc: number): Promise<void> {
		if (this.pieces === 0) this.beganAt = utc;
		if (this.settings.mp3Only) {
			this.pieces += 1;
			return;
		}
		const gap = this.pieces === 0 || utc - this.#endedAt > 1;
		const lap = this.pieces > 0 && this.pieces % PIECES === 0;
		if (gap || lap) await this.#writeSlice();
		if (this.#pending.length === 0) {
			this.#pendingSince = utc;
			this.#pendingAfter = { gap, lap };
		}
		this.closed = false;
		this.#pending.push(this.pieces);
		this.pieces += 1;
		this.#mp4Pieces += 1;
		this.#endedAt = utc + PIECE_SECONDS * 1000;
		if (this.#pending.length * PIECE_SECONDS >= this.settings.sliceSeconds) await this.pause();
		const { mp4Seconds } = this.settings;
		if (mp4Seconds !== null && this.#mp4Pieces * PIECE_SECONDS >= mp4Seconds) await this.writeMp4();
	}

	/** Writes the pending slice, because the user sends nothing at the moment. */
	async pause(): Promise<void> {
		if (this.#pending.length === 0) return;
		await this.#writeSlice();
		await this.#writePlaylist();
	}

	/** Writes the pending slice and closes the playlist, or writes the MP3, because the user has left. */
	async close(): Promise<void> {
		if (this.closed) return;
		this.closed = true;
		if (this.settings.mp3Only) {
			const { mp3: name } = this.settings.names;
			await this.settings.put(name, 'audio/mpeg', mp3(this.pieces));
			this.files.push(name);
			return;
		}
		await this.#writeSlice();
		await this.#writePlaylist();
	}

	/** Writes an MP4 of the pieces that are not in one yet. */
	async writeMp4(): Promise<void> {
		if (this.settings.mp4Seconds === null || this.#mp4Pieces === 0) return;
		const name = this.settings.names.mp4(this.files.length);
		const content = mp4(this.#mp4Pieces);
		this.#mp4Pieces = 0;
		await this.settings.put(name, 'video/mp4', content);
		this.files.push(name);
	}

	async #writeSlice(): Promise<void> {
		if (this.#pending.length === 0) return;
		const { gap, lap } = this.#pendingAfter;
		const names = this.settings.names.slices(this.#pendingSince, this.slices.length);
		for (const name of names) {
			const type = contentType(name);
			const media = name.endsWith('.webm') ? webm(this.#pending) : transportStream(this.#pending);
			await this.settings.put(name, type, media);
		}
		this.slices.push({
			names,
			utc: this.#pendingSince,
			seconds: this.#pending.length * PIECE_SECONDS,
			discontinuous: this.slices.length > 0 && (gap || lap),
			afterGap: gap,
		});
		this.#pending = [];
	}

	async #writePlaylist(): Promise<void> {
		const { names, type, correctExtinf, put } = this.settings;
		const text = names.playlist.endsWith('.mpd')
			? dashManifest(dashStreams(this.slices), this.closed)
			: playlist(this.slices, type, { ended: this.closed, correctExtinf });
		await put(names.playlist, contentType(names.playlist), Buffer.from(text));
	}
}

function dashStreams(slices: Slice[]) {
	return DASH_STREAMS.map((type, stream) => ({
		type,
		slices: slices.map(({ names, utc, seconds }) => ({ name: names[stream]!, utc, seconds })),
	}));
}
