import { DAY_MS, dayOf } from '../../../nodes/Agora/recordings/day';
import { findNewestOfChannel, findSession } from '../../../nodes/Agora/recordings/find';
import { indexSession } from '../../../nodes/Agora/recordings/sessionRecord';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import {
	addComposite,
	archive,
	NOON,
	HOUR,
	MINUTE,
	SECOND,
	sessionRecordOf,
	sidOf,
	utcStamp,
} from '../recordedSession';

describe('findSession', () => {
	it('sends one listing request if it is directly below the prefix, in an archive of any size', async () => {
		const bucket = archive(500, { prefix: 'recordings/' });
		const read = await findSession(bucket, sidOf(250), false);
		expect(read).toMatchObject({ status: 'completed', session: { segmentCount: 4 } });
		expect(bucket.requests.lists).toHaveLength(1);
		// An index entry, which does not exist, and the playlist.
		expect(bucket.requests.reads).toHaveLength(2);
	});

	it('finds a limited number of recorders on storage that ignores the prefix', async () => {
		const bucket = archive(0);
		addComposite(bucket, { sid: sidOf(7), start: NOON, ended: false });
		const { list } = bucket;
		bucket.list = async (query) => await list({ ...query, prefix: '' });
		expect(await findSession(bucket, sidOf(7), false)).toMatchObject({ status: 'interrupted' });
		expect(bucket.requests.lists.length).toBeLessThan(5);
	});

	it('searches for a second recorder if the first one has not finished, and in individual mode', async () => {
		const bucket = archive(1);
		addComposite(bucket, { sid: sidOf(7), start: NOON, ended: false });
		addComposite(bucket, { sid: sidOf(8), channel: 'x__uid_s_7__uid_e_av', start: NOON });
		for (const n of [7, 8]) {
			bucket.forgetRequests();
			expect(await findSession(bucket, sidOf(n), false)).not.toBeNull();
			expect(bucket.requests.lists).toHaveLength(2);
		}
	});

	it('sends one listing request if it is in the index, in the folder of any day', async () => {
		const bucket = memoryBucket({ prefix: 'recordings/', now: NOON, pageSize: 20 });
		for (let n = 1; n <= 100; n++) {
			const start = NOON - n * DAY_MS;
			const folder = `recordings/${dayOf(start)}/`;
			addComposite(bucket, { folder, sid: sidOf(n), start, record: {} });
			const startedAt = new Date(start).toISOString();
			await indexSession(bucket, folder, sessionRecordOf(sidOf(n), { startedAt }));
		}
		for (const n of [1, 50, 100]) {
			bucket.forgetRequests();
			const read = await findSession(bucket, sidOf(n), false);
			expect(read).toMatchObject({ session: { sid: sidOf(n) }, record: { sid: sidOf(n) } });
			expect(bucket.requests.lists).toHaveLength(1);
			expect(bucket.requests.reads).toHaveLength(2);
		}
	});

	it.each([
		['a folder by day', '20261123/', false],
		['deep folders', 'school/7b/20261123/', false],
		['folders of a server that ignores the delimiter', 'school/7b/', true],
	])('finds a session in %s', async (_, folder, ignoresDelimiter) => {
		const bucket = archive(3, { prefix: 'recordings/', ignoresDelimiter });
		addComposite(bucket, { folder: `recordings/${folder}`, sid: sidOf(7), start: NOON });
		const read = await findSession(bucket, sidOf(7), false);
		expect(read?.session).toMatchObject({ sid: sidOf(7), folder: `recordings/${folder}` });
	});

	it.each([
		['the first recorder and two others', ['', 'bak0_', 'bak1_']],
		['a replacing recorder alone', ['bak0_']],
	])('combines the files of %s', async (_, takeovers) => {
		const bucket = archive(3);
		takeovers.forEach((takeover, i) => {
			const start = NOON + i * 2 * MINUTE;
			addComposite(bucket, { takeover, sid: sidOf(7), start, ended: i === takeovers.length - 1 });
		});
		const read = await findSession(bucket, sidOf(7), true);
		expect(read?.status).toBe('completed');
		expect(read?.session.segments).toHaveLength(4 * takeovers.length);
	});

	it('reads only the latest day folders for a recent session', async () => {
		const bucket = memoryBucket({ pageSize: 20 });
		const today = Date.now();
		for (let n = 0; n < 300; n++) {
			const start = today - n * DAY_MS;
			addComposite(bucket, { folder: `${dayOf(start)}/`, sid: sidOf(n), start, slices: 1 });
		}
		expect(await findSession(bucket, sidOf(1), false)).not.toBeNull();
		// Directly below the prefix, the latest days, and its files.
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(4);
	});

	it('does not return a session of another prefix or sid, or an unrecognized file', async () => {
		const bucket = archive(1, { prefix: 'recordings/' });
		addComposite(bucket, { folder: 'other/', sid: sidOf(7), start: NOON });
		bucket.add(`recordings/${sidOf(7)}_notes.txt`, NOON);
		bucket.add(`recordings/${sidOf(7)}0_class_${utcStamp(NOON)}.ts`, NOON + SECOND);
		expect(await findSession(bucket, sidOf(7), false)).toBeNull();
	});

	it('returns null in an empty bucket', async () => {
		expect(await findSession(memoryBucket(), sidOf(1), false)).toBeNull();
	});
});

describe('findNewestOfChannel', () => {
	const now = Date.now();
	const today = `${dayOf(now)}/`;

	async function newest(bucket: MemoryBucket, cname = 'class_7b') {
		bucket.forgetRequests();
		return (await findNewestOfChannel(bucket, cname, false)).found?.session.sid ?? null;
	}

	it('names channels that differ only in case', async () => {
		const bucket = memoryBucket({ now });
		addComposite(bucket, { sid: sidOf(1), start: now - HOUR });
		expect(await findNewestOfChannel(bucket, 'CLASS-7b', false)).toEqual({
			found: null,
			similar: ['class-7b'],
		});
		expect(await findNewestOfChannel(bucket, 'other', false)).toEqual({ found: null, similar: [] });
	});

	/** A recording as Start saves it: with its session record and its index entries. */
	async function start(
		bucket: MemoryBucket,
		n: number,
		at: number,
		{ ended = true, folder = '', cname = 'class_7b' } = {},
	) {
		addComposite(bucket, { folder, sid: sidOf(n), start: at, ended, record: { cname } });
		const record = sessionRecordOf(sidOf(n), { cname, startedAt: new Date(at).toISOString() });
		await indexSession(bucket, folder, record);
	}

	it('finds a running recording with a few requests, in an archive of any size', async () => {
		const bucket = memoryBucket({ now, pageSize: 100 });
		for (let n = 0; n < 500; n++) await start(bucket, n, now - HOUR - n * MINUTE);
		await start(bucket, 501, now - 20 * MINUTE, { ended: false });
		bucket.now = now - 15 * MINUTE;
		expect(await newest(bucket)).toBe(sidOf(501));
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(3);
		expect(bucket.requests.reads.length).toBeLessThanOrEqual(6);
	});

	it('prefers a running recording to a newer one that has ended', async () => {
		const bucket = memoryBucket({ now });
		await start(bucket, 1, now - 10 * MINUTE, { ended: false });
		await start(bucket, 2, now - 5 * MINUTE);
		expect(await newest(bucket)).toBe(sidOf(1));
	});

	it('returns the newest recording if none is running, started by any program', async () => {
		const bucket = memoryBucket({ now });
		await start(bucket, 1, now - 3 * HOUR);
		addComposite(bucket, { sid: sidOf(2), channel: 'class-7b', start: now - 2 * HOUR });
		addComposite(bucket, { sid: sidOf(3), start: now - HOUR, record: { cname: 'class.7b' } });
		expect(await newest(bucket)).toBe(sidOf(2));
		expect(await newest(bucket, 'class.7b')).toBe(sidOf(3));
		expect(await newest(bucket, 'class')).toBeNull();
	});

	it('finds a running recording that is not in the index', async () => {
		const bucket = memoryBucket({ now });
		await start(bucket, 1, now - 5 * MINUTE);
		const unnoted = { sid: sidOf(2), channel: 'class-7b', start: now - 9 * MINUTE, ended: false };
		addComposite(bucket, unnoted);
		expect(await newest(bucket)).toBe(sidOf(2));
	});

	it('reads only as many days as needed', async () => {
		const bucket = memoryBucket({ now, pageSize: 50 });
		for (let n = 0; n < 400; n++) {
			const at = now - n * DAY_MS - HOUR;
			await start(bucket, n, at, { folder: `${dayOf(at)}/`, cname: `class-${n % 10}` });
		}
		addComposite(bucket, { folder: today, sid: sidOf(999), start: now - MINUTE });
		expect(await newest(bucket, 'class-1')).toBe(sidOf(1));
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(10);
		expect(await newest(bucket, 'class-9')).toBe(sidOf(9));
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(16);
	});

	it('ignores index entries of deleted recordings', async () => {
		const bucket = memoryBucket({ now });
		await indexSession(bucket, 'gone/', sessionRecordOf(sidOf(1)));
		await start(bucket, 2, now - 3 * HOUR);
		expect(await newest(bucket)).toBe(sidOf(2));
	});

	it('lists the segments of all recorders if requested', async () => {
		const bucket = memoryBucket({ now });
		const first = { sid: sidOf(1), start: now - 3 * HOUR };
		addComposite(bucket, { ...first, ended: false, record: {} });
		addComposite(bucket, { ...first, takeover: 'bak0_', start: now - 2 * HOUR });
		addComposite(bucket, { sid: sidOf(2), start: now - 5 * HOUR });
		const { found } = await findNewestOfChannel(bucket, 'class_7b', true);
		expect(found).toMatchObject({ record: { cname: 'class_7b' }, session: { segmentCount: 8 } });
		expect(found!.session.segments).toHaveLength(8);
		const without = await findNewestOfChannel(bucket, 'class_7b', false);
		expect(without.found!.session).toMatchObject({ segmentCount: 8, segments: [] });
		expect((await findNewestOfChannel(bucket, 'nobody', true)).found).toBeNull();
	});

	it('lists the segments of a running recording in the index if requested', async () => {
		const bucket = memoryBucket({ now });
		await start(bucket, 1, now - 5 * MINUTE, { ended: false });
		const { found } = await findNewestOfChannel(bucket, 'class_7b', true);
		expect(found!.session.segments).toHaveLength(4);
	});

	it('does not load sessions whose index entry contains a stop', async () => {
		const bucket = memoryBucket({ now });
		await start(bucket, 1, now - 5 * MINUTE, { ended: false });
		const stopped = new Date(now - MINUTE).toISOString();
		const changes = { startedAt: new Date(now - 3 * MINUTE).toISOString(), endedAt: stopped };
		await indexSession(bucket, '', sessionRecordOf(sidOf(2), changes));
		addComposite(bucket, { sid: sidOf(2), start: now - 3 * MINUTE, ended: false });
		expect(await newest(bucket)).toBe(sidOf(1));
		expect(bucket.requests.lists.some(({ prefix }) => prefix === `${sidOf(2)}_`)).toBe(false);
	});

	it('finds a running recording that is older than many others', async () => {
		const bucket = memoryBucket({ now });
		for (let n = 1; n <= 20; n++) addComposite(bucket, { sid: sidOf(n), start: now - n * MINUTE });
		addComposite(bucket, { sid: sidOf(30), start: now - 25 * MINUTE, ended: false });
		addComposite(bucket, { sid: sidOf(31), start: now - 5 * HOUR });
		expect(await newest(bucket)).toBe(sidOf(30));
	});

	it('reads a few of many recordings that are too old to be running', async () => {
		const bucket = memoryBucket({ now });
		for (let n = 1; n <= 20; n++) {
			addComposite(bucket, { sid: sidOf(n), start: now - 3 * HOUR - n * MINUTE });
		}
		expect(await newest(bucket)).toBe(sidOf(1));
		expect(bucket.requests.reads).toHaveLength(8);
	});

	it('finds the newest one behind many with the same name in files', async () => {
		const bucket = memoryBucket({ now });
		for (let n = 1; n <= 20; n++) {
			const record = { cname: n < 20 ? 'class.7b' : 'class_7b' };
			addComposite(bucket, { sid: sidOf(n), start: now - 3 * HOUR - n * MINUTE, record });
		}
		expect(await newest(bucket)).toBe(sidOf(20));
	});

	it('ignores files of other tools', async () => {
		const bucket = memoryBucket({ now });
		addComposite(bucket, { sid: sidOf(1), start: now - 3 * HOUR });
		bucket.add(`${sidOf(2)}_class-7b.vtt`, now - HOUR);
		expect(await newest(bucket)).toBe(sidOf(1));
	});
});
