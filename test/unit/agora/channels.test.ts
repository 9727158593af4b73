import { pathSegment, successBody } from '../../../nodes/Agora/agora/channelManagement';
import { toChannelUsers, toUserStatus } from '../../../nodes/Agora/agora/channels';

describe('toChannelUsers', () => {
	const LIVE = { mode: 2, broadcasters: [1, 2], audience: [7], audience_total: 30_000 };

	it('lists the hosts before the audience, and counts those who are not listed', () => {
		expect(toChannelUsers(LIVE, false)).toEqual({
			profile: 'live_broadcast',
			users: [
				{ uid: '1', role: 'host' },
				{ uid: '2', role: 'host' },
				{ uid: '7', role: 'audience' },
			],
			count: 30_002,
		});
	});

	it('counts nobody where only hosts are listed', () => {
		const hosts = { mode: 2, broadcasters: [1] };
		const users = [{ uid: '1', role: 'host' }];
		expect(toChannelUsers(hosts, true)).toEqual({ profile: 'live_broadcast', users, count: null });
	});

	it.each([
		[{ mode: 1, total: 1, users: [5] }, false, [{ uid: '5', role: null }], 1],
		[{ mode: 1, users: ['5'] }, false, [{ uid: '5', role: null }], null],
		[{ mode: 1, total: 1, users: [5] }, true, [], null],
	])('converts the communication channel %j, hosts only: %s', (data, hostsOnly, users, count) => {
		expect(toChannelUsers(data, hostsOnly)).toEqual({ profile: 'communication', users, count });
	});

	it('takes an undocumented profile by its lists', () => {
		expect(toChannelUsers({ ...LIVE, mode: 9, audience_total: '1' }, false)).toMatchObject({
			profile: null,
			count: null,
		});
	});

	it.each([
		[{ mode: 1 }],
		[{ mode: 1, users: [null] }],
		[{ mode: 2, broadcasters: [1] }],
		[{ mode: 2, audience: [1] }],
		[{ mode: 2, broadcasters: {}, audience: [] }],
		[{}],
	])('is null for %j', (data) => {
		expect(toChannelUsers(data, false)).toBeNull();
	});
});

describe('toUserStatus', () => {
	it('names role, profile and platform', () => {
		const status = { in_channel: true, role: 2, platform: 7, join: 1_640_330_382 };
		expect(toUserStatus(status)).toEqual({
			in_channel: true,
			role: 'host',
			channel_profile: 'live_broadcast',
			platform: 'web',
			joined_at: '2021-12-24T07:19:42.000Z',
		});
	});

	it.each([
		[0, null, null],
		[1, null, 'communication'],
		[3, 'audience', 'live_broadcast'],
		[9, null, null],
		[undefined, null, null],
	])('converts the role %s', (role, name, profile) => {
		const status = toUserStatus({ in_channel: true, role });
		expect(status).toMatchObject({ role: name, channel_profile: profile });
	});

	it.each([
		[0, 'other'],
		[1, 'android'],
		[2, 'ios'],
		[5, 'windows'],
		[6, 'linux'],
		[8, 'macos'],
		[3, 'unknown (3)'],
		[undefined, null],
		['7', null],
	])('converts the platform %s', (platform, name) => {
		expect(toUserStatus({ in_channel: true, platform }).platform).toBe(name);
	});

	it('has the same form for a user who is not in the channel', () => {
		expect(toUserStatus({ in_channel: false })).toEqual({
			in_channel: false,
			role: null,
			channel_profile: null,
			platform: null,
			joined_at: null,
		});
	});
});

describe('a response of the channel management API', () => {
	const read =
		(body: object, status = 200) =>
		() =>
			successBody({ status, headers: {}, body: JSON.stringify(body) }, 'list the bans');

	it.each([[{ success: true }], [{ status: 'success' }], [{}]])('succeeds with %j', (body) => {
		expect(read(body)()).toEqual(body);
	});

	it.each([
		[{ success: false, message: 'no' }, "Agora's reason: no"],
		[{ success: 'true' }, "Agora's reason: none"],
		[{ status: 'failed' }, "Agora's reason: failed"],
		[{ status: 'failed', reason: 'busy' }, "Agora's reason: busy"],
	])('fails with %j', (body, reason) => {
		expect(read(body)).toThrow(
			expect.objectContaining({
				message: 'Agora did not accept the request (could not list the bans)',
				details: {
					description: expect.stringContaining(reason),
					httpCode: '200',
				},
			}),
		);
	});

	it('names an App ID that Agora does not accept', () => {
		expect(read({ message: 'invalid appid' }, 400)).toThrow(
			'Agora does not know this App ID, or its project is disabled (could not list the bans)',
		);
	});
});

describe('pathSegment', () => {
	it.each([
		['a b/c?d#e%', 'a%20b%2Fc%3Fd%23e%25'],
		['...', '...'],
	])('encodes "%s"', (text, encoded) => {
		expect(pathSegment(text)).toBe(encoded);
		expect(new URL(`https://host/a/${encoded}/b`).pathname).toBe(`/a/${encoded}/b`);
	});

	it.each(['.', '..'])('rejects "%s"', (text) => {
		expect(() => pathSegment(text)).toThrow(`Agora's API can't query "${text}"`);
	});
});
