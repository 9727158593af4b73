import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../../../../../nodes/Agora/http/errors';
import {
	saveSession,
	type SessionRecord,
} from '../../../../../nodes/Agora/recordings/sessionRecord';
import { execute } from '../../../../../nodes/Agora/resources/recording/start';
import { connectionError, faultOf, useTestClock } from '../../../http/fakeContext';
import { memoryBucket } from '../../../memoryBucket';
import { APP_ID, CONFLICT, NOT_FOUND, settle, sid, startContext, status } from './startContext';

jest.mock('../../../../../nodes/Agora/storage/bucket', () => ({
	openBucket: async ({ bucket }: { bucket: unknown }) => bucket,
}));

beforeEach(useTestClock);
afterEach(() => jest.useRealTimers());

const HOUR_MS = 3_600_000;
const STOPPING = status(6);
const LOST = connectionError('ECONNRESET');

function setUp(parameters: IDataObject = {}, bucketSettings: object = {}) {
	const bucket = memoryBucket({ now: Date.now(), ...bucketSettings });
	const item = { cname: 'class-7b', mode: 'mix', ...parameters };
	const { context, ...set } = startContext({ items: [item], bucket });
	// A new item each time, as in another execution of the workflow.
	const run = async (changes: IDataObject = {}) => {
		bucket.now = Date.now();
		const another = { ...context, getInputData: () => [{ json: {} }] };
		Object.assign(item, changes);
		return (await settle(execute(another, 0))) as IDataObject;
	};
	const actions = () => set.agora.calls.map(({ action }) => action);
	const count = (action: string) => actions().filter((each) => each === action).length;
	/** Saves the session record of a recording that another n8n started. */
	const addRecording = async (number: number, changes: Partial<SessionRecord> = {}) =>
		await saveSession(bucket, '', {
			...{ sid: sid(number), resourceId: `other-${number}`, cname: 'class-7b', uid: '1568539641' },
			...{ mode: 'mix', appId: APP_ID, startedAt: new Date().toISOString(), avFileType: ['hls'] },
			...changes,
		});
	/** Adds a file that Agora uploaded. */
	const addFile = (number: number, at = Date.now(), channel = 'class-7b', folder = '') =>
		bucket.add(`${folder}${sid(number)}_${channel}.m3u8`, at, '#EXTM3U\n');
	return { ...set, bucket, run, actions, count, addRecording, addFile };
}

describe('a recording in the session index', () => {
	it('is returned, and nothing is started', async () => {
		const { run, addRecording, actions } = setUp();
		await addRecording(7);
		expect(await run()).toMatchObject({
			...{ sid: sid(7), resourceId: 'other-7', uid: '1568539641', already_recording: true },
			...{ session_record_saved: true, status: 'recording', folder: '' },
		});
		expect(actions()).toEqual(expect.arrayContaining(['acquire', 'query']));
		expect(actions()).not.toContain('start');
	});

	it('is an error with Fail', async () => {
		const { run, addRecording, count } = setUp({ options: { ifAlreadyRecording: 'fail' } });
		await addRecording(7);
		const { message, details } = await faultOf(run());
		expect(message).toBe('Channel "class-7b" is already being recorded');
		expect(details.description).toContain(`The recording is ${sid(7)}. To return it instead`);
		expect(details.httpCode).toBe('400');
		expect(count('start')).toBe(0);
	});

	it('is not searched with Start Another', async () => {
		const { run, addRecording, count } = setUp({ options: { ifAlreadyRecording: 'startAnother' } });
		await addRecording(7);
		expect(await run()).toMatchObject({ sid: sid(1), already_recording: false });
		expect(count('query')).toBe(0);
	});

	it.each<[string, Partial<SessionRecord>]>([
		['of another mode', { mode: 'raw' }],
		['of another App ID', { appId: 'b'.repeat(32) }],
		['with a UID that the node did not choose', { uid: '42' }],
		['that has ended', { endedAt: new Date(0).toISOString() }],
		[
			'that can no longer be controlled',
			{ resourceExpiredHour: 1, startedAt: new Date(Date.UTC(2026, 10, 23)).toISOString() },
		],
	])('is not returned if it is one %s', async (_, changes) => {
		const { run, addRecording, count } = setUp();
		await addRecording(7, changes);
		expect(await run()).toMatchObject({ sid: sid(1), already_recording: false });
		expect(count('query')).toBe(0);
	});

	it('is not returned while it is ending', async () => {
		const { run, addRecording, agora } = setUp();
		await addRecording(7);
		agora.queries[sid(7)] = STOPPING;
		expect(await run()).toMatchObject({ sid: sid(1), already_recording: false });
	});

	it('is returned as long as it is not ending', async () => {
		const { run, addRecording, agora } = setUp();
		await addRecording(7);
		agora.queries[sid(7)] = status(5);
		expect(await run()).toMatchObject({ sid: sid(7) });
	});

	it('is marked as ended if Agora no longer finds it', async () => {
		const { run, addRecording, agora, bucket } = setUp();
		bucket.now = Date.now() - 2 * HOUR_MS;
		await addRecording(7, { startedAt: new Date(bucket.now).toISOString() });
		agora.queries[sid(7)] = NOT_FOUND;
		expect(await run()).toMatchObject({ sid: sid(1) });
		expect(await bucket.getText(`${sid(7)}_class-7b.session.json`)).toContain('"endedAt"');
	});

	it('is found by the UID from the field', async () => {
		const { run, addRecording } = setUp({ uidMode: 'specify', uid: '42' });
		await addRecording(7);
		await addRecording(8, { uid: '42' });
		expect(await run()).toMatchObject({ sid: sid(8), uid: '42' });
	});

	it('is searched among the eight newest', async () => {
		const { run, addRecording, count } = setUp();
		for (let i = 1; i <= 9; i++) {
			const startedAt = new Date(Date.now() - i * HOUR_MS).toISOString();
			await addRecording(10 + i, { startedAt, ...(i <= 8 && { uid: '42' }) });
		}
		expect(await run()).toMatchObject({ sid: sid(1), already_recording: false });
		expect(count('query')).toBe(0);
	});

	it('fails the start before it is sent if the index cannot be read', async () => {
		const { run, bucket, count } = setUp({ options: { saveSessionRecord: false } });
		bucket.list = async () => {
			throw new Fault('The bucket does not respond');
		};
		expect((await faultOf(run())).message).toBe('The bucket does not respond');
		expect(count('start')).toBe(0);
	});
});

describe('a task conflict', () => {
	it('returns the recording whose record another n8n writes a moment later', async () => {
		const { run, addRecording, agora } = setUp();
		agora.starts.push(CONFLICT);
		setTimeout(() => void addRecording(7), 5000);
		expect(await run()).toMatchObject({ sid: sid(7), already_recording: true });
	});

	it('is an error with Fail', async () => {
		const { run, addRecording, agora } = setUp({ options: { ifAlreadyRecording: 'fail' } });
		agora.starts.push(CONFLICT);
		setTimeout(() => void addRecording(7), 2000);
		expect((await faultOf(run())).details.description).toContain(`The recording is ${sid(7)}`);
	});

	it.each([
		['return', /^Channel "class-7b" is already being recorded, but its session record/],
		['fail', /^Channel "class-7b" is already being recorded$/],
	])('is an error if no record is found after seven seconds (%s)', async (choice, expected) => {
		const { run, agora } = setUp({ options: { ifAlreadyRecording: choice } });
		agora.starts.push(CONFLICT);
		const begun = Date.now();
		const { message, details } = await faultOf(run());
		expect(message).toMatch(expected);
		expect(details.description).toMatch(/without a session record.*Start Another/);
		expect(details.httpCode).toBe('400');
		expect(Date.now() - begun).toBeGreaterThanOrEqual(7000);
		expect(Date.now() - begun).toBeLessThan(9000);
	});

	it('is an error without a bucket', async () => {
		const storageConfig = { vendor: 1, region: 7, bucket: 'b', accessKey: 'a', secretKey: 's' };
		const { context, agora } = startContext({
			items: [{ cname: 'class-7b', mode: 'mix', clientRequest: { storageConfig } }],
		});
		agora.starts.push(CONFLICT);
		const { message } = await faultOf(settle(execute(context, 0)));
		expect(message).toContain('its session record could not be found');
		expect(agora.calls).toHaveLength(2);
	});

	it('returns the recording of the same mode and UID, even if others are newer', async () => {
		const { run, addRecording, agora } = setUp();
		agora.starts.push(CONFLICT);
		setTimeout(() => {
			const startedAt = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
			void addRecording(7, { startedAt: startedAt(3) });
			void addRecording(8, { startedAt: startedAt(2), uid: '42' });
			void addRecording(9, { startedAt: startedAt(1), mode: 'raw' });
		}, 500);
		expect(await run()).toMatchObject({ sid: sid(7), already_recording: true });
	});

	it('says that the channel is being recorded if the bucket cannot be read', async () => {
		const { run, agora, bucket } = setUp();
		agora.starts.push(CONFLICT);
		const list = bucket.list.bind(bucket);
		bucket.list = async (query) => {
			if (agora.starts.length === 0)
				throw new Fault('The bucket does not respond', { description: 'Wait.' });
			return await list(query);
		};
		const { message, details } = await faultOf(run());
		expect(message).toBe('The bucket does not respond');
		expect(details.description).toBe('Wait. Channel "class-7b" is already being recorded.');
	});

	it('stops waiting when the execution is canceled', async () => {
		const { run, agora, cancel, count } = setUp();
		agora.starts.push(CONFLICT);
		const fault = faultOf(run());
		setTimeout(() => cancel.abort(), 3000);
		expect((await fault).message).toBe('The execution was canceled');
		expect(count('start')).toBe(1);
	});

	it('is followed by another recorder if the recording is ending', async () => {
		const { run, addRecording, agora, count } = setUp();
		await addRecording(7);
		agora.queries[sid(7)] = STOPPING;
		agora.starts.push(CONFLICT);
		const begun = Date.now();
		const { uid, ...item } = await run();
		expect(item).toMatchObject({ sid: sid(1), already_recording: false });
		// A newer recording is searched once more, a second later.
		expect(Date.now() - begun).toBeLessThan(3000);
		expect(uid).not.toBe('1568539641');
		expect(count('acquire')).toBe(2);
		// Also returned by the next start, although its UID is another one.
		expect(await run()).toMatchObject({ sid: sid(1), uid, already_recording: true });
	});

	it('returns a newer recording that was started while the previous one ended', async () => {
		const { run, addRecording, agora } = setUp();
		await addRecording(7, { startedAt: new Date(Date.now() - HOUR_MS).toISOString() });
		agora.queries[sid(7)] = STOPPING;
		agora.starts.push(CONFLICT);
		setTimeout(() => void addRecording(8), 500);
		expect(await run()).toMatchObject({ sid: sid(8), already_recording: true });
	});

	it('waits for the end of a recording whose record says that it has ended', async () => {
		const { run, addRecording, agora, count } = setUp();
		await addRecording(7, { endedAt: new Date().toISOString() });
		agora.starts.push(CONFLICT);
		expect(await run()).toMatchObject({ sid: sid(1), already_recording: false });
		expect(count('query')).toBe(0);
	});

	it.each([
		[89, true],
		[91, false],
	])(
		'with a recording that Agora does not find %d seconds after its start',
		async (age, running) => {
			const { run, addRecording, agora } = setUp();
			const startedAt = new Date(Date.now() - age * 1000).toISOString();
			agora.queries[sid(7)] = NOT_FOUND;
			await addRecording(7, { startedAt });
			agora.starts.push(CONFLICT);
			expect(await run()).toMatchObject({ already_recording: running });
		},
	);

	it('with five recordings that are ending is an error', async () => {
		const { run, addRecording, agora, count } = setUp();
		agora.starts.push(CONFLICT, CONFLICT, CONFLICT, CONFLICT, CONFLICT, CONFLICT);
		const list = agora.calls;
		// Each UID that the node tries belongs to another recording that is ending.
		let recordings = 0;
		const push = list.push.bind(list);
		list.push = (...calls) => {
			const [call] = calls;
			if (call!.action === 'start') {
				const number = 100 + recordings++;
				agora.queries[sid(number)] = STOPPING;
				void addRecording(number, { uid: String(call!.body.uid) });
			}
			return push(...calls);
		};
		const { message, details } = await faultOf(run());
		expect(message).toMatch(/^The recording with the recorder UID \d+ is still ending$/);
		expect(details.description).toMatch(/Try again in a few seconds.*Automatic/);
		expect(details.httpCode).toBe('400');
		expect(count('start')).toBe(5);
	});

	it('with the UID from the field is an error if its recording is ending', async () => {
		const { run, addRecording, agora, count } = setUp({ uidMode: 'specify', uid: '42' });
		await addRecording(7, { uid: '42' });
		agora.queries[sid(7)] = STOPPING;
		agora.starts.push(CONFLICT);
		expect((await faultOf(run())).message).toBe(
			'The recording with the recorder UID 42 is still ending',
		);
		expect(count('start')).toBe(1);
	});
});

describe('a task conflict with Start Another', () => {
	const options = { ifAlreadyRecording: 'startAnother' };

	it('tries other random UIDs', async () => {
		const { run, agora, count } = setUp({ options });
		agora.starts.push(CONFLICT, CONFLICT, CONFLICT, CONFLICT);
		expect(await run()).toMatchObject({ sid: sid(1), already_recording: false });
		expect(count('start')).toBe(5);
		const uids = agora.calls.filter(({ action }) => action === 'start').map(({ body }) => body.uid);
		expect(new Set(uids).size).toBe(5);
	});

	it('is an error after five UIDs', async () => {
		const { run, agora, count } = setUp({ options });
		agora.starts.push(CONFLICT, CONFLICT, CONFLICT, CONFLICT, CONFLICT);
		const { message, details } = await faultOf(run());
		expect(message).toMatch(/^This channel is already being recorded with the recorder UID \d+$/);
		expect(details.description).toMatch(/Automatic, or specify another UID/);
		expect(details.httpCode).toBe('400');
		expect(count('start')).toBe(5);
	});

	it('is an error for the UID from the field', async () => {
		const { run, agora, count } = setUp({ options, uidMode: 'specify', uid: '42' });
		agora.starts.push(CONFLICT);
		expect((await faultOf(run())).message).toContain('with the recorder UID 42');
		expect(count('start')).toBe(1);
	});
});

describe('a start without a response', () => {
	const loseStart = async (set: ReturnType<typeof setUp>) => {
		set.agora.starts.push(LOST);
		const fault = await faultOf(set.run());
		expect(fault.details).toMatchObject({
			mayBeRunning: 'resource ID resource-1',
			isRepeatable: true,
		});
		set.agora.starts.push(CONFLICT);
	};

	it('is found by its files, and its record is saved', async () => {
		const set = setUp({ options: { resourceExpiredHour: 24 } });
		const sentAt = new Date().toISOString();
		await loseStart(set);
		set.addFile(7);
		expect(await set.run()).toMatchObject({
			...{ sid: sid(7), resourceId: 'resource-1', uid: '1568539641', already_recording: true },
			...{ started_at: sentAt, session_record_saved: true },
		});
		expect(set.agora.calls.at(-1)!.url).toContain(`/resourceid/resource-1/sid/${sid(7)}/`);
		const record = JSON.parse((await set.bucket.getText(`${sid(7)}_class-7b.session.json`))!);
		expect(record).toMatchObject({ sid: sid(7), resourceExpiredHour: 24, startedAt: sentAt });
		// Now in the index.
		expect(await set.run()).toMatchObject({ sid: sid(7), already_recording: true });
	});

	it('is returned with a note if its record cannot be saved', async () => {
		const set = setUp();
		await loseStart(set);
		set.addFile(7);
		const put = set.bucket.put.bind(set.bucket);
		set.bucket.put = async (key, ...rest) => {
			if (key.includes(sid(7))) throw new Fault('The bucket is full');
			await put(key, ...rest);
		};
		expect(await set.run()).toMatchObject({
			...{ sid: sid(7), already_recording: true, session_record_saved: false },
			session_record_note: 'The session record could not be saved: The bucket is full',
		});
	});

	it('is logged without secrets if it cannot be noted in the bucket', async () => {
		const { run, agora, bucket, warnings } = setUp();
		agora.starts.push(LOST);
		const put = bucket.put.bind(bucket);
		bucket.put = async (key, ...rest) => {
			if (key.includes('unanswered')) throw new Fault('The bucket is full');
			await put(key, ...rest);
		};
		const { message, details } = await faultOf(run());
		expect(message).toContain('Agora could not be reached');
		expect(details).toMatchObject({ mayBeRunning: 'resource ID resource-1', isRepeatable: true });
		expect(warnings).toEqual([
			'Agora\'s response to the start of channel "class-7b" was lost, and the start could not be noted in the bucket: The bucket is full. The recording may be running with resource ID resource-1.',
		]);
	});

	it('is not logged if it is noted', async () => {
		const set = setUp();
		await loseStart(set);
		expect(set.warnings).toEqual([]);
		expect(set.bucket.requests.writes.filter((key) => key.includes('unanswered'))).toHaveLength(1);
	});

	it.each<[string, IDataObject]>([
		['Start Another', { ifAlreadyRecording: 'startAnother' }],
		['session records turned off', { saveSessionRecord: false }],
	])('is not noted with %s', async (_, options) => {
		const { run, agora, bucket } = setUp({ options });
		agora.starts.push(LOST);
		const { details } = await faultOf(run());
		expect(details.isRepeatable).toBe(options.saveSessionRecord === false ? true : undefined);
		expect(bucket.requests.writes.filter((key) => key.includes('unanswered'))).toEqual([]);
	});

	it('is an error with its resource ID while it has no files', async () => {
		const set = setUp();
		await loseStart(set);
		const { message, details } = await faultOf(set.run());
		expect(message).toBe(
			'Channel "class-7b" is already being recorded, but its ID is not known yet',
		);
		expect(details).toMatchObject({
			...{ httpCode: '400', mayBeRunning: 'resource ID resource-1', isRepeatable: true },
			description:
				"Agora's response to its start was lost, and none of its files were found in the bucket. Run the node again once somebody has published audio or video for half a minute. The recording has the resource ID resource-1",
		});
	});

	it.each<[string, (set: ReturnType<typeof setUp>) => void]>([
		['of another channel', ({ addFile }) => addFile(7, Date.now(), 'class-7c')],
		['of before the start', ({ addFile }) => addFile(7, Date.now() - 6 * 60_000)],
		['of another folder', ({ addFile }) => addFile(7, Date.now(), 'class-7b', 'folder/')],
		[
			'that is a session record',
			({ bucket }) => bucket.add(`${sid(7)}_class-7b.session.json`, Date.now()),
		],
		['without a sid', ({ bucket }) => bucket.add('class-7b.m3u8', Date.now())],
		[
			'of a recording that Agora does not find',
			({ addFile, agora }) => {
				agora.queries[sid(7)] = NOT_FOUND;
				addFile(7);
			},
		],
	])('is not found by a file %s', async (_, add) => {
		const set = setUp();
		await loseStart(set);
		add(set);
		expect((await faultOf(set.run())).message).toContain('its ID is not known yet');
	});

	it('is found although the clock of the bucket is four minutes slow', async () => {
		const set = setUp();
		await loseStart(set);
		set.addFile(7, Date.now() - 4 * 60_000);
		expect(await set.run()).toMatchObject({ sid: sid(7) });
	});

	it.each([
		['is found', 0, sid(7)],
		['is not found', 1, undefined],
	])('%s by a file written five minutes and %d milliseconds before', async (_, ms, expected) => {
		const set = setUp();
		const sentAt = Date.now();
		await loseStart(set);
		set.addFile(7, sentAt - 5 * 60_000 - ms);
		expect((await set.run().catch(() => ({}) as IDataObject)).sid).toBe(expected);
	});

	it('is found in its folder', async () => {
		const set = setUp({ partitionByDate: true });
		await loseStart(set);
		const folder = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/`;
		set.addFile(7, Date.now(), 'class-7b', folder);
		expect(await set.run()).toMatchObject({ sid: sid(7), folder });
	});

	it('is checked among the five newest recordings, the last written first, and the error says so', async () => {
		const set = setUp();
		await loseStart(set);
		for (let i = 1; i <= 6; i++) {
			const number = 20 - i;
			set.addFile(number, Date.now() - i * 1000);
			// The playlist is written again and again.
			set.bucket.add(`${sid(number)}_class-7b_0.mp4`, Date.now() - 60_000);
			set.agora.queries[sid(number)] = NOT_FOUND;
		}
		set.agora.calls.length = 0;
		const { details } = await faultOf(set.run());
		expect(details.description).toContain(
			'found in the bucket. Only the 5 newest of 6 recordings of the channel were checked. Run the node again',
		);
		const queried = set.agora.calls.flatMap(({ url }) => /sid\/(\d+)/.exec(url)?.[1] ?? []);
		expect(queried.slice(0, 5)).toEqual([19, 18, 17, 16, 15].map(sid));
		expect(queried).not.toContain(sid(14));
	});

	it('is checked among all recordings if there are five', async () => {
		const set = setUp();
		await loseStart(set);
		for (let i = 1; i <= 5; i++) {
			set.addFile(i + 10);
			set.agora.queries[sid(i + 10)] = NOT_FOUND;
		}
		const { details } = await faultOf(set.run());
		expect(details.description).toContain('found in the bucket. Run the node again');
	});

	it('is neither noted nor logged without a bucket', async () => {
		const storageConfig = { vendor: 1, region: 7, bucket: 'b', accessKey: 'a', secretKey: 's' };
		const { context, agora, warnings } = startContext({
			items: [{ cname: 'class-7b', mode: 'mix', clientRequest: { storageConfig } }],
		});
		agora.starts.push(LOST);
		const { details } = await faultOf(settle(execute(context, 0)));
		expect(details).toMatchObject({ mayBeRunning: 'resource ID resource-1', isRepeatable: true });
		expect(warnings).toEqual([]);
	});

	it.each([
		[20, ''],
		[21, 'Only the first 40 files of the folder were searched. '],
	])('is searched in 20 pages of the folder, and the error says so (%d)', async (pages, note) => {
		const set = setUp({}, { pageSize: 2 });
		await loseStart(set);
		// Sessions of other channels; everything else is in folders that are listed as one entry.
		for (let i = 0; i < pages * 2 - 1; i++) set.addFile(1000 + i, Date.now(), 'class-7c');
		const { details } = await faultOf(set.run());
		expect(details.description).toContain(`found in the bucket. ${note}Run the node again`);
	});

	it('is not searched for another recorder', async () => {
		const set = setUp();
		await loseStart(set);
		set.addFile(7);
		const { message } = await faultOf(set.run({ mode: 'raw' }));
		expect(message).toContain('its session record could not be found');
	});
});
