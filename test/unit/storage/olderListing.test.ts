import {
	ignoresStart,
	markerAfter,
	markerOfToken,
	tokenOfMarker,
} from '../../../nodes/Agora/storage/olderListing';

const entries = (keys: string[], prefixes: string[] = []) => ({
	objects: keys.map((key) => ({ key, size: 1, lastModified: 0 })),
	prefixes,
});

describe('markerAfter', () => {
	it.each([
		['what the page names', entries(['a', 'b']), 'x', 'x'],
		['the last key', entries(['a', 'b']), '', 'b'],
		['the last entry of a folded page', entries(['a', 'b'], ['c_']), '', 'c_'],
		['the last by its bytes, not by its code units', entries(['😀', 'ﬀ']), '', '😀'],
	])('is %s', (_, page, nextMarker, expected) => {
		expect(markerAfter(page, nextMarker)).toBe(expected);
	});

	it('is nowhere on an empty page', () => {
		expect(() => markerAfter(entries([]), '')).toThrow('does not support ListObjectsV2');
	});
});

describe('ignoresStart', () => {
	it.each([
		['nothing', entries([]), false],
		['what comes after', entries(['c'], ['d_']), false],
		['the key itself', entries(['b_1', 'c']), true],
		['a key before', entries(['a']), true],
		['a folded entry before', entries([], ['a_']), true],
		['the folded entry that the key lies in', entries([], ['b_']), false],
	])('of a page that shows %s', (_, page, expected) => {
		expect(ignoresStart(page, 'b_1')).toBe(expected);
	});
});

describe('a marker in the place of a token', () => {
	it('is told from a token, whatever it holds', () => {
		for (const marker of ['a', 'é+%&<', '']) {
			expect(markerOfToken(tokenOfMarker(marker))).toBe(marker);
			expect(markerOfToken(marker)).toBeUndefined();
		}
		expect(markerOfToken(undefined)).toBeUndefined();
	});
});
