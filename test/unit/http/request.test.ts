import { Readable } from 'node:stream';
import {
	MAX_TEXT_BYTES,
	type Request,
	sendRequest,
	type HttpResponse,
} from '../../../nodes/Agora/http/request';
import {
	connectionError,
	endless,
	fakeContext,
	faultOf,
	onTestClock,
	serviceFrom,
	type SentRequest,
	type FakeResponse,
} from './fakeContext';

const GET: Request = { method: 'GET', url: 'https://api.agora.io/x' };
const NOW = Date.UTC(2026, 10, 23, 12);

const pauses = (sent: SentRequest[]) => sent.slice(1).map(({ at }, i) => at - sent[i]!.at);

describe('sendRequest', () => {
	beforeEach(() => jest.useFakeTimers({ now: NOW }));
	afterEach(() => jest.useRealTimers());

	it('sends options that follow no redirect and throw for no status', async () => {
		const { context, sent } = fakeContext([
			{ status: 302, headers: { Location: 'https://evil.example', 'X-Two': '2' }, body: 'moved é' },
		]);
		const response = await sendRequest(serviceFrom(context), {
			method: 'PUT',
			url: 'https://storage.example/a',
			headers: { 'Content-Type': 'text/plain' },
			body: 'text',
		});
		expect(response).toEqual({
			status: 302,
			headers: { location: 'https://evil.example', 'x-two': '2' },
			body: 'moved é',
		});
		expect(sent).toEqual([
			{
				credential: 'agoraApi',
				at: NOW,
				options: expect.objectContaining({
					method: 'PUT',
					url: 'https://storage.example/a',
					headers: { 'Content-Type': 'text/plain' },
					body: 'text',
					timeout: 30_000,
					disableFollowRedirect: true,
					ignoreHttpStatusErrors: true,
					returnFullResponse: true,
				}),
			},
		]);
	});

	const isRetryable = ({ status, body }: HttpResponse) =>
		status === 206 && body === '65' ? true : undefined;
	const isFinal = () => false;
	const policy = (retry: Request['retry']): Request => ({ ...GET, retry });
	const unfinished: FakeResponse = { status: 206, body: '65' };
	const once = policy({ isRepeatable: false });
	it.each<[string, FakeResponse, Request, number]>([
		['200', {}, GET, 1],
		['404', { status: 404 }, GET, 1],
		['400', { status: 400 }, GET, 1],
		['206 without the code for unfinished', { status: 206 }, policy({ isRetryable }), 1],
		['429', { status: 429 }, GET, 4],
		['500', { status: 500 }, GET, 4],
		['504', { status: 504 }, GET, 4],
		['a response that the caller retries', unfinished, policy({ isRetryable }), 4],
		['a connection reset', connectionError('ECONNRESET'), GET, 4],
		['a timeout', connectionError('ETIMEDOUT'), GET, 4],
		['a refused connection', connectionError('ECONNREFUSED'), GET, 4],
		['a credential that does not sign', new Error('Endpoint is invalid'), GET, 1],
		['501', { status: 501 }, GET, 1],
		['500 that the caller does not retry', { status: 500 }, policy({ isRetryable: isFinal }), 1],
		['429 that the caller does not retry', { status: 429 }, policy({ isRetryable: isFinal }), 1],
		['500 where two attempts are allowed', { status: 500 }, policy({ attempts: 2 }), 2],
		['429, not repeatable', { status: 429 }, once, 4],
		['unfinished, not repeatable', unfinished, policy({ isRepeatable: false, isRetryable }), 4],
		['a refused connection, not repeatable', connectionError('ECONNREFUSED'), once, 4],
		['an unknown host, not repeatable', connectionError('ENOTFOUND'), once, 4],
		['500, not repeatable', { status: 500 }, once, 1],
		['503, not repeatable', { status: 503, headers: { 'Retry-After': '1' } }, once, 1],
		['a connection reset, not repeatable', connectionError('ECONNRESET'), once, 1],
		['a timeout, not repeatable', connectionError('ETIMEDOUT'), once, 1],
		['an aborted connection, not repeatable', connectionError('ECONNABORTED'), once, 1],
	])('%s', async (_, response, request, times) => {
		const { context, sent } = fakeContext([response]);
		const work = onTestClock(sendRequest(serviceFrom(context), request));
		if (response instanceof Error) await faultOf(work);
		else expect((await work).status).toBe(response.status ?? 200);
		expect(sent).toHaveLength(times);
	});

	it('waits 1, 3 and 6 seconds, or a little less each time', async () => {
		const { context, sent } = fakeContext([{ status: 500 }]);
		await onTestClock(sendRequest(serviceFrom(context), GET));
		pauses(sent).forEach((pause, i) => {
			expect(pause).toBeLessThanOrEqual([1000, 3000, 6000][i]!);
			expect(pause).toBeGreaterThanOrEqual([500, 1500, 3000][i]!);
		});
	});

	it('returns the first response that is not a failure', async () => {
		const { context, sent } = fakeContext([
			connectionError('ECONNRESET'),
			{ status: 503 },
			{ body: 'there' },
		]);
		expect((await onTestClock(sendRequest(serviceFrom(context), GET))).body).toBe('there');
		expect(sent).toHaveLength(3);
	});

	it.each([
		['seconds', '4', 4000, 2],
		['a date', new Date(NOW + 5000).toUTCString(), 5000, 2],
		['a past date', new Date(NOW - 5000).toUTCString(), 500, 2],
		['nonsense', 'soon', 500, 2],
		['longer than the retry window', '60', 0, 1],
	])('obeys Retry-After as %s', async (_, value, atLeast, times) => {
		for (const status of [429, 503]) {
			jest.setSystemTime(NOW);
			const responses = [{ status, headers: { 'Retry-After': value } }, {}];
			const { context, sent } = fakeContext(responses);
			expect((await onTestClock(sendRequest(serviceFrom(context), GET))).status).toBe(
				times === 1 ? status : 200,
			);
			expect(sent).toHaveLength(times);
			for (const pause of pauses(sent)) {
				expect(pause).toBeGreaterThanOrEqual(atLeast);
				expect(pause).toBeLessThanOrEqual(Math.max(atLeast, 1000));
			}
		}
	});

	it('starts no attempt after 25 seconds', async () => {
		const { context, sent } = fakeContext([{}]);
		context.helpers.httpRequestWithAuthentication = async function (_type, options) {
			sent.push({ credential: 'agoraApi', options, at: Date.now() });
			await new Promise((resolve) => setTimeout(resolve, options.timeout));
			throw connectionError('ECONNABORTED');
		};
		const fault = await faultOf(onTestClock(sendRequest(serviceFrom(context), GET)));
		expect(fault.message).toContain('timed out');
		expect(sent).toHaveLength(1);
	});

	it.each([
		['Agora', 'from Agora is too large', 'Check the API Host'],
		['The storage', 'from the storage is too large', 'Check Endpoint'],
	])(
		'stops reading an endless response of %s, which may have acted',
		async (name, text, advice) => {
			jest.useRealTimers();
			const { stream, bytesRead } = endless();
			const { context, sent } = fakeContext([{ body: stream }]);
			const fault = await faultOf(sendRequest(serviceFrom(context, { name, advice }), GET));
			expect(fault.message).toContain(text);
			expect(fault.details).toMatchObject({ cause: 'configuration-invalid', notSent: false });
			expect(fault.details.description).toContain(advice);
			expect([stream.destroyed, sent.length]).toEqual([true, 1]);
			expect(bytesRead()).toBeLessThan(2 * MAX_TEXT_BYTES);
		},
	);

	it.each([
		['plain ASCII', 'only letters'],
		['every kind of character', 'plain, é, 漢, 😀, and plain again'],
		['nothing', ''],
	])('reads %s, for any chunk size', async (_, text) => {
		jest.useRealTimers();
		const bytes = Buffer.from(text);
		for (const size of [1, 2, 3, 100]) {
			const count = Math.ceil(bytes.length / size);
			const chunks = Array.from({ length: count }, (__, n) =>
				bytes.subarray(n * size, (n + 1) * size),
			);
			const { context } = fakeContext([{ body: Readable.from(chunks) }]);
			expect((await sendRequest(serviceFrom(context), GET)).body).toBe(text);
		}
	});

	it('retries after an interrupted body', async () => {
		const broken = Readable.from(
			(async function* () {
				yield Buffer.from('half of ');
				throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
			})(),
		);
		const { context, sent } = fakeContext([{ body: broken }, { body: 'all of it' }]);
		expect((await onTestClock(sendRequest(serviceFrom(context), GET))).body).toBe('all of it');
		expect(sent).toHaveLength(2);
	});

	it('reads only the beginning of an endless error', async () => {
		jest.useRealTimers();
		const { context } = fakeContext([{ status: 404, body: endless().stream }]);
		const response = await sendRequest(serviceFrom(context), GET);
		expect([response.status, response.body.length < 200_000]).toEqual([404, true]);
	});

	it('reports a body that stalls as a network failure of a service that may have acted', async () => {
		const stalled = new Readable({ read: () => undefined });
		const { context } = fakeContext([{ body: stalled }]);
		const fault = await faultOf(onTestClock(sendRequest(serviceFrom(context), once)));
		expect(fault.details).toMatchObject({ cause: 'temporarily-unavailable', notSent: false });
	});

	const limiter = { waitForSlot: jest.fn(async () => undefined), backOff: jest.fn() };
	beforeEach(() => jest.clearAllMocks());

	it('waits for the rate limiter before every attempt', async () => {
		const { context, sent } = fakeContext([{ status: 429 }]);
		await onTestClock(sendRequest(serviceFrom(context), { ...GET, retry: { limiter } }));
		expect(limiter.waitForSlot).toHaveBeenCalledTimes(sent.length);
	});

	it('backs off after each 429, and for no other status', async () => {
		const { context } = fakeContext([{ status: 429 }, { status: 500 }, { status: 429 }, {}]);
		await onTestClock(sendRequest(serviceFrom(context), { ...GET, retry: { limiter } }));
		expect(limiter.backOff).toHaveBeenCalledTimes(2);
	});

	it('does not count waits for the rate limiter as retry time', async () => {
		const { context, sent } = fakeContext([{ status: 429 }]);
		const waitForSlot = async () => await new Promise<void>((go) => setTimeout(go, 20_000));
		const retry = { limiter: { ...limiter, waitForSlot } };
		await onTestClock(sendRequest(serviceFrom(context), { ...GET, retry }));
		expect(sent).toHaveLength(4);
	});

	it('stops when the execution is canceled during a pause', async () => {
		const { context, sent, cancel } = fakeContext([{ status: 429 }]);
		const work = sendRequest(serviceFrom(context), GET);
		work.catch(() => undefined);
		await jest.advanceTimersByTimeAsync(10);
		cancel.abort();
		await expect(work).rejects.toThrow('The execution was canceled');
		expect(sent).toHaveLength(1);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('stops when the execution is canceled during a request', async () => {
		const { context, cancel } = fakeContext([{}]);
		context.helpers.httpRequestWithAuthentication = async () => {
			cancel.abort();
			throw connectionError('ECONNRESET');
		};
		expect((await faultOf(sendRequest(serviceFrom(context), GET))).message).toContain('canceled');
	});

	it('returns a response that arrives although the execution was canceled', async () => {
		const { context, cancel } = fakeContext([{ body: 'there' }]);
		const work = sendRequest(serviceFrom(context), GET);
		cancel.abort();
		expect((await work).body).toBe('there');
	});
});
