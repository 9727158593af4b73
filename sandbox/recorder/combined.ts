import { dashManifest } from './manifest.ts';
import { masterPlaylist } from './playlist.ts';
import type { Track } from './track.ts';

/**
 * The files that standard stream mode adds for each user: a master playlist of the audio and the video playlist,
 * and for VP8 a DASH manifest of their slices.
 */
export class CombinedFiles {
	readonly audio: Track;
	readonly video: Track;
	/** The uploaded files. */
	readonly files: string[] = [];
	/** The state of both tracks when the manifest was last written. */
	#writtenState = '';

	constructor(audio: Track, video: Track) {
		this.audio = audio;
		this.video = video;
	}

	/** Writes the files that have changed since the last call. */
	async refresh(): Promise<void> {
		const tracks = [this.audio, this.video];
		if (tracks.every(({ slices }) => slices.length === 0)) return;
		const { names, codec, put } = this.video.settings;
		const { playlist, manifest } = names.combined;
		if (!this.files.includes(playlist)) {
			const text = masterPlaylist(this.audio.settings.names.playlist, names.playlist, codec);
			await put(playlist, 'application/x-mpegURL', Buffer.from(text));
			this.files.push(playlist);
		}
		const state = tracks.map(({ slices, closed }) => `${slices.length} ${closed}`).join();
		if (codec !== 'vp8' || state === this.#writtenState) return;
		const streams = (['video', 'audio'] as const).map((type) => ({
			type,
			slices: this[type].slices.map(({ names: [name], ...slice }) => ({ ...slice, name: name! })),
		}));
		const ended = tracks.every(({ closed }) => closed);
		await put(manifest, 'application/dash+xml', Buffer.from(dashManifest(streams, ended)));
		if (!this.files.includes(manifest)) this.files.push(manifest);
		this.#writtenState = state;
	}
}
