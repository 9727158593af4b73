import { Readable } from 'node:stream';
import type { Context } from '../../../nodes/Agora/http/concurrency.ts';
import { RateLimit } from '../../../sandbox/agora/rateLimit.ts';
import { loadSource } from '../source.ts';

/** As many calls as a worker has at once: five executions, each with ten items. */
const CALLS_AT_ONCE = 50;
const SECONDS = 60;
const LATENCY_MS = 50;

export interface FullLoad {
	workers: number;
	answered: number;
	/** Failed after all attempts. */
	failed: number;
	requests: number;
	/** Requests that were answered with 429. */
	tooMany: number;
}

/** Tries so many workers, each number for itself. */
export async function fullLoads(numbers: number[]): Promise<FullLoad[]> {
	return await Promise.all(numbers.map(fullLoad));
}

/**
 * Queries for a minute without a pause, within one rate limit, by several copies of the nodes' code that know
 * nothing of each other, as the processes of workers do not.
 */
async function fullLoad(workers: number): Promise<FullLoad> {
	const agora = new RateLimit();
	const load: FullLoad = { workers, answered: 0, failed: 0, requests: 0, tooMany: 0 };
	const helper = async () => {
		await new Promise((go) => setTimeout(go, LATENCY_MS));
		load.requests++;
		const allowed = agora.allows('app');
		if (!allowed) load.tooMany++;
		const body = Readable.from([Buffer.from(JSON.stringify({ sid: 'sid' }))]);
		return { statusCode: allowed ? 200 : 429, headers: {}, body };
	};
	const context = { helpers: { httpRequestWithAuthentication: helper } } as unknown as Context;
	const account = {
		host: 'https://api.example',
		customerId: '',
		appId: '',
		appCertificate: '',
		secrets: [],
	};
	const session = { appId: 'app', resourceId: 'resource', sid: 'sid', mode: 'mix' };

	const copies: Array<typeof import('../../../nodes/Agora/agora/cloudRecording.ts')> = [];
	for (let i = 0; i < workers; i++) copies.push(await loadSource('agora/cloudRecording'));
	const end = Date.now() + SECONDS * 1000;
	const lane = async ({ query }: (typeof copies)[number]) => {
		while (Date.now() < end) {
			await query(context, account, session).then(
				() => load.answered++,
				() => load.failed++,
			);
		}
	};
	await Promise.all(
		copies.flatMap((copy) => Array.from({ length: CALLS_AT_ONCE }, async () => await lane(copy))),
	);
	return load;
}
