import {
	isChannelName,
	isIpAddress,
	isUserAccount,
	NAME_CHARACTERS,
	readTimestamp,
} from '../../../nodes/Agora/agora/formats';

describe('isChannelName', () => {
	const all = `azAZ09 ${NAME_CHARACTERS.split(' and ')[1]!.replaceAll(' ', '')}`;

	it.each([all, 'a', '0', 'a'.repeat(64)])('accepts %j', (text) => {
		expect(isChannelName(text)).toBe(true);
	});

	it.each(['', 'a'.repeat(65), 'é', '漢', '*', 'a/b', 'a\\b', 'a"b', "a'b", 'a\n', '`'])(
		'rejects %j',
		(text) => expect(isChannelName(text)).toBe(false),
	);
});

describe('isUserAccount', () => {
	it.each(['ada.l@example.com', '1001', '00', 'a'.repeat(255)])('accepts %j', (text) => {
		expect(isUserAccount(text)).toBe(true);
	});

	it.each(['', '0', 'a'.repeat(256), 'é', 'a/b', 'a\n'])('rejects %j', (text) => {
		expect(isUserAccount(text)).toBe(false);
	});
});

describe('isIpAddress', () => {
	it.each(['203.0.113.7', '255.255.255.255', '10.0.0.0', '2001:db8::1', '::1', '::ffff:1.2.3.4'])(
		'accepts %j',
		(text) => expect(isIpAddress(text)).toBe(true),
	);

	it.each([
		...['', '0', '0.0.0.0', '::', '256.1.1.1', '1.2.3', '1.2.3.4.5', '1.2.3.4:80', '10.0.0.0/8'],
		...['2001:db8::/32', '[::1]', ':', '1:2', 'fe80::1%eth0', 'example.com', '1.2.3.4\n'],
	])('rejects %j', (text) => {
		expect(isIpAddress(text)).toBe(false);
	});
});

describe('readTimestamp', () => {
	it.each<[unknown, string]>([
		[1546948608, '2019-01-08T11:56:48.000Z'],
		['1546948608', '2019-01-08T11:56:48.000Z'],
		[1546948608688, '2019-01-08T11:56:48.688Z'],
		['2021-10-12T00:00:00.000Z', '2021-10-12T00:00:00.000Z'],
		['2021-10-12', '2021-10-12T00:00:00.000Z'],
		['2021-10-12T01:30:00+02:00', '2021-10-11T23:30:00.000Z'],
		[99_999_999_999, '5138-11-16T09:46:39.000Z'],
		[100_000_000_000, '1973-03-03T09:46:40.000Z'],
	])('reads %p', (stamp, expected) => {
		expect(readTimestamp(stamp)!.toISO()).toBe(expected);
	});

	it.each<unknown>([undefined, null, '', 0, -1, NaN, Infinity, 'yesterday', {}, []])(
		'returns null for %p',
		(stamp) => expect(readTimestamp(stamp)).toBeNull(),
	);
});
