import type { IDataObject } from 'n8n-workflow';
import { runPoll } from '../../../nodes/Agora/trigger/poll';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { addComposite, HOUR, MINUTE, NOON, SECOND, sidOf } from '../recordedSession';
import { pollContext } from './pollContext';

let names = 0;
/** What this process remembers about a node or a bucket should not reach another test. */
let credential: IDataObject;
let bucket: MemoryBucket;

/** Polls as n8n does: the static data goes through JSON in between. */
function trigger(settings: Parameters<typeof pollContext>[1] = {}) {
	let stored = '{}';
	const poll = async (changes: typeof settings = {}) => {
		const memory = JSON.parse(stored);
		const fake = pollContext(bucket, { credential, memory, ...settings, ...changes });
		const items = await runPoll(fake.context);
		stored = JSON.stringify(fake.memory);
		return { ...fake, sids: items?.[0]!.map(({ json }) => json.sid) ?? items, items };
	};
	return { poll, store: (json: string) => (stored = json), stored: () => stored };
}

/** As an expression or an import may have left them. */
const options = (values: IDataObject) => ({ parameters: { options: values } });
const filters = (values: IDataObject, event = 'recordingCompleted') => ({
	parameters: { event, filters: values },
});

beforeEach(() => {
	jest.spyOn(Date, 'now').mockReturnValue(NOON);
	credential = { bucket: `polled-${++names}` };
	bucket = memoryBucket({ now: NOON });
});
afterEach(() => jest.restoreAllMocks());

const setClock = (now: number) => {
	bucket.now = now;
	jest.mocked(Date.now).mockReturnValue(now);
};

describe('the trigger', () => {
	it('returns one item for each new recording, and null for none', async () => {
		const { poll } = trigger();
		expect((await poll()).items).toBeNull();
		for (const n of [2, 1]) addComposite(bucket, { sid: sidOf(n), start: NOON + n * MINUTE });
		setClock(NOON + 10 * MINUTE);
		const { items } = await poll();
		expect(items).toEqual([
			[1, 2].map((n) => ({
				json: expect.objectContaining({
					sid: sidOf(n),
					status: 'completed',
					started_at: new Date(NOON + n * MINUTE).toISOString(),
				}),
			})),
		]);
		setClock(NOON + HOUR);
		expect((await poll()).items).toBeNull();
	});

	it.each([
		['', { prefix: 'school' }, 'school/'],
		['', { prefix: '/school//math/' }, 'school/math/'],
		['archive', { prefix: 'school' }, 'archive/school/'],
		['archive', {}, 'archive/'],
		['', { prefix: '' }, ''],
	])(
		'with File Name Prefix "%s" and %j watches the folder "%s"',
		async (prefix, values, folder) => {
			const { poll } = trigger({
				...filters(values),
				credential: { ...credential, fileNamePrefix: prefix },
			});
			await poll();
			const others = ['x', 'school', 'school/math', 'archive', 'archive/school', 'archive/x'];
			others.forEach((other, n) =>
				addComposite(bucket, { folder: `${other}/`, sid: sidOf(n), start: NOON }),
			);
			setClock(NOON + 10 * MINUTE);
			const inside = others.flatMap((other, n) =>
				`${other}/`.startsWith(folder) ? [sidOf(n)] : [],
			);
			expect((await poll()).sids?.sort()).toEqual(inside);
		},
	);

	it.each([
		[{ cname: 'math' }, [1]],
		[{ cname: '' }, [1, 2]],
		[{}, [1, 2]],
	])('with the filters %j returns the recordings %j', async (values, expected) => {
		const { poll } = trigger(filters(values));
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON, channel: 'math' });
		addComposite(bucket, { sid: sidOf(2), start: NOON + SECOND, channel: 'art' });
		setClock(NOON + 10 * MINUTE);
		expect((await poll()).sids).toEqual(expected.map(sidOf));
	});

	it.each([
		['the event', filters({}), filters({}, 'recordingStarted')],
		['the channel', filters({}), filters({ cname: 'class-7b' })],
		['the channel again', filters({ cname: 'class-7a' }), filters({ cname: 'class-7b' })],
		['the folder', filters({}), filters({ prefix: 'school' })],
		['the bucket', filters({}), { credential: { bucket: 'another' } }],
	])('starts over when %s changes', async (_, before, after) => {
		const { poll } = trigger();
		await poll(before);
		addComposite(bucket, { folder: 'school/', sid: sidOf(1), start: NOON });
		setClock(NOON + 10 * MINUTE);
		expect((await poll(after)).sids).toBeNull();
		expect((await poll(after)).sids).toBeNull();
	});

	it('returns existing recordings if that is set', async () => {
		addComposite(bucket, { sid: sidOf(1), start: NOON - HOUR });
		expect((await trigger().poll()).sids).toBeNull();
		expect((await trigger(options({ includeExisting: true })).poll()).sids).toEqual([sidOf(1)]);
	});

	it.each([
		['ignore', true],
		['expect', false],
	])('waits for an MP4 as MP4 Files says: %s', async (mp4Files, isReturned) => {
		const { poll } = trigger(options({ mp4Files }));
		await poll();
		const end = addComposite(bucket, { sid: sidOf(1), start: NOON });
		setClock(end + MINUTE);
		expect((await poll()).sids).toEqual(isReturned ? [sidOf(1)] : null);
	});

	it.each([
		[{ includeSegments: true, linkLifetime: 900 }, 4, '900'],
		[{}, 0, '86400'],
	])('presents recordings as the options say: %j', async (values, segments, expires) => {
		const { poll } = trigger(options(values));
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		setClock(NOON + 10 * MINUTE);
		const { items } = await poll();
		const files = items![0]![0]!.json.file_list as IDataObject[];
		expect(files.filter(({ filename }) => String(filename).endsWith('.ts'))).toHaveLength(segments);
		const link = new URL(String(files[0]!.download_url));
		expect(link.searchParams.get('X-Amz-Expires')).toBe(expires);
	});

	it.each([
		['Trigger On', { parameters: { event: 'x' } }],
		['MP4 Files', options({ mp4Files: 'x' })],
		['Include Existing Recordings', options({ includeExisting: 'x' })],
		['Link Lifetime', options({ linkLifetime: 'x' })],
	])('fails when an expression sets "%s" to something else', async (label, settings) => {
		await expect(trigger(settings).poll()).rejects.toMatchObject({
			name: 'NodeOperationError',
			message: `"${label}" can't be "x"`,
		});
	});

	it('fails with an error of the node when the storage refuses, and stores nothing', async () => {
		const { poll, stored } = trigger();
		await expect(poll({ refusesWith: 403 })).rejects.toMatchObject({
			name: 'NodeApiError',
			httpCode: '403',
			node: { name: 'Agora Trigger' },
		});
		expect(stored()).toBe('{}');
	});
});

describe('a poll while n8n has not stored the last one', () => {
	it('is skipped while another poll of the node is running', async () => {
		const { poll } = trigger();
		const [first, second] = await Promise.all([poll(), poll()]);
		expect([first.counts.requests > 0, second.counts.requests]).toEqual([true, 0]);
		expect(second.items).toBeNull();
	});

	it('returns nothing from a state that is older than the last emission', async () => {
		const { poll, store, stored } = trigger();
		await poll();
		const older = stored();
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		setClock(NOON + 10 * MINUTE);
		expect((await poll()).sids).toEqual([sidOf(1)]);
		store(older);
		setClock(NOON + 10 * MINUTE + 29 * SECOND);
		const skipped = await poll();
		expect(skipped).toMatchObject({ items: null, counts: { requests: 0 } });
		expect(stored()).toBe(older);
		// That emission was never stored, so it was lost.
		setClock(NOON + 10 * MINUTE + 30 * SECOND);
		expect((await poll()).sids).toEqual([sidOf(1)]);
	});

	it('is not skipped while another workflow or node polls the same bucket', async () => {
		const { poll } = trigger();
		const polls = [poll(), poll({ workflowId: 'another' }), poll({ nodeId: 'another' })];
		const requests = (await Promise.all(polls)).map(({ counts }) => counts.requests);
		for (const count of requests) expect(count).toBeGreaterThan(0);
	});

	it('is not skipped when the last poll returned nothing', async () => {
		const { poll, store, stored } = trigger();
		await poll();
		const older = stored();
		setClock(NOON + MINUTE);
		await poll();
		store(older);
		expect((await poll()).counts.requests).toBeGreaterThan(0);
	});
});

describe('the first poll after n8n was started', () => {
	async function emitted() {
		const { poll, stored } = trigger();
		await poll();
		addComposite(bucket, { sid: sidOf(1), start: NOON });
		setClock(NOON + 5 * MINUTE);
		expect((await poll()).sids).toEqual([sidOf(1)]);
		setClock(NOON + 6 * MINUTE);
		return stored();
	}
	const sidsOf = async (context: Parameters<typeof runPoll>[0]) =>
		(await runPoll(context))?.[0]!.map(({ json }) => json.sid) ?? null;

	it.each(['init', 'leadershipChange'] as const)(
		'returns what was emitted just before once more (%s)',
		async (activation) => {
			const memory = JSON.parse(await emitted());
			const { context } = pollContext(bucket, { credential, memory, activation });
			expect(await sidsOf(context)).toEqual([sidOf(1)]);
			setClock(NOON + 7 * MINUTE);
			expect(await sidsOf(context)).toBeNull();
		},
	);

	it('returns nothing again when a user activates the workflow', async () => {
		const memory = JSON.parse(await emitted());
		const { context } = pollContext(bucket, { credential, memory, activation: 'activate' });
		expect(await sidsOf(context)).toBeNull();
	});

	it('begins with an empty state like any other', async () => {
		addComposite(bucket, { sid: sidOf(1), start: NOON - HOUR });
		const { context } = pollContext(bucket, { credential, activation: 'init' });
		expect(await sidsOf(context)).toBeNull();
	});
});

describe('a bucket with many other files', () => {
	const addOthers = () => {
		for (let n = 0; n < 400; n++) bucket.add(`other${n}_/file_1.txt`, NOON - HOUR);
	};

	it('is reported in the log once, with a few of the names', async () => {
		addOthers();
		const { poll } = trigger();
		const { warnings } = await poll();
		expect(warnings).toHaveLength(1);
		expect(warnings[0]).toContain(`"${String(credential.bucket)}"`);
		expect(warnings[0]).toMatch(/that are not Agora's \(("other\d+_…", ){4}"other\d+_…"\)\./);
		expect((await poll()).warnings).toEqual([]);
		credential = { bucket: `polled-${++names}` };
		expect((await trigger().poll()).warnings).toHaveLength(1);
	});

	it('is not reported when all of them were searched', async () => {
		bucket.add('other_/file_1.txt', NOON - HOUR);
		expect((await trigger().poll()).warnings).toEqual([]);
	});
});

describe('a manual test', () => {
	const manual = (settings: Parameters<typeof pollContext>[1] = {}) =>
		trigger({ mode: 'manual', ...settings });

	beforeEach(() => {
		addComposite(bucket, { sid: sidOf(1), start: NOON - 3 * HOUR, channel: 'math' });
		addComposite(bucket, { sid: sidOf(2), start: NOON - 2 * HOUR });
		addComposite(bucket, { sid: sidOf(3), start: NOON - 2 * MINUTE, ended: false });
	});

	it.each([
		['the newest completed recording', filters({}), 2],
		['the newest of the channel', filters({ cname: 'math' }), 1],
		['the newest recording, also while it runs', filters({}, 'recordingStarted'), 3],
	])('shows %s, again and again', async (_, settings, n) => {
		const { poll, stored } = manual(settings);
		for (let i = 0; i < 2; i++) expect((await poll()).sids).toEqual([sidOf(n)]);
		expect(stored()).toBe('{}');
	});

	it.each([
		['completed', 'recordingCompleted'],
		['started', 'recordingStarted'],
	])('fails without a %s recording', async (status, event) => {
		await expect(manual(filters({ prefix: 'empty' }, event)).poll()).rejects.toMatchObject({
			message: 'There is no recording to show yet',
			description: expect.stringMatching(
				new RegExp(`"${String(credential.bucket)}".* ${status} recording below "empty/"`),
			),
		});
	});
});
