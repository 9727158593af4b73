import {
	findRecordings,
	findSession,
	placesOfSessions,
	type RecordingQuery,
} from '../../../nodes/Agora/recordings/catalogue';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { addComposite, HOUR, MINUTE, SECOND, sidOf, utcStamp } from '../recordedSession';

const NOON = Date.UTC(2026, 10, 23, 12);

async function sidsFound(bucket: MemoryBucket, query: Partial<RecordingQuery> = {}) {
	const recordings = await findRecordings(
		bucket,
		{ folder: bucket.prefix, limit: Infinity, ...query },
		{ includeSegments: false, linkSeconds: 60 },
	);
	return recordings.map(({ sid }) => sid);
}

/** Sessions 1 to `count`, one a minute from noon on, each a minute long. */
function archive(count: number, settings: Parameters<typeof memoryBucket>[0] = {}) {
	const bucket = memoryBucket({ now: NOON + 24 * HOUR, ...settings });
	const folder = settings.prefix ?? '';
	for (let n = 1; n <= count; n++) {
		addComposite(bucket, { folder, sid: sidOf(n), start: NOON + n * MINUTE });
	}
	return bucket;
}

describe('findRecordings', () => {
	it('gives the newest so many, newest first, whatever their names and the pages', async () => {
		const bucket = archive(20, { pageSize: 7 });
		addComposite(bucket, { folder: 'z/', sid: sidOf(99), start: NOON });
		addComposite(bucket, { folder: 'a/', sid: sidOf(0), start: NOON + HOUR });
		bucket.add('readme.txt', NOON);
		expect(await sidsFound(bucket, { limit: 3 })).toEqual([0, 20, 19].map(sidOf));
		const all = await sidsFound(bucket);
		expect(all).toHaveLength(22);
		expect(all.at(-1)).toBe(sidOf(99));
	});

	it('looks into one folder and those below it', async () => {
		const bucket = archive(1);
		addComposite(bucket, { folder: 'school/', sid: sidOf(2), start: NOON });
		addComposite(bucket, { folder: 'school/20261123/', sid: sidOf(3), start: NOON + MINUTE });
		addComposite(bucket, { folder: 'schools/', sid: sidOf(4), start: NOON });
		expect(await sidsFound(bucket, { folder: 'school/' })).toEqual([3, 2].map(sidOf));
	});

	describe('filters', () => {
		/** 1: exact name known; 2: same name in files, another exact name; 3: no record; 4: still running. */
		const bucket = memoryBucket({ now: NOON + 10 * HOUR });
		const add = (n: number, more: Partial<Parameters<typeof addComposite>[1]>) =>
			addComposite(bucket, { sid: sidOf(n), start: NOON + n * HOUR, ...more });
		add(1, { record: { cname: 'class_7b', resourceId: 'first' } });
		add(2, { record: { cname: 'class.7b', resourceId: 'second' } });
		add(3, { channel: 'class-7b' });
		add(9, { channel: 'Other', ended: false, start: NOON + 10 * HOUR - 2 * MINUTE });
		add(5, { channel: 'lost', ended: false });
		const one = NOON + HOUR;

		it.each<[string, Partial<RecordingQuery>, number[]]>([
			['none', {}, [9, 5, 3, 2, 1]],
			['a channel with its exact name', { cname: 'class_7b' }, [3, 1]],
			['a channel by its name in files', { cname: 'class-7b' }, [3]],
			['a channel that is not there', { cname: 'class' }, []],
			['part of a channel name, in any case', { search: 'OTH' }, [9]],
			['part of a channel name as people write it', { search: 's_7' }, [3, 2, 1]],
			['part of a sid', { search: sidOf(5).slice(4).toUpperCase() }, [5]],
			['an empty search', { search: '' }, [9, 5, 3, 2, 1]],
			['a resource ID', { resourceId: 'second' }, [2]],
			['completed', { status: 'completed' }, [3, 2, 1]],
			['recording', { status: 'recording' }, [9]],
			['interrupted', { status: 'interrupted' }, [5]],
			['started at or after', { startedAfter: one + HOUR }, [9, 5, 3, 2]],
			['started after, by a millisecond', { startedAfter: one + HOUR + 1 }, [9, 5, 3]],
			['started at or before', { startedBefore: one }, [1]],
			['started before, by a millisecond', { startedBefore: one - 1 }, []],
			['ended at or before', { endedBefore: one + MINUTE }, [1]],
			['ended before, by a millisecond', { endedBefore: one + MINUTE - 1 }, []],
			['ended at all', { endedBefore: Infinity }, [5, 3, 2, 1]],
			['several at once', { startedAfter: one + 1, cname: 'class_7b', limit: 1 }, [3]],
			['a limit of none', { limit: 0 }, []],
		])('%s', async (_, query, expected) => {
			expect(await sidsFound(bucket, query)).toEqual(expected.map(sidOf));
		});
	});

	it('lists once, and reads only what the listing cannot rule out', async () => {
		const bucket = archive(200, { pageSize: 500 });
		const pages = 2;
		await sidsFound(bucket, { startedAfter: NOON + 198 * MINUTE });
		expect(bucket.requests.lists).toHaveLength(pages);
		expect(bucket.requests.reads).toHaveLength(3);
		bucket.forgetRequests();
		await sidsFound(bucket, { cname: 'somebody-else' });
		expect(bucket.requests.reads).toHaveLength(0);
		await sidsFound(bucket, { limit: 1 });
		expect(bucket.requests.reads.length).toBeLessThan(20);
	});
});

describe('placesOfSessions', () => {
	const sessions: Array<[folder: string, takeover: string, n: number]> = [
		['', '', 1],
		['', 'bak0_', 1],
		['', 'bak0_', 2],
		['20261123/', '', 3],
		['20261123/', 'bak11_', 4],
		['school/7b/20261123/', '', 3],
	];
	const expected = ['', 1, '', 2, '20261123/', 3, '20261123/', 4, 'school/7b/20261123/', 3];

	it.each([
		['a server that folds', false],
		['a server that ignores the delimiter', true],
	])('names every session once, with %s', async (_, ignoresDelimiter) => {
		for (const prefix of ['', 'recordings/']) {
			const bucket = memoryBucket({ prefix, now: NOON, ignoresDelimiter, pageSize: 5 });
			for (const [folder, takeover, n] of sessions) {
				addComposite(bucket, { folder: prefix + folder, takeover, sid: sidOf(n), start: NOON });
			}
			bucket.add(`${prefix}read_me.txt`, NOON);
			bucket.add(`${prefix}notes.txt`, NOON);
			bucket.add(`${prefix}bak0_notes.txt`, NOON);
			const { places, now } = await placesOfSessions(bucket, prefix);
			expect(now).toBe(NOON);
			const found = [...places].map(([id, { folder, sid }]) => [id, folder, sid]);
			const wanted = [0, 2, 4, 6, 8].map((i) => {
				const folder = `${prefix}${expected[i]}`;
				const sid = sidOf(expected[i + 1] as number);
				return [`${folder}${sid}`, folder, sid];
			});
			expect(found.sort()).toEqual(wanted.sort());
		}
	});

	it('costs requests by the number of sessions, not of their files', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 100 });
		for (let n = 0; n < 300; n++) {
			addComposite(bucket, { folder: `2026112${n % 3}/`, sid: sidOf(n), start: NOON, slices: 40 });
		}
		expect((await placesOfSessions(bucket, '')).places.size).toBe(300);
		expect(bucket.requests.lists).toHaveLength(3);
	});
});

describe('findSession', () => {
	it('takes two listings directly below the prefix, whatever the size of the archive', async () => {
		const bucket = archive(500, { prefix: 'recordings/' });
		const read = await findSession(bucket, sidOf(250), false);
		expect(read).toMatchObject({ status: 'completed', session: { segmentCount: 4 } });
		expect(bucket.requests.lists).toHaveLength(2);
		expect(bucket.requests.reads).toHaveLength(1);
	});

	it.each([
		['a folder by day', '20261123/', false],
		['deep folders', 'school/7b/20261123/', false],
		['folders of a server that ignores the delimiter', 'school/7b/', true],
	])('finds it in %s', async (_, folder, ignoresDelimiter) => {
		const bucket = archive(3, { prefix: 'recordings/', ignoresDelimiter });
		addComposite(bucket, { folder: `recordings/${folder}`, sid: sidOf(7), start: NOON });
		const read = await findSession(bucket, sidOf(7), false);
		expect(read?.session).toMatchObject({ sid: sidOf(7), folder: `recordings/${folder}` });
	});

	it.each([
		['the first recorder and two others', ['', 'bak0_', 'bak1_'], 4],
		['a replacing recorder alone', ['bak0_'], 3],
	])('puts together what %s wrote', async (_, takeovers, lists) => {
		const bucket = archive(3);
		takeovers.forEach((takeover, i) => {
			const start = NOON + i * 2 * MINUTE;
			addComposite(bucket, { takeover, sid: sidOf(7), start, ended: i === takeovers.length - 1 });
		});
		const read = await findSession(bucket, sidOf(7), true);
		expect(read?.status).toBe('completed');
		expect(read?.session.segments).toHaveLength(4 * takeovers.length);
		expect(bucket.requests.lists).toHaveLength(lists);
	});

	it('does not take another prefix’s, nor a longer sid’s, nor a foreign file', async () => {
		const bucket = archive(1, { prefix: 'recordings/' });
		addComposite(bucket, { folder: 'other/', sid: sidOf(7), start: NOON });
		bucket.add(`recordings/${sidOf(7)}_notes.txt`, NOON);
		bucket.add(`recordings/${sidOf(7)}0_class_${utcStamp(NOON)}.ts`, NOON + SECOND);
		expect(await findSession(bucket, sidOf(7), false)).toBeNull();
	});

	it('is null in an empty bucket', async () => {
		expect(await findSession(memoryBucket(), sidOf(1), false)).toBeNull();
	});
});
