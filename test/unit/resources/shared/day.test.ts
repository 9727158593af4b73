import { DateTime } from 'luxon';
import { Fault } from '../../../../nodes/Agora/http/errors';
import { readDay } from '../../../../nodes/Agora/resources/shared/parameters';

describe('readDay', () => {
	it.each<[unknown, string]>([
		['2026-11-23', '2026-11-23'],
		[' 2026-11-23 ', '2026-11-23'],
		['2026-11-23T00:00:00', '2026-11-23'],
		['2026-11-23 23:59:59', '2026-11-23'],
		['2026-11-23T23:59:59Z', '2026-11-23'],
		['2024-02-29', '2024-02-29'],
		[new Date('2026-11-23T23:30:00Z'), '2026-11-23'],
		[DateTime.fromISO('2026-11-23T00:00:00', { zone: 'Asia/Tokyo' }), '2026-11-23'],
		[DateTime.fromISO('2026-11-23T23:00:00', { zone: 'America/New_York' }), '2026-11-23'],
	])('reads %p as the day that it shows', (value, expected) => {
		expect(readDay(value, 'From Date')).toBe(expected);
	});

	it.each<unknown>([
		undefined,
		null,
		'',
		'yesterday',
		'2026-02-30',
		'2026-13-01',
		'2026-11',
		'23.11.2026',
		'2026-11-23x',
		1795426200,
		new Date('x'),
		DateTime.invalid('x'),
	])('refuses %p, naming the field', (value) => {
		const read = () => readDay(value, 'From Date');
		expect(read).toThrow(Fault);
		expect(read).toThrow('"From Date" is not a date');
	});
});
