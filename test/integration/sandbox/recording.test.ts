import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { agoraClient, eventually } from './agoraClient.ts';
import { s3Client } from './s3Client.ts';

let sandbox: Sandbox;
let agora: ReturnType<typeof agoraClient>;
let s3: ReturnType<typeof s3Client>;

beforeAll(async () => {
	sandbox = await startSandbox({ pace: { speed: 20, callSeconds: 600 } });
	agora = agoraClient(sandbox);
	s3 = s3Client(sandbox);
});

afterAll(() => sandbox.stop());

it('records into the bucket while it runs, and answers 404 afterwards', async () => {
	const session = await agora.record('lesson_1');
	expect(session.started.status).toBe(200);
	expect(session.sid).toMatch(/^[0-9a-f]{32}$/);
	const playlistKey = `sandbox/tests/${session.sid}_lesson-1.m3u8`;

	const queried = await eventually(session.query, ({ body }) => body.serverResponse?.status === 5);
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
	expect(playlist.match(/^#EXTINF:2\.000000$/gm)).toHaveLength(slices.length);
	expect((await s3.listObjects({ prefix: `sandbox/tests/${session.sid}_` })).keys).toEqual(
		[playlistKey, ...slices.map((slice) => `sandbox/tests/${slice}`)].sort(),
	);
	expect(slices[0]).toMatch(new RegExp(`^${session.sid}_lesson-1_\\d{17}\\.ts$`));
});
