import { mp3, mp4, PIECE_SECONDS, PIECES, transportStream, webm } from './clip.ts';
import { DASH_STREAMS, type Codec, type FileNames, type TrackType } from './fileNames.ts';
import { dashManifest } from './manifest.ts';
import { playlist, type Slice } from './playlist.ts';

/** Puts a file into the bucket. */
export type Put = (name: string, contentType: string, body: Buffer) => Promise<void>;

export interface TrackSettings {
	uid: string;
	type: TrackType;
	codec: Codec;
	names: FileNames;
	sliceSeconds: number;
	/** A new MP4 begins after so many seconds of recording; null for no MP4. */
	mp4Seconds: number | null;
	/** Nothing but an MP3 at the end. */
	onlyMp3: boolean;
	/** `#EXTINF` with its comma. */
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

/** What is recorded of one user, or of everybody: slices, their playlist, and MP4s or an MP3. */
export class Track {
	readonly settings: TrackSettings;
	readonly slices: Slice[] = [];
	/** MP4s, or the MP3, that are in the bucket. */
	readonly films: string[] = [];
	/** When its first piece began, milliseconds since 1970. */
	beganAt = 0;
	/** Pieces of the clip recorded so far. */
	pieces = 0;
	/** Its playlist is closed; it opens again when the user comes back. */
	closed = false;
	/** Pieces that are in no slice yet, and when the first of them began. */
	#waiting: number[] = [];
	#waitingSince = 0;
	#waitingAfter: { gap: boolean; lap: boolean } = { gap: true, lap: false };
	/** When the last piece ended, to notice a gap. */
	#endedAt = 0;
	#mp4Pieces = 0;

	constructor(settings: TrackSettings) {
		this.settings = settings;
	}

	/** @param utc milliseconds since 1970, when the piece begins */
	async addPiece(utc: number): Promise<void> {
		if (this.pieces === 0) this.beganAt = utc;
		if (this.settings.onlyMp3) {
			this.pieces += 1;
			return;
		}
		const gap = this.pieces === 0 || utc - this.#endedAt > 1;
		const lap = this.pieces > 0 && this.pieces % PIECES === 0;
		if (gap || lap) await this.#writeSlice();
		if (this.#waiting.length === 0) {
			this.#waitingSince = utc;
			this.#waitingAfter = { gap, lap };
		}
		this.closed = false;
		this.#waiting.push(this.pieces);
		this.pieces += 1;
		this.#mp4Pieces += 1;
		this.#endedAt = utc + PIECE_SECONDS * 1000;
		if (this.#waiting.length * PIECE_SECONDS >= this.settings.sliceSeconds) await this.pause();
		const { mp4Seconds } = this.settings;
		if (mp4Seconds !== null && this.#mp4Pieces * PIECE_SECONDS >= mp4Seconds) await this.writeMp4();
	}

	/** Nothing comes for now: writes what is waiting. */
	async pause(): Promise<void> {
		if (this.#waiting.length === 0) return;
		await this.#writeSlice();
		await this.#writePlaylist();
	}

	/** Nothing comes any more: writes what is waiting and closes the playlist, or writes the MP3. */
	async close(): Promise<void> {
		if (this.closed) return;
		this.closed = true;
		if (this.settings.onlyMp3) {
			const { mp3: name } = this.settings.names;
			await this.settings.put(name, 'audio/mpeg', mp3(this.pieces));
			this.films.push(name);
			return;
		}
		await this.#writeSlice();
		await this.#writePlaylist();
	}

	/** Writes the MP4 of what is in none yet. */
	async writeMp4(): Promise<void> {
		if (this.settings.mp4Seconds === null || this.#mp4Pieces === 0) return;
		const name = this.settings.names.mp4(this.films.length);
		const film = mp4(this.#mp4Pieces);
		this.#mp4Pieces = 0;
		await this.settings.put(name, 'video/mp4', film);
		this.films.push(name);
	}

	async #writeSlice(): Promise<void> {
		if (this.#waiting.length === 0) return;
		const { gap, lap } = this.#waitingAfter;
		const names = this.settings.names.slices(this.#waitingSince, this.slices.length);
		for (const name of names) {
			const type = contentType(name);
			const media = name.endsWith('.webm') ? webm(this.#waiting) : transportStream(this.#waiting);
			await this.settings.put(name, type, media);
		}
		this.slices.push({
			names,
			utc: this.#waitingSince,
			seconds: this.#waiting.length * PIECE_SECONDS,
			discontinuous: this.slices.length > 0 && (gap || lap),
			afterGap: gap,
		});
		this.#waiting = [];
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
