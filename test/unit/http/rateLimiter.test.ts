import { rateLimiter } from '../../../nodes/Agora/http/rateLimiter';

/** Requests several slots at once. @returns for each granted slot the milliseconds until then */
function requestSlots(key: string, count: number, signal?: AbortSignal): number[] {
	const start = Date.now();
	const granted: number[] = [];
	for (let i = 0; i < count; i++) {
		void rateLimiter(key)
			.waitForSlot(signal)
			.then(
				() => granted.push(Date.now() - start),
				() => undefined,
			);
	}
	return granted;
}

const within = (granted: number[], from: number, to: number) =>
	granted.filter((at) => at >= from && at < to).length;

/** @returns the sizes of the limiter's map after each insertion */
function sizeOfMaps(): () => number[] {
	const sizes: number[] = [];
	const set = Map.prototype.set;
	jest.spyOn(Map.prototype, 'set').mockImplementation(function (
		this: Map<unknown, unknown>,
		key,
		value,
	) {
		set.call(this, key, value);
		if (String(key).startsWith('one of many')) sizes.push(this.size);
		return this;
	});
	return () => sizes;
}

describe('rateLimiter', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => {
		jest.restoreAllMocks();
		jest.useRealTimers();
	});

	it('grants nine slots at once, then ten a second, in order', async () => {
		const granted = requestSlots('burst', 40);
		await jest.advanceTimersByTimeAsync(10_000);
		expect(granted).toHaveLength(40);
		expect(within(granted, 0, 1)).toBe(9);
		for (let second = 0; second < 3; second++) {
			expect(within(granted, second * 1000 + 1, (second + 1) * 1000 + 1)).toBe(10);
		}
		expect(granted).toEqual([...granted].sort((a, b) => a - b));
	});

	it('limits each key separately', async () => {
		const one = requestSlots('one', 20);
		const two = requestSlots('two', 10);
		await jest.advanceTimersByTimeAsync(0);
		expect([one.length, two.length]).toEqual([9, 9]);
	});

	it('grants nine slots at once again after a second without requests, and no more', async () => {
		requestSlots('rest', 10);
		await jest.advanceTimersByTimeAsync(1000);
		const later = requestSlots('rest', 20);
		await jest.advanceTimersByTimeAsync(0);
		expect(later).toHaveLength(9);
		await jest.advanceTimersByTimeAsync(3_600_000);
		const muchLater = requestSlots('rest', 20);
		await jest.advanceTimersByTimeAsync(0);
		expect(muchLater).toHaveLength(9);
	});

	it('does not wait for a clock that was set back to reach the old time', async () => {
		requestSlots('clock', 10);
		jest.setSystemTime(Date.now() - 3_600_000);
		const after = requestSlots('clock', 10);
		await jest.advanceTimersByTimeAsync(0);
		expect(after).toHaveLength(9);
	});

	it('drops a key after a time without requests, and not earlier', async () => {
		const remembered = sizeOfMaps();
		for (let i = 0; i < 1000; i++) {
			requestSlots(`one of many ${i}`, 1);
			await jest.advanceTimersByTimeAsync(50);
		}
		expect(Math.max(...remembered())).toBeLessThan(10);
		requestSlots('busy', 15);
		requestSlots('another', 1);
		await jest.advanceTimersByTimeAsync(200);
		requestSlots('another', 1);
		expect(requestSlots('busy', 1)).toEqual([]);
		await jest.advanceTimersByTimeAsync(10_000);
	});

	it('stops waiting when the execution is canceled', async () => {
		const cancel = new AbortController();
		const waiting = Array.from(
			{ length: 20 },
			async () => await rateLimiter('cancel').waitForSlot(cancel.signal),
		);
		const settled = Promise.allSettled(waiting);
		await jest.advanceTimersByTimeAsync(0);
		cancel.abort();
		const refused = (await settled).filter(({ status }) => status === 'rejected');
		expect(refused).toHaveLength(11);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('moves later requests up when one is canceled', async () => {
		const cancel = new AbortController();
		requestSlots('moves up', 9);
		const canceled = requestSlots('moves up', 50, cancel.signal);
		const behind = requestSlots('moves up', 10);
		await jest.advanceTimersByTimeAsync(0);
		cancel.abort();
		await jest.advanceTimersByTimeAsync(1000);
		expect([canceled, behind.length]).toEqual([[], 10]);
		expect(requestSlots('moves up', 1)).toEqual([]);
		await jest.advanceTimersByTimeAsync(60_000);
	});

	it('slows down after a refusal, including requests that already wait', async () => {
		const granted = requestSlots('slower', 40);
		await jest.advanceTimersByTimeAsync(1000);
		rateLimiter('slower').backOff();
		await jest.advanceTimersByTimeAsync(3000);
		expect(within(granted, 1001, 4001)).toBe(20);
	});

	it('counts simultaneous refusals as one', async () => {
		const granted = requestSlots('together', 40);
		await jest.advanceTimersByTimeAsync(1000);
		for (let i = 0; i < 10; i++) rateLimiter('together').backOff();
		await jest.advanceTimersByTimeAsync(3000);
		expect(within(granted, 1001, 4001)).toBe(20);
	});

	it('still grants slots after many refusals', async () => {
		for (let i = 0; i < 100; i++) {
			rateLimiter('often').backOff();
			await jest.advanceTimersByTimeAsync(2000);
		}
		const granted = requestSlots('often', 20);
		await jest.advanceTimersByTimeAsync(40_000);
		expect(granted).toHaveLength(20);
	});

	it('grants no burst right after a refusal', async () => {
		rateLimiter('no burst').backOff();
		const granted = requestSlots('no burst', 20);
		await jest.advanceTimersByTimeAsync(0);
		expect(granted).toHaveLength(1);
	});

	it('recovers its rate after a time without refusals', async () => {
		rateLimiter('recovered').backOff();
		await jest.advanceTimersByTimeAsync(60_000);
		const granted = requestSlots('recovered', 39);
		await jest.advanceTimersByTimeAsync(3001);
		expect(granted).toHaveLength(39);
	});

	it('does not slow down other keys', async () => {
		rateLimiter('this').backOff();
		const granted = requestSlots('that', 10);
		await jest.advanceTimersByTimeAsync(0);
		expect(granted).toHaveLength(9);
	});
});
