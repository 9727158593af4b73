import { agoraClient, eventually, untilStatus, type RecordingSession } from './agoraClient.ts';
import { mp4Seconds, recordingBucket } from './recordingBucket.ts';
import { services } from './requestBodies.ts';
import { s3Client } from './s3Client.ts';
import { useSandbox } from './useSandbox.ts';

const sandbox = useSandbox({ pace: { speed: 20, sliceSeconds: 4, callSeconds: 600 } });
let agora: ReturnType<typeof agoraClient>;
let files: ReturnType<typeof recordingBucket>;
let s3: ReturnType<typeof s3Client>;

beforeAll(() => {
	agora = agoraClient(sandbox);
	files = recordingBucket(sandbox);
	s3 = s3Client(sandbox);
});

const untilGone = ({ query }: RecordingSession) =>
	eventually(query, (response) => response.status === 404);
const entryOf = ({ sid }: RecordingSession) =>
	sandbox.control.sessions().find((session) => session.sid === sid);

it('writes to the bucket while it runs, and is not found afterwards', async () => {
	const session = await agora.record('lesson_1');
	expect(session.started.status).toBe(200);
	expect(session.sid).toMatch(/^[0-9a-f]{32}$/);
	const playlistKey = `sandbox/tests/${session.sid}_lesson-1.m3u8`;

	const queried = await untilStatus(session, 5);
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
	it('follows when nobody has published for maxIdleTime', async () => {
		sandbox.control.setChannel('short', { uids: ['7'], seconds: 6 });
		const session = await agora.record('short');
		await untilGone(session);
		expect(entryOf(session)).toMatchObject({ endReason: 'idle', status: 8, live: false });
		const playlist = (await s3.get(`sandbox/tests/${session.sid}_short.m3u8`)).text;
		expect(playlist.match(/^#EXTINF.*$/gm)).toEqual(['#EXTINF:4.000000', '#EXTINF:2.000000']);
		expect(playlist).toContain('#EXT-X-ENDLIST');
	});

	it('reports no recorded data if nobody published', async () => {
		sandbox.control.setChannel('empty', { uids: [], seconds: null });
		const session = await agora.recordEmpty('empty');
		await untilStatus(session, 4);
		expect(await session.stop()).toMatchObject({ status: 206, body: { code: 435 } });
		expect(await files.names(session.sid)).toEqual([]);
	});

	it('can be requested asynchronously, but only once', async () => {
		const session = await agora.record('hurry');
		await untilStatus(session, 5);
		const { control } = sandbox;
		// The upload of the last playlist hangs, so that the session cannot end before the second stop.
		await control.fail('s3', { method: 'PUT', path: session.sid, times: 50, response: 'hang' });
		expect(await session.stop({ async_stop: true })).toMatchObject({
			status: 200,
			body: { serverResponse: { uploadingStatus: 'unknown' } },
		});
		expect(await session.stop()).toMatchObject({ status: 400, body: { code: 49 } });
		expect((await session.query()).body.serverResponse.status).toBe(6);
		await control.clearFaults();
	});

	it('leaves an open playlist when the recorder fails', async () => {
		const session = await agora.record('broken');
		await untilStatus(session, 5);
		await sandbox.control.crash(session.sid);
		expect((await session.query()).status).toBe(404);
		expect(entryOf(session)).toMatchObject({ endReason: 'crashed', status: 20 });
		const playlist = await s3.get(`sandbox/tests/${session.sid}_broken.m3u8`);
		expect(playlist.text).not.toContain('#EXT-X-ENDLIST');
	});
});

it('continues with bak0_ names when another recorder takes over', async () => {
	const session = await agora.record('moved');
	await untilStatus(session, 5);
	sandbox.control.failOver(session.sid);
	const backup = `sandbox/tests/bak0_${session.sid}_moved`;
	await eventually(
		() => s3.listObjects({ prefix: backup }),
		({ keys }) => keys.includes(`${backup}.m3u8`),
	);
	await session.stop();
	expect((await s3.get(`${backup}.m3u8`)).text).toContain('#EXT-X-ENDLIST');
	expect(await files.names(session.sid)).toContain('moved.m3u8');
});

it('repeats the clip after a discontinuity if a call is longer', async () => {
	sandbox.control.setChannel('long', { uids: ['7'], seconds: 34 });
	const clientRequest = agora.startRequest('long', '527841', {
		recordingFileConfig: { avFileType: ['hls', 'mp4'] },
	});
	const session = await agora.record('long', { clientRequest });
	await untilGone(session);
	const { seconds, discontinuities } = await files.playlist(session.sid, 'long.m3u8');
	expect(seconds.reduce((sum, each) => sum + each)).toBe(34);
	expect(discontinuities).toBe(1);
	expect(mp4Seconds((await files.file(session.sid, 'long_0.mp4')).bytes)).toBe(34);
});

describe('a session that starts with 200 and fails later', () => {
	it.each([
		[
			'a token for another channel',
			() => ({ token: agora.token('other', '527841') }),
			'token rejected',
		],
		['no token', () => ({ token: undefined }), 'token rejected'],
		[
			'a wrong storage key',
			() => ({ storageConfig: agora.storageConfig({ secretKey: 'wrong' }) }),
			'storage rejected',
		],
		[
			'an unknown bucket',
			() => ({ storageConfig: agora.storageConfig({ bucket: 'nowhere' }) }),
			'storage rejected',
		],
		[
			'an endpoint with a scheme',
			() => ({
				storageConfig: agora.storageConfig({ extensionParams: { endpoint: sandbox.s3 } }),
			}),
			'storage rejected',
		],
		[
			'a bucket on another host',
			() => ({ storageConfig: agora.storageConfig({ vendor: 1 }) }),
			'storage rejected',
		],
	])('because of %s', async (_cause, change, endReason) => {
		const clientRequest = agora.startRequest('failing', '527841', change());
		const session = await agora.record('failing', { clientRequest });
		expect(session.started.status).toBe(200);
		await untilGone(session);
		expect(entryOf(session)).toMatchObject({ endReason, status: 20 });
	});

	it('needs no token while the App Certificate is disabled', async () => {
		const { body } = await agora.call('GET', '/dev/v1/projects');
		const { id } = body.projects[0];
		await agora.call('POST', '/dev/v1/signkey', { id, enable: false });
		const clientRequest = agora.startRequest('open', '527841', { token: undefined });
		const session = await agora.record('open', { clientRequest });
		const queried = await untilStatus(session, 5);
		expect(queried.body).toMatchObject({ cname: 'open', serverResponse: { status: 5 } });
		expect(entryOf(session)).toMatchObject({ live: true, endReason: null });
	});
});

describe('start', () => {
	it('accepts a resource once: 201 with code 7', async () => {
		const session = await agora.record('twice');
		expect(await session.startAgain()).toMatchObject({ status: 201, body: { code: 7 } });
	});

	it('requires the cname and uid of acquire', async () => {
		const { body } = await agora.acquire('changed', '5');
		const path = `${agora.appPath}/resourceid/${body.resourceId}/mode/mix/start`;
		const clientRequest = agora.startRequest('changed', '6');
		expect(
			await agora.call('POST', path, { cname: 'changed', uid: '6', clientRequest }),
		).toMatchObject({
			status: 400,
			body: { code: 432 },
		});
	});

	it('requires the scene of acquire to match the mode', async () => {
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

it('accepts updateLayout in mix mode only', async () => {
	const session = await agora.record('layout');
	expect((await session.updateLayout({ mixedVideoLayout: 1 })).status).toBe(200);
	expect((await session.update({})).body).toMatchObject({ code: 2 });
	const raw = await agora.record('layout', { mode: 'raw', uid: '12' });
	expect(raw.started.body.code).toBe(2);
	expect(await raw.updateLayout({})).toMatchObject({ status: 404 });
});
