/**
 * @param limit how many tasks run at the same time
 * @throws the first error of a task, after which no further task starts
 */
export async function forEachConcurrent<Input>(
	inputs: Iterable<Input>,
	limit: number,
	task: (input: Input) => Promise<void>,
): Promise<void> {
	const queue = [...inputs];
	const worker = async () => {
		while (queue.length > 0) await task(queue.shift()!);
	};
	try {
		await Promise.all(Array.from({ length: limit }, worker));
	} finally {
		queue.length = 0;
	}
}
