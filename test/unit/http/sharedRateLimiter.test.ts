import { Readable } from 'node:stream';
import type * as AgoraRequest from '../../../nodes/Agora/agora/request';
import { RateLimit } from '../../../sandbox/agora/rateLimit';
import { randomSource } from '../randomSource';

/** Five executions with ten items each. */
const CALLS_AT_ONCE = 50;
const SECONDS = 120;

/** Sends requests as fast as possible from isolated processes. @returns how many succeeded and were refused */
async function fullLoad(processes: number) {
	const random = randomSource(processes);
	jest.spyOn(Math, 'random').mockImplementation(() => random.integer(0, 999_999) / 1_000_000);
	const agora = new RateLimit();
	const helper = async () => {
		await new Promise((resolve) => setTimeout(resolve, random.integer(20, 80)));
		return {
			statusCode: agora.allows('app') ? 200 : 429,
			headers: {},
			body: Readable.from([Buffer.from('{}')]),
		};
	};
	const context = { helpers: { httpRequestWithAuthentication: helper } } as never;
	const account = { host: 'https://api.example', secrets: [] } as never;
	const call = { name: 'query', method: 'GET', path: '/', limitedBy: 'app' } as const;

	const statuses: number[] = [];
	const end = Date.now() + SECONDS * 1000;
	for (let i = 0; i < processes; i++) {
		let own!: typeof AgoraRequest;
		await jest.isolateModulesAsync(async () => {
			own = await import('../../../nodes/Agora/agora/request');
		});
		const worker = async () => {
			while (Date.now() < end) {
				statuses.push((await own.agoraResponse(context, account, call)).status);
			}
		};
		for (let n = 0; n < CALLS_AT_ONCE; n++) void worker();
	}
	await jest.advanceTimersByTimeAsync(SECONDS * 2 * 1000);
	return {
		succeeded: statuses.filter((status) => status === 200).length,
		refused: statuses.filter((status) => status === 429).length,
	};
}

describe("processes that share Agora's limit of ten requests a second", () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => {
		jest.useRealTimers();
		jest.restoreAllMocks();
	});

	it.each([
		[1, 0],
		[2, 0],
		[3, 0.005],
		[5, 0.01],
	])('%i of them at full load: at most a share of %d fails', async (processes, share) => {
		const { succeeded, refused } = await fullLoad(processes);
		expect(refused / (succeeded + refused)).toBeLessThanOrEqual(share);
		// Most of the limit is used.
		expect(succeeded).toBeGreaterThan(SECONDS * 10 * 0.75);
	});
});
