import assert from 'node:assert/strict';
import fc from 'fast-check';
import { wholeRecording } from '../../../nodes/Agora/recordings/wholeRecording';
import { readPlaylist } from '../../../nodes/Agora/recordings/playlist';
import { describeReader, hostileText, OTHER_SID, SID } from './hostileInput';
import { loadedSessionOf } from './session';

const FOLDER = 'class/20261123/';
const OWN_URIS = [
	`${SID}_a_20261123101530000.ts`,
	`${SID}_a_20261123101545000.ts`,
	`${SID}_a_0.m4s`,
	`${SID}%5Fa_0.ts`,
	`${SID}_a_0.webm`,
];
const URIS = [
	...OWN_URIS,
	`${OTHER_SID}_a_0.ts`,
	`bak0_${SID}_a_0.ts`,
	`../${SID}_a_0.ts`,
	`..%2f${SID}_a_0.ts`,
	`%2e%2e%2f${SID}_a_0.ts`,
	`/${SID}_a_0.ts`,
	`x/${SID}_a_0.ts`,
	`..\\${SID}_a_0.ts`,
	`https://evil.example/${SID}_a_0.ts`,
	`//evil.example/${SID}_a_0.ts`,
	`file:///etc/${SID}_a_0.ts`,
	`data:video/mp2t;base64,AAAA`,
	`${SID}_a_0.ts?x=/../y`,
	`${SID}_a_0.ts#/../y`,
	`${SID}_%00_0.ts`,
];
const TOKENS = [
	'#EXTM3U\n',
	'#EXTINF:',
	'#EXTINF:\n',
	'#EXTINF:15.000,\n',
	'#EXTINF:1e999\n',
	`#EXTINF:${'9'.repeat(400)}\n`,
	'#EXT-X-ENDLIST\n',
	'#EXT-X-MAP:URI="',
	'#EXT-X-KEY:METHOD=AES-128,URI="k"\n',
	'#EXT-X-BYTERANGE:1@0\n',
	'<MPD type="dynamic" mediaPresentationDuration="PT1.2.3S">',
	...URIS.map((uri) => `${uri}\n`),
];

interface Segment {
	seconds: string;
	uri: string;
}

function write(segments: Segment[], init: string | null, ended: boolean): string {
	return [
		'#EXTM3U',
		'#EXT-X-VERSION:3',
		...(init === null ? [] : [`#EXT-X-MAP:URI="${init}"`]),
		...segments.flatMap(({ seconds, uri }) => [`#EXTINF:${seconds},`, uri]),
		...(ended ? ['#EXT-X-ENDLIST'] : []),
		'',
	].join('\n');
}

const segments = fc.record({
	seconds: fc.constantFrom('15', '15.000', '2.5', '0'),
	uri: fc.oneof(
		{ weight: 8, arbitrary: fc.constantFrom(...OWN_URIS.slice(0, 2)) },
		{ weight: 1, arbitrary: fc.constantFrom(...URIS) },
	),
});
const validPlaylists = fc
	.tuple(
		fc.array(segments, { maxLength: 4 }),
		fc.constantFrom(null, null, null, `${SID}_a_init.mp4`),
		fc.boolean(),
	)
	.map((parts) => write(...parts));
const manifest =
	'<?xml version="1.0"?>\n<MPD type="static" mediaPresentationDuration="PT1H2M3.5S"></MPD>\n';
const texts = hostileText(
	fc.oneof(
		{ weight: 9, arbitrary: validPlaylists },
		{ weight: 1, arbitrary: fc.constant(manifest) },
	),
	TOKENS,
);

describeReader('Playlists', {
	input: texts,
	read(text) {
		const { ended, durationSeconds, segments, plain } = readPlaylist(text);
		assert(typeof ended === 'boolean' && typeof plain === 'boolean');
		assert(Number.isFinite(durationSeconds) && durationSeconds >= 0);
		for (const { uri, init } of segments) {
			assert(uri !== '' && uri === uri.trim() && !/^#|\n/.test(uri));
			assert(init === null || typeof init === 'string');
		}
		const uris = segments.map(({ uri }) => uri);
		if (!uris.some((uri) => uri.includes('<MPD'))) {
			const rewritten = uris.map((uri) => ({ seconds: '1', uri }));
			const again = readPlaylist(write(rewritten, null, ended));
			assert.equal(again.segments.map(({ uri }) => uri).join('\n'), uris.join('\n'));
			assert.equal(again.durationSeconds, segments.length);
			assert.equal(again.ended, ended);
		}
		return segments.length > 0 || durationSeconds > 0;
	},
	long: {
		segments: (n) => `#EXTINF:15,\n${URIS[0]}\n`.repeat(n / 60),
		'empty lines after a duration': (n) => `#EXTINF:${'\n'.repeat(n)}`,
		'durations without lines': (n) => '#EXTINF:'.repeat(n / 8),
		'one duration': (n) => `#EXTINF:${'9'.repeat(n)}`,
		'one header': (n) => `#EXT-X-MAP:${'URI='.repeat(n / 4)}`,
		'headers that do not end': (n) => `#EXT-X-MAP:${'URI="'.repeat(n / 5)}\n`,
		keys: (n) => '#EXT-X-KEY:METHOD=NONE\n'.repeat(n / 23),
		'the duration of a manifest': (n) => `<MPD mediaPresentationDuration="P${'1'.repeat(n)}`,
		'durations of a manifest': (n) => `<MPD ${'mediaPresentationDuration="PT1H'.repeat(n / 32)}`,
	},
});

describeReader('Segments to download', {
	input: texts,
	read(text) {
		const keys = [
			`${SID}_a.m3u8`,
			...URIS.filter((uri) => uri.startsWith(SID)),
			`bak0_${SID}_a_0.ts`,
			`${SID}_a_init.mp4`,
		].map((name) => `${FOLDER}${name}`);
		const { downloads, missing } = wholeRecording(loadedSessionOf(keys, readPlaylist(text)));
		for (const { filename, objects } of downloads) {
			assert.match(filename, /^a_20261123T\d{6}Z(?:_\d+){0,2}\.(?:ts|mp4|m4s|webm)$/);
			assert(objects.length > 0);
		}
		const read = downloads.flatMap(({ objects }) => objects.map(({ key }) => key));
		for (const key of [...read, ...missing]) {
			assert(key.startsWith(FOLDER));
			const name = key.slice(FOLDER.length);
			assert.doesNotMatch(name, /[/\\]/);
			assert(
				name
					.replace(/^bak\d+_/, '')
					.toLowerCase()
					.startsWith(`${SID}_`),
			);
		}
		const missingByFile = downloads.reduce((sum, file) => sum + file.missing.length, 0);
		assert(downloads.length === 0 || missing.length === missingByFile);
		return downloads.length > 0;
	},
	long: {
		segments: (n) => `#EXTINF:15,\n${URIS[0]}\n`.repeat(n / 60),
		'segments and headers in turn': (n) =>
			`#EXT-X-MAP:URI="${SID}_a_0.mp4"\n#EXTINF:1,\n${SID}_a_0.m4s\n#EXT-X-MAP:\n#EXTINF:1,\n${URIS[0]}\n`.repeat(
				n / 200,
			),
		'a URL-encoded name': (n) => `#EXTINF:15,\n${SID}_${'%41'.repeat(n / 3)}.ts\n`,
		'percent signs': (n) => `#EXTINF:15,\n${SID}_${'%'.repeat(n)}.ts\n`,
	},
});
