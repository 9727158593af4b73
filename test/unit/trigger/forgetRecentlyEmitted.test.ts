import { dayOf, DAY_MS } from '../../../nodes/Agora/recordings/day';
import { pollBucket } from '../../../nodes/Agora/trigger/pollBucket';
import { forgetRecentlyEmitted, markEmitted } from '../../../nodes/Agora/trigger/pollGuard';
import { readState, type TriggerState } from '../../../nodes/Agora/trigger/state';
import { memoryBucket } from '../memoryBucket';
import { addComposite, HOUR, MINUTE, SECOND, sidOf } from '../recordedSession';
import { WATCH } from './watch';

const MIDNIGHT = Date.UTC(2026, 10, 24);
const DAYS_WATCHED = 3;

afterEach(() => jest.restoreAllMocks());

it.each([
	['before', -SECOND],
	['after', SECOND],
])('emits again what was emitted %s midnight, when its day has just been left', async (_, at) => {
	const clock = jest.spyOn(Date, 'now').mockReturnValue(MIDNIGHT - 2 * HOUR);
	const bucket = memoryBucket({ now: MIDNIGHT - 2 * HOUR });
	let state: TriggerState | null = null;
	const poll = async (now: number, isAfterStart = false) => {
		bucket.now = now;
		clock.mockReturnValue(now);
		const before = state !== null && isAfterStart ? forgetRecentlyEmitted(state, now) : state;
		const { news, state: next } = await pollBucket(bucket, '', before, WATCH, Infinity);
		const stored = markEmitted(next, news, now);
		state = readState(JSON.parse(JSON.stringify({ state: stored })), WATCH.scope);
		return news.map(({ session }) => session.sid);
	};
	await poll(MIDNIGHT - 2 * HOUR);
	const folder = `${dayOf(MIDNIGHT - DAYS_WATCHED * DAY_MS - HOUR)}/`;
	addComposite(bucket, { folder, sid: sidOf(1), start: MIDNIGHT - HOUR });
	expect(await poll(MIDNIGHT + at)).toEqual([sidOf(1)]);
	// n8n was killed before it stored the execution.
	expect(await poll(MIDNIGHT + MINUTE, true)).toEqual([sidOf(1)]);
	expect(await poll(MIDNIGHT + 2 * MINUTE)).toEqual([]);
});
