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

	it('are not looked up if there are many', async () => {
		const pieces = Array.from({ length: 10 }, (_, n) => n);
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
		expect(strict.fault!.details.description).toContain('Allow Incomplete');
		expect(lenient.keys).toEqual(kept);
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
