import { agoraClient, eventually, untilStatus } from './agoraClient.ts';
import { mp4Seconds, recordingBucket } from './recordingBucket.ts';
import { s3Client } from './s3Client.ts';
import { useSandbox } from './useSandbox.ts';

/** `fileList` of query and stop in each mode. */

const sandbox = useSandbox({ pace: { speed: 20, sliceSeconds: 4, callSeconds: 600 } });
let agora: ReturnType<typeof agoraClient>;
let files: ReturnType<typeof recordingBucket>;
let s3: ReturnType<typeof s3Client>;

beforeAll(() => {
	agora = agoraClient(sandbox);
	files = recordingBucket(sandbox);
	s3 = s3Client(sandbox);
});

it('is an array if MP4 is requested, and the MP4 is as long as the playlist', async () => {
	const clientRequest = agora.startRequest('lesson', '527841', {
		recordingFileConfig: { avFileType: ['hls', 'mp4'] },
	});
	const session = await agora.record('lesson', { clientRequest });
	const queried = await untilStatus(session, 5);
	const playlist = {
		fileName: `sandbox/tests/${session.sid}_lesson.m3u8`,
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
	const mp4 = { ...playlist, fileName: `sandbox/tests/${session.sid}_lesson_0.mp4` };
	expect(stopped.body.serverResponse).toMatchObject({ fileList: [playlist, mp4] });
	const { seconds } = await files.playlist(session.sid, 'lesson.m3u8');
	expect(mp4Seconds((await s3.get(mp4.fileName)).bytes)).toBe(
		seconds.reduce((sum, each) => sum + each),
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
	await untilStatus(session, 5);
	await session.stop();
	const names = await files.names(session.sid);
	expect(names).toContain('solo__uid_s_1001__uid_e_h264.m3u8');
	expect(names).toContain('solo__uid_s_1001__uid_e_0_h264.mp4');
	expect(names).toContainEqual(expect.stringMatching(/__uid_e_\d{17}_h264\.ts$/));
});

it('has an MP3 for each user in MP3-only recordings, and only at the end', async () => {
	const clientRequest = agora.startRequest('speech', '527841', {
		recordingConfig: { channelType: 0, subscribeUidGroup: 0, streamTypes: 0 },
		recordingFileConfig: { avFileType: ['mp3'] },
	});
	const session = await agora.record('speech', { mode: 'raw', clientRequest });
	expect((await untilStatus(session, 5)).body.serverResponse.fileList).toEqual([]);
	const { body } = await session.stop();
	const name = 'speech__uid_s_1001__uid_e_0_mp3.mp3';
	expect(body.serverResponse.fileList).toMatchObject([
		{ fileName: `sandbox/tests/${session.sid}_${name}`, trackType: 'audio', uid: '1001' },
	]);
	expect(await files.names(session.sid)).toEqual([name]);
	const file = await s3.get(`sandbox/tests/${session.sid}_${name}`);
	expect(file.bytes.readUInt16BE(0)).toBe(0xfffb);
	expect(file.bytes.length % 96).toBe(0);
});

it('is missing if only screenshots are taken', async () => {
	const clientRequest = agora.startRequest('stills', '527841', {
		recordingConfig: { channelType: 0, subscribeUidGroup: 0 },
		snapshotConfig: { captureInterval: 5, fileType: ['jpg'] },
	});
	const session = await agora.record('stills', { mode: 'individual', clientRequest });
	const queried = await untilStatus(session, 5);
	expect(queried.body.serverResponse).not.toHaveProperty('fileList');
	expect((await session.stop()).body.serverResponse).toEqual({ uploadingStatus: 'uploaded' });
	const names = await files.names(session.sid);
	expect(names.length).toBeGreaterThan(0);
	for (const name of names) expect(name).toMatch(/^stills__uid_s_1001__uid_e_video_\d{17}\.jpg$/);
});

it('is part of extensionServiceState in web mode, with the states of the recording and the broadcast', async () => {
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
	const queried = await untilStatus(session, 5);
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
	expect(sandbox.control.sessions()[0]).toMatchObject({ onhold: true });
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
