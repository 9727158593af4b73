import { isPlaylist, readPlaylist } from '../../../nodes/Agora/recordings/playlist';

const HEAD = `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-ALLOW-CACHE:YES
#EXT-X-TARGETDURATION:17
#EXT-X-AGORA-TRACK-EVENT:EVENT=START,TRACK_TYPE=VIDEO,TIME=20190611073246073
#EXT-X-AGORA-ROTATE:WIDTH=640,HEIGHT=360,ROTATE=90,TIME=20190611073246073
`;
const SEGMENTS = '#EXTINF:15.5\na.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:14.25\nb.ts\n';

const manifest = (attributes: string) =>
	`<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" ${attributes}><Period/></MPD>`;

describe('readPlaylist', () => {
	it.each([
		['running', `${HEAD}${SEGMENTS}`, false, 29.75],
		['finished', `${HEAD}${SEGMENTS}#EXT-X-ENDLIST\n`, true, 29.75],
		['without a last line break', `${HEAD}${SEGMENTS}#EXT-X-ENDLIST`, true, 29.75],
		['with a comma', `${HEAD}#EXTINF:15.5,\na.ts\n#EXTINF:14,title\nb.ts\n`, false, 29.5],
		['with CRLF', `${HEAD}${SEGMENTS}#EXT-X-ENDLIST\n`.replaceAll('\n', '\r\n'), true, 29.75],
		['just begun', HEAD, false, 0],
		['empty', '', false, 0],
		['a comment with the tag', `${HEAD}# no #EXT-X-ENDLIST yet\n`, false, 0],
		[
			'DASH, finished',
			manifest('type="static" mediaPresentationDuration="PT1H2M3.5S"'),
			true,
			3723.5,
		],
		['DASH, seconds only', manifest('mediaPresentationDuration="PT90S" type="static"'), true, 90],
		[
			'DASH, with all parts of a duration',
			manifest('mediaPresentationDuration="P0Y0M0DT0H1M2.5S"'),
			true,
			62.5,
		],
		['DASH, running', manifest('type="dynamic"'), false, 0],
	])('parses a playlist that is %s', (_, text, ended, durationSeconds) => {
		const playlist = readPlaylist(text);
		expect(playlist.ended).toBe(ended);
		expect(playlist.durationSeconds).toBeCloseTo(durationSeconds, 6);
	});

	it('has a duration that only grows while the playlist is written, and ends with its last tag', () => {
		const text = `${HEAD}${SEGMENTS}#EXT-X-ENDLIST`;
		const lines = text.split('\n');
		let before = 0;
		for (let n = 0; n <= lines.length; n++) {
			const { ended, durationSeconds } = readPlaylist(lines.slice(0, n).join('\n'));
			expect(durationSeconds).toBeGreaterThanOrEqual(before);
			expect(ended).toBe(n === lines.length);
			before = durationSeconds;
		}
	});

	it('lists the segments in order, each with the header that it needs', () => {
		const text = `${HEAD}${SEGMENTS}#EXT-X-MAP:URI="head.mp4"\n#EXTINF:15\nc.m4s\n#EXT-X-ENDLIST\n`;
		const segments = [
			{ uri: 'a.ts', init: null, duration: expect.any(Number) },
			{ uri: 'b.ts', init: null, duration: expect.any(Number) },
			{ uri: 'c.m4s', init: 'head.mp4', duration: 15 },
		];
		expect(readPlaylist(text)).toMatchObject({ segments, plain: true });
		expect(readPlaylist(text.replaceAll('\n', '\r\n')).segments).toEqual(segments);
	});

	it.each([
		['#EXTINF:1e999,\na.ts\n', 1],
		[`#EXTINF:${'9'.repeat(400)},\na.ts\n#EXTINF:2,\nb.ts\n`, 2],
		['#EXTINF:1.2.3,\na.ts\n', 0],
		['#EXTINF:\n38f8.ts\n', 0],
		['#EXTINF:1,\na\u2028#EXTINF:5,.ts\n', 1],
		[manifest('mediaPresentationDuration="PT1.2.3H5S"'), 5],
	])('ignores invalid durations: %#', (text, durationSeconds) => {
		expect(readPlaylist(text).durationSeconds).toBe(durationSeconds);
	});

	it.each([
		['#EXT-X-KEY:METHOD=AES-128,URI="key"', false],
		['#EXT-X-KEY:METHOD=NONE', true],
		['#EXT-X-BYTERANGE:100@0', false],
		['#EXT-X-MAP:URI="head.mp4",BYTERANGE="100@0"', false],
		['#EXT-X-MAP:URI="head.mp4"', true],
		['#EXT-X-KEY:IV=0x1,METHOD=NONE', true],
		['#EXT-X-KEY:METHOD=SAMPLE-AES,KEYFORMAT="identity"', false],
		['# about #EXT-X-BYTERANGE:100@0', true],
	])('with %s, segments are whole and unencrypted: %s', (line, plain) => {
		expect(readPlaylist(`${HEAD}${line}\n${SEGMENTS}`).plain).toBe(plain);
	});

	it.each([
		['#EXT-X-STREAM-INF:BANDWIDTH=500000', true],
		['#EXT-X-MEDIA:TYPE=AUDIO,URI="a.m3u8"', true],
		['#EXT-X-MEDIA-SEQUENCE:0', false],
		['# about #EXT-X-MEDIA:', false],
	])('with %s, it is a master playlist: %s', (line, isMaster) => {
		expect(readPlaylist(`#EXTM3U\n${line}\na.m3u8\n`)).toMatchObject({ isMaster, segments: [] });
	});

	it('lists only names with a duration, which may be far above or contain spaces', () => {
		const text =
			'a.ts\n#EXTINF:5,\n#EXT-X-DISCONTINUITY\n\n  b.ts  \nc.ts\n#EXTINF: 7\nd.ts\n# #EXTINF:9\ne.ts\n';
		expect(readPlaylist(text)).toMatchObject({
			durationSeconds: 12,
			segments: [
				{ uri: 'b.ts', duration: 5 },
				{ uri: 'd.ts', duration: 7 },
			],
		});
	});

	it('has no header after an #EXT-X-MAP without a name', () => {
		const text =
			'#EXT-X-MAP:URI="a.mp4"\n#EXTINF:5\na.m4s\n# #EXT-X-MAP:URI="x.mp4"\n#EXTINF:5\nb.m4s\n#EXT-X-MAP:\n#EXTINF:5\nc.m4s\n#EXT-X-MAP:URI=""\n#EXTINF:5\nd.m4s\n';
		expect(readPlaylist(text).segments.map(({ init }) => init)).toEqual([
			'a.mp4',
			'a.mp4',
			null,
			'',
		]);
	});

	it.each([
		['PT1H', 3600],
		['PT2M', 120],
		['PT1.5H', 5400],
		['PT0.5M1S', 31],
		['P1Y10M10DT10S', 10],
		['P10DT1M', 60],
		['P12YT1M', 60],
		['1M', 0],
		['PT', 0],
	])('reads the duration %s of a manifest', (text, seconds) => {
		expect(readPlaylist(manifest(`mediaPresentationDuration="${text}"`))).toEqual({
			ended: true,
			durationSeconds: seconds,
			segments: [],
			isMaster: false,
			plain: true,
		});
	});

	it.each([
		['#EXTINF:1000000000\na.ts', 1e9],
		['#EXTINF:1000000001\na.ts', 0],
	])('accepts durations up to thirty years: %j', (text, seconds) => {
		const playlist = readPlaylist(text);
		expect(playlist.durationSeconds).toBe(seconds);
		expect(playlist.segments).toEqual([{ uri: 'a.ts', init: null, duration: seconds }]);
	});
});

describe('isPlaylist', () => {
	it.each([
		[HEAD, true],
		[manifest('type="static"'), true],
		['', false],
		['<html>Forbidden</html>', false],
		['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', false],
	])('%j', (text, expected) => {
		expect(isPlaylist(text)).toBe(expected);
	});
});
