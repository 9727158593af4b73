import { useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const run = async (parameters = {}) =>
	await set.engine.run({ resource: 'channel', operation: 'getAll', ...parameters });
const setUsers = (cname: string, uids: string[], appId?: string) =>
	set.sandbox.control.setChannel(cname, { uids, seconds: null }, appId);
const requests = async () =>
	Object.entries(await set.sandbox.control.requestCounts('agora'))
		.filter(([path]) => path.includes('/dev/v1/channel/'))
		.reduce((sum, [, count]) => sum + count, 0);

describe('Channel: Get Many', () => {
	it('returns the channels with users, and no others', async () => {
		setUsers('class-7b', ['1001', '1002']);
		setUsers('Fragen & Antworten', ['1001']);
		setUsers('empty', []);
		const app_id = set.sandbox.agoraAccount.appId;
		expect((await run()).json).toEqual([
			{ cname: 'Fragen & Antworten', user_count: 1, app_id },
			{ cname: 'class-7b', user_count: 2, app_id },
		]);
	});

	it('returns nothing when all channels are empty', async () => {
		expect((await run()).json).toEqual([]);
	});

	it('lists the channels of another project by its App ID', async () => {
		const { json: projects } = await set.engine.run({ resource: 'project', operation: 'getAll' });
		const other = projects[1]!.app_id as string;
		setUsers('here', ['1']);
		setUsers('there', ['1'], other);
		const { json } = await run({ options: { appId: other } });
		expect(json).toEqual([{ cname: 'there', user_count: 1, app_id: other }]);
	});

	it.each([
		['the limit in one page', { limit: 3 }, 3, 1],
		['a limit over several pages', { limit: 700 }, 700, 2],
		['all', { returnAll: true }, 1203, 3],
	])('returns %s', async (_, parameters, count, pages) => {
		for (let i = 0; i < 1203; i++) setUsers(`class-${i}`, ['1']);
		const { json } = await run(parameters);
		expect(new Set(json.map(({ cname }) => cname)).size).toBe(count);
		expect(json).toHaveLength(count);
		expect(await requests()).toBe(pages);
	});

	it('returns a channel once that moved to the next page meanwhile', async () => {
		const page = (from: number) =>
			Array.from({ length: 500 }, (__, i) => ({
				channel_name: `class-${from + i}`,
				user_count: 1,
			}));
		for (const from of [0, 499]) {
			await set.sandbox.control.fail('agora', {
				path: '/dev/v1/channel/',
				response: { status: 200, body: { success: true, data: { channels: page(from) } } },
			});
		}
		const { json } = await run({ returnAll: true });
		expect(new Set(json.map(({ cname }) => cname)).size).toBe(999);
		expect(json).toHaveLength(999);
	});

	it.each([
		['an App ID that is not one', { appId: 'a/../b?c' }, 'App ID'],
		['a project of somebody else', { appId: 'f'.repeat(32) }, 'App ID'],
	])('names the App ID for %s', async (_, options, text) => {
		const { error } = await run({ options });
		expect(`${error?.message} ${error?.description}`).toContain(text);
	});

	it('fails when the response has no list', async () => {
		await set.sandbox.control.fail('agora', {
			path: '/dev/v1/channel/',
			response: { status: 200, body: { success: true } },
		});
		expect((await run()).error?.message).toBe(
			"Agora's response has no list of channels (could not list the channels)",
		);
	});
});

const byName = (value: string) => ({ __rl: true, mode: 'name', value });
const respond = async (path: string, body: object, status = 200) =>
	await set.sandbox.control.fail('agora', { path, response: { status, body }, times: 4 });
const textOf = (error?: { message: string; description?: string | null }) =>
	`${error?.message} ${error?.description}`;

describe('Channel: Get Users', () => {
	const getUsers = async (cname: string, parameters = {}) =>
		await run({ operation: 'getUsers', channel: byName(cname), returnAll: true, ...parameters });
	const rows = (items: Array<Record<string, unknown>>) =>
		items.map(({ uid, role }) => [uid, role].join(' '));

	it('returns hosts and audience of a live broadcast', async () => {
		const plan = { uids: ['1001'], audience: ['7', '8'], seconds: null };
		set.sandbox.control.setChannel('Fragen & Antworten?', plan);
		const { json, hints } = await getUsers('Fragen & Antworten?');
		expect(json[0]).toEqual({
			cname: 'Fragen & Antworten?',
			uid: '1001',
			role: 'host',
			channel_profile: 'live_broadcast',
			user_count: 3,
			app_id: set.sandbox.agoraAccount.appId,
		});
		expect(rows(json)).toEqual(['1001 host', '7 audience', '8 audience']);
		expect(hints).toEqual([]);
	});

	it('returns the users of a communication channel without roles', async () => {
		setUsers('class-7b', ['1001', '1002']);
		const { json } = await getUsers('class-7b');
		expect(json.map(({ role, channel_profile: profile }) => [role, profile])).toEqual([
			[null, 'communication'],
			[null, 'communication'],
		]);
		expect(json[0]!.user_count).toBe(2);
	});

	it('returns the hosts only, whose audience Agora then does not count', async () => {
		set.sandbox.control.setChannel('show', { uids: ['1'], audience: ['7'], seconds: null });
		const { json } = await getUsers('show', { options: { hostsOnly: true } });
		expect(rows(json)).toEqual(['1 host']);
		expect(json[0]!.user_count).toBeNull();
	});

	it('returns up to the limit', async () => {
		set.sandbox.control.setChannel('show', { uids: ['1'], audience: ['7', '8'], seconds: null });
		const { json } = await getUsers('show', { returnAll: false, limit: 2 });
		expect(rows(json)).toEqual(['1 host', '7 audience']);
	});

	it('returns the users of another project by its App ID', async () => {
		const { json: projects } = await set.engine.run({ resource: 'project', operation: 'getAll' });
		const other = projects[1]!.app_id as string;
		setUsers('class', ['5'], other);
		const { json } = await getUsers('class', { options: { appId: other } });
		expect(json).toMatchObject([{ uid: '5', app_id: other }]);
	});

	it.each([
		['an empty channel', () => setUsers('class', []), {}, 'Nobody is in the channel "class"'],
		['an unknown channel', () => {}, {}, 'case-sensitive'],
		[
			'the hosts of a communication channel',
			() => setUsers('class', ['1']),
			{ hostsOnly: true },
			'Turn off Hosts Only',
		],
		[
			'the hosts of a channel without hosts',
			() => set.sandbox.control.setChannel('class', { uids: [], audience: ['7'], seconds: null }),
			{ hostsOnly: true },
			'has no hosts',
		],
	])('returns no items and a hint for %s', async (_, prepare, options, hint) => {
		prepare();
		const { json, hints, status } = await getUsers('class', { options });
		expect([json, status]).toEqual([[], 'success']);
		expect(hints).toEqual([expect.stringContaining(hint)]);
	});

	it('hints at a longer audience than Agora lists', async () => {
		const audience = Array.from({ length: 10_001 }, (_, i) => String(5000 + i));
		set.sandbox.control.setChannel('show', { uids: ['1'], audience, seconds: null });
		const { json, hints } = await getUsers('show');
		expect(json).toHaveLength(10_001);
		expect(json[0]!.user_count).toBe(10_002);
		expect(hints).toEqual([expect.stringContaining('10002 users')]);
	});

	it.each([
		['={{ $json.missing }}', '"Channel" is empty'],
		['ö', '"ö" is not a valid channel name'],
		['..', `Agora's API can't query ".."`],
	])('sends nothing for the channel name "%s"', async (cname, message) => {
		expect((await getUsers(cname)).error?.message).toBe(message);
		expect(await requests()).toBe(0);
	});

	it.each([
		['a failure in the body', 200, { success: false, message: 'no' }, "Agora's reason: no"],
		['no data', 200, { success: true }, 'no list of users'],
		['no users', 200, { success: true, data: { channel_exist: true, mode: 2 } }, 'no list'],
		['wrong credentials', 401, { message: 'Unauthorized' }, 'Customer ID and Customer Secret'],
		['an unknown App ID', 400, { message: 'invalid appid' }, 'or its project is disabled'],
		['too many requests', 429, { message: 'slow down' }, 'too many requests'],
	])('explains %s', async (_, status, body, text) => {
		await respond('/dev/v1/channel/user/', body, status);
		expect(textOf((await getUsers('class')).error)).toContain(text);
	});
});

describe('Channel: Get User Status', () => {
	const getStatus = async (uid: unknown, parameters = {}) =>
		await run({ operation: 'getUserStatus', channel: byName('class'), uid, ...parameters });

	it('returns the role, the platform and when the user joined', async () => {
		const plan = { uids: ['1001'], audience: ['7'], seconds: null };
		set.sandbox.control.setChannel('class', plan);
		const { json } = await getStatus(1001);
		expect(json).toEqual([
			{
				cname: 'class',
				uid: '1001',
				in_channel: true,
				role: 'host',
				channel_profile: 'live_broadcast',
				platform: 'web',
				joined_at: expect.stringMatching(/^\d{4}-.*:\d\d\.000Z$/),
				app_id: set.sandbox.agoraAccount.appId,
			},
		]);
		expect(Math.abs(Date.parse(String(json[0]!.joined_at)) - Date.now())).toBeLessThan(5000);
		expect((await getStatus('7')).json).toMatchObject([{ role: 'audience' }]);
	});

	it('returns the same form for a user who is not in the channel', async () => {
		setUsers('class', ['1001']);
		expect((await getStatus('1001')).json).toMatchObject([
			{ in_channel: true, role: null, channel_profile: 'communication' },
		]);
		expect((await getStatus('1002')).json).toEqual([
			{
				cname: 'class',
				uid: '1002',
				in_channel: false,
				role: null,
				channel_profile: null,
				platform: null,
				joined_at: null,
				app_id: set.sandbox.agoraAccount.appId,
			},
		]);
	});

	it.each([
		['={{ $json.missing }}', '"UID" is empty'],
		['ada.l', '"ada.l" is not a UID'],
		['0', '"0" is not a UID'],
	])('sends nothing for the UID "%s"', async (uid, message) => {
		const { error } = await getStatus(uid);
		expect(error?.message).toBe(message);
		expect(error?.description).toContain('user accounts');
		expect(await requests()).toBe(0);
	});

	it('fails when the response does not say whether the user is in the channel', async () => {
		await respond('/dev/v1/channel/user/property/', { success: true, data: {} });
		expect((await getStatus('1')).error?.message).toContain('has no status of the user');
	});
});

describe('the list of channels', () => {
	const search = async (filter?: string, parameters = {}) =>
		await set.engine.listSearch('searchChannels', filter, {}, parameters);

	it('has the channels with users, by name', async () => {
		setUsers('class-7b', ['1', '2']);
		setUsers('Staff room', ['1']);
		expect(await search()).toEqual([
			{ name: 'Staff room · 1 user', value: 'Staff room' },
			{ name: 'class-7b · 2 users', value: 'class-7b' },
		]);
		expect(await search('CLASS')).toEqual([{ name: 'class-7b · 2 users', value: 'class-7b' }]);
	});

	it('has the channels of the App ID of the option', async () => {
		const { json: projects } = await set.engine.run({ resource: 'project', operation: 'getAll' });
		const appId = projects[1]!.app_id as string;
		setUsers('here', ['1']);
		setUsers('there', ['1'], appId);
		expect(await search('', { options: { appId } })).toMatchObject([{ value: 'there' }]);
	});

	it('is not that of another project when the App ID is an expression', async () => {
		const options = { appId: '={{ $json.appId }}' };
		await expect(search('', { options })).rejects.toThrow('App ID is an expression');
	});

	it('needs an App ID', async () => {
		set.credentials.agoraApi!.default!.appId = '';
		await expect(search()).rejects.toThrow('No App ID is set');
	});
});
