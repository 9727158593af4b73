import type { Fault } from '../../../sandbox/faults.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { randomSource } from '../../unit/randomSource.ts';

/** What goes wrong for requests of the nodes, but not for the recorders' own. */
const FAULTS: Array<['agora' | 's3', Omit<Fault, 'path'>]> = [
	['agora', { response: { status: 500, body: { code: 500 } } }],
	['agora', { response: { status: 429, body: { message: 'API rate limit exceeded' } } }],
	['agora', { response: { status: 503 }, when: 'after' }],
	['agora', { response: 'drop' }],
	['s3', { method: 'GET', response: { status: 503 } }],
	['s3', { method: 'GET', response: { status: 403 } }],
	['s3', { method: 'GET', response: 'drop' }],
	['s3', { method: 'GET', response: 'cut' }],
];
const EVERY_MS = 3_000;

export interface Trouble {
	faults: number;
	/** Requests to the buckets, the recorders' own among them. */
	s3Requests: number;
	stop(): Promise<void>;
}

/** Lets a request go wrong every few seconds, and counts what the buckets are asked. */
export function makeTrouble(sandboxes: Sandbox[]): Trouble {
	const random = randomSource(2);
	const trouble = { faults: 0, s3Requests: 0, stop };
	let round = Promise.resolve();
	const timer = setInterval(() => (round = next()), EVERY_MS);

	async function next(): Promise<void> {
		const [service, fault] = random.pick(FAULTS);
		await random.pick(sandboxes).control.fail(service, { path: '/', ...fault });
		trouble.faults++;
		await countRequests();
	}

	async function countRequests(): Promise<void> {
		for (const { control } of sandboxes) {
			trouble.s3Requests += (await control.requests('s3')).length;
			await control.clearRequests();
		}
	}

	async function stop(): Promise<void> {
		clearInterval(timer);
		await round;
		await countRequests();
	}
	return trouble;
}
