import { Fault } from '../../../nodes/Agora/http/errors';
import type { Watch } from '../../../nodes/Agora/trigger/detectNew';
import { pollBucket } from '../../../nodes/Agora/trigger/pollBucket';
import {
	digestOf,
	readSeen,
	readState,
	SeenDigests,
	type TriggerState,
} from '../../../nodes/Agora/trigger/state';
import { WATCH } from './watch';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { randomSource } from '../randomSource';
import {
	addComposite,
	HOUR,
	MINUTE,
	SECOND,
	sessionRecordOf,
	sidOf,
	utcStamp,
} from '../recordedSession';
import { DAY_MS, dayOf } from '../../../nodes/Agora/recordings/day';

const NOON = Date.UTC(2026, 10, 23, 12);

/** A trigger that is polled as by n8n: its state is serialized between polls. */
function trigger(bucket: MemoryBucket, changes: Partial<Watch> = {}) {
	const watch = { ...WATCH, ...changes };
	let stored = '{}';
	return {
		state: (): TriggerState => JSON.parse(stored).state,
		async poll(deadline = Infinity): Promise<string[]> {
			const before = readState(JSON.parse(stored), watch.scope);
			const { state, newSessions } = await pollBucket(
				bucket,
				bucket.prefix,
				before,
				watch,
				deadline,
			);
			stored = JSON.stringify({ state });
			return newSessions.map(({ session }) => session.sid);
		},
		rescope: (scope: string) => (watch.scope = scope),
	};
}

// The day of an activation is by this machine's clock.
beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(NOON));
afterEach(() => jest.restoreAllMocks());

describe('pollBucket', () => {
	it('does not emit existing recordings, then emits each new one once', async () => {
		const bucket = memoryBucket({ prefix: 'recordings/', now: NOON });
		const folder = 'recordings/20261123/';
		addComposite(bucket, { folder, sid: sidOf(1), start: NOON - HOUR });
		const { poll } = trigger(bucket);
		expect(await poll()).toEqual([]);
		addComposite(bucket, { folder, sid: sidOf(2), start: NOON + 2 * MINUTE });
		addComposite(bucket, { folder: 'recordings/', sid: sidOf(3), start: NOON + MINUTE });
		addComposite(bucket, { folder: 'elsewhere/', sid: sidOf(4), start: NOON + MINUTE });
		bucket.now = NOON + 5 * MINUTE;
		expect(await poll()).toEqual([3, 2].map(sidOf));
		bucket.now = NOON + 2 * HOUR;
		expect(await poll()).toEqual([]);
	});

	it('does not emit a recording that ends at the time of activation', async () => {
		const bucket = memoryBucket({ now: NOON });
		expect(addComposite(bucket, { sid: sidOf(1), start: NOON - MINUTE })).toBe(NOON);
		const { poll } = trigger(bucket);
		expect(await poll()).toEqual([]);
		expect(await poll()).toEqual([]);
	});

	it('emits existing recordings if requested, oldest first', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (const n of [2, 1, 3]) addComposite(bucket, { sid: sidOf(n), start: NOON - HOUR / n });
		const { poll } = trigger(bucket, { includeExisting: true });
		expect(await poll()).toEqual([1, 2, 3].map(sidOf));
		expect(await poll()).toEqual([]);
	});

	it('emits a recording that is running at activation when it ends', async () => {
		const bucket = memoryBucket({ now: NOON });
		const session = { sid: sidOf(1), start: NOON - 10 * MINUTE };
		addComposite(bucket, { ...session, slices: 39, ended: false });
		const { poll } = trigger(bucket);
		expect(await poll()).toEqual([]);
		bucket.now = addComposite(bucket, { ...session, slices: 50, ended: false });
		expect(await poll()).toEqual([]);
		bucket.now = addComposite(bucket, { ...session, slices: 52 });
		expect(await poll()).toEqual([sidOf(1)]);
		expect(await poll()).toEqual([]);
	});

	describe('a recording in a silent channel', () => {
		const PLACES = [
			['in one folder', ''],
			['in folders by day', '20261123/'],
		];
		const DAY = DAY_MS;
		/** The recordings that `poll` emits, with their status. */
		function statuses(bucket: MemoryBucket) {
			let state: TriggerState | null = null;
			return async (after: number): Promise<string[]> => {
				bucket.now = after;
				const poll = await pollBucket(bucket, '', state, WATCH, Infinity);
				state = readState(JSON.parse(JSON.stringify({ state: poll.state })), 'here');
				return poll.newSessions.map(
					({ session, status }) => `${Number(session.sid.at(-1))} ${status}`,
				);
			};
		}

		it.each(PLACES)(
			'is emitted as interrupted once, and as completed when it ends, %s',
			async (_, folder) => {
				for (const silence of [HOUR, 5 * HOUR, 3 * DAY, 29 * DAY]) {
					const bucket = memoryBucket({ now: NOON });
					const poll = statuses(bucket);
					await poll(NOON);
					const session = { folder, sid: sidOf(1), start: NOON };
					const last = addComposite(bucket, { ...session, ended: false });
					expect(await poll(last + HOUR - SECOND)).toEqual([]);
					expect(await poll(last + HOUR)).toEqual(['1 interrupted']);
					for (let wait = HOUR; wait < silence; wait += HOUR)
						expect(await poll(last + wait)).toEqual([]);
					const back = last + silence;
					const goesOn = { ...session, start: back, slices: 8, ended: false };
					expect(await poll(addComposite(bucket, goesOn))).toEqual([]);
					// Silent again: it was already emitted as interrupted.
					const again = addComposite(bucket, goesOn) + 2 * HOUR;
					expect(await poll(again)).toEqual([]);
					const end = addComposite(bucket, { ...goesOn, start: again, ended: true });
					const polls = [];
					for (let wait = 0; wait <= HOUR; wait += HOUR / 4)
						polls.push(...(await poll(end + wait)));
					expect(polls).toEqual(['1 completed']);
				}
			},
		);

		it.each(PLACES)(
			'is emitted as completed when it was silent at the activation, %s',
			async (_, folder) => {
				for (const silence of [2 * HOUR, 29 * DAY]) {
					const start = NOON - silence;
					const inDay = folder && `${dayOf(start)}/`;
					const bucket = memoryBucket({ now: NOON });
					const session = { folder: inDay, sid: sidOf(1), start };
					addComposite(bucket, { ...session, ended: false });
					addComposite(bucket, { ...session, sid: sidOf(2) });
					const poll = statuses(bucket);
					expect(await poll(NOON)).toEqual([]);
					expect(await poll(NOON + MINUTE)).toEqual([]);
					addComposite(bucket, { ...session, start: NOON + 2 * MINUTE });
					const polls = [];
					for (let wait = 0; wait <= HOUR; wait += HOUR / 4)
						polls.push(...(await poll(NOON + HOUR + wait)));
					expect(polls).toEqual(['1 completed']);
				}
			},
		);

		it('is forgotten after 30 days', async () => {
			const bucket = memoryBucket({ now: NOON });
			const poll = statuses(bucket);
			await poll(NOON);
			const last = addComposite(bucket, { sid: sidOf(1), start: NOON, ended: false });
			expect(await poll(last + 2 * HOUR)).toEqual(['1 interrupted']);
			expect(await poll(last + 30 * DAY)).toEqual([]);
			bucket.forgetRequests();
			addComposite(bucket, { sid: sidOf(1), start: last + 31 * DAY });
			expect(await poll(last + 31 * DAY + HOUR)).toEqual([]);
			expect(bucket.requests.reads).toEqual([]);
		});

		it('is checked once an hour, however often the trigger polls', async () => {
			const bucket = memoryBucket({ now: NOON });
			const poll = statuses(bucket);
			await poll(NOON);
			const last = addComposite(bucket, { sid: sidOf(1), start: NOON, ended: false });
			await poll(last + HOUR);
			bucket.forgetRequests();
			for (let wait = HOUR; wait < 30 * DAY; wait += 10 * MINUTE) await poll(last + wait);
			expect(bucket.requests.reads).toHaveLength(30 * 24 - 2);
		});

		it('is checked again if a poll had no time for it', async () => {
			const bucket = memoryBucket({ now: NOON });
			const { poll } = trigger(bucket);
			await poll();
			const last = addComposite(bucket, { sid: sidOf(1), start: NOON, ended: false });
			bucket.now = last + HOUR;
			expect(await poll()).toEqual([sidOf(1)]);
			bucket.now = last + 2 * HOUR;
			addComposite(bucket, { sid: sidOf(1), start: last + HOUR });
			expect(await poll(Date.now() - 1)).toEqual([]);
			expect(await poll()).toEqual([sidOf(1)]);
		});

		it('is new if its files were deleted and arrive again', async () => {
			const bucket = memoryBucket({ now: NOON });
			const { poll } = trigger(bucket);
			await poll();
			const session = { sid: sidOf(1), start: NOON, ended: false, record: {} };
			bucket.now = addComposite(bucket, session) + HOUR;
			expect(await poll()).toEqual([sidOf(1)]);
			for (const { key } of (await bucket.list({ prefix: '' })).objects)
				if (!key.endsWith('.session.json')) bucket.remove(key);
			bucket.now += HOUR;
			expect(await poll()).toEqual([]);
			bucket.now = addComposite(bucket, { ...session, start: bucket.now }) + HOUR;
			expect(await poll()).toEqual([sidOf(1)]);
		});

		it('is not emitted after it was deleted', async () => {
			const bucket = memoryBucket({ now: NOON });
			const { poll, state } = trigger(bucket);
			await poll();
			const last = addComposite(bucket, { sid: sidOf(1), start: NOON, ended: false });
			bucket.now = last + HOUR;
			await poll();
			for (const { key } of (await bucket.list({ prefix: '' })).objects) bucket.remove(key);
			bucket.now = last + 3 * HOUR;
			expect(await poll()).toEqual([]);
			expect(state().interrupted).toBe('');
		});
	});

	it.each([
		['in one folder', ''],
		['in folders by day', '20261123/'],
	])('waits three days for the files of a session record, %s', async (_, folder) => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket, { includeExisting: true });
		await poll();
		const record = { cname: 'class_7b' };
		for (const n of [1, 2]) {
			addComposite(bucket, { folder, sid: sidOf(n), start: NOON, record });
			for (const { key } of (await bucket.list({ prefix: `${folder}${sidOf(n)}` })).objects)
				if (!key.endsWith('.session.json')) bucket.remove(key);
		}
		bucket.now = NOON + 2 * HOUR;
		expect(await poll()).toEqual([]);
		addComposite(bucket, { folder, sid: sidOf(1), start: NOON, record });
		bucket.now = NOON + 3 * HOUR;
		expect(await poll()).toEqual([sidOf(1)]);
		bucket.now = NOON + 3 * DAY_MS;
		expect(await poll()).toEqual([]);
		bucket.forgetRequests();
		expect(await poll()).toEqual([]);
		expect(bucket.requests).toMatchObject({ lists: [expect.anything()], reads: [] });
	});

	it('emits a recording that ends during the poll only when all of it is listed', async () => {
		for (const includeSegments of [false, true]) {
			const bucket = memoryBucket({ now: NOON });
			const watch = { ...WATCH, includeSegments };
			let { state, newSessions } = await pollBucket(bucket, '', null, watch, Infinity);
			const session = { sid: sidOf(1), start: NOON };
			addComposite(bucket, { ...session, slices: 2, ended: false });
			const { getText } = bucket;
			bucket.getText = async (key) => {
				bucket.now = addComposite(bucket, { ...session, slices: 3 });
				return await getText(key);
			};
			({ state, newSessions } = await pollBucket(bucket, '', state, watch, Infinity));
			expect(newSessions).toEqual([]);
			({ newSessions } = await pollBucket(bucket, '', state, watch, Infinity));
			expect(newSessions).toMatchObject([{ status: 'completed', session: { segmentCount: 3 } }]);
		}
	});

	it.each<[string, (add: (name: string, at: number, body: string) => void) => void]>([
		['a file arrives', (add) => add('_1.jpg', NOON + SECOND, '')],
		['a segment arrives', (add) => add(`_${utcStamp(NOON + SECOND)}.ts`, NOON + SECOND, '')],
		[
			'a segment grows',
			(add) => add(`_${utcStamp(NOON)}.ts`, NOON + 15 * SECOND, 'a longer slice'),
		],
		['the last file is written again', (add) => add('_5.jpg', NOON + 2 * MINUTE + 1, '')],
	])('emits a recording at the next poll if %s during the poll', async (_, change) => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		bucket.add(`${sidOf(1)}_class-7b_5.jpg`, NOON + 2 * MINUTE, '');
		bucket.now = NOON + 5 * MINUTE;
		const { getText } = bucket;
		bucket.getText = async (key) => {
			change((name, at, body) => bucket.add(`${sidOf(1)}_class-7b${name}`, at, body));
			return await getText(key);
		};
		expect(await poll()).toEqual([]);
		expect(await poll()).toEqual([sidOf(1)]);
	});

	it.each([
		['in the root', ''],
		['in a folder', 'a/20261123/'],
	])(
		'emits a recording that another recorder takes over during the poll when that one has ended, %s',
		async (_, folder) => {
			const bucket = memoryBucket({ now: NOON });
			let { state, newSessions } = await pollBucket(bucket, '', null, WATCH, Infinity);
			const session = { folder, sid: sidOf(1), start: NOON };
			addComposite(bucket, session);
			const { getText } = bucket;
			bucket.getText = async (key) => {
				addComposite(bucket, { ...session, takeover: 'bak0_', start: NOON + HOUR, ended: false });
				return await getText(key);
			};
			bucket.now = NOON + 5 * MINUTE;
			({ state, newSessions } = await pollBucket(bucket, '', state, WATCH, Infinity));
			expect(newSessions).toEqual([]);
			bucket.getText = getText;
			addComposite(bucket, { ...session, takeover: 'bak0_', start: NOON + HOUR });
			({ newSessions } = await pollBucket(bucket, '', state, WATCH, Infinity));
			expect(newSessions).toMatchObject([{ status: 'completed', session: { segmentCount: 8 } }]);
		},
	);

	it('does not consider screenshots an hour apart an old recording', async () => {
		const bucket = memoryBucket({ now: NOON });
		const shot = (time: number) => {
			const name = `${sidOf(1)}_class-7b__uid_s_1__uid_e_video_${utcStamp(time)}.jpg`;
			bucket.add(name, time, 'jpg');
		};
		shot(NOON - 10 * MINUTE);
		const { poll } = trigger(bucket);
		await poll();
		bucket.now = NOON + 51 * MINUTE;
		expect(await poll()).toEqual([]);
		shot(NOON + 52 * MINUTE);
		bucket.now = NOON + 3 * HOUR;
		expect(await poll()).toEqual([sidOf(1)]);
	});

	it('emits started recordings once, with their first file', async () => {
		const bucket = memoryBucket({ now: NOON });
		addComposite(bucket, { sid: sidOf(1), start: NOON - MINUTE, ended: false });
		const { poll } = trigger(bucket, { event: 'recordingStarted' });
		expect(await poll()).toEqual([]);
		addComposite(bucket, { sid: sidOf(2), start: NOON, slices: 1, ended: false });
		expect(await poll()).toEqual([sidOf(2)]);
		addComposite(bucket, { sid: sidOf(1), start: NOON - MINUTE });
		addComposite(bucket, { sid: sidOf(2), start: NOON });
		expect(await poll()).toEqual([]);
	});

	it('watches one channel, by its exact name if there is a record', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket, { channels: { cname: 'class_7b' } });
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON, record: { cname: 'class_7b' } });
		addComposite(bucket, { sid: sidOf(2), start: NOON, record: { cname: 'class.7b' } });
		addComposite(bucket, { sid: sidOf(3), start: NOON + MINUTE, channel: 'class-7b' });
		addComposite(bucket, { sid: sidOf(4), start: NOON, channel: 'class-7c' });
		bucket.now = NOON + HOUR;
		expect(await poll()).toEqual([1, 3].map(sidOf));
	});

	it('starts over when something else is watched', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll, rescope } = trigger(bucket);
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		rescope('there');
		bucket.now = NOON + HOUR;
		expect(await poll()).toEqual([]);
	});

	it('leaves recordings for the next poll that there is no time for', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		for (let n = 1; n <= 30; n++) addComposite(bucket, { sid: sidOf(n), start: NOON + n * SECOND });
		bucket.now = NOON + HOUR;
		bucket.forgetRequests();
		expect(await poll(Date.now() - 1)).toEqual([]);
		expect(bucket.requests).toMatchObject({ lists: [expect.anything()], reads: [] });
		expect(await poll(Date.now())).toHaveLength(30);
	});

	it('does not move the time of activation when the first poll is cut short', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll(Date.now() - 1);
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		bucket.now = NOON + HOUR;
		expect(await poll()).toEqual([sidOf(1)]);
	});

	it('sends one request if there is nothing new', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 100; n++) addComposite(bucket, { sid: sidOf(n), start: NOON - 2 * HOUR });
		const { poll } = trigger(bucket);
		await poll();
		bucket.forgetRequests();
		await poll();
		expect(bucket.requests).toMatchObject({ lists: [{ delimiter: '_' }], reads: [], writes: [] });
	});

	it.each<[string, Partial<Watch>, boolean]>([
		['that is running', {}, false],
		['that has just started', { event: 'recordingStarted' }, true],
	])('loads a recording %s with one listing and one reading a poll', async (_, watch, ended) => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket, watch);
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON, ended });
		bucket.now = NOON + 2 * MINUTE;
		for (let polls = 0; polls < (ended ? 1 : 2); polls++) {
			bucket.forgetRequests();
			await poll();
			const { lists, reads } = bucket.requests;
			expect([lists.length, reads.length]).toEqual([2, 1]);
		}
	});

	it('continues after the last running recording that was loaded', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		const ended = (n: number) => n === 8;
		for (let n = 1; n <= 11; n++)
			addComposite(bucket, { sid: sidOf(n), start: NOON + n * SECOND, ended: ended(n) });
		bucket.now = NOON + 10 * MINUTE;
		const { getText } = bucket;
		const clock = jest.mocked(Date.now);
		/** Polls with time for eight sessions. */
		const pollEight = async () => {
			clock.mockReturnValue(NOON);
			bucket.getText = async (key) => {
				const text = await getText(key);
				clock.mockReturnValue(NOON + HOUR);
				return text;
			};
			bucket.forgetRequests();
			const sids = await poll(NOON);
			const loaded = bucket.requests.reads.map((key) => parseInt(key.slice(6, 32), 16));
			return { sids, loaded: loaded.sort((a, b) => a - b) };
		};
		expect(await pollEight()).toEqual({ sids: [sidOf(8)], loaded: [1, 2, 3, 4, 5, 6, 7, 8] });
		expect((await pollEight()).loaded).toEqual([1, 2, 3, 4, 5, 9, 10, 11]);
		// A poll without time for a new session.
		addComposite(bucket, { sid: sidOf(12), start: NOON, ended: false });
		clock.mockReturnValue(NOON + HOUR);
		expect(await poll(NOON)).toEqual([]);
		expect((await pollEight()).loaded).toEqual([1, 2, 6, 7, 9, 10, 11, 12]);
		// A poll without time to load anything, which keeps the place.
		clock.mockReturnValue(NOON + HOUR);
		bucket.forgetRequests();
		expect(await poll(NOON)).toEqual([]);
		expect(bucket.requests.reads).toEqual([]);
		expect((await pollEight()).loaded).toEqual([3, 4, 5, 6, 7, 9, 10, 11]);
		// A poll with time for all, after which the next one begins with the oldest.
		bucket.getText = getText;
		clock.mockReturnValue(NOON);
		await poll(NOON);
		expect((await pollEight()).loaded).toEqual([1, 2, 3, 4, 5, 6, 7, 12]);
	});

	it("searches names that are not Agora's with few requests, apart from the first poll", async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 60; n++) bucket.add(`other${n}_/file_1.txt`, NOON - HOUR);
		const { poll, rescope } = trigger(bucket);
		const requests = async () => {
			bucket.forgetRequests();
			await poll();
			return bucket.requests.lists.length;
		};
		const first = await requests();
		expect(first).toBeGreaterThan(60);
		expect(await requests()).toBeLessThan(30);
		rescope('there');
		expect(await requests()).toBe(first);
	});

	it('forgets deleted recordings', async () => {
		const bucket = memoryBucket({ now: NOON });
		for (let n = 0; n < 10; n++) addComposite(bucket, { sid: sidOf(n), start: NOON - HOUR });
		const { poll, state } = trigger(bucket);
		await poll();
		expect(readSeen(state()).size).toBe(10);
		for (const { key } of (await bucket.list({ prefix: sidOf(3) })).objects) bucket.remove(key);
		await poll();
		expect(readSeen(state()).size).toBe(9);
	});

	it('remembers a recording once, also where another recorder took over', async () => {
		const bucket = memoryBucket({ now: NOON });
		const session = { sid: sidOf(1), start: NOON - HOUR };
		addComposite(bucket, session);
		addComposite(bucket, { ...session, takeover: 'bak0_' });
		const { poll, state } = trigger(bucket);
		for (let polls = 0; polls < 3; polls++) {
			await poll();
			expect([...readSeen(state())]).toEqual([digestOf(sidOf(1))]);
		}
	});

	it('compares known recordings in the order of the listing, without unpacking the state', async () => {
		const bucket = memoryBucket({ now: NOON });
		const add = (n: number) => addComposite(bucket, { sid: sidOf(n), start: NOON - HOUR });
		for (const n of [1, 2, 5, 6]) add(n);
		const { poll } = trigger(bucket);
		await poll();
		const unpack = jest.spyOn(SeenDigests.prototype, Symbol.iterator);
		const isUnpacked = async () => {
			unpack.mockClear();
			await poll();
			return unpack.mock.calls.length > 0;
		};
		const polls = [await isUnpacked(), await isUnpacked()];
		add(3);
		polls.push(await isUnpacked(), await isUnpacked(), await isUnpacked());
		unpack.mockRestore();
		// The digest of a new recording is the last one until the next poll.
		expect(polls).toEqual([false, false, true, true, false]);
	});

	it('does not change the state in a failed poll', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll, state } = trigger(bucket);
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		addComposite(bucket, { sid: sidOf(2), start: NOON + MINUTE });
		bucket.now = NOON + HOUR;
		const before = state();
		const failing = jest
			.spyOn(bucket, 'getText')
			.mockRejectedValueOnce(new Error('storage is down'));
		await expect(poll()).rejects.toThrow('storage is down');
		expect(state()).toEqual(before);
		failing.mockRestore();
		expect(await poll()).toEqual([1, 2].map(sidOf));
	});

	it('emits each recording of a whole day once, in order of their starts in each poll', async () => {
		const random = randomSource(5);
		const bucket = memoryBucket({ now: NOON, pageSize: 50 });
		const sessions = Array.from({ length: 80 }, (_, n) => ({
			sid: sidOf(n),
			folder: random.pick(['', '20261123/', '20261124/']),
			start: NOON + random.integer(-60, 600) * MINUTE,
			slices: random.integer(1, 100),
			restarted: random.integer(0, 4) === 0,
		}));
		const complete = new Set<string>();
		const write = (now: number) => {
			for (const { sid, folder, start, slices, restarted } of sessions) {
				const there = Math.min(slices, Math.floor((now - start) / (15 * SECOND)));
				if (there < 1 || complete.has(sid)) continue;
				const ended = there === slices && !restarted;
				addComposite(bucket, { sid, folder, start, slices: there, ended });
				if (there === slices && !restarted) complete.add(sid);
				if (!restarted || there < slices) continue;
				const again = start + (slices + 6) * 15 * SECOND;
				if (again + MINUTE > now) continue;
				addComposite(bucket, { sid, folder, takeover: 'bak0_', start: again });
				complete.add(sid);
			}
		};
		const { poll } = trigger(bucket);
		write(NOON);
		await poll();
		const emitted: string[] = [];
		for (bucket.now = NOON; bucket.now < NOON + 13 * HOUR; bucket.now += 7 * MINUTE) {
			write(bucket.now);
			const newSessions = await poll(random.integer(0, 3) === 0 ? 0 : Infinity);
			const starts = newSessions.map(
				(sid) => sessions.find((session) => session.sid === sid)!.start,
			);
			expect(starts).toEqual([...starts].sort((a, b) => a - b));
			emitted.push(...newSessions);
		}
		const ended = sessions.filter(({ start, slices, restarted }) => {
			const length = slices * 15 * SECOND + (restarted ? 6 * 15 * SECOND + MINUTE : 0);
			return start + length >= NOON;
		});
		expect(emitted.sort()).toEqual(ended.map(({ sid }) => sid).sort());
	});

	it('sends a few requests, for any number of days and sessions', async () => {
		for (const days of [10, 100, 1000]) {
			const now = Date.now();
			const bucket = memoryBucket({ now, pageSize: 50 });
			for (let n = 0; n < days * 3; n++) {
				const start = now - 2 * HOUR - Math.floor(n / 3) * DAY_MS;
				addComposite(bucket, { folder: `${dayOf(start)}/`, sid: sidOf(n), start });
			}
			const { poll, state } = trigger(bucket);
			await poll();
			bucket.forgetRequests();
			expect(await poll()).toEqual([]);
			expect(readSeen(state()).size).toBeLessThanOrEqual(3 * 5);
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(2);
			expect(bucket.requests.reads).toEqual([]);
		}
	});

	it('emits a long recording that ends long after its day', async () => {
		const now = Date.now();
		const bucket = memoryBucket({ now });
		const { poll } = trigger(bucket);
		await poll();
		const folder = `${dayOf(now)}/`;
		const session = { folder, sid: sidOf(1), start: now };
		const last = addComposite(bucket, { ...session, slices: 100, ended: false });
		for (bucket.now = last; bucket.now < last + 10 * DAY_MS; bucket.now += 6 * HOUR) {
			addComposite(bucket, { folder, sid: sidOf(1), start: bucket.now - MINUTE, ended: false });
			expect(await poll()).toEqual([]);
		}
		addComposite(bucket, { folder, sid: sidOf(1), start: bucket.now - MINUTE });
		expect(await poll()).toEqual([sidOf(1)]);
		expect(await poll()).toEqual([]);
	});

	it('catches up after days without a poll', async () => {
		const now = Date.now();
		const bucket = memoryBucket({ now });
		const { poll } = trigger(bucket);
		await poll();
		for (let day = 0; day < 20; day++) {
			const start = now + day * DAY_MS;
			addComposite(bucket, { folder: `${dayOf(start)}/`, sid: sidOf(day), start });
		}
		bucket.now = now + 20 * DAY_MS;
		expect(await poll()).toEqual(Array.from({ length: 20 }, (_, n) => sidOf(n)));
		bucket.now += DAY_MS;
		expect(await poll()).toEqual([]);
	});

	it('processes a backlog in order of the starts, within its time', async () => {
		const random = randomSource(6);
		const bucket = memoryBucket({ now: NOON, pageSize: 100 });
		const { poll, state } = trigger(bucket, { includeExisting: true });
		const count = 500;
		const starts = Array.from({ length: count }, () => random.integer(0, 1e9));
		const rank = (start: number) => starts.filter((each) => each < start).length;
		for (const [n, start] of starts.entries()) {
			addComposite(bucket, { sid: sidOf(n), start: NOON - (count - rank(start)) * HOUR });
		}
		// One second allows a few requests.
		let clock = 0;
		const now = jest.spyOn(Date, 'now').mockImplementation(() => (clock += 10));
		const emitted: string[] = [];
		let polls = 0;
		while (emitted.length < count && polls++ < 200) {
			bucket.forgetRequests();
			emitted.push(...(await poll(clock + 1000)));
			const { lists, reads } = bucket.requests;
			expect(lists.length + reads.length).toBeLessThan(350);
			expect(JSON.stringify(state()).length).toBeLessThan(count * 40);
		}
		now.mockReturnValue(NOON);
		const inOrder = [...starts.keys()].sort((a, b) => starts[a]! - starts[b]!);
		expect(emitted).toEqual(inOrder.map(sidOf));
		expect(polls).toBeGreaterThan(3);
		expect(state().starts).toBe('');
	});

	it('is not blocked by files that look like a session', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		bucket.add(`${sidOf(9)}_notes.txt`, NOON);
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		bucket.now = NOON + HOUR;
		expect(await poll()).toEqual([sidOf(1)]);
		bucket.now = NOON + 3 * DAY_MS;
		expect(await poll()).toEqual([]);
		bucket.forgetRequests();
		expect(await poll()).toEqual([]);
		expect(bucket.requests.lists).toHaveLength(1);
	});

	it('reaches each recording, even if more are running than one poll can load', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		const count = 200;
		const hasEnded = (n: number) => n === 150 || n === 199;
		for (let n = 0; n < count; n++)
			addComposite(bucket, { sid: sidOf(n), start: NOON + n * SECOND, ended: hasEnded(n) });
		const write = (at: number) => {
			for (let n = 0; n < count; n++)
				if (!hasEnded(n))
					addComposite(bucket, { sid: sidOf(n), start: at - 2 * MINUTE, ended: false });
			bucket.now = at;
		};
		write(NOON + HOUR);
		let clock = 0;
		const now = jest.spyOn(Date, 'now').mockImplementation(() => (clock += 10));
		const emitted: string[] = [];
		for (let n = 0; n < 6; n++) {
			emitted.push(...(await poll(clock + 1500)));
			write(bucket.now + MINUTE);
		}
		now.mockReturnValue(NOON);
		expect(emitted.sort()).toEqual([150, 199].map(sidOf));
	});

	describe('with a recording that cannot be read', () => {
		const denied = new Fault('It is archived in Glacier', {
			description: 'Restore it first.',
			httpCode: '403',
			onlyThisObject: true,
		});

		it('returns the others, and that one once it can be read', async () => {
			const bucket = memoryBucket({ now: NOON });
			const { poll } = trigger(bucket);
			await poll();
			for (const n of [1, 2]) addComposite(bucket, { sid: sidOf(n), start: NOON + n * SECOND });
			bucket.now = NOON + 3 * HOUR;
			const { getText } = bucket;
			bucket.getText = async (key) => {
				if (key.startsWith(sidOf(1))) throw denied;
				return await getText(key);
			};
			expect(await poll()).toEqual([sidOf(2)]);
			expect(await poll()).toEqual([]);
			bucket.getText = getText;
			expect(await poll()).toEqual([sidOf(1)]);
			expect(await poll()).toEqual([]);
		});

		it('is not emitted if it was archived before the activation', async () => {
			const bucket = memoryBucket({ now: NOON });
			addComposite(bucket, { sid: sidOf(1), start: NOON - 5 * HOUR });
			let reads = 0;
			bucket.getText = async () => {
				reads++;
				throw denied;
			};
			const { poll } = trigger(bucket);
			for (let polls = 0; polls < 3; polls++) expect(await poll()).toEqual([]);
			expect(reads).toBe(1);
		});
	});

	it.each([false, true])(
		'waits for a recording beside whose name another tool put a file first, with segments %s',
		async (includeSegments) => {
			const bucket = memoryBucket({ now: NOON });
			bucket.add(`${sidOf(1)}_notes.txt`, NOON, 'x');
			const { poll } = trigger(bucket, { includeSegments, channels: { cname: 'class-7b' } });
			expect(await poll()).toEqual([]);
			expect(await poll(Date.now() - 1)).toEqual([]);
			expect(await poll()).toEqual([]);
			bucket.now = addComposite(bucket, { sid: sidOf(1), start: NOON + MINUTE }) + HOUR;
			expect(await poll()).toEqual([sidOf(1)]);
		},
	);

	it('waits for files that are uploaded from a backup after a stop before the activation', async () => {
		const bucket = memoryBucket({ now: NOON });
		const endedAt = new Date(NOON - MINUTE).toISOString();
		const record = { endedAt, uploadingStatus: 'backuped' };
		const session = { sid: sidOf(1), start: NOON - 2 * MINUTE, slices: 1, record };
		addComposite(bucket, session);
		bucket.remove(`${sidOf(1)}_class-7b.m3u8`);
		const { poll } = trigger(bucket);
		for (const hours of [0, 1, 5]) {
			bucket.now = NOON + hours * HOUR;
			expect(await poll()).toEqual([]);
		}
		addComposite(bucket, { ...session, slices: 2, start: NOON + 5 * HOUR });
		bucket.now += HOUR;
		expect(await poll()).toEqual([sidOf(1)]);
	});

	it('does not return a recording that is deleted after the listing', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		for (const n of [1, 2]) addComposite(bucket, { sid: sidOf(n), start: NOON + n * SECOND });
		bucket.now = NOON + HOUR;
		const { getText } = bucket;
		bucket.getText = async (key) => {
			const { objects } = await bucket.list({ prefix: sidOf(1) });
			for (const each of objects) bucket.remove(each.key);
			return await getText(key);
		};
		expect(await poll()).toEqual([sidOf(2)]);
		expect(await poll()).toEqual([]);
	});

	it.each([
		['after the sessions are found', '_', true],
		['after its playlist is read', 'bak0_', true],
		['after the sessions are found, when it was interrupted before', '_', false],
	])('does not return a recording that is deleted %s', async (_, from, ended) => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON, ended });
		bucket.now = NOON + 2 * MINUTE;
		if (!ended) {
			bucket.now += HOUR;
			expect(await poll()).toEqual([sidOf(1)]);
			bucket.now += HOUR;
		}
		const { list } = bucket;
		bucket.list = async (query) => {
			const isScan = query.delimiter === '_';
			const page = await list(query);
			if (from === 'bak0_' ? query.prefix.startsWith(from) : isScan) {
				for (const { key } of (await list({ prefix: sidOf(1) })).objects) bucket.remove(key);
			}
			return page;
		};
		expect(await poll()).toEqual([]);
		bucket.list = list;
		expect(await poll()).toEqual([]);
	});

	it('waits for a recording whose files arrive two days after one of another tool', async () => {
		const bucket = memoryBucket({ now: NOON });
		bucket.add(`${sidOf(1)}_notes.txt`, NOON, 'x');
		const { poll } = trigger(bucket);
		await poll();
		bucket.now = NOON + 2 * DAY_MS;
		expect(await poll()).toEqual([]);
		bucket.now = addComposite(bucket, { sid: sidOf(1), start: bucket.now }) + HOUR;
		expect(await poll()).toEqual([sidOf(1)]);
	});

	describe('the MP4 of a recording without a session record', () => {
		const END = NOON + MINUTE;
		/** A recording that has just ended, in a folder with another one. */
		async function ended(mp4: Watch['mp4'], neighbor: 'with' | 'without' | 'alone') {
			const bucket = memoryBucket({ now: NOON });
			const other = { folder: '20261122/', sid: sidOf(1), start: NOON - DAY_MS };
			if (neighbor !== 'alone') addComposite(bucket, other);
			if (neighbor === 'with') bucket.add(`20261122/${sidOf(1)}_class-7b_0.mp4`, NOON - HOUR, '');
			const { poll } = trigger(bucket, { mp4 });
			await poll();
			const session = { folder: '20261123/', sid: sidOf(2), start: NOON };
			addComposite(bucket, session);
			bucket.now = END + SECOND;
			return { bucket, poll };
		}

		it.each<[Watch['mp4'], 'with' | 'without' | 'alone', boolean]>([
			['detect', 'with', true],
			['detect', 'without', false],
			['detect', 'alone', false],
			['expect', 'alone', true],
			['ignore', 'with', false],
		])('%s, %s a neighbor that has one: waits %s', async (mp4, neighbor, waits) => {
			const { bucket, poll } = await ended(mp4, neighbor);
			expect(await poll()).toEqual(waits ? [] : [sidOf(2)]);
			if (!waits) return;
			bucket.now = END + 2 * MINUTE;
			bucket.forgetRequests();
			expect(await poll()).toEqual([]);
			// The result for the folder is remembered.
			expect(bucket.requests.lists.length).toBeLessThanOrEqual(4);
			bucket.add(`20261123/${sidOf(2)}_class-7b_0.mp4`, bucket.now, 'mp4');
			expect(await poll()).toEqual([sidOf(2)]);
		});

		it('is not expected if the session record contains no MP4', async () => {
			const { bucket, poll } = await ended('detect', 'with');
			const record = JSON.stringify(sessionRecordOf(sidOf(2)));
			bucket.add(`20261123/${sidOf(2)}_class-7b.session.json`, NOON, record);
			expect(await poll()).toEqual([sidOf(2)]);
		});

		it('is not expected without a playlist', async () => {
			const { bucket, poll } = await ended('detect', 'with');
			bucket.remove(`20261123/${sidOf(2)}_class-7b.m3u8`);
			bucket.now = END + 6 * MINUTE;
			expect(await poll()).toEqual([sidOf(2)]);
		});

		/** A recording has just ended, beside recordings in these folders; `true` for those with an MP4. */
		async function endedBeside(
			neighbors: Array<[folder: string, hasMp4: boolean]>,
			folder = 'a/20261123/',
		) {
			const bucket = memoryBucket({ now: NOON });
			const start = NOON - DAY_MS;
			for (const [n, [other, hasMp4]] of neighbors.entries()) {
				addComposite(bucket, { folder: other, sid: sidOf(n + 1), start });
				if (hasMp4) bucket.add(`${other}${sidOf(n + 1)}_class-7b_0.mp4`, start + HOUR);
			}
			const { poll } = trigger(bucket);
			await poll();
			addComposite(bucket, { folder, sid: sidOf(9), start: NOON });
			bucket.now = END + SECOND;
			return { bucket, poll };
		}

		it.each<[string, Array<[string, boolean]>, boolean]>([
			[
				'the first of two others has one',
				[
					['a/20261122/', true],
					['a/20261122/', false],
				],
				true,
			],
			[
				'the second of two others has one',
				[
					['a/20261122/', false],
					['a/20261122/', true],
				],
				true,
			],
			[
				'only the third last has one',
				[
					['a/20261122/', true],
					['a/20261122/', false],
					['a/20261122/', false],
				],
				false,
			],
			['only one of another folder has one', [['b/20261122/', true]], false],
			['only one of the parent folder has one', [['20261122/', true]], false],
		])('if %s: waits %s', async (_, neighbors, waits) => {
			const { poll } = await endedBeside(neighbors);
			expect(await poll()).toEqual(waits ? [] : [sidOf(9)]);
		});

		it.each([
			['room1/', true],
			['room2/', false],
		])('without folders by day is expected as in %s: %s', async (other, waits) => {
			const { poll } = await endedBeside([[other, true]], 'room1/');
			expect(await poll()).toEqual(waits ? [] : [sidOf(9)]);
		});

		it('is not expected if the other recording is deleted meanwhile', async () => {
			const { bucket, poll } = await endedBeside([['a/20261122/', true]]);
			const { getText } = bucket;
			bucket.getText = async (key) => {
				for (const each of (await bucket.list({ prefix: 'a/20261122/' })).objects)
					bucket.remove(each.key);
				return await getText(key);
			};
			expect(await poll()).toEqual([sidOf(9)]);
		});

		it('is waited for if the recording has an earlier MP4', async () => {
			const { bucket, poll } = await ended('detect', 'alone');
			bucket.add(`20261123/${sidOf(2)}_class-7b_0.mp4`, END - 30 * SECOND, 'mp4');
			expect(await poll()).toEqual([]);
			bucket.add(`20261123/${sidOf(2)}_class-7b_1.mp4`, END, 'mp4');
			expect(await poll()).toEqual([sidOf(2)]);
		});

		it.each([
			[30 * MINUTE - 1, false],
			[30 * MINUTE, true],
		])(
			'is searched again in a folder %d milliseconds after none was found: %s',
			async (wait, isSearched) => {
				const { bucket, poll } = await endedBeside([['a/20261122/', false]]);
				const checkedAt = bucket.now;
				expect(await poll()).toEqual([sidOf(9)]);
				bucket.add(`a/20261122/${sidOf(1)}_class-7b_0.mp4`, checkedAt);
				bucket.now = checkedAt + wait;
				const start = bucket.now - 2 * MINUTE;
				addComposite(bucket, { folder: 'a/20261123/', sid: sidOf(10), start });
				expect(await poll()).toEqual(isSearched ? [] : [sidOf(10)]);
			},
		);

		it('is expected in a folder in which one was found, however long ago', async () => {
			const { bucket, poll } = await endedBeside([['a/20261122/', true]]);
			expect(await poll()).toEqual([]);
			for (const { key } of (await bucket.list({ prefix: 'a/20261122/' })).objects)
				bucket.remove(key);
			bucket.now = END + HOUR;
			expect(await poll()).toEqual([sidOf(9)]);
			addComposite(bucket, {
				folder: 'a/20261123/',
				sid: sidOf(10),
				start: bucket.now - 2 * MINUTE,
			});
			expect(await poll()).toEqual([]);
		});

		it('is expected for ten minutes', async () => {
			const { bucket, poll } = await ended('detect', 'with');
			bucket.now = END + 10 * MINUTE - 1;
			expect(await poll()).toEqual([]);
			bucket.now = END + 10 * MINUTE;
			expect(await poll()).toEqual([sidOf(2)]);
			expect(await poll()).toEqual([]);
		});
	});

	it('loads all recorders of a recording, even if many others have just taken over', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		for (let n = 1; n <= 6; n++) {
			const session = { folder: `room${n}/`, sid: sidOf(n), start: NOON + n * SECOND };
			addComposite(bucket, { ...session, ended: false });
			addComposite(bucket, { ...session, takeover: 'bak0_', start: NOON + MINUTE });
		}
		bucket.now = NOON + 2 * HOUR;
		const watch = { ...WATCH, includeExisting: true };
		const { newSessions } = await pollBucket(bucket, '', null, watch, Infinity);
		expect(newSessions.map(({ session }) => session.segmentCount)).toEqual(Array(6).fill(8));
		expect(await poll()).toEqual([1, 2, 3, 4, 5, 6].map(sidOf));
	});

	it('fails with an explanation if finding the sessions takes all the time', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 5 });
		for (let n = 0; n < 100; n++) addComposite(bucket, { sid: sidOf(n), start: NOON - HOUR });
		let clock = NOON;
		const now = jest.spyOn(Date, 'now').mockImplementation(() => (clock += 10));
		const poll = pollBucket(bucket, '', null, WATCH, clock + 100, clock + 100);
		await expect(poll).rejects.toThrow('took longer than n8n allows');
		now.mockReturnValue(NOON);
	});

	it('does not emit as started a recording that began before the activation and is found later', async () => {
		const bucket = memoryBucket({ now: NOON, pageSize: 5 });
		const { poll } = trigger(bucket, { event: 'recordingStarted' });
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON - HOUR });
		addComposite(bucket, { sid: sidOf(2), start: NOON, slices: 1, ended: false });
		expect(await poll()).toEqual([sidOf(2)]);
	});

	it.each([
		['with a playlist, 30 days ago', true, 30 * DAY_MS, false],
		['with a playlist, almost 30 days ago', true, 30 * DAY_MS - 1, true],
		['without a playlist, two hours ago', false, 2 * HOUR, false],
	])('at the activation, for a recording %s, loads it: %s', async (_, playlist, idle, loads) => {
		const bucket = memoryBucket({ now: NOON });
		const session = { sid: sidOf(1), start: NOON - idle - MINUTE };
		expect(addComposite(bucket, session)).toBe(NOON - idle);
		if (!playlist) bucket.remove(`${sidOf(1)}_class-7b.m3u8`);
		const { poll } = trigger(bucket);
		expect(await poll()).toEqual([]);
		const { lists, reads } = bucket.requests;
		// The sessions of the folder, and the files of this one.
		expect(lists.length + reads.length > 2).toBe(loads);
	});

	it.each([
		['at the time of activation', 0, true],
		['before the activation', -1, false],
	])(
		'with a recording without a playlist that ended %s and is found later',
		async (_, end, isNew) => {
			const bucket = memoryBucket({ now: NOON });
			const { poll } = trigger(bucket);
			await poll();
			addComposite(bucket, { sid: sidOf(1), start: NOON - MINUTE + end });
			bucket.remove(`${sidOf(1)}_class-7b.m3u8`);
			bucket.now = NOON + 2 * HOUR;
			expect(await poll()).toEqual(isNew ? [sidOf(1)] : []);
		},
	);

	it.each([true, false])('searches all days only for existing recordings: %s', async (existing) => {
		const bucket = memoryBucket({ now: NOON });
		for (const [n, days] of [31, 400].entries()) {
			const start = NOON - days * DAY_MS;
			addComposite(bucket, { folder: `${dayOf(start)}/`, sid: sidOf(n), start });
		}
		const { poll, state } = trigger(bucket, { includeExisting: existing });
		expect(await poll()).toEqual(existing ? [sidOf(1), sidOf(0)] : []);
		expect(readSeen(state()).size).toBe(existing ? 2 : 0);
	});

	it('emits about 1,000 recordings in a poll, the others in the next, apart from those running', async () => {
		const bucket = memoryBucket({ now: NOON });
		const { poll } = trigger(bucket);
		await poll();
		for (let n = 0; n < 1020; n++) {
			const ended = n >= 10;
			addComposite(bucket, { sid: sidOf(n), start: NOON + n, slices: 1, ended });
		}
		bucket.now = NOON + 30 * MINUTE;
		const emitted = [await poll(), await poll(), await poll()];
		const [first, second] = emitted.map((sids) => sids.length) as [number, number];
		expect(first).toBeGreaterThanOrEqual(1000);
		expect(first).toBeLessThan(1008);
		expect(second).toBe(1010 - first);
		expect(emitted.flat()).toEqual(Array.from({ length: 1010 }, (_, n) => sidOf(n + 10)));
	});

	it('starts without loading recordings that ended a month ago', async () => {
		const bucket = memoryBucket({ now: NOON });
		const start = NOON - 31 * DAY_MS;
		for (let n = 0; n < 300; n++) addComposite(bucket, { sid: sidOf(n), start });
		const { poll } = trigger(bucket);
		expect(await poll()).toEqual([]);
		expect(bucket.requests.reads).toEqual([]);
		expect(bucket.requests.lists.length).toBeLessThanOrEqual(4);
	});
});
