import { ALL_DAYS } from '../../../nodes/Agora/recordings/day';
import { findTakeovers, listFiles, listSession } from '../../../nodes/Agora/recordings/listFiles';
import { SessionScan } from '../../../nodes/Agora/recordings/scan';
import type { SessionRef } from '../../../nodes/Agora/recordings/sessionFiles';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { addComposite, HOUR, MINUTE, NOON, sidOf } from '../recordedSession';

/** A bucket with sessions of five files each, and the scan that found them. */
async function scanned(
	count: number,
	settings: Parameters<typeof memoryBucket>[0] = {},
	folderOf: (n: number) => string = () => '',
) {
	const bucket = memoryBucket({ now: NOON, ...settings });
	for (let n = 0; n < count; n++) {
		addComposite(bucket, { folder: folderOf(n), sid: sidOf(n), start: NOON - HOUR });
	}
	return await scanOf(bucket);
}

async function scanOf(bucket: MemoryBucket) {
	const scan = new SessionScan(bucket, bucket.prefix);
	await scan.scanDays(ALL_DAYS);
	bucket.forgetRequests();
	return { bucket, scan, sessions: [...scan.sessions.values()] };
}

/** @returns the sids that were listed, and the file and segment counts that occur */
async function list(scan: SessionScan, sessions: SessionRef[], deadline?: number) {
	const files = await listFiles(scan, sessions, deadline);
	const counts = [...files.values()].map((each) =>
		each === null ? 'none' : `${each.files.length} and ${each.segmentCount}`,
	);
	return { sids: [...files.keys()].map(({ sid }) => sid), counts: [...new Set(counts)] };
}

const sidsOf = (sessions: SessionRef[]) => sessions.map(({ sid }) => sid);

describe('listFiles', () => {
	it('lists one session by its own prefix', async () => {
		const { bucket, scan, sessions } = await scanned(3);
		expect(await list(scan, [sessions[1]!])).toEqual({ sids: [sidOf(1)], counts: ['1 and 4'] });
		expect(bucket.requests.lists.map(({ prefix }) => prefix)).toEqual([`${sidOf(1)}_`]);
	});

	it('lists sessions next to each other together, in any order', async () => {
		const { bucket, scan, sessions } = await scanned(5, { prefix: 'a/' }, () => 'a/');
		const wanted = [sessions[3]!, sessions[1]!, sessions[2]!];
		expect(await list(scan, wanted)).toEqual({ sids: sidsOf(wanted), counts: ['1 and 4'] });
		expect(bucket.requests.lists).toMatchObject([{ prefix: 'a/', startAfter: `a/${sidOf(1)}_` }]);
	});

	it('sends no request without sessions', async () => {
		const { bucket, scan } = await scanned(1);
		expect(await list(scan, [])).toEqual({ sids: [], counts: [] });
		expect(bucket.requests.lists).toEqual([]);
	});

	it('does not read the files between two ranges of sessions', async () => {
		const { bucket, scan, sessions } = await scanned(400, { pageSize: 100 });
		const wanted = [...sessions.slice(0, 10), ...sessions.slice(300, 310)];
		expect(await list(scan, wanted)).toEqual({ sids: sidsOf(wanted), counts: ['1 and 4'] });
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(4);
	});

	it('lists sessions with the skipped one between them separately', async () => {
		const { bucket, scan, sessions } = await scanned(3);
		await list(scan, [sessions[0]!, sessions[2]!]);
		expect(bucket.requests.lists.map(({ prefix }) => prefix)).toEqual(
			[0, 2].map((n) => `${sidOf(n)}_`),
		);
	});

	it.each([
		['in ranges of four pages', 400, 100, 6],
		['in ranges of four pages', 1000, 100, 13],
		['in one range if they fit', 400, 1000, 1],
		['in 16 longer ranges', 2000, 100, 16],
		['in ranges of at most forty pages', 1000, 10, 25],
	])(
		'reads a page, then lists the rest %s: %i sessions on pages of %i entries',
		async (_, count, pageSize, ranges) => {
			const { bucket, scan, sessions } = await scanned(count, { pageSize });
			const { sids, counts } = await list(scan, sessions);
			expect(sids).toHaveLength(count);
			expect(counts).toEqual(['1 and 4']);
			const starts = bucket.requests.lists.filter(({ token }) => token === undefined);
			expect(starts).toHaveLength(1 + ranges);
			// The last page of a range can also contain files of the next one.
			const pages = Math.ceil((count * 5) / pageSize);
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(pages + starts.length + ranges);
		},
	);

	it('lists 16 ranges at the same time', async () => {
		const { bucket, scan, sessions } = await scanned(60, { pageSize: 20 });
		const { list: send } = bucket;
		let [inFlight, most] = [0, 0];
		bucket.list = async (query) => {
			most = Math.max(most, ++inFlight);
			await new Promise(setImmediate);
			inFlight--;
			return await send(query);
		};
		const wanted = sessions.filter((_, i) => i % 2 === 0);
		expect((await list(scan, wanted)).counts).toEqual(['1 and 4']);
		expect(most).toBe(16);
	});

	it('returns null for a session that was deleted after the scan', async () => {
		const { bucket, scan, sessions } = await scanned(3);
		for (const { key } of (await bucket.list({ prefix: `${sidOf(1)}_` })).objects) {
			bucket.remove(key);
		}
		const files = await listFiles(scan, sessions);
		expect([...files.values()].map((each) => each?.sid ?? null)).toEqual([
			sidOf(0),
			null,
			sidOf(2),
		]);
	});

	it('combines the files of all recorders', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (const takeover of ['', 'bak0_', 'bak1_']) {
			addComposite(bucket, { takeover, sid: sidOf(1), start: NOON });
			addComposite(bucket, { takeover, sid: sidOf(2), start: NOON });
		}
		for (const startsAfter of [true, false]) {
			bucket.support.startsAfter = startsAfter;
			const { scan, sessions } = await scanOf(bucket);
			expect((await list(scan, sessions)).counts).toEqual(['3 and 12']);
		}
	});

	it('returns files that the scan has listed on storage that does not fold, without a request', async () => {
		const { bucket, scan, sessions } = await scanned(3, { ignoresDelimiter: true });
		for (const deadline of [-Infinity, Infinity]) {
			const { sids, counts } = await list(scan, sessions, deadline);
			expect([sids, counts]).toEqual([sidsOf(sessions), ['1 and 4']]);
		}
		expect(bucket.requests.lists).toEqual([]);
	});

	it('lists a session of which the scan has listed only some files', async () => {
		const { bucket, scan, sessions } = await scanned(3, { ignoresDelimiter: true });
		sessions[1]!.prefixes[0]!.isFolded = true;
		expect((await list(scan, sessions)).counts).toEqual(['1 and 4']);
		expect(bucket.requests.lists.map(({ prefix }) => prefix)).toEqual([`${sidOf(1)}_`]);
	});

	it('reads on when storage turns out to ignore where to start', async () => {
		const settings = { pageSize: 7, ignoresStartAfter: true };
		const { bucket, scan, sessions } = await scanned(40, settings);
		bucket.support.startsAfter = true;
		const wanted = sessions.slice(20, 30);
		expect(await list(scan, wanted)).toEqual({ sids: sidsOf(wanted), counts: ['1 and 4'] });
		expect(bucket.support.startsAfter).toBe(false);
	});

	describe('on storage that cannot start in the middle', () => {
		async function requestsFor(wanted: number, inFolder: number) {
			const { bucket, scan, sessions } = await scanned(inFolder, {}, () => 'a/');
			bucket.support.startsAfter = false;
			const some = sessions.slice(0, wanted);
			expect(await list(scan, some)).toEqual({ sids: sidsOf(some), counts: ['1 and 4'] });
			return bucket.requests.lists.map(({ prefix, delimiter }) => `${prefix} ${delimiter}`);
		}
		const separate = (count: number) =>
			Array.from({ length: count }, (_, n) => `a/${sidOf(n)}_ undefined`);

		it('lists up to three sessions of a folder separately, and more with the whole folder', async () => {
			expect(await requestsFor(3, 3)).toEqual(separate(3));
			expect(await requestsFor(4, 4)).toEqual(['a/ /']);
		});

		it('lists up to one in twenty separately', async () => {
			expect(await requestsFor(5, 100)).toEqual(separate(5));
			expect(await requestsFor(6, 100)).toEqual(['a/ /']);
			expect(await requestsFor(5, 90)).toEqual(['a/ /']);
		});

		it('does not count files of other sessions and of folders below', async () => {
			const { bucket, scan, sessions } = await scanned(8, {}, (n) => (n < 6 ? 'a/' : 'a/b/'));
			bucket.support.startsAfter = false;
			bucket.add(`a/bak0_${sidOf(5)}_class-7b.m3u8`, NOON);
			const files = await listFiles(
				scan,
				sessions.filter(({ sid }) => sid < sidOf(5)),
			);
			expect(files.size).toBe(5);
			expect([...files.values()].map((each) => each!.segmentCount)).toEqual(Array(5).fill(4));
		});

		it('reads every page', async () => {
			const { bucket, scan, sessions } = await scanned(8, { pageSize: 3 });
			bucket.support.startsAfter = false;
			expect((await list(scan, sessions)).counts).toEqual(['1 and 4']);
			expect((await list(scan, sessions.slice(0, 2))).counts).toEqual(['1 and 4']);
		});
	});

	describe('with a deadline', () => {
		beforeEach(() => jest.useFakeTimers({ now: NOON, doNotFake: ['nextTick', 'setImmediate'] }));
		afterEach(() => jest.useRealTimers());

		it.each([
			['that starts in the middle', true],
			['that does not', false],
		])(
			'leaves out sessions that were not listed by then, on storage %s',
			async (_, startsAfter) => {
				for (const count of [1, 3, 8]) {
					const { bucket, scan, sessions } = await scanned(count);
					bucket.support.startsAfter = startsAfter;
					expect((await list(scan, sessions, NOON - 1)).sids).toEqual([]);
					expect(bucket.requests.lists).toEqual([]);
					expect((await list(scan, sessions, NOON)).sids).toEqual(sidsOf(sessions));
				}
			},
		);

		it.each([true, false])(
			'keeps what was listed before it, with startAfter %s',
			async (startsAfter) => {
				const { bucket, scan, sessions } = await scanned(400, { pageSize: 100 }, (n) =>
					n < 200 ? 'a/' : 'b/',
				);
				bucket.support.startsAfter = startsAfter;
				const { list: send } = bucket;
				bucket.list = async (query) => {
					jest.advanceTimersByTime(MINUTE);
					return await send(query);
				};
				const deadline = NOON + 3 * MINUTE;
				const { sids, counts } = await list(scan, sessions, deadline);
				expect(sids.length).toBeLessThan(400);
				if (startsAfter) expect(sids.length).toBeGreaterThan(50);
				if (sids.length > 0) expect(counts).toEqual(['1 and 4']);
			},
		);

		it('leaves out a session of which one recorder was not listed', async () => {
			const bucket = memoryBucket({ now: NOON });
			addComposite(bucket, { sid: sidOf(1), start: NOON });
			addComposite(bucket, { sid: sidOf(1), start: NOON, takeover: 'bak0_' });
			for (let n = 2; n < 40; n++) addComposite(bucket, { sid: sidOf(n), start: NOON });
			const { scan, sessions } = await scanOf(bucket);
			const { list: send } = bucket;
			let requests = 0;
			bucket.list = async (query) => {
				if (++requests === 16) jest.advanceTimersByTime(MINUTE);
				return await send(query);
			};
			// Every other session, so that each is a range; the recorder that took over is the first one.
			const wanted = sessions.filter(({ sid }) => parseInt(sid.slice(-4), 16) % 2 === 1);
			const { sids } = await list(scan, wanted.reverse(), NOON);
			expect(sids.length).toBeGreaterThan(0);
			expect(sids.length).toBeLessThan(wanted.length);
		});
	});
});

describe('listSession', () => {
	it('lists all pages of all prefixes, with the time of the last response', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 2 });
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		addComposite(bucket, { sid: sidOf(1), start: NOON, takeover: 'bak0_' });
		const prefixes = [`${sidOf(1)}_`, `bak0_${sidOf(1)}_`];
		const listed = await listSession(bucket, prefixes, false);
		expect(listed).toMatchObject({ now: NOON, session: { segmentCount: 8, segments: [] } });
		expect((await listSession(bucket, prefixes, true))!.session.segments).toHaveLength(8);
	});

	it('returns null without files', async () => {
		expect(await listSession(memoryBucket(), [`${sidOf(1)}_`], false)).toBeNull();
	});
});

describe('findTakeovers', () => {
	it('returns the prefixes of the recorders that took over, up to the first that is missing', async () => {
		const bucket = memoryBucket();
		for (const n of [0, 1, 3]) bucket.add(`a/bak${n}_${sidOf(1)}_x.m3u8`, NOON);
		const prefix = (n: number) => `a/bak${n}_${sidOf(1)}_`;
		expect(await findTakeovers(bucket, 'a/', sidOf(1))).toEqual([prefix(0), prefix(1)]);
		expect(bucket.requests.lists).toEqual(
			[0, 1, 2].map((n) => ({ prefix: prefix(n), maxKeys: 1 })),
		);
	});
});
