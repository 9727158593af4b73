import {
	findIndexed,
	indexSession,
	recentSessions,
	type KnownSession,
} from '../../../nodes/Agora/recordings/sessionRecord';
import type { Bucket } from '../../../nodes/Agora/storage/types';
import { memoryBucket } from '../memoryBucket';
import { MINUTE, sessionRecordOf, sidOf } from '../recordedSession';

const NOON = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
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

describe('the index of sessions', () => {
	beforeEach(() =>
		jest.useFakeTimers({ now: NOON + DAY, doNotFake: ['nextTick', 'setImmediate'] }),
	);
	afterEach(() => jest.useRealTimers());

	it('gives back a session by its sid', async () => {
		const bucket = memoryBucket({ prefix: 'school/' });
		await indexSession(bucket, FOLDER, recordOf(1));
		expect(await findIndexed(bucket, sidOf(1))).toEqual(known(1));
		expect(await findIndexed(bucket, sidOf(2))).toBeNull();
	});

	it('gives the newest sessions of exactly this channel, in any archive with two kinds of request', async () => {
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

	it('reads no more than it is asked for, and nothing that Agora can no longer control', async () => {
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

	it('takes any channel name, and shows none in a key', async () => {
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
		['another session’s', JSON.stringify({ ...recordOf(2), folder: FOLDER })],
		['without a folder', JSON.stringify(recordOf(1))],
		['with half a folder', JSON.stringify({ ...recordOf(1), folder: 'school' })],
		['with a folder that is no text', JSON.stringify({ ...recordOf(1), folder: 1 })],
	])('overlooks an entry that is %s', async (_, text) => {
		const bucket = memoryBucket();
		await indexSession(bucket, FOLDER, recordOf(1));
		for (const key of bucket.requests.writes) bucket.add(key, NOON, text);
		expect(await findIndexed(bucket, sidOf(1))).toBeNull();
		expect(await newestOf(bucket, 'class_7b', 5)).toEqual([]);
	});

	it('takes one entry of a folded listing', async () => {
		const bucket = memoryBucket();
		for (let n = 0; n < 20; n++) await indexSession(bucket, FOLDER, recordOf(n, `class-${n}`));
		expect((await bucket.list({ prefix: '', delimiter: '_' })).prefixes).toEqual(['_']);
	});
});
