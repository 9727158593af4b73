import type { ByteStream } from './byteStream';
import { connectionFault } from './connectionFault';
import {
	ask,
	headOf,
	readText,
	sendUntilAnswered,
	type Answer,
	type Outcome,
	type Request,
	type Service,
} from './send';

/** An answer whose body is still to come. */
export interface OpenAnswer extends Answer {
	/** The body of a 200, unread. Of any other status it is null, and `body` has the text. */
	stream: ByteStream | null;
}

/**
 * Sends one GET request to a service, and leaves the body of a 200 to be read.
 *
 * @returns the answer, whatever its status; repeated as `send` repeats
 * @throws Fault when no answer came, or the credential refused to sign
 */
export async function openStream(service: Service, url: string): Promise<OpenAnswer> {
	// Unpacked on the way, the body would not have the announced length.
	const request: Request = { method: 'GET', url, headers: { 'Accept-Encoding': 'identity' } };
	const openOnce = async (): Promise<Outcome<OpenAnswer>> => {
		try {
			return { answer: await openAnswer(service, request) };
		} catch (error) {
			return connectionFault(error, service);
		}
	};
	return await sendUntilAnswered(service, request, openOnce);
}

async function openAnswer(service: Service, request: Request): Promise<OpenAnswer> {
	const response = await ask(service, request);
	const head = headOf(response);
	if (head.status === 200) return { ...head, body: '', stream: response.body };
	return { ...head, body: await readText(response, service), stream: null };
}
