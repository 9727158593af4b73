/* Undocumented contents of real buckets. The names are invented, similar to public ones. */
import {
	findNewestOfChannel,
	findRecordings,
	findSession,
	type RecordingQuery,
} from '../../../nodes/Agora/recordings/find';
import { toRecording } from '../../../nodes/Agora/recordings/recording';
import { wholeRecording } from '../../../nodes/Agora/recordings/wholeRecording';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { DAY, HOUR, MINUTE, NOON, SECOND, sidOf, utcStamp } from '../recordedSession';

const SID = sidOf(1);
const SLICE_MS = 15 * SECOND;

/** The segments of a track, each at its time, and their playlist. */
function addTrack(
	bucket: MemoryBucket,
	track: string,
	starts: number[],
	{ folder = '', ended = true, extension = 'ts', at = starts.at(-1)! + SLICE_MS } = {},
) {
	const names = starts.map((start) => `${track}_${utcStamp(start)}.${extension}`);
	for (const [i, name] of names.entries()) {
		bucket.add(`${folder}${name}`, starts[i]! + SLICE_MS, name);
	}
	const slices = names.flatMap((name) => ['#EXTINF:15.000', name]);
	const text = ['#EXTM3U', ...slices, ...(ended ? ['#EXT-X-ENDLIST'] : [])].join('\n');
	bucket.add(`${folder}${track}.m3u8`, at, text);
}

const slicesFrom = (start: number, count: number) =>
	Array.from({ length: count }, (_, n) => start + n * SLICE_MS);
const PRESENTATION = { includeSegments: false, linkSeconds: 60 };
const find = async (bucket: MemoryBucket, query: Partial<RecordingQuery> = {}) =>
	(await findRecordings(bucket, { folder: '', limit: Infinity, ...query }, PRESENTATION))
		.recordings;
const get = async (bucket: MemoryBucket) =>
	toRecording(bucket, (await findSession(bucket, SID, true))!, PRESENTATION);
const kinds = ({ file_list: files }: Awaited<ReturnType<typeof get>>) =>
	files.map(({ filename, kind }) => [filename.replace(`${SID}_`, ''), kind]);

describe('channel names', () => {
	it.each(['ride_17822', 'ride-17822'])(
		'are compared normalised on both sides: %s',
		async (cname) => {
			const bucket = memoryBucket({ now: NOON + HOUR });
			addTrack(bucket, `${SID}_ride_17822__uid_s_1000__uid_e_video`, [NOON]);
			expect(await find(bucket, { cname })).toHaveLength(1);
			expect(await find(bucket, { search: cname })).toHaveLength(1);
			expect((await findNewestOfChannel(bucket, cname, false)).found?.session.sid).toBe(SID);
		},
	);

	it('come from segments, also with numbers at the end', async () => {
		const bucket = memoryBucket({ now: NOON + HOUR });
		addTrack(bucket, `${SID}_room_1_2`, [NOON]);
		bucket.add(`${SID}_room_1_2_0.mp4`, NOON + HOUR, 'mp4');
		expect(await get(bucket)).toMatchObject({ cname: 'room_1_2' });
		expect(kinds(await get(bucket))).toContainEqual(['room_1_2_0.mp4', 'video']);
	});
});

describe('files of other tools', () => {
	const OTHERS = ['0_merge_av.mp4', 'thumb.jpg', 'class-7b.vtt', 'class-7b.json', 'notes.txt'];
	function bucketWithOthers(at: number) {
		const bucket = memoryBucket({ now: NOON + 2 * MINUTE });
		addTrack(bucket, `${SID}_class-7b`, slicesFrom(NOON, 4));
		bucket.add(`${SID}_class-7b_0.mp4`, NOON + 2 * MINUTE, 'mp4');
		for (const name of OTHERS) bucket.add(`${SID}_${name}`, at, 'other');
		return bucket;
	}

	it('are listed with kind other, and change nothing else', async () => {
		const without = memoryBucket({ now: NOON + 2 * MINUTE });
		addTrack(without, `${SID}_class-7b`, slicesFrom(NOON, 4));
		without.add(`${SID}_class-7b_0.mp4`, NOON + 2 * MINUTE, 'mp4');
		const { file_list: files, ...expected } = await get(without);
		for (const at of [NOON - DAY, NOON + DAY]) {
			const recording = await get(bucketWithOthers(at));
			expect(recording).toMatchObject(expected);
			expect(kinds(recording).slice(0, files.length)).toEqual(
				kinds({ ...recording, file_list: files }),
			);
			expect(kinds(recording).slice(files.length).sort()).toEqual(
				OTHERS.map((name) => [name, 'other']).sort(),
			);
		}
	});

	it('are not downloaded with the recording', async () => {
		const read = (await findSession(bucketWithOthers(NOON), SID, true))!;
		expect(wholeRecording(read).downloads.map(({ objects }) => objects[0]!.key)).toEqual([
			`${SID}_class-7b_0.mp4`,
		]);
	});

	it('do not make screenshots a finished video', async () => {
		const bucket = memoryBucket({ now: NOON + 10 * MINUTE });
		const shot = `${sidOf(1)}_class-7b__uid_s_11__uid_e_av_${utcStamp(NOON)}.jpg`;
		bucket.add(shot, NOON, 'x');
		bucket.add(`${sidOf(1)}_0_merge_av.mp4`, NOON, 'x');
		const { recordings } = await findRecordings(
			bucket,
			{ folder: '', limit: 1 },
			{ includeSegments: false, linkSeconds: 60 },
		);
		expect(recordings).toMatchObject([{ cname: 'class-7b', status: 'recording' }]);
	});

	it('are not a recording without files of Agora', async () => {
		const bucket = memoryBucket({ now: NOON });
		bucket.add(`${SID}_class-7b.vtt`, NOON, '');
		expect(await find(bucket)).toEqual([]);
		expect(await findSession(bucket, SID, false)).toBeNull();
	});
});

describe('standard stream mode', () => {
	it('is complete although master playlists never end', async () => {
		const bucket = memoryBucket({ now: NOON + MINUTE });
		const user = `${SID}_class-7b__uid_s_1__uid_e`;
		addTrack(bucket, `${user}_audio`, slicesFrom(NOON, 2));
		addTrack(bucket, `${user}_video`, slicesFrom(NOON, 2));
		const master = [
			'#EXTM3U',
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="${user}_audio.m3u8"`,
			'#EXT-X-STREAM-INF:BANDWIDTH=500000,AUDIO="audio"',
			`${user}_video.m3u8`,
		].join('\n');
		bucket.add(`${user}_av.m3u8`, NOON, master);
		expect(await get(bucket)).toMatchObject({ status: 'completed', duration_seconds: 30 });
		expect(wholeRecording((await findSession(bucket, SID, true))!).downloads).toHaveLength(2);
	});
});

describe('several MP4s', () => {
	const END = NOON + 4 * SLICE_MS;
	const bucketWith = (mp4s: number[], now: number) => {
		const bucket = memoryBucket({ now });
		addTrack(bucket, `${SID}_class-7b`, slicesFrom(NOON, 4));
		for (const [i, at] of mp4s.entries()) bucket.add(`${SID}_class-7b_${i}.mp4`, at, `mp4 ${i}`);
		return bucket;
	};

	it('are complete when the last one has arrived, which is not older than the end of the playlist', async () => {
		const early = [END - 40 * SECOND, END - 20 * SECOND];
		const { status, note } = await get(bucketWith(early, END + MINUTE));
		expect([status, note]).toEqual(['recording', undefined]);
		expect((await get(bucketWith([...early, END + MINUTE], END + MINUTE))).status).toBe(
			'completed',
		);
	});

	it('count as complete after ten minutes, with a note', async () => {
		const recording = await get(bucketWith([END - 20 * SECOND], END + 10 * MINUTE));
		expect(recording).toMatchObject({
			status: 'completed',
			note: expect.stringContaining('MP4 file is missing'),
		});
	});

	it('are all downloaded, or the segments if the last one is missing', async () => {
		const names = async (mp4s: number[]) => {
			const read = await findSession(bucketWith(mp4s, END + HOUR), SID, true);
			return wholeRecording(read!).downloads.map(({ objects }) =>
				objects.map(({ key }) => key.slice(-5)),
			);
		};
		expect(await names([END - 20 * SECOND, END + MINUTE])).toEqual([['0.mp4'], ['1.mp4']]);
		expect(await names([END - 20 * SECOND])).toEqual([Array(4).fill('00.ts')]);
	});

	it('are downloaded if they were moved without the segments', async () => {
		const bucket = bucketWith([END - 20 * SECOND], END + HOUR);
		for (const { key } of (await bucket.list({ prefix: '' })).objects) {
			if (key.endsWith('.ts')) bucket.remove(key);
		}
		expect(wholeRecording((await findSession(bucket, SID, true))!).downloads).toHaveLength(1);
	});
});

describe('times', () => {
	it('end with the last segment, after a gap', async () => {
		const bucket = memoryBucket({ now: NOON + HOUR });
		const starts = ['23:41:13', '23:41:53'].map((time) => Date.parse(`2026-11-22T${time}Z`));
		addTrack(bucket, `${SID}_class-7b`, starts);
		expect(await get(bucket)).toMatchObject({
			started_at: '2026-11-22T23:41:13.000Z',
			ended_at: '2026-11-22T23:42:08.000Z',
			duration_seconds: 30,
		});
	});

	it('end with the last user, who may have joined late', async () => {
		const bucket = memoryBucket({ now: NOON + 2 * HOUR });
		const user = (uid: number) => `${SID}_class-7b__uid_s_${uid}__uid_e_video`;
		addTrack(bucket, user(1), slicesFrom(NOON, 120));
		addTrack(bucket, user(2), slicesFrom(NOON + 25 * MINUTE, 120));
		expect((await get(bucket)).ended_at).toBe(new Date(NOON + 55 * MINUTE).toISOString());
	});

	it('end with the last recorder', async () => {
		const bucket = memoryBucket({ now: NOON + 2 * HOUR });
		addTrack(bucket, `${SID}_class-7b`, slicesFrom(NOON, 4), { ended: false });
		addTrack(bucket, `bak0_${SID}_class-7b`, slicesFrom(NOON + 10 * MINUTE, 4));
		expect(await get(bucket)).toMatchObject({
			ended_at: new Date(NOON + 11 * MINUTE).toISOString(),
			duration_seconds: 120,
		});
	});

	it('are compared by Ended After and Ended Before', async () => {
		const bucket = memoryBucket({ now: NOON + 2 * HOUR });
		addTrack(bucket, `${SID}_class-7b`, [NOON, NOON + 10 * MINUTE]);
		const end = NOON + 10 * MINUTE + SLICE_MS;
		expect(await find(bucket, { endedAfter: end, endedBefore: end })).toHaveLength(1);
		expect(await find(bucket, { endedAfter: end + 1 })).toEqual([]);
		expect(await find(bucket, { endedBefore: end - 1 })).toEqual([]);
	});

	it.each([
		['local time east of Greenwich', '20261124/'],
		['local time west of it', '20261122/'],
	])('are found in day folders by %s', async (_, folder) => {
		const bucket = memoryBucket({ now: NOON + 2 * HOUR });
		addTrack(bucket, `${SID}_class-7b`, slicesFrom(NOON, 4), { folder });
		const query = { startedAfter: NOON, startedBefore: NOON + MINUTE };
		expect(await find(bucket, query)).toHaveLength(1);
		expect(await find(bucket, { endedAfter: NOON, endedBefore: NOON + MINUTE })).toHaveLength(1);
	});
});

describe('sids', () => {
	it('are found in upper and lower case', async () => {
		const bucket = memoryBucket({ now: NOON + HOUR });
		addTrack(bucket, `${SID.toUpperCase()}_class-7b`, [NOON]);
		expect((await findSession(bucket, SID, false))?.session.sid).toBe(SID.toUpperCase());
		expect(await find(bucket, { search: SID })).toHaveLength(1);
	});
});
