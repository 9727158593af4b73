import type { RecordedObject } from './sessionFiles';

export interface Slice {
	/** As the playlist writes it: the name of an object beside the playlist. */
	uri: string;
	/** The object with the header that fragments of MP4 need before them (`#EXT-X-MAP`); null for none. */
	init: string | null;
	/** Seconds. */
	duration: number;
}

export interface Playlist {
	/** Whether it carries `#EXT-X-ENDLIST`: nothing will be added. */
	ended: boolean;
	/** Sum of its slices' durations, in seconds. */
	durationSeconds: number;
	/** In the order in which they play. None in a DASH manifest, or in a list of other playlists. */
	slices: Slice[];
	/** Whether it only lists other playlists, as the third one of a user in Agora's standard stream mode does. */
	isMaster: boolean;
	/** Whether its slices are whole objects in the clear: neither parts of larger ones nor encrypted. */
	plain: boolean;
}

/** A playlist of a session, and the object that it was read from. */
export interface LoadedPlaylist extends Playlist {
	object: RecordedObject;
}

const DURATION = /^#EXTINF:\s*([\d.]+)/;
const NOT_PLAIN = /^#EXT-X-(?:BYTERANGE:|MAP:[^]*BYTERANGE=|KEY:(?![^]*METHOD=NONE))/;
const MASTER = /^#EXT-X-(?:STREAM-INF|MEDIA):/;
const DASH_DURATION =
	/mediaPresentationDuration="P(?:\d+Y)?(?:\d+M)?(?:\d+D)?T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?"/;

/**
 * Reads an HLS playlist as Agora writes it (`#EXTINF:<seconds>` may lack its comma), or a DASH manifest,
 * where `type="static"` says that it is finished.
 *
 * Source: Agora, cloud recording, recorded files; RFC 8216; ISO 23009-1 for the manifest.
 */
export function readPlaylist(text: string): Playlist {
	if (text.includes('<MPD')) return readManifest(text);
	const lines = text.split('\n').map((line) => line.trim());
	return {
		ended: lines.some((line) => line.startsWith('#EXT-X-ENDLIST')),
		durationSeconds: lines.reduce((sum, line) => sum + readNumber(DURATION.exec(line)?.[1]), 0),
		slices: readSlices(lines),
		isMaster: lines.some((line) => MASTER.test(line)),
		plain: !lines.some((line) => NOT_PLAIN.test(line)),
	};
}

/** @returns whether a text is a playlist or a manifest at all, not an error page or a file that was cut to nothing */
export function isPlaylist(text: string): boolean {
	return text.includes('#EXT') || text.includes('<MPD');
}

function readSlices(lines: string[]): Slice[] {
	const slices: Slice[] = [];
	let init: string | null = null;
	let duration: number | null = null;
	for (const line of lines) {
		if (line.startsWith('#EXTINF:')) duration = readNumber(DURATION.exec(line)?.[1]);
		if (line.startsWith('#EXT-X-MAP:')) init = /URI="([^"]*)"/.exec(line)?.[1] ?? null;
		if (line === '' || line.startsWith('#')) continue;
		if (duration !== null) slices.push({ uri: line, init, duration });
		duration = null;
	}
	return slices;
}

function readManifest(text: string): Playlist {
	const [hours = 0, minutes = 0, seconds = 0] = (DASH_DURATION.exec(text) ?? [])
		.slice(1)
		.map(readNumber);
	return {
		ended: !/type="dynamic"/.test(text),
		durationSeconds: hours * 3600 + minutes * 60 + seconds,
		slices: [],
		isMaster: false,
		plain: true,
	};
}

/** Thirty years: who writes more than that writes nonsense, and with it no date could be told. */
const MOST = 1e9;

function readNumber(text: string | undefined): number {
	const number = Number(text);
	return number <= MOST ? number : 0;
}
