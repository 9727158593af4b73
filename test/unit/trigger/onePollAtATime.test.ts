import { onePollAtATime } from '../../../nodes/Agora/trigger/onePollAtATime';

const SKIPPED = 'skipped';

/** A poll that ends when it is told to. */
function slowPoll() {
	let end: (result: string) => void = () => undefined;
	const ended = new Promise<string>((resolve) => (end = resolve));
	return { poll: () => ended, end };
}

const polled = () => Promise.resolve('polled');
const never = () => new Promise<string>(() => undefined);

afterEach(() => jest.useRealTimers());

it('a poll that begins while another of the same node is under way is skipped', async () => {
	const { poll, end } = slowPoll();
	const first = onePollAtATime('a', poll, SKIPPED);
	expect(await onePollAtATime('a', polled, SKIPPED)).toBe(SKIPPED);
	end('first');
	expect(await first).toBe('first');
	expect(await onePollAtATime('a', polled, SKIPPED)).toBe('polled');
});

it('other nodes do not wait', async () => {
	const { poll, end } = slowPoll();
	const first = onePollAtATime('b', poll, SKIPPED);
	expect(await onePollAtATime('c', polled, SKIPPED)).toBe('polled');
	end('first');
	await first;
});

it('a poll that failed is over', async () => {
	const failing = () => Promise.reject(new Error('refused'));
	await expect(onePollAtATime('d', failing, SKIPPED)).rejects.toThrow('refused');
	expect(await onePollAtATime('d', polled, SKIPPED)).toBe('polled');
});

it('a poll that hangs holds the later ones up for ten minutes, not for ever', async () => {
	jest.useFakeTimers({ now: Date.UTC(2026, 10, 24) });
	void onePollAtATime('e', never, SKIPPED);
	jest.advanceTimersByTime(10 * 60_000 - 1);
	expect(await onePollAtATime('e', polled, SKIPPED)).toBe(SKIPPED);
	jest.advanceTimersByTime(1);
	expect(await onePollAtATime('e', polled, SKIPPED)).toBe('polled');
});
