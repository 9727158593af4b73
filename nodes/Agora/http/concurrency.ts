import type { IExecuteFunctions, ILoadOptionsFunctions, IPollFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { canceled } from './errors';

/** What n8n calls a node with. */
export type Context = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

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
	const worker = async () => {
		while (next < inputs.length && failures.length === 0) {
			const index = next++;
			await task(inputs[index] as Input, index).then(
				(result) => (results[index] = result),
				(reason: unknown) => failures.push(reason),
			);
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, inputs.length) }, worker));
	if (failures.length > 0) throw failures[0];
	return results;
}

/**
 * Reads something once for each execution: all its items share it.
 *
 * @param read what it returns, even a promise that rejects, is kept as long as the context
 */
export function memoizePerExecution<Value>(
	read: (context: Context) => Value,
): (context: Context) => Value {
	const known = new WeakMap<Context, { value: Value }>();
	return (context) => {
		if (isOfPolls(context)) return read(context);
		let kept = known.get(context);
		if (kept === undefined) known.set(context, (kept = { value: read(context) }));
		return kept.value;
	};
}

/** n8n polls with one context for as long as a workflow is active, and a credential may change meanwhile. */
function isOfPolls(context: Context): boolean {
	return 'getActivationMode' in context;
}

/** The signal n8n sends when a user stops the execution; polls and lists have none. */
export function cancelSignal(context: Context): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

/**
 * Waits.
 *
 * @param ms milliseconds
 * @param signal ends the wait when the execution is canceled
 * @throws Fault when it was
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
	try {
		await sleep(ms, signal);
	} catch {
		throw canceled();
	}
}
