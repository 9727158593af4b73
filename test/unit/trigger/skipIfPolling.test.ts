import { skipIfPolling } from '../../../nodes/Agora/trigger/pollGuard';

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
	const first = skipIfPolling('a', poll, SKIPPED);
	expect(await skipIfPolling('a', polled, SKIPPED)).toBe(SKIPPED);
	end('first');
	expect(await first).toBe('first');
	expect(await skipIfPolling('a', polled, SKIPPED)).toBe('polled');
});

it('other nodes do not wait', async () => {
	const { poll, end } = slowPoll();
	const first = skipIfPolling('b', poll, SKIPPED);
	expect(await skipIfPolling('c', polled, SKIPPED)).toBe('polled');
	end('first');
	await first;
});

it('a poll that failed is over', async () => {
	const failing = () => Promise.reject(new Error('refused'));
	await expect(skipIfPolling('d', failing, SKIPPED)).rejects.toThrow('refused');
	expect(await skipIfPolling('d', polled, SKIPPED)).toBe('polled');
});

it('a poll that hangs holds the later ones up for ten minutes, not for ever', async () => {
	jest.useFakeTimers({ now: Date.UTC(2026, 10, 24) });
	void skipIfPolling('e', never, SKIPPED);
	jest.advanceTimersByTime(10 * 60_000 - 1);
	expect(await skipIfPolling('e', polled, SKIPPED)).toBe(SKIPPED);
	jest.advanceTimersByTime(1);
	expect(await skipIfPolling('e', polled, SKIPPED)).toBe('polled');
});
