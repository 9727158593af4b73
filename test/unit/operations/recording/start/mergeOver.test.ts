import type { IDataObject } from 'n8n-workflow';
import { mergeOver } from '../../../../../nodes/Agora/operations/recording/start/mergeOver';

describe('mergeOver', () => {
	it.each<[string, IDataObject, IDataObject, IDataObject]>([
		['nothing', { a: 1 }, {}, { a: 1 }],
		['new and old keys', { a: 1, b: 2 }, { b: 3, c: 4 }, { a: 1, b: 3, c: 4 }],
		[
			'objects inside objects',
			{ a: { b: 1, c: { d: 2 } } },
			{ a: { c: { e: 3 } } },
			{ a: { b: 1, c: { d: 2, e: 3 } } },
		],
		['lists, whole', { a: ['hls', 'mp4'] }, { a: ['hls'] }, { a: ['hls'] }],
		[
			'an object over a value, and back',
			{ a: 1, b: { c: 1 } },
			{ a: { c: 1 }, b: 2 },
			{ a: { c: 1 }, b: 2 },
		],
		['null and false', { a: { b: 1 }, c: true }, { a: null, c: false }, { a: null, c: false }],
	])('lays over %s', (_, base, over, expected) => {
		const copies = structuredClone([base, over]);
		expect(mergeOver(base, over)).toEqual(expected);
		expect([base, over]).toEqual(copies);
	});

	it.each([
		'{"__proto__":{"polluted":1}}',
		'{"constructor":{"prototype":{"polluted":1}}}',
		'{"a":{"__proto__":{"polluted":1}}}',
		'{"a":{"constructor":{"prototype":{"polluted":1}}}}',
		'{"new":{"__proto__":{"polluted":1}}}',
	])('reaches no prototype with %s', (hostile) => {
		const merged = mergeOver({ a: { b: 1 }, toString: 1 }, JSON.parse(hostile));
		const a = merged.a as IDataObject;
		for (const object of [{}, merged, a, merged.new ?? {}, Object]) {
			expect((object as IDataObject).polluted).toBeUndefined();
		}
		for (const object of [merged, a, (merged.new ?? {}) as IDataObject]) {
			expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
			expect(Object.keys(object)).not.toContain('__proto__');
			expect(Object.keys(object)).not.toContain('constructor');
		}
	});
});
