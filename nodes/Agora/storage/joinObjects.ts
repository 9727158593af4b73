import { Fault } from '../http/fault';
import { abandon, readStream, streamOf, type ByteStream } from '../http/byteStream';
import { canceled } from '../http/pause';
import type { Bucket, OpenObject } from './types';

export interface ObjectToRead {
	key: string;
	/** Bytes, as the listing has it; null for an object that was not listed. */
	size: number | null;
}

export interface JoinedObjects {
	/** The bytes of all objects, one after the other. Fails with a Fault. */
	stream: ByteStream;
	/** Ends what is still open; to be called when the stream was read, or will not be. */
	close(): void;
}

/**
 * Joins objects byte for byte into one stream. Nothing is kept: an object is read as fast as the stream is,
 * and only the request for the next one is sent ahead.
 *
 * @param objects at least one
 * @throws Fault when the first is missing or the bucket refuses. For those that follow the stream fails, and
 *   so it does when an object breaks off or has another size than expected.
 */
export async function joinObjects(bucket: Bucket, objects: ObjectToRead[]): Promise<JoinedObjects> {
	const first = await open(bucket, objects[0]!);
	const stream = streamOf(readAll(bucket, objects, first), first.stream);
	return {
		stream,
		close() {
			stream.destroy();
			// A stream that nobody began to read does not know of its source yet.
			void abandon(first.stream);
		},
	};
}

async function* readAll(
	bucket: Bucket,
	objects: ObjectToRead[],
	first: OpenObject,
): AsyncGenerator<Buffer> {
	let next: Promise<OpenObject> | null = Promise.resolve(first);
	try {
		for (const [i, object] of objects.entries()) {
			const opened: OpenObject = await next!;
			const following = objects[i + 1];
			next = following === undefined ? null : open(bucket, following);
			// Its failure is reported when its turn comes.
			next?.catch(() => undefined);
			const expected = expectedSize(object, opened);
			let bytes = 0;
			try {
				for await (const chunk of readStream(opened.stream)) {
					bytes += chunk.length;
					// What is longer is not the file, and may have no end.
					if (expected !== null && bytes > expected) break;
					yield chunk;
				}
			} catch (error) {
				throw brokenOff(object.key, bytes, expected, error);
			}
			checkSize(object.key, bytes, expected);
		}
	} finally {
		void next?.then(
			async ({ stream }) => await abandon(stream),
			() => undefined,
		);
	}
}

/** @throws Fault when the object is announced with another size than listed */
function expectedSize({ key, size }: ObjectToRead, opened: OpenObject): number | null {
	const expected = size ?? opened.size;
	if (expected === null || opened.size === null || opened.size === expected) return expected;
	void abandon(opened.stream);
	throw changed(key, String(opened.size), expected);
}

function checkSize(key: string, bytes: number, expected: number | null): void {
	if (expected !== null && bytes < expected) throw brokenOff(key, bytes, expected);
	if (expected !== null && bytes > expected) throw changed(key, `at least ${bytes}`, expected);
}

async function open(bucket: Bucket, { key }: ObjectToRead): Promise<OpenObject> {
	const opened = await bucket.open(key);
	if (opened !== null) return opened;
	throw new Fault(`The file “${nameOf(key)}” is not in the bucket “${bucket.name}”`, {
		description:
			'It belongs to the recording, but was deleted, moved or not uploaded yet. The recording’s other files can be downloaded one by one.',
		httpCode: '404',
	});
}

function brokenOff(key: string, bytes: number, expected: number | null, error?: unknown): Fault {
	if ((error as { code?: unknown } | undefined)?.code === 'ERR_CANCELED') return canceled();
	const of = expected === null ? '' : ` of ${expected}`;
	return new Fault(`The file “${nameOf(key)}” broke off after ${bytes}${of} bytes`, {
		description:
			'The connection to the storage ended too early. Run the node again, or switch on Retry On Fail in its settings.',
		cause: 'temporarily-unavailable',
	});
}

function changed(key: string, bytes: string, expected: number): Fault {
	return new Fault(
		`The file “${nameOf(key)}” has changed: it has ${bytes} bytes instead of ${expected}`,
		{ description: 'Something writes to it at this moment. Run the node again.' },
	);
}

function nameOf(key: string): string {
	return key.slice(key.lastIndexOf('/') + 1);
}
