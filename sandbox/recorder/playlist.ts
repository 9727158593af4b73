import type { TrackType } from './fileNames.ts';

export interface Slice {
	name: string;
	/** Milliseconds since 1970, when it begins. */
	utc: number;
	seconds: number;
	/** Its timestamps do not follow those of the slice before. */
	discontinuous: boolean;
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
	const start = slices[0]?.utc ?? 0;
	const longest = Math.max(1, ...slices.map((slice) => slice.seconds));
	return [
		'#EXTM3U',
		'#EXT-X-VERSION:3',
		'#EXT-X-MEDIA-SEQUENCE:0',
		'#EXT-X-ALLOW-CACHE:YES',
		`#EXT-X-TARGETDURATION:${Math.ceil(longest)}`,
		...EVENT_TRACKS[type].map(
			(track) => `#EXT-X-AGORA-TRACK-EVENT:EVENT=START,TRACK_TYPE=${track},TIME=${start}`,
		),
		...slices.flatMap((slice) => [
			...(slice.discontinuous ? ['#EXT-X-DISCONTINUITY'] : []),
			`#EXTINF:${slice.seconds.toFixed(6)}${correctExtinf ? ',' : ''}`,
			slice.name,
		]),
		...(ended ? ['#EXT-X-ENDLIST'] : []),
		'',
	].join('\n');
}
