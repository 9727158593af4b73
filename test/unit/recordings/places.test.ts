import { DAY_MS, dayOf } from '../../../nodes/Agora/recordings/day';
import {
	findOlderPlaces,
	findPlaces,
	hasOlder,
	prefixesOf,
	type Places,
} from '../../../nodes/Agora/recordings/places';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { randomSource } from '../randomSource';
import { addComposite, sidOf } from '../recordedSession';

const NOON = Date.UTC(2026, 10, 23, 12);
const TODAY = { from: '20261123', to: '99999999' };

const ids = ({ sessions }: Places) => [...sessions.keys()].sort();

/** `perDay` sessions a day for so many days, the last one NOON's, below each of the folders. */
function daily(bucket: MemoryBucket, days: number, perDay: number, folders = ['']) {
	let n = 0;
	for (const around of folders) {
		for (let day = 0; day < days; day++) {
			const start = NOON - day * DAY_MS;
			const folder = `${around}${dayOf(start)}/`;
			for (let i = 0; i < perDay; i++) addComposite(bucket, { folder, sid: sidOf(n++), start });
		}
	}
	bucket.forgetRequests();
}

describe('findPlaces', () => {
	const sessions: Array<[folder: string, takeover: string, n: number]> = [
		['', '', 1],
		['', 'bak0_', 1],
		['', 'bak0_', 2],
		['20261123/', '', 3],
		['20261123/', 'bak11_', 4],
		['school/7b/20261123/', '', 3],
	];
	const expected: Array<[folder: string, n: number]> = [
		['', 1],
		['', 2],
		['20261123/', 3],
		['20261123/', 4],
		['school/7b/20261123/', 3],
	];

	it.each([
		['a server that folds', {}],
		['a server that ignores the delimiter', { ignoresDelimiter: true }],
	])('names every session once, with %s', async (_, settings) => {
		for (const prefix of ['', 'recordings/']) {
			const bucket = memoryBucket({ prefix, now: NOON, pageSize: 5, ...settings });
			for (const [folder, takeover, n] of sessions) {
				addComposite(bucket, { folder: prefix + folder, takeover, sid: sidOf(n), start: NOON });
			}
			bucket.add(`${prefix}read_me.txt`, NOON);
			bucket.add(`${prefix}notes.txt`, NOON);
			bucket.add(`${prefix}bak0_notes.txt`, NOON);
			const places = await findPlaces(bucket, prefix);
			expect(places.now).toBe(NOON);
			expect(places.foreign).toBe(3);
			expect(ids(places)).toEqual(
				expected.map(([folder, n]) => `${prefix}${folder}${sidOf(n)}`).sort(),
			);
			const first = places.sessions.get(`${prefix}${sidOf(1)}`)!;
			expect(prefixesOf(first).sort()).toEqual(
				[`${prefix}bak0_${sidOf(1)}_`, `${prefix}${sidOf(1)}_`].sort(),
			);
		}
	});

	it('costs requests by the number of sessions, not of their files', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 100 });
		for (let n = 0; n < 300; n++) {
			addComposite(bucket, { folder: `class${n % 3}/`, sid: sidOf(n), start: NOON, slices: 40 });
		}
		expect((await findPlaces(bucket, '')).sessions.size).toBe(300);
		expect(bucket.requests.lists).toHaveLength(3);
	});

	it('leaps over the days of the past, however many they are', async () => {
		for (const days of [30, 300, 3000]) {
			const bucket = memoryBucket({ now: NOON, pageSize: 20 });
			daily(bucket, days, 2);
			const places = await findPlaces(bucket, '', TODAY);
			expect(ids(places)).toEqual([0, 1].map((n) => `20261123/${sidOf(n)}`));
			expect(bucket.requests.lists).toHaveLength(2);
			expect(hasOlder(places)).toBe(true);
		}
	});

	it('leaps over days to come and goes on behind them', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20 });
		daily(bucket, 300, 2, ['a/', 'b/']);
		const day = dayOf(NOON - 299 * DAY_MS);
		const places = await findPlaces(bucket, '', { from: day, to: day });
		expect(places.sessions.size).toBe(4);
		expect(hasOlder(places)).toBe(false);
		expect(bucket.requests.lists).toHaveLength(3);
	});

	it('takes a request or two for each folder around days', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20 });
		daily(bucket, 300, 2, ['class-a/', 'class-b/', 'class-c/']);
		const places = await findPlaces(bucket, '', TODAY);
		expect(places.sessions.size).toBe(6);
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(2 * 3);
	});

	it('finds sessions that lie between the folders of days, as others lie beside them', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20 });
		daily(bucket, 300, 2);
		const hidden = `20260505${sidOf(0).slice(8)}`;
		for (const sid of [hidden, 'f'.repeat(32)]) addComposite(bucket, { sid, start: NOON });
		const places = await findPlaces(bucket, '', TODAY);
		expect(ids(places)).toContain(hidden);
		expect(places.sessions.size).toBe(4);
	});

	it('goes on page by page where a server begins anew wherever it is told to start', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20, ignoresStartAfter: true });
		daily(bucket, 300, 2);
		expect((await findPlaces(bucket, '', TODAY)).sessions.size).toBe(2);
		expect(bucket.canStartAfter).toBe(false);
	});

	it('stops where a server gives the same page again and again', async () => {
		const bucket = memoryBucket({ now: NOON });
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		const page = await bucket.list({ prefix: '', delimiter: '_' });
		bucket.list = async () => ({ ...page, nextToken: 'again' });
		await expect(findPlaces(bucket, '')).rejects.toThrow('over and over');
	});
});

describe('findOlderPlaces', () => {
	it('names in steps what one look at all days names', async () => {
		const random = randomSource(21);
		for (let round = 0; round < 30; round++) {
			const bucket = memoryBucket({
				now: NOON,
				pageSize: random.integer(2, 30),
				ignoresDelimiter: random.integer(0, 3) === 0,
				ignoresStartAfter: random.integer(0, 3) === 0,
			});
			for (let n = 0; n < 100; n++) {
				const start = NOON - random.integer(0, 60) * DAY_MS;
				const day = `${dayOf(start)}/`;
				const folder = random.pick(['', day, day, `x/${day}`, `x/y/${day}`, 'x/']);
				const sid = random.pick([sidOf(n), `20260930${sidOf(n).slice(8)}`]);
				const takeover = random.pick(['', '', '', 'bak0_']);
				addComposite(bucket, { folder, takeover, sid, start, slices: 1 });
			}
			const all = ids(await findPlaces(bucket, ''));
			const places = await findPlaces(bucket, '', TODAY);
			for (const from of ['20261120', '20261101', '20260901']) {
				await findOlderPlaces(bucket, places, from);
			}
			expect(ids(places)).toEqual(all);
			expect(hasOlder(places)).toBe(false);
		}
	});
});
