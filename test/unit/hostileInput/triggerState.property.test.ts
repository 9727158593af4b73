import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { isDay } from '../../../nodes/Agora/recordings/day';
import { interruptedToCheck, detectNew } from '../../../nodes/Agora/trigger/detectNew';
import {
	packSeen,
	packTimes,
	readSeen,
	readState,
	readTimes,
} from '../../../nodes/Agora/trigger/state';
import { describeReader, hostileJson, SID } from './hostileInput';

const SCOPE = 'c2NvcGU=';
const NOW = 1_795_428_930_123;

const packed = (maxLength: number) =>
	fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('base64'));
const validStates = fc.record(
	{
		version: fc.constantFrom(2, 2, 2, 2, 2, 1),
		scope: fc.constantFrom(SCOPE, SCOPE, SCOPE, SCOPE, 'other'),
		since: fc.constantFrom(0, NOW),
		seen: packed(24),
		from: fc.constantFrom('20261120', '00000000', '99999999'),
		open: fc.constantFrom([], [`class/${SID}`], [`20261101/${SID}`, `20261102/${SID}`]),
		starts: packed(28),
		emitted: packed(24),
		emittedAt: fc.constantFrom(0, NOW),
		lastRead: fc.constantFrom('', `class/${SID}`),
		interrupted: packed(28),
		checkedAt: fc.constantFrom(0, NOW),
		unchecked: packed(24),
		emittedIds: fc.constantFrom([], [`20261120/${SID}`]),
	},
	{
		// Missing in states of earlier versions: the fields that are not listed here.
		requiredKeys: [
			...(['version', 'scope', 'since', 'seen', 'from'] as const),
			...(['open', 'starts', 'emitted', 'emittedAt'] as const),
		],
	},
);
const TOKENS = [
	...['null', '1e999', '-1', '"version":2,', '"since":"1",', '"since":1e999,', '"\\ud800"'],
	...['"open":[1,null,{}],', '"open":{"length":1},', '"open":"x",', '"emittedIds":[1],'],
	...['"from":"20261332",', '"from":"",', '"seen":[],', '"starts":{},', '"emitted":[],'],
	...['"emittedAt":null,', '"lastRead":null,', '"lastRead":[],', '"interrupted":7,'],
	...['"checkedAt":"x",', '"unchecked":{},', '"__proto__":{"polluted":1},'],
];

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

const withFields = (fields: object) =>
	JSON.stringify({
		version: 2,
		scope: SCOPE,
		since: 0,
		seen: '',
		from: '20261120',
		open: [],
		starts: '',
		emitted: '',
		emittedAt: 0,
		...fields,
	});

/** Anyone who can change a workflow can also change its static data. */
describeReader("The trigger's states", {
	input: hostileJson(validStates, TOKENS),
	read(text) {
		const state = readState({ state: parse(text) } as IDataObject, SCOPE);
		if (state === null) return false;
		for (const number of [state.since, state.emittedAt, state.checkedAt])
			assert(Number.isFinite(number));
		const texts = [...state.open, ...state.emittedIds, state.lastRead, state.unchecked];
		for (const each of texts) assert.equal(typeof each, 'string');
		assert(isDay(state.from));
		const seen = readSeen(state);
		assert.deepEqual([...readSeen({ seen: packSeen([...seen]) })], [...seen]);
		const starts = readTimes(state.starts);
		assert.deepEqual([...readTimes(packTimes(starts))], [...starts]);
		for (const time of [...starts.values(), ...readTimes(state.interrupted).values()])
			assert(!Number.isNaN(new Date(time).getTime()));
		const present = [`class/${SID}`];
		const read = new Map(interruptedToCheck(present, state, NOW).map((id) => [id, null]));
		const watch = {
			event: 'recordingCompleted' as const,
			scope: SCOPE,
			includeExisting: false,
			channels: {},
			includeSegments: false,
			mp4: 'detect' as const,
		};
		const next = detectNew(
			state,
			{ known: [], present, read, starts, now: NOW, first: false },
			watch,
		);
		assert.notEqual(readState({ state: next.state }, SCOPE), null);
		return true;
	},
	long: {
		digests: (n) => withFields({ seen: 'A'.repeat(n) }),
		starts: (n) => withFields({ starts: 'A'.repeat(n) }),
		'interrupted sessions': (n) => withFields({ interrupted: 'A'.repeat(n) }),
		'open sessions': (n) => withFields({ open: Array(Math.ceil(n / 50)).fill(`a/${SID}`) }),
	},
});
