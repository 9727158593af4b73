import type { Download } from '../../../nodes/Agora/recordings/download';
import type { LoadedSession } from '../../../nodes/Agora/recordings/loadSession';
import { firstFile, namedFile } from '../../../nodes/Agora/recordings/singleFile';
import { wholeRecording } from '../../../nodes/Agora/recordings/wholeRecording';
import type { Fault } from '../../../nodes/Agora/http/errors';
import { bucketWith, list, nameInBucket, readFrom, SID } from './namedSegments';

/** What is known of a session with these files, see `bucketWith`. */
const read = async (files: Record<string, string>, missing?: string[]) =>
	await readFrom(bucketWith(files, missing));

const shown = (downloads: Download[]) =>
	downloads.map(({ filename, objects }) => [
		filename,
		...objects.map(({ key }) => nameInBucket(key)),
	]);

/** Each file to output: its name, and the rests of the names of the objects in it. */
const plan = async (files: Record<string, string>, missing?: string[]) =>
	shown(wholeRecording(await read(files, missing)).downloads);

describe('wholeRecording', () => {
	it('takes MP4 where every recorder wrote one, and audio beside it', async () => {
		const files = {
			'a.m3u8': list('SID_a_1.ts'),
			'a_0.mp4': '',
			'bak0_a.m3u8': list('bak0_SID_a_2.ts'),
			'bak0_a_0.mp4': '',
			'a_0.mp3': '',
		};
		expect(await plan(files)).toEqual([
			['a_20261123T090000Z.mp3', 'a_0.mp3'],
			['a_20261123T090000Z_1.mp4', 'a_0.mp4'],
			['a_20261123T090000Z_2.mp4', 'bak0_a_0.mp4'],
		]);
	});

	it('keeps the tracks of a user apart (individual mode, version 1)', async () => {
		const files = {
			'a__uid_s_7__uid_e_audio.m3u8': list('SID_a__uid_s_7__uid_e_audio_1.ts'),
			'a__uid_s_7__uid_e_video.m3u8': list('SID_a__uid_s_7__uid_e_video_1.ts'),
		};
		expect(await plan(files)).toEqual([
			['a_7_audio_20261123T090000Z.ts', 'a__uid_s_7__uid_e_audio_1.ts'],
			['a_7_video_20261123T090000Z.ts', 'a__uid_s_7__uid_e_video_1.ts'],
		]);
	});

	it('takes a track once, from the version of its playlist that holds most', async () => {
		const files = {
			'a.m3u8': list('SID_a_1.ts'),
			'a_1574158478_0.m3u8': list('SID_a_1.ts', 'SID_a_2.ts'),
		};
		expect(await plan(files)).toEqual([['a_20261123T090000Z.ts', 'a_1.ts', 'a_2.ts']]);
	});

	it('orders recorders by number', async () => {
		const recorders = ['', ...Array.from({ length: 11 }, (_, n) => `bak${n}_`)];
		const files = recorders.map((bak, n) => [`${bak}a.m3u8`, list(`${bak}SID_a_${n}.ts`)]);
		const [[, ...names] = []] = await plan(Object.fromEntries(files));
		expect(names).toEqual(recorders.map((bak, n) => `${bak}a_${n}.ts`));
	});

	it('begins a new file where the header or the kind of slices changes', async () => {
		const files = {
			'a.m3u8': list(
				'SID_a_1.ts',
				'#EXT-X-MAP:URI="SID_a_init.mp4"',
				'SID_a_2.m4s',
				'SID_a_3.m4s',
				'#EXT-X-MAP:URI="SID_a_other.mp4"',
				'SID_a_4.m4s',
			),
			'a_init.mp4': '',
			'a_other.mp4': '',
		};
		expect(await plan(files)).toEqual([
			['a_20261123T090000Z.ts', 'a_1.ts'],
			['a_20261123T090000Z_1.mp4', 'a_init.mp4', 'a_2.m4s', 'a_3.m4s'],
			['a_20261123T090000Z_2.mp4', 'a_other.mp4', 'a_4.m4s'],
		]);
	});

	it('reads names that the playlist encodes', async () => {
		const files = { 'my class.m3u8': list('SID_my%20class_1.ts'), 'my class_1.ts': 'bytes' };
		const [download] = wholeRecording(await read(files)).downloads;
		expect(download!.objects).toEqual([{ key: `class/${SID}_my class_1.ts`, size: 5 }]);
	});

	it('passes over a list of other playlists', async () => {
		const files = {
			'a.m3u8': list('SID_a_1.ts'),
			'a-all.m3u8': '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nSID_a.m3u8\n',
		};
		expect(await plan(files)).toEqual([['a_20261123T090000Z.ts', 'a_1.ts']]);
	});

	it('gives names that every file system takes', async () => {
		const channel = `a"b\\c\u0007${'é'.repeat(300)}`;
		const [[filename] = []] = await plan({ [`${channel}_0.mp4`]: '' });
		expect(filename).toMatch(/^a-b-c-é+_20261123T090000Z\.mp4$/);
		expect(Buffer.byteLength(filename!)).toBeLessThan(256);
	});
});

describe('firstFile', () => {
	it('keeps the ending of a long name', async () => {
		const { filename } = firstFile(await read({ [`${'a'.repeat(300)}_0.mp4`]: '' }), 'video');
		expect(filename).toMatch(/^[\da-f]{32}_a+\.mp4$/);
	});

	it('is the first recorder’s, and two comes before ten', async () => {
		const files = { 'bak0_a_0.mp4': '', 'a_10.mp4': '', 'a_2.mp4': '' };
		const { filename } = firstFile(await read(files), 'video');
		expect(filename).toBe(`${SID}_a_2.mp4`);
	});
});

describe('namedFile', () => {
	const files = {
		'a_0.mp4': '',
		'a_1.ts': '',
		'bak0_a_1.ts': '',
		'a_0.vtt': '',
		'a.m3u8': list('SID_a_1.ts'),
		[`a_20261123090000000.jpg`]: '',
	};

	it.each(Object.keys(files))(
		'takes the filename or key of %s, its sid in any case',
		async (name) => {
			const session = await read(files);
			const takeover = name.startsWith('bak0_') ? 'bak0_' : '';
			for (const sid of [SID, SID.toUpperCase()]) {
				const filename = `${takeover}${sid}_${name.replace('bak0_', '')}`;
				for (const wanted of [filename, `class/${filename}`]) {
					expect(nameInBucket(namedFile(session, wanted).objects[0]!.key)).toBe(name);
				}
			}
		},
	);

	it.each(['A_0.mp4', 'a_0.MP4', '', '../a_0.mp4'])(
		'does not take %s for another file',
		async (name) => {
			const session = await read(files);
			expect(() => namedFile(session, `${SID}_${name}`)).toThrow('has no file');
		},
	);
});

describe('errors of firstFile', () => {
	const adviceOf = (session: LoadedSession, kind: 'video' | 'audio' | 'image') => {
		try {
			firstFile(session, kind);
			return 'no error';
		} catch (error) {
			return (error as Fault).details.description!;
		}
	};

	it('mention Whole Recording only where that merges something', async () => {
		const merges = await read({ 'a.m3u8': list('SID_a_1.ts') });
		expect(adviceOf(merges, 'video')).toContain('Whole Recording');
		expect(adviceOf(merges, 'image')).not.toContain('Whole Recording');
		const withMp4 = await read({ 'a.m3u8': list('SID_a_1.ts'), 'a_0.mp4': '' });
		expect(adviceOf(withMp4, 'audio')).not.toContain('Whole Recording');
		const screenshots = await read({ 'a_20261123090000000.jpg': '' });
		expect(adviceOf(screenshots, 'video')).toBe('Its files are of type image.');
		const orphans = await read({ 'a_1.ts': '' });
		expect(adviceOf(orphans, 'video')).toBe('Its files are of type segment.');
	});
});
