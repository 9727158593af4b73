import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { loadSource } from '../../source.ts';
import { hold, orRefused, same, type Reader } from '../reader.ts';
import { hostileText } from '../text.ts';
import { SID } from './sid.ts';

const SCOPE = 'c2NvcGU=';

const states = fc
	.record({
		version: fc.constantFrom(1, 1, 1, 1, 1, 2),
		scope: fc.constantFrom(SCOPE, SCOPE, SCOPE, SCOPE, 'other'),
		since: fc.constantFrom(0, 1_795_428_930_123),
		seen: fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes).toString('base64')),
		from: fc.constantFrom('20261120', '00000000', '99999999'),
		open: fc.constantFrom([], [`class/${SID}`], [`20261101/${SID}`, `20261102/${SID}`]),
		starts: fc.uint8Array({ maxLength: 28 }).map((bytes) => Buffer.from(bytes).toString('base64')),
		given: fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes).toString('base64')),
		givenAt: fc.constantFrom(0, 1_795_428_930_123),
		// Missing in states of earlier versions.
		lastRead: fc.constantFrom('', `class/${SID}`, undefined),
		givenIds: fc.constantFrom([], [`20261120/${SID}`], undefined),
	})
	.map((state) => JSON.stringify(state));

const PIECES = [
	'null',
	'1e999',
	'-1',
	'"version":1,',
	'"since":"1",',
	'"since":1e999,',
	'"open":[1,null,{}],',
	'"open":{"length":1},',
	'"open":"x",',
	'"from":"20261332",',
	'"from":"",',
	'"seen":[],',
	'"starts":{},',
	'"given":[],',
	'"givenAt":null,',
	'"givenIds":[1],',
	'"lastRead":null,',
	'"lastRead":[],',
	'"__proto__":{"polluted":1},',
	'"\\ud800"',
];

/** What lies in a workflow's static data, which anybody can write who can change the workflow. */
export async function triggerStateReader(): Promise<Reader<string>> {
	const { readState, readSeen, readTimes, packSeen, packTimes } =
		await loadSource<typeof import('../../../../nodes/Agora/trigger/state')>('trigger/state');
	const { detectNew } =
		await loadSource<typeof import('../../../../nodes/Agora/trigger/detectNew')>(
			'trigger/detectNew',
		);
	const { startOfDay } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/day')>('recordings/day');
	const watch = {
		event: 'recordingCompleted' as const,
		scope: SCOPE,
		includeExisting: false,
		includeSegments: false,
		mp4: 'detect' as const,
	};
	return {
		name: 'The trigger’s state',
		input: hostileText(states, PIECES),
		lengthOf: (text) => text.length,
		read(text) {
			let stored: unknown;
			try {
				stored = JSON.parse(text);
			} catch {
				stored = text;
			}
			const state = orRefused(() => readState({ state: stored } as IDataObject, SCOPE));
			if (state === null) return 'refused';
			hold(Number.isFinite(state.since), 'its time is none');
			hold(
				state.open.every((id) => typeof id === 'string'),
				'an open session is no text',
			);
			hold(!Number.isNaN(startOfDay(state.from)), 'its day is none');
			hold(typeof state.lastRead === 'string', 'the session that it read last is no text');
			const seen = readSeen(state);
			const starts = readTimes(state.starts);
			hold(
				same([...readSeen({ seen: packSeen(seen) })], [...seen]),
				'what it saw cannot be packed',
			);
			const packed = readTimes(packTimes(starts));
			hold(same([...packed], [...starts]), 'its starts cannot be packed');
			hold(
				[...starts.values()].every((time) => !Number.isNaN(new Date(time).getTime())),
				'a start is no time',
			);
			const findings = {
				present: [],
				read: new Map(),
				starts,
				now: 1_795_428_930_123,
				first: false,
			};
			const next = detectNew(state, findings, watch).state;
			hold(readState({ state: next }, SCOPE) !== null, 'what comes after it cannot be read');
			return 'parsed';
		},
		long: {
			'many digests': (n) => stateWith({ seen: 'A'.repeat(n) }),
			'many starts': (n) => stateWith({ starts: 'A'.repeat(n) }),
			'many open sessions': (n) => stateWith({ open: Array(Math.ceil(n / 50)).fill(`a/${SID}`) }),
		},
	};
}

function stateWith(changes: object): string {
	const state = { version: 1, scope: SCOPE, since: 0, seen: '', from: '20261120', open: [] };
	return JSON.stringify({ ...state, starts: '', ...changes });
}
