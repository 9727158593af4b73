import { PrefixSearch } from '../../../nodes/Agora/recordings/prefixSearch';
import type { SearchedPrefix } from '../../../nodes/Agora/storage/types';
import { MINUTE, NOON, sidOf } from '../recordedSession';

const SEARCHED: SearchedPrefix = { hasSessions: false, searchedAt: NOON, folders: [], requests: 1 };

const known = (prefixes: Record<string, Partial<SearchedPrefix>>) =>
	new Map(Object.entries(prefixes).map(([prefix, each]) => [prefix, { ...SEARCHED, ...each }]));

/** @returns how many requests below one prefix are allowed */
function requestsAllowed(search: PrefixSearch, prefix = 'a_'): number {
	let requests = 0;
	while (search.takeRequest(prefix)) requests++;
	return requests;
}

describe('the limit of requests', () => {
	it('is a hundred for a single scan, and for the first of repeated scans', () => {
		expect(requestsAllowed(new PrefixSearch(known({ a_: {} }), false))).toBe(100);
		expect(requestsAllowed(new PrefixSearch(new Map(), true))).toBe(100);
	});

	it('is four for a repeated scan', () => {
		expect(requestsAllowed(new PrefixSearch(known({ a_: {} }), true))).toBe(4);
	});

	it('does not apply to prefixes with recordings, or to recorders that took over', () => {
		const search = new PrefixSearch(known({ a_: { hasSessions: true }, b_: {} }), true);
		const prefixes = [
			'a_',
			'b_',
			'c_',
			'bak0_',
			'x/bak12_',
			'bak_',
			'mybak0_',
			'bak0_x',
			'bak0_x_',
		];
		expect(prefixes.filter((prefix) => !search.isLimited(prefix))).toEqual([
			'a_',
			'bak0_',
			'x/bak12_',
		]);
	});

	it('makes the prefix count as not searched when it is used up', () => {
		const search = new PrefixSearch(known({ a_: {} }), true);
		for (let n = 0; n < 3; n++) search.takeRequest('a_');
		expect([search.mayRequest('a_'), search.unsearched]).toEqual([true, []]);
		expect([search.takeRequest('a_'), search.unsearched]).toEqual([true, []]);
		expect([search.takeRequest('a_'), search.unsearched]).toEqual([false, ['a_']]);
		expect([search.mayRequest('b_'), search.unsearched]).toEqual([false, ['a_', 'b_']]);
	});
});

describe('PrefixSearch.inOrder', () => {
	it('begins with recordings, then recorders that took over, then what was searched longest ago', () => {
		const search = new PrefixSearch(
			known({
				old_: { searchedAt: 1 },
				recent_: { searchedAt: 9 },
				with_: { hasSessions: true, searchedAt: 8 },
				with_more_: { hasSessions: true, searchedAt: 7 },
			}),
			true,
		);
		const prefixes = ['recent_', 'with_', 'old_', 'new_', 'bak0_', 'with_more_', 'old_', 'bak0_'];
		expect(search.inOrder(prefixes)).toEqual([
			'with_more_',
			'with_',
			'bak0_',
			'new_',
			'old_',
			'recent_',
		]);
	});
});

describe('the results of earlier scans', () => {
	beforeEach(() => jest.useFakeTimers({ now: NOON }));
	afterEach(() => jest.useRealTimers());

	it('are used by repeated scans only', () => {
		const each = { folders: ['a_x/'], requests: 5, resumeAfter: 'a_9' };
		const repeated = new PrefixSearch(known({ a_: each }), true);
		expect([repeated.knownFolders('a_'), repeated.resumeAfter('a_')]).toEqual([['a_x/'], 'a_9']);
		expect([repeated.knownFolders('b_'), repeated.resumeAfter('b_')]).toEqual([[], undefined]);
		const single = new PrefixSearch(known({ a_: each }), false);
		expect([single.knownFolders('a_'), single.resumeAfter('a_')]).toEqual([[], undefined]);
	});

	it('name no folders if a repeated scan can search the whole prefix', () => {
		const search = new PrefixSearch(known({ a_: { folders: ['a_x/'], requests: 4 } }), true);
		expect(search.knownFolders('a_')).toEqual([]);
	});

	it('delay the next search below a leading underscore by more than 15 minutes', () => {
		const earlier = known({ _: { searchedAt: NOON - 15 * MINUTE } });
		expect(new PrefixSearch(earlier, true).isDue('_')).toBe(false);
		expect(new PrefixSearch(earlier, false).isDue('_')).toBe(true);
		expect(new PrefixSearch(earlier, true).isDue('x/_')).toBe(true);
		jest.setSystemTime(NOON + 1);
		expect(new PrefixSearch(earlier, true).isDue('_')).toBe(true);
	});

	it('contain the folders of sessions directly below each prefix', () => {
		const results = known({});
		const search = new PrefixSearch(results, false);
		search.noteSession(`a_b/c_d/${sidOf(1)}_`);
		search.noteSession(`a_b/e/${sidOf(2)}_`);
		search.noteSession(`bak0_${sidOf(3)}_`);
		for (const prefix of ['a_', 'a_b/c_', 'a_b/', 'bak0_', `bak0_${sidOf(3)}_`, 'z_']) {
			search.noteSearched(prefix);
		}
		const found = [...results].map(([prefix, each]) => [prefix, each.hasSessions, each.folders]);
		expect(found).toEqual([
			['a_', true, ['a_b/']],
			['a_b/c_', true, ['a_b/c_d/']],
			['a_b/', false, []],
			['bak0_', true, []],
			[`bak0_${sidOf(3)}_`, false, []],
			['z_', false, []],
		]);
	});

	it('contain where the search was cut short, when, and the requests of the largest search', () => {
		const results = known({ a_: { requests: 7, searchedAt: 1 } });
		const search = new PrefixSearch(results, true);
		for (let n = 0; n < 4; n++) search.takeRequest('a_');
		search.takeRequest('a_', 'a_123');
		search.takeRequest('a_');
		search.takeRequest('b_');
		for (const prefix of ['a_', 'b_', 'b_']) search.noteRequest(prefix);
		search.noteSearched('a_');
		search.noteSearched('b_');
		search.noteSearched('c_');
		expect(results.get('a_')).toMatchObject({
			resumeAfter: 'a_123',
			searchedAt: NOON,
			requests: 7,
		});
		expect(results.get('b_')).toMatchObject({ resumeAfter: undefined, requests: 2 });
		expect(results.get('c_')).toMatchObject({ requests: 0 });
	});
});
