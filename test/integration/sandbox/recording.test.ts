import { agoraClient, eventually } from './agoraClient.ts';
import { services } from './requestBodies.ts';
import { s3Client } from './s3Client.ts';
import { useSandbox } from './useSandbox.ts';

const sandbox = useSandbox({ pace: { speed: 20, sliceSeconds: 4, callSeconds: 600 } });
let agora: ReturnType<typeof agoraClient>;
let s3: ReturnType<typeof s3Client>;

beforeAll(() => {
	agora = agoraClient(sandbox);
	s3 = s3Client(sandbox);
});

type Recording = Awaited<ReturnType<typeof agora.record>>;

const status = (value: number) => (answer: { body: { serverResponse?: { status: number } } }) =>
	answer.body.serverResponse?.status === value;
const inProgress = (session: Recording) => eventually(session.query, status(5));
const gone = (session: Recording) => eventually(session.query, (answer) => answer.status === 404);
const known = ({ sid }: Recording) => sandbox.control.sessions().find((each) => each.sid === sid);
const filesOf = async ({ sid }: Recording) =>
	(await s3.listObjects({ prefix: `sandbox/tests/${sid}_` })).keys.map((key) =>
		key.slice(`sandbox/tests/${sid}_`.length),
	);
const secondsIn = (playlist: string) =>
	[...playlist.matchAll(/^#EXTINF:([\d.]+)/gm)].reduce((sum, [, each]) => sum + Number(each), 0);

/** Duration in seconds as an MP4's own header (`mvhd`) tells it. */
function mp4Seconds(file: Buffer): number {
	const mvhd = file.indexOf('mvhd') + 4;
	return file.readUInt32BE(mvhd + 16) / file.readUInt32BE(mvhd + 12);
}

it('records into the bucket while it runs, and answers 404 afterwards', async () => {
	const session = await agora.record('lesson_1');
	expect(session.started.status).toBe(200);
	expect(session.sid).toMatch(/^[0-9a-f]{32}$/);
	const playlistKey = `sandbox/tests/${session.sid}_lesson-1.m3u8`;

	const queried = await inProgress(session);
	expect(queried.body.serverResponse).toMatchObject({
		fileListMode: 'string',
		fileList: playlistKey,
		sliceStartTime: expect.any(Number),
	});
	expect((await s3.get(playlistKey)).text).not.toContain('#EXT-X-ENDLIST');

	const stopped = await session.stop();
	expect(stopped).toMatchObject({
		status: 200,
		body: {
			sid: session.sid,
			cname: 'lesson_1',
			serverResponse: {
				fileListMode: 'string',
				fileList: playlistKey,
				uploadingStatus: 'uploaded',
			},
		},
	});
	expect(await session.query()).toMatchObject({ status: 404, body: { code: 404 } });
	expect(await session.stop()).toEqual({
		status: 404,
		body: { code: 404, reason: 'failed to find worker', cname: 'lesson_1', uid: '527841' },
	});

	const playlist = (await s3.get(playlistKey)).text;
	const slices = playlist.split('\n').filter((line) => line.endsWith('.ts'));
	expect(playlist).toMatch(/#EXT-X-ENDLIST\n$/);
	expect(playlist.match(/^#EXTINF:[24]\.000000$/gm)).toHaveLength(slices.length);
	expect((await s3.listObjects({ prefix: `sandbox/tests/${session.sid}_` })).keys).toEqual(
		[playlistKey, ...slices.map((slice) => `sandbox/tests/${slice}`)].sort(),
	);
	expect(slices[0]).toMatch(new RegExp(`^${session.sid}_lesson-1_\\d{17}\\.ts$`));
	const slice = await s3.get(`sandbox/tests/${slices[0]}`);
	expect(slice.bytes[0]).toBe(0x47);
	expect(slice.bytes.length % 188).toBe(0);
});

describe('the end', () => {
	it('comes by itself when nobody has published for maxIdleTime', async () => {
		sandbox.control.setChannel('short', { uids: ['7'], seconds: 6 });
		const session = await agora.record('short');
		await gone(session);
		expect(known(session)).toMatchObject({ endedBecause: 'idle', status: 8, live: false });
		const playlist = (await s3.get(`sandbox/tests/${session.sid}_short.m3u8`)).text;
		expect(playlist.match(/^#EXTINF.*$/gm)).toEqual(['#EXTINF:4.000000', '#EXTINF:2.000000']);
		expect(playlist).toContain('#EXT-X-ENDLIST');
	});

	it('finds no recorded data when nobody ever published', async () => {
		sandbox.control.setChannel('empty', { uids: [], seconds: null });
		const session = await agora.record('empty');
		await eventually(session.query, status(4));
		expect(await session.stop()).toMatchObject({ status: 206, body: { code: 435 } });
		expect(await filesOf(session)).toEqual([]);
	});

	it('can be asked for without waiting, and then not a second time', async () => {
		const session = await agora.record('hurry');
		await inProgress(session);
		const { control } = sandbox;
		// The last playlist hangs, so the session cannot be over before the second stop.
		await control.fail('s3', { method: 'PUT', path: session.sid, times: 50, answer: 'hang' });
		expect(await session.stop({ async_stop: true })).toMatchObject({
			status: 200,
			body: { serverResponse: { uploadingStatus: 'unknown' } },
		});
		expect(await session.stop()).toMatchObject({ status: 400, body: { code: 49 } });
		expect((await session.query()).body.serverResponse.status).toBe(6);
		await control.clearFaults();
	});

	it('leaves an open playlist behind when the recorder breaks', async () => {
		const session = await agora.record('broken');
		await inProgress(session);
		await sandbox.control.crash(session.sid);
		expect((await session.query()).status).toBe(404);
		expect(known(session)).toMatchObject({ endedBecause: 'crashed', status: 20 });
		const playlist = await s3.get(`sandbox/tests/${session.sid}_broken.m3u8`);
		expect(playlist.text).not.toContain('#EXT-X-ENDLIST');
	});
});

it('goes on under bak0_ names when another recorder takes over', async () => {
	const session = await agora.record('moved');
	await inProgress(session);
	sandbox.control.failOver(session.sid);
	const backup = `sandbox/tests/bak0_${session.sid}_moved`;
	await eventually(
		() => s3.listObjects({ prefix: backup }),
		({ keys }) => keys.includes(`${backup}.m3u8`),
	);
	await session.stop();
	expect((await s3.get(`${backup}.m3u8`)).text).toContain('#EXT-X-ENDLIST');
	expect(await filesOf(session)).toContain('moved.m3u8');
});

it('starts the clip over, and says so, when a call is longer', async () => {
	sandbox.control.setChannel('long', { uids: ['7'], seconds: 34 });
	const clientRequest = agora.startRequest('long', '527841', {
		recordingFileConfig: { avFileType: ['hls', 'mp4'] },
	});
	const session = await agora.record('long', { clientRequest });
	await gone(session);
	const base = `sandbox/tests/${session.sid}_long`;
	const playlist = (await s3.get(`${base}.m3u8`)).text;
	expect(secondsIn(playlist)).toBe(34);
	expect(playlist.match(/#EXT-X-DISCONTINUITY/g)).toHaveLength(1);
	expect(mp4Seconds((await s3.get(`${base}_0.mp4`)).bytes)).toBe(34);
});

describe('the file list', () => {
	it('is an array when MP4 is asked for, and the MP4 is as long as the call', async () => {
		const clientRequest = agora.startRequest('filmed', '527841', {
			recordingFileConfig: { avFileType: ['hls', 'mp4'] },
		});
		const session = await agora.record('filmed', { clientRequest });
		const queried = await inProgress(session);
		const playlist = {
			fileName: `sandbox/tests/${session.sid}_filmed.m3u8`,
			trackType: 'audio_and_video',
			uid: '0',
			mixedAllUser: true,
			isPlayable: true,
			sliceStartTime: expect.any(Number),
		};
		expect(queried.body.serverResponse).toMatchObject({
			fileListMode: 'json',
			fileList: [playlist],
		});
		const stopped = await session.stop();
		const mp4 = { ...playlist, fileName: `sandbox/tests/${session.sid}_filmed_0.mp4` };
		expect(stopped.body.serverResponse).toMatchObject({ fileList: [playlist, mp4] });
		expect(mp4Seconds((await s3.get(mp4.fileName)).bytes)).toBe(
			secondsIn((await s3.get(playlist.fileName)).text),
		);
	});

	it('has an audio and a video playlist for each user in individual mode', async () => {
		sandbox.control.setChannel('duet', { uids: ['7', '8'], seconds: null });
		const clientRequest = agora.startRequest('duet', '527841', {
			recordingConfig: { channelType: 0, subscribeUidGroup: 0 },
		});
		const session = await agora.record('duet', { mode: 'individual', clientRequest });
		await eventually(session.query, ({ body }) => body.serverResponse?.fileList?.length === 4);
		const { body } = await session.stop();
		expect(body.serverResponse.fileList).toHaveLength(4);
		expect(body.serverResponse.fileList[0]).toMatchObject({
			fileName: `sandbox/tests/${session.sid}_duet__uid_s_7__uid_e_audio.m3u8`,
			trackType: 'audio',
			uid: '7',
			mixedAllUser: false,
		});
	});

	it('has one playlist for each user in raw mode', async () => {
		const clientRequest = agora.startRequest('solo', '527841', {
			recordingConfig: { channelType: 0, subscribeUidGroup: 0 },
			recordingFileConfig: { avFileType: ['hls', 'mp4'] },
		});
		const session = await agora.record('solo', { mode: 'raw', clientRequest });
		await inProgress(session);
		await session.stop();
		const files = await filesOf(session);
		expect(files).toContain('solo__uid_s_1001__uid_e_h264.m3u8');
		expect(files).toContain('solo__uid_s_1001__uid_e_0_h264.mp4');
		expect(files).toContainEqual(expect.stringMatching(/__uid_e_\d{17}_h264\.ts$/));
	});

	it('has an MP3 for each user when nothing else is asked for, and only at the end', async () => {
		const clientRequest = agora.startRequest('heard', '527841', {
			recordingConfig: { channelType: 0, subscribeUidGroup: 0, streamTypes: 0 },
			recordingFileConfig: { avFileType: ['mp3'] },
		});
		const session = await agora.record('heard', { mode: 'raw', clientRequest });
		expect((await inProgress(session)).body.serverResponse.fileList).toEqual([]);
		const { body } = await session.stop();
		const name = 'heard__uid_s_1001__uid_e_0_mp3.mp3';
		expect(body.serverResponse.fileList).toMatchObject([
			{ fileName: `sandbox/tests/${session.sid}_${name}`, trackType: 'audio', uid: '1001' },
		]);
		expect(await filesOf(session)).toEqual([name]);
		const file = await s3.get(`sandbox/tests/${session.sid}_${name}`);
		expect(file.bytes.readUInt16BE(0)).toBe(0xfffb);
		expect(file.bytes.length % 96).toBe(0);
	});

	it('is missing when only screenshots are taken', async () => {
		const clientRequest = agora.startRequest('stills', '527841', {
			recordingConfig: { channelType: 0, subscribeUidGroup: 0 },
			snapshotConfig: { captureInterval: 5, fileType: ['jpg'] },
		});
		const session = await agora.record('stills', { mode: 'individual', clientRequest });
		const queried = await inProgress(session);
		expect(queried.body.serverResponse).not.toHaveProperty('fileList');
		expect((await session.stop()).body.serverResponse).toEqual({ uploadingStatus: 'uploaded' });
		const files = await filesOf(session);
		expect(files.length).toBeGreaterThan(0);
		for (const file of files) expect(file).toMatch(/^stills__uid_s_1001__uid_e_video_\d{17}\.jpg$/);
	});

	it('sits in extensionServiceState in web mode, where a recording can pause and be broadcast', async () => {
		const clientRequest = {
			storageConfig: agora.storageConfig(),
			recordingFileConfig: { avFileType: ['hls', 'mp4'] },
			extensionServiceConfig: {
				extensionServices: [
					{
						serviceName: 'web_recorder_service',
						serviceParam: {
							url: 'https://example.com/',
							audioProfile: 0,
							videoWidth: 1280,
							videoHeight: 720,
							maxRecordingHour: 1,
						},
					},
				],
			},
		};
		const session = await agora.record('page', { mode: 'web', scene: 1, clientRequest });
		const queried = await inProgress(session);
		const filename = `sandbox/tests/${session.sid}_page.m3u8`;
		expect(queried.body.serverResponse.extensionServiceState).toEqual([
			{
				serviceName: 'web_recorder_service',
				payload: {
					state: 'inProgress',
					onhold: false,
					fileList: [{ filename, sliceStartTime: expect.any(Number) }],
				},
			},
		]);
		expect((await session.update({ webRecordingConfig: { onhold: true } })).status).toBe(200);
		expect(known(session)).toMatchObject({ onhold: true });
		const rtmpUrl = 'rtmp://live.example.com/app/stream';
		const push = (outputs: object[]) => session.update({ rtmpPublishConfig: { outputs } });
		expect((await push([{ rtmpUrl: 'https://live.example.com' }])).body).toMatchObject({ code: 2 });
		expect((await push([{ rtmpUrl }])).status).toBe(200);
		expect((await session.query()).body.serverResponse.extensionServiceState[1]).toEqual({
			serviceName: 'rtmp_publish_service',
			payload: { state: 'inProgress', outputs: [{ rtmpUrl, status: 'onhold' }] },
		});
		const stopped = await session.stop();
		expect(stopped.body.serverResponse.extensionServiceState).toMatchObject([
			{ serviceName: 'upload_service', payload: { uploadingStatus: 'uploaded' } },
			{
				serviceName: 'web_recorder_service',
				payload: { state: 'exit', onhold: true, fileList: [{ filename }, {}] },
			},
		]);
	});
});

describe('a session that starts with 200 and dies', () => {
	it.each([
		[
			'a token for another channel',
			() => ({ token: agora.token('other', '527841') }),
			'token refused',
		],
		['no token', () => ({ token: undefined }), 'token refused'],
		[
			'a wrong storage key',
			() => ({ storageConfig: agora.storageConfig({ secretKey: 'wrong' }) }),
			'storage refused',
		],
		[
			'a bucket that is not there',
			() => ({ storageConfig: agora.storageConfig({ bucket: 'nowhere' }) }),
			'storage refused',
		],
		[
			'an endpoint with a scheme',
			() => ({
				storageConfig: agora.storageConfig({ extensionParams: { endpoint: sandbox.s3 } }),
			}),
			'storage refused',
		],
		[
			'a bucket elsewhere',
			() => ({ storageConfig: agora.storageConfig({ vendor: 1 }) }),
			'storage refused',
		],
	])('because of %s', async (_why, change, endedBecause) => {
		const clientRequest = agora.startRequest('doomed', '527841', change());
		const session = await agora.record('doomed', { clientRequest });
		expect(session.started.status).toBe(200);
		await gone(session);
		expect(known(session)).toMatchObject({ endedBecause, status: 20 });
	});

	it('needs no token while the App Certificate is off', async () => {
		const { body } = await agora.call('GET', '/dev/v1/projects');
		const { id } = body.projects[0];
		await agora.call('POST', '/dev/v1/signkey', { id, enable: false });
		const clientRequest = agora.startRequest('open', '527841', { token: undefined });
		const session = await agora.record('open', { clientRequest });
		const queried = await inProgress(session);
		expect(queried.body).toMatchObject({ cname: 'open', serverResponse: { status: 5 } });
		expect(known(session)).toMatchObject({ live: true, endedBecause: null });
	});
});

describe('start', () => {
	it('takes a resource once: 201 with code 7', async () => {
		const session = await agora.record('twice');
		expect(await session.startAgain()).toMatchObject({ status: 201, body: { code: 7 } });
	});

	it('wants what acquire was told', async () => {
		const { body } = await agora.acquire('told', '5');
		const path = `${agora.appPath}/resourceid/${body.resourceId}/mode/mix/start`;
		const clientRequest = agora.startRequest('told', '6');
		expect(
			await agora.call('POST', path, { cname: 'told', uid: '6', clientRequest }),
		).toMatchObject({
			status: 400,
			body: { code: 432 },
		});
	});

	it('wants the scene of acquire to fit the mode', async () => {
		const clientRequest = {
			storageConfig: agora.storageConfig(),
			extensionServiceConfig: services(),
		};
		for (const { started } of [
			await agora.record('scene', { scene: 1 }),
			await agora.record('scene', { mode: 'web', clientRequest }),
		])
			expect(started).toMatchObject({
				status: 400,
				body: { code: 2, reason: expect.stringContaining('scene') },
			});
	});
});

it('changes a layout in mix mode only', async () => {
	const session = await agora.record('layout');
	expect((await session.updateLayout({ mixedVideoLayout: 1 })).status).toBe(200);
	expect((await session.update({})).body).toMatchObject({ code: 2 });
	const raw = await agora.record('layout', { mode: 'raw', uid: '12' });
	expect(raw.started.body.code).toBe(2);
	expect(await raw.updateLayout({})).toMatchObject({ status: 404 });
});
