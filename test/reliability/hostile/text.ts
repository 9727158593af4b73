import fc from 'fast-check';

/** What upsets a reader of text, whatever it reads. */
const UPSETTING = [
	'\0',
	'\n',
	'\r\n',
	'\u2028',
	'\uFEFF',
	'\u202E',
	'\uD800',
	'😀',
	' ',
	'\t',
	'"',
	"'",
	'\\',
	'/',
	'%',
	'%2e%2e%2f',
	'%ff',
	'..',
	'../',
	'__proto__',
	'constructor',
	'prototype',
	'9'.repeat(400),
	'-1',
	'1e309',
	'NaN',
	'null',
	'[]',
	'{}',
];

type Change = {
	what: 'cut out' | 'end' | 'double' | 'put in' | 'replace';
	/** Where, as a share of 10,000. */
	at: number;
	length: number;
	piece: string;
};

function changeOf(pieces: string[]): fc.Arbitrary<Change> {
	return fc.record({
		what: fc.constantFrom('cut out', 'end', 'double', 'put in', 'replace'),
		at: fc.nat(10_000),
		length: fc.integer({ min: 1, max: 12 }),
		piece: fc.constantFrom(...UPSETTING, ...pieces),
	});
}

function changed(text: string, { what, at: share, length, piece }: Change): string {
	const at = Math.floor((text.length * share) / 10_000);
	const before = text.slice(0, at);
	const after = text.slice(at + length);
	switch (what) {
		case 'cut out':
			return before + after;
		case 'end':
			return before;
		case 'double':
			return before + text.slice(at, at + length).repeat(2) + after;
		case 'put in':
			return before + piece + text.slice(at);
		case 'replace':
			return before + piece + after;
	}
}

/**
 * Texts as they should be, the same with up to three changes, the grammar's pieces in any order, and noise.
 *
 * @param valid texts as they should be
 * @param pieces what such texts are made of
 */
export function hostileText(valid: fc.Arbitrary<string>, pieces: string[]): fc.Arbitrary<string> {
	const changes = fc.array(changeOf(pieces), { minLength: 1, maxLength: 3 });
	const piece = fc.constantFrom(...UPSETTING, ...pieces);
	return fc.oneof(
		{ weight: 4, arbitrary: valid },
		{
			weight: 12,
			arbitrary: fc.tuple(valid, changes).map(([text, list]) => list.reduce(changed, text)),
		},
		{ weight: 3, arbitrary: fc.array(piece, { maxLength: 12 }).map((list) => list.join('')) },
		{ weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
	);
}
