import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 500;

/**
 * Checks twice a second until there is a result.
 *
 * @param what the condition that is waited for
 * @throws Error naming the condition when it was not met in time
 */
export async function until<T>(
	what: string,
	seconds: number,
	check: () => Promise<T | null>,
): Promise<T> {
	const end = Date.now() + seconds * 1000;
	while (Date.now() < end) {
		const result = await check();
		if (result !== null) return result;
		await wait(POLL_MS);
	}
	throw new Error(`timed out after ${seconds} s: ${what}`);
}
