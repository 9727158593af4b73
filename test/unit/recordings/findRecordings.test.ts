import { DAY_MS, dayOf } from '../../../nodes/Agora/recordings/day';
import { findRecordings, type RecordingQuery } from '../../../nodes/Agora/recordings/find';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import {
	addComposite,
	archive,
	HOUR,
	MINUTE,
	NOON,
	SECOND,
	sessionRecordOf,
	sidOf,
	utcStamp,
} from '../recordedSession';

async function sidsFound(bucket: MemoryBucket, query: Partial<RecordingQuery> = {}) {
	const { recordings } = await findRecordings(
		bucket,
		{ folder: bucket.prefix, limit: Infinity, ...query },
		{ includeSegments: false, linkSeconds: 60 },
	);
	return recordings.map(({ sid }) => sid);
}

describe('findRecordings', () => {
	it('reads more at once if few recordings match a filter', async () => {
		const bucket = archive(400);
		addComposite(bucket, {
			sid: sidOf(900),
			start: NOON - HOUR,
			record: { resourceId: 'the-one' },
		});
		let atOnce = 0;
		let most = 0;
		const { getText } = bucket;
		bucket.getText = async (key) => {
			most = Math.max(most, ++atOnce);
			await new Promise(setImmediate);
			atOnce--;
			return await getText(key);
		};
		expect(await sidsFound(bucket, { resourceId: 'the-one', limit: 1 })).toEqual([sidOf(900)]);
		expect(most).toBeGreaterThan(10);
	});

	it('returns a stopped recording with status recording while its files are uploaded from a backup', async () => {
		const bucket = memoryBucket({ now: NOON + 5 * HOUR });
		const endedAt = new Date(NOON).toISOString();
		const record = { endedAt, uploadingStatus: 'backuped' };
		addComposite(bucket, { sid: sidOf(1), start: NOON, ended: false, record });
		expect(await sidsFound(bucket, { status: 'recording', limit: 5 })).toEqual([sidOf(1)]);
		bucket.now = NOON + 73 * HOUR;
		expect(await sidsFound(bucket, { status: 'recording', limit: 5 })).toEqual([]);
	});

	it('returns the newest recordings first, up to the limit, with any names and pages', async () => {
		const bucket = archive(20, { pageSize: 7 });
		addComposite(bucket, { folder: 'z/', sid: sidOf(99), start: NOON });
		addComposite(bucket, { folder: 'a/', sid: sidOf(0), start: NOON + HOUR });
		bucket.add('readme.txt', NOON);
		expect(await sidsFound(bucket, { limit: 3 })).toEqual([0, 20, 19].map(sidOf));
		const all = await sidsFound(bucket);
		expect(all).toHaveLength(22);
		expect(all.at(-1)).toBe(sidOf(99));
	});

	it('returns the recordings of channels that begin with a prefix, by the exact name if there is a record', async () => {
		const bucket = memoryBucket({ now: NOON + HOUR });
		addComposite(bucket, { sid: sidOf(1), start: NOON, record: { cname: 'class_7b' } });
		addComposite(bucket, { sid: sidOf(2), start: NOON + MINUTE });
		expect(await sidsFound(bucket, { cnamePrefix: 'class_' })).toEqual([sidOf(2), sidOf(1)]);
		expect(await sidsFound(bucket, { cnamePrefix: 'class-' })).toEqual([sidOf(2)]);
		expect(await sidsFound(bucket, { cnamePrefix: '7b' })).toEqual([]);
	});

	it('counts what it searched, and names channels that differ only in case', async () => {
		const bucket = memoryBucket({ now: NOON + HOUR });
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		addComposite(bucket, { sid: sidOf(2), start: NOON });
		const find = async (cname: string) =>
			await findRecordings(
				bucket,
				{ folder: '', limit: Infinity, cname },
				{ includeSegments: false, linkSeconds: 60 },
			);
		expect(await find('Class-7B')).toMatchObject({
			recordings: [],
			searched: 2,
			similar: ['class-7b'],
		});
		expect(await find('class')).toMatchObject({ searched: 2, similar: [] });
		expect(await find('class-7b')).toMatchObject({ searched: 2, similar: [] });
	});

	it('searches by the start in both forms that the editor shows', async () => {
		const bucket = memoryBucket({ now: NOON + HOUR });
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		for (const search of ['2026-11-23', '23 Nov 2026', '23 nov']) {
			expect(await sidsFound(bucket, { search })).toEqual([sidOf(1)]);
		}
		expect(await sidsFound(bucket, { search: 'Nov 2026' })).toEqual([]);
	});

	it('searches one folder and those below it', async () => {
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
			['the start of a start time', { search: '2026-11-23 13' }, [1]],
			['a start time with its minute', { search: '2026-11-23 21:58' }, [9]],
			['part of a start time', { search: '11-23 13' }, []],
			['a channel name and the beginning of a sid', { search: 'lost c0ff' }, [5]],
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

	it('lists each file once, and reads only recordings that the listing cannot rule out', async () => {
		const bucket = archive(200, { pageSize: 500 });
		await sidsFound(bucket, { startedAfter: NOON + 198 * MINUTE });
		// One page of sessions, three of their thousand files: the first shows how many fit on a page.
		expect(bucket.requests.lists).toHaveLength(1 + 3);
		expect(bucket.requests.reads).toHaveLength(3);
		bucket.forgetRequests();
		await sidsFound(bucket, { cname: 'somebody-else' });
		expect(bucket.requests.reads).toHaveLength(0);
		await sidsFound(bucket, { limit: 1 });
		expect(bucket.requests.reads.length).toBeLessThan(20);
	});

	it('searches unrecognized prefixes without listing all of their files', async () => {
		const bucket = archive(3);
		for (let n = 0; n < 5000; n++) bucket.add(`backup_of/${n}.tar`, NOON);
		bucket.add('notes.txt', NOON);
		const found = await findRecordings(
			bucket,
			{ folder: '', limit: 50 },
			{ includeSegments: false, linkSeconds: 60 },
		);
		expect(found.recordings).toHaveLength(3);
		expect(found.unrecognized).toBe(5001);
		expect(found.unsearched).toEqual([]);
		// One page of sessions, one of their files, five of the folder.
		expect(bucket.requests.lists).toHaveLength(7);
		expect(bucket.requests.reads).toHaveLength(3);
	});

	it.each<[string, Parameters<typeof memoryBucket>[0]]>([
		['a server that folds', {}],
		['one that ignores the delimiter', { ignoresDelimiter: true }],
		['one that ignores where to start', { ignoresStartAfter: true }],
		['one that ignores both', { ignoresDelimiter: true, ignoresStartAfter: true }],
	])('counts each file once, with %s', async (_, settings) => {
		const bucket = archive(30, { pageSize: 7, ...settings });
		for (let day = 0; day < 30; day++) {
			const start = NOON - day * DAY_MS;
			addComposite(bucket, { folder: `${dayOf(start)}/`, sid: sidOf(100 + day), start });
		}
		const between = `20260000${sidOf(0).slice(8)}`;
		addComposite(bucket, { sid: between, start: NOON + HOUR });
		addComposite(bucket, { sid: between, takeover: 'bak0_', start: NOON + 2 * HOUR });
		for (const limit of [Infinity, 61, 20]) {
			const { recordings } = await findRecordings(
				bucket,
				{ folder: '', limit },
				{ includeSegments: false, linkSeconds: 60 },
			);
			const counts = recordings
				.filter(({ sid }) => sid !== between)
				.map(({ segment_count, file_list }) => [segment_count, file_list.length].join());
			expect(new Set(counts)).toEqual(new Set(['4,1']));
			expect(recordings.filter(({ sid }) => sid === between)).toEqual([
				expect.objectContaining({ segment_count: 8 }),
			]);
		}
	});

	it('returns as many as the limit if more of those read at once match', async () => {
		const bucket = archive(17);
		const record = { resourceId: 'wanted' };
		for (const n of [1, 2, 3, 4]) {
			addComposite(bucket, { sid: sidOf(100 + n), start: NOON + n * SECOND, record });
		}
		const found = await sidsFound(bucket, { resourceId: 'wanted', limit: 3 });
		expect(found).toEqual([104, 103, 102].map(sidOf));
	});

	/** @returns how many playlists are read of 400 recordings, of which those at these positions match */
	async function playlistsRead(positions: number[], limit: number): Promise<number> {
		const bucket = archive(400);
		const sids = positions.map((position) => sidOf(401 - position));
		const text = JSON.stringify(sessionRecordOf('', { resourceId: 'wanted' }));
		for (const sid of sids) {
			bucket.add(`${sid}_class-7b.session.json`, NOON, text.replace('""', `"${sid}"`));
		}
		expect(await sidsFound(bucket, { resourceId: 'wanted', limit })).toEqual(sids);
		return bucket.requests.reads.filter((key) => key.endsWith('.m3u8')).length;
	}

	it('reads twice as many at once after each time without a match, up to 64', async () => {
		// 1 + 2 + 4 + 8 + 16 + 32 + 64 are 127.
		expect(await playlistsRead([127], 1)).toBe(127);
		expect(await playlistsRead([128], 1)).toBe(127 + 64);
		expect(await playlistsRead([200], 1)).toBe(127 + 64 + 64);
	});

	it('reads only as many as are still needed after a match', async () => {
		// 2 + 4 + 8 + 16 + 32 + 64 are 126.
		expect(await playlistsRead([100, 130], 2)).toBe(126 + 1 + 2 + 4);
		expect(await playlistsRead([1, 2, 3], 3)).toBe(3);
	});

	it('finds a recording of thirty days by its end', async () => {
		const bucket = memoryBucket({ now: NOON + 31 * DAY_MS });
		const folder = `${dayOf(NOON)}/`;
		const starts = [NOON, NOON + 30 * DAY_MS - MINUTE];
		for (const [i, at] of starts.entries()) {
			bucket.add(`${folder}${sidOf(1)}_a_${utcStamp(at)}.ts`, NOON + i * 30 * DAY_MS);
		}
		const playlist = starts.map((at) => `#EXTINF:15\n${sidOf(1)}_a_${utcStamp(at)}.ts`);
		const text = ['#EXTM3U', ...playlist, '#EXT-X-ENDLIST'].join('\n');
		bucket.add(`${folder}${sidOf(1)}_a.m3u8`, NOON + 30 * DAY_MS, text);
		const endedAfter = NOON + 30 * DAY_MS - MINUTE;
		expect(await sidsFound(bucket, { endedAfter })).toEqual([sidOf(1)]);
	});

	it('reads no recording that started before Started After, also with Ended After', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let day = 0; day < 60; day++) {
			const start = NOON - day * DAY_MS;
			addComposite(bucket, { folder: `${dayOf(start)}/`, sid: sidOf(day), start });
		}
		bucket.forgetRequests();
		const query = { endedAfter: NOON - 2 * HOUR, startedAfter: NOON - HOUR };
		expect(await sidsFound(bucket, query)).toEqual([sidOf(0)]);
		expect(bucket.requests.reads).toHaveLength(1);
	});

	it('reads no playlist of a recording that is too old for the status recording', async () => {
		const bucket = archive(20);
		expect(await sidsFound(bucket, { status: 'recording' })).toEqual([]);
		expect(bucket.requests.reads).toEqual([]);
		expect(await sidsFound(bucket, { status: 'completed' })).toHaveLength(20);
	});

	it('leaves out a recording that is deleted during the search', async () => {
		const bucket = archive(3);
		const { list } = bucket;
		bucket.list = async (query) => {
			const page = await list(query);
			if (query.delimiter === undefined) return page;
			for (const { key } of (await list({ prefix: sidOf(2) })).objects) bucket.remove(key);
			return page;
		};
		expect(await sidsFound(bucket)).toEqual([3, 1].map(sidOf));
	});

	it('finds nothing in an empty bucket', async () => {
		const nothing = { recordings: [], searched: 0, similar: [], unrecognized: 0, unsearched: [] };
		const presentation = { includeSegments: false, linkSeconds: 60 };
		const query = { folder: '', limit: 5 };
		expect(await findRecordings(memoryBucket(), query, presentation)).toEqual(nothing);
	});

	it('lists segments of all recorders one by one if requested', async () => {
		const bucket = archive(1);
		addComposite(bucket, { sid: sidOf(1), start: NOON + HOUR, takeover: 'bak0_' });
		const presentation = { includeSegments: true, linkSeconds: 60 };
		const query = { folder: '', limit: 5 };
		const { recordings } = await findRecordings(bucket, query, presentation);
		const segments = recordings[0]!.file_list.filter(({ kind }) => kind === 'segment');
		expect(segments).toHaveLength(8);
	});

	it('lists segments one by one if requested', async () => {
		const bucket = archive(2);
		const found = await findRecordings(
			bucket,
			{ folder: '', limit: 1 },
			{ includeSegments: true, linkSeconds: 60 },
		);
		const kinds = found.recordings[0]!.file_list.map(({ kind }) => kind);
		expect(kinds.filter((kind) => kind === 'segment')).toHaveLength(4);
		expect(found.recordings[0]).toMatchObject({ segment_count: 4 });
	});

	describe('with day folders', () => {
		const DAYS = 1000;
		/** Two sessions a day for a thousand days, the last one NOON's. */
		function dailyArchive(settings: Parameters<typeof memoryBucket>[0] = {}, parent = '') {
			const bucket = memoryBucket({ now: NOON + HOUR, pageSize: 100, ...settings });
			for (let n = 0; n < 2 * DAYS; n++) {
				const start = NOON - Math.floor(n / 2) * DAY_MS + (n % 2) * MINUTE;
				addComposite(bucket, { folder: `${parent}${dayOf(start)}/`, sid: sidOf(n), start });
			}
			return bucket;
		}

		beforeAll(() => jest.useFakeTimers({ now: NOON + HOUR, doNotFake: ['nextTick'] }));
		afterAll(() => jest.useRealTimers());

		it('reads only the newest days, until the limit is reached', async () => {
			const bucket = dailyArchive();
			expect(await sidsFound(bucket, { limit: 3 })).toEqual([1, 0, 3].map(sidOf));
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(4);
			bucket.forgetRequests();
			expect(await sidsFound(bucket, { limit: 30 })).toHaveLength(30);
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(8);
		});

		it('lists no files of the days between those of two folders', async () => {
			const bucket = dailyArchive({}, 'class-b/');
			const folder = `class-a/${dayOf(NOON)}/`;
			for (let n = 0; n < 50; n++) addComposite(bucket, { folder, sid: sidOf(n), start: NOON });
			expect(await sidsFound(bucket, { startedAfter: NOON })).toHaveLength(52);
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(8);
		});

		it('puts an old recording outside day folders behind newer ones inside', async () => {
			const bucket = dailyArchive();
			addComposite(bucket, { sid: sidOf(9999), start: NOON - 5 * DAY_MS + HOUR });
			const newer = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8].map(sidOf);
			expect(await sidsFound(bucket, { limit: 12 })).toEqual([...newer, sidOf(9999), sidOf(11)]);
		});

		it('reads only days in which a recording can end in time', async () => {
			const bucket = dailyArchive();
			const endedAfter = NOON - DAY_MS - HOUR;
			expect(await sidsFound(bucket, { endedAfter })).toEqual([1, 0, 3, 2].map(sidOf));
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(8);
		});

		it('reads only days within a time filter', async () => {
			const bucket = dailyArchive();
			const day = NOON - 500 * DAY_MS;
			const query = { startedAfter: day, startedBefore: day + HOUR };
			expect(await sidsFound(bucket, query)).toEqual([1001, 1000].map(sidOf));
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(5);
		});

		it.each<[string, Parameters<typeof memoryBucket>[0]]>([
			['a server that folds', {}],
			['one that ignores the delimiter', { ignoresDelimiter: true }],
			['one that ignores where to start', { ignoresStartAfter: true }],
			['one that ignores both', { ignoresDelimiter: true, ignoresStartAfter: true }],
			['pages of three', { pageSize: 3 }],
		])('finds all of them, newest first, with %s', async (_, settings) => {
			const bucket = dailyArchive(settings, 'classes/');
			addComposite(bucket, { folder: 'classes/', sid: `2023${sidOf(0).slice(4)}`, start: NOON });
			addComposite(bucket, {
				folder: 'classes/',
				sid: `20260101${sidOf(1).slice(8)}`,
				start: NOON,
			});
			addComposite(bucket, {
				folder: 'classes/',
				sid: `ffff${sidOf(2).slice(4)}`,
				start: NOON - DAY_MS,
			});
			for (const limit of [Infinity, 2003, 100, 7]) {
				const sids = await sidsFound(bucket, { limit });
				expect(sids).toHaveLength(Math.min(limit, 2003));
				expect(new Set(sids).size).toBe(sids.length);
				expect(new Set(sids.slice(0, 4))).toEqual(
					new Set([sidOf(0), sidOf(1), `2023${sidOf(0).slice(4)}`, `20260101${sidOf(1).slice(8)}`]),
				);
			}
		});
	});
});
