import {
	DayFilter,
	dayOf,
	isDay,
	partitionOf,
	startOfDay,
} from '../../../nodes/Agora/recordings/day';

describe('dayOf', () => {
	it.each([
		['the first millisecond of a day', Date.UTC(2026, 10, 23), '20261123'],
		['the last one', Date.UTC(2026, 10, 24) - 1, '20261123'],
		['negative infinity', -Infinity, '00000000'],
		['infinity', Infinity, '99999999'],
		['the first millisecond of this century', Date.UTC(2000), '20000101'],
		['the last millisecond before this century', Date.UTC(2000) - 1, '00000000'],
		['the last millisecond of this century', Date.UTC(2100) - 1, '20991231'],
		['the first millisecond after this century', Date.UTC(2100), '99999999'],
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

describe('isDay', () => {
	it.each(['20261123', '20000101', '20240229', '00000000', '99999999'])('accepts %s', (value) => {
		expect(isDay(value)).toBe(true);
	});

	it.each([
		20261123,
		null,
		undefined,
		['20261123'],
		'',
		'2026112',
		'202611230',
		'x20261123',
		'20261123x',
		'20261123 10:00',
		'Jan 20261123',
		'2026-11-23',
		'20261323',
		'20260023',
		'20261132',
		'20261100',
	])('rejects %j', (value) => {
		expect(isDay(value)).toBe(false);
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
		['20260930/x', { parent: '', day: '20260930' }],
		['20261019/x', { parent: '', day: '20261019' }],
		['20261209/x', { parent: '', day: '20261209' }],
		['20000131/x', { parent: '', day: '20000131' }],
		['a/20261123/x/y', null],
		['21001123/x', null],
		['20260023/x', null],
		['20262123/x', null],
		['20261140/x', null],
		['2026aa23/x', null],
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

describe('DayFilter', () => {
	function filterFor(from: string, to: string) {
		const filter = new DayFilter();
		filter.days = { from, to };
		return filter;
	}

	it('wants every key outside the session index if all days are requested', () => {
		const keys = ['class.ts', '20000101/class.ts', 'school/20991231/class.ts', 'my_sessions/a.ts'];
		for (const key of keys) expect(new DayFilter().isWanted(key)).toBe(true);
	});

	it.each([
		['the first requested day', '20261120/a.ts', true],
		['the last requested day', 'school/20261123/a.ts', true],
		['the day before', '20261119/a.ts', false],
		['the day after', 'school/20261124/a.ts', false],
		['another folder', 'school/a.ts', true],
		['the session index', '_sessions/by-sid/a.json', false],
		['the session index of a file name prefix', 'school/7b/_sessions/by-sid/a.json', false],
		['a folder whose name ends like that of the index', 'my_sessions/a.ts', true],
	])('decides about a key in %s', (_, key, isWanted) => {
		const filter = filterFor('20261120', '20261123');
		expect(filter.isWanted(key)).toBe(isWanted);
		// The decision about the previous key's folder must not be reused.
		expect(filter.isWanted(isWanted ? '20261101/b.ts' : 'b.ts')).toBe(!isWanted);
		expect(filter.isWanted(key)).toBe(isWanted);
	});

	it('decides about the same folder again when other days are requested', () => {
		const filter = filterFor('20261123', '20261123');
		expect(filter.isWanted('20261122/a.ts')).toBe(false);
		filter.days = { from: '20261122', to: '20261122' };
		expect(filter.isWanted('20261122/a.ts')).toBe(true);
		expect(filter.isWanted('20261123/a.ts')).toBe(false);
	});

	it('returns the day of a key', () => {
		const filter = filterFor('20261123', '20261123');
		expect(filter.dayOf('school/20261101/a.ts')).toBe('20261101');
		expect(filter.dayOf('school/a.ts')).toBeNull();
		expect(filter.dayOf('20261123/a.ts')).toBe('20261123');
	});

	it('returns the parents of older days until these are requested', () => {
		const filter = filterFor('20261120', '20261123');
		const keys = [
			'20261119/a',
			'a/20261101/a',
			'a/20261110/a',
			'b/20261120/a',
			'c/20261124/a',
			'd/a',
		];
		for (const key of keys) filter.isWanted(key);
		expect(filter.parentsWithOlder()).toEqual(['', 'a/']);
		filter.days = { from: '20261110', to: '20261119' };
		expect(filter.parentsWithOlder()).toEqual(['a/']);
		filter.days = { from: '20261101', to: '20261110' };
		expect(filter.parentsWithOlder()).toEqual([]);
	});

	describe('skipFrom', () => {
		it.each([
			['an older day', '20261101/a_', '20261120', ['']],
			['an older day in a folder', 'a/20261119/b_', 'a/20261120', ['a/']],
			['a later day', 'a/20261124/b_', 'a/20~', ['a/']],
			['the first requested day', 'a/20261120/b_', undefined, []],
			['the last requested day', 'a/20261123/b_', undefined, []],
			['another folder', 'a/b_', undefined, []],
			['the session index', '_sessions/by-sid/a.json', '_sessions0', []],
			['the session index in a folder', 'a/_sessions/by-sid/a.json', 'a/_sessions0', []],
		])('continues after a page that ends in %s', (_, last, key, skipped) => {
			const filter = filterFor('20261120', '20261123');
			expect(filter.skipFrom(last)).toBe(key);
			expect([...filter.skipped]).toEqual(skipped);
		});
	});
});
