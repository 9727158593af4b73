import { dayOf, partitionOf, startOfDay } from '../../../nodes/Agora/recordings/day';

describe('dayOf', () => {
	it.each([
		['the first millisecond of a day', Date.UTC(2026, 10, 23), '20261123'],
		['the last one', Date.UTC(2026, 10, 24) - 1, '20261123'],
		['negative infinity', -Infinity, '00000000'],
		['infinity', Infinity, '99999999'],
		['a time before this century', 0, '00000000'],
		['a time after this century', 9e15, '99999999'],
	])('returns the day of %s', (_, time, day) => {
		expect(dayOf(time)).toBe(day);
	});
});

describe('startOfDay', () => {
	it('returns the first millisecond of a day', () => {
		for (const day of ['20000101', '20240229', '20261123', '20991231']) {
			expect(dayOf(startOfDay(day))).toBe(day);
			expect(dayOf(startOfDay(day) - 1) < day).toBe(true);
		}
		expect(startOfDay('00000000')).toBe(-Infinity);
		expect(startOfDay('99999999')).toBe(Infinity);
	});
});

describe('partitionOf', () => {
	it.each([
		['20261123/file.ts', { parent: '', day: '20261123' }],
		['school/7b/20261123/', { parent: 'school/7b/', day: '20261123' }],
		['school/20261123/entry_', { parent: 'school/', day: '20261123' }],
		['20260101/20261123/x', { parent: '20260101/', day: '20261123' }],
		['20261123/more/x', null],
		['20261123', null],
		['x20261123/x', null],
		['20261323/x', null],
		['20261132/x', null],
		['20261100/x', null],
		['19991231/x', null],
		['202611231/x', null],
		['12345678/x', null],
		['', null],
	])('%s', (key, partition) => {
		expect(partitionOf(key)).toEqual(partition);
	});
});
