/* Which segments become one file, which a file each, and which are missing. */
import type { Download } from '../../../nodes/Agora/recordings/download';
import { wholeRecording } from '../../../nodes/Agora/recordings/wholeRecording';
import { bucketWith, list, nameInBucket, readFrom, SID } from './namedSegments';

const whole = async (files: Record<string, string>, missing?: string[]) =>
	wholeRecording(await readFrom(bucketWith(files, missing)));
const shown = (downloads: Download[]) =>
	downloads.map(({ filename, objects }) => [
		filename.replace('_20261123T090000Z', ''),
		...objects.map(({ key }) => nameInBucket(key)),
	]);
const plan = async (files: Record<string, string>, missing?: string[]) =>
	shown((await whole(files, missing)).downloads);

/** A user's playlist and the names in it. */
function user(uid: number, extension: string, pieces = [1, 2], before: string[] = []) {
	const track = `a__uid_s_${uid}__uid_e_video`;
	const names = pieces.map((piece) => `SID_${track}_${piece}.${extension}`);
	return { [`${track}.m3u8`]: list(...before, ...names) };
}

const mergedOf = (uid: number) => [
	`a_${uid}_video.ts`,
	...[1, 2].map((n) => `a__uid_s_${uid}__uid_e_video_${n}.ts`),
];
const separateOf = (uid: number, extension = 'webm', pieces = [1, 2]) =>
	pieces.map((n) => [
		`a_${uid}_video_00${n}.${extension}`,
		`a__uid_s_${uid}__uid_e_video_${n}.${extension}`,
	]);

describe('a user whose segments cannot be merged', () => {
	it.each([
		['first', [1], [2, 3]],
		['in the middle', [2], [1, 3]],
		['last', [3], [1, 2]],
		['beside another one', [1, 3], [2]],
		['alone', [1], []],
	])('does not affect other users: %s', async (_, webm, others) => {
		const files = Object.assign(
			{},
			...webm.map((uid) => user(uid, 'webm')),
			...others.map((uid) => user(uid, 'ts')),
		) as Record<string, string>;
		const expected = [1, 2, 3].flatMap((uid) =>
			webm.includes(uid) ? separateOf(uid) : others.includes(uid) ? [mergedOf(uid)] : [],
		);
		expect(await plan(files)).toEqual(expected);
	});

	it.each([
		['encrypted', user(1, 'ts', [1, 2], ['#EXT-X-KEY:METHOD=AES-128,URI="key"']), 'ts'],
		['byte ranges of several files', user(1, 'ts', [1, 2], ['#EXT-X-BYTERANGE:9@0']), 'ts'],
		['fragments without a header', user(1, 'm4s'), 'm4s'],
	])('does not affect other users: %s', async (_, files, extension) => {
		expect(await plan({ ...files, ...user(2, 'ts') })).toEqual([
			...separateOf(1, extension),
			mergedOf(2),
		]);
	});

	it('does not affect other users: a DASH manifest', async () => {
		const track = 'a__uid_s_1__uid_e_video';
		const dash = {
			[`${track}.mpd`]: '<MPD type="static" mediaPresentationDuration="PT30S"/>',
			[`${track}_1.webm`]: '',
			[`${track}_2.webm`]: '',
			[`${track}_10.webm`]: '',
		};
		expect(await plan({ ...dash, ...user(2, 'ts') })).toEqual([
			['a_1_video_001.webm', `${track}_1.webm`],
			['a_1_video_002.webm', `${track}_2.webm`],
			['a_1_video_003.webm', `${track}_10.webm`],
			mergedOf(2),
		]);
	});

	it('has only the segments of its own manifest', async () => {
		const manifest = '<MPD type="static" mediaPresentationDuration="PT30S"/>';
		const tracks = [
			'a__uid_s_1__uid_e_audio',
			'a__uid_s_1__uid_e_video',
			'a__uid_s_2__uid_e_audio',
			'bak0_a__uid_s_1__uid_e_audio',
		];
		const files = Object.fromEntries(
			tracks.flatMap((track) => [
				[`${track}.mpd`, manifest],
				[`${track}_1.webm`, ''],
				[`${track}_2.webm`, ''],
			]),
		);
		const { downloads } = await whole(files);
		expect(shown(downloads)).toEqual([
			['a_1_audio_001.webm', 'a__uid_s_1__uid_e_audio_1.webm'],
			['a_1_audio_002.webm', 'a__uid_s_1__uid_e_audio_2.webm'],
			['a_1_audio_003.webm', 'bak0_a__uid_s_1__uid_e_audio_1.webm'],
			['a_1_audio_004.webm', 'bak0_a__uid_s_1__uid_e_audio_2.webm'],
			['a_1_video_001.webm', 'a__uid_s_1__uid_e_video_1.webm'],
			['a_1_video_002.webm', 'a__uid_s_1__uid_e_video_2.webm'],
			['a_2_audio_001.webm', 'a__uid_s_2__uid_e_audio_1.webm'],
			['a_2_audio_002.webm', 'a__uid_s_2__uid_e_audio_2.webm'],
		]);
	});

	it('has segments that continue the name of its manifest, but none that a playlist names', async () => {
		const files = {
			'a.mpd': '<MPD type="static" mediaPresentationDuration="PT30S"/>',
			'a_x_1.webm': '',
			'b_x_1.webm': '',
			'a_x_2.webm': '',
			'c.m3u8': list('SID_a_x_2.webm'),
		};
		expect(await plan(files)).toEqual([
			['a.webm', 'a_x_1.webm'],
			['c.webm', 'a_x_2.webm'],
		]);
	});

	it.each([
		[
			'a DASH manifest',
			{
				'a.mpd': '<MPD type="static" mediaPresentationDuration="PT30S"/>',
				'a_1.webm': '',
				'a_2.webm': '',
			},
			'Segments of a DASH manifest',
		],
		[
			'encryption',
			{ 'a.m3u8': list('#EXT-X-KEY:METHOD=AES-128,URI="key"', 'SID_a_1.ts', 'SID_a_2.ts') },
			'Segments that are encrypted or byte ranges',
		],
		['WebM', { 'a.m3u8': list('SID_a_1.webm', 'SID_a_2.webm') }, 'WebM segments'],
		['another type', { 'a.m3u8': list('SID_a_1.mkv', 'SID_a_2.mkv') }, 'Segments of type ".mkv"'],
		[
			'a type that needs a header',
			{ 'a.m3u8': list('SID_a_1.m4s', 'SID_a_2.m4s') },
			'Segments of type ".m4s"',
		],
	])('has a note about the reason: %s', async (_, files, reason) => {
		const { downloads } = await whole(files);
		expect(downloads.map(({ note }) => note)).toEqual(
			[1, 2].map((n) => `Segment ${n} of 2. ${reason} can't be merged into one playable file.`),
		);
	});

	it('has the reason as a note if its only segment does not play', async () => {
		const { downloads } = await whole(user(1, 'ts', [1], ['#EXT-X-KEY:METHOD=AES-128,URI="key"']));
		expect(downloads.map(({ note }) => note)).toEqual([
			"Segments that are encrypted or byte ranges can't be merged into one playable file.",
		]);
	});

	it('has an ordinary file if only one of its segments cannot be merged', async () => {
		const { downloads } = await whole({ 'a.m3u8': list('SID_a_1.ts', 'SID_a_2.webm') });
		expect(downloads.map(({ part, note }) => [part, note])).toEqual([
			[null, null],
			[null, null],
		]);
	});

	it('has one file for each segment, with a note', async () => {
		const { downloads } = await whole(user(7, 'webm', [1, 2, 3]));
		expect(downloads[1]).toMatchObject({
			uid: '7',
			mimeType: 'video/webm',
			part: { number: 2, total: 3 },
			note: "Segment 2 of 3. WebM segments can't be merged into one playable file.",
			missing: [],
		});
	});

	it('has file names that sort, with more than a thousand segments', async () => {
		const pieces = Array.from({ length: 1200 }, (_, n) => n + 1);
		const { downloads } = await whole(user(7, 'webm', pieces));
		const names = downloads.map(({ filename }) => filename);
		expect(names).toHaveLength(1200);
		expect([...names].sort()).toEqual(names);
		expect(new Set(names).size).toBe(1200);
	});

	it('has an ordinary file if there is only one segment', async () => {
		const [only] = (await whole(user(7, 'webm', [1]))).downloads;
		expect(only).toMatchObject({
			filename: 'a_7_video_20261123T090000Z.webm',
			part: null,
			note: null,
		});
	});

	it('has one file if all byte ranges are of one object', async () => {
		const name = 'SID_a_1.mp4';
		const map = `#EXT-X-MAP:URI="${name}",BYTERANGE="100@0"`;
		const text = list(map, '#EXT-X-BYTERANGE:9@100', name, '#EXT-X-BYTERANGE:9@109', name);
		expect(await plan({ 'a.m3u8': text })).toEqual([['a.mp4', 'a_1.mp4']]);
	});

	it('has headers as separate files, and numbers that continue when the header or the recorder changes', async () => {
		const files = {
			'a.m3u8': list(
				'#EXT-X-MAP:URI="SID_a_h1.webm"',
				'SID_a_1.webm',
				'SID_a_2.webm',
				'#EXT-X-MAP:URI="SID_a_h2.webm"',
				'SID_a_3.webm',
			),
			'bak0_a.m3u8': list('bak0_SID_a_4.webm', 'bak0_SID_a_5.ts', 'bak0_SID_a_6.webm'),
		};
		expect(await plan(files)).toEqual([
			['a_001.webm', 'a_h1.webm'],
			['a_002.webm', 'a_1.webm'],
			['a_003.webm', 'a_2.webm'],
			['a_004.webm', 'a_h2.webm'],
			['a_005.webm', 'a_3.webm'],
			['a_006.webm', 'bak0_a_4.webm'],
			['a.ts', 'bak0_a_5.ts'],
			['a_007.webm', 'bak0_a_6.webm'],
		]);
	});
});

describe('segments that can be merged', () => {
	it.each([
		['ts', []],
		['aac', []],
		['mp3', []],
		['m4s', ['#EXT-X-MAP:URI="SID_a_init.mp4"']],
		['mp4', ['#EXT-X-MAP:URI="SID_a_init.mp4"']],
		['m4a', ['#EXT-X-MAP:URI="SID_a_init.mp4"']],
	])('are those of type %s', async (extension, before) => {
		const names = [1, 2].map((n) => `a_${n}.${extension}`);
		const header = before.map(() => 'a_init.mp4');
		const text = list(...before, ...names.map((name) => `SID_${name}`));
		const merged = header.length > 0 ? 'a.mp4' : `a.${extension}`;
		expect(await plan({ 'a.m3u8': text })).toEqual([[merged, ...header, ...names]]);
	});

	it('are those after one header, of any type', async () => {
		const text = list('#EXT-X-MAP:URI="SID_a_init.mp4"', 'SID_a_1.m4s', 'SID_a_2.m4a');
		expect(await plan({ 'a.m3u8': text })).toEqual([['a.mp4', 'a_init.mp4', 'a_1.m4s', 'a_2.m4a']]);
	});

	it('are from the version of a playlist with most of them, whichever is first', async () => {
		const [one, two] = [list('SID_a_1.ts'), list('SID_a_1.ts', 'SID_a_2.ts')];
		const again = 'a_1574158478_0.m3u8';
		for (const files of [
			{ 'a.m3u8': one, [again]: two },
			{ 'a.m3u8': two, [again]: one },
		]) {
			expect(await plan(files)).toEqual([['a.ts', 'a_1.ts', 'a_2.ts']]);
		}
	});
});

describe('missing segments', () => {
	const track = (...pieces: number[]) => list(...pieces.map((piece) => `SID_a_${piece}.ts`));

	it.each([[[1]], [[2]], [[3]], [[1, 3]]])('are left out and listed: %j', async (missing) => {
		const names = missing.map((piece) => `a_${piece}.ts`);
		const { downloads, ...rest } = await whole({ 'a.m3u8': track(1, 2, 3) }, names);
		const left = [1, 2, 3].filter((n) => !missing.includes(n)).map((n) => `a_${n}.ts`);
		expect(shown(downloads)).toEqual([['a.ts', ...left]]);
		expect(downloads[0]!.missing).toEqual(names.map((name) => `${SID}_${name}`));
		expect(downloads[0]!.note).toContain('file.missing_files');
		expect(rest).toMatchObject({ needed: 3, skipped: [] });
		expect(rest.missing.map(nameInBucket)).toEqual(names);
	});

	it('of every recorder belong to the same track', async () => {
		const files = {
			'a.m3u8': track(1, 2),
			'bak0_a.m3u8': list('bak0_SID_a_3.ts', 'bak0_SID_a_4.ts'),
			'bak1_a.m3u8': list('bak1_SID_a_5.ts'),
		};
		const { downloads } = await whole(files, ['a_2.ts', 'bak0_a_3.ts', 'bak0_a_4.ts']);
		expect(shown(downloads)).toEqual([['a.ts', 'a_1.ts', 'bak1_a_5.ts']]);
		expect(downloads[0]!.missing).toHaveLength(3);
	});

	it('of a part without any other segments are listed with the next part', async () => {
		const text = list('SID_a_1.aac', 'SID_a_2.ts', 'SID_a_3.mp3', 'SID_a_4.aac');
		const { downloads } = await whole({ 'a.m3u8': text }, ['a_1.aac', 'a_3.mp3']);
		expect(downloads.map(({ missing }) => missing)).toEqual([
			[`${SID}_a_1.aac`, `${SID}_a_3.mp3`],
			[],
		]);
	});

	it('of a track without any other segments skip that track', async () => {
		const names = [1, 2].map((n) => `a__uid_s_1__uid_e_video_${n}.ts`);
		const { downloads, skipped } = await whole({ ...user(1, 'ts'), ...user(2, 'ts') }, names);
		expect(shown(downloads)).toEqual([mergedOf(2)]);
		expect(skipped.map(({ filename }) => filename)).toEqual([
			`${SID}_a__uid_s_1__uid_e_video.m3u8`,
		]);
	});

	it('of a recording without any other segments leave no download', async () => {
		const result = await whole({ 'a.m3u8': track(1) }, ['a_1.ts']);
		expect(result).toMatchObject({ downloads: [], needed: 1 });
	});

	it('leave gaps in the numbers of separate files, and are listed once', async () => {
		const name = 'a__uid_s_1__uid_e_video_2.webm';
		const { downloads } = await whole(user(1, 'webm', [1, 2, 3]), [name]);
		expect(shown(downloads)).toEqual(separateOf(1, 'webm', [1, 3]));
		expect(downloads.map(({ missing }) => missing)).toEqual([[`${SID}_${name}`], []]);
		expect(downloads[1]!.note).toMatch(/^Segment 3 of 3\./);
	});

	it('include the header, and the file has a note that it does not play without it', async () => {
		const text = list('#EXT-X-MAP:URI="SID_a_init.mp4"', 'SID_a_1.m4s', 'SID_a_2.m4s');
		const { downloads, needed } = await whole({ 'a.m3u8': text }, ['a_init.mp4']);
		expect(shown(downloads)).toEqual([['a.m4s', 'a_1.m4s', 'a_2.m4s']]);
		expect(downloads[0]).toMatchObject({
			missing: [`${SID}_a_init.mp4`],
			note: expect.stringMatching(
				`^The header "${SID}_a_init.mp4" is not in the bucket.* doesn't play`,
			),
		});
		expect(needed).toBe(3);
	});

	it('include a name with a percent sign that is not encoded', async () => {
		const text = list('SID_100%_1.ts', 'SID_100%_2.ts');
		const bucket = bucketWith({ 'a.m3u8': text, '100%_2.ts': '' }, ['100%_1.ts', '100%_2.ts']);
		const { missing } = wholeRecording(await readFrom(bucket));
		expect(missing.map(nameInBucket)).toEqual(['100%_1.ts']);
	});

	it('include the header of separate files once', async () => {
		const text = list('#EXT-X-MAP:URI="SID_a_h.webm"', 'SID_a_1.webm', 'SID_a_2.webm');
		const { missing, needed } = await whole({ 'a.m3u8': text }, ['a_h.webm']);
		expect([missing.map(nameInBucket), needed]).toEqual([['a_h.webm'], 3]);
	});

	it('are ignored if there is an MP4', async () => {
		const result = await whole({ 'a.m3u8': track(1, 2), 'a_0.mp4': '' }, ['a_1.ts']);
		expect(shown(result.downloads)).toEqual([['a.mp4', 'a_0.mp4']]);
		expect(result.missing).toEqual([]);
	});
});

describe('names in playlists', () => {
	it.each([
		['encoded', 'SID_my%20class_1.ts', 'my class_1.ts'],
		['with a literal percent sign', 'SID_100%_1.ts', '100%_1.ts'],
		['that are not encoded although they look so', 'SID_a%20b_1.ts', 'a%20b_1.ts'],
		['encoded letter by letter', 'SID%5Fa_1.ts', 'a_1.ts'],
	])('are found: %s', async (_, uri, name) => {
		const files = { 'a.m3u8': list(uri), [name]: 'bytes' };
		const bucket = bucketWith(files, [uri.replace('SID_', '')]);
		const { downloads, missing } = wholeRecording(await readFrom(bucket));
		expect(shown(downloads)).toEqual([['a.ts', name]]);
		expect(missing).toEqual([]);
	});

	it('do not make an encoded header a separate MP4', async () => {
		const text = list('#EXT-X-MAP:URI="SID_my%20class_0.mp4"', 'SID_my%20class_1.m4s');
		expect(await plan({ 'my class.m3u8': text })).toEqual([
			['my class.mp4', 'my class_0.mp4', 'my class_1.m4s'],
		]);
	});

	it.each(['https://evil.example/SID_a_1.ts', '../SID_a_1.ts', '..%2FSID_a_1.ts', 'other.ts'])(
		'outside the recording skip only that track: %s',
		async (uri) => {
			const hostile = {
				'a__uid_s_1__uid_e_video.m3u8': list('SID_a__uid_s_1__uid_e_video_1.ts', uri),
			};
			const { downloads, skipped } = await whole({ ...hostile, ...user(2, 'ts') });
			expect(shown(downloads)).toEqual([mergedOf(2)]);
			expect(skipped).toHaveLength(1);
			expect(skipped[0]!.fault.message).toContain('names a file outside its recording');
		},
	);

	it('outside the recording are ignored if another version of the playlist is usable', async () => {
		const { downloads, skipped } = await whole({
			'a.m3u8': list('passwords.ts', 'SID_a_1.ts', 'SID_a_2.ts'),
			'a_1574158478_0.m3u8': list('SID_a_1.ts'),
		});
		expect(shown(downloads)).toEqual([['a.ts', 'a_1.ts']]);
		expect(skipped).toEqual([]);
	});
});
