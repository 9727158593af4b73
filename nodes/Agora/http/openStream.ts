import { readStream, type ByteStream } from './byteStream';
import { connectionFault, tooLong } from './connectionFault';
import {
	asciiText,
	ask,
	headOf,
	MAX_TEXT_BYTES,
	readText,
	sendUntilAnswered,
	type Answer,
	type Context,
	type CredentialType,
	type Outcome,
	type Request,
} from './send';

/** An answer whose body is still to come. */
export interface OpenAnswer extends Answer {
	/** The body of a 200, unread. Of any other status it is null, and `body` has the text. */
	stream: ByteStream | null;
}

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
	const response = await ask(context, credential, request);
	const head = headOf(response);
	if (head.status === 200) return { ...head, body: '', stream: response.body };
	return { ...head, body: await readText(response, credential), stream: null };
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
 * @throws Fault when no whole answer came, or one longer than any can be, or the credential refused to sign, and
 *   what the reader throws at the end; repeated as `send` repeats, also when the text breaks off
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
			if (answer.stream !== null) await readInto(reader, answer.stream, credential);
			return { answer };
		} catch (error) {
			return connectionFault(error, credential);
		}
	};
	const answer = await sendUntilAnswered(context, request, readOnce);
	return { answer, result: answer.stream === null ? null : reader.end() };
}

async function readInto(
	reader: TextReader<unknown>,
	stream: ByteStream,
	credential: CredentialType,
): Promise<void> {
	let bytes = 0;
	// What is no plain ASCII may be cut in the middle of a character.
	let decoder: InstanceType<typeof TextDecoder> | null = null;
	for await (const chunk of readStream(stream)) {
		bytes += chunk.length;
		if (bytes > MAX_TEXT_BYTES) throw tooLong(credential);
		const text = decoder === null ? asciiText(chunk) : null;
		if (text === null) decoder ??= new TextDecoder();
		reader.push(text ?? decoder!.decode(chunk, { stream: true }));
	}
	if (decoder !== null) reader.push(decoder.decode());
}
