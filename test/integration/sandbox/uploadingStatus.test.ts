import { agoraClient } from './agoraClient.ts';
import { wait, recordingBucket } from './recordingBucket.ts';
import { services } from './requestBodies.ts';
import { useSandbox } from './useSandbox.ts';

/** The uploading status that stop reports, and when the files are uploaded. */

const sandbox = useSandbox({
	pace: { speed: 20, sliceSeconds: 4, callSeconds: 600 },
	unlimited: true,
});
let agora: ReturnType<typeof agoraClient>;
let files: ReturnType<typeof recordingBucket>;

beforeAll(() => {
	agora = agoraClient(sandbox);
	files = recordingBucket(sandbox);
});

const MP4 = { recordingFileConfig: { avFileType: ['hls', 'mp4'] } };
const USERS = { recordingConfig: { channelType: 0, subscribeUidGroup: 0 } };
const sessionOf = (sid: string) =>
	sandbox.control.sessions().find((session) => session.sid === sid)!;

it('unknown: the files are uploaded anyway', async () => {
	sandbox.control.setRecorder({ uploadingStatus: 'unknown' });
	const { sid, stop } = await agora.record('unsure');
	await files.untilFile(sid, 'unsure.m3u8');
	const { body } = await stop();
	expect(body.serverResponse).toMatchObject({
		uploadingStatus: 'unknown',
		fileList: `sandbox/tests/${sid}_unsure.m3u8`,
	});
	expect((await files.playlist(sid, 'unsure.m3u8')).ended).toBe(true);
	expect(sessionOf(sid)).toMatchObject({ uploadingStatus: 'unknown', endReason: 'stopped' });
});

it.each(['backuped', 'stranded'] as const)(
	'%s: the last files are uploaded later',
	async (status) => {
		sandbox.control.setRecorder({ uploadingStatus: status, lateUploadSeconds: 20 });
		const clientRequest = agora.startRequest(status, '527841', MP4);
		const { sid, stop, query } = await agora.record(status, { clientRequest });
		await files.untilFile(sid, `${status}.m3u8`);
		expect((await stop()).body.serverResponse).toMatchObject({
			uploadingStatus: status,
			fileListMode: 'json',
			fileList: [{ fileName: `sandbox/tests/${sid}_${status}.m3u8` }],
		});
		expect((await query()).status).toBe(404);
		expect((await files.playlist(sid, `${status}.m3u8`)).ended).toBe(false);
		expect(await files.names(sid)).not.toContain(`${status}_0.mp4`);

		await sandbox.control.waitUntilComplete(sid);
		expect((await files.playlist(sid, `${status}.m3u8`)).ended).toBe(true);
		expect(await files.names(sid)).toContain(`${status}_0.mp4`);
	},
);

it('stranded: there may be no file at first', async () => {
	sandbox.control.setRecorder({ uploadingStatus: 'stranded' });
	const clientRequest = agora.startRequest('short', '527841', {
		...USERS,
		recordingFileConfig: { avFileType: ['mp3'] },
	});
	const { sid, stop, query } = await agora.record('short', { mode: 'raw', clientRequest });
	while ((await query()).body.serverResponse.status !== 5) await wait(50);
	expect((await stop()).body.serverResponse).toEqual({
		uploadingStatus: 'stranded',
		fileListMode: 'json',
		fileList: [],
	});
	expect(await files.names(sid)).toEqual([]);
	await sandbox.control.waitUntilComplete(sid);
	expect(await files.names(sid)).toEqual(['short__uid_s_1001__uid_e_0_mp3.mp3']);
});

it('stranded: the last files may never be uploaded', async () => {
	sandbox.control.setRecorder({ uploadingStatus: 'stranded', lateUploadSeconds: null });
	const { sid, stop } = await agora.record('lost');
	await files.untilFile(sid, 'lost.m3u8');
	await stop();
	await sandbox.control.waitUntilComplete(sid);
	await wait(300);
	expect((await files.playlist(sid, 'lost.m3u8')).ended).toBe(false);
});

it('is reported by the upload service in web mode', async () => {
	sandbox.control.setRecorder({ uploadingStatus: 'backuped' });
	const clientRequest = {
		storageConfig: agora.storageConfig(),
		extensionServiceConfig: services(),
	};
	const { sid, stop } = await agora.record('page', { mode: 'web', scene: 1, clientRequest });
	await files.untilFile(sid, 'page.m3u8');
	expect((await stop()).body.serverResponse.extensionServiceState[0]).toEqual({
		serviceName: 'upload_service',
		payload: { uploadingStatus: 'backuped' },
	});
});

it('is unknown if stop does not wait', async () => {
	sandbox.control.setRecorder({ uploadingStatus: 'backuped' });
	const { sid, stop } = await agora.record('hurry');
	await files.untilFile(sid, 'hurry.m3u8');
	expect((await stop({ async_stop: true })).body.serverResponse).toMatchObject({
		uploadingStatus: 'unknown',
	});
});

it('is not reported without recorded data', async () => {
	sandbox.control.setRecorder({ uploadingStatus: 'stranded' });
	sandbox.control.setChannel('empty', { uids: [], seconds: null });
	const { stop } = await agora.recordEmpty('empty');
	expect(await stop()).toMatchObject({ status: 206, body: { code: 435 } });
});
