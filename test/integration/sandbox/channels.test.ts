import { Channels } from '../../../sandbox/agora/channels.ts';
import { Clock } from '../../../sandbox/agora/clock.ts';
import { agoraClient, untilStatus } from './agoraClient.ts';
import { recordingBucket } from './recordingBucket.ts';
import { useSandbox } from './useSandbox.ts';

/** A channel exists within one App ID: other App IDs can have a channel of the same name. */

const [APP, OTHER_APP] = ['app', 'other-app'];
const DEFAULT_PLAN = { uids: ['1001'], seconds: 24 };

describe('channels', () => {
	const channels = new Channels(new Clock(1), DEFAULT_PLAN);
	const now = () => performance.now() / 1000;

	beforeEach(() => channels.reset());
	afterAll(() => channels.reset());

	it('of the same name have separate users', () => {
		channels.setPlan(APP, 'lesson', { uids: ['7', '8'], seconds: null, vp8: ['8'] });
		channels.join(APP, 'lesson', now(), '8811');
		channels.join(OTHER_APP, 'lesson', now(), '8811');
		expect(channels.present(APP, 'lesson', now())).toEqual(['7', '8']);
		expect(channels.publishing(APP, 'lesson', now())).toEqual([
			{ uid: '7', codec: 'h264' },
			{ uid: '8', codec: 'vp8' },
		]);
		expect(channels.present(OTHER_APP, 'lesson', now())).toEqual(['1001']);
	});

	it('of the same name have separate recorders', () => {
		channels.join(APP, 'lesson', now(), '8811');
		channels.setPlan(OTHER_APP, 'lesson', { uids: ['7'], seconds: 10 });
		const later = now() + 60;
		channels.join(OTHER_APP, 'lesson', later, '8811');
		// The plan counts from the other App ID's own recorder, not from the one in the first App ID.
		expect(channels.present(OTHER_APP, 'lesson', later)).toEqual(['7']);
	});

	it('are online while users are in them, with or without a recorder', () => {
		channels.setPlan(APP, 'waiting', { uids: ['7', '8'], seconds: 60 });
		channels.setPlan(APP, 'empty', { uids: [], seconds: null });
		channels.setPlan(APP, 'over', { uids: ['7'], seconds: 10 });
		channels.join(APP, 'over', now() - 20, '8811');
		channels.join(APP, 'joined', now(), '8811');
		channels.setPlan(OTHER_APP, 'elsewhere', { uids: ['7'], seconds: null });
		expect(channels.online(APP)).toEqual([
			{ cname: 'joined', uids: ['1001'] },
			{ cname: 'waiting', uids: ['7', '8'] },
		]);
		expect(channels.online(OTHER_APP)).toEqual([{ cname: 'elsewhere', uids: ['7'] }]);
		expect(channels.online('no-app')).toEqual([]);
	});
});

describe('the users of a channel', () => {
	const sandbox = useSandbox({ pace: { speed: 20 } });
	const get = async (path: string, query = '') => {
		const { appId } = sandbox.agoraAccount;
		const url = `/dev/v1/channel/user/${path.replace('APP', appId)}${query}`;
		return await agoraClient(sandbox).call('GET', url);
	};
	const data = async (path: string, query = '') => (await get(path, query)).body.data;
	const live = { channel_exist: true, mode: 2, broadcasters: [1] };

	it('are hosts and audience in a live broadcast', async () => {
		const plan = { uids: ['1'], audience: ['7', '8'], seconds: null };
		sandbox.control.setChannel('show & tell', plan);
		expect(await get('APP/show%20%26%20tell')).toEqual({
			status: 200,
			body: { success: true, data: { ...live, audience: [7, 8], audience_total: 2 } },
		});
		expect(await data('APP/show%20%26%20tell/hosts_only')).toEqual(live);
		expect(await data('APP/show%20%26%20tell', '?hosts_only=1')).toEqual(live);
	});

	it('have no roles in a communication channel', async () => {
		sandbox.control.setChannel('class', { uids: ['1', '2'], seconds: null });
		const communication = { channel_exist: true, mode: 1 };
		expect(await data('APP/class')).toEqual({ ...communication, total: 2, users: [1, 2] });
		expect(await data('APP/class/hosts_only')).toEqual(communication);
	});

	it('are nobody in a channel that does not exist', async () => {
		expect(await data('APP/nowhere')).toEqual({ channel_exist: false });
		expect(await data('APP/nowhere/hosts_only')).toEqual({ channel_exist: false });
		expect(await data('property/APP/1/nowhere')).toEqual({ in_channel: false });
	});

	it('include the first 10,000 of the audience', async () => {
		const audience = Array.from({ length: 10_002 }, (_, i) => String(i + 10));
		sandbox.control.setChannel('show', { uids: ['1'], audience, seconds: null });
		const found = await data('APP/show');
		expect(found.audience).toHaveLength(10_000);
		expect(found.audience_total).toBe(10_002);
	});

	it('have a status', async () => {
		sandbox.control.setChannel('show', { uids: ['1'], audience: ['7'], seconds: null });
		sandbox.control.setChannel('class', { uids: ['1'], seconds: null });
		const join = expect.any(Number);
		const status = { in_channel: true, join, platform: 7 };
		expect(await data('property/APP/1/show')).toEqual({ ...status, uid: 1, role: 2 });
		expect(await data('property/APP/7/show')).toEqual({ ...status, uid: 7, role: 3 });
		const inClass = await data('property/APP/1/class');
		expect(inClass).toEqual({ ...status, uid: 1, role: 1 });
		expect(Math.abs(inClass.join - Date.now() / 1000)).toBeLessThan(3);
		expect((await get('property/APP/ada/show')).status).toBe(400);
	});

	it('joined when their visit began', () => {
		const clock = new Clock(20);
		const visited = new Channels(clock, DEFAULT_PLAN);
		const visits = [{ uid: '8', from: 40, until: null }];
		visited.setPlan(APP, 'lesson', { uids: ['7'], seconds: null, visits });
		visited.join(APP, 'lesson', clock.now() - 100, '5');
		const ago = visited
			.members(APP, 'lesson')
			.map(({ uid, joinedAt }) => [uid, Math.round((Date.now() - joinedAt) / 1000)]);
		// Session time runs 20 times faster: 100 and 60 seconds of it.
		expect(ago).toEqual([
			['7', 5],
			['8', 3],
		]);
	});
});

describe('recordings of the same channel name in two App IDs', () => {
	const sandbox = useSandbox({ pace: { speed: 20, sliceSeconds: 4 } });

	it('record their own users, and do not conflict', async () => {
		const agora = agoraClient(sandbox);
		const { body } = await agora.call('GET', '/dev/v1/projects');
		const { vendor_key: appId } = body.projects[1] as { vendor_key: string };
		sandbox.control.setChannel('lesson', { uids: [], seconds: null });
		sandbox.control.setChannel('lesson', { uids: ['7'], seconds: null }, appId);

		const recordingConfig = { channelType: 0, maxIdleTime: 3600 };
		const clientRequest = agora.startRequest('lesson', '8811', { recordingConfig });
		const first = await agora.record('lesson', { uid: '8811', clientRequest });
		const other = sandbox.control.startExternalRecording({
			appId,
			cname: 'lesson',
			uid: '8811',
			fileNamePrefix: ['other'],
			mode: 'raw',
		});
		expect(other).toMatchObject({ appId, cname: 'lesson', uid: '8811' });
		await recordingBucket(sandbox, 'other/').untilFile(
			other.sid,
			'lesson__uid_s_7__uid_e_h264.m3u8',
		);
		await untilStatus(first, 4);
		expect(await first.stop()).toMatchObject({ status: 206, body: { reason: 'no recorded data' } });
		await sandbox.control.stop(other.sid);
	});

	it('are rejected for an unknown App ID', () => {
		const start = () =>
			sandbox.control.startExternalRecording({
				appId: 'unknown',
				cname: 'lesson',
				fileNamePrefix: [],
			});
		expect(start).toThrow('appid is invalid');
	});
});
