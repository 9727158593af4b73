import type { BinaryHelperFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { connectionFault } from './connectionFault';
import {
	asciiText,
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
			return { answer: await openAnswer(context, credential, request) };
		} catch (error) {
			return connectionFault(error, credential);
		}
	};
	return await sendUntilAnswered(context, request, openOnce);
}

async function openAnswer(
	context: Context,
	credential: CredentialType,
	request: Request,
): Promise<OpenAnswer> {
	const response = await ask(context, credential, request, 'stream');
	const stream = response.body as ByteStream;
	// A stream that fails while nobody reads it would end the whole n8n process.
	stream.on('error', () => undefined);
	const head = headOf(response);
	if (head.status === 200) return { ...head, body: '', stream };
	return { ...head, body: await readText(stream), stream: null };
}

/** Takes a text piece by piece, in order. */
export interface TextReader<Result> {
	push(text: string): void;
	/** @throws Fault when what was pushed is not what it should be */
	end(): Result;
}

/**
 * Sends one GET request with a credential, and reads the text of a 200 while it comes, so that it is never held
 * as a whole.
 *
 * @param credential signs the request
 * @param startReading makes a reader for each attempt
 * @returns what the reader made of the text, null for any status but 200
 * @throws Fault when no whole answer came, or the credential refused to sign, and what the reader throws at the
 *   end; repeated as `send` repeats, also when the text breaks off
 */
export async function readWhileComing<Result>(
	context: Context,
	credential: CredentialType,
	url: string,
	startReading: () => TextReader<Result>,
): Promise<{ answer: Answer; result: Result | null }> {
	const request: Request = { method: 'GET', url };
	let reader = startReading();
	const readOnce = async (): Promise<Outcome<OpenAnswer>> => {
		try {
			const answer = await openAnswer(context, credential, request);
			reader = startReading();
			if (answer.stream !== null) await readInto(reader, answer.stream);
			return { answer };
		} catch (error) {
			return connectionFault(error, credential);
		}
	};
	const answer = await sendUntilAnswered(context, request, readOnce);
	return { answer, result: answer.stream === null ? null : reader.end() };
}

async function readInto(reader: TextReader<unknown>, stream: ByteStream): Promise<void> {
	// What is no plain ASCII may be cut in the middle of a character.
	let decoder: InstanceType<typeof TextDecoder> | null = null;
	for await (const chunk of readStream(stream)) {
		const text = decoder === null ? asciiText(chunk) : null;
		if (text === null) decoder ??= new TextDecoder();
		reader.push(text ?? decoder!.decode(chunk, { stream: true }));
	}
	if (decoder !== null) reader.push(decoder.decode());
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
 * Reads a stream piece by piece, each when it is asked for. Who stops early closes it. (No generator: gigabytes
 * pass through here, and each generator on the way would cost them.)
 *
 * @throws what the stream fails with, and an Error when no byte came for a minute, or for two at most
 */
export function readStream(stream: ByteStream): ByteReader {
	const chunks = (stream as AsyncIterable<Buffer, void>)[Symbol.asyncIterator]();
	const wait: Wait = { asked: 0, answered: 0 };
	const over = new AbortController();
	const end = () => {
		over.abort();
		stream.destroy();
	};
	const take = ({ done }: IteratorResult<Buffer, void>) => {
		wait.answered++;
		if (done) end();
	};
	void endSilence(stream, wait, over.signal);
	return {
		[Symbol.asyncIterator]() {
			return this;
		},
		next() {
			wait.asked++;
			const next = chunks.next();
			next.then(take, end);
			return next;
		},
		async return() {
			end();
			return { done: true, value: undefined };
		},
	};
}

/** What `readStream` gives: to be read in a loop, or piece by piece. */
interface ByteReader extends AsyncIterableIterator<Buffer, void> {
	return(): Promise<IteratorResult<Buffer, void>>;
}

/** How often the reader asked for a piece, and how often it got one. */
interface Wait {
	asked: number;
	answered: number;
}

/** One timer a minute, not one for each chunk: thousands of timers would be much to clear away. */
async function endSilence(stream: ByteStream, wait: Wait, over: AbortSignal): Promise<void> {
	while (!over.aborted) {
		const { asked } = wait;
		await sleep(LOOK_MS, over).catch(() => undefined);
		const isSilent = asked === wait.asked && wait.answered < asked;
		if (isSilent && !over.aborted) stream.destroy(new Error('nothing came for a minute'));
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
