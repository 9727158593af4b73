import { request } from 'undici';
import { agoraClient } from './agoraClient.ts';
import { recordedFiles } from './recordedFiles.ts';
import { s3Client } from './s3Client.ts';
import { useSandbox } from './useSandbox.ts';

/** Recordings of somebody else's back end, and files of other tools beside a recording. */

const sandbox = useSandbox({ pace: { speed: 20, sliceSeconds: 4, callSeconds: 600 } });

async function http(method: 'GET' | 'POST' | 'PUT', path: string, body?: object) {
	const options = { method, body: body && JSON.stringify(body) };
	const answer = await request(`${sandbox.agora}/sandbox/${path}`, options);
	return JSON.parse(await answer.body.text());
}

describe('a recording that somebody else started', () => {
	it('has the folders and the clock of their back end, and nothing of ours', async () => {
		const { sid } = sandbox.control.recordElsewhere({
			cname: 'evening',
			fileNamePrefix: ['record', '20241216'],
			recorderTime: '2024-12-15T17:00:00.000Z',
			clientRequest: { recordingFileConfig: { avFileType: ['hls', 'mp4'] } },
		});
		const files = recordedFiles(sandbox, 'record/20241216/');
		await files.once(sid, 'evening.m3u8');
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

	it('is known to Agora as any other', async () => {
		const started = sandbox.control.recordElsewhere({
			cname: 'asked_1',
			fileNamePrefix: ['match_recordings', 'room-7'],
			mode: 'raw',
		});
		const { sid, resourceId, uid } = started;
		expect(started).toMatchObject({ cname: 'asked_1', mode: 'raw', live: true });
		const files = recordedFiles(sandbox, 'match_recordings/room-7/');
		await files.once(sid, 'asked_1__uid_s_1001__uid_e_h264.m3u8');
		const agora = agoraClient(sandbox);
		const path = `${agora.appPath}/resourceid/${resourceId}/sid/${sid}/mode/raw`;
		expect(await agora.call('GET', `${path}/query`)).toMatchObject({
			status: 200,
			body: { sid, serverResponse: { status: 5 } },
		});
		const stop = { cname: 'asked_1', uid, clientRequest: {} };
		expect((await agora.call('POST', `${path}/stop`, stop)).status).toBe(200);
		expect(sandbox.control.sessions().at(-1)).toMatchObject({ sid, endedBecause: 'stopped' });
	});

	it.each(['mix', 'individual', 'raw', 'web'] as const)('can be in %s mode', async (mode) => {
		const { sid } = sandbox.control.recordElsewhere({ cname: mode, fileNamePrefix: ['x'], mode });
		const ending = { mix: '', web: '', raw: '__uid_s_1001__uid_e_h264' };
		const user = mode === 'individual' ? '__uid_s_1001__uid_e_audio' : ending[mode];
		await recordedFiles(sandbox, 'x/').once(sid, `${mode}${user}.m3u8`);
		await sandbox.control.stop(sid);
		expect(sandbox.control.sessions()).toMatchObject([{ sid, mode, endedBecause: 'stopped' }]);
	});

	it('is refused as Agora refuses it', () => {
		const start = () => sandbox.control.recordElsewhere({ cname: 'no', fileNamePrefix: ['a b'] });
		expect(start).toThrow('fileNamePrefix');
	});
});

it('puts the files of other tools beside a recording', async () => {
	const { control } = sandbox;
	const { sid } = control.recordElsewhere({ cname: 'cut', fileNamePrefix: ['tools'] });
	const files = recordedFiles(sandbox, 'tools/');
	await files.once(sid, 'cut.m3u8');
	expect(await control.putBeside(sid, '_thumb.jpg')).toBe(`tools/${sid}_thumb.jpg`);
	await control.stop(sid);
	await control.putBeside(sid, '_0_merge_av.mp4');
	await control.putBeside(sid, '_cut.en.vtt', 'WEBVTT\n');
	await control.putBeside(sid, '.json');
	const { keys } = await s3Client(sandbox).listObjects({ prefix: `tools/${sid}` });
	expect(keys.filter((key) => !/_cut(_\d{17}\.ts|\.m3u8)$/.test(key))).toEqual(
		['.json', '_0_merge_av.mp4', '_cut.en.vtt', '_thumb.jpg'].map((name) => `tools/${sid}${name}`),
	);
	expect((await files.file(sid, '0_merge_av.mp4')).bytes.toString('latin1')).toContain('mvhd');
	expect(await files.text(sid, 'cut.en.vtt')).toBe('WEBVTT\n');
	await expect(control.putBeside('none', '_thumb.jpg')).rejects.toThrow('no such session');
});

it('does all that over HTTP, too', async () => {
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
	const files = recordedFiles(sandbox, 'web/');
	await files.once(sid, 'hall__uid_s_8__uid_e_vp8.mpd');
	await files.once(sid, 'hall__uid_s_7__uid_e_1_h264.mp4');
	expect(await http('POST', `sessions/${sid}/stop`)).toEqual({ ok: true });
	expect(await http('POST', `sessions/${sid}/files`, { ending: '_note.txt', text: 'hi' })).toEqual({
		key: `web/${sid}_note.txt`,
	});
	expect(await files.text(sid, 'note.txt')).toBe('hi');
});
