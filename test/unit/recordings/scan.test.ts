import { ALL_DAYS, DAY_MS, dayOf, type Days } from '../../../nodes/Agora/recordings/day';
import { SessionScan } from '../../../nodes/Agora/recordings/scan';
import { prefixesOf } from '../../../nodes/Agora/recordings/sessionFiles';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { randomSource } from '../randomSource';
import { addComposite, sidOf } from '../recordedSession';

const NOON = Date.UTC(2026, 10, 23, 12);
const TODAY = { from: '20261123', to: '99999999' };

const ids = ({ sessions }: SessionScan) => [...sessions.keys()].sort();

async function scanDays(bucket: MemoryBucket, root: string, days: Days = ALL_DAYS) {
	const scan = new SessionScan(bucket, root);
	await scan.scanDays(days);
	return scan;
}

/** Adds sessions in day folders below each of the folders, up to the day of NOON. */
function daily(bucket: MemoryBucket, days: number, perDay: number, folders = ['']) {
	let n = 0;
	for (const parent of folders) {
		for (let day = 0; day < days; day++) {
			const start = NOON - day * DAY_MS;
			const folder = `${parent}${dayOf(start)}/`;
			for (let i = 0; i < perDay; i++) addComposite(bucket, { folder, sid: sidOf(n++), start });
		}
	}
	bucket.forgetRequests();
}

describe('SessionScan', () => {
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
	])('finds every session once, with %s', async (_, settings) => {
		for (const prefix of ['', 'recordings/']) {
			const bucket = memoryBucket({ prefix, now: NOON, pageSize: 5, ...settings });
			for (const [folder, takeover, n] of sessions) {
				addComposite(bucket, { folder: prefix + folder, takeover, sid: sidOf(n), start: NOON });
			}
			bucket.add(`${prefix}read_me.txt`, NOON);
			bucket.add(`${prefix}notes.txt`, NOON);
			bucket.add(`${prefix}bak0_notes.txt`, NOON);
			const scan = await scanDays(bucket, prefix);
			expect(scan.now).toBe(NOON);
			expect(scan.unrecognized).toBe(3);
			expect(ids(scan)).toEqual(
				expected.map(([folder, n]) => `${prefix}${folder}${sidOf(n)}`).sort(),
			);
			const first = scan.sessions.get(`${prefix}${sidOf(1)}`)!;
			expect(prefixesOf(first).sort()).toEqual(
				[`${prefix}bak0_${sidOf(1)}_`, `${prefix}${sidOf(1)}_`].sort(),
			);
		}
	});

	it('sends requests by the number of sessions, not of their files', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 100 });
		for (let n = 0; n < 300; n++) {
			addComposite(bucket, { folder: `class${n % 3}/`, sid: sidOf(n), start: NOON, slices: 40 });
		}
		expect((await scanDays(bucket, '')).sessions.size).toBe(300);
		expect(bucket.requests.lists).toHaveLength(3);
	});

	it('skips older days, for any number of them', async () => {
		for (const days of [30, 300, 3000]) {
			const bucket = memoryBucket({ now: NOON, pageSize: 20 });
			daily(bucket, days, 2);
			const scan = await scanDays(bucket, '', TODAY);
			expect(ids(scan)).toEqual([0, 1].map((n) => `20261123/${sidOf(n)}`));
			expect(bucket.requests.lists).toHaveLength(2);
			expect(scan.hasOlderDays()).toBe(true);
		}
	});

	it('skips later days and continues after them', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20 });
		daily(bucket, 300, 2, ['a/', 'b/']);
		const day = dayOf(NOON - 299 * DAY_MS);
		const scan = await scanDays(bucket, '', { from: day, to: day });
		expect(scan.sessions.size).toBe(4);
		expect(scan.hasOlderDays()).toBe(false);
		expect(bucket.requests.lists).toHaveLength(3);
	});

	it('sends one or two requests for each parent of day folders', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20 });
		daily(bucket, 300, 2, ['class-a/', 'class-b/', 'class-c/']);
		const scan = await scanDays(bucket, '', TODAY);
		expect(scan.sessions.size).toBe(6);
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(2 * 3);
	});

	it('finds sessions between day folders if there are others next to them', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20 });
		daily(bucket, 300, 2);
		const hidden = `20260505${sidOf(0).slice(8)}`;
		for (const sid of [hidden, 'f'.repeat(32)]) addComposite(bucket, { sid, start: NOON });
		const scan = await scanDays(bucket, '', TODAY);
		expect(ids(scan)).toContain(hidden);
		expect(scan.sessions.size).toBe(4);
		// Two for today, the older days once, and one for what follows them.
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(2 + 30 + 1);
	});

	it('continues page by page on a server that ignores where to start', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20, ignoresStartAfter: true });
		daily(bucket, 300, 2);
		expect((await scanDays(bucket, '', TODAY)).sessions.size).toBe(2);
		expect(bucket.support.startsAfter).toBe(false);
	});

	it('stops if a server repeats the same page', async () => {
		const bucket = memoryBucket({ now: NOON });
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		const page = await bucket.list({ prefix: '', delimiter: '_' });
		bucket.list = async () => ({ ...page, nextToken: 'again' });
		await expect(scanDays(bucket, '')).rejects.toThrow('the same listing page twice');
	});
});

describe('the deadline of a scan', () => {
	beforeEach(() => jest.useFakeTimers({ now: NOON, doNotFake: ['nextTick', 'setImmediate'] }));
	afterEach(() => jest.useRealTimers());

	async function scanUntil(deadline: number, requests = Infinity) {
		const bucket = memoryBucket({ now: NOON, pageSize: 10 });
		for (let n = 0; n < 50; n++) bucket.add(`img_${n}_x.jpg`, NOON);
		addComposite(bucket, { folder: 'img_of/', sid: sidOf(1), start: NOON });
		const { list } = bucket;
		bucket.list = async (query) => {
			if (bucket.requests.lists.length === requests) jest.advanceTimersByTime(1);
			return await list(query);
		};
		const scan = new SessionScan(bucket, '', { deadline });
		await scan.scanDays(ALL_DAYS);
		return { found: ids(scan), requests: bucket.requests.lists.length };
	}

	it('lets every request pass until then', async () => {
		expect((await scanUntil(NOON)).found).toEqual([`img_of/${sidOf(1)}`]);
	});

	it('stops it with an error before any further request', async () => {
		await expect(scanUntil(NOON - 1)).rejects.toThrow('took longer than n8n allows');
		const { requests } = await scanUntil(NOON);
		for (let n = 0; n < requests - 1; n++) {
			await expect(scanUntil(NOON, n)).rejects.toThrow('took longer than n8n allows');
		}
	});
});

describe('what a scan knows of a session', () => {
	it('is its folder, sid and day, and each recorder', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (const takeover of ['', 'bak0_']) {
			addComposite(bucket, { folder: 'a/20261123/', takeover, sid: sidOf(1), start: NOON });
		}
		addComposite(bucket, { folder: 'a/', sid: sidOf(2), start: NOON });
		const { sessions } = await scanDays(bucket, 'a/', TODAY);
		expect(sessions.get(`a/20261123/${sidOf(1)}`)).toEqual({
			folder: 'a/20261123/',
			sid: sidOf(1),
			day: '20261123',
			prefixes: [
				{ prefix: `a/20261123/${sidOf(1)}_`, index: expect.any(Number), isFolded: true },
				{ prefix: `a/20261123/bak0_${sidOf(1)}_`, index: expect.any(Number), isFolded: true },
			],
		});
		expect(sessions.get(`a/${sidOf(2)}`)).toMatchObject({ folder: 'a/', day: null });
	});

	it('includes its files, once, on storage that does not fold', async () => {
		const bucket = memoryBucket({ now: NOON, ignoresDelimiter: true, pageSize: 2 });
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		const { sessions, listed } = await scanDays(bucket, '');
		expect(sessions.get(sidOf(1))!.prefixes).toMatchObject([{ isFolded: false }]);
		expect(listed.get(sidOf(1))).toMatchObject({
			segmentCount: 4,
			segments: [],
			files: { length: 1 },
		});
	});
});

describe('unrecognized prefixes', () => {
	it.each([
		['match_recordings/'],
		['match_recordings/x/'],
		['test_1203/room-1/'],
		['a_b_c_d/e_f/'],
		['_archive/'],
		['deep/er/_under_scored/x_y/'],
		['team_a/20261123/'],
		['20261123/team_a/'],
		['bak0_up/'],
	])('finds a session in %s', async (folder) => {
		for (const prefix of ['', 'my_school/']) {
			const bucket = memoryBucket({ prefix, now: NOON });
			bucket.add(`${prefix}match_report.pdf`, NOON);
			addComposite(bucket, { folder: prefix + folder, sid: sidOf(1), start: NOON });
			const scan = await scanDays(bucket, prefix, TODAY);
			expect(ids(scan)).toEqual([`${prefix}${folder}${sidOf(1)}`]);
			expect(scan.unsearched).toEqual([]);
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(7);
		}
	});

	it('skips older days also in a folder with an underscore', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20 });
		daily(bucket, 300, 2, ['team_a/']);
		const scan = await scanDays(bucket, '', TODAY);
		expect(scan.sessions.size).toBe(2);
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(5);
		await scan.scanOlderDays('20260101');
		expect(scan.sessions.size).toBe(600);
	});

	it('finds folders among many files with the same prefix', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 900; n++) bucket.add(`img_${n}_small.jpg`, NOON);
		addComposite(bucket, { folder: 'img_of_class/', sid: sidOf(1), start: NOON });
		const scan = await scanDays(bucket, '');
		expect(ids(scan)).toEqual([`img_of_class/${sidOf(1)}`]);
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(4);
	});

	it('sends at most a hundred requests, and reports prefixes that it does not search', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 10 });
		for (let n = 0; n < 3000; n++) bucket.add(`${'abc'[n % 3]!}_${n}`, NOON);
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		const scan = await scanDays(bucket, '');
		expect(scan.sessions.size).toBe(1);
		expect(scan.unsearched).toEqual(['b_', 'c_']);
		expect([...bucket.support.searchedPrefixes.keys()]).toEqual(['a_']);
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(102);
	});

	it('sends no further requests to list folders when a hundred are used up', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 10 });
		for (let n = 0; n < 3000; n++) bucket.add(`a_${n}_x`, NOON);
		await scanDays(bucket, '');
		expect(bucket.requests.lists).toHaveLength(101);
	});

	it('are searched completely by each single scan, also after others', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 10 });
		for (let n = 0; n < 300; n++) bucket.add(`${'abc'[n % 3]!}_${n}`, NOON);
		for (let scans = 0; scans < 2; scans++) {
			expect((await scanDays(bucket, '')).unsearched).toEqual([]);
		}
	});

	it('include those deep in a folder, next to many with the same beginning', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 9; n++) bucket.add(`img_${n}_small.jpg`, NOON);
		addComposite(bucket, { folder: 'img_of/x_y/', sid: sidOf(1), start: NOON });
		expect(ids(await scanDays(bucket, ''))).toEqual([`img_of/x_y/${sidOf(1)}`]);
	});

	it('do not include folders in which the first listing found everything', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 9; n++) {
			bucket.add(`img_${n}_small.jpg`, NOON);
			bucket.add(`img_folder${n}/small.jpg`, NOON);
		}
		await scanDays(bucket, '');
		expect(bucket.requests.lists).toHaveLength(3);
	});

	it('do not count as leading to recordings because they contain other prefixes', async () => {
		const bucket = memoryBucket({ now: NOON });
		bucket.add('a_b_c.txt', NOON);
		addComposite(bucket, { folder: 'd_e/', sid: sidOf(1), start: NOON });
		await scanDays(bucket, '');
		const { searchedPrefixes } = bucket.support;
		const found = ['a_', 'd_'].map((prefix) => searchedPrefixes.get(prefix)!.hasSessions);
		expect(found).toEqual([false, true]);
	});

	const repeatedScan = async (bucket: MemoryBucket) => {
		bucket.forgetRequests();
		const scan = new SessionScan(bucket, '', { isRepeated: true });
		await scan.scanDays(ALL_DAYS);
		return { found: ids(scan), requests: bucket.requests.lists.length };
	};

	it('are searched in turns by repeated scans, with a few requests each', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 10_000; n++) bucket.add(`${'abcdefghij'[n % 10]!}_${n}.tar`, NOON);
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		await repeatedScan(bucket);
		addComposite(bucket, { folder: 'd_new/', sid: sidOf(2), start: NOON });
		addComposite(bucket, { folder: 'new_folder/', sid: sidOf(3), start: NOON });
		const scans = [];
		for (let n = 0; n < 6; n++) scans.push(await repeatedScan(bucket));
		expect(Math.max(...scans.map(({ requests }) => requests))).toBeLessThanOrEqual(8);
		// A new prefix is searched first.
		expect(scans[0]!.found).toContain(`new_folder/${sidOf(3)}`);
		for (const { found } of scans.slice(3)) {
			expect(found).toEqual([sidOf(1), `d_new/${sidOf(2)}`, `new_folder/${sidOf(3)}`].sort());
		}
	});

	it('are searched in several scans if one has more files than a scan can list', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 10 });
		for (let n = 0; n < 2000; n++) bucket.add(`a_${String(n).padStart(4, '0')}`, NOON);
		addComposite(bucket, { folder: 'a_x/', sid: sidOf(1), start: NOON });
		await repeatedScan(bucket);
		for (let n = 0; n < 40; n++) {
			const { found, requests } = await repeatedScan(bucket);
			expect(requests).toBeLessThanOrEqual(6);
			if (found.length > 0) return;
		}
		throw new Error('the folder was never found');
	});

	it('take a few requests if one has many other files and few recordings', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 20_000; n++) bucket.add(`data_${String(n).padStart(5, '0')}.csv`, NOON);
		addComposite(bucket, { folder: 'data_recordings/x/', sid: sidOf(1), start: NOON });
		expect((await repeatedScan(bucket)).found).toHaveLength(1);
		for (let n = 2; n < 6; n++) {
			addComposite(bucket, { folder: 'data_recordings/x/', sid: sidOf(n), start: NOON });
			const { found, requests } = await repeatedScan(bucket);
			expect(found).toHaveLength(n);
			expect(requests).toBeLessThanOrEqual(6);
		}
		addComposite(bucket, { folder: 'data_zzz/', sid: sidOf(9), start: NOON });
		const found = [];
		for (let n = 0; n < 8; n++) found.push(...(await repeatedScan(bucket)).found);
		expect(found).toContain(`data_zzz/${sidOf(9)}`);
	});

	it('are searched to their end by a repeated scan that finds a recording in them', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 10 });
		for (let n = 0; n < 100; n++) bucket.add(`a_${n}`, NOON);
		await repeatedScan(bucket);
		for (const [n, folder] of ['a_0/', 'a_z/'].entries()) {
			addComposite(bucket, { folder, sid: sidOf(n), start: NOON });
		}
		expect((await repeatedScan(bucket)).found).toEqual([`a_0/${sidOf(0)}`, `a_z/${sidOf(1)}`]);
	});

	it('are searched completely by repeated scans if they led to recordings', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 10 });
		const folders = ['a_z/', 'b_z/', 'c_z/'];
		for (const [n, folder] of folders.entries()) {
			for (let file = 0; file < 25; file++) bucket.add(`${folder[0]!}_${file}`, NOON);
			addComposite(bucket, { folder, sid: sidOf(n), start: NOON });
		}
		const found = folders.map((folder, n) => `${folder}${sidOf(n)}`);
		for (let scans = 0; scans < 3; scans++) {
			expect((await repeatedScan(bucket)).found).toEqual(found);
		}
	});

	it('include other names with a leading underscore, but not the session index', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 3000; n++) {
			bucket.add(`_sessions/by-sid/${sidOf(n)}.json`, NOON);
			bucket.add(`_sessions/by-channel/${sidOf(n)}/9_${sidOf(n)}.json`, NOON);
		}
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		const scan = await scanDays(bucket, '');
		expect(bucket.requests.lists).toHaveLength(2);
		expect([scan.unrecognized, scan.unsearched]).toEqual([0, []]);
		expect((await repeatedScan(bucket)).requests).toBe(1);
	});

	it.each([
		['ignores the delimiter', { ignoresDelimiter: true }],
		['ignores it and where to start', { ignoresDelimiter: true, ignoresStartAfter: true }],
	])('do not include the session index on a server that %s', async (_, settings) => {
		const bucket = memoryBucket({ now: NOON, pageSize: 10, ...settings });
		for (let n = 0; n < 300; n++) bucket.add(`_sessions/by-sid/${sidOf(n)}.json`, NOON);
		addComposite(bucket, { folder: 'match_x/', sid: sidOf(1), start: NOON });
		const scan = await scanDays(bucket, '');
		expect(ids(scan)).toEqual([`match_x/${sidOf(1)}`]);
		expect(scan.unrecognized).toBe(0);
	});
});

describe('SessionScan.scanOlderDays', () => {
	it.each([
		['a server that folds', {}],
		['a server that ignores the delimiter', { ignoresDelimiter: true }],
	])('counts no unrecognized file again, with %s', async (_, settings) => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20, ...settings });
		daily(bucket, 40, 2);
		for (const name of ['1.txt', '20261001/x.txt', '20261123/x.txt', '3.txt', 'z_1', 'z_2']) {
			bucket.add(name, NOON);
		}
		const scan = await scanDays(bucket, '', TODAY);
		await scan.scanOlderDays('20261110');
		await scan.scanOlderDays('20200101');
		expect(scan.unrecognized).toBe(6);
		expect(scan.sessions.size).toBe(80);
	});

	it('reads only the requested days, not what follows them', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 20 });
		daily(bucket, 100, 2);
		for (let n = 0; n < 200; n++) {
			addComposite(bucket, { sid: `f${sidOf(n).slice(1)}`, start: NOON });
		}
		const scan = await scanDays(bucket, '', TODAY);
		bucket.forgetRequests();
		await scan.scanOlderDays('20261120');
		expect(bucket.requests.lists).toMatchObject([{ startAfter: '20261120' }]);
		expect(scan.days).toEqual({ from: '20261120', to: '20261123' });
	});

	it('finds in steps the same sessions as one scan of all days', async () => {
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
			const all = ids(await scanDays(bucket, ''));
			const scan = await scanDays(bucket, '', TODAY);
			for (const from of ['20261120', '20261101', '20260901']) {
				await scan.scanOlderDays(from);
			}
			expect(ids(scan)).toEqual(all);
			expect(scan.hasOlderDays()).toBe(false);
		}
	});
});
