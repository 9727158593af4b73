import {
	ALL_DAYS,
	DAY_MS,
	dayOf,
	startOfDay,
	type Days,
} from '../../../nodes/Agora/recordings/day';
import { scanNewestFirst } from '../../../nodes/Agora/recordings/scanNewestFirst';
import { memoryBucket } from '../memoryBucket';
import { addComposite, NOON, sidOf } from '../recordedSession';

type Settings = Parameters<typeof memoryBucket>[0];

/** A bucket with a session in each of 400 day folders, the last one NOON's, and one outside them. */
function daily(settings: Settings = {}) {
	const bucket = memoryBucket({ now: NOON, pageSize: 20, ...settings });
	for (let n = 0; n < 400; n++) {
		const start = NOON - n * DAY_MS;
		addComposite(bucket, { folder: `a/${dayOf(start)}/`, sid: sidOf(n), start, slices: 1 });
	}
	addComposite(bucket, { folder: 'a/', sid: sidOf(999), start: NOON - 300 * DAY_MS });
	return bucket;
}

/** @returns of each batch: how many sessions it adds, the first day that was scanned, and the newest unread time */
async function batches(days: Days, { inSteps = true, settings = {} as Settings } = {}) {
	const found: Array<[added: number, from: string, newestUnread: number]> = [];
	for await (const batch of scanNewestFirst(daily(settings), 'a/', days, inSteps)) {
		found.push([batch.added.length, batch.scan.days.from, batch.newestUnread]);
	}
	return found;
}

describe('scanNewestFirst', () => {
	beforeEach(() => jest.useFakeTimers({ now: NOON, doNotFake: ['nextTick', 'setImmediate'] }));
	afterEach(() => jest.useRealTimers());

	const daysAgo = (days: number) => dayOf(NOON - days * DAY_MS);
	/** Sessions that begin just after midnight may be in the folder of the day before. */
	const afterDay = (day: string) => startOfDay(day) + DAY_MS;

	it('finds the sessions of the last days and those outside day folders, then eight times as many days', async () => {
		expect(await batches(ALL_DAYS)).toEqual([
			[3 + 1, daysAgo(2), afterDay(daysAgo(2))],
			[14, daysAgo(16), afterDay(daysAgo(16))],
			[112, daysAgo(128), afterDay(daysAgo(128))],
			[400 - 129, daysAgo(1024), -Infinity],
		]);
	});

	it('finds only those of the requested days, from the last one back', async () => {
		const days = { from: daysAgo(20), to: daysAgo(10) };
		const last = { from: daysAgo(1), to: daysAgo(0) };
		expect(await batches(days)).toEqual([
			[3 + 1, daysAgo(12), afterDay(daysAgo(12))],
			[8, daysAgo(20), -Infinity],
		]);
		expect(await batches(last)).toEqual([[2 + 1, daysAgo(1), -Infinity]]);
	});

	it('finds them all at once if requested', async () => {
		expect(await batches(ALL_DAYS, { inSteps: false })).toEqual([[401, ALL_DAYS.from, -Infinity]]);
	});

	it('finds them all at once on storage that cannot start in the middle, as soon as this is known', async () => {
		const found = await batches(ALL_DAYS, { settings: { ignoresStartAfter: true } });
		expect(found.map(([added]) => added)).toEqual([4, 397]);
		expect(found.at(-1)).toEqual([397, ALL_DAYS.from, -Infinity]);
	});

	it('ends when there are no older day folders', async () => {
		const bucket = memoryBucket({ now: NOON });
		addComposite(bucket, { folder: `${daysAgo(2)}/`, sid: sidOf(1), start: NOON });
		addComposite(bucket, { folder: 'b/', sid: sidOf(2), start: NOON });
		const found = [];
		for await (const { added, newestUnread } of scanNewestFirst(bucket, '', ALL_DAYS, true)) {
			found.push([added.length, newestUnread]);
		}
		expect(found).toEqual([[2, -Infinity]]);
		expect(bucket.requests.lists).toHaveLength(1);
	});
});
