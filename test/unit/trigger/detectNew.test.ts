import type { LoadedSession } from '../../../nodes/Agora/recordings/loadSession';
import { collectSessions, type SessionFiles } from '../../../nodes/Agora/recordings/sessionFiles';
import type { RecordingStatus } from '../../../nodes/Agora/recordings/status';
import {
	initialState,
	knownStarts,
	detectNew,
	unknownSessions,
	type Findings,
	type Watch,
} from '../../../nodes/Agora/trigger/detectNew';
import { packTimes, readTimes } from '../../../nodes/Agora/trigger/state';
import { WATCH } from './watch';
import { HOUR, MINUTE, sessionRecordOf, sidOf, utcStamp } from '../recordedSession';

const NOW = Date.UTC(2026, 10, 23, 12);
const FROM = '20261120';

/** A session of the channel `class-7b` in files, `class_7b` in its record. */
function sessionRead(
	n: number,
	status: RecordingStatus,
	changes: { start?: number; lastChange?: number; recorded?: boolean } = {},
): LoadedSession {
	const { start = NOW, lastChange = NOW + MINUTE, recorded = false } = changes;
	const sessions = new Map<string, SessionFiles>();
	const key = `${sidOf(n)}_class-7b_${utcStamp(start)}.ts`;
	collectSessions(sessions, [{ key, size: 1, lastModified: lastChange }], false);
	const record = recorded ? sessionRecordOf(sidOf(n), { cname: 'class_7b' }) : null;
	return {
		session: sessions.get(sidOf(n))!,
		record,
		playlists: [],
		unreadable: [],
		status,
		lacksMp4: false,
		idleMs: 0,
	};
}

const firstState = (watch: Watch, present: Iterable<string> = []) =>
	initialState(present, FROM, NOW, watch);

const findings = (changes: Partial<Findings>): Findings => ({
	present: [...(changes.read?.keys() ?? [])],
	read: new Map(),
	starts: new Map(),
	now: NOW,
	first: false,
	...changes,
});

describe('initialState', () => {
	const present = [1, 2].map(sidOf);

	it.each<[string, Partial<Watch>, number[], number]>([
		['completed: the time decides', {}, [1, 2], NOW],
		['completed, existing ones too', { includeExisting: true }, [1, 2], 0],
		['started: what is there is known', { event: 'recordingStarted' }, [], NOW],
		['started, existing ones too', { event: 'recordingStarted', includeExisting: true }, [1, 2], 0],
	])('%s', (_, changes, unknown, since) => {
		const state = firstState({ ...WATCH, ...changes }, present);
		expect(state).toMatchObject({ version: 1, scope: 'here', since, from: FROM, open: [] });
		expect(unknownSessions(present, state)).toEqual(unknown.map(sidOf));
	});
});

describe('detectNew', () => {
	type Verdict = 'new' | 'never' | 'later';
	const cases: Array<[Verdict, string, LoadedSession | null, Partial<Watch>]> = [
		['new', 'completed', sessionRead(1, 'completed'), {}],
		[
			'new',
			'completed at the time of activation',
			sessionRead(1, 'completed', { lastChange: NOW }),
			{},
		],
		[
			'never',
			'completed before activation',
			sessionRead(1, 'completed', { lastChange: NOW - 1 }),
			{},
		],
		['later', 'running', sessionRead(1, 'recording'), {}],
		[
			'later',
			'running, without change since activation',
			sessionRead(1, 'recording', { lastChange: NOW - HOUR / 2 }),
			{},
		],
		['new', 'interrupted', sessionRead(1, 'interrupted'), {}],
		[
			'never',
			'interrupted before the activation',
			sessionRead(1, 'interrupted', { lastChange: NOW - 1 }),
			{},
		],
		['never', 'no file of Agora', null, {}],
		['new', 'started', sessionRead(1, 'recording'), { event: 'recordingStarted' }],
		['new', 'started and ended', sessionRead(1, 'completed'), { event: 'recordingStarted' }],
		['never', 'of another channel', sessionRead(1, 'completed'), { channels: { cname: 'class' } }],
		[
			'never',
			'of another channel, running',
			sessionRead(1, 'recording'),
			{ channels: { cname: 'class' } },
		],
		[
			'new',
			'of a channel with the beginning',
			sessionRead(1, 'completed'),
			{ channels: { cnamePrefix: 'class' } },
		],
		[
			'never',
			'of a channel with another beginning',
			sessionRead(1, 'completed'),
			{ channels: { cnamePrefix: '7b' } },
		],
		[
			'new',
			'of the channel, without record',
			sessionRead(1, 'completed'),
			{ channels: { cname: 'class.7b' } },
		],
		[
			'new',
			'of the channel by its record',
			sessionRead(1, 'completed', { recorded: true }),
			{ channels: { cname: 'class_7b' } },
		],
		[
			'never',
			'of another channel by its record',
			sessionRead(1, 'completed', { recorded: true }),
			{ channels: { cname: 'class.7b' } },
		],
	];
	it.each(cases)('%s: %s', (verdict, _, read, changes) => {
		const watch = { ...WATCH, ...changes };
		const before = firstState(watch);
		const copy = structuredClone(before);
		const { state, newSessions } = detectNew(
			before,
			findings({ read: new Map([[sidOf(1), read]]) }),
			watch,
		);
		expect(newSessions).toEqual(verdict === 'new' ? [read] : []);
		expect(unknownSessions([sidOf(1)], state)).toEqual(verdict === 'later' ? [sidOf(1)] : []);
		expect(state).toMatchObject({ version: 1, scope: 'here', since: NOW });
		expect(before).toEqual(copy);
	});

	it('does not emit recordings that the first poll finds complete, unless existing ones are included', () => {
		const read = new Map([[sidOf(1), sessionRead(1, 'completed', { lastChange: NOW })]]);
		for (const includeExisting of [false, true]) {
			const watch = { ...WATCH, includeExisting };
			const before = firstState(watch, read.keys());
			const { newSessions, state } = detectNew(before, findings({ read, first: true }), watch);
			expect(newSessions).toHaveLength(includeExisting ? 1 : 0);
			expect(unknownSessions(read.keys(), state)).toEqual([]);
		}
	});

	it('emits the oldest first', () => {
		const starts = [3, 1, 2];
		const read = new Map(
			starts.map((n) => [sidOf(n), sessionRead(n, 'completed', { start: NOW + n * MINUTE })]),
		);
		const { newSessions } = detectNew(firstState(WATCH), findings({ read }), WATCH);
		expect(newSessions.map(({ session }) => session.sid)).toEqual([1, 2, 3].map(sidOf));
	});

	it('leaves sessions unknown that were not loaded, and forgets those that left the listing', () => {
		const first = detectNew(
			firstState(WATCH),
			findings({
				present: [1, 2, 3].map(sidOf),
				read: new Map([1, 2].map((n) => [sidOf(n), sessionRead(n, 'completed')])),
			}),
			WATCH,
		).state;
		expect(unknownSessions([1, 2, 3].map(sidOf), first)).toEqual([sidOf(3)]);
		const second = detectNew(first, findings({ present: [2, 3].map(sidOf) }), WATCH).state;
		expect(unknownSessions([1, 2, 3].map(sidOf), second)).toEqual([1, 3].map(sidOf));
		expect(second.seen.length).toBeLessThan(first.seen.length);
	});

	describe('with day folders', () => {
		const MONTH_LATER = Date.UTC(2026, 11, 23, 12);
		const id = (n: number) => `20261123/${sidOf(n)}`;

		it('does not scan days again after three days, except for recordings that are still running', () => {
			const { state } = detectNew(
				firstState(WATCH),
				findings({
					read: new Map([
						[id(1), sessionRead(1, 'recording')],
						[id(2), sessionRead(2, 'completed')],
						[sidOf(3), sessionRead(3, 'recording')],
					]),
					now: MONTH_LATER,
				}),
				WATCH,
			);
			expect(state).toMatchObject({ from: '20261220', open: [id(1)] });
			expect(unknownSessions([sidOf(3)], state)).toEqual([id(1), sidOf(3)]);

			const ended = new Map([[id(1), sessionRead(1, 'completed')]]);
			const next = detectNew(
				state,
				findings({ read: ended, present: [], now: MONTH_LATER }),
				WATCH,
			);
			expect(next.newSessions).toHaveLength(1);
			expect(next.state).toMatchObject({ open: [], seen: '' });
		});

		it('scans the same days again while sessions are left to load', () => {
			const { state } = detectNew(
				firstState(WATCH),
				findings({ present: [id(1)], starts: new Map([[id(1), NOW]]), now: MONTH_LATER }),
				WATCH,
			);
			expect(state).toMatchObject({ from: FROM, open: [] });
			expect(knownStarts(state, [id(1), id(2)])).toEqual(new Map([[id(1), NOW]]));
		});

		it('never returns to earlier days', () => {
			const { state } = detectNew(firstState(WATCH), findings({ now: 0 }), WATCH);
			expect(state.from).toBe(FROM);
		});
	});

	it('forgets the starts of sessions that were loaded', () => {
		const before = { ...firstState(WATCH), starts: packTimes([]) };
		const read = new Map([[sidOf(1), sessionRead(1, 'completed')]]);
		const starts = new Map([1, 2].map((n) => [sidOf(n), NOW + n]));
		const present = [1, 2].map(sidOf);
		const { state } = detectNew(before, findings({ present, read, starts }), WATCH);
		expect([...readTimes(state.starts).values()]).toEqual([NOW + 2]);
	});
});
