import type { Account } from '../../../nodes/Agora/agora/account';
import type { Context } from '../../../nodes/Agora/http/concurrency';
import type { Fault } from '../../../nodes/Agora/http/errors';
import {
	acquire,
	query,
	start,
	stop,
	update,
	updateLayout,
} from '../../../nodes/Agora/agora/cloudRecording';
import {
	connectionError,
	fakeContext,
	faultOf,
	onTestClock,
	useTestClock,
	type FakeResponse,
} from '../http/fakeContext';

const ACCOUNT: Account = {
	host: 'https://api.agora.io',
	customerId: 'fake-customer',
	appId: '',
	appCertificate: '',
	secrets: [],
};
const CHANNEL = { appId: 'app/1', cname: 'class 7b', uid: '527841' };
const SESSION = { ...CHANNEL, resourceId: 'res/1', mode: 'mix', sid: 'fake-sid' };
const APP = 'https://api.agora.io/v1/apps/app%2F1/cloud_recording';
const STARTED = { status: 200, body: { resourceId: 'res/1', sid: 'fake-sid' } };

beforeEach(useTestClock);
afterEach(() => jest.useRealTimers());

describe('acquire', () => {
	it('reserves a recorder', async () => {
		const { context, sent } = fakeContext([{ body: { resourceId: 'res/1' } }]);
		expect(await onTestClock(acquire(context, ACCOUNT, CHANNEL, { scene: 0 }))).toBe('res/1');
		expect(sent[0]!.options).toMatchObject({
			method: 'POST',
			url: `${APP}/acquire`,
			body: { cname: 'class 7b', uid: '527841', clientRequest: { scene: 0 } },
		});
	});

	it('repeats the request after an error, because nothing is running yet', async () => {
		const { context } = fakeContext([
			{ status: 500, body: { code: 501 } },
			connectionError('ECONNRESET'),
			{ body: { resourceId: 'res/1' } },
		]);
		expect(await onTestClock(acquire(context, ACCOUNT, CHANNEL, {}))).toBe('res/1');
	});

	it.each([{}, { resourceId: '' }, { resourceId: null }])(
		'fails after the response %j',
		async (body) => {
			const { context } = fakeContext([{ body }]);
			const work = onTestClock(acquire(context, ACCOUNT, CHANNEL, {}));
			expect((await faultOf(work)).message).toContain('no resource ID');
		},
	);
});

describe('a session record with changed values', () => {
	it.each([{ mode: '..' }, { resourceId: '.' }, { appId: '..' }, { sid: '' }, { mode: '\uD800' }])(
		'is rejected: %j',
		async (changes) => {
			const { context, sent } = fakeContext([{ body: {} }]);
			const work = onTestClock(query(context, ACCOUNT, { ...SESSION, ...changes }));
			expect((await faultOf(work)).message).toContain("can't be part of a URL");
			expect(sent).toEqual([]);
		},
	);
});

describe('start', () => {
	const startWith = (answers: FakeResponse[]) => {
		const { context, sent } = fakeContext(answers);
		const work = start(context, ACCOUNT, SESSION, { storageConfig: { secretKey: 'FAKE-SECRET' } });
		return { sent, work: onTestClock(work) };
	};

	it('starts the reserved recorder', async () => {
		const { sent, work } = startWith([STARTED]);
		expect(await work).toBe('fake-sid');
		expect(sent[0]!.options).toMatchObject({
			method: 'POST',
			url: `${APP}/resourceid/res%2F1/mode/mix/start`,
			body: {
				cname: 'class 7b',
				uid: '527841',
				clientRequest: { storageConfig: { secretKey: 'FAKE-SECRET' } },
			},
		});
	});

	it.each<[string, FakeResponse]>([
		['201', { ...STARTED, status: 201 }],
		['a code next to the sid', { body: { ...STARTED.body, code: 0 } }],
	])('is a success with %s', async (_, answer) => {
		expect(await startWith([answer]).work).toBe('fake-sid');
	});

	it('returns null when this UID is already recording the channel', async () => {
		const { sent, work } = startWith([{ status: 400, body: { code: 53 } }]);
		expect(await work).toBeNull();
		expect(sent).toHaveLength(1);
	});

	it.each<[string, FakeResponse]>([
		['Agora asks for it', { status: 206, body: { code: 65 } }],
		['the rate limit is exceeded', { status: 429, body: { message: 'API rate limit exceeded' } }],
		['Agora was not reached', connectionError('ECONNREFUSED')],
	])('repeats the request when %s', async (_, answer) => {
		const { sent, work } = startWith([answer, STARTED]);
		expect(await work).toBe('fake-sid');
		expect(sent).toHaveLength(2);
	});

	const MAYBE = /may be running.*resource ID res\/1$/;
	const NOTHING = /^(?!.*may be running)/s;
	it.each<[string, FakeResponse, RegExp, RegExp, number]>([
		['200 without sid', { body: { sid: '' } }, /no sid/, MAYBE, 1],
		['200 without anything', {}, /no sid/, MAYBE, 1],
		['201, code 7', { status: 201, body: { code: 7 } }, /already started/, MAYBE, 1],
		['206, code 65, to the end', { status: 206, body: { code: 65 } }, /finish/, MAYBE, 4],
		['500 with an empty sid', { status: 500, body: { code: 15, sid: '' } }, /finish/, MAYBE, 1],
		['504', { status: 504, body: { code: 62 } }, /finish/, MAYBE, 1],
		["408 with a proxy's page", { status: 408, body: '<h1>408</h1>' }, /408/, MAYBE, 1],
		["404 with a proxy's page", { status: 404, body: '<h1>404</h1>' }, /could not find/, MAYBE, 1],
		['a redirect', { status: 302 }, /redirect/, MAYBE, 1],
		['a lost connection', connectionError('ECONNRESET'), /reached/, MAYBE, 1],
		['a timeout', connectionError('ETIMEDOUT'), /timed out/, MAYBE, 1],
		['a refused connection', connectionError('ECONNREFUSED'), /reached/, NOTHING, 4],
		['a credential that does not sign', new Error('No key'), /^No key$/, NOTHING, 1],
		['an unknown host', connectionError('ENOTFOUND'), /reached/, NOTHING, 4],
		['429 to the end', { status: 429 }, /too many requests/, NOTHING, 4],
		['400, code 2', { status: 400, body: { code: 2 } }, /as invalid/, NOTHING, 1],
		['500, code 2', { status: 500, body: { code: 2 } }, /as invalid/, NOTHING, 1],
		['200, code 2', { body: { code: 2 } }, /as invalid/, NOTHING, 1],
		['401', { status: 401 }, /Customer ID/, NOTHING, 1],
	])(
		'fails with %s, and warns if a recording may be running',
		async (_, answer, says, may, times) => {
			const { sent, work } = startWith([answer]);
			const { message, details } = await faultOf(work);
			expect(message).toMatch(says);
			expect(details.description ?? '').toMatch(may);
			expect(JSON.stringify({ message, details })).not.toContain('FAKE-SECRET');
			expect(sent).toHaveLength(times);
		},
	);
});

describe('an interrupted start', () => {
	it('warns if an earlier attempt was received', async () => {
		const { context } = fakeContext([
			{ status: 206, body: { code: 65 } },
			connectionError('ECONNREFUSED'),
		]);
		const fault = await faultOf(onTestClock(start(context, ACCOUNT, SESSION, {})));
		expect(fault.details.description).toContain('may be running');
	});

	it('warns if Agora rejects the repeated request', async () => {
		const { context } = fakeContext([
			{ status: 206, body: { code: 65 } },
			{ status: 400, body: { code: 53 } },
		]);
		const fault = await faultOf(onTestClock(start(context, ACCOUNT, SESSION, {})));
		expect(fault.message).toContain('already being recorded');
		expect(fault.details.description).toContain('may be running');
	});

	it('is not sent after the execution was canceled, and does not warn', async () => {
		const { context, sent, cancel } = fakeContext([STARTED]);
		cancel.abort();
		const { message, details } = await faultOf(start(context, ACCOUNT, SESSION, {}));
		expect(message).toBe('The execution was canceled');
		expect(details.description ?? '').not.toContain('may be running');
		expect(sent).toEqual([]);
	});

	it('does not warn if the execution was canceled before the request was sent', async () => {
		const ends = Array.from({ length: 30 }, () => {
			const { context, sent, cancel } = fakeContext([STARTED]);
			return { work: start(context, ACCOUNT, SESSION, {}), sent, cancel };
		});
		const settled = Promise.allSettled(ends.map(({ work }) => work));
		await jest.advanceTimersByTimeAsync(0);
		for (const { cancel } of ends) cancel.abort();
		const results = await settled;
		const unsent = ends.flatMap(({ sent }, i) => (sent.length === 0 ? [results[i]!] : []));
		expect(unsent.length).toBeGreaterThan(0);
		for (const result of unsent) {
			const { message, details } = (result as PromiseRejectedResult).reason as Fault;
			expect(message).toBe('The execution was canceled');
			expect(details.description ?? '').not.toContain('may be running');
		}
	});
});

describe('query', () => {
	const queryWith = (answer: FakeResponse) => {
		const { context, sent } = fakeContext([answer]);
		return { sent, work: onTestClock(query(context, ACCOUNT, SESSION)) };
	};

	it('returns serverResponse of a running session', async () => {
		const { sent, work } = queryWith({ body: { serverResponse: { status: 5, fileList: 'a' } } });
		expect(await work).toEqual({ status: 5, fileList: 'a' });
		expect(sent[0]!.options).toMatchObject({
			method: 'GET',
			url: `${APP}/resourceid/res%2F1/sid/fake-sid/mode/mix/query`,
		});
	});

	it('returns null when the session is not running', async () => {
		const { work } = queryWith({
			status: 404,
			body: { code: 404, reason: 'failed to find worker', cname: 'class 7b', uid: '527841' },
		});
		expect(await work).toBeNull();
	});

	it.each<[string, FakeResponse]>([
		['404 of the gateway', { status: 404, body: { message: 'no Route matched' } }],
		['401', { status: 401, body: { message: 'Unauthorized' } }],
		['206, code 65', { status: 206, body: { code: 65 } }],
		['504', { status: 504, body: { code: 62 } }],
	])('does not mistake %s for the end of a session', async (_, answer) => {
		await faultOf(queryWith(answer).work);
	});
});

describe('responses that are not about a session', () => {
	const CALLS: Record<string, (context: Context) => Promise<unknown>> = {
		query: async (context: Context) => await query(context, ACCOUNT, SESSION),
		stop: async (context: Context) => await stop(context, ACCOUNT, SESSION, true),
		update: async (context: Context) => await update(context, ACCOUNT, SESSION, {}),
		updateLayout: async (context: Context) => await updateLayout(context, ACCOUNT, SESSION, {}),
	};
	const NOT_AGORA = ['', '<html></html>', '[]', '7', { serverResponse: 'text' }, { sid: 7 }, {}];
	const names = Object.keys(CALLS);

	it.each(names.flatMap((name) => NOT_AGORA.map((body) => [name, body] as const)))(
		'%s rejects %j',
		async (name, body) => {
			const { context, sent } = fakeContext([{ body }]);
			const fault = await faultOf(onTestClock(CALLS[name]!(context)));
			expect(fault.message).toContain("Agora's response has no sid");
			expect(sent).toHaveLength(1);
		},
	);

	it.each([
		['query', {}],
		['stop', { stopped: true, serverResponse: {} }],
		['update', true],
		['updateLayout', true],
	])('%s accepts older responses with fewer fields', async (name, result) => {
		for (const body of [{ sid: 's' }, { resourceId: 'r', serverResponse: 'text' }]) {
			const { context, sent } = fakeContext([{ body }]);
			expect(await onTestClock(CALLS[name]!(context))).toEqual(result);
			expect(sent).toHaveLength(1);
		}
	});
});
