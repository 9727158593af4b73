import { sleep } from 'n8n-workflow';
import { Fault } from './fault';

/**
 * Waits.
 *
 * @param ms milliseconds
 * @param signal ends the wait when the execution is cancelled
 * @throws Fault when it was
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
	try {
		await sleep(ms, signal);
	} catch {
		throw canceled();
	}
}

/** n8n tells a stopped execution from a failed one by this word in the message. */
export function canceled(): Fault {
	return new Fault('The execution was canceled');
}
