import type { IDataObject } from 'n8n-workflow';
import { request } from 'undici';
import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const run = async (operation: string, parameters: IDataObject = {}, options = {}) =>
	await set.engine.run({ resource: 'recording', operation, ...parameters }, options);
const byId = (sid: unknown) => ({ recordingId: { __rl: true, mode: 'id', value: sid } });
const start = async (cname: string, parameters: IDataObject = {}) =>
	(await run('start', { cname, options: { maxIdleTime: 5 }, ...parameters })).json[0]!;
const ended = async (sid: unknown) => {
	const get = async () => (await run('get', byId(sid))).json[0]!;
	return await eventually(get, ({ status }) => status === 'completed');
};
const filesOf = (recording: IDataObject) => recording.file_list as IDataObject[];

describe('Recording: Get', () => {
	it('follows one recording from its start to its files', async () => {
		const started = await start('physics_1');
		const running = (await run('get', byId(started.sid))).json[0]!;
		expect(running).toMatchObject({
			sid: started.sid,
			cname: 'physics_1',
			status: 'recording',
			ended_at: null,
		});

		const recording = await ended(started.sid);
		expect(Object.keys(recording)).toEqual([
			'sid',
			'cname',
			'status',
			'mode',
			'uid',
			'started_at',
			'ended_at',
			'duration_seconds',
			'duration',
			'video_url',
			'playlist_url',
			'size_bytes',
			'file_count',
			'folder',
			'file_list',
			'segment_count',
			'resourceId',
		]);
		expect(recording).toMatchObject({
			cname: 'physics_1',
			mode: 'mix',
			resourceId: started.resourceId,
			uid: started.uid,
			duration_seconds: 8,
			duration: '00:00:08',
			video_url: filesOf(recording)[0]!.download_url,
			file_count: 6,
			segment_count: 4,
		});
		const span = Date.parse(String(recording.ended_at)) - Date.parse(String(recording.started_at));
		expect(span).toBe(8000);
		expect(filesOf(recording).map(({ kind }) => kind)).toEqual(['video', 'playlist']);
		expect(filesOf(recording)[0]!.filename).toBe(`${String(started.sid)}_physics-1_0.mp4`);
	});

	it('returns links that work on their own for the requested time', async () => {
		const { sid } = await start('links');
		await ended(sid);
		const { json } = await run('get', { ...byId(sid), options: { linkLifetime: 900 } });
		for (const file of filesOf(json[0]!)) {
			const answer = await request(String(file.download_url));
			const bytes = await answer.body.arrayBuffer();
			expect([answer.statusCode, bytes.byteLength]).toEqual([200, file.size_bytes]);
			const left = Date.parse(String(file.download_url_expires_at)) - Date.now();
			expect(left).toBeGreaterThan(890_000);
			expect(left).toBeLessThanOrEqual(900_000);
		}
	});

	it('lists the segments only on request', async () => {
		const { sid } = await start('slices');
		const recording = await ended(sid);
		const { json } = await run('get', { ...byId(sid), options: { includeSegments: true } });
		const segments = filesOf(json[0]!).filter(({ kind }) => kind === 'segment');
		expect(segments).toHaveLength(Number(recording.segment_count));
		const sizes = filesOf(json[0]!).map(({ size_bytes }) => Number(size_bytes));
		expect(sizes.reduce((sum, size) => sum + size)).toBe(json[0]!.size_bytes);
	});

	it('names the user of each file of an individual recording', async () => {
		set.sandbox.control.setChannel('individual', { uids: ['11', '12'], seconds: 8 });
		const { sid } = await start('individual', { mode: 'raw' });
		const recording = await ended(sid);
		expect(recording.mode).toBe('raw');
		const users = filesOf(recording).map(({ kind, uid }) => `${String(kind)} ${String(uid)}`);
		expect(users.sort()).toEqual(['playlist 11', 'playlist 12', 'video 11', 'video 12']);
	});

	it('queries Agora only while the recording may be running', async () => {
		const { sid } = await start('asks');
		await ended(sid);
		await set.sandbox.control.clearRequests();
		await run('get', byId(sid));
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it.each([
		['an ID that nothing belongs to', '0'.repeat(32), /has no recording 0{32}/],
		['something that is no ID', '../secret', /"..\/secret" is not the ID of a recording/],
	])('says so for %s', async (_, sid, message) => {
		const { error } = await run('get', byId(sid));
		expect(error!.message).toMatch(message);
	});
});

describe('Recording: Get Many', () => {
	let recordings: IDataObject[];
	beforeEach(async () => {
		const first = await ended((await start('history_7b')).sid);
		const { sid: second } = await start('history_7b');
		const { sid: third } = await start('biology');
		recordings = [await ended(third), await ended(second), first];
	});

	const sids = (items: IDataObject[]) => items.map(({ sid }) => sid);
	const many = async (filters: IDataObject, parameters: IDataObject = {}) =>
		(await run('getAll', { returnAll: true, filters, ...parameters })).json;

	it('returns the newest first, up to the limit', async () => {
		expect(sids(await many({}, { returnAll: false, limit: 3 }))).toEqual(sids(recordings));
	});

	it('returns each one exactly as Get does, except for the links', async () => {
		const withoutLinks = (item: IDataObject) => ({
			...item,
			video_url: expect.any(String),
			playlist_url: expect.any(String),
			file_list: filesOf(item).map(({ key, size_bytes }) => ({ key, size_bytes })),
		});
		const [newest] = await many({}, { returnAll: false, limit: 1 });
		expect(newest).toEqual({ ...withoutLinks(recordings[0]!), file_list: expect.any(Array) });
		expect(withoutLinks(newest!).file_list).toEqual(withoutLinks(recordings[0]!).file_list);
	});

	it('filters by the exact channel name, which file names cannot hold', async () => {
		expect(sids(await many({ cname: 'history_7b' }))).toEqual(sids(recordings.slice(1)));
		expect(await many({ cname: 'history-7b' })).toEqual([]);
	});

	it('filters by resource ID', async () => {
		const { resourceId, sid } = recordings[1]!;
		expect(sids(await many({ resourceId }))).toEqual([sid]);
	});

	it('filters by times, as ISO text with or without a zone, or as Unix seconds', async () => {
		const [third, second, first] = recordings;
		const between = Date.parse(String(second!.started_at));
		expect(sids(await many({ startedBefore: new Date(between).toISOString() }))).toEqual(
			expect.arrayContaining(sids([second!, first!])),
		);
		expect(sids(await many({ startedAfter: between / 1000 + 0.001 }))).toEqual(sids([third!]));
		const inBerlin = new Date(between + 1 + 3_600_000).toISOString().slice(0, -1);
		expect(sids(await many({ startedAfter: inBerlin }))).toEqual(sids([third!]));
		expect(sids(await many({ cname: 'history_7b', endedBefore: String(first!.ended_at) }))).toEqual(
			sids([first!]),
		);
	});

	it('filters by status', async () => {
		set.sandbox.control.setChannel('endless', { uids: ['1'], seconds: null });
		const { sid } = await start('endless');
		expect(sids(await many({ status: 'recording' }))).toEqual([sid]);
		expect(sids(await many({ status: 'completed' }))).not.toContain(sid);
		expect(await many({ status: 'interrupted' })).toEqual([]);
		const running = await set.engine.listSearch('searchRunningRecordings');
		expect(running.map(({ name }) => name)).toEqual([
			expect.stringMatching(/^endless · .* UTC · ● running$/),
		]);
	});

	it.each([
		[
			{ startedAfter: '2026-11-24', startedBefore: '2026-11-23' },
			'Started After',
			'Started Before',
		],
		[{ endedAfter: '2026-11-24', endedBefore: '2026-11-23' }, 'Ended After', 'Ended Before'],
		[{ startedAfter: '2026-11-24', endedBefore: '2026-11-23' }, 'Started After', 'Ended Before'],
	])('rejects the dates %j, which exclude everything', async (filters, from, to) => {
		const { error } = await run('getAll', { filters });
		expect(error!.message).toBe(`"${from}" must not be after "${to}"`);
		expect(error!.description).toContain('Swap the two dates');
	});

	it.each<[string, IDataObject, RegExp]>([
		['no match', { cname: 'nobody' }, /^None of the \d+ recordings below \"class\/\"/],
		[
			'another case',
			{ cname: 'HISTORY_7b' },
			/no recording of channel "HISTORY_7b", but there are recordings of "history-7b". Channel names are case-sensitive/,
		],
		['an unknown folder', { prefix: 'other' }, /^There are no files below "class\/other\/"/],
		['another time', { startedBefore: '2001-01-01' }, /around these dates/],
	])('says why nothing is found: %s', async (_, filters, hint) => {
		const { json, hints } = await run('getAll', { filters });
		expect(json).toEqual([]);
		expect(hints).toEqual([expect.stringMatching(hint)]);
	});

	it('says nothing where something is found', async () => {
		expect((await run('getAll', { filters: { prefix: '' } })).hints).toEqual([]);
	});

	it('finds the channels with a common beginning', async () => {
		expect(sids(await many({ cnamePrefix: 'history_7' }))).toEqual(sids(recordings.slice(1)));
	});

	it('returns few fields with Simplify', async () => {
		const { json } = await run('getAll', { simplify: true, limit: 1 });
		expect(json[0]).toHaveProperty('video_url');
		expect(json[0]).not.toHaveProperty('file_list');
	});

	it('names the field that is not a time', async () => {
		const { error } = await run('getAll', { filters: { startedAfter: 'yesterday' } });
		expect(JSON.stringify(error)).toContain('Started After');
	});

	it('offers the recordings in a list that can be searched', async () => {
		const results = await set.engine.listSearch('searchRecordings', 'history_7');
		expect(results.map(({ value }) => value)).toEqual(sids(recordings.slice(1)));
		expect(results[0]!.name).toMatch(/^history_7b · \d+ \w{3} \d{4}, \d\d:\d\d:\d\d UTC · 8 s$/);

		const search = async (filter: string) =>
			(await set.engine.listSearch('searchRecordings', filter)).map(({ value }) => value);
		const today = String(recordings[0]!.started_at).slice(0, 10);
		expect(await search(today)).toEqual(expect.arrayContaining(sids(recordings)));
		expect(await search('1999-12')).toEqual([]);
		expect(await search('Completed')).toEqual(expect.arrayContaining(sids(recordings)));
		expect(await search('interrupted')).toEqual([]);
		expect(await search(String(recordings[2]!.sid).slice(3, 20))).toEqual(sids([recordings[2]!]));
	});
});

describe('when the bucket refuses', () => {
	const withStorage = async (values: Record<string, string>) => {
		const right = set.credentials.agoraStorageApi!.default!;
		set.credentials.agoraStorageApi!.other = { ...right, ...values };
		const credentials = { agoraApi: 'default', agoraStorageApi: 'other' };
		return await run('getAll', {}, { credentials });
	};

	it.each([
		[
			'a bucket that is not there',
			{ bucket: 'nosuchbucket' },
			/"nosuchbucket" does not exist/,
			'404',
		],
		['a wrong secret key', { secretKey: 'not-the-secret' }, /rejected the signature/, '403'],
		[
			'an unknown access key',
			{ accessKey: 'NOSUCHKEY' },
			/does not recognize this access key/,
			'403',
		],
	])('names %s', async (_, values, message, httpCode) => {
		const { error, stored } = await withStorage(values);
		expect(error!.message).toMatch(message);
		expect(error!.httpCode).toBe(httpCode);
		expect(error!.description).toContain('Agora Recording Storage API credential');
		expect(stored).not.toContain('not-the-secret');
	});

	it('asks for the storage credential if there is none', async () => {
		const { error } = await run('getAll', {}, { credentials: { agoraApi: 'default' } });
		expect(`${error!.message} ${error!.description}`).toContain('Agora Recording Storage');
	});

	it('goes on after the last key where the bucket knows the older listing only', async () => {
		// A bucket of its own, as the nodes remember for as long as n8n runs how a bucket lists.
		set.credentials.agoraStorageApi!.older = {
			...set.credentials.agoraStorageApi!.default!,
			bucket: set.sandbox.archiveBucket,
		};
		const options = { credentials: { agoraApi: 'default', agoraStorageApi: 'older' } };
		for (const cname of ['first', 'second']) await run('start', { cname }, options);
		const all = await eventually(
			async () => await run('getAll', { returnAll: true }, options),
			({ json }) => json.filter(({ status }) => status === 'completed').length === 2,
		);
		const body =
			'<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>class/0</Key><Size>1</Size><LastModified>2026-11-23T08:00:00Z</LastModified></Contents></ListBucketResult>';
		await set.sandbox.control.fail('s3', { path: 'list-type=2', response: { status: 200, body } });
		await set.sandbox.control.clearRequests();
		const { json, error } = await run('getAll', { returnAll: true }, options);
		expect(error).toBeUndefined();
		expect(json.length).toBeGreaterThan(0);
		expect(json.map(({ sid }) => sid)).toEqual(all.json.map(({ sid }) => sid));
		const lists = (await set.sandbox.control.requests('s3')).filter(({ path }) =>
			path.includes('prefix='),
		);
		expect(lists[1]!.path).toContain('marker=class%2F0');
		expect(lists[1]!.path).not.toContain('list-type');
	});

	it('receives no requests once the execution is canceled', async () => {
		await set.sandbox.control.fail('s3', { path: 'list-type=2', response: 'hang' });
		await set.sandbox.control.clearRequests();
		const onStart = (cancel: () => void) => void setTimeout(cancel, 300);
		expect((await run('getAll', {}, { onStart })).status).toBe('canceled');
		await new Promise((resolve) => setTimeout(resolve, 1000));
		const requests = await set.sandbox.control.requests('s3');
		expect(requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
	});

	it('is reported to contain other files if there are no recordings', async () => {
		set.credentials.agoraStorageApi!.foreign = {
			...set.credentials.agoraStorageApi!.default!,
			fileNamePrefix: 'elsewhere',
		};
		const key = '<Key>elsewhere/holiday.jpg</Key>';
		const body = `<ListBucketResult><IsTruncated>false</IsTruncated><Contents>${key}<LastModified>2026-11-23T08:00:00.000Z</LastModified><Size>1</Size></Contents></ListBucketResult>`;
		await set.sandbox.control.fail('s3', { path: 'list-type=2', response: { status: 200, body } });
		const result = await run('getAll', {}, { credentials: { agoraStorageApi: 'foreign' } });
		expect(result.json).toEqual([]);
		expect(result.stored).toContain('There are no recordings below');
		expect(result.stored).toContain("at least 1 file that is not Agora's");
	});

	it("tries again when the bucket is slow, and fails with the bucket's reason", async () => {
		const answer = { status: 503, body: '<Error><Code>SlowDown</Code></Error>' };
		await set.sandbox.control.fail('s3', { path: 'list-type=2', response: answer });
		expect((await run('getAll')).status).toBe('success');
	});
});
