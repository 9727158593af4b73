/* What Whole Recording consists of, when it fails with and without Allow Incomplete, and what its errors advise. */
import type { Fault } from '../../../nodes/Agora/http/errors';
import { firstFile, namedFile } from '../../../nodes/Agora/recordings/singleFile';
import { planWholeRecording, wholeRecording } from '../../../nodes/Agora/recordings/wholeRecording';
import { bucketWith, list, nameInBucket, readFrom, SID } from './namedSegments';

const AT = Date.UTC(2026, 10, 23, 9);
const track = (...pieces: number[]) => list(...pieces.map((piece) => `SID_a_${piece}.ts`));

/** The downloads of a recording with these files: the name of each, and the rest of its objects' names. */
const plan = async (files: Record<string, string>) =>
	wholeRecording(await readFrom(bucketWith(files))).downloads.map(({ filename, objects }) => [
		filename,
		...objects.map(({ key }) => nameInBucket(key)),
	]);

/** Plans with and without Allow Incomplete. */
async function planned(files: Record<string, string>, missing: string[] = []) {
	const bucket = bucketWith(files, missing);
	const read = await readFrom(bucket);
	const outcome = async (allowIncomplete: boolean) =>
		await planWholeRecording(bucket, read, allowIncomplete).then(
			({ downloads }) => ({
				keys: downloads.map(({ objects }) => objects.map(({ key }) => nameInBucket(key))),
				fault: null,
			}),
			(fault: Fault) => ({ keys: null, fault }),
		);
	return { read, strict: await outcome(false), lenient: await outcome(true) };
}

describe('wholeRecording', () => {
	it('consists of MP4 files if every recorder wrote one, and audio files', async () => {
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

	it('consists of the segments and audio files if there is no MP4', async () => {
		expect(await plan({ 'a.m3u8': list('SID_a_1.ts'), 'a_0.mp3': '' })).toEqual([
			['a_20261123T090000Z.ts', 'a_1.ts'],
			['a_20261123T090000Z.mp3', 'a_0.mp3'],
		]);
	});

	it('has the MP4 files of each user once', async () => {
		const names = [1, 2].map((uid) => `a__uid_s_${uid}__uid_e_0.mp4`);
		expect(await plan(Object.fromEntries(names.map((name) => [name, ''])))).toEqual([
			['a_1_20261123T090000Z.mp4', names[0]],
			['a_2_20261123T090000Z.mp4', names[1]],
		]);
	});

	it('keeps the tracks of a user separate (individual mode, version 1)', async () => {
		const files = {
			'a__uid_s_7__uid_e_audio.m3u8': list('SID_a__uid_s_7__uid_e_audio_1.ts'),
			'a__uid_s_7__uid_e_video.m3u8': list('SID_a__uid_s_7__uid_e_video_1.ts'),
		};
		expect(await plan(files)).toEqual([
			['a_7_audio_20261123T090000Z.ts', 'a__uid_s_7__uid_e_audio_1.ts'],
			['a_7_video_20261123T090000Z.ts', 'a__uid_s_7__uid_e_video_1.ts'],
		]);
	});

	it('contains a track once, from the version of its playlist with most segments', async () => {
		const files = {
			'a.m3u8': list('SID_a_1.ts'),
			'a_1574158478_0.m3u8': list('SID_a_1.ts', 'SID_a_2.ts'),
		};
		expect(await plan(files)).toEqual([['a_20261123T090000Z.ts', 'a_1.ts', 'a_2.ts']]);
	});

	it('sorts recorders by number', async () => {
		const recorders = ['', ...Array.from({ length: 11 }, (_, n) => `bak${n}_`)];
		const files = recorders.map((bak, n) => [`${bak}a.m3u8`, list(`${bak}SID_a_${n}.ts`)]);
		const [[, ...names] = []] = await plan(Object.fromEntries(files));
		expect(names).toEqual(recorders.map((bak, n) => `${bak}a_${n}.ts`));
	});

	it('starts a new file where the header or the type of segments changes', async () => {
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

	it('decodes names in a playlist', async () => {
		const files = { 'my class.m3u8': list('SID_my%20class_1.ts'), 'my class_1.ts': 'bytes' };
		const [download] = wholeRecording(await readFrom(bucketWith(files))).downloads;
		expect(download!.objects).toEqual([{ key: `class/${SID}_my class_1.ts`, size: 5 }]);
	});

	it('ignores a master playlist', async () => {
		const files = {
			'a.m3u8': list('SID_a_1.ts'),
			'a-all.m3u8': '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nSID_a.m3u8\n',
		};
		expect(await plan(files)).toEqual([['a_20261123T090000Z.ts', 'a_1.ts']]);
	});

	it('has file names that are valid on every file system', async () => {
		const channel = `a"b\\c\u0007${'é'.repeat(300)}`;
		const [[filename] = []] = await plan({ [`${channel}_0.mp4`]: '' });
		expect(filename).toMatch(/^a-b-c-é+_20261123T090000Z\.mp4$/);
		expect(Buffer.byteLength(filename!)).toBeLessThan(256);
	});
});

describe('missing segments', () => {
	it('are counted, and the first three listed', async () => {
		const missing = [2, 3, 4, 5, 6].map((n) => `a_${n}.ts`);
		const { strict, lenient } = await planned({ 'a.m3u8': track(1, 2, 3, 4, 5, 6) }, missing);
		const { message, details } = strict.fault!;
		expect(message).toBe(`Recording ${SID} is missing 5 of its 6 segments`);
		expect(details.httpCode).toBe('404');
		const names = [2, 3, 4].map((n) => `"${SID}_a_${n}.ts"`).join(', ');
		expect(details.description).toContain(`Missing: ${names} and 2 more.`);
		expect(details.description).toContain('Options > Allow Incomplete');
		expect(lenient.keys).toEqual([['a_1.ts']]);
	});

	it('fail with any option if no segments are left', async () => {
		const { strict, lenient } = await planned({ 'a.m3u8': track(1, 2) }, ['a_1.ts', 'a_2.ts']);
		for (const { fault } of [strict, lenient]) {
			expect(fault!.message).toBe(`Recording ${SID} is missing all of its segments`);
			expect(fault!.details.description).not.toContain('Allow Incomplete');
		}
	});

	it('are looked up, as they may arrive after the listing', async () => {
		const bucket = bucketWith({ 'a.m3u8': track(1, 2) }, ['a_2.ts']);
		const read = await readFrom(bucket);
		bucket.add(`class/${SID}_a_2.ts`, AT, 'late');
		const { downloads, missing } = await planWholeRecording(bucket, read, false);
		expect(missing).toEqual([]);
		expect(downloads[0]!.objects).toContainEqual({ key: `class/${SID}_a_2.ts`, size: 4 });
	});

	it('are looked up if there are up to eight, each by its exact name', async () => {
		const pieces = Array.from({ length: 8 }, (_, n) => n);
		const files = { 'a.m3u8': track(...pieces, 9) };
		const bucket = bucketWith(
			files,
			pieces.map((n) => `a_${n}.ts`),
		);
		const read = await readFrom(bucket);
		bucket.add(`class/${SID}_a_1.ts.part`, AT, 'another file');
		bucket.forgetRequests();
		const { missing, downloads } = await planWholeRecording(bucket, read, true);
		expect(bucket.requests.lists).toHaveLength(8);
		expect(bucket.requests.lists[1]).toEqual({ prefix: `class/${SID}_a_1.ts`, maxKeys: 1 });
		expect([missing.length, downloads.length]).toEqual([8, 1]);
	});

	it('are not looked up if there are many', async () => {
		const pieces = Array.from({ length: 9 }, (_, n) => n);
		const files = { 'a.m3u8': track(...pieces, 10) };
		const bucket = bucketWith(
			files,
			pieces.map((n) => `a_${n}.ts`),
		);
		const read = await readFrom(bucket);
		bucket.forgetRequests();
		await planWholeRecording(bucket, read, true);
		expect(bucket.requests.lists).toEqual([]);
	});

	it('take no request if nothing is missing', async () => {
		const bucket = bucketWith({ 'a.m3u8': track(1, 2) });
		const read = await readFrom(bucket);
		bucket.forgetRequests();
		await planWholeRecording(bucket, read, false);
		expect(bucket.requests).toEqual({ lists: [], reads: [], writes: [] });
	});
});

describe('a playlist that cannot be used', () => {
	const other = { 'a__uid_s_2__uid_e_video.m3u8': list('SID_a__uid_s_2__uid_e_video_1.ts') };
	const kept = [['a__uid_s_2__uid_e_video_1.ts']];

	it.each([
		['names a file outside its recording', list('https://evil.example/x.ts'), 'outside its'],
		['is no playlist', 'oops', 'cannot be read'],
	])('fails, or skips its track with Allow Incomplete: it %s', async (_, text, message) => {
		const files = { 'a__uid_s_1__uid_e_video.m3u8': text, ...other };
		const { strict, lenient } = await planned(files);
		expect(strict.fault!.message).toContain(message);
		expect(strict.fault!.details.description).toMatch(
			/^(?:It names|The file is not).*Allow Incomplete/,
		);
		expect(lenient.keys).toEqual(kept);
	});
});

describe('an error', () => {
	const one = { 'a.m3u8': track(1) };

	it.each<[string, Record<string, string>, string[], string, string]>([
		[
			'screenshots only',
			{ 'a_20261123090000000.jpg': '' },
			[],
			`Recording ${SID} has nothing to play`,
			'It has screenshots only. Use their download_url from Get, or set What to Download to Single File.',
		],
		[
			'an empty playlist',
			{ 'a.m3u8': list() },
			[],
			`Recording ${SID} has nothing to play`,
			'Its playlists list no segments.',
		],
		[
			'an empty playlist and segments',
			{ 'a.m3u8': list(), 'a_1.ts': '' },
			[],
			`Recording ${SID} has nothing to play`,
			'Its playlists list no segments. To download a segment, set',
		],
		[
			'segments without a playlist',
			{ 'a_1.ts': '' },
			[],
			`Recording ${SID} has nothing to play`,
			'It has no playlist and no MP4 file. To download a segment, set',
		],
		[
			'only a session record',
			{ 'a.session.json': '{}' },
			[],
			`Recording ${SID} has nothing to play`,
			'It has no playlist and no MP4 file.',
		],
		[
			'a playlist that is none',
			{ 'a.m3u8': 'oops', 'a_1.ts': '' },
			[],
			`The playlist "${SID}_a.m3u8" could not be read`,
			'The file is not a playlist.',
		],
		[
			'a playlist whose segments were deleted',
			one,
			['a_1.ts'],
			`Recording ${SID} is missing all of its segments`,
			`Missing: "${SID}_a_1.ts". They were deleted`,
		],
		[
			'a manifest whose segments were deleted',
			{ 'a.mpd': '<MPD mediaPresentationDuration="PT9S"/>' },
			[],
			`None of the segments of "${SID}_a.mpd" are in the bucket`,
			'They were deleted or moved',
		],
		[
			'two manifests, one of them with a duration',
			{ 'a.mpd': '<MPD/>', 'bak0_a.mpd': '<MPD mediaPresentationDuration="PT9S"/>' },
			[],
			`None of the segments of "bak0_${SID}_a.mpd" are in the bucket`,
			'They were deleted or moved',
		],
		[
			'a playlist that names another file',
			{ 'a.m3u8': list('other.ts') },
			[],
			`The playlist "${SID}_a.m3u8" names a file outside its recording`,
			'It names "other.ts".',
		],
	])(
		'says what is there if nothing can be downloaded: %s',
		async (_, files, gone, title, advice) => {
			const { fault } = (await planned(files, gone)).lenient;
			expect(fault!.message).toBe(title);
			const { description = '', httpCode } = fault!.details;
			if (advice.endsWith('set')) expect(description.startsWith(advice)).toBe(true);
			else expect(description).toContain(advice);
			if (/^It.*\.$/.test(advice) && title.includes('nothing')) expect(description).toBe(advice);
			if (/nothing|missing|None/.test(title)) expect(httpCode).toBe('404');
		},
	);

	it.each([
		[1, '"SID_a_1.ts". They'],
		[3, '"SID_a_1.ts", "SID_a_2.ts", "SID_a_3.ts". They'],
		[4, '"SID_a_1.ts", "SID_a_2.ts", "SID_a_3.ts" and 1 more. They'],
	])('lists up to three of %i missing files', async (count, text) => {
		const pieces = Array.from({ length: count }, (_, n) => n + 1);
		const gone = pieces.map((n) => `a_${n}.ts`);
		const { strict } = await planned({ 'a.m3u8': track(0, ...pieces) }, gone);
		expect(strict.fault!.message).toBe(
			`Recording ${SID} is missing ${count} of its ${count + 1} segments`,
		);
		expect(strict.fault!.details.description).toContain(
			`Missing: ${text.replaceAll('SID', SID)} were deleted`,
		);
	});

	it.each([
		['recording', `Recording ${SID} is not complete yet`],
		['interrupted', `Recording ${SID} was interrupted`],
	] as const)('refuses a part of a recording with status %s', async (status, title) => {
		const bucket = bucketWith(one);
		const loaded = { ...(await readFrom(bucket)), status };
		await expect(planWholeRecording(bucket, loaded, false)).rejects.toThrow(
			expect.objectContaining({
				message: title,
				details: {
					description: expect.stringMatching(/^It.*turn on Options > Allow Incomplete\.$/s),
				},
			}),
		);
		expect((await planWholeRecording(bucket, loaded, true)).downloads).toHaveLength(1);
	});

	it('is about the status if nothing can be downloaded yet', async () => {
		const bucket = bucketWith({ 'a.m3u8': list() });
		const loaded = { ...(await readFrom(bucket)), status: 'recording' as const };
		await expect(planWholeRecording(bucket, loaded, false)).rejects.toThrow(
			expect.objectContaining({
				message: `Recording ${SID} is not complete yet`,
				details: { description: expect.not.stringContaining('Allow Incomplete') },
			}),
		);
	});
});

describe('an MP4 that is older than the end of its playlist', () => {
	/** With an MP4 that was written before the playlist's end. */
	async function withOldMp4(files: Record<string, string>, missing: string[] = []) {
		const bucket = bucketWith(files, missing);
		bucket.add(`class/${SID}_a_0.mp4`, AT - 60_000, '');
		const loaded = await readFrom(bucket);
		const { downloads, skipped } = wholeRecording(loaded);
		return [
			downloads.map(({ objects, note, missing: lacks }) => [
				objects.map(({ key }) => nameInBucket(key)).join(),
				note?.split(' ').slice(0, 4).join(' ') ?? null,
				lacks.length,
			]),
			skipped.map(({ fault }) => fault.message),
		];
	}

	it('is left out if all segments are there', async () => {
		expect(await withOldMp4({ 'a.m3u8': track(1, 2) })).toEqual([[['a_1.ts,a_2.ts', null, 0]], []]);
	});

	it('is added if some of them are missing', async () => {
		expect(await withOldMp4({ 'a.m3u8': track(1, 2) }, ['a_2.ts'])).toEqual([
			[
				['a_1.ts', '1 file of this', 1],
				['a_0.mp4', 'This MP4 file overlaps', 0],
			],
			[],
		]);
	});

	it('is everything if all of them were deleted', async () => {
		expect(await withOldMp4({ 'a.m3u8': track(1, 2) }, ['a_1.ts', 'a_2.ts'])).toEqual([
			[['a_0.mp4', null, 0]],
			[],
		]);
	});

	it('is incomplete if a manifest has no segments', async () => {
		const manifest = '<MPD type="static" mediaPresentationDuration="PT9S"/>';
		expect(await withOldMp4({ 'a.mpd': manifest })).toEqual([
			[['a_0.mp4', 'This MP4 file overlaps', 0]],
			[`None of the segments of "${SID}_a.mpd" are in the bucket`],
		]);
	});
});

describe('the notes of downloads', () => {
	const notesOf = async (files: Record<string, string>, gone: string[]) =>
		wholeRecording(await readFrom(bucketWith(files, gone))).downloads.map(({ note }) => note);

	it('contain the number of missing files', async () => {
		const files = { 'a.m3u8': track(1, 2, 3) };
		expect(await notesOf(files, [])).toEqual([null]);
		expect(await notesOf(files, ['a_1.ts'])).toEqual([
			'1 file of this track is missing from the bucket and listed in file.missing_files.',
		]);
		expect(await notesOf(files, ['a_1.ts', 'a_2.ts'])).toEqual([
			'2 files of this track are missing from the bucket and listed in file.missing_files.',
		]);
	});

	it('contain why a file does not play, then what is missing', async () => {
		const files = {
			'a.m3u8': list('#EXT-X-MAP:URI="SID_a_init.mp4"', 'SID_a_1.m4s', 'SID_a_2.m4s'),
		};
		expect(await notesOf(files, ['a_init.mp4'])).toEqual([
			expect.stringMatching(/^The header .* doesn't play\. 1 file of this track is missing/),
		]);
	});

	it('contain that an MP4 overlaps the segments, if these are incomplete', async () => {
		const files = {
			'a.m3u8': track(1, 2),
			'a_0.mp4': '',
			'bak0_a.m3u8': list('bak0_SID_a_3.ts'),
			'a_0.mp3': '',
		};
		const OVERLAPS = expect.stringMatching(/^This MP4 file overlaps the segments/);
		expect(await notesOf(files, [])).toEqual([null, null]);
		expect(await notesOf(files, ['a_1.ts'])).toEqual([
			expect.stringContaining('1 file of this track'),
			null,
			OVERLAPS,
		]);
		const hostile = { ...files, 'bak0_a.m3u8': list('other.ts') };
		expect(await notesOf(hostile, [])).toEqual([null, null, OVERLAPS]);
	});
});

describe('the advice in errors', () => {
	const SITUATIONS: Array<[string, Record<string, string>, string[]]> = [
		['screenshots only', { 'a_20261123090000000.jpg': '' }, []],
		['an empty playlist', { 'a.m3u8': list() }, []],
		['an empty playlist and segments', { 'a.m3u8': list(), 'a_1.ts': '' }, []],
		['segments without a playlist', { 'a_1.ts': '' }, []],
		['a playlist that is none', { 'a.m3u8': 'oops', 'a_1.ts': '' }, []],
		['a hostile playlist', { 'a.m3u8': list('other.ts'), 'a_1.ts': '' }, []],
		['a playlist whose segments were deleted', { 'a.m3u8': track(1) }, ['a_1.ts']],
		[
			'a manifest whose segments were deleted',
			{ 'a.mpd': '<MPD mediaPresentationDuration="PT9S"/>' },
			[],
		],
		['WebM', { 'a.m3u8': list('SID_a_1.webm', 'SID_a_2.webm') }, []],
		['subtitles of another tool', { 'a.m3u8': list(), 'a.vtt': '' }, []],
	];
	const adviceOf = (attempt: () => unknown) => {
		try {
			attempt();
			return '';
		} catch (error) {
			return (error as Fault).details.description ?? '';
		}
	};

	it.each(SITUATIONS)('never leads to the same error: %s', async (_, files, missing) => {
		const { read, strict, lenient } = await planned(files, missing);
		const whole = [strict, lenient].map(({ fault }) => fault?.details.description ?? '');
		if (whole[0]!.includes('Allow Incomplete')) expect(lenient.fault).toBeNull();
		const single = [
			...(['video', 'audio', 'image', 'playlist'] as const).map((kind) =>
				adviceOf(() => firstFile(read, kind)),
			),
			adviceOf(() => namedFile(read, 'nothing.mp4')),
		];
		const sendsBack = single.some((text) => text.includes('Whole Recording'));
		const sendsOn = whole.some((text) => text.includes('Single File'));
		expect([sendsBack, sendsOn]).not.toEqual([true, true]);
	});

	it.each(SITUATIONS)('is Whole Recording only if that helps: %s', async (_, files, missing) => {
		const { read, lenient } = await planned(files, missing);
		const advice = adviceOf(() => firstFile(read, 'video'));
		if (advice.includes('Whole Recording')) expect(lenient.fault).toBeNull();
	});
});
