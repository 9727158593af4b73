import { mapConcurrent } from '../../../nodes/Agora/http/concurrency';
import { randomSource } from '../randomSource';

/** Tasks that wait until they are told to end. */
function tasks() {
	const begun: number[] = [];
	const ends = new Map<number, { resolve(): void; reject(error: Error): void }>();
	const task = async (input: number, index: number) => {
		expect(index).toBe(input);
		begun.push(input);
		await new Promise<void>((resolve, reject) => ends.set(input, { resolve, reject }));
		ends.delete(input);
		return `done ${input}`;
	};
	const settle = async () => await new Promise(setImmediate);
	return { begun, ends, task, settle };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('mapConcurrent', () => {
	it('keeps the order of the inputs and the number at once, whatever ends first', async () => {
		const random = randomSource(2);
		for (const atOnce of [1, 3, 10, 100]) {
			const { begun, ends, task, settle } = tasks();
			const work = mapConcurrent(numbers(25), atOnce, task);
			while (begun.length < 25 || ends.size > 0) {
				await settle();
				expect(ends.size).toBe(Math.min(atOnce, 25 - (begun.length - ends.size)));
				ends.get(random.pick([...ends.keys()]))?.resolve();
				await settle();
			}
			expect(await work).toEqual(numbers(25).map((n) => `done ${n}`));
			expect(begun).toEqual(numbers(25));
		}
	});

	it('gives nothing for nothing', async () => {
		expect(await mapConcurrent([], 5, async () => 1)).toEqual([]);
	});

	it('begins nothing after a failure, lets the others end, and throws the first', async () => {
		const { begun, ends, task, settle } = tasks();
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
		expect(begun).toEqual([0, 1, 2]);
	});
});
