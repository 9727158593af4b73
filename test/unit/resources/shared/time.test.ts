import { DateTime } from 'luxon';
import { Fault } from '../../../../nodes/Agora/http/errors';
import { readTime } from '../../../../nodes/Agora/resources/shared/parameters';

const BERLIN = 'Europe/Berlin';

describe('readTime', () => {
	it.each<[unknown, string]>([
		['2026-11-23T09:30:00Z', '2026-11-23T09:30:00.000Z'],
		['2026-11-23T09:30:00.250Z', '2026-11-23T09:30:00.250Z'],
		['2026-11-23T09:30:00+05:30', '2026-11-23T04:00:00.000Z'],
		['2026-11-23T09:30:00', '2026-11-23T08:30:00.000Z'],
		['2026-07-23T09:30:00', '2026-07-23T07:30:00.000Z'],
		['2026-07-23 09:30:00', '2026-07-23T07:30:00.000Z'],
		['2026-11-23', '2026-11-22T23:00:00.000Z'],
		[' 2026-11-23T09:30:00Z ', '2026-11-23T09:30:00.000Z'],
		[new Date('2026-11-23T09:30:00Z'), '2026-11-23T09:30:00.000Z'],
		[DateTime.fromISO('2026-11-23T09:30:00', { zone: 'Asia/Tokyo' }), '2026-11-23T00:30:00.000Z'],
		[1795426200, '2026-11-23T09:30:00.000Z'],
		['1795426200', '2026-11-23T09:30:00.000Z'],
		[1795426200.5, '2026-11-23T09:30:00.500Z'],
		[1795426200250, '2026-11-23T09:30:00.250Z'],
		['1795426200250', '2026-11-23T09:30:00.250Z'],
		[0, '1970-01-01T00:00:00.000Z'],
		[99_999_999_999, '5138-11-16T09:46:39.000Z'],
		[100_000_000_000, '1973-03-03T09:46:40.000Z'],
	])('reads %p in Berlin', (value, expected) => {
		expect(new Date(readTime(value, BERLIN, 'Started After')!).toISOString()).toBe(expected);
	});

	it('reads text without a zone in the zone given', () => {
		expect(readTime('2026-11-23T09:30:00', 'America/New_York', 'x')).toBe(
			Date.UTC(2026, 10, 23, 14, 30),
		);
	});

	it.each([undefined, null, ''])('takes %p for none', (value) => {
		expect(readTime(value, BERLIN, 'Started After')).toBeUndefined();
	});

	it.each<unknown>([
		'yesterday',
		'2026-13-01',
		'2026-11-23T25:00:00',
		'23.11.2026',
		-5,
		NaN,
		true,
		{},
		new Date('x'),
		DateTime.invalid('x'),
	])('refuses %p, naming the field', (value) => {
		const read = () => readTime(value, BERLIN, 'Started After');
		expect(read).toThrow(Fault);
		expect(read).toThrow('"Started After" is not a time');
	});
});
