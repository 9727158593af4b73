import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	IPollFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { sleep as n8nSleep } from 'n8n-workflow';
import { canceled } from './errors';

/** The `this` of a node's functions in n8n. */
export type Context =
	IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions | IWebhookFunctions;

/**
 * Runs a task for each input, several at the same time.
 *
 * @param limit maximum number of tasks running at the same time
 * @param task receives an input and its index
 * @returns the results in the order of the inputs
 * @throws the error of the first task that failed, once the running tasks have ended; no new task starts after it
 */
export async function mapConcurrent<Input, Result>(
	inputs: Input[],
	limit: number,
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
	await Promise.all(Array.from({ length: Math.min(limit, inputs.length) }, worker));
	if (failures.length > 0) throw failures[0];
	return results;
}

/**
 * Wraps a function so that it runs once per execution and all items share the result.
 *
 * @param read its result is cached with the context, including a promise that rejects
 */
export function memoizePerExecution<Value>(
	read: (context: Context) => Value,
): (context: Context) => Value {
	const cache = new WeakMap<Context, { value: Value }>();
	return (context) => {
		if (isPollContext(context)) return read(context);
		let cached = cache.get(context);
		if (cached === undefined) cache.set(context, (cached = { value: read(context) }));
		return cached.value;
	};
}

/** n8n keeps one context for all polls of an active workflow, and a credential can change between two polls. */
function isPollContext(context: Context): boolean {
	return 'getActivationMode' in context;
}

/** Aborted when the user stops the execution; undefined for polls and lists, which cannot be stopped. */
export function cancelSignal(context: Context): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

/** How long a wait may outlast its signal in an n8n whose `sleep` has none. */
const STEP_MS = 250;

/**
 * @param ms milliseconds
 * @throws when the signal is aborted before the time is over
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
	// n8n's sleep accepts a signal from n8n 2.35 on.
	if (signal === undefined || n8nSleep.length > 1) return await n8nSleep(ms, signal);
	for (let left = ms; left > 0; left -= STEP_MS) {
		signal.throwIfAborted();
		await n8nSleep(Math.min(left, STEP_MS));
	}
	signal.throwIfAborted();
}

/**
 * @param ms milliseconds
 * @throws Fault when the execution is canceled before the time is over
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
	try {
		await sleep(ms, signal);
	} catch {
		throw canceled();
	}
}
