/** One stream of a DASH manifest. */
export interface Stream {
	type: 'audio' | 'video';
	slices: Array<{ name: string; utc: number; seconds: number }>;
}

const CODECS = { audio: 'opus', video: 'vp8' };

/**
 * A DASH manifest (ISO/IEC 23009-1) of WebM slices: `type="dynamic"` while slices may be added, afterwards
 * `type="static"` with the whole duration, including gaps. Agora documents that VP8 is recorded as DASH, but not
 * the content of the manifest.
 */
export function dashManifest(streams: Stream[], ended: boolean): string {
	const slices = streams.flatMap((stream) => stream.slices);
	const start = Math.min(...slices.map(({ utc }) => utc));
	const end = Math.max(...slices.map(({ utc, seconds }) => utc + seconds * 1000));
	const kind = ended
		? `type="static" mediaPresentationDuration="PT${((end - start) / 1000).toFixed(3)}S"`
		: `type="dynamic" availabilityStartTime="${new Date(start).toISOString()}" minimumUpdatePeriod="PT15S"`;
	return [
		'<?xml version="1.0" encoding="utf-8"?>',
		`<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:full:2011" minBufferTime="PT2S" ${kind}>`,
		'\t<Period id="0" start="PT0S">',
		...streams.flatMap(({ type, slices }, id) => [
			`\t\t<AdaptationSet contentType="${type}" segmentAlignment="true">`,
			`\t\t\t<Representation id="${id}" mimeType="${type}/webm" codecs="${CODECS[type]}" bandwidth="24000">`,
			'\t\t\t\t<SegmentList timescale="1000">',
			'\t\t\t\t\t<SegmentTimeline>',
			...slices.map(
				({ utc, seconds }) => `\t\t\t\t\t\t<S t="${utc - start}" d="${seconds * 1000}"/>`,
			),
			'\t\t\t\t\t</SegmentTimeline>',
			...slices.map(({ name }) => `\t\t\t\t\t<SegmentURL media="${name}"/>`),
			'\t\t\t\t</SegmentList>',
			'\t\t\t</Representation>',
			'\t\t</AdaptationSet>',
		]),
		'\t</Period>',
		'</MPD>',
		'',
	].join('\n');
}
