import fc from 'fast-check';
import { loadSource } from '../../source.ts';
import { hold, same, type Reader } from '../reader.ts';
import { hostileText } from '../text.ts';
import { oneFileDownloads } from './oneFile.ts';
import { OTHER_SID, SID } from './sid.ts';

const FOLDER = 'class/20261123/';

/** What playlists name: Agora's own, and what somebody else may have written in. */
const URIS = [
	`${SID}_a_20261123101530000.ts`,
	`${SID}_a_20261123101545000.ts`,
	`${SID}_a_0.m4s`,
	`${SID}%5Fa_0.ts`,
	`${SID}_a_0.webm`,
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

const PIECES = [
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

interface Written {
	slices: Array<{ seconds: string; uri: string }>;
	init: string | null;
	ended: boolean;
}

const written: fc.Arbitrary<Written> = fc.record({
	slices: fc.array(
		fc.record({
			seconds: fc.constantFrom('15', '15.000', '2.5', '0'),
			uri: fc.oneof(
				{ weight: 8, arbitrary: fc.constantFrom(...URIS.slice(0, 2)) },
				{ weight: 1, arbitrary: fc.constantFrom(...URIS) },
			),
		}),
		{ maxLength: 4 },
	),
	init: fc.constantFrom(null, null, null, `${SID}_a_init.mp4`),
	ended: fc.boolean(),
});

function print({ slices, init, ended }: Written): string {
	return [
		'#EXTM3U',
		'#EXT-X-VERSION:3',
		...(init === null ? [] : [`#EXT-X-MAP:URI="${init}"`]),
		...slices.flatMap(({ seconds, uri }) => [`#EXTINF:${seconds},`, uri]),
		...(ended ? ['#EXT-X-ENDLIST'] : []),
		'',
	].join('\n');
}

const MANIFEST =
	'<?xml version="1.0"?>\n<MPD type="static" mediaPresentationDuration="PT1H2M3.5S"></MPD>\n';

const texts = hostileText(
	fc.oneof(
		{ weight: 9, arbitrary: written.map(print) },
		{ weight: 1, arbitrary: fc.constant(MANIFEST) },
	),
	PIECES,
);

export async function playlistReader(): Promise<Reader<string>> {
	const { readPlaylist } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/playlist')>(
			'recordings/playlist',
		);
	return {
		name: 'Playlists',
		input: texts,
		lengthOf: (text) => text.length,
		read(text) {
			const { ended, durationSeconds, segments, plain } = readPlaylist(text);
			hold(typeof ended === 'boolean' && typeof plain === 'boolean', 'a flag is none');
			hold(Number.isFinite(durationSeconds) && durationSeconds >= 0, 'its duration is no time');
			for (const { uri, init } of segments) {
				hold(uri !== '' && uri === uri.trim() && !/[\n#]/.test(uri[0]!), 'a slice has no name');
				hold(init === null || typeof init === 'string', 'a header is no text');
			}
			const list = segments.map(({ uri }) => ({ seconds: '1', uri }));
			const again = readPlaylist(print({ slices: list, init: null, ended }));
			const names = (all: typeof segments) => all.map(({ uri }) => uri);
			const printable = !list.some(({ uri }) => uri.includes('<MPD'));
			hold(!printable || same(names(again.segments), names(segments)), 'it cannot be printed back');
			hold(!printable || again.durationSeconds === segments.length, 'its durations do not add up');
			return segments.length > 0 || durationSeconds > 0 ? 'parsed' : 'refused';
		},
		long: {
			'many slices': (n) => `#EXTINF:15,\n${URIS[0]}\n`.repeat(n / 60),
			'empty lines after a duration': (n) => `#EXTINF:${'\n'.repeat(n)}`,
			'durations without lines': (n) => '#EXTINF:'.repeat(n / 8),
			'a long duration': (n) => `#EXTINF:${'9'.repeat(n)}`,
			'a long header': (n) => `#EXT-X-MAP:${'URI='.repeat(n / 4)}`,
			'headers that do not end': (n) => `#EXT-X-MAP:${'URI="'.repeat(n / 5)}\n`,
			keys: (n) => '#EXT-X-KEY:METHOD=NONE\n'.repeat(n / 23),
			'a manifest with a long duration': (n) => `<MPD mediaPresentationDuration="P${'1'.repeat(n)}`,
			'a manifest with many durations': (n) =>
				`<MPD ${'mediaPresentationDuration="PT1H'.repeat(n / 32)}`,
		},
	};
}

/** What Download makes of the slices that a playlist names. */
export async function downloadsReader(): Promise<Reader<string>> {
	const { readPlaylist } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/playlist')>(
			'recordings/playlist',
		);
	const { wholeRecording, sessionOf } = await oneFileDownloads();
	const beside = [
		...URIS.filter((uri) => uri.startsWith(SID)),
		`bak0_${SID}_a_0.ts`,
		`${SID}_a_init.mp4`,
	];
	const { object, session } = sessionOf(
		`${FOLDER}${SID}_a.m3u8`,
		beside.map((name) => `${FOLDER}${name}`),
	);
	return {
		name: 'Slices for Download',
		input: texts,
		lengthOf: (text) => text.length,
		read(text) {
			const playlist = { object, ...readPlaylist(text) };
			const { downloads, missing } = wholeRecording({
				session,
				record: null,
				playlists: [playlist],
				unreadable: [],
				status: 'completed',
				lacksMp4: false,
				idleMs: 0,
			});
			for (const { filename, objects } of downloads) {
				hold(
					/^a_20261123T\d{6}Z(?:_\d+){0,2}\.(?:ts|mp4|m4s|webm)$/.test(filename),
					'its name is another',
				);
				hold(objects.length > 0, 'a file has no bytes');
			}
			const read = downloads.flatMap(({ objects }) => objects.map(({ key }) => key));
			for (const key of [...read, ...missing]) {
				hold(key.startsWith(FOLDER), 'a key is outside its folder');
				const name = key.slice(FOLDER.length);
				hold(!/[/\\]/.test(name), 'a key is in another folder');
				hold(
					name
						.replace(/^bak\d+_/, '')
						.toLowerCase()
						.startsWith(`${SID}_`),
					'a key is another’s',
				);
			}
			hold(
				missing.length === downloads.reduce((sum, file) => sum + file.missing.length, 0) ||
					downloads.length === 0,
				'what is missing is not listed',
			);
			return downloads.length === 0 ? 'refused' : 'parsed';
		},
		long: {
			'many slices': (n) => `#EXTINF:15,\n${URIS[0]}\n`.repeat(n / 60),
			'slices and headers in turn': (n) =>
				`#EXT-X-MAP:URI="${SID}_a_0.mp4"\n#EXTINF:1,\n${SID}_a_0.m4s\n#EXT-X-MAP:\n#EXTINF:1,\n${URIS[0]}\n`.repeat(
					n / 200,
				),
			'one long name': (n) => `#EXTINF:15,\n${SID}_${'%41'.repeat(n / 3)}.ts\n`,
			'many signs of a code': (n) => `#EXTINF:15,\n${SID}_${'%'.repeat(n)}.ts\n`,
		},
	};
}
