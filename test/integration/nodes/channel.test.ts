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
