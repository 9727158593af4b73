import type { BinaryHelperFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { connectionFault } from './connectionFault';
import {
	ask,
	headOf,
	sendUntilAnswered,
	type Answer,
	type Context,
	type CredentialType,
	type Outcome,
	type Request,
} from './send';

/** Node's `Readable`, by the one way to its type that n8n's lint leaves open. */
export type ByteStream = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

/** An answer whose body is still to come. */
export interface OpenAnswer extends Answer {
	/** The body of a 200, unread. Of any other status it is null, and `body` has the text. */
	stream: ByteStream | null;
}

/** As much of an error's text is read; the rest says nothing new. */
const MAX_ERROR_BYTES = 65_536;

/**
 * Sends one GET request with a credential, and leaves the body of a 200 to be read.
 *
 * @param credential signs the request
 * @returns the answer, whatever its status; repeated as `send` repeats
 * @throws Fault when no answer came, or the credential refused to sign
 */
export async function openStream(
	context: Context,
	credential: CredentialType,
	url: string,
): Promise<OpenAnswer> {
	// Unpacked on the way, the body would not have the announced length.
	const request: Request = { method: 'GET', url, headers: { 'Accept-Encoding': 'identity' } };
	const openOnce = async (): Promise<Outcome<OpenAnswer>> => {
		try {
			const response = await ask(context, credential, request, 'stream');
			const stream = response.body as ByteStream;
			// A stream that fails while nobody reads it would end the whole n8n process.
			stream.on('error', () => undefined);
			const head = headOf(response);
			if (head.status === 200) return { answer: { ...head, body: '', stream } };
			return { answer: { ...head, body: await readText(stream), stream: null } };
		} catch (error) {
			return connectionFault(error, credential);
		}
	};
	return await sendUntilAnswered(context, request, openOnce);
}

async function readText(stream: ByteStream): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of readStream(stream)) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes >= MAX_ERROR_BYTES) break;
	}
	return Buffer.concat(chunks).toString('utf8');
}

/** Who waits for a byte from one look to the next waits in vain. */
const LOOK_MS = 60_000;

/**
 * Reads a stream piece by piece, each when it is asked for. Who stops early closes it.
 *
 * @throws what the stream fails with, and an Error when no byte came for a minute, or for two at most
 */
export async function* readStream(stream: ByteStream): AsyncGenerator<Buffer, void> {
	const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
	const wait: Wait = { giveUp: null };
	const over = new AbortController();
	void endSilence(wait, over.signal);
	try {
		for (;;) {
			const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
				wait.giveUp = reject;
				chunks.next().then(resolve, reject);
			});
			wait.giveUp = null;
			if (next.done) return;
			yield next.value;
		}
	} finally {
		over.abort();
		stream.destroy();
	}
}

interface Wait {
	/** Ends the wait for the next chunk; null while nobody waits. */
	giveUp: ((reason: Error) => void) | null;
}

/** One timer a minute, not one for each chunk: thousands of timers would be much to clear away. */
async function endSilence(wait: Wait, over: AbortSignal): Promise<void> {
	while (!over.aborted) {
		const { giveUp } = wait;
		await sleep(LOOK_MS, over).catch(() => undefined);
		if (giveUp === wait.giveUp) giveUp?.(new Error('nothing came for a minute'));
	}
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
