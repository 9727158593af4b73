import { mapConcurrent } from '../../../nodes/Agora/http/concurrency';
import { randomSource } from '../randomSource';

/** Tasks that end when their promise is resolved or rejected. */
function tasks() {
	const started: number[] = [];
	const ends = new Map<number, { resolve(): void; reject(error: Error): void }>();
	const task = async (input: number, index: number) => {
		expect(index).toBe(input);
		started.push(input);
		await new Promise<void>((resolve, reject) => ends.set(input, { resolve, reject }));
		ends.delete(input);
		return `done ${input}`;
	};
	const settle = async () => await new Promise(setImmediate);
	return { started, ends, task, settle };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('mapConcurrent', () => {
	it('keeps the order of the inputs and the limit, whichever task ends first', async () => {
		const random = randomSource(2);
		for (const limit of [1, 3, 10, 100]) {
			const { started, ends, task, settle } = tasks();
			const work = mapConcurrent(numbers(25), limit, task);
			while (started.length < 25 || ends.size > 0) {
				await settle();
				expect(ends.size).toBe(Math.min(limit, 25 - (started.length - ends.size)));
				ends.get(random.pick([...ends.keys()]))?.resolve();
				await settle();
			}
			expect(await work).toEqual(numbers(25).map((n) => `done ${n}`));
			expect(started).toEqual(numbers(25));
		}
	});

	it('returns an empty array for no inputs', async () => {
		expect(await mapConcurrent([], 5, async () => 1)).toEqual([]);
	});

	it('starts no task after a failure, waits for the running ones, and throws the first error', async () => {
		const { started, ends, task, settle } = tasks();
		let thrown: Error | undefined;
		const work = mapConcurrent(numbers(9), 3, task).catch((error: Error) => (thrown = error));
		await settle();
		ends.get(1)!.reject(new Error('first'));
		await settle();
		expect(thrown).toBeUndefined();
		ends.get(0)!.reject(new Error('second'));
		await settle();
		expect(thrown).toBeUndefined();
		ends.get(2)!.resolve();
		await work;
		expect(thrown?.message).toBe('first');
		expect(started).toEqual([0, 1, 2]);
	});
});
