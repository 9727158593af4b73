import type { Codec, TrackType } from './fileNames.ts';

export interface Slice {
	/** One, or one for each stream (DASH). */
	names: string[];
	/** Milliseconds since 1970, when it begins. */
	utc: number;
	seconds: number;
	/** Its timestamps do not follow those of the slice before. */
	discontinuous: boolean;
	/** Nothing was recorded right before it: the start, or the end of a silence. */
	afterGap: boolean;
}

const EVENT_TRACKS: Record<TrackType, string[]> = {
	audio: ['AUDIO'],
	video: ['VIDEO'],
	audio_and_video: ['AUDIO', 'VIDEO'],
};

/**
 * A playlist as cloud recording writes it: Agora's own tags, and `#EXTINF` without the comma the
 * HLS standard wants unless `correctExtinf` (`privateParams` of Agora) asks for it.
 *
 * @param ended adds `#EXT-X-ENDLIST`: nothing will follow
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
 * The playlist that standard stream mode adds for each user (Agora: media stream output modes): a
 * master of the audio and the video playlist (RFC 8216, 4.3.4). Agora documents neither its name nor
 * its text; both come from programs that read it. It is written once, and lists both even when the user
 * never sent one of them.
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
