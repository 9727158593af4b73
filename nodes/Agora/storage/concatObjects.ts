import { canceled, Fault } from '../http/errors';
import { abandon, type ByteStream, readStream, streamOf } from '../http/stream';
import type { Bucket, OpenObject } from './types';

export interface ObjectToRead {
	key: string;
	/** Bytes, from the listing; null if the object was not listed. */
	size: number | null;
}

export interface ConcatenatedObjects {
	/** The bytes of all objects, in order. Fails with a Fault. */
	stream: ByteStream;
	/** @returns how many bytes of the stream were read so far */
	bytesRead(): number;
	/** Ends all requests. To be called once the stream was read or is no longer needed. */
	close(): void;
}

/** Concurrent requests: the 240 slices of an hour take 30 round trips. */
const REQUESTS_AT_ONCE = 8;
/** Limit for all buffered objects, from their request until their bytes are passed on. */
const BUFFER_BYTES = 16 * 1024 ** 2;
/** Larger objects are streamed. A slice of 15 seconds (Agora) usually has 2 MB, and 7.5 MB at 4 Mbit/s. */
const MAX_BUFFERED_BYTES = 8 * 1024 ** 2;

/**
 * Concatenates objects byte for byte into one stream.
 *
 * Small objects are buffered: several are requested at the same time and in advance, and each is requested again once
 * if its transfer is interrupted. All downloads from one `Bucket` share the limits on requests and bytes, but each can
 * always read one object. Large objects and those of unknown size are streamed as fast as the result is read.
 *
 * @param objects at least one
 * @throws Fault when the first object is missing or refused. If a later object is missing or refused, or if any is
 *   interrupted or has an unexpected size, the stream fails with a Fault after the bytes of the previous objects.
 */
export async function concatObjects(
	bucket: Bucket,
	objects: ObjectToRead[],
): Promise<ConcatenatedObjects> {
	const concatenation = new Concatenation(bucket, objects);
	const first = await concatenation.open(objects[0]!);
	const stream = streamOf(concatenation.read(first), first.stream);
	return {
		stream,
		bytesRead: () => concatenation.bytes,
		close() {
			concatenation.close();
			stream.destroy();
			// Otherwise the generator closes it.
			if (!concatenation.hasStarted) void abandon(first.stream);
		},
	};
}

interface SmallObject extends ObjectToRead {
	size: number;
}

function isSmall(object: ObjectToRead): object is SmallObject {
	return object.size !== null && object.size <= MAX_BUFFERED_BYTES;
}

/** A small object that was requested and not passed on yet. */
interface BufferedObject {
	size: number;
	chunks: Promise<Buffer[]>;
}

interface Usage {
	requests: number;
	bytes: number;
}

/** Usage by the buffered objects of all downloads from a bucket. */
const usages = new WeakMap<Bucket, Usage>();

function usageOf(bucket: Bucket): Usage {
	let usage = usages.get(bucket);
	if (usage === undefined) usages.set(bucket, (usage = { requests: 0, bytes: 0 }));
	return usage;
}

class Concatenation {
	hasStarted = false;
	/** Passed on. */
	bytes = 0;
	private readonly bucket: Bucket;
	private readonly objects: ObjectToRead[];
	private readonly usage: Usage;
	/** Index of the object to request next. */
	private next = 0;
	/** In order. */
	private readonly buffered: BufferedObject[] = [];
	private readonly readers = new Set<ObjectReader>();
	private readonly closing = new AbortController();

	constructor(bucket: Bucket, objects: ObjectToRead[]) {
		this.bucket = bucket;
		this.objects = objects;
		this.usage = usageOf(bucket);
	}

	/** @param first the opened first object */
	async *read(first: OpenObject): AsyncGenerator<Buffer> {
		this.hasStarted = true;
		let opened: OpenObject | undefined = first;
		try {
			for (;;) {
				const object = this.objects[this.next];
				if (this.buffered.length === 0) {
					if (object === undefined) return;
					if (isSmall(object)) this.request(object, opened);
				}
				this.requestMore();
				const [buffered] = this.buffered;
				if (buffered !== undefined) {
					const chunks = await buffered.chunks;
					for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
						this.bytes += chunk.length;
						yield chunk;
					}
					if (this.buffered.shift() !== undefined) this.usage.bytes -= buffered.size;
				} else {
					const reader = this.readerOf(object!, opened ?? (await this.open(object!)));
					// No nested generator, as that is slower for large files.
					for (let chunk = await reader.next(); chunk; chunk = await reader.next()) {
						this.bytes += chunk.length;
						yield chunk;
					}
					this.readers.delete(reader);
					this.next++;
				}
				opened = undefined;
			}
		} finally {
			this.close();
		}
	}

	/** @throws Fault when the object is missing, the bucket refuses, or the download was closed */
	async open({ key }: ObjectToRead): Promise<OpenObject> {
		const { signal } = this.closing;
		if (signal.aborted) throw canceled();
		const opened = await this.bucket.open(key, signal);
		if (opened === null) throw missing(key, this.bucket);
		if (!signal.aborted) return opened;
		void abandon(opened.stream);
		throw canceled();
	}

	close(): void {
		this.closing.abort();
		for (const reader of this.readers) reader.close();
		this.next = this.objects.length;
		for (const { size } of this.buffered.splice(0)) this.usage.bytes -= size;
	}

	private requestMore(): void {
		for (;;) {
			const object = this.objects[this.next];
			const mayRequest =
				this.buffered.length > 0 &&
				object !== undefined &&
				isSmall(object) &&
				this.usage.requests < REQUESTS_AT_ONCE &&
				this.usage.bytes + object.size <= BUFFER_BYTES;
			if (!mayRequest) return;
			this.request(object);
		}
	}

	private request(object: SmallObject, opened?: OpenObject): void {
		const chunks = this.fetch(object, opened);
		this.next++;
		this.buffered.push({ size: object.size, chunks });
		this.usage.requests++;
		this.usage.bytes += object.size;
		chunks.then(
			() => {
				this.usage.requests--;
				this.requestMore();
			},
			() => {
				this.usage.requests--;
				// The error is thrown when this object is passed on, and ends the download.
				this.next = this.objects.length;
			},
		);
	}

	private async fetch(object: SmallObject, opened?: OpenObject): Promise<Buffer[]> {
		const read = async (source?: OpenObject) =>
			await this.readWhole(object, source ?? (await this.open(object)));
		return await read(opened).catch(async (error: unknown) => {
			if (error instanceof Interrupted) return await read();
			throw error;
		});
	}

	private async readWhole(object: SmallObject, opened: OpenObject): Promise<Buffer[]> {
		const reader = this.readerOf(object, opened);
		const chunks: Buffer[] = [];
		try {
			for (let chunk = await reader.next(); chunk; chunk = await reader.next()) chunks.push(chunk);
			return chunks;
		} finally {
			this.readers.delete(reader);
		}
	}

	private readerOf(object: ObjectToRead, opened: OpenObject): ObjectReader {
		const reader = new ObjectReader(object, opened);
		this.readers.add(reader);
		return reader;
	}
}

/** Reads one object and checks its size. */
class ObjectReader {
	private readonly key: string;
	private readonly expected: number | null;
	private readonly chunks: ReturnType<typeof readStream>;
	private bytes = 0;

	/** @throws Fault when the size in the response differs from the listing */
	constructor({ key, size }: ObjectToRead, opened: OpenObject) {
		this.key = key;
		this.expected = size ?? opened.size;
		if (opened.size !== null && opened.size !== this.expected) {
			void abandon(opened.stream);
			throw changed(key, String(opened.size), this.expected!);
		}
		this.chunks = readStream(opened.stream);
	}

	/**
	 * @returns null at the end
	 * @throws Fault when the object ends early or is longer than expected
	 */
	async next(): Promise<Buffer | null> {
		const { key, expected } = this;
		let next: IteratorResult<Buffer, void>;
		try {
			next = await this.chunks.next();
		} catch (error) {
			const isCanceled = (error as { code?: unknown }).code === 'ERR_CANCELED';
			throw isCanceled ? canceled() : new Interrupted(key, this.bytes, expected);
		}
		if (next.done) {
			if (expected !== null && this.bytes < expected)
				throw new Interrupted(key, this.bytes, expected);
			return null;
		}
		this.bytes += next.value.length;
		if (expected === null || this.bytes <= expected) return next.value;
		// The object has changed since it was listed, and may have no end.
		this.close();
		throw changed(key, `at least ${this.bytes}`, expected);
	}

	close(): void {
		void this.chunks.return();
	}
}

class Interrupted extends Fault {
	constructor(key: string, bytes: number, expected: number | null) {
		const of = expected === null ? '' : ` of ${expected}`;
		super(`The download of "${fileName(key)}" was interrupted after ${bytes}${of} bytes`, {
			description:
				'The connection to the storage was closed. Run the node again, or turn on Retry On Fail in its settings.',
			cause: 'temporarily-unavailable',
		});
	}
}

function missing(key: string, { name }: Bucket): Fault {
	return new Fault(`The file "${fileName(key)}" is not in the bucket "${name}"`, {
		description: 'It was deleted or moved after the bucket was listed. Run the node again.',
		httpCode: '404',
	});
}

function changed(key: string, bytes: string, expected: number): Fault {
	return new Fault(
		`The file "${fileName(key)}" has changed: it has ${bytes} bytes instead of ${expected}`,
		{ description: 'It was overwritten after the bucket was listed. Run the node again.' },
	);
}

function fileName(key: string): string {
	return key.slice(key.lastIndexOf('/') + 1);
}
