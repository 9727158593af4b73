import type { LoadedSession } from '../../../nodes/Agora/recordings/loadSession';
import { collectSessions, type SessionFiles } from '../../../nodes/Agora/recordings/sessionFiles';
import type { RecordingStatus } from '../../../nodes/Agora/recordings/status';
import {
	detectNew,
	initialState,
	interruptedToCheck,
	knownStarts,
	unknownSessions,
	type Findings,
	type Watch,
} from '../../../nodes/Agora/trigger/detectNew';
import {
	digestOf,
	packSeen,
	packTimes,
	readTimes,
	type TriggerState,
} from '../../../nodes/Agora/trigger/state';
import { WATCH } from './watch';
import { DAY, HOUR, MINUTE, sessionRecordOf, sidOf, utcStamp } from '../recordedSession';

const NOW = Date.UTC(2026, 10, 23, 12);
const FROM = '20261120';

/** A session of the channel `class-7b` in files, `class_7b` in its record. */
function sessionRead(
	n: number,
	status: RecordingStatus,
	changes: {
		start?: number;
		lastChange?: number;
		recorded?: boolean;
		isUnreadable?: boolean;
	} = {},
): LoadedSession {
	const { start = NOW, lastChange = NOW + MINUTE, recorded = false, isUnreadable } = changes;
	const sessions = new Map<string, SessionFiles>();
	const key = `${sidOf(n)}_class-7b_${utcStamp(start)}.ts`;
	collectSessions(sessions, [{ key, size: 1, lastModified: lastChange }], false);
	const record = recorded ? sessionRecordOf(sidOf(n), { cname: 'class_7b' }) : null;
	return {
		session: sessions.get(sidOf(n))!,
		record,
		playlists: [],
		unreadable: isUnreadable ? [{ filename: key, reason: 'It is archived' }] : [],
		status,
		lacksMp4: false,
		idleMs: 0,
	};
}

/** A session with a record and no other file. */
function recordOnly(start: number): LoadedSession {
	const sessions = new Map<string, SessionFiles>();
	const key = `${sidOf(1)}_class-7b.session.json`;
	collectSessions(sessions, [{ key, size: 1, lastModified: start }], false);
	return { ...sessionRead(1, 'recording', { recorded: true }), session: sessions.get(sidOf(1))! };
}

const firstState = (watch: Watch, present: Iterable<string> = []) =>
	initialState(present, FROM, NOW, watch);

const findings = (changes: Partial<Findings>): Findings => ({
	known: [],
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
		const nothing = { open: [], interrupted: '', unchecked: '', starts: '', lastRead: '' };
		expect(state).toEqual({
			...{ version: 2, scope: 'here', since, from: FROM, checkedAt: NOW, ...nothing },
			...{ seen: packSeen(unknown.length === 0 ? present.map(digestOf) : []) },
			...{ emitted: '', emittedAt: 0, emittedIds: [] },
		});
		expect(unknownSessions(present, state)).toEqual(unknown.map(sidOf));
	});
});

describe('interruptedToCheck', () => {
	const id = sidOf(1);
	const interrupted = (idle: number, checked: number, changes: Partial<TriggerState> = {}) => ({
		...firstState(WATCH),
		interrupted: packTimes([[digestOf(id), NOW - idle]]),
		checkedAt: NOW - idle + checked,
		...changes,
	});

	it.each([
		['less than an hour after its last change', HOUR - 1, HOUR - 1, true],
		['an hour after it', HOUR, HOUR - 1, true],
		['an hour after it, once only', HOUR, HOUR, false],
		['not before the second hour', 2 * HOUR - 1, HOUR, false],
		['in the second hour', 2 * HOUR, 2 * HOUR - 1, true],
		['after hours without a poll', 9.5 * HOUR, 3.5 * HOUR, true],
	])('checks a session %s', (_, idle, checked, isDue) => {
		expect(interruptedToCheck([id], interrupted(idle, checked), NOW)).toEqual(isDue ? [id] : []);
	});

	it('checks a session at the next poll if there was no time for it', () => {
		const unchecked = packSeen([digestOf(id)]);
		const state = interrupted(90 * MINUTE, 90 * MINUTE, { unchecked });
		expect(interruptedToCheck([id, sidOf(2)], state, NOW)).toEqual([id]);
	});

	it('checks sessions of earlier days that were left open, but none that was deleted', () => {
		const state = interrupted(HOUR, 0);
		expect(interruptedToCheck([], { ...state, open: [id] }, NOW)).toEqual([id]);
		expect(interruptedToCheck([id], { ...state, open: [id] }, NOW)).toEqual([id]);
		expect(interruptedToCheck([sidOf(2)], state, NOW)).toEqual([]);
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
		[
			'new',
			'started at the time of activation',
			sessionRead(1, 'recording', { lastChange: NOW }),
			{ event: 'recordingStarted' },
		],
		[
			'never',
			'started before the activation',
			sessionRead(1, 'recording', { lastChange: NOW - 1 }),
			{ event: 'recordingStarted' },
		],
		['later', 'started, without a file yet', recordOnly(NOW), { event: 'recordingStarted' }],
		[
			'later',
			'started almost three days ago, without a file',
			recordOnly(NOW - 3 * DAY + 1),
			{ event: 'recordingStarted' },
		],
		[
			'never',
			'started three days ago, without a file',
			recordOnly(NOW - 3 * DAY),
			{ event: 'recordingStarted' },
		],
		[
			'later',
			'of the channel, with its record only',
			recordOnly(NOW),
			{ channels: { cname: 'class_7b' } },
		],
		[
			'never',
			'of another channel, with its record only',
			recordOnly(NOW),
			{ channels: { cname: 'class.7b' } },
		],
		['later', 'unreadable', sessionRead(1, 'completed', { isUnreadable: true }), {}],
		[
			'later',
			'unreadable, changed almost an hour before the activation',
			sessionRead(1, 'completed', { isUnreadable: true, lastChange: NOW - HOUR + 1 }),
			{},
		],
		[
			'never',
			'unreadable, changed an hour before the activation',
			sessionRead(1, 'completed', { isUnreadable: true, lastChange: NOW - HOUR }),
			{},
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
		expect(state).toMatchObject({ version: 2, scope: 'here', since: NOW });
		expect(before).toEqual(copy);
	});

	it('keeps an unreadable recording that ended after the activation, however long', () => {
		const read = new Map([[sidOf(1), sessionRead(1, 'completed', { isUnreadable: true })]]);
		const now = NOW + 100 * DAY;
		const { state, newSessions } = detectNew(firstState(WATCH), findings({ read, now }), WATCH);
		expect(newSessions).toEqual([]);
		expect(unknownSessions([sidOf(1)], state)).toEqual([sidOf(1)]);
	});

	it('does not emit a recording that has only its record after three days', () => {
		const watch = { ...WATCH, includeExisting: true };
		for (const status of ['completed', 'interrupted'] as const) {
			const read = new Map([[sidOf(1), { ...recordOnly(NOW), status }]]);
			const now = NOW + 3 * DAY;
			const { state, newSessions } = detectNew(firstState(watch), findings({ read, now }), watch);
			expect(newSessions).toEqual([]);
			expect(unknownSessions([sidOf(1)], state)).toEqual([]);
		}
	});

	describe('of an interrupted recording', () => {
		const changed = (ago: number) => sessionRead(1, 'interrupted', { lastChange: NOW - ago });
		const present = [sidOf(1)];
		const before = { ...firstState(WATCH), since: 0 };
		const after = (read: LoadedSession, changes: Partial<Findings> = {}, state = before) =>
			detectNew(state, findings({ read: new Map([[sidOf(1), read]]), ...changes }), WATCH);
		const timesOf = (state: TriggerState) => [...readTimes(state.interrupted).values()];

		it.each([
			['within 30 days', 30 * DAY - 1, true],
			['after 30 days', 30 * DAY, false],
		])('checks it %s, after it is emitted once', (_, ago, isChecked) => {
			const { state, newSessions } = after(changed(ago));
			expect(newSessions).toHaveLength(1);
			expect(timesOf(state)).toEqual(isChecked ? [NOW - ago] : []);
			expect(unknownSessions(present, state)).toEqual([]);
			expect(after(changed(ago), {}, state).newSessions).toHaveLength(isChecked ? 0 : 1);
		});

		it('checks it if it was interrupted before the first poll, without emitting it', () => {
			const { state, newSessions } = after(changed(HOUR), { first: true });
			expect(newSessions).toEqual([]);
			expect(timesOf(state)).toEqual([NOW - HOUR]);
		});

		it.each([
			['within 30 days', 30 * DAY - 1, true],
			['after 30 days', 30 * DAY, false],
		])('remembers it %s if a poll does not load it', (_, ago, isRemembered) => {
			const first = after(changed(HOUR)).state;
			const { state } = detectNew(first, findings({ present, now: NOW - HOUR + ago }), WATCH);
			expect(timesOf(state)).toEqual(isRemembered ? [NOW - HOUR] : []);
			expect(unknownSessions(present, state)).toEqual([]);
		});

		it('remembers it alone if a poll loads nothing, and leaves others unknown', () => {
			const first = after(changed(HOUR)).state;
			const both = [1, 2].map(sidOf);
			const { state } = detectNew(first, findings({ present: both }), WATCH);
			expect(timesOf(state)).toEqual([NOW - HOUR]);
			expect(unknownSessions(both, state)).toEqual([sidOf(2)]);
			expect(state.seen).toBe('');
		});

		it('keeps checking it when it continues, and emits it once when it ends', () => {
			const first = after(changed(HOUR)).state;
			const goesOn = after(sessionRead(1, 'recording', { lastChange: NOW }), {}, first);
			expect(goesOn.newSessions).toEqual([]);
			expect(timesOf(goesOn.state)).toEqual([NOW]);
			const ended = after(sessionRead(1, 'completed'), {}, goesOn.state);
			expect(ended.newSessions).toHaveLength(1);
			expect(ended.state.interrupted).toBe('');
			expect(unknownSessions(present, ended.state)).toEqual([]);
		});
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
		expect(first.starts).toBe('');
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
						[`20261220/${sidOf(4)}`, sessionRead(4, 'recording')],
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
