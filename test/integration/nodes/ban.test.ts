import type { IDataObject } from 'n8n-workflow';
import { useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const byName = (value: string) => ({ __rl: true, mode: 'name', value });
const byId = (value: unknown) => ({ __rl: true, mode: 'id', value });
const run = async (operation: string, parameters: IDataObject = {}) =>
	await set.engine.run({ resource: 'ban', operation, ...parameters });
const USER_IN_CHANNEL = { target: 'userInChannel', channel: byName('class-7b'), uid: '1002' };
const create = async (parameters: IDataObject = {}) =>
	await run('create', { ...USER_IN_CHANNEL, ...parameters });
const usersOf = async (cname: string) =>
	(
		await set.engine.run({
			resource: 'channel',
			operation: 'getUsers',
			channel: byName(cname),
			returnAll: true,
		})
	).json.map(({ uid }) => uid);
const setUsers = (cname: string, uids: string[]) =>
	set.sandbox.control.setChannel(cname, { uids, seconds: null });
const requests = async (method: string) =>
	(await set.sandbox.control.requests('agora')).filter(
		(each) => each.method === method && each.path.startsWith('/dev/v1/kicking-rule'),
	).length;
const fail = async (method: string, status: number, body: object, more = {}) =>
	await set.sandbox.control.fail('agora', {
		method,
		path: '/dev/v1/kicking-rule',
		response: { status, body },
		...more,
	});
const textOf = (error?: { message: string; description?: string | null }) =>
	`${error?.message} ${error?.description}`;
/** Minutes that a ban of the sandbox lasts. */
const minutesOf = ({ ts, createAt }: { ts: string; createAt: string }) =>
	(Date.parse(ts) - Date.parse(createAt)) / 60_000;

describe('Ban: Create', () => {
	it('removes a user from a channel, and from no other', async () => {
		setUsers('class-7b', ['1001', '1002']);
		setUsers('class-8a', ['1002']);
		const { json } = await create({ duration: 90 });
		const [item] = json;
		expect(item).toEqual({
			id: 1953,
			cname: 'class-7b',
			uid: '1002',
			ip: null,
			privileges: ['join_channel'],
			created_at: expect.stringMatching(/Z$/),
			expires_at: expect.stringMatching(/Z$/),
			app_id: set.sandbox.agoraAccount.appId,
		});
		const lasts = Date.parse(String(item!.expires_at)) - Date.parse(String(item!.created_at));
		expect(lasts).toBe(90 * 60_000);
		const [rule] = set.sandbox.control.bans();
		expect(rule).toMatchObject({ cname: 'class-7b', uid: 1002, ip: null });
		expect(minutesOf(rule!)).toBe(90);
		expect(await usersOf('class-7b')).toEqual(['1001']);
		expect(await usersOf('class-8a')).toEqual(['1002']);
	});

	it.each<[string, IDataObject, object]>([
		['a user in all channels', { target: 'user' }, { cname: null, uid: 1002, ip: null }],
		['everyone in a channel', { target: 'channel' }, { cname: 'class-7b', uid: null, ip: null }],
		[
			'an IP address',
			{ target: 'ip', ip: ' 203.0.113.7 ' },
			{ cname: null, uid: null, ip: '203.0.113.7' },
		],
		[
			'a choice by its name',
			{ target: '={{ "User in All Channels" }}' },
			{ cname: null, uid: 1002 },
		],
	])('bans %s, whatever other fields contain', async (_, parameters, rule) => {
		const { json } = await create({ ip: '198.51.100.1', ...parameters });
		expect(set.sandbox.control.bans()).toMatchObject([rule]);
		expect(json).toMatchObject([{ ...rule, ...('uid' in rule && { uid: rule.uid && '1002' }) }]);
	});

	it.each([
		[
			['publish_audio', 'publish_video'],
			['publish_audio', 'publish_video'],
		],
		['Publish Audio, publish_audio', ['publish_audio']],
	])('bans from the privileges %j', async (privileges, expected) => {
		setUsers('class-7b', ['1002']);
		const { json } = await create({ privileges });
		expect(json).toMatchObject([{ privileges: expected }]);
		expect(set.sandbox.control.bans()).toMatchObject([{ privileges: expected }]);
		expect(await usersOf('class-7b')).toEqual(['1002']);
	});

	it('bans in another project by its App ID', async () => {
		const { json: projects } = await set.engine.run({ resource: 'project', operation: 'getAll' });
		const appId = projects[1]!.app_id as string;
		const { json } = await create({ options: { appId } });
		expect(json).toMatchObject([{ app_id: appId }]);
		expect(set.sandbox.control.bans()).toEqual([]);
		expect(set.sandbox.control.bans(appId)).toHaveLength(1);
	});

	it.each<[string, IDataObject, string, string]>([
		['no UID', { uid: '={{ $json.missing }}' }, '"UID" is empty', 'whole number'],
		['a user account', { uid: 'ada' }, '"ada" is not a UID', 'user accounts'],
		[
			'no channel',
			{ channel: byName('={{ $json.missing }}') },
			'"Channel" is empty',
			'Choose a channel',
		],
		[
			'no IP address',
			{ target: 'ip', ip: '={{ $json.missing }}' },
			'"IP Address" is empty',
			'without a port or a range',
		],
		[
			'a range',
			{ target: 'ip', ip: '10.0.0.0/8' },
			'"10.0.0.0/8" is not an IP address',
			'203.0.113.7',
		],
		[
			'no privilege',
			{ privileges: '={{ [] }}' },
			'"Privileges" is empty',
			'Join Channel, Publish Audio',
		],
		['an unknown privilege', { privileges: ['sing'] }, `"Privileges" can't be "sing"`, 'join_'],
		['an unknown target', { target: 'all' }, `"Target" can't be "all"`, 'userInChannel'],
		['0 minutes', { duration: 0 }, '"Duration (Minutes)" must be', 'It is "0"'],
		['two days', { duration: 2880 }, 'a whole number from 1 to 1440', 'one day'],
	])('sends nothing for %s', async (_, parameters, message, advice) => {
		const { error } = await create(parameters);
		expect(error?.message).toContain(message);
		expect(error?.description).toContain(advice);
		expect(set.sandbox.control.bans()).toEqual([]);
		expect(await requests('POST')).toBe(0);
	});

	it.each<[string, number | 'drop']>([
		['an outage', 504],
		['a lost response', 'drop'],
	])('is not repeated after %s, and the error says what to check', async (_, response) => {
		await set.sandbox.control.fail('agora', {
			method: 'POST',
			path: '/dev/v1/kicking-rule',
			when: 'after',
			response: response === 'drop' ? 'drop' : { status: response, body: {} },
		});
		const { error } = await create();
		expect(error?.description).toContain('may have been created. Check with Ban > Get Many');
		expect(await requests('POST')).toBe(1);
		expect(set.sandbox.control.bans()).toHaveLength(1);
	});

	it('is repeated after a refusal for the rate', async () => {
		await fail('POST', 429, { message: 'slow down' });
		expect((await create()).json).toHaveLength(1);
		expect(set.sandbox.control.bans()).toHaveLength(1);
	});

	it.each<[string, number, object, string]>([
		['wrong credentials', 401, { message: 'Unauthorized' }, 'Customer ID and Customer Secret'],
		['an unknown App ID', 400, { message: 'invalid appid' }, 'Options > App ID'],
		['a failure in the body', 200, { status: 'failed' }, "Agora's reason: failed"],
		['no ID', 200, { status: 'success' }, 'has no ID of the ban'],
	])('explains %s', async (_, status, body, text) => {
		await fail('POST', status, body);
		const { error } = await create();
		expect(textOf(error)).toContain(text);
		expect(textOf(error).includes('may have been created')).toBe(status === 200);
	});

	it('asks for an App ID when there is none', async () => {
		set.credentials.agoraApi!.default!.appId = '';
		expect((await create()).error?.message).toBe('No App ID is set');
	});
});

describe('Ban: Get Many', () => {
	it('returns the same items as Create, up to the limit', async () => {
		expect((await run('getAll')).json).toEqual([]);
		const [first] = (await create()).json;
		await create({ target: 'ip', ip: '203.0.113.7', privileges: ['publish_video'] });
		const { json } = await run('getAll', { returnAll: true });
		expect(json).toHaveLength(2);
		// Create counts from the response's Date, which has whole seconds.
		const { created_at, expires_at, ...ban } = json[0]!;
		expect(first).toMatchObject(ban);
		expect(Object.keys(json[0]!)).toEqual(Object.keys(first!));
		for (const [ours, agora] of [
			[first!.created_at, created_at],
			[first!.expires_at, expires_at],
		]) {
			expect(Math.abs(Date.parse(String(ours)) - Date.parse(String(agora)))).toBeLessThan(2500);
		}
		expect(json[1]).toMatchObject({ cname: null, uid: null, ip: '203.0.113.7' });
		expect((await run('getAll', { limit: 1 })).json).toEqual([json[0]]);
	});

	it.each([
		['no list', { status: 'success' }],
		['a ban without an ID', { status: 'success', rules: [{ cname: 'class' }] }],
	])('fails when the response has %s', async (_, body) => {
		await fail('GET', 200, body);
		expect((await run('getAll')).error?.message).toContain('has no list of bans');
	});
});

describe('Ban: Update', () => {
	it('sets how long the ban lasts from now on', async () => {
		const [{ id }] = (await create({ duration: 1 })).json as [IDataObject];
		const { json } = await run('update', { banId: byId(id), duration: 120 });
		expect(json).toMatchObject([{ id, cname: 'class-7b', uid: '1002' }]);
		const [rule] = set.sandbox.control.bans();
		expect(json[0]!.expires_at).toBe(rule!.ts);
		expect(Math.round(minutesOf(rule!))).toBe(120);
	});

	it.each([
		['lacks the ban', 200, { status: 'success', rules: [] }],
		['is not available', 500, {}],
	])(
		'returns what Agora confirmed when the list %s',
		async (_, status, body) => {
			const [{ id }] = (await create()).json as [IDataObject];
			await fail('GET', status, body, { times: 4 });
			const { json } = await run('update', { banId: byId(id), duration: 5 });
			expect(json).toMatchObject([{ id, cname: null, created_at: null }]);
			expect(json[0]!.expires_at).toBe(set.sandbox.control.bans()[0]!.ts);
		},
		20_000,
	);

	it('names a ban that does not exist', async () => {
		const { error } = await run('update', { banId: byId(7), duration: 5 });
		expect(error).toMatchObject({
			message: 'Agora has no ban 7 (could not update ban 7)',
			description: expect.stringContaining('It may have expired'),
			httpCode: '404',
		});
	});

	it.each([
		['={{ $json.missing }}', '"Ban" is empty'],
		['class-7b', '"class-7b" is not the ID of a ban'],
	])('sends nothing for the ID "%s"', async (id, message) => {
		const { error } = await run('update', { banId: byId(id), duration: 5 });
		expect(error?.message).toBe(message);
		expect(error?.description).toContain('Create and Get Many return');
		expect(await requests('PUT')).toBe(0);
	});

	it('rejects a duration that Agora would replace', async () => {
		const { error } = await run('update', { banId: byId(1953), duration: 1.5 });
		expect(error?.message).toContain('must be a whole number from 1 to 1440');
	});
});

describe('Ban: Delete', () => {
	it('lifts a ban', async () => {
		setUsers('class-7b', ['1002']);
		const [{ id, app_id }] = (await create()).json as [IDataObject];
		expect(await usersOf('class-7b')).toEqual([]);
		expect((await run('delete', { banId: byId(id) })).json).toEqual([
			{ id, deleted: true, app_id },
		]);
		expect(set.sandbox.control.bans()).toEqual([]);
		expect(await usersOf('class-7b')).toEqual(['1002']);
	});

	it('succeeds when only the response was lost', async () => {
		const [{ id }] = (await create()).json as [IDataObject];
		await set.sandbox.control.fail('agora', {
			method: 'DELETE',
			path: '/dev/v1/kicking-rule',
			when: 'after',
			response: 'drop',
		});
		expect((await run('delete', { banId: byId(id) })).json).toMatchObject([{ deleted: true }]);
		expect(await requests('DELETE')).toBe(2);
	});

	it('names a ban that does not exist', async () => {
		const { error } = await run('delete', { banId: byId('7') });
		expect(error?.message).toBe('Agora has no ban 7 (could not delete ban 7)');
	});
});

describe('the list of bans', () => {
	const search = async (filter?: string) => await set.engine.listSearch('searchBans', filter);

	it('says who is banned, where and until when', async () => {
		await create();
		await create({ target: 'channel' });
		await create({ target: 'ip', ip: '203.0.113.7' });
		const bans = await search();
		expect(bans.map(({ name }) => String(name).replace(/ · until .* UTC$/, ''))).toEqual([
			'1002 in class-7b',
			'Everyone in class-7b',
			'203.0.113.7 in all channels',
		]);
		expect(await search('everyone')).toEqual([bans[1]]);
		expect(await search('1955')).toEqual([bans[2]]);
	});

	it('reports wrong credentials', async () => {
		set.credentials.agoraApi!.default!.customerSecret = 'wrong';
		await expect(search()).rejects.toThrow('does not accept this Customer ID');
	});
});
