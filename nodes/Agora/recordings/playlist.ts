import type { RecordedObject } from './sessionFiles';

export interface Segment {
	/** As in the playlist: the name of an object in the same folder. */
	uri: string;
	/** The object with the header that must precede fragments of MP4 (`#EXT-X-MAP`); null for none. */
	init: string | null;
	/** Seconds. */
	duration: number;
}

export interface Playlist {
	/** Whether it contains `#EXT-X-ENDLIST`: nothing will be added. */
	ended: boolean;
	/** Sum of its segments' durations, in seconds. */
	durationSeconds: number;
	/** In playback order. Empty for a DASH manifest or a master playlist. */
	segments: Segment[];
	/** Whether it only lists other playlists, as the third one of a user does in Agora's standard stream mode. */
	isMaster: boolean;
	/** Whether its segments are whole, unencrypted objects. */
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
		segments: readSegments(lines),
		isMaster: lines.some((line) => MASTER.test(line)),
		plain: !lines.some((line) => NOT_PLAIN.test(line)),
	};
}

/** @returns whether a file is a playlist or a manifest, and not an error page or empty */
export function isPlaylist(text: string): boolean {
	return text.includes('#EXT') || text.includes('<MPD');
}

function readSegments(lines: string[]): Segment[] {
	const segments: Segment[] = [];
	let init: string | null = null;
	let duration: number | null = null;
	for (const line of lines) {
		if (line.startsWith('#EXTINF:')) duration = readNumber(DURATION.exec(line)?.[1]);
		if (line.startsWith('#EXT-X-MAP:')) init = /URI="([^"]*)"/.exec(line)?.[1] ?? null;
		if (line === '' || line.startsWith('#')) continue;
		if (duration !== null) segments.push({ uri: line, init, duration });
		duration = null;
	}
	return segments;
}

function readManifest(text: string): Playlist {
	const [hours = 0, minutes = 0, seconds = 0] = (DASH_DURATION.exec(text) ?? [])
		.slice(1)
		.map(readNumber);
	return {
		ended: !/type="dynamic"/.test(text),
		durationSeconds: hours * 3600 + minutes * 60 + seconds,
		segments: [],
		isMaster: false,
		plain: true,
	};
}

/** Thirty years in seconds: a longer duration is invalid, and would make the end of the recording an invalid date. */
const MAX_SECONDS = 1e9;

function readNumber(text: string | undefined): number {
	const number = Number(text);
	return number <= MAX_SECONDS ? number : 0;
}
