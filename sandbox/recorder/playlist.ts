import type { Codec, TrackType } from './fileNames.ts';

export interface Slice {
	/** One name, or one for each stream (DASH). */
	names: string[];
	/** When it begins, milliseconds since 1970. */
	utc: number;
	seconds: number;
	/** Whether its timestamps don't continue those of the previous slice. */
	discontinuous: boolean;
	/** Whether nothing was recorded right before it: at the start, or after a silence. */
	afterGap: boolean;
}

const EVENT_TRACKS: Record<TrackType, string[]> = {
	audio: ['AUDIO'],
	video: ['VIDEO'],
	audio_and_video: ['AUDIO', 'VIDEO'],
};

/**
 * A playlist as cloud recording writes it: with Agora's own tags, and with `#EXTINF` without the comma that HLS
 * requires, unless `correctExtinf` is set (Agora: `privateParams`).
 *
 * @param ended whether to add `#EXT-X-ENDLIST`, because no slices will follow
 */
export function playlist(
	slices: Slice[],
	type: TrackType,
	{ ended, correctExtinf }: { ended: boolean; correctExtinf: boolean },
): string {
	const longest = Math.max(1, ...slices.map((slice) => slice.seconds));
	const starts = (utc: number) =>
		EVENT_TRACKS[type].map(
			(track) => `#EXT-X-AGORA-TRACK-EVENT:EVENT=START,TRACK_TYPE=${track},TIME=${utc}`,
		);
	return [
		'#EXTM3U',
		'#EXT-X-VERSION:3',
		'#EXT-X-MEDIA-SEQUENCE:0',
		'#EXT-X-ALLOW-CACHE:YES',
		`#EXT-X-TARGETDURATION:${Math.ceil(longest)}`,
		...slices.flatMap((slice) => [
			...(slice.discontinuous ? ['#EXT-X-DISCONTINUITY'] : []),
			...(slice.afterGap ? starts(slice.utc) : []),
			`#EXTINF:${slice.seconds.toFixed(6)}${correctExtinf ? ',' : ''}`,
			...slice.names,
		]),
		...(ended ? ['#EXT-X-ENDLIST'] : []),
		'',
	].join('\n');
}

const CODECS: Record<Codec, string> = { h264: 'avc1.42c00d,mp4a.40.2', vp8: 'vp8,opus' };

/**
 * The master playlist of audio and video (RFC 8216, 4.3.4) that standard stream mode adds for each user (Agora:
 * media stream output modes). Agora documents neither its name nor its content; both are inferred from programs
 * that read it. It is written once, and lists both playlists even if the user sends only one medium.
 */
export function masterPlaylist(audio: string, video: string, codec: Codec): string {
	return [
		'#EXTM3U',
		'#EXT-X-VERSION:3',
		'# Audio',
		`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,URI="${audio}"`,
		'# Video',
		`#EXT-X-STREAM-INF:BANDWIDTH=40000,CODECS="${CODECS[codec]}",AUDIO="audio"`,
		video,
		'',
	].join('\n');
}
