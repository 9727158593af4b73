import type { Account } from '../../../nodes/Agora/agora/account';
import { createBan, deleteBan, listBans, toBan, updateBan } from '../../../nodes/Agora/agora/bans';
import {
	connectionError,
	fakeContext,
	faultOf,
	onTestClock,
	useTestClock,
} from '../http/fakeContext';

const ACCOUNT: Account = {
	host: 'https://api.agora.io',
	customerId: 'fake-customer',
	appId: '',
	appCertificate: '',
	secrets: [],
};
const URL = 'https://api.agora.io/dev/v1/kicking-rule';
/** The example of Agora's documentation. */
const RULE = {
	id: 1953,
	appid: 'app',
	uid: 589517928,
	opid: 1406,
	cname: '11',
	ip: '192.168.0.1',
	ts: '2018-01-09T07:23:06.000Z',
	privileges: ['join_channel'],
	createAt: '2018-01-09T06:23:06.000Z',
	updateAt: '2018-01-09T14:23:06.000Z',
};
const BAN = {
	id: 1953,
	cname: '11',
	uid: '589517928',
	ip: '192.168.0.1',
	privileges: ['join_channel'],
	created_at: '2018-01-09T06:23:06.000Z',
	expires_at: '2018-01-09T07:23:06.000Z',
};
const NEW = { target: { uid: '7' }, privileges: ['join_channel' as const], minutes: 60 };
const CREATED = { body: { status: 'success', id: 5 } };

describe('toBan', () => {
	it('converts a rule', () => {
		expect(toBan(RULE)).toEqual(BAN);
	});

	it.each([[null], [''], [0], ['0'], [undefined], [{}]])('takes %j for unset', (value) => {
		const unset = { uid: null, ip: null };
		expect(toBan({ id: 1, uid: value, ip: value })).toMatchObject(unset);
	});

	it.each([[null], [''], [0], [undefined]])('takes the channel %j for unset', (cname) => {
		expect(toBan({ id: 1, cname }).cname).toBeNull();
	});

	it('has a channel named 0', () => {
		expect(toBan({ id: 1, cname: '0' }).cname).toBe('0');
	});

	it('has null for what a rule lacks', () => {
		expect(toBan({ id: 1, ts: 'soon' })).toEqual({
			id: 1,
			cname: null,
			uid: null,
			ip: null,
			privileges: null,
			created_at: null,
			expires_at: null,
		});
	});
});

describe('bans', () => {
	beforeEach(useTestClock);
	afterEach(() => jest.useRealTimers());

	it.each([
		[{ uid: '4294967295' }, { uid: 4_294_967_295 }],
		[{ cname: 'class' }, { cname: 'class' }],
		[
			{ cname: 'class', uid: '7' },
			{ cname: 'class', uid: 7 },
		],
		[{ ip: '203.0.113.7' }, { ip: '203.0.113.7' }],
	])('are created for %j', async (target, criteria) => {
		const headers = { date: 'Mon, 23 Nov 2026 08:00:00 GMT' };
		const { context, sent } = fakeContext([{ ...CREATED, headers }]);
		const ban = await createBan(context, ACCOUNT, 'app', { ...NEW, target });
		expect(ban).toEqual({
			id: 5,
			cname: null,
			uid: null,
			ip: null,
			...target,
			privileges: ['join_channel'],
			created_at: '2026-11-23T08:00:00.000Z',
			expires_at: '2026-11-23T09:00:00.000Z',
		});
		expect(sent).toHaveLength(1);
		expect(sent[0]!.options).toMatchObject({ method: 'POST', url: URL });
		expect(sent[0]!.options.body).toEqual({
			appid: 'app',
			...criteria,
			time: 60,
			privileges: ['join_channel'],
		});
	});

	it.each([
		['an outage', { status: 504 }],
		['a lost connection', connectionError('ECONNRESET')],
		['a response without an ID', { body: { status: 'success' } }],
	])('are not created again after %s, and the error warns', async (_, answer) => {
		const { context, sent } = fakeContext([answer, CREATED]);
		const fault = await faultOf(onTestClock(createBan(context, ACCOUNT, 'app', NEW)));
		expect(sent).toHaveLength(1);
		expect(fault.details.description).toContain('The ban may have been created.');
	});

	it.each([
		['refused', { status: 400 }],
		['not sent', connectionError('ECONNREFUSED')],
	])('have no warning when the request was %s', async (_, answer) => {
		const { context } = fakeContext([answer]);
		const fault = await faultOf(onTestClock(createBan(context, ACCOUNT, 'app', NEW)));
		expect(fault.details.description).not.toContain('may have been created');
	});

	it('are listed by App ID', async () => {
		const { context, sent } = fakeContext([{ body: { status: 'success', rules: [RULE] } }]);
		expect(await listBans(context, ACCOUNT, 'a&b')).toEqual([BAN]);
		expect(sent[0]!.options).toMatchObject({ method: 'GET', url: `${URL}?appid=a%26b` });
	});

	it('are updated, and repeated after an outage', async () => {
		const ts = '2026-11-23T10:00:00.000Z';
		const { context, sent } = fakeContext([
			{ status: 500 },
			{ body: { status: 'success', result: { id: 1953, ts } } },
			{ body: { status: 'success', rules: [RULE] } },
		]);
		const change = { id: 1953, minutes: 30 };
		const ban = await onTestClock(updateBan(context, ACCOUNT, 'app', change));
		expect(ban).toEqual({ ...BAN, expires_at: ts });
		expect(sent[1]!.options).toMatchObject({ method: 'PUT', url: URL });
		expect(sent[1]!.options.body).toEqual({ appid: 'app', id: 1953, time: 30 });
	});

	it('keep the listed expiry when Agora confirms none', async () => {
		const { context } = fakeContext([
			{ body: { status: 'success' } },
			{ body: { status: 'success', rules: [{ id: 1 }, RULE] } },
		]);
		const change = { id: 1953, minutes: 30 };
		expect(await updateBan(context, ACCOUNT, 'app', change)).toEqual(BAN);
	});

	it('are deleted', async () => {
		const { context, sent } = fakeContext([{ body: { status: 'success', id: 1953 } }]);
		await deleteBan(context, ACCOUNT, 'app', 1953);
		expect(sent[0]!.options).toMatchObject({ method: 'DELETE', url: URL });
		expect(sent[0]!.options.body).toEqual({ appid: 'app', id: 1953 });
	});

	it.each([[{}], ['']])('are not deleted without a confirmation: %j', async (body) => {
		const { context } = fakeContext([{ body }]);
		const fault = await faultOf(deleteBan(context, ACCOUNT, 'app', 7));
		expect(fault.message).toBe("Agora's response has no status (could not delete ban 7)");
	});

	it('count as deleted when they are gone after an outage', async () => {
		const { context, sent } = fakeContext([{ status: 500 }, { status: 404 }]);
		await onTestClock(deleteBan(context, ACCOUNT, 'app', 1953));
		expect(sent).toHaveLength(2);
	});

	it.each([
		['update', updateBan],
		[
			'delete',
			async (...[context, account, appId, { id }]: Parameters<typeof updateBan>) =>
				await deleteBan(context, account, appId, id),
		],
	] as const)('cannot be found: %s', async (name, send) => {
		const { context } = fakeContext([{ status: 404 }]);
		const fault = await faultOf(send(context, ACCOUNT, 'app', { id: 7, minutes: 1 }));
		expect(fault.message).toBe(`Agora has no ban 7 (could not ${name} ban 7)`);
		expect(fault.details.httpCode).toBe('404');
	});
});
