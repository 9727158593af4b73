import { Readable } from 'node:stream';
import { abandon, readAtMost, readStream, streamOf } from '../../../nodes/Agora/http/stream';
import { endless } from './fakeContext';

describe('readAtMost', () => {
	it('returns all bytes of a stream', async () => {
		const stream = Readable.from([Buffer.from('by'), Buffer.from('tes')]);
		expect(String(await readAtMost(stream, 5))).toBe('bytes');
	});

	it('closes a longer stream', async () => {
		const { stream, bytesRead } = endless();
		expect((await readAtMost(stream, 1_000_000)).length).toBeGreaterThan(1_000_000);
		expect([stream.destroyed, bytesRead() < 2_000_000]).toEqual([true, true]);
	});
});

describe('readStream', () => {
	afterEach(() => jest.useRealTimers());

	/** Like n8n's HTTP client wraps a body: closing it waits for the source, which sends nothing. */
	const wrapped = (source: Readable) =>
		Readable.from(
			(async function* () {
				for await (const chunk of source) yield chunk as Buffer;
			})(),
			{ objectMode: false },
		);

	it.each([
		['', (source: Readable) => source],
		[' of a stream that does not report when it is closed', wrapped],
	])('fails after 30 seconds without a byte%s', async (_, wrap) => {
		jest.useFakeTimers();
		const silent = new Readable({ read: () => undefined });
		silent.push('a');
		const stream = wrap(silent);
		stream.on('error', () => undefined);
		const chunks = readStream(stream);
		expect(String((await chunks.next()).value)).toBe('a');
		await jest.advanceTimersByTimeAsync(20_000);
		let failure: unknown;
		chunks.next().catch((error: unknown) => (failure = error));
		await jest.advanceTimersByTimeAsync(29_000);
		expect(failure).toBeUndefined();
		await jest.advanceTimersByTimeAsync(1000);
		expect(failure).toMatchObject({ message: 'No data was received in time', code: 'ETIMEDOUT' });
		expect(stream.destroyed).toBe(true);
		expect(jest.getTimerCount()).toBe(0);
	});

	it.each([
		['', (source: Readable) => source],
		[' of a stream that does not report when it is closed', wrapped],
	])('ends a pending read when it is closed%s', async (_, wrap) => {
		jest.useFakeTimers();
		const stream = wrap(new Readable({ read: () => undefined }));
		stream.on('error', () => undefined);
		const chunks = readStream(stream);
		const waiting = chunks.next();
		await Promise.all([expect(waiting).rejects.toThrow('The stream was closed'), chunks.return()]);
		expect(stream.destroyed).toBe(true);
		await jest.advanceTimersByTimeAsync(0);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('has no timeout for a slow reader', async () => {
		jest.useFakeTimers();
		const chunks = readStream(Readable.from([Buffer.from('a'), Buffer.from('b')]));
		expect(String((await chunks.next()).value)).toBe('a');
		await jest.advanceTimersByTimeAsync(600_000);
		expect(String((await chunks.next()).value)).toBe('b');
		expect((await chunks.next()).done).toBe(true);
	});
});

describe('streamOf', () => {
	it('starts with the first read, and survives an error without listeners', async () => {
		let started = false;
		const chunks = (async function* () {
			started = true;
			yield Buffer.from('a');
			throw new Error('broken');
		})();
		const stream = streamOf(chunks, Readable.from([]));
		await new Promise((resolve) => setImmediate(resolve));
		expect(started).toBe(false);
		stream.resume();
		await new Promise((resolve) => stream.once('close', resolve));
		expect(stream.errored?.message).toBe('broken');
	});
});

describe('abandon', () => {
	it('closes a source that was not read, and accepts a closed one', async () => {
		let closed = false;
		const source = Readable.from(
			(async function* () {
				try {
					for (;;) yield Buffer.from('a');
				} finally {
					closed = true;
				}
			})(),
		);
		await abandon(source);
		await abandon(source);
		expect([source.destroyed, closed]).toEqual([true, true]);
	});
});
