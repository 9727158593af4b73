import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { Fault, type FaultDetails } from '../../../../../nodes/Agora/http/errors';
import { execute } from '../../../../../nodes/Agora/resources/recording/start';
import { oncePerItem } from '../../../../../nodes/Agora/resources/recording/start/once';
import { faultOf, useTestClock } from '../../../http/fakeContext';
import { memoryBucket } from '../../../memoryBucket';
import { APP_ID, settle, sid, startContext } from './startContext';

jest.mock('../../../../../nodes/Agora/storage/bucket', () => ({
	openBucket: async ({ bucket }: { bucket: unknown }) => bucket,
}));

describe('attempts of the same item', () => {
	/** Runs an attempt for each outcome, and returns the results and how often `start` was called. */
	async function attempts(outcomes: Array<Error | IDataObject>) {
		const item: INodeExecutionData = { json: {} };
		let calls = 0;
		const results: Array<IDataObject | Error> = [];
		for (const outcome of outcomes) {
			const attempt = oncePerItem(item, async () => {
				calls++;
				if (outcome instanceof Error) throw outcome;
				return outcome;
			});
			results.push(await attempt.catch((error: Error) => error));
		}
		return { calls, results };
	}
	const fault = (details: FaultDetails = {}) => new Fault('Failed', details);

	it('return the result of the first successful one', async () => {
		const { calls, results } = await attempts([{ sid: 'a' }, { sid: 'b' }]);
		expect(results).toEqual([{ sid: 'a' }, { sid: 'a' }]);
		expect(calls).toBe(1);
	});

	it('at the same time share one start', async () => {
		const item: INodeExecutionData = { json: {} };
		let calls = 0;
		const start = async () => ({ call: ++calls });
		const results = await Promise.all([oncePerItem(item, start), oncePerItem(item, start)]);
		expect(results).toEqual([{ call: 1 }, { call: 1 }]);
	});

	it('start again after an error without an effect', async () => {
		const { calls, results } = await attempts([fault(), new Error('Bug'), { sid: 'a' }]);
		expect(results.slice(0, 2)).toEqual([new Fault('Failed'), new Error('Bug')]);
		expect(results[2]).toEqual({ sid: 'a' });
		expect(calls).toBe(3);
	});

	it('start again if a recording may be running that would be found', async () => {
		const { calls } = await attempts([
			fault({ mayBeRunning: 'resource A', isRepeatable: true }),
			{ sid: 'a' },
		]);
		expect(calls).toBe(2);
	});

	it('do not start again if that could start a second recording', async () => {
		const first = fault({ mayBeRunning: 'resource A' });
		const { calls, results } = await attempts([first, { sid: 'b' }]);
		expect(results).toEqual([first, first]);
		expect(calls).toBe(1);
	});

	it('name in their error what earlier ones may have started', async () => {
		const { results } = await attempts([
			fault({ mayBeRunning: 'resource A', isRepeatable: true, description: 'Try again.' }),
			fault({ mayBeRunning: 'resource B', isRepeatable: true }),
			fault({ description: 'Not allowed.' }),
			fault({ mayBeRunning: 'resource A', isRepeatable: true }),
			fault({ mayBeRunning: 'resource C' }),
			fault(),
		]);
		const details = results.map((error) => (error as Fault).details);
		const earlier = 'A recording of an earlier attempt may be running: resource A';
		expect(details).toEqual([
			{ mayBeRunning: 'resource A', isRepeatable: true, description: 'Try again.' },
			{ mayBeRunning: 'resource A; resource B', isRepeatable: true, description: earlier },
			{
				mayBeRunning: 'resource A; resource B',
				isRepeatable: true,
				description: `Not allowed. ${earlier}; resource B`,
			},
			{
				mayBeRunning: 'resource A; resource B',
				isRepeatable: true,
				description: `${earlier}; resource B`,
			},
			{
				mayBeRunning: 'resource A; resource B; resource C',
				isRepeatable: false,
				description: `${earlier}; resource B`,
			},
			// Not repeated any more.
			expect.objectContaining({ mayBeRunning: 'resource A; resource B; resource C' }),
		]);
	});

	it('are separate from attempts of other items', async () => {
		await attempts([fault({ mayBeRunning: 'resource A' })]);
		const { results } = await attempts([fault()]);
		expect((results[0] as Fault).details).toEqual({});
	});
});

describe('items that start the same recording at the same time', () => {
	beforeEach(useTestClock);
	afterEach(() => jest.useRealTimers());

	/** Starts all items at once. */
	async function startAll(items: IDataObject[], failures = 0, settings: object = {}) {
		const bucket = memoryBucket({ now: Date.now() });
		const parameters = items.map((item) => ({ cname: 'class-7b', mode: 'mix', ...item }));
		const { context, agora } = startContext({ items: parameters, bucket, ...settings });
		const invalid = { status: 400, body: { code: 2, reason: 'invalid' } };
		agora.starts.push(...Array.from({ length: failures }, () => invalid));
		const results = await settle(
			Promise.allSettled(parameters.map(async (_, index) => await execute(context, index))),
		);
		const count = (name: string) => agora.calls.filter(({ action }) => action === name).length;
		return {
			starts: count('start'),
			reservations: count('acquire'),
			items: results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
			errors: results.flatMap((each) => (each.status === 'rejected' ? [each.reason as Fault] : [])),
		};
	}
	const choice = (ifAlreadyRecording: string) => ({ options: { ifAlreadyRecording } });

	it('share one start', async () => {
		const { items, starts, reservations } = await startAll([{}, {}, {}]);
		expect([starts, reservations]).toEqual([1, 1]);
		expect(items.map((item) => item.sid)).toEqual([sid(1), sid(1), sid(1)]);
		expect(items.map((item) => item.already_recording)).toEqual([false, true, true]);
	});

	it('fail with Fail, except for one', async () => {
		const { items, errors, starts } = await startAll([choice('fail'), choice('fail')]);
		expect(starts).toBe(1);
		expect(items).toHaveLength(1);
		expect(errors.map(({ message }) => message)).toEqual([
			'Channel "class-7b" is already being recorded',
		]);
	});

	it('each start a recording with Start Another', async () => {
		const { items, starts } = await startAll([choice('startAnother'), choice('startAnother')]);
		expect(starts).toBe(2);
		expect(items.map((item) => item.already_recording)).toEqual([false, false]);
	});

	it('try one after the other if the start fails', async () => {
		const { items, errors, starts } = await startAll([{}, {}, {}], 1);
		expect(starts).toBe(2);
		expect(errors).toHaveLength(1);
		expect(items.map((item) => item.already_recording)).toEqual([false, true]);
	});

	it.each<[string, IDataObject]>([
		['channel', { cname: 'class-7c' }],
		['mode', { mode: 'raw' }],
		['App ID', { options: { appId: 'b'.repeat(32) } }],
		['recorder UID', { uidMode: 'specify', uid: '42' }],
	])('do not include items with another %s', async (_, changes) => {
		const { items, starts } = await startAll([{}, changes]);
		expect(starts).toBe(2);
		expect(items.map((item) => item.already_recording)).toEqual([false, false]);
	});

	it('do not include items of another account', async () => {
		const customHost = 'https://agora.example';
		const [here, there] = await Promise.all([
			startAll([{}]),
			startAll([{}], 0, { agoraApi: { host: 'custom', customHost, appId: APP_ID } }),
		]);
		expect([here!.starts, there!.starts]).toEqual([1, 1]);
	});

	it('do not include later ones', async () => {
		expect((await startAll([{}])).items[0]).toMatchObject({ already_recording: false });
		expect((await startAll([{}])).items[0]).toMatchObject({ already_recording: false });
	});

	it('are not started after the execution was canceled', async () => {
		const { context, cancel, agora } = startContext({
			items: [{ cname: 'class-7b', mode: 'mix' }],
			bucket: memoryBucket({ now: Date.now() }),
		});
		cancel.abort();
		expect((await faultOf(settle(execute(context, 0)))).message).toBe('The execution was canceled');
		expect(agora.calls).toEqual([]);
	});
});
