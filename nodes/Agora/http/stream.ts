import type { BinaryHelperFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

/** Node's `Readable`, by the one way to its type that n8n's lint leaves open. */
export type ByteStream = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

/**
 * Reads a stream to its end, or until it is longer than it should be: then it is closed.
 *
 * @param most how many bytes are wanted
 * @returns what came, which is somewhat more than `most` where the stream was longer
 * @throws what the stream fails with
 */
export async function readAtMost(stream: ByteStream, most: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of readStream(stream)) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > most) break;
	}
	return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** Who has waited for a byte for so long waits in vain: as long as for an answer. */
const LONGEST_SILENCE_MS = 30_000;

/**
 * Reads a stream piece by piece, each when it is asked for. `return` closes it and ends a read that still waits.
 * (No generator: gigabytes pass through here, and each generator on the way would cost them.)
 *
 * @throws what the stream fails with, and an Error when no byte came for half a minute
 */
export function readStream(stream: ByteStream): ByteReader {
	const chunks = (stream as AsyncIterable<Buffer, void>)[Symbol.asyncIterator]();
	const wait: Wait = { since: null, giveUp: () => undefined };
	const over = new AbortController();
	const end = () => {
		over.abort();
		stream.destroy();
	};
	void endSilence(wait, over.signal);
	return {
		[Symbol.asyncIterator]() {
			return this;
		},
		next() {
			// Closing the stream is not enough: of the one that n8n's HTTP client makes, whoever waits is told only
			// when the service lets go, too.
			return new Promise((resolve, reject) => {
				wait.since = Date.now();
				wait.giveUp = (error) => {
					end();
					reject(error);
				};
				chunks.next().then((chunk) => {
					wait.since = null;
					if (chunk.done) end();
					resolve(chunk);
				}, wait.giveUp);
			});
		},
		async return() {
			end();
			wait.giveUp(new Error('the stream was closed'));
			return { done: true, value: undefined };
		},
	};
}

/** What `readStream` gives: to be read in a loop, or piece by piece. */
interface ByteReader extends AsyncIterableIterator<Buffer, void> {
	return(): Promise<IteratorResult<Buffer, void>>;
}

/** A reader that waits for a piece. */
interface Wait {
	/** Unix milliseconds; null while nobody waits. */
	since: number | null;
	/** Tells the reader, and closes the stream. */
	giveUp: (error: Error) => void;
}

/** With the code by which a connection says so: the network failed, not the request. */
function silence(): Error {
	return Object.assign(new Error('nothing came in time'), { code: 'ETIMEDOUT' });
}

/** One timer each half minute, not one for each chunk: thousands of timers would be much to clear away. */
async function endSilence(wait: Wait, over: AbortSignal): Promise<void> {
	for (let left = LONGEST_SILENCE_MS; left > 0;) {
		await sleep(left, over).catch(() => undefined);
		if (over.aborted) return;
		left = LONGEST_SILENCE_MS - (wait.since === null ? 0 : Date.now() - wait.since);
	}
	wait.giveUp(silence());
}

/**
 * Lets go of a stream that will not be read. It begins to read only to end it: one that was never begun
 * would keep its connection.
 */
export async function abandon(stream: ByteStream): Promise<void> {
	const chunks = readStream(stream);
	try {
		await chunks.next();
		await chunks.return();
	} catch {
		// It had failed already, and nobody asks why.
	}
}

/**
 * Makes a stream of what an iterable gives, piece by piece as it is read, and not before.
 *
 * @param model any stream: n8n's lint lets no node import Node's, so its class is taken from one at hand
 */
export function streamOf(chunks: AsyncIterable<Buffer>, model: ByteStream): ByteStream {
	const { from } = model.constructor as unknown as {
		from(iterable: AsyncIterable<Buffer>, options: object): ByteStream;
	};
	const stream = from(chunks, { objectMode: false, highWaterMark: 65_536 });
	stream.on('error', () => undefined);
	return stream;
}
