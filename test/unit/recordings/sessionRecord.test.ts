import { Fault } from '../../../nodes/Agora/http/errors';
import {
	findIndexed,
	ifAllowed,
	indexSession,
	loadSessionRecord,
	loadUnanswered,
	readSessionRecord,
	recentSessions,
	recordedStorage,
	saveSession,
	saveSessionRecord,
	saveUnanswered,
	type KnownSession,
	type Unanswered,
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
		expect(await bucket.getText(key)).toBe(JSON.stringify(RECORD, null, '\t'));
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
		['without uid', without('uid')],
		['without mode', without('mode')],
		['without appId', without('appId')],
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

	it('has the stop, the hours and the storage, if they are valid', () => {
		const optional = {
			endedAt: '2026-11-23T10:00:00.000Z',
			uploadingStatus: 'backuped',
			resourceExpiredHour: 72,
			storage: { fileNamePrefix: ['class'], extensionParams: { sse: 'kms' } },
		};
		const read = (changes: object) =>
			readSessionRecord(JSON.stringify({ ...RECORD, ...optional, ...changes }), SID);
		expect(read({})).toEqual({ ...RECORD, ...optional });
		const { endedAt, uploadingStatus, resourceExpiredHour, storage } = optional;
		expect(read({ uploadingStatus: 7 })).toEqual({
			...RECORD,
			endedAt,
			resourceExpiredHour,
			storage,
		});
		for (const invalid of ['yesterday', 5, undefined]) {
			expect(read({ endedAt: invalid })).toEqual({ ...RECORD, resourceExpiredHour, storage });
		}
		for (const invalid of ['72', null, undefined]) {
			expect(read({ resourceExpiredHour: invalid })).toEqual({
				...RECORD,
				endedAt,
				uploadingStatus,
				storage,
			});
		}
	});

	it('ignores unknown fields', () => {
		const text = JSON.stringify(RECORD).replace('{', '{"__proto__":{"x":1},"secretKey":"fake",');
		expect(readSessionRecord(text, SID)).toEqual(RECORD);
		expect(Object.keys(readSessionRecord(text, SID)!).sort()).toEqual(Object.keys(RECORD).sort());
	});
});

describe('recordedStorage', () => {
	it('has the folders and only the settings without secrets', () => {
		const config = {
			vendor: 1,
			accessKey: 'fake',
			secretKey: 'fake',
			fileNamePrefix: ['a', 7, 'b'],
			extensionParams: { sse: 'kms', tag: 'public', endpoint: 'x', other: 'y' },
		};
		expect(recordedStorage(config)).toEqual({
			fileNamePrefix: ['a', 'b'],
			extensionParams: { sse: 'kms', tag: 'public' },
		});
	});

	it.each([
		[undefined],
		[null],
		[{}],
		['x'],
		[{ fileNamePrefix: 'ab', extensionParams: { sse: 1 } }],
	])('is empty for %j', (config) => {
		expect(recordedStorage(config)).toEqual({ fileNamePrefix: [], extensionParams: {} });
	});
});

describe('ifAllowed', () => {
	it.each([
		['access is denied', { httpCode: '403' }],
		['only this object is refused', { httpCode: '400', onlyThisObject: true }],
	])('returns null if %s', async (_, details) => {
		expect(await ifAllowed(Promise.reject(new Fault('refused', details)))).toBeNull();
	});

	it.each([
		['another status', new Fault('failed', { httpCode: '500' })],
		['no response', new Fault('failed')],
		['a bug', new TypeError('oops')],
	])('throws an error because of %s', async (_, error) => {
		await expect(ifAllowed(Promise.reject(error))).rejects.toBe(error);
	});

	it('returns the result of the request', async () => {
		expect(await ifAllowed(Promise.resolve('text'))).toBe('text');
	});
});

describe('a bucket whose index may not be read', () => {
	it('counts as having no session record and no index', async () => {
		const bucket = memoryBucket();
		await saveSession(bucket, '', RECORD);
		const [key] = bucket.requests.writes.filter((each) => each.endsWith('.session.json'));
		const denied = async () => {
			throw new Fault('denied', { httpCode: '403' });
		};
		Object.assign(bucket, { getText: denied, list: denied });
		expect(await loadSessionRecord(bucket, key!, SID)).toBeNull();
		expect(await findIndexed(bucket, SID)).toBeNull();
		expect(await loadUnanswered(bucket, RECORD)).toBeNull();
		expect(await newestOf(bucket, RECORD.cname, 5)).toEqual([]);
	});
});

describe('saveSession', () => {
	it('saves the record next to the files, and two entries in the index', async () => {
		const bucket = memoryBucket({ prefix: 'school/' });
		await saveSession(bucket, 'school/a/', RECORD);
		const [byChannel, bySid, own] = bucket.requests.writes.toSorted();
		expect(own).toBe(`school/a/${SID}_class-7b é.session.json`);
		expect(bySid).toBe(`school/_sessions/by-sid/${SID}.json`);
		const age = 9_999_999_999_999 - Date.parse(RECORD.startedAt);
		expect(byChannel).toMatch(/^school\/_sessions\/by-channel\/[0-9a-f]{32}\//);
		expect(byChannel!.endsWith(`/${age}_${SID}.json`)).toBe(true);
		const entry = JSON.stringify({ ...RECORD, folder: 'school/a/' }, null, '\t');
		for (const key of [byChannel, bySid]) expect(await bucket.getText(key!)).toBe(entry);
	});
});

it.each([
	['a session', async (bucket: Bucket) => await saveSession(bucket, '', RECORD), 3],
	[
		'a start without a response',
		async (bucket: Bucket) => await saveUnanswered(bucket, '', RECORD),
		1,
	],
])('%s is saved as indented JSON', async (_, save, count) => {
	const bucket = memoryBucket();
	const types: string[] = [];
	const { put } = bucket;
	bucket.put = async (key, body, contentType) => {
		types.push(contentType);
		await put(key, body, contentType);
	};
	await save(bucket);
	expect(types).toEqual(Array(count).fill('application/json'));
	for (const key of bucket.requests.writes) expect(await bucket.getText(key)).toMatch(/^\{\n\t"/);
});

describe('a start without a response', () => {
	const START: Unanswered = sessionRecordOf('');

	it('is saved for its recorder, and loaded without a sid', async () => {
		const bucket = memoryBucket({ prefix: 'school/' });
		await saveUnanswered(bucket, 'school/a/', START);
		expect(bucket.requests.writes[0]).toMatch(
			/^school\/_sessions\/unanswered\/[0-9a-f]{32}\.json$/,
		);
		expect(await loadUnanswered(bucket, START)).toEqual({
			sid: '',
			folder: 'school/a/',
			record: { ...START, sid: '' },
		});
	});

	it.each(['appId', 'cname', 'uid', 'mode'] as const)(
		'is not that of a recorder with another %s',
		async (field) => {
			const bucket = memoryBucket();
			await saveUnanswered(bucket, '', START);
			expect(await loadUnanswered(bucket, { ...START, [field]: 'other' })).toBeNull();
			expect(await loadUnanswered(bucket, { ...START })).not.toBeNull();
		},
	);

	it('is null if there was none', async () => {
		expect(await loadUnanswered(memoryBucket(), START)).toBeNull();
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
async function newestOf(bucket: Bucket, cname: string, most?: number): Promise<KnownSession[]> {
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

	it('reads sessions that Agora can control for up to 720 hours, four at the same time', async () => {
		const bucket = memoryBucket();
		for (let n = 1; n < 10; n++) {
			const startedAt = new Date(NOON + DAY - 720 * 60 * MINUTE + n).toISOString();
			await indexSession(bucket, FOLDER, { ...recordOf(n), startedAt });
		}
		const startedAt = new Date(NOON + DAY - 720 * 60 * MINUTE).toISOString();
		await indexSession(bucket, FOLDER, { ...recordOf(10), startedAt });
		const { getText } = bucket;
		let [inFlight, most] = [0, 0];
		bucket.getText = async (key) => {
			most = Math.max(most, ++inFlight);
			await new Promise(setImmediate);
			inFlight--;
			return await getText(key);
		};
		const found = await newestOf(bucket, 'class_7b', 30);
		expect(found.map(({ sid }) => sid)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1].map(sidOf));
		expect(most).toBe(4);
	});

	it('reads at most the requested number, and twenty by default, on storage that returns more', async () => {
		const bucket = memoryBucket();
		for (let n = 0; n < 30; n++) await indexSession(bucket, FOLDER, recordOf(n));
		const { list } = bucket;
		bucket.list = async (query) => await list({ ...query, maxKeys: undefined });
		expect(await newestOf(bucket, 'class_7b', 3)).toHaveLength(3);
		expect(await newestOf(bucket, 'class_7b')).toHaveLength(20);
	});

	it('ignores other files in its folders', async () => {
		const bucket = memoryBucket();
		await indexSession(bucket, FOLDER, recordOf(1));
		const folder = bucket.requests.writes.find((key) => key.includes('by-channel'))!;
		for (const name of ['x.txt', `0123456789012_${sidOf(2)}.json.bak`, `1_${sidOf(2)}.json`]) {
			bucket.add(folder.replace(/[^/]*$/, name), NOON, JSON.stringify(known(1).record));
		}
		bucket.forgetRequests();
		expect(await newestOf(bucket, 'class_7b', 9)).toEqual([known(1)]);
		expect(bucket.requests.reads).toHaveLength(1);
	});

	it('does not return a session whose record has another channel', async () => {
		const bucket = memoryBucket();
		await indexSession(bucket, FOLDER, recordOf(1));
		const key = bucket.requests.writes.find((each) => each.includes('by-channel'))!;
		const text = JSON.stringify({ ...recordOf(1, 'other'), folder: FOLDER });
		bucket.add(key, NOON, text);
		expect(await newestOf(bucket, 'class_7b', 5)).toEqual([]);
	});

	it('accepts the folder of the bucket itself', async () => {
		const bucket = memoryBucket();
		await indexSession(bucket, '', recordOf(1));
		expect(await findIndexed(bucket, sidOf(1))).toEqual({ ...known(1), folder: '' });
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
