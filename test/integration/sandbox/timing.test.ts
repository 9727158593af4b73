import { startSandbox } from '../../../sandbox/sandbox.ts';
import { agoraClient, eventually } from './agoraClient.ts';
import { mp4Seconds, offsets, wait, recordingBucket } from './recordingBucket.ts';
import { useSandbox } from './useSandbox.ts';

/** When files are written: several MP4s, silences, and users who join and leave. */

const sandbox = useSandbox({ pace: { speed: 20, sliceSeconds: 4, callSeconds: 600 } });
let agora: ReturnType<typeof agoraClient>;
let files: ReturnType<typeof recordingBucket>;

beforeAll(() => {
	agora = agoraClient(sandbox);
	files = recordingBucket(sandbox);
});

const UID = '527841';
/** 12 seconds of session time: the duration of three slices. */
const THREE_SLICES_MS = 600;

function record(cname: string, mode: 'mix' | 'individual' | 'raw', avFileType = ['hls']) {
	const groups = mode === 'mix' ? {} : { subscribeUidGroup: 0 };
	const clientRequest = agora.startRequest(cname, UID, {
		recordingConfig: { channelType: 0, maxIdleTime: 20, ...groups },
		recordingFileConfig: { avFileType },
	});
	return agora.record(cname, { mode, clientRequest });
}

function recordPage(cname: string, client = agora, settings: object = {}) {
	const serviceParam = {
		url: 'https://example.com/',
		audioProfile: 0,
		videoWidth: 1280,
		videoHeight: 720,
		maxRecordingHour: 1,
		...settings,
	};
	const clientRequest = {
		storageConfig: client.storageConfig(),
		recordingFileConfig: { avFileType: ['hls', 'mp4'] },
		extensionServiceConfig: {
			extensionServices: [{ serviceName: 'web_recorder_service', serviceParam }],
		},
	};
	return client.record(cname, { mode: 'web', scene: 1, clientRequest });
}

describe('several MP4s', () => {
	const mp4s = async (sid: string) =>
		(await files.names(sid)).filter((name) => name.endsWith('.mp4'));
	const durations = async (sid: string) =>
		Promise.all(
			(await mp4s(sid)).map(async (name) => mp4Seconds((await files.file(sid, name)).bytes)),
		);

	it('are uploaded while the recording runs, the last one some time after its end', async () => {
		sandbox.control.setRecorder({ mp4EverySeconds: 10, mp4DelaySeconds: 40 });
		sandbox.control.setChannel('long', { uids: ['7'], seconds: 26 });
		const { sid, query } = await record('long', 'mix', ['hls', 'mp4']);
		await files.untilFile(sid, 'long_0.mp4');
		expect(files.isLive(sid)).toBe(true);
		expect((await files.playlist(sid, 'long.m3u8')).ended).toBe(false);
		await files.untilFile(sid, 'long_1.mp4');
		expect(files.isLive(sid)).toBe(true);
		const listed = (await query()).body.serverResponse.fileList as Array<{ fileName: string }>;
		expect(listed.map(({ fileName }) => fileName)).toContain(`sandbox/tests/${sid}_long_1.mp4`);

		await files.untilEnded(sid);
		expect((await query()).status).toBe(404);
		const { ended, seconds } = await files.playlist(sid, 'long.m3u8');
		expect(ended).toBe(true);
		expect(seconds.reduce((sum, each) => sum + each)).toBe(26);
		expect(await mp4s(sid)).toEqual(['long_0.mp4', 'long_1.mp4']);

		await sandbox.control.waitUntilComplete(sid);
		expect(await mp4s(sid)).toEqual(['long_0.mp4', 'long_1.mp4', 'long_2.mp4']);
		expect(await durations(sid)).toEqual([10, 10, 6]);
	});

	it('are numbered for each user in raw mode', async () => {
		sandbox.control.setRecorder({ mp4EverySeconds: 8 });
		sandbox.control.setChannel('each', {
			uids: ['7'],
			seconds: 16,
			visits: [{ uid: '8', from: 4, until: null }],
		});
		const { sid } = await record('each', 'raw', ['hls', 'mp4']);
		await files.untilEnded(sid);
		expect(await mp4s(sid)).toEqual([
			'each__uid_s_7__uid_e_0_h264.mp4',
			'each__uid_s_7__uid_e_1_h264.mp4',
			'each__uid_s_8__uid_e_0_h264.mp4',
			'each__uid_s_8__uid_e_1_h264.mp4',
		]);
		expect(await durations(sid)).toEqual([8, 8, 8, 4]);
	});

	it('begin after maxVideoDuration of a web page', async () => {
		const fast = await startSandbox({ pace: { speed: 600, sliceSeconds: 120 } });
		try {
			const { sid, stop } = await recordPage('page', agoraClient(fast), { maxVideoDuration: 30 });
			const recorded = recordingBucket(fast);
			await recorded.untilFile(sid, 'page_0.mp4');
			expect(recorded.isLive(sid)).toBe(true);
			await stop();
			expect(await recorded.names(sid)).toContain('page_1.mp4');
			expect(mp4Seconds((await recorded.file(sid, 'page_0.mp4')).bytes)).toBe(1800);
		} finally {
			await fast.stop();
		}
	});

	it('lack the last one when the recorder fails', async () => {
		sandbox.control.setRecorder({ mp4EverySeconds: 8, mp4DelaySeconds: 10 });
		const { sid } = await record('broken', 'mix', ['hls', 'mp4']);
		await files.untilFile(sid, 'broken_0.mp4');
		await sandbox.control.crash(sid);
		const uploaded = await mp4s(sid);
		await sandbox.control.waitUntilComplete(sid);
		await wait(THREE_SLICES_MS);
		expect(await mp4s(sid)).toEqual(uploaded);
	});
});

describe('silence', () => {
	it.each([
		['mix', 'hush.m3u8'],
		['individual', 'hush__uid_s_7__uid_e_video.m3u8'],
	] as const)('in %s mode: no slices until the session continues', async (mode, name) => {
		sandbox.control.setChannel('hush', {
			uids: ['7'],
			seconds: null,
			silences: [{ from: 6, until: null }],
		});
		const { sid } = await record('hush', mode);
		await files.untilFile(sid, name);
		const names = await files.untilSettled(sid, THREE_SLICES_MS);
		const before = await files.playlist(sid, name);
		expect(before).toMatchObject({ ended: false, seconds: [4, 2] });
		await wait(THREE_SLICES_MS);
		expect(await files.names(sid)).toEqual(names);
		expect(files.isLive(sid)).toBe(true);

		sandbox.control.setChannel('hush', { uids: ['7'], seconds: 8 });
		expect(await files.untilEnded(sid)).toMatchObject({ endReason: 'idle' });
		const after = await files.playlist(sid, name);
		expect(after).toMatchObject({ ended: true, discontinuities: 1 });
		expect(after.slices.slice(0, 2)).toEqual(before.slices);
		expect(offsets(after)[2]).toBeGreaterThan(24);
		expect((await files.text(sid, name)).match(/EVENT=START,TRACK_TYPE=VIDEO/g)).toHaveLength(2);
	});

	it('also results from a page on hold', async () => {
		const { sid, update, stop } = await recordPage('paused');
		await files.untilFile(sid, 'paused.m3u8');
		await update({ webRecordingConfig: { onhold: true } });
		const names = await files.untilSettled(sid, THREE_SLICES_MS);
		await wait(THREE_SLICES_MS);
		expect(await files.names(sid)).toEqual(names);
		const { length } = (await files.playlist(sid, 'paused.m3u8')).slices;

		await update({ webRecordingConfig: { onhold: false } });
		await eventually(
			() => files.playlist(sid, 'paused.m3u8'),
			({ slices }) => slices.length > length,
		);
		await stop();
		const playlist = await files.playlist(sid, 'paused.m3u8');
		expect(playlist.ended).toBe(true);
		const starts = offsets(playlist);
		const gap = starts[length]! - starts[length - 1]! - playlist.seconds[length - 1]!;
		expect(gap).toBeGreaterThan(20);
		expect(mp4Seconds((await files.file(sid, 'paused_0.mp4')).bytes)).toBe(
			playlist.seconds.reduce((sum, each) => sum + each),
		);
	});
});

describe('users who join and leave', () => {
	const name = (uid: string) => `class__uid_s_${uid}__uid_e_audio.m3u8`;

	it('have playlists of the time they were present in individual mode', async () => {
		sandbox.control.setChannel('class', {
			uids: ['1'],
			seconds: 80,
			visits: [
				{ uid: '2', from: 8, until: 18 },
				{ uid: '3', from: 4, until: 12 },
				{ uid: '3', from: 68, until: null },
			],
		});
		const { sid } = await record('class', 'individual');
		await files.untilFile(sid, name('1'));
		expect(await files.names(sid)).not.toContain(name('2'));
		await files.untilFile(sid, name('2'));
		await eventually(
			() => files.playlist(sid, name('2')),
			({ ended }) => ended,
		);
		const [first, second, third] = await Promise.all(
			['1', '2', '3'].map((uid) => files.playlist(sid, name(uid))),
		);
		expect([first!.ended, second!.ended, third!.ended]).toEqual([false, true, true]);
		const start = first!.startedAt[0];
		expect(offsets(second!, start)).toEqual([8, 12, 16]);
		expect(second!.seconds).toEqual([4, 4, 2]);
		expect(offsets(third!, start)).toEqual([4, 8]);

		await files.untilEnded(sid);
		expect(await files.playlist(sid, name('2'))).toEqual(second);
		expect(offsets(await files.playlist(sid, name('3')), start)).toEqual(
			[4, 8].concat([68, 72, 76]),
		);
		expect(await files.playlist(sid, name('3'))).toMatchObject({ ended: true, discontinuities: 1 });
		expect(await files.playlist(sid, name('1'))).toMatchObject({ ended: true });
	});

	it('have their playlist reopened when they return', async () => {
		const visits = [
			{ uid: '2', from: 0, until: 8 },
			{ uid: '2', from: 40, until: null },
		];
		sandbox.control.setChannel('back', { uids: ['1'], seconds: null, visits });
		const { sid, stop } = await record('back', 'individual');
		const playlist = 'back__uid_s_2__uid_e_video.m3u8';
		await files.untilFile(sid, playlist);
		for (const closed of [true, false])
			await eventually(
				() => files.playlist(sid, playlist),
				({ ended }) => ended === closed,
			);
		expect(files.isLive(sid)).toBe(true);
		await stop();
		expect((await files.playlist(sid, playlist)).ended).toBe(true);
	});

	it('cause gaps between the slices in composite mode', async () => {
		sandbox.control.setChannel('gaps', {
			uids: [],
			seconds: 40,
			visits: [
				{ uid: '1', from: 0, until: 8 },
				{ uid: '2', from: 24, until: 34 },
			],
		});
		const { sid } = await record('gaps', 'mix');
		await files.untilFile(sid, 'gaps.m3u8');
		expect(await files.untilEnded(sid)).toMatchObject({ endReason: 'idle' });
		const playlist = await files.playlist(sid, 'gaps.m3u8');
		expect(offsets(playlist)).toEqual([0, 4, 24, 28, 32]);
		expect(playlist).toMatchObject({
			ended: true,
			seconds: [4, 4, 4, 4, 2],
			discontinuities: 1,
		});
	});
});
