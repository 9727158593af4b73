/* What Whole Recording refuses, what it gives with Allow Incomplete, and what its errors advise. */
import type { Fault } from '../../../nodes/Agora/http/errors';
import { firstFile, namedFile } from '../../../nodes/Agora/recordings/singleFile';
import { planWholeRecording } from '../../../nodes/Agora/recordings/wholeRecording';
import { bucketWith, list, nameInBucket, readFrom, SID } from './namedSegments';

const AT = Date.UTC(2026, 10, 23, 9);
const track = (...pieces: number[]) => list(...pieces.map((piece) => `SID_a_${piece}.ts`));

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

describe('missing segments', () => {
	it('are counted, and the first three named', async () => {
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

	it('that are all of them fail either way, and no option is advised', async () => {
		const { strict, lenient } = await planned({ 'a.m3u8': track(1, 2) }, ['a_1.ts', 'a_2.ts']);
		for (const { fault } of [strict, lenient]) {
			expect(fault!.message).toBe(`Recording ${SID} is missing all of its segments`);
			expect(fault!.details.description).not.toContain('Allow Incomplete');
		}
	});

	it('that arrive between listing and playlist are not missing', async () => {
		const bucket = bucketWith({ 'a.m3u8': track(1, 2) }, ['a_2.ts']);
		const read = await readFrom(bucket);
		bucket.add(`class/${SID}_a_2.ts`, AT, 'late');
		const { downloads, missing } = await planWholeRecording(bucket, read, false);
		expect(missing).toEqual([]);
		expect(downloads[0]!.objects).toContainEqual({ key: `class/${SID}_a_2.ts`, size: 4 });
	});

	it('are not looked for one by one where they are many', async () => {
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

	it('cost no request where nothing is missing', async () => {
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
	])('fails, or costs its track with Allow Incomplete: it %s', async (_, text, message) => {
		const files = { 'a__uid_s_1__uid_e_video.m3u8': text, ...other };
		const { strict, lenient } = await planned(files);
		expect(strict.fault!.message).toContain(message);
		expect(strict.fault!.details.description).toContain('Allow Incomplete');
		expect(lenient.keys).toEqual(kept);
	});
});

describe('what errors advise', () => {
	const SITUATIONS: Array<[string, Record<string, string>, string[]]> = [
		['screenshots only', { 'a_20261123090000000.jpg': '' }, []],
		['an empty playlist', { 'a.m3u8': list() }, []],
		['an empty playlist beside slices', { 'a.m3u8': list(), 'a_1.ts': '' }, []],
		['slices without a playlist', { 'a_1.ts': '' }, []],
		['a playlist that is none', { 'a.m3u8': 'oops', 'a_1.ts': '' }, []],
		['a hostile playlist', { 'a.m3u8': list('other.ts'), 'a_1.ts': '' }, []],
		['a playlist whose slices are gone', { 'a.m3u8': track(1) }, ['a_1.ts']],
		[
			'a manifest whose slices are gone',
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

	it.each(SITUATIONS)('never leads back to where one came from: %s', async (_, files, missing) => {
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

	it.each(SITUATIONS)('is Whole Recording only where that helps: %s', async (_, files, missing) => {
		const { read, lenient } = await planned(files, missing);
		const advice = adviceOf(() => firstFile(read, 'video'));
		if (advice.includes('Whole Recording')) expect(lenient.fault).toBeNull();
	});
});
