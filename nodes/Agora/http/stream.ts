import type { BinaryHelperFunctions } from 'n8n-workflow';
import { sleep } from './concurrency';

/** Node's `Readable`: n8n's lint does not allow importing the type from `stream`. */
export type ByteStream = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

/**
 * Reads a stream to its end, or closes it once it exceeds the limit.
 *
 * @returns all bytes, or slightly more than `limit` for a longer stream
 * @throws the stream's error
 */
export async function readAtMost(stream: ByteStream, limit: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of readStream(stream)) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > limit) break;
	}
	return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** Idle timeout between chunks, same as the request timeout. */
const IDLE_TIMEOUT_MS = 30_000;
/** One for all streams, as an abort without a reason creates an error with a stack trace. */
const CLOSED = new Error('The stream was closed');

/** Can be read chunk by chunk or in a loop. */
interface ByteReader extends AsyncIterableIterator<Buffer, void> {
	return(): Promise<IteratorResult<Buffer, void>>;
}

/**
 * Reads a stream chunk by chunk. `return` closes it and ends a pending read. Not a generator, as that is slower for
 * files of several gigabytes.
 *
 * @throws the stream's error, or an Error with the code ETIMEDOUT after 30 seconds without a chunk
 */
export function readStream(stream: ByteStream): ByteReader {
	const chunks = (stream as AsyncIterable<Buffer, void>)[Symbol.asyncIterator]();
	const read: PendingRead = { since: null, fail: () => undefined };
	const ended = new AbortController();
	const end = () => {
		ended.abort(CLOSED);
		stream.destroy();
	};
	void watchIdle(read, ended.signal);
	return {
		[Symbol.asyncIterator]() {
			return this;
		},
		next() {
			// Rejects by itself: a pending read of n8n's stream only ends when the service closes the connection, even if
			// the stream was destroyed.
			return new Promise((resolve, reject) => {
				read.since = Date.now();
				read.fail = (error) => {
					end();
					reject(error);
				};
				chunks.next().then((chunk) => {
					read.since = null;
					if (chunk.done) end();
					resolve(chunk);
				}, read.fail);
			});
		},
		async return() {
			end();
			read.fail(CLOSED);
			return { done: true, value: undefined };
		},
	};
}

interface PendingRead {
	/** Unix milliseconds; null when no read is pending. */
	since: number | null;
	/** Rejects the read and closes the stream. */
	fail: (error: Error) => void;
}

/** Checks in intervals: one timer for each chunk would be slow. */
async function watchIdle(read: PendingRead, ended: AbortSignal): Promise<void> {
	for (let left = IDLE_TIMEOUT_MS; left > 0;) {
		await sleep(left, ended).catch(() => undefined);
		if (ended.aborted) return;
		left = IDLE_TIMEOUT_MS - (read.since === null ? 0 : Date.now() - read.since);
	}
	read.fail(Object.assign(new Error('No data was received in time'), { code: 'ETIMEDOUT' }));
}

/** Closes a stream that will not be read. Starts to read it, as an unread stream would keep its connection. */
export async function abandon(stream: ByteStream): Promise<void> {
	const chunks = readStream(stream);
	try {
		await chunks.next();
		await chunks.return();
	} catch {
		// It has already failed.
	}
}

/**
 * Creates a stream from an iterable, which is only read as the stream is.
 *
 * @param model any stream: its class is used, as n8n's lint does not allow importing `Readable`
 */
export function streamOf(chunks: AsyncIterable<Buffer>, model: ByteStream): ByteStream {
	const { from } = model.constructor as unknown as {
		from(iterable: AsyncIterable<Buffer>, options: object): ByteStream;
	};
	const stream = from(chunks, { objectMode: false, highWaterMark: 65_536 });
	stream.on('error', () => undefined);
	return stream;
}
