import { listSession } from '../../../nodes/Agora/recordings/listFiles';
import { loadSession } from '../../../nodes/Agora/recordings/loadSession';
import {
	readableTime,
	recordingWithoutFiles,
	simplifyRecording,
	toClockTime,
	toRecording,
	withReportedFiles,
} from '../../../nodes/Agora/recordings/recording';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import {
	addComposite,
	HOUR,
	MINUTE,
	playlistText,
	SECOND,
	sessionRecordOf,
	sidOf,
	utcStamp,
} from '../recordedSession';

const SID = sidOf(1);
const START = Date.UTC(2026, 10, 23, 9);

const SESSION = { resourceId: 'r', sid: SID, mode: 'mix', cname: 'a', uid: '1' };

async function recordingIn(bucket: MemoryBucket, keepSegments = false) {
	const opened = await listSession(bucket, ['a/'], keepSegments);
	bucket.forgetRequests();
	const read = await loadSession(bucket, opened!.session, bucket.now);
	return toRecording(bucket, read!, { includeSegments: keepSegments, linkSeconds: 600 });
}

describe('a recording', () => {
	afterEach(() => jest.useRealTimers());

	it('combines the record, the playlist and the listing', async () => {
		jest.useFakeTimers({ now: START + HOUR + 400 });
		const bucket = memoryBucket({ now: START + HOUR });
		const record = { cname: 'class_7b', startedAt: new Date(START - SECOND).toISOString() };
		addComposite(bucket, { folder: 'a/', sid: SID, start: START, record });
		bucket.add(`a/${SID}_class-7b_0.mp4`, START + 2 * MINUTE, 'movie');
		const file = (ending: string) => ({
			filename: `${SID}_class-7b${ending}`,
			key: `a/${SID}_class-7b${ending}`,
			uid: null,
			download_url: `memory://a/${SID}_class-7b${ending}?seconds=600`,
			download_url_expires_at: '2026-11-23T10:10:00.000Z',
		});
		const { file_list, ...recording } = await recordingIn(bucket);
		expect(recording).toEqual({
			sid: SID,
			cname: 'class_7b',
			status: 'completed',
			mode: 'mix',
			resourceId: 'fake-resource-id',
			uid: '527841',
			started_at: '2026-11-23T09:00:00.000Z',
			ended_at: '2026-11-23T09:01:00.000Z',
			duration_seconds: 60,
			duration: '00:01:00',
			video_url: `memory://a/${SID}_class-7b_0.mp4?seconds=600`,
			playlist_url: `memory://a/${SID}_class-7b.m3u8?seconds=600`,
			size_bytes: expect.any(Number),
			file_count: 6,
			folder: 'a/',
			segment_count: 4,
		});
		expect(file_list).toEqual([
			{
				...file('_0.mp4'),
				kind: 'video',
				size_bytes: 5,
				last_modified: '2026-11-23T09:02:00.000Z',
			},
			expect.objectContaining({ ...file('.m3u8'), kind: 'playlist' }),
		]);
		expect(recording.size_bytes).toBe(4 * 5 + 5 + file_list[1]!.size_bytes!);
		expect(bucket.requests.reads.sort()).toEqual([
			`a/${SID}_class-7b.m3u8`,
			`a/${SID}_class-7b.session.json`,
		]);
	});

	it('begins with the most important fields and ends with the longest', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const names = Object.keys(await recordingIn(bucket));
		expect(names.slice(0, 3)).toEqual(['sid', 'cname', 'status']);
		expect(names.at(-1)).toBe('resourceId');
		expect(Object.keys(recordingWithoutFiles(SESSION, 'recording', null))).toEqual(names);
	});

	it('has no video_url where there is no MP4', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		bucket.add(`a/${SID}_class-7b_0.mp3`, START + 2 * MINUTE, 'audio');
		bucket.add(`a/${SID}_0_merge_av.mp4`, START + 2 * MINUTE, 'of another tool');
		const { video_url: video, playlist_url: playlist } = await recordingIn(bucket);
		expect(video).toBeNull();
		expect(playlist).toContain('.m3u8');
	});

	it('has the link of a video only after the video has arrived', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const reported = [{ name: `${SID}_class-7b_0.mp4`, uid: null }];
		const recording = withReportedFiles(await recordingIn(bucket), reported, 'a/', bucket, 600);
		expect(recording.file_list[0]).toMatchObject({ kind: 'video', size_bytes: null });
		expect(recording.video_url).toBeNull();
	});

	it('can be simplified, without losing a warning or what an operation adds', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const recording = { ...(await recordingIn(bucket)), note: 'A warning.', stopped: true };
		expect(Object.keys(simplifyRecording(recording))).toEqual([
			...['sid', 'cname', 'status', 'started_at', 'ended_at', 'duration_seconds', 'duration'],
			...['video_url', 'size_bytes', 'note', 'stopped'],
		]);
	});

	it('has null for unknown fields without a record', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		expect(await recordingIn(bucket)).toMatchObject({
			cname: 'class-7b',
			status: 'completed',
			mode: null,
			resourceId: null,
			uid: null,
			duration_seconds: 60,
		});
	});

	it('has no end while it is running', async () => {
		const bucket = memoryBucket({ now: START + 2 * MINUTE });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START, ended: false });
		expect(await recordingIn(bucket)).toMatchObject({
			status: 'recording',
			started_at: '2026-11-23T09:00:00.000Z',
			ended_at: null,
		});
	});

	it('lists segments if requested, and the user of each track', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		const track = `a/${SID}_class-7b__uid_s_1001__uid_e`;
		bucket.add(`${track}_${utcStamp(START)}_h264.ts`, START);
		bucket.add(`${track}_h264.m3u8`, START);
		const brief = ({ kind, uid }: { kind: string; uid: string | null }) => `${kind} ${uid}`;
		expect((await recordingIn(bucket)).file_list.map(brief)).toEqual(['playlist 1001']);
		expect((await recordingIn(bucket, true)).file_list.map(brief)).toEqual([
			'playlist 1001',
			'segment 1001',
		]);
	});

	it('has no duration and no playlist if there are only screenshots', async () => {
		const bucket = memoryBucket({ now: START + 2 * HOUR });
		const path = `a/${SID}_class-7b__uid_s_1001__uid_e_video_`;
		bucket.add(`${path}${utcStamp(START)}.jpg`, START + SECOND);
		bucket.add(`${path}${utcStamp(START + MINUTE)}.jpg`, START + MINUTE);
		expect(await recordingIn(bucket)).toMatchObject({
			status: 'completed',
			started_at: '2026-11-23T09:00:00.000Z',
			ended_at: '2026-11-23T09:01:00.000Z',
			duration_seconds: null,
			segment_count: 0,
			file_list: [{ kind: 'image' }, { kind: 'image' }],
		});
	});

	it('starts with its record before the first file has arrived', async () => {
		const bucket = memoryBucket({ now: START + MINUTE });
		const record = { startedAt: '2026-11-23T09:00:00.000Z' };
		addComposite(bucket, { folder: 'a/', sid: SID, start: START, record });
		for (const { key } of (await bucket.list({ prefix: 'a/' })).objects) {
			if (!key.endsWith('.json')) bucket.remove(key);
		}
		expect(await recordingIn(bucket)).toMatchObject({
			status: 'recording',
			started_at: '2026-11-23T09:00:00.000Z',
			file_list: [],
			size_bytes: 0,
		});
	});

	it('waits for the MP4 only if the record contains the format', async () => {
		for (const [avFileType, status] of [
			[['hls', 'mp4'], 'recording'],
			[['hls'], 'completed'],
		] as const) {
			const bucket = memoryBucket({ now: START + 2 * MINUTE });
			addComposite(bucket, {
				folder: 'a/',
				sid: SID,
				start: START,
				record: { avFileType: [...avFileType] },
			});
			expect((await recordingIn(bucket)).status).toBe(status);
		}
	});

	it('is valid with a playlist of infinite duration', async () => {
		const bucket = memoryBucket({ now: START + 2 * MINUTE });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const endless = '#EXTINF:999999999,\na.ts\n'.repeat(9_000_000 / 1000);
		bucket.add(`a/${SID}_class-7b.m3u8`, START, `${endless}#EXT-X-ENDLIST`);
		expect(await recordingIn(bucket)).toMatchObject({ status: 'completed', ended_at: null });
	});

	it('ends after its duration if names of segments contain no time', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		const record = { startedAt: new Date(START).toISOString() };
		addComposite(bucket, { folder: 'a/', sid: SID, start: START, slices: 0, record });
		bucket.add(`a/${SID}_class-7b.m3u8`, START + 5 * MINUTE, playlistText(4, true));
		expect(await recordingIn(bucket)).toMatchObject({
			started_at: '2026-11-23T09:00:00.000Z',
			ended_at: '2026-11-23T09:01:00.000Z',
			duration_seconds: 60,
		});
	});

	it('ends with its last file if its playlist is empty', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		bucket.add(`a/${SID}_class-7b.m3u8`, START + 5 * MINUTE, playlistText(0, true));
		expect(await recordingIn(bucket)).toMatchObject({
			ended_at: '2026-11-23T09:05:00.000Z',
			duration_seconds: 0,
		});
	});

	it('ends with its stop if it has no files', async () => {
		const bucket = memoryBucket({ now: START + 100 * HOUR });
		const ended = { endedAt: '2026-11-23T09:07:00.000Z', uploadingStatus: 'uploaded' };
		const text = JSON.stringify(sessionRecordOf(SID, ended));
		bucket.add(`a/${SID}_class-7b.session.json`, START, text);
		expect(await recordingIn(bucket)).toMatchObject({
			status: 'completed',
			ended_at: '2026-11-23T09:07:00.000Z',
		});
	});

	it('has neither a note nor unreadable files if all is well', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const recording = await recordingIn(bucket);
		expect(recording).not.toHaveProperty('note');
		expect(recording).not.toHaveProperty('unreadable_files');
	});

	it('lists the playlists that could not be read', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		bucket.add(`a/${SID}_class-7b.m3u8`, START, 'oops');
		expect((await recordingIn(bucket)).unreadable_files).toEqual([
			{ filename: `${SID}_class-7b.m3u8`, reason: expect.stringContaining('not a playlist') },
		]);
	});

	it('lists no segments if they were kept but are not requested', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const { session, now } = (await listSession(bucket, ['a/'], true))!;
		const loaded = (await loadSession(bucket, session, now))!;
		const { file_list: files } = toRecording(bucket, loaded, {
			includeSegments: false,
			linkSeconds: 60,
		});
		expect(files.map(({ kind }) => kind)).toEqual(['playlist']);
	});

	it('has no URLs if the credential cannot sign them', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		bucket.presign = () => null;
		expect((await recordingIn(bucket)).file_list).toMatchObject([
			{ key: `a/${SID}_class-7b.m3u8`, download_url: null, download_url_expires_at: null },
		]);
	});
});

const KNOWN = { appId: 'a', resourceId: 'r', sid: SID, mode: 'mix', cname: 'a', uid: '1' };

describe('recordingWithoutFiles', () => {
	it('contains what is known, and null for everything else', () => {
		expect(recordingWithoutFiles(KNOWN, 'recording', 'a/')).toEqual({
			sid: SID,
			cname: 'a',
			status: 'recording',
			mode: 'mix',
			uid: '1',
			started_at: null,
			ended_at: null,
			duration_seconds: null,
			duration: null,
			video_url: null,
			playlist_url: null,
			size_bytes: 0,
			file_count: 0,
			folder: 'a/',
			file_list: [],
			segment_count: 0,
			resourceId: 'r',
		});
	});
});

describe('withReportedFiles', () => {
	const report = (names: string[], bucket: MemoryBucket | null, before = emptyRecording()) =>
		withReportedFiles(
			before,
			names.map((name) => ({ name, uid: '7' })),
			'a/',
			bucket,
			600,
		).file_list;
	const emptyRecording = () => recordingWithoutFiles(KNOWN, 'recording', 'a/');

	afterEach(() => jest.useRealTimers());

	it('adds files that have not arrived, named with or without the folder', () => {
		jest.useFakeTimers({ now: START });
		const names = [`${SID}_a_0.mp4`, `a/${SID}_a.m3u8`];
		const before = emptyRecording();
		expect(report(names, memoryBucket(), before)).toEqual([
			{
				filename: `${SID}_a_0.mp4`,
				key: `a/${SID}_a_0.mp4`,
				kind: 'video',
				uid: '7',
				size_bytes: null,
				last_modified: null,
				download_url: `memory://a/${SID}_a_0.mp4?seconds=600`,
				download_url_expires_at: '2026-11-23T09:10:00.000Z',
			},
			expect.objectContaining({
				filename: `${SID}_a.m3u8`,
				key: `a/${SID}_a.m3u8`,
				kind: 'playlist',
			}),
		]);
		expect(before.file_list).toEqual([]);
	});

	it('has no URLs without a bucket', () => {
		expect(report([`${SID}_a_0.mp4`], null)).toMatchObject([
			{ download_url: null, download_url_expires_at: null },
		]);
	});

	it('keeps the files that are in the bucket, and lists each once, videos first', () => {
		const before = { ...emptyRecording(), file_list: report([`${SID}_a.m3u8`], null) };
		const names = [`${SID}_a.m3u8`, `a/${SID}_a.m3u8`, `${SID}_a_0.mp4`];
		expect(report(names, null, before).map(({ filename }) => filename)).toEqual([
			`${SID}_a_0.mp4`,
			`${SID}_a.m3u8`,
		]);
	});

	it('leaves out session records and files that are not of a recording', () => {
		expect(report([`${SID}_a.session.json`, 'notes.txt', ''], null)).toEqual([]);
	});

	it('leaves out a reported file outside its folder', () => {
		const files = ['', 'b/', '../', 'b/../../'].map((folder) => ({
			name: `${folder}${SID}_a_0.mp4`,
			uid: null,
		}));
		const { file_list } = withReportedFiles(emptyRecording(), files, 'a/', memoryBucket(), 600);
		expect(file_list.map(({ key }) => key)).toEqual([`a/${SID}_a_0.mp4`, `a/b/${SID}_a_0.mp4`]);
	});
});

describe('toClockTime', () => {
	it.each([
		[null, null],
		[0, '00:00:00'],
		[59.9, '00:00:59'],
		[60, '00:01:00'],
		[2686.709, '00:44:46'],
		[3600, '01:00:00'],
		[100 * 3600 + 61, '100:01:01'],
	])('converts %s seconds', (seconds, expected) => {
		expect(toClockTime(seconds)).toBe(expected);
	});
});

describe('readableTime', () => {
	it.each([START, new Date(START).toISOString()])('converts %s', (time) => {
		expect(readableTime(time)).toBe('23 Nov 2026, 09:00:00 UTC');
	});
});
