import { agoraClient } from './agoraClient.ts';
import { useSandbox } from './useSandbox.ts';

/** A session reserves its channel and user ID from the start request until it has ended. */

/** Starting and ending take a second each. */
const PACE = { speed: 20, startSeconds: 20, exitSeconds: 20 };

const sandbox = useSandbox({ pace: PACE, unlimited: true });
let agora: ReturnType<typeof agoraClient>;

beforeAll(() => {
	agora = agoraClient(sandbox);
});

const CONFLICT = { status: 400, body: { code: 53, reason: 'task conflict' } };
const statusOf = (sid: string) =>
	sandbox.control.sessions().find((session) => session.sid === sid)!.status;

it('applies before the recorder has joined the channel', async () => {
	const { sid } = await agora.record('early');
	expect((await agora.record('early')).started).toEqual(CONFLICT);
	expect(statusOf(sid)).toBeLessThan(4);
	expect((await agora.record('early', { uid: '527842' })).started.status).toBe(200);
	expect((await agora.record('later')).started.status).toBe(200);
});

it('applies until the session has ended after a stop', async () => {
	const { sid, stop } = await agora.record('ending');
	expect((await stop({ async_stop: true })).status).toBe(200);
	expect((await agora.record('ending')).started).toEqual(CONFLICT);
	expect(statusOf(sid)).toBe(6);
	await sandbox.control.waitUntilComplete(sid);
	expect((await agora.record('ending')).started.status).toBe(200);
});
