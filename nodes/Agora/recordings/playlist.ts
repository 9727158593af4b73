export interface Playlist {
	/** Whether it carries `#EXT-X-ENDLIST`: nothing will be added. */
	ended: boolean;
	/** Sum of its slices' durations, in seconds. */
	durationSeconds: number;
}

const DURATION = /^#EXTINF:\s*([\d.]+)/gm;
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
	let durationSeconds = 0;
	for (const [, seconds] of text.matchAll(DURATION)) durationSeconds += Number(seconds) || 0;
	return { ended: /^#EXT-X-ENDLIST/m.test(text), durationSeconds };
}

function readManifest(text: string): Playlist {
	const [hours = 0, minutes = 0, seconds = 0] = (DASH_DURATION.exec(text) ?? [])
		.slice(1)
		.map((part) => Number(part ?? 0));
	return {
		ended: !/type="dynamic"/.test(text),
		durationSeconds: hours * 3600 + minutes * 60 + seconds,
	};
}
