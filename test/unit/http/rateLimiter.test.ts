import { rateLimiter } from '../../../nodes/Agora/http/rateLimiter';

/** Asks for so many turns at once. @returns for each granted one the milliseconds it took */
function ask(key: string, count: number, signal?: AbortSignal): number[] {
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

/** @returns how large maps have grown since, each time something was put into one */
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

	it('lets nine go at once, then ten a second, in the order asked', async () => {
		const granted = ask('burst', 40);
		await jest.advanceTimersByTimeAsync(10_000);
		expect(granted).toHaveLength(40);
		expect(within(granted, 0, 1)).toBe(9);
		for (let second = 0; second < 3; second++) {
			expect(within(granted, second * 1000 + 1, (second + 1) * 1000 + 1)).toBe(10);
		}
		expect(granted).toEqual([...granted].sort((a, b) => a - b));
	});

	it('counts each key for itself', async () => {
		const one = ask('one', 20);
		const two = ask('two', 10);
		await jest.advanceTimersByTimeAsync(0);
		expect([one.length, two.length]).toEqual([9, 9]);
	});

	it('lets nine go at once again after a second of rest, and no more', async () => {
		ask('rest', 10);
		await jest.advanceTimersByTimeAsync(1000);
		const later = ask('rest', 20);
		await jest.advanceTimersByTimeAsync(0);
		expect(later).toHaveLength(9);
		await jest.advanceTimersByTimeAsync(3_600_000);
		const muchLater = ask('rest', 20);
		await jest.advanceTimersByTimeAsync(0);
		expect(muchLater).toHaveLength(9);
	});

	it('does not wait for a clock that was set back to come round again', async () => {
		ask('clock', 10);
		jest.setSystemTime(Date.now() - 3_600_000);
		const after = ask('clock', 10);
		await jest.advanceTimersByTimeAsync(0);
		expect(after).toHaveLength(9);
	});

	it('forgets who has not asked for a while, and nobody sooner', async () => {
		const remembered = sizeOfMaps();
		for (let i = 0; i < 1000; i++) {
			ask(`one of many ${i}`, 1);
			await jest.advanceTimersByTimeAsync(50);
		}
		expect(Math.max(...remembered())).toBeLessThan(10);
		ask('busy', 15);
		ask('another', 1);
		await jest.advanceTimersByTimeAsync(200);
		ask('another', 1);
		expect(ask('busy', 1)).toEqual([]);
		await jest.advanceTimersByTimeAsync(10_000);
	});

	it('stops waiting when the execution is cancelled', async () => {
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

	it('lets those behind a cancelled wait move up', async () => {
		const cancel = new AbortController();
		ask('moves up', 9);
		const cancelled = ask('moves up', 50, cancel.signal);
		const behind = ask('moves up', 10);
		await jest.advanceTimersByTimeAsync(0);
		cancel.abort();
		await jest.advanceTimersByTimeAsync(1000);
		expect([cancelled, behind.length]).toEqual([[], 10]);
		expect(ask('moves up', 1)).toEqual([]);
		await jest.advanceTimersByTimeAsync(60_000);
	});

	it('goes slower after a refusal, for those who wait already, too', async () => {
		const granted = ask('slower', 40);
		await jest.advanceTimersByTimeAsync(1000);
		rateLimiter('slower').backOff();
		await jest.advanceTimersByTimeAsync(3000);
		expect(within(granted, 1001, 4001)).toBe(20);
	});

	it('counts refusals that come together as one', async () => {
		const granted = ask('together', 40);
		await jest.advanceTimersByTimeAsync(1000);
		for (let i = 0; i < 10; i++) rateLimiter('together').backOff();
		await jest.advanceTimersByTimeAsync(3000);
		expect(within(granted, 1001, 4001)).toBe(20);
	});

	it('goes on however often it is refused', async () => {
		for (let i = 0; i < 100; i++) {
			rateLimiter('often').backOff();
			await jest.advanceTimersByTimeAsync(2000);
		}
		const granted = ask('often', 20);
		await jest.advanceTimersByTimeAsync(40_000);
		expect(granted).toHaveLength(20);
	});

	it('lets no burst go right after a refusal', async () => {
		rateLimiter('no burst').backOff();
		const granted = ask('no burst', 20);
		await jest.advanceTimersByTimeAsync(0);
		expect(granted).toHaveLength(1);
	});

	it('is as fast as before when there was no refusal for a while', async () => {
		rateLimiter('recovered').backOff();
		await jest.advanceTimersByTimeAsync(60_000);
		const granted = ask('recovered', 39);
		await jest.advanceTimersByTimeAsync(3001);
		expect(granted).toHaveLength(39);
	});

	it('leaves other keys as they are', async () => {
		rateLimiter('this').backOff();
		const granted = ask('that', 10);
		await jest.advanceTimersByTimeAsync(0);
		expect(granted).toHaveLength(9);
	});
});
