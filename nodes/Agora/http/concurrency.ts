/**
 * Runs a task for each input, several at once.
 *
 * @param inputs what to work through
 * @param atOnce how many tasks may run at the same time
 * @param task gets an input and its index
 * @returns the results in the order of the inputs
 * @throws what the first failing task threw, after the tasks already begun have ended; no new one begins
 */
export async function mapConcurrent<Input, Result>(
	inputs: Input[],
	atOnce: number,
	task: (input: Input, index: number) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	const failures: unknown[] = [];
	let next = 0;
	const lane = async () => {
		while (next < inputs.length && failures.length === 0) {
			const index = next++;
			await task(inputs[index] as Input, index).then(
				(result) => (results[index] = result),
				(reason: unknown) => failures.push(reason),
			);
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, inputs.length) }, lane));
	if (failures.length > 0) throw failures[0];
	return results;
}
