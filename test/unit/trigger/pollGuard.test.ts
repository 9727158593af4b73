import { DAY_MS, dayOf } from '../../../nodes/Agora/recordings/day';
import type { LoadedSession } from '../../../nodes/Agora/recordings/loadSession';
import {
	initialState,
	interruptedToCheck,
	unknownSessions,
} from '../../../nodes/Agora/trigger/detectNew';
import { pollBucket } from '../../../nodes/Agora/trigger/pollBucket';
import {
	forgetRecentlyEmitted,
	isOutdated,
	markEmitted,
	rememberEmission,
	skipIfPolling,
} from '../../../nodes/Agora/trigger/pollGuard';
import {
	digestOf,
	packSeen,
	packTimes,
	readState,
	type TriggerState,
} from '../../../nodes/Agora/trigger/state';
import { memoryBucket } from '../memoryBucket';
import { addComposite, HOUR, MINUTE, SECOND, sidOf } from '../recordedSession';
import { WATCH } from './watch';

const GIVEN = Date.UTC(2026, 10, 24, 12);
const stateOf = (emittedAt: number) => ({ emittedAt }) as TriggerState;

it('a state from before an emission is outdated, until n8n should have stored the new one', () => {
	rememberEmission('a', GIVEN);
	expect(isOutdated('a', stateOf(GIVEN - 60_000), GIVEN + 29_999)).toBe(true);
	expect(isOutdated('a', null, GIVEN + 29_999)).toBe(true);
	// The new state was lost, so its recordings are emitted again.
	expect(isOutdated('a', stateOf(GIVEN - 60_000), GIVEN + 30_000)).toBe(false);
});

it('neither the stored state nor one of a node that emitted nothing is outdated', () => {
	rememberEmission('b', GIVEN);
	expect(isOutdated('b', stateOf(GIVEN), GIVEN)).toBe(false);
	expect(isOutdated('c', stateOf(0), GIVEN)).toBe(false);
	expect(isOutdated('c', null, GIVEN)).toBe(false);
});

describe('recordings emitted just before n8n was started', () => {
	/** The days from 20261121 on are scanned. */
	const FROM = '20261121';
	const ids = [`a/20261121/${sidOf(1)}`, `a/20261120/${sidOf(2)}`, `a/20261124/${sidOf(3)}`];
	const older = `a/20261124/${sidOf(4)}`;
	const newSessions = ids.map((id) => {
		const folder = id.slice(0, id.lastIndexOf('/') + 1);
		return { session: { folder, sid: id.slice(folder.length) } } as LoadedSession;
	});
	/** The second was emitted as interrupted. */
	const emitted = markEmitted(
		{
			...initialState([], FROM, GIVEN, WATCH),
			seen: packSeen([older, ids[0]!, ids[2]!].map(digestOf)),
			interrupted: packTimes([[digestOf(ids[1]!), GIVEN]]),
			open: [ids[1]!],
		},
		newSessions,
		GIVEN,
	);
	const present = [older, ids[0]!, ids[2]!];

	it('are unknown again, also if their day is no longer scanned', () => {
		const state = forgetRecentlyEmitted(emitted, GIVEN + 9 * MINUTE);
		expect(unknownSessions(present, state).sort()).toEqual([...ids].sort());
		expect(interruptedToCheck(present, state, GIVEN + 9 * MINUTE)).toEqual([]);
	});

	it('are unknown again if their day is no longer scanned since then', () => {
		const later = { ...emitted, from: '20261122', open: [] };
		const state = forgetRecentlyEmitted(later, GIVEN + 9 * MINUTE);
		expect(unknownSessions([older, ids[2]!], state).sort()).toEqual([...ids].sort());
	});

	it('are unknown again, but no other interrupted recording is', () => {
		const another = `a/20261120/${sidOf(5)}`;
		const interrupted = packTimes([
			[digestOf(ids[1]!), GIVEN],
			[digestOf(another), GIVEN],
		]);
		const open = [ids[1]!, another];
		const state = forgetRecentlyEmitted({ ...emitted, interrupted, open }, GIVEN + MINUTE);
		expect(unknownSessions(present, state).sort()).toEqual([...ids].sort());
		expect(interruptedToCheck(present, state, GIVEN + MINUTE)).toEqual([another]);
	});

	it('are stored by name if their day will soon not be scanned any more', () => {
		expect(emitted.emittedIds).toEqual(ids.slice(0, 2));
	});

	it('are unknown again, also if polls without new recordings followed', () => {
		expect(markEmitted(emitted, [], GIVEN + MINUTE)).toBe(emitted);
	});

	it('are known after ten minutes', () => {
		expect(forgetRecentlyEmitted(emitted, GIVEN + 10 * MINUTE)).toBe(emitted);
	});
});

const MIDNIGHT = Date.UTC(2026, 10, 24);
const DAYS_WATCHED = 3;

afterEach(() => jest.restoreAllMocks());

it.each([
	['before midnight, just after its day is no longer scanned', -SECOND, 0],
	['after midnight, just after its day is no longer scanned', SECOND, 0],
	['on the last day on which its day is scanned', SECOND, 1],
])('emits a recording once again that was emitted %s', async (_, at, daysLater) => {
	const clock = jest.spyOn(Date, 'now').mockReturnValue(MIDNIGHT - 2 * HOUR);
	const bucket = memoryBucket({ now: MIDNIGHT - 2 * HOUR });
	let state: TriggerState | null = null;
	const poll = async (now: number, isAfterStart = false) => {
		bucket.now = now;
		clock.mockReturnValue(now);
		const before = state !== null && isAfterStart ? forgetRecentlyEmitted(state, now) : state;
		const { newSessions, state: next } = await pollBucket(bucket, '', before, WATCH, Infinity);
		const stored = markEmitted(next, newSessions, now);
		state = readState(JSON.parse(JSON.stringify({ state: stored })), WATCH.scope);
		return newSessions.map(({ session }) => session.sid);
	};
	await poll(MIDNIGHT - 2 * HOUR);
	const folder = `${dayOf(MIDNIGHT - (DAYS_WATCHED - daysLater) * DAY_MS - HOUR)}/`;
	addComposite(bucket, { folder, sid: sidOf(1), start: MIDNIGHT - HOUR });
	expect(await poll(MIDNIGHT + at)).toEqual([sidOf(1)]);
	// n8n was killed before it stored the execution.
	expect(await poll(MIDNIGHT + MINUTE, true)).toEqual([sidOf(1)]);
	expect(await poll(MIDNIGHT + 2 * MINUTE)).toEqual([]);
});

const SKIPPED = 'skipped';

/** A poll that ends with a call of `end`. */
function slowPoll() {
	let end: (result: string) => void = () => undefined;
	const ended = new Promise<string>((resolve) => (end = resolve));
	return { poll: () => ended, end };
}

const polled = () => Promise.resolve('polled');
const never = () => new Promise<string>(() => undefined);

describe('skipIfPolling', () => {
	afterEach(() => jest.useRealTimers());

	it('skips a poll while another one of the same node is running', async () => {
		const { poll, end } = slowPoll();
		const first = skipIfPolling('a', poll, SKIPPED);
		expect(await skipIfPolling('a', polled, SKIPPED)).toBe(SKIPPED);
		end('first');
		expect(await first).toBe('first');
		expect(await skipIfPolling('a', polled, SKIPPED)).toBe('polled');
	});

	it('skips polls while a newer one is running than the one that has just ended', async () => {
		jest.useFakeTimers({ now: Date.UTC(2026, 10, 24) });
		const [hanging, newer] = [slowPoll(), slowPoll()];
		const first = skipIfPolling('f', hanging.poll, SKIPPED);
		jest.advanceTimersByTime(10 * 60_000);
		const second = skipIfPolling('f', newer.poll, SKIPPED);
		hanging.end('first');
		expect(await first).toBe('first');
		expect(await skipIfPolling('f', polled, SKIPPED)).toBe(SKIPPED);
		newer.end('second');
		expect(await second).toBe('second');
		expect(await skipIfPolling('f', polled, SKIPPED)).toBe('polled');
	});

	it('does not affect other nodes', async () => {
		const { poll, end } = slowPoll();
		const first = skipIfPolling('b', poll, SKIPPED);
		expect(await skipIfPolling('c', polled, SKIPPED)).toBe('polled');
		end('first');
		await first;
	});

	it('polls again after a failed poll', async () => {
		const failing = () => Promise.reject(new Error('refused'));
		await expect(skipIfPolling('d', failing, SKIPPED)).rejects.toThrow('refused');
		expect(await skipIfPolling('d', polled, SKIPPED)).toBe('polled');
	});

	it('polls again ten minutes after a poll that hangs', async () => {
		jest.useFakeTimers({ now: Date.UTC(2026, 10, 24) });
		void skipIfPolling('e', never, SKIPPED);
		jest.advanceTimersByTime(10 * 60_000 - 1);
		expect(await skipIfPolling('e', polled, SKIPPED)).toBe(SKIPPED);
		jest.advanceTimersByTime(1);
		expect(await skipIfPolling('e', polled, SKIPPED)).toBe('polled');
	});
});
