import * as n8nWorkflow from 'n8n-workflow';
import type { sleep as Sleep } from '../../../nodes/Agora/http/concurrency';

/** Loads our `sleep` beside the `sleep` of an n8n. */
function loadWith(n8nSleep: typeof Sleep): typeof Sleep {
	let loaded!: typeof Sleep;
	jest.isolateModules(() => {
		jest.doMock('n8n-workflow', () => ({ ...n8nWorkflow, sleep: n8nSleep }));
		loaded = (
			jest.requireActual('../../../nodes/Agora/http/concurrency') as { sleep: typeof Sleep }
		).sleep;
	});
	return loaded;
}

/** As in n8n before 2.35. */
const sleepWithoutSignal = async (ms: number) =>
	await new Promise<void>((resolve) => setTimeout(resolve, ms));

describe.each([
	['n8n 2.41', n8nWorkflow.sleep],
	['an n8n whose sleep has no signal', sleepWithoutSignal],
])('sleep in %s', (_, n8nSleep) => {
	const sleep = loadWith(n8nSleep);
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	/** @returns the milliseconds until the work ends, and how it ends */
	async function watch(work: Promise<void>) {
		const started = Date.now();
		const ended = (how: string) => () => ({ how, ms: Date.now() - started });
		return await work.then(ended('over'), ended('aborted'));
	}

	it.each([0, 1, 249, 250, 251, 1000, 30_001])('lasts %i ms', async (ms) => {
		for (const signal of [undefined, new AbortController().signal]) {
			const watched = watch(sleep(ms, signal));
			await jest.advanceTimersByTimeAsync(ms);
			expect(await watched).toEqual({ how: 'over', ms });
			expect(jest.getTimerCount()).toBe(0);
		}
	});

	it('ends when it is aborted, and leaves no timer behind', async () => {
		const cancel = new AbortController();
		const watched = watch(sleep(60_000, cancel.signal));
		await jest.advanceTimersByTimeAsync(10_000);
		cancel.abort();
		await jest.advanceTimersByTimeAsync(250);
		const { how, ms } = await watched;
		expect(how).toBe('aborted');
		expect(ms).toBeLessThanOrEqual(10_250);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('does not begin when it is already aborted', async () => {
		const watched = watch(sleep(60_000, AbortSignal.abort()));
		expect(await watched).toEqual({ how: 'aborted', ms: 0 });
		expect(jest.getTimerCount()).toBe(0);
	});
});
