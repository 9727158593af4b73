import { randomBytes } from 'node:crypto';
import {
	digestOf,
	packSeen,
	packTimes,
	readSeen,
	readTimes,
	readState,
	scopeOf,
	type TriggerState,
} from '../../../nodes/Agora/trigger/state';
import { sidOf } from '../recordedSession';

const sessions = (count: number) =>
	Array.from({ length: count }, (_, n) => `recordings/${sidOf(n)}`);
const digests = (count: number) => sessions(count).map(digestOf);

describe('packSeen and readSeen', () => {
	it.each([0, 1, 2, 3, 10_000])('restore %d sessions', (count) => {
		const seen = readSeen(JSON.parse(JSON.stringify({ seen: packSeen(digests(count)) })));
		expect([...seen]).toEqual(digests(count));
		expect(seen.size).toBe(count);
	});

	it('ignore digests that were cut off', () => {
		const seen = packSeen(digests(2)).slice(0, 16);
		expect([...readSeen({ seen })]).toEqual(digests(1));
		expect(readSeen({ seen }).has(sessions(2)[1]!)).toBe(false);
	});

	it('find sessions in any order', () => {
		const seen = readSeen({ seen: packSeen(digests(5)) });
		const [a, b, c, d, e] = sessions(5) as [string, string, string, string, string];
		const [unknown] = sessions(6).slice(5) as [string];
		const asked = [a, b, unknown, c, e, unknown, d, a, a, unknown];
		expect(asked.map((session) => seen.indexOf(session))).toEqual([
			0, 1, -1, 2, 4, -1, 3, 0, 0, -1,
		]);
		expect(readSeen({ seen: '' }).has(a)).toBe(false);
	});

	it('repack the chosen digests in the given order, and new ones after them', () => {
		const packed = packSeen(digests(4));
		const seen = readSeen({ seen: packed });
		const [a, b, c, d] = digests(4) as [string, string, string, string];
		const repacked = (indexes: number[], added: string[] = []) => [
			...readSeen({ seen: seen.repack(indexes, added) }),
		];
		expect(seen.repack([0, 1, 2, 3], [])).toBe(packed);
		expect(repacked([])).toEqual([]);
		expect(repacked([0, 1, 3])).toEqual([a, b, d]);
		expect(repacked([3, 2, 1, 0])).toEqual([d, c, b, a]);
		expect(repacked([0, 1, 2, 3], [digests(5)[4]!])).toEqual(digests(5));
	});

	it('unpack a state once, also if an empty one is read in between', () => {
		const state = { seen: packSeen(digests(3)) };
		const first = readSeen(state);
		expect(readSeen({ seen: '' }).size).toBe(0);
		expect(readSeen({ ...state })).toBe(first);
	});

	it('need little space in the static data', () => {
		expect(packSeen(digests(1000)).length).toBeLessThan(11_000);
	});
});

describe('packTimes and readTimes', () => {
	it('restore times to the millisecond', () => {
		const starts: Array<[string, number]> = digests(100).map((digest, n) => [
			digest,
			n === 0 ? 0 : Date.UTC(2026, 10, 23) + n * 86_400_001,
		]);
		expect(readTimes(packTimes(starts))).toEqual(new Map(starts));
		expect(readTimes('')).toEqual(new Map());
	});

	it('round times down to whole milliseconds from 1970 on', () => {
		const [a, b] = digests(2) as [string, string];
		const packed = packTimes([
			[a, -1],
			[b, 7.9],
		]);
		expect([...readTimes(packed).values()]).toEqual([0, 7]);
	});
});

describe('digestOf', () => {
	it('is different for each of 200,000 similar or random sessions', () => {
		const similar = Array.from({ length: 100_000 }, (_, n) => `a/${sidOf(n)}`);
		const random = similar.map(() => `a/${randomBytes(16).toString('hex')}`);
		const inOtherFolders = similar.slice(0, 1000).flatMap((id) => [`b/${id}`, `a${id}`, `${id}0`]);
		const sessions = [...similar, ...random, ...inOtherFolders];
		const found = new Set(sessions.map(digestOf));
		expect(found.size).toBe(sessions.length);
		expect([...found].every((digest) => /^[\0-\xff]{8}$/.test(digest))).toBe(true);
	});

	it('is the same in all versions, so that an update emits nothing twice', () => {
		const packed = packSeen(['', sidOf(1), `recordings/${sidOf(1)}`, 'Ü/\u{1f600}'].map(digestOf));
		expect(packed).toBe('sXk3npVkNV/j0DFXT+D2GAI1KRGirFELj5WNWI8+glc=');
	});
});

describe('scopeOf', () => {
	it('changes with each part and its boundaries', () => {
		const scopes = [
			scopeOf('a', 'b', 'c', {}),
			scopeOf('ab', '', 'c', {}),
			scopeOf('', 'ab', 'c', {}),
			scopeOf('a', 'b', 'd', {}),
			scopeOf('a', 'b', 'c', { cname: 'e' }),
			scopeOf('a', 'b', 'c', { cnamePrefix: 'e' }),
			scopeOf('a', 'b', 'c', { cname: 'e', cnamePrefix: 'e' }),
		];
		expect(new Set(scopes).size).toBe(scopes.length);
		expect(scopeOf('a', 'b', 'c', { cname: undefined })).toBe(scopes[0]);
	});

	it('is the same in all versions, so that an update does not start over', () => {
		expect(scopeOf('a', 'b', 'c', {})).toBe('SlaW3S8Pfno=');
		expect(scopeOf('a', 'b', 'c', { cname: 'e' })).toBe('Va0heoukz0Q=');
	});
});

describe('readState', () => {
	const state: TriggerState = {
		version: 2,
		scope: 'here',
		since: 5,
		seen: packSeen(digests(2)),
		from: '20261120',
		open: [],
		interrupted: '',
		checkedAt: 3,
		unchecked: '',
		starts: '',
		lastRead: '',
		emitted: packSeen(digests(1)),
		emittedAt: 4,
		emittedIds: [],
	};

	it('returns the state that was stored for the same scope', () => {
		expect(readState({ state }, 'here')).toEqual(state);
	});

	it('accepts a state of an earlier version, without interrupted sessions', () => {
		const older = {
			...state,
			lastRead: undefined,
			interrupted: undefined,
			checkedAt: undefined,
			unchecked: undefined,
			emittedIds: undefined,
		};
		expect(readState({ state: older }, 'here')).toEqual({ ...state, checkedAt: 0 });
	});

	it.each([
		['nothing', {}],
		['a state of no last check', { state: { ...state, checkedAt: '3' } }],
		['a state whose interrupted sessions are no string', { state: { ...state, interrupted: [] } }],
		['null', { state: null }],
		['text', { state: 'x' }],
		['what watches something else', { state: { ...state, scope: 'there' } }],
		['another version', { state: { ...state, version: 1 } }],
		['a state without time', { state: { ...state, since: undefined } }],
		['a state without sessions', { state: { ...state, seen: [] } }],
		['a state without a day', { state: { ...state, from: undefined } }],
		['a state of no time', { state: { ...state, since: NaN } }],
		['a state of no day', { state: { ...state, from: '20261332' } }],
		['a state whose day is cut short', { state: { ...state, from: '2026112' } }],
		['a state with an open session that is no text', { state: { ...state, open: ['a', 1] } }],
		['a state without open sessions', { state: { ...state, open: '' } }],
		['a state that emitted what is no text', { state: { ...state, emittedIds: [1] } }],
		['a state whose emitted sessions are no list', { state: { ...state, emittedIds: 'a' } }],
		['a state without the time of an emission', { state: { ...state, emittedAt: undefined } }],
		['a state whose last loaded session is no string', { state: { ...state, lastRead: 1 } }],
		['a state whose unchecked sessions are no string', { state: { ...state, unchecked: 1 } }],
		['a state from before emissions were marked', { state: { ...state, emitted: undefined } }],
		['a state without starts', { state: { ...state, starts: undefined } }],
	])('is null for %s', (_, stored) => {
		expect(readState(stored, 'here')).toBeNull();
	});
});
