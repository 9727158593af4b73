import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Bucket, OpenObject } from '../../../nodes/Agora/storage/types';
import { concatObjects } from '../../../nodes/Agora/storage/concatObjects';
import { faultOf } from '../http/fakeContext';

const MIB = 1024 ** 2;
const PIECE = 65_536;

interface Source {
	body: string | Buffer;
	/** Content-Length of the response; default: its actual length. */
	announced?: number | null;
	/** The transfer fails after so many bytes, once for each entry. */
	breaksAt?: number[];
	/** The bytes come once this resolves. */
	released?: Promise<void>;
}

/** A bucket that notes which objects were opened, read and closed, and how many are in flight. */
function bucketOf(sources: Record<string, Source>) {
	const log = {
		opened: [] as string[],
		read: [] as string[],
		closed: [] as string[],
		signals: [] as AbortSignal[],
		/** Objects that are requested and not read to their end. */
		inFlight: 0,
		mostInFlight: 0,
		/** Bytes that were read from the bucket. */
		bytes: 0,
	};
	const open = async (key: string, signal?: AbortSignal): Promise<OpenObject | null> => {
		log.opened.push(key);
		if (signal !== undefined) log.signals.push(signal);
		log.mostInFlight = Math.max(log.mostInFlight, ++log.inFlight);
		await tick();
		const source = sources[key];
		if (source === undefined) {
			log.inFlight--;
			return null;
		}
		const body = Buffer.from(source.body as string);
		const { announced = body.length, breaksAt = [], released } = source;
		const breakAt = breaksAt.shift() ?? Infinity;
		const bytes = (async function* () {
			log.read.push(key);
			try {
				await released;
				for (let at = 0; at < body.length; at += PIECE) {
					const piece = body.subarray(at, Math.min(at + PIECE, body.length, breakAt));
					log.bytes += piece.length;
					yield piece;
					if (at + PIECE >= breakAt)
						throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
				}
			} finally {
				log.inFlight--;
				log.closed.push(key);
			}
		})();
		return {
			size: announced,
			stream: Readable.from(bytes, { objectMode: false, highWaterMark: 1 }),
		};
	};
	return { bucket: { name: 'recordings', open } as unknown as Bucket, log };
}

const tick = async () => await new Promise((resolve) => setImmediate(resolve));

/** Until nothing more can happen by itself. */
async function settle(): Promise<void> {
	for (let i = 0; i < 200; i++) await tick();
}

function gate() {
	let open = () => {};
	const released = new Promise<void>((resolve) => (open = resolve));
	return { released, open };
}

const all = (sizes: Record<string, number | null>) =>
	Object.entries(sizes).map(([key, size]) => ({ key, size }));

/** So many objects of one size, named by their number; the body of each tells them apart. */
function alike(count: number, size: number, more: (n: number) => Partial<Source> = () => ({})) {
	const bodies = Array.from({ length: count }, (_, n) => Buffer.alloc(size, `${n} `));
	const sources = Object.fromEntries(
		bodies.map((body, n) => [`slice${n}`, { body, ...more(n) } as Source]),
	);
	const objects = Object.keys(sources).map((key) => ({ key, size }));
	return { sources, objects, whole: Buffer.concat(bodies).toString() };
}

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeAll(() => process.on('unhandledRejection', note));
afterAll(() => process.off('unhandledRejection', note));
afterEach(async () => {
	await settle();
	expect(unhandled.splice(0)).toEqual([]);
});

describe('concatObjects', () => {
	it('returns the bytes of all, in order', async () => {
		const { bucket } = bucketOf({ b: { body: 'two' }, a: { body: 'one' }, c: { body: '' } });
		const { stream, bytesRead } = await concatObjects(bucket, all({ b: 3, c: 0, a: 3 }));
		expect(bytesRead()).toBe(0);
		expect(await text(stream)).toBe('twoone');
		expect(bytesRead()).toBe(6);
	});

	it('keeps the order when later objects arrive first', async () => {
		const gates = Array.from({ length: 6 }, gate);
		const { sources, objects, whole } = alike(6, 1000, (n) => ({ released: gates[n]!.released }));
		const { bucket, log } = bucketOf(sources);
		const { stream } = await concatObjects(bucket, objects);
		const read = text(stream);
		for (const { open } of gates.reverse()) {
			open();
			await settle();
		}
		expect(await read).toBe(whole);
		expect(log.closed).toEqual(objects.map(({ key }) => key).reverse());
	});

	it('accepts any size of an object whose size is unknown', async () => {
		const { bucket } = bucketOf({ a: { body: 'abc', announced: null } });
		const { stream, bytesRead } = await concatObjects(bucket, all({ a: null }));
		expect(await text(stream)).toBe('abc');
		expect(bytesRead()).toBe(3);
	});

	it('fails at once when the first object is missing', async () => {
		const { bucket, log } = bucketOf({ b: { body: 'b' } });
		const fault = await faultOf(concatObjects(bucket, all({ 'class/a.ts': 1, b: 1 })));
		expect(fault.message).toBe('The file "a.ts" is not in the bucket "recordings"');
		expect(fault.details).toMatchObject({
			httpCode: '404',
			description: expect.stringContaining('Run the node again'),
		});
		expect(log.opened).toEqual(['class/a.ts']);
	});
});

describe('the limits', () => {
	it('requests no other object before the first one is read', async () => {
		const { sources, objects } = alike(10, 1000);
		const { bucket, log } = bucketOf(sources);
		const { close } = await concatObjects(bucket, objects);
		await settle();
		expect(log.opened).toEqual(['slice0']);
		close();
	});

	it('has eight requests in flight, also for tiny objects', async () => {
		const { sources, objects, whole } = alike(50, 10);
		const { bucket, log } = bucketOf(sources);
		const { stream } = await concatObjects(bucket, objects);
		expect(await text(stream)).toBe(whole);
		expect(log.mostInFlight).toBe(8);
		expect(log.opened).toHaveLength(50);
	});

	it.each([
		[1, 16],
		[3, 5],
		[8, 2],
	])('buffers 16 MiB: with objects of %d MiB, %d', async (mebibytes, count) => {
		const { sources, objects } = alike(count + 3, mebibytes * MIB);
		const { bucket, log } = bucketOf(sources);
		const { stream, close } = await concatObjects(bucket, objects);
		const chunks = stream[Symbol.asyncIterator]();
		await chunks.next();
		await settle();
		// Nothing more is passed on, so nothing more is requested.
		expect(log.opened).toHaveLength(count);
		expect(log.bytes).toBe(count * mebibytes * MIB);
		for (let read = PIECE; read < 2 * mebibytes * MIB; read += PIECE) await chunks.next();
		await settle();
		expect(log.opened.length).toBeGreaterThan(count);
		close();
	});

	it('streams a large object as fast as it is read', async () => {
		const size = 64 * MIB;
		const { bucket, log } = bucketOf({
			video: { body: Buffer.alloc(size) },
			after: { body: 'end' },
		});
		const { stream, close } = await concatObjects(bucket, all({ video: size, after: 3 }));
		const chunks = stream[Symbol.asyncIterator]();
		await chunks.next();
		await settle();
		expect(log.bytes).toBeLessThan(MIB);
		expect(log.opened).toEqual(['video']);
		close();
	});

	it('streams large objects between small ones, in order', async () => {
		const large = Buffer.alloc(9 * MIB, 'large');
		const sources = { a: 'one', b: large, c: large, d: 'two', e: 'three' };
		const { bucket } = bucketOf(
			Object.fromEntries(Object.entries(sources).map(([key, body]) => [key, { body }])),
		);
		const objects = Object.entries(sources).map(([key, { length }]) => ({ key, size: length }));
		const { stream } = await concatObjects(bucket, objects);
		expect((await text(stream)) === `one${large}${large}twothree`).toBe(true);
	});

	it('are shared by all downloads from a bucket, and no download waits for another', async () => {
		const { sources, objects, whole } = alike(12, 1000);
		const { released, open } = gate();
		const { bucket, log } = bucketOf({ ...sources, slow: { body: 'slow', released } });
		const slow = Array.from({ length: 8 }, () => ({ key: 'slow', size: 4 }));
		const blocked = await concatObjects(bucket, slow);
		const text1 = text(blocked.stream);
		await settle();
		expect(log.inFlight).toBe(8);
		const { stream } = await concatObjects(bucket, objects);
		expect(await text(stream)).toBe(whole);
		expect(log.mostInFlight).toBe(9);
		open();
		expect(await text1).toBe('slow'.repeat(8));
	});

	it.each(['read', 'failed', 'closed'])('are released when a download was %s', async (how) => {
		const { sources, objects, whole } = alike(40, MIB);
		const { bucket, log } = bucketOf({
			...sources,
			broken: { body: 'x', breaksAt: [1, 1] },
		});
		const broken = { key: 'broken', size: 100 };
		const first = how === 'failed' ? [...objects.slice(0, 5), broken, ...objects] : objects;
		const { stream, close } = await concatObjects(bucket, first);
		if (how === 'read') await text(stream);
		if (how === 'failed') await faultOf(text(stream));
		if (how === 'closed') await stream[Symbol.asyncIterator]().next();
		close();
		await settle();
		expect(log.inFlight).toBe(0);
		log.mostInFlight = 0;
		const again = await concatObjects(bucket, objects);
		expect((await text(again.stream)) === whole).toBe(true);
		expect(log.mostInFlight).toBe(8);
	});
});

describe('a transfer that is interrupted', () => {
	it.each([0, 3, 9])('is repeated: object %d', async (broken) => {
		const { sources, objects, whole } = alike(10, 200_000, (n) =>
			n === broken ? { breaksAt: [100_000] } : {},
		);
		const { bucket, log } = bucketOf(sources);
		const { stream } = await concatObjects(bucket, objects);
		expect(await text(stream)).toBe(whole);
		expect(log.opened.filter((key) => key === `slice${broken}`)).toHaveLength(2);
		expect(log.opened).toHaveLength(11);
	});

	it.each([0, 3, 9])(
		'twice fails after the bytes of the previous objects: object %d',
		async (broken) => {
			const { sources, objects, whole } = alike(10, 200_000, (n) =>
				n === broken ? { breaksAt: [70_000, 100_000] } : {},
			);
			const { bucket, log } = bucketOf(sources);
			const { stream } = await concatObjects(bucket, objects);
			let received = '';
			const fault = await faultOf(
				(async () => {
					for await (const chunk of stream) received += String(chunk);
				})(),
			);
			expect(fault.message).toBe(
				`The download of "slice${broken}" was interrupted after 100000 of 200000 bytes`,
			);
			expect(fault.details.cause).toBe('temporarily-unavailable');
			expect(received === whole.slice(0, broken * 200_000)).toBe(true);
			await settle();
			expect(log.inFlight).toBe(0);
		},
	);

	it('is not repeated once part of it was passed on', async () => {
		const { bucket, log } = bucketOf({ video: { body: Buffer.alloc(9 * MIB), breaksAt: [MIB] } });
		const { stream } = await concatObjects(bucket, all({ video: 9 * MIB }));
		expect((await faultOf(text(stream))).message).toContain(`after ${MIB} of ${9 * MIB} bytes`);
		expect(log.opened).toEqual(['video']);
	});

	it('contains no size if it is unknown', async () => {
		const { bucket } = bucketOf({ a: { body: 'abcdef', announced: null, breaksAt: [3] } });
		const { stream } = await concatObjects(bucket, all({ a: null }));
		const { message } = await faultOf(text(stream));
		expect(message).toBe('The download of "a" was interrupted after 3 bytes');
	});

	it('starts no request for later objects', async () => {
		const { released, open } = gate();
		const { sources, objects } = alike(40, 10, (n) => {
			if (n === 0) return { released };
			return n === 3 ? { breaksAt: [5, 5] } : {};
		});
		const { bucket, log } = bucketOf(sources);
		const { stream } = await concatObjects(bucket, objects);
		const read = faultOf(text(stream));
		await settle();
		const { length } = log.opened;
		expect(length).toBeLessThan(20);
		open();
		await read;
		await settle();
		expect(log.opened).toHaveLength(length);
	});
});

describe('an object that is not as listed', () => {
	it.each([
		[
			'ends early without having announced it',
			{ body: 'ab', announced: null },
			3,
			/interrupted after 2 of 3/,
			2,
		],
		[
			'ends earlier than announced',
			{ body: 'ab', announced: 3 },
			null,
			/interrupted after 2 of 3/,
			1,
		],
		[
			'is longer than listed',
			{ body: 'abcd', announced: null },
			3,
			/has at least 4 bytes instead of 3/,
			1,
		],
		['announces another size', { body: 'abcd' }, 3, /has 4 bytes instead of 3/, 1],
	])('fails with its name when it %s', async (_, source, size, message, reads) => {
		const { bucket, log } = bucketOf({ 'class/part.ts': source, first: { body: '1' } });
		for (const objects of [
			[{ key: 'class/part.ts', size }],
			[
				{ key: 'first', size: 1 },
				{ key: 'class/part.ts', size },
			],
		]) {
			log.opened.splice(0);
			const { stream } = await concatObjects(bucket, objects);
			const fault = await faultOf(text(stream));
			expect(fault.message).toMatch(message);
			expect(fault.message).toContain('"part.ts"');
			expect(fault.details.description).toContain('Run the node again');
			expect(log.opened.filter((key) => key !== 'first')).toHaveLength(reads);
		}
	});

	it('is not read further when it is longer than listed', async () => {
		const { bucket, log } = bucketOf({ a: { body: 'a'.repeat(50 * PIECE), announced: null } });
		const { stream } = await concatObjects(bucket, all({ a: 5000 }));
		const fault = await faultOf(text(stream));
		expect(Number(/at least (\d+) bytes/.exec(fault.message)![1])).toBeLessThan(3 * PIECE);
		await settle();
		expect(log.closed).toEqual(['a']);
	});

	it('fails with its name when it is missing, after the bytes of the previous objects', async () => {
		const { bucket } = bucketOf({ a: { body: 'one' } });
		const { stream } = await concatObjects(bucket, all({ a: 3, 'class/b.ts': 3 }));
		let received = '';
		stream.on('data', (chunk) => (received += String(chunk)));
		const fault = await new Promise<Error>((resolve) => stream.once('error', resolve));
		expect(fault.message).toBe('The file "b.ts" is not in the bucket "recordings"');
		expect(received).toBe('one');
	});
});

describe('closing', () => {
	it('closes the first object when nothing was read', async () => {
		const { bucket, log } = bucketOf({ a: { body: 'a'.repeat(500_000) } });
		const { close } = await concatObjects(bucket, all({ a: 500_000 }));
		close();
		await settle();
		expect(log.closed).toEqual(['a']);
	});

	it('ends all pending requests and reads, and starts none', async () => {
		const { released, open } = gate();
		const { sources, objects } = alike(40, 200_000, (n) => (n < 4 ? {} : { released }));
		const { bucket, log } = bucketOf(sources);
		const { stream, close } = await concatObjects(bucket, objects);
		const chunks = stream[Symbol.asyncIterator]();
		await chunks.next();
		await tick();
		close();
		const { length } = log.opened;
		// What waits for its bytes is closed as soon as they come.
		open();
		await settle();
		expect(log.inFlight).toBe(0);
		expect(log.opened).toHaveLength(length);
		expect(log.signals.every(({ aborted }) => aborted)).toBe(true);
	});

	it.each([
		['buffered', 10],
		['streamed', 9 * MIB],
	])('ends a transfer that hangs while it is %s', async (_, size) => {
		const hanging: Readable[] = [];
		const open = async () => {
			const stream = new Readable({ read: () => undefined });
			stream.push('a');
			hanging.push(stream);
			return { size, stream };
		};
		const { stream, close } = await concatObjects(
			{ name: 'recordings', open } as unknown as Bucket,
			Array.from({ length: 8 }, (_, n) => ({ key: `slice${n}`, size })),
		);
		const failed = new Promise((resolve) => stream.once('close', resolve));
		stream.resume();
		await settle();
		close();
		expect(hanging).toHaveLength(size === 10 ? 8 : 1);
		expect(hanging.every(({ destroyed }) => destroyed)).toBe(true);
		await failed;
	});

	it('abandons an object whose response arrives afterwards', async () => {
		const { sources, objects } = alike(5, 10 * PIECE);
		const { bucket, log } = bucketOf(sources);
		const { stream, close } = await concatObjects(bucket, objects);
		stream.read(0);
		// The other four are requested by now, without a response.
		await Promise.resolve();
		expect(log.opened).toHaveLength(5);
		close();
		await settle();
		expect(log.inFlight).toBe(0);
		expect(log.closed).toHaveLength(5);
		expect(log.bytes).toBeLessThanOrEqual(6 * 2 * PIECE);
	});

	it('can be repeated, also after the end', async () => {
		const { sources, objects, whole } = alike(3, 1000);
		const { bucket } = bucketOf(sources);
		const { stream, close } = await concatObjects(bucket, objects);
		expect(await text(stream)).toBe(whole);
		close();
		close();
	});

	it('reports a canceled execution', async () => {
		const canceled = Object.assign(new Error('canceled'), { code: 'ERR_CANCELED' });
		const stream = new Readable({ read: () => undefined });
		stream.push('a');
		const open = async () => ({ size: 2, stream });
		const { stream: result } = await concatObjects(
			{ name: 'recordings', open } as unknown as Bucket,
			all({ a: 2, b: 2 }),
		);
		const read = faultOf(text(result));
		await settle();
		stream.destroy(canceled);
		expect((await read).message).toBe('The execution was canceled');
	});
});
