import { request } from 'undici';
import { agoraClient } from './agoraClient.ts';
import { recordingBucket } from './recordingBucket.ts';
import { s3Client } from './s3Client.ts';
import { useSandbox } from './useSandbox.ts';

/** Recordings that another backend starts, and files that other tools add to a recording. */

const sandbox = useSandbox({ pace: { speed: 20, sliceSeconds: 4, callSeconds: 600 } });

async function http(method: 'GET' | 'POST' | 'PUT', path: string, body?: object) {
	const options = { method, body: body && JSON.stringify(body) };
	const response = await request(`${sandbox.agora}/sandbox/${path}`, options);
	return JSON.parse(await response.body.text());
}

describe('a recording of another backend', () => {
	it('has its folders and the time of its clock, and no session record', async () => {
		const { sid } = sandbox.control.startExternalRecording({
			cname: 'evening',
			fileNamePrefix: ['record', '20241216'],
			recorderTime: '2024-12-15T17:00:00.000Z',
			clientRequest: { recordingFileConfig: { avFileType: ['hls', 'mp4'] } },
		});
		const files = recordingBucket(sandbox, 'record/20241216/');
		await files.untilFile(sid, 'evening.m3u8');
		await sandbox.control.stop(sid);
		const playlist = await files.playlist(sid, 'evening.m3u8');
		expect(playlist.ended).toBe(true);
		for (const slice of playlist.slices)
			expect(slice).toMatch(new RegExp(`^${sid}_evening_202412151700\\d{5}\\.ts$`));
		const { keys } = await s3Client(sandbox).listObjects();
		const expected = ['evening.m3u8', 'evening_0.mp4'].map((name) => `${sid}_${name}`);
		expect(keys).toEqual(
			[...playlist.slices, ...expected].map((name) => `record/20241216/${name}`).sort(),
		);
	});

	it('can be queried and stopped through Agora', async () => {
		const started = sandbox.control.startExternalRecording({
			cname: 'room_1',
			fileNamePrefix: ['match_recordings', 'room-7'],
			mode: 'raw',
		});
		const { sid, resourceId, uid } = started;
		expect(started).toMatchObject({ cname: 'room_1', mode: 'raw', live: true });
		const files = recordingBucket(sandbox, 'match_recordings/room-7/');
		await files.untilFile(sid, 'room_1__uid_s_1001__uid_e_h264.m3u8');
		const agora = agoraClient(sandbox);
		const path = `${agora.appPath}/resourceid/${resourceId}/sid/${sid}/mode/raw`;
		expect(await agora.call('GET', `${path}/query`)).toMatchObject({
			status: 200,
			body: { sid, serverResponse: { status: 5 } },
		});
		const stop = { cname: 'room_1', uid, clientRequest: {} };
		expect((await agora.call('POST', `${path}/stop`, stop)).status).toBe(200);
		expect(sandbox.control.sessions().at(-1)).toMatchObject({ sid, endReason: 'stopped' });
	});

	it.each(['mix', 'individual', 'raw', 'web'] as const)('can be in %s mode', async (mode) => {
		const { sid } = sandbox.control.startExternalRecording({
			cname: mode,
			fileNamePrefix: ['x'],
			mode,
		});
		const ending = { mix: '', web: '', raw: '__uid_s_1001__uid_e_h264' };
		const user = mode === 'individual' ? '__uid_s_1001__uid_e_audio' : ending[mode];
		await recordingBucket(sandbox, 'x/').untilFile(sid, `${mode}${user}.m3u8`);
		await sandbox.control.stop(sid);
		expect(sandbox.control.sessions()).toMatchObject([{ sid, mode, endReason: 'stopped' }]);
	});

	it('fails with the reason that Agora returns', () => {
		const start = () =>
			sandbox.control.startExternalRecording({ cname: 'no', fileNamePrefix: ['a b'] });
		expect(start).toThrow('fileNamePrefix');
	});
});

it('adds the files of other tools to a recording', async () => {
	const { control } = sandbox;
	const { sid } = control.startExternalRecording({ cname: 'cut', fileNamePrefix: ['tools'] });
	const files = recordingBucket(sandbox, 'tools/');
	await files.untilFile(sid, 'cut.m3u8');
	expect(await control.addFile(sid, '_thumb.jpg')).toBe(`tools/${sid}_thumb.jpg`);
	await control.stop(sid);
	await control.addFile(sid, '_0_merge_av.mp4');
	await control.addFile(sid, '_cut.en.vtt', 'WEBVTT\n');
	await control.addFile(sid, '.json');
	const { keys } = await s3Client(sandbox).listObjects({ prefix: `tools/${sid}` });
	expect(keys.filter((key) => !/_cut(_\d{17}\.ts|\.m3u8)$/.test(key))).toEqual(
		['.json', '_0_merge_av.mp4', '_cut.en.vtt', '_thumb.jpg'].map((name) => `tools/${sid}${name}`),
	);
	expect((await files.file(sid, '0_merge_av.mp4')).bytes.toString('latin1')).toContain('mvhd');
	expect(await files.text(sid, 'cut.en.vtt')).toBe('WEBVTT\n');
	await expect(control.addFile('none', '_thumb.jpg')).rejects.toThrow('no such session');
});

it('is available over HTTP', async () => {
	await http('PUT', 'recorder', { mp4EverySeconds: 4, sidCase: 'upper' });
	const visits = [{ uid: '8', from: 4, until: null }];
	await http('PUT', 'channels/hall', { uids: [7], visits, vp8: ['8'] });
	const { sid } = await http('POST', 'recordings', {
		cname: 'hall',
		fileNamePrefix: ['web'],
		mode: 'raw',
		clientRequest: { recordingFileConfig: { avFileType: ['hls', 'mp4'] } },
	});
	expect(sid).toMatch(/^[0-9A-F]{32}$/);
	const files = recordingBucket(sandbox, 'web/');
	await files.untilFile(sid, 'hall__uid_s_8__uid_e_vp8.mpd');
	await files.untilFile(sid, 'hall__uid_s_7__uid_e_1_h264.mp4');
	expect(await http('POST', `sessions/${sid}/stop`)).toEqual({ ok: true });
	expect(
		await http('POST', `sessions/${sid}/files`, { suffix: '_note.txt', content: 'hi' }),
	).toEqual({
		key: `web/${sid}_note.txt`,
	});
	expect(await files.text(sid, 'note.txt')).toBe('hi');
});
