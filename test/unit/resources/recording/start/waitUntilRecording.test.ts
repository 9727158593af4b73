import { waitUntilRecording } from '../../../../../nodes/Agora/resources/recording/start/waitUntilRecording';
import {
	fakeContext,
	faultOf,
	onTestClock,
	useTestClock,
	type FakeResponse,
} from '../../../http/fakeContext';

const ACCOUNT = {
	host: 'https://agora.example',
	customerId: 'c',
	appId: 'a'.repeat(32),
	appCertificate: '',
	secrets: [],
};
const SESSION = {
	appId: ACCOUNT.appId,
	cname: 'class-7b',
	uid: '527841',
	resourceId: 'resource-1',
	mode: 'mix',
	sid: '38f8e3cfdc474cd56fc1ceba380d7e1a',
};
const status = (value: number): FakeResponse => ({ body: { serverResponse: { status: value } } });
const GONE: FakeResponse = { status: 404, body: { code: 404, reason: 'failed to find worker' } };

beforeEach(useTestClock);
afterEach(() => jest.useRealTimers());

/** @returns the wait, and when requests were sent to Agora, in seconds after its start */
function wait(answers: FakeResponse[], mode = 'mix') {
	const { context, sent, cancel } = fakeContext(answers);
	const begun = Date.now();
	const work = waitUntilRecording(context, ACCOUNT, { ...SESSION, mode });
	return { work, cancel, seconds: () => sent.map(({ at }) => (at - begun) / 1000) };
}

it.each([
	['ready', [1, 2, 3, 4], [5, 12.5, 23.75, 38.75]],
	['in progress', [5], [5]],
] as const)('queries at growing intervals until the state is %s', async (state, answers, at) => {
	const { work, seconds } = wait(answers.map(status));
	expect(await onTestClock(work)).toBe(state);
	expect(seconds()).toEqual(at);
});

it('continues if the session is not found at first', async () => {
	const { work } = wait([GONE, GONE, status(4)]);
	expect(await onTestClock(work)).toBe('ready');
});

it('fails if the session is not found after 30 seconds, with the likely causes in their order', async () => {
	const { work, seconds } = wait([GONE]);
	const { message, details } = await faultOf(onTestClock(work));
	expect(message).toBe('The recording was started, but is no longer known to Agora');
	expect(details.httpCode).toBe('404');
	expect(details.description).toMatch(
		/bucket.*credentials.*channel was empty.*Maximum Idle Time.*UID 527841.*token.*Channel Profile.*sid 38f8.*resource ID resource-1$/,
	);
	expect(seconds()).toEqual([5, 12.5, 23.75, 38.75]);
});

it('names the likely causes for a web page', async () => {
	const { details } = await faultOf(onTestClock(wait([GONE], 'web').work));
	expect(details.description).toMatch(/credentials.*the page did not load/);
	expect(details.description).not.toContain('Channel Profile');
});

it('fails if the session is still starting after 90 seconds', async () => {
	const { work, seconds } = wait([status(3)]);
	const { message, details } = await faultOf(onTestClock(work));
	expect(message).toContain('is not ready after 90 seconds');
	expect(details.description).toContain(SESSION.sid);
	expect(seconds().at(-1)).toBe(90);
});

it.each([
	[6, 'stop requested'],
	[8, 'exited'],
	[20, 'exited abnormally'],
	[99, 'unknown (99)'],
])('fails at once if the session has ended: %d', async (value, state) => {
	const { work, seconds } = wait([status(value)]);
	expect((await faultOf(onTestClock(work))).message).toContain(`Agora's status is "${state}"`);
	expect(seconds()).toHaveLength(1);
});

it('names the session in an error of a query', async () => {
	const { work } = wait([{ status: 401, body: { message: 'Invalid authentication credentials' } }]);
	const { details } = await faultOf(onTestClock(work));
	expect(details).toMatchObject({
		httpCode: '401',
		mayBeRunning: expect.stringContaining(SESSION.sid),
	});
	expect(details.description).toContain(
		`The recording was started and may be running: sid ${SESSION.sid}`,
	);
});

it.each([{ status: {} }, { status: null }, {}, 'text', null])(
	'continues after a response without a status: %j',
	async (serverResponse) => {
		const { sid } = SESSION;
		const { work } = wait([{ body: { sid, serverResponse } }, status(4)]);
		expect(await onTestClock(work)).toBe('ready');
	},
);

it('fails when the execution is canceled, and names the session', async () => {
	const { work, cancel, seconds } = wait([status(3)]);
	const canceled = faultOf(work);
	await jest.advanceTimersByTimeAsync(1000);
	cancel.abort();
	const { message, details } = await canceled;
	expect(message).toBe('The execution was canceled');
	expect(details.description).toContain(SESSION.sid);
	expect(seconds()).toEqual([]);
});
