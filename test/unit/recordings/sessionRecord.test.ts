import {
	findIndexed,
	indexSession,
	loadSessionRecord,
	readSessionRecord,
	recentSessions,
	saveSessionRecord,
	type KnownSession,
} from '../../../nodes/Agora/recordings/sessionRecord';
import type { Bucket } from '../../../nodes/Agora/storage/types';
import { memoryBucket } from '../memoryBucket';
import { DAY, MINUTE, NOON, sessionRecordOf, sidOf } from '../recordedSession';

const SID = sidOf(1);
const RECORD = sessionRecordOf(SID, { cname: 'class_7b é', avFileType: ['hls', 'mp4'] });

describe('the session record', () => {
	it('is saved next to the files of the recording and loaded again', async () => {
		const bucket = memoryBucket();
		await saveSessionRecord(bucket, 'school/20261123/', RECORD);
		const key = `school/20261123/${SID}_class-7b é.session.json`;
		expect(bucket.requests.writes).toEqual([key]);
		expect(await loadSessionRecord(bucket, key, SID)).toEqual(RECORD);
	});

	it('is null if there is none', async () => {
		expect(await loadSessionRecord(memoryBucket(), 'gone.session.json', SID)).toBeNull();
	});

	const without = (field: string) => JSON.stringify({ ...RECORD, [field]: undefined });
	it.each([
		['nothing', ''],
		['cut short', JSON.stringify(RECORD).slice(0, -1)],
		['null', 'null'],
		['a number', '7'],
		['a list', '[]'],
		['of another session', JSON.stringify(sessionRecordOf(sidOf(2)))],
		['without sid', without('sid')],
		['without resourceId', without('resourceId')],
		['without cname', without('cname')],
		['without startedAt', without('startedAt')],
		['with a uid that is a number', JSON.stringify({ ...RECORD, uid: 7 })],
	])('is null if the object is %s', (_, text) => {
		expect(readSessionRecord(text, SID)).toBeNull();
	});

	it.each([
		['nothing', undefined, []],
		['text', 'mp4', []],
		['a list with other things in it', ['hls', 7, null, {}], ['hls']],
	])('has only strings as file formats if they are %s', (_, avFileType, expected) => {
		const text = JSON.stringify({ ...RECORD, avFileType });
		expect(readSessionRecord(text, SID)?.avFileType).toEqual(expected);
	});

	it('ignores unknown fields', () => {
		const text = JSON.stringify(RECORD).replace('{', '{"__proto__":{"x":1},"secretKey":"fake",');
		expect(readSessionRecord(text, SID)).toEqual(RECORD);
		expect(Object.keys(readSessionRecord(text, SID)!).sort()).toEqual(Object.keys(RECORD).sort());
	});
});

const FOLDER = 'school/20261123/';
const recordOf = (n: number, cname = 'class_7b') =>
	sessionRecordOf(sidOf(n), { cname, startedAt: new Date(NOON + n * MINUTE).toISOString() });
const known = (n: number, cname = 'class_7b') => ({
	sid: sidOf(n),
	folder: FOLDER,
	record: recordOf(n, cname),
});

/** @returns the sessions of a channel, read to the end */
async function newestOf(bucket: Bucket, cname: string, most: number): Promise<KnownSession[]> {
	const found: KnownSession[] = [];
	for await (const each of recentSessions(bucket, cname, most)) found.push(each);
	return found;
}

describe('the session index', () => {
	beforeEach(() =>
		jest.useFakeTimers({ now: NOON + DAY, doNotFake: ['nextTick', 'setImmediate'] }),
	);
	afterEach(() => jest.useRealTimers());

	it('returns a session by its sid', async () => {
		const bucket = memoryBucket({ prefix: 'school/' });
		await indexSession(bucket, FOLDER, recordOf(1));
		expect(await findIndexed(bucket, sidOf(1))).toEqual(known(1));
		expect(await findIndexed(bucket, sidOf(2))).toBeNull();
	});

	it('returns the newest sessions of exactly one channel, with one listing request', async () => {
		const bucket = memoryBucket({ prefix: 'school/' });
		for (let n = 0; n < 50; n++) {
			await indexSession(bucket, FOLDER, recordOf(n, n % 2 ? 'class_7b' : 'class.7b'));
		}
		bucket.forgetRequests();
		const found = await newestOf(bucket, 'class_7b', 3);
		expect(found).toEqual([49, 47, 45].map((n) => known(n)));
		expect(bucket.requests).toMatchObject({ lists: [{ maxKeys: 3 }], reads: { length: 3 } });
		expect(await newestOf(bucket, 'class', 3)).toEqual([]);
	});

	it('reads only requested sessions, and none that Agora can no longer control', async () => {
		const bucket = memoryBucket();
		for (let n = 0; n < 20; n++) await indexSession(bucket, FOLDER, recordOf(n));
		const old = { ...recordOf(30), startedAt: new Date(NOON - 30 * DAY).toISOString() };
		await indexSession(bucket, FOLDER, old);
		bucket.forgetRequests();
		for await (const { sid } of recentSessions(bucket, 'class_7b', 30)) {
			expect(sid).toBe(sidOf(19));
			break;
		}
		expect(bucket.requests.reads).toHaveLength(4);
		expect(await newestOf(bucket, 'class_7b', 30)).toHaveLength(20);
	});

	it('accepts any channel name, and contains none in a key', async () => {
		const bucket = memoryBucket();
		const names = ['../../x', 'ä'.repeat(500), '?#%', 'a b', '\u0000', '_'];
		for (const [n, name] of names.entries()) {
			await indexSession(bucket, FOLDER, recordOf(n, name));
		}
		for (const [n, name] of names.entries()) {
			expect(await newestOf(bucket, name, 5)).toEqual([known(n, name)]);
		}
		for (const key of bucket.requests.writes) expect(key).toMatch(/^[\w./-]+$/);
	});

	it.each([
		['not JSON', 'x'],
		['of another session', JSON.stringify({ ...recordOf(2), folder: FOLDER })],
		['without a folder', JSON.stringify(recordOf(1))],
		['with a folder without a slash', JSON.stringify({ ...recordOf(1), folder: 'school' })],
		['with a folder that is not a string', JSON.stringify({ ...recordOf(1), folder: 1 })],
	])('ignores an entry that is %s', async (_, text) => {
		const bucket = memoryBucket();
		await indexSession(bucket, FOLDER, recordOf(1));
		for (const key of bucket.requests.writes) bucket.add(key, NOON, text);
		expect(await findIndexed(bucket, sidOf(1))).toBeNull();
		expect(await newestOf(bucket, 'class_7b', 5)).toEqual([]);
	});

	it('is one entry of a folded listing', async () => {
		const bucket = memoryBucket();
		for (let n = 0; n < 20; n++) await indexSession(bucket, FOLDER, recordOf(n, `class-${n}`));
		expect((await bucket.list({ prefix: '', delimiter: '_' })).prefixes).toEqual(['_']);
	});
});
