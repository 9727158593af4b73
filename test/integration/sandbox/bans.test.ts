import { Bans } from '../../../sandbox/agora/bans.ts';
import { Channels } from '../../../sandbox/agora/channels.ts';
import { Clock } from '../../../sandbox/agora/clock.ts';
import { agoraClient } from './agoraClient.ts';
import { useSandbox } from './useSandbox.ts';

const PATH = '/dev/v1/kicking-rule';
const sandbox = useSandbox();

const client = () => {
	const { appId: appid } = sandbox.agoraAccount;
	const { call } = agoraClient(sandbox);
	return {
		appid,
		create: (ban: object) =>
			call('POST', PATH, { appid, privileges: ['join_channel'], time: 60, ...ban }),
		update: (change: object) => call('PUT', PATH, { appid, ...change }),
		remove: (id: unknown) => call('DELETE', PATH, { appid, id }),
		list: (appId = appid) => call('GET', `${PATH}?appid=${appId}`),
		users: async (cname: string) =>
			(await call('GET', `/dev/v1/channel/user/${appid}/${cname}`)).body.data,
		call,
	};
};

/** The seconds that the only ban lasts. */
const seconds = () => {
	const [{ ts, createAt } = { ts: '', createAt: '' }] = sandbox.control.bans();
	return Math.round((Date.parse(ts) - Date.parse(createAt)) / 1000);
};

describe('bans', () => {
	it('are created, listed, updated and deleted as Agora documents', async () => {
		const { appid, create, update, remove, list } = client();
		const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/);
		expect(await create({ cname: 'class', uid: 7, ip: '' })).toEqual({
			status: 200,
			body: { status: 'success', id: 1953 },
		});
		const rule = {
			id: 1953,
			appid,
			uid: 7,
			opid: 1953,
			cname: 'class',
			ip: null,
			ts: time,
			privileges: ['join_channel'],
			createAt: time,
			updateAt: time,
		};
		expect((await list()).body).toEqual({ status: 'success', rules: [rule] });
		expect((await update({ id: 1953, time: 1440 })).body).toEqual({
			status: 'success',
			result: { id: 1953, ts: time },
		});
		expect(seconds()).toBe(86_400);
		expect((await remove(1953)).body).toEqual({ status: 'success', id: 1953 });
		expect((await list()).body).toEqual({ status: 'success', rules: [] });
	});

	it.each([
		[{}, 3600],
		[{ time: 2 }, 120],
		[{ time: 0.5 }, 60],
		[{ time: 5000 }, 86_400],
		[{ time_in_seconds: 1 }, 10],
		[{ time_in_seconds: 100_000 }, 86_430],
		[{ time: 5, time_in_seconds: 30 }, 30],
	])('last with %j %d seconds', async (time, expected) => {
		await client().create({ uid: 7, time: undefined, ...time });
		expect(seconds()).toBe(expected);
	});

	it('of 0 minutes end at once', async () => {
		expect((await client().create({ uid: 7, time: 0 })).status).toBe(200);
		expect(sandbox.control.bans()).toEqual([]);
	});

	it.each([
		[{ cname: 'class', uid: 7 }, [8], [7, 8]],
		[{ uid: 7 }, [8], [8]],
		[{ cname: 'class' }, undefined, [7, 8]],
		[{ ip: '203.0.113.7' }, [7, 8], [7, 8]],
		[{ uid: 7, privileges: ['publish_audio', 'publish_video'] }, [7, 8], [7, 8]],
	])('with %j remove users from channels', async (ban, here, elsewhere) => {
		for (const cname of ['class', 'other'])
			sandbox.control.setChannel(cname, { uids: ['7', '8'], seconds: null });
		const { create, remove, users } = client();
		const { body } = await create(ban);
		expect((await users('class')).users).toEqual(here);
		expect((await users('other')).users).toEqual(elsewhere);
		await remove(body.id);
		expect((await users('class')).users).toEqual([7, 8]);
	});

	it('belong to one App ID', async () => {
		const { create, list, call } = client();
		const { body } = await create({ uid: 7 });
		const projects = (await call('GET', '/dev/v1/projects')).body.projects;
		const { vendor_key: other } = projects[1] as { vendor_key: string };
		expect((await list(other)).body.rules).toEqual([]);
		const removed = await call('DELETE', PATH, { appid: other, id: body.id });
		expect(removed).toEqual({ status: 404, body: { message: 'rule not found' } });
	});

	it.each([
		['no App ID', { appid: undefined }, 'appid is required'],
		['an unknown App ID', { appid: 'f'.repeat(32) }, 'invalid appid'],
		['no criterion', { uid: undefined }, 'one of cname, uid and ip is required'],
		['UID 0', { uid: 0 }, 'uid must be a number, and cannot be 0'],
		['a user account', { uid: 'ada' }, 'uid must be a number, and cannot be 0'],
		['IP address 0', { ip: '0' }, 'ip must be a string, and cannot be 0'],
		['no channel name', { cname: 7 }, 'cname must be a string'],
		['no privileges', { privileges: [] }, 'privileges is required'],
		['an unknown privilege', { privileges: ['sing'] }, 'unknown privilege sing'],
		['a time that is not a number', { time: '60' }, 'time must be a number'],
	])('are rejected with %s', async (_, change, message) => {
		const { create } = client();
		expect(await create({ uid: 7, ...change })).toEqual({ status: 400, body: { message } });
		expect(sandbox.control.bans()).toEqual([]);
	});

	it('are rejected without credentials, or too many in a second', async () => {
		const { callOnce } = agoraClient(sandbox);
		const { appid } = client();
		expect((await callOnce('GET', `${PATH}?appid=${appid}`, undefined, {})).status).toBe(401);
		const many = Array.from({ length: 30 }, () => callOnce('GET', `${PATH}?appid=${appid}`));
		const statuses = new Set((await Promise.all(many)).map(({ status }) => status));
		expect([...statuses].toSorted()).toEqual([200, 429]);
	});

	it.each([
		['PUT', { id: 7 }, 404],
		['DELETE', { id: 7 }, 404],
		['PUT', { id: '7' }, 400],
		['DELETE', {}, 400],
	])('%s %j fails with %d', async (method, change, status) => {
		const { appid, call } = client();
		expect((await call(method, PATH, { appid, ...change })).status).toBe(status);
	});

	it('are listed by the control API', async () => {
		await client().create({ uid: 7 });
		const { body } = await client().call('GET', '/sandbox/bans');
		expect(body.bans).toMatchObject([{ id: 1953, uid: 7 }]);
	});
});

describe('a banned user', () => {
	it('sends nothing to a recording', () => {
		const bans = new Bans();
		const channels = new Channels(new Clock(1), { uids: ['7', '8', '9'], seconds: null }, { bans });
		const now = performance.now() / 1000;
		channels.join('app', 'class', now, '5');
		const ban = { appid: 'app', cname: null, ip: null };
		bans.create({ ...ban, uid: 7, privileges: ['join_channel'] }, 60);
		bans.create({ ...ban, uid: 8, privileges: ['publish_audio', 'publish_video'] }, 60);
		expect(channels.present('app', 'class', now)).toEqual(['8', '9']);
		expect(channels.publishing('app', 'class', now)).toEqual([{ uid: '9', codec: 'h264' }]);
		channels.join('other', 'class', now, '5');
		expect(channels.publishing('other', 'class', now)).toHaveLength(3);
	});
});
