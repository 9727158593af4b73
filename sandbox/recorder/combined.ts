import { dashManifest } from './manifest.ts';
import { masterPlaylist } from './playlist.ts';
import type { Track } from './track.ts';

/**
 * What standard stream mode adds to the two tracks of a user: a playlist that lists theirs, and for
 * VP8 a DASH manifest of their slices.
 */
export class Combined {
	readonly audio: Track;
	readonly video: Track;
	/** Files that are in the bucket. */
	readonly files: string[] = [];
	/** What the manifest was last written of. */
	#written = '';

	constructor(audio: Track, video: Track) {
		this.audio = audio;
		this.video = video;
	}

	/** Writes what has changed since the last call. */
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
		if (codec !== 'vp8' || state === this.#written) return;
		const streams = (['video', 'audio'] as const).map((type) => ({
			type,
			slices: this[type].slices.map(({ names: [name], ...slice }) => ({ ...slice, name: name! })),
		}));
		const ended = tracks.every(({ closed }) => closed);
		await put(manifest, 'application/dash+xml', Buffer.from(dashManifest(streams, ended)));
		if (!this.files.includes(manifest)) this.files.push(manifest);
		this.#written = state;
	}
}
