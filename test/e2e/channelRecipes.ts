import { request } from 'undici';
import { WEBHOOK_HEADER, WEBHOOK_KEY } from '../../sandbox/n8n/credentials.ts';
import { execute, executeNode, triggered, until, DONE, type Items } from './executions.ts';
import type { TestedDemo } from './testedDemo.ts';
import { note } from './transcript.ts';

const BAN = 'agora-ban-who-is-reported';
const ON_AIR = 'agora-who-is-on-air';
const MINUTE = 60_000;

/** The example workflows about live channels and their users. */
export function testChannelRecipes(tested: () => TestedDemo): void {
	const demo = () => tested().demo;
	const control = () => demo().sandbox.control;
	const openChannel = (cname: string, uids: string[]) =>
		control().setChannel(cname, { uids, seconds: null });

	describe('workflow: ban who is reported', () => {
		const REPORTED = 'reported-class';
		const OTHER = 'other-class';
		const byName = (value: string) => ({ __rl: true, mode: 'name', value });

		async function report(body: object, key = WEBHOOK_KEY) {
			const response = await request(`${demo().n8n.url}/webhook/ban-who-is-reported`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', [WEBHOOK_HEADER]: key },
				body: JSON.stringify(body),
			});
			const text = await response.body.text();
			tested().seen.push(text);
			return { status: response.statusCode, text };
		}
		const bans = () =>
			control()
				.bans()
				.filter(({ cname }) => cname === REPORTED);
		const usersOf = async (cname: string) => {
			const items = await tested().run(`Get the users of ${cname}`, {
				resource: 'channel',
				operation: 'getUsers',
				channel: byName(cname),
				returnAll: true,
			});
			return items.map(({ uid }) => uid);
		};
		/** How the newest execution has ended. */
		const lastExecution = async () =>
			await until('its execution has ended', 10, async () => {
				const last = (await triggered(demo().api, BAN, 'webhook')).at(-1);
				return last && DONE.includes(last.status) ? last : null;
			});

		beforeAll(async () => {
			for (const cname of [REPORTED, OTHER]) openChannel(cname, ['1001', '1002']);
			// Right after its start, n8n responds with 404 until its webhooks are registered.
			await until('the webhook is there', 60, async () =>
				(await report({}, 'wrong')).status !== 404 ? true : null,
			);
		}, 2 * MINUTE);

		it.each([
			['without a channel', { uid: 1002 }],
			['without a UID', { channel: REPORTED }],
			['with empty values', { channel: '', uid: '' }],
			['with the UID 0', { channel: REPORTED, uid: 0 }],
			['with a user account', { channel: REPORTED, uid: 'user-1002' }],
			['without anything', {}],
		])('a report %s: responds with 400, and bans nobody', async (_, body) => {
			const { status, text } = await report(body);
			expect([status, JSON.parse(text)]).toEqual([
				400,
				{ error: expect.stringContaining('needs a channel and a uid') },
			]);
			expect(await lastExecution()).toMatchObject({ status: 'success' });
			expect(bans()).toEqual([]);
		});

		it('a caller without the key: responds with 403, and bans nobody', async () => {
			const { status } = await report({ channel: REPORTED, uid: 1002 }, 'wrong');
			expect(status).toBe(403);
			expect(bans()).toEqual([]);
		});

		it('Agora refuses: responds with 500, and the execution fails with the reason', async () => {
			await control().fail('agora', {
				path: '/kicking-rule',
				response: { status: 400, body: { message: 'invalid appid' } },
			});
			const { status, text } = await report({ channel: REPORTED, uid: 1002 });
			expect([status, JSON.parse(text)]).toEqual([500, { error: "Agora didn't confirm the ban" }]);
			expect(await lastExecution()).toMatchObject({
				status: 'error',
				error: expect.stringContaining('does not know this App ID'),
			});
			expect(bans()).toEqual([]);
		});

		it(
			'removes the user from the channel for an hour, and responds with the ban',
			async () => {
				expect(await usersOf(REPORTED)).toEqual(['1001', '1002']);
				const { status, text } = await report({ channel: REPORTED, uid: 1002 });
				note('Ban who is reported, the response', JSON.parse(text));
				const [ban, ...others] = bans();
				expect(others).toEqual([]);
				expect(ban).toMatchObject({ uid: 1002, ip: null, privileges: ['join_channel'] });
				expect(Date.parse(ban!.ts) - Date.parse(ban!.createAt)).toBe(60 * MINUTE);

				const response = JSON.parse(text) as { expires_at: string };
				expect([status, response]).toEqual([
					200,
					{ ban_id: ban!.id, channel: REPORTED, uid: '1002', expires_at: expect.any(String) },
				]);
				// The node counts from the Date header, which has no milliseconds.
				expect(Math.abs(Date.parse(response.expires_at) - Date.parse(ban!.ts))).toBeLessThan(2000);

				expect(await usersOf(REPORTED)).toEqual(['1001']);
				const [user] = await tested().run('Get the status of the banned user', {
					resource: 'channel',
					operation: 'getUserStatus',
					channel: byName(REPORTED),
					uid: '1002',
				});
				expect(user).toMatchObject({ in_channel: false });
				expect(await usersOf(OTHER)).toEqual(['1001', '1002']);
			},
			MINUTE,
		);
	});

	describe('workflow: who is on air', () => {
		/** Each run saves a row for each channel of the other tests too. */
		const PATIENCE_MS = 2 * MINUTE;
		const MORNING = 'morning-class';
		const EVENING = 'evening-class';
		const runOnce = async () => await execute(demo().api, ON_AIR, 'Every five minutes', 60);

		/** The table after a successful run: its rows by channel. */
		async function rowsAfterRun(): Promise<Map<unknown, Items[number]>> {
			tested().outputOf(await runOnce(), 'Channels on air');
			const rows = await readRows();
			const byChannel = new Map(rows.map((row) => [row.cname, row]));
			expect(byChannel.size).toBe(rows.length);
			return byChannel;
		}

		async function readRows(): Promise<Items> {
			const execution = await executeNode(demo().api, {
				name: 'Get rows',
				type: 'n8n-nodes-base.dataTable',
				typeVersion: 1.1,
				parameters: {
					resource: 'row',
					operation: 'get',
					dataTableId: { __rl: true, mode: 'name', value: 'Agora channels on air' },
					returnAll: true,
				},
			});
			return tested().outputOf(execution, 'Get rows');
		}

		// Its schedule could run it at the same time.
		beforeAll(async () => {
			const { active } = await demo().api.get<{ active: boolean }>(`/workflows/${ON_AIR}`);
			expect(active).toBe(true);
			await demo().api.post(`/workflows/${ON_AIR}/deactivate`, {});
		}, PATIENCE_MS);

		it(
			'keeps one row for each channel on air, however often it runs',
			async () => {
				openChannel(MORNING, ['1001', '1002']);
				openChannel(EVENING, ['1001']);
				const began = Date.now();
				const first = await rowsAfterRun();
				note('Who is on air, rows', [...first.values()]);
				expect(first.get(MORNING)).toMatchObject({ user_count: 2 });
				expect(first.get(EVENING)).toMatchObject({ user_count: 1 });
				for (const { last_seen_at } of first.values()) {
					const seenAt = Date.parse(last_seen_at as string);
					expect(seenAt).toBeGreaterThanOrEqual(began);
					expect(seenAt).toBeLessThanOrEqual(Date.now());
				}

				openChannel(EVENING, ['1001', '1002', '1003']);
				const second = await rowsAfterRun();
				// Calls of other tests may have ended meanwhile.
				for (const cname of [MORNING, EVENING]) {
					const { id, createdAt, last_seen_at } = first.get(cname)!;
					expect(second.get(cname)).toMatchObject({ id, createdAt });
					expect(Date.parse(second.get(cname)!.last_seen_at as string)).toBeGreaterThan(
						Date.parse(last_seen_at as string),
					);
				}
				expect(second.get(MORNING)).toMatchObject({ user_count: 2 });
				expect(second.get(EVENING)).toMatchObject({ user_count: 3 });
			},
			PATIENCE_MS,
		);

		it(
			'Agora refuses: the execution fails, and the rows stay',
			async () => {
				const before = await readRows();
				await control().fail('agora', {
					path: '/dev/v1/channel/',
					response: { status: 400, body: { message: 'invalid appid' } },
				});
				expect(await runOnce()).toMatchObject({ status: 'error' });
				expect(await readRows()).toEqual(before);
			},
			PATIENCE_MS,
		);

		it(
			'deletes the row of a channel that everybody has left',
			async () => {
				openChannel(MORNING, []);
				const rows = await rowsAfterRun();
				expect(rows.has(MORNING)).toBe(false);
				expect(rows.get(EVENING)).toMatchObject({ user_count: 3 });
			},
			PATIENCE_MS,
		);

		it(
			'deletes all rows when no channel is on air',
			async () => {
				// The other tests have channels too.
				await control().fail('agora', {
					path: '/dev/v1/channel/',
					response: { status: 200, body: { success: true, data: { channels: [], total_size: 0 } } },
				});
				expect((await rowsAfterRun()).size).toBe(0);
			},
			PATIENCE_MS,
		);
	});
}
