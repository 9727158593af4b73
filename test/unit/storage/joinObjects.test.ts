import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Bucket, OpenObject } from '../../../nodes/Agora/storage/types';
import { joinObjects } from '../../../nodes/Agora/storage/joinObjects';
import { faultOf } from '../http/fakeContext';

interface Source {
	body: string;
	/** As the answer announces it; its length when left out. */
	announced?: number | null;
}

/** A bucket that notes which objects were opened, begun to be read and closed. */
function bucketOf(sources: Record<string, Source>) {
	const opened: string[] = [];
	const read: string[] = [];
	const closed: string[] = [];
	const open = async (key: string): Promise<OpenObject | null> => {
		opened.push(key);
		const source = sources[key];
		if (source === undefined) return null;
		const { body, announced = body.length } = source;
		const bytes = (async function* () {
			read.push(key);
			try {
				for (const piece of body.match(/.{1,1024}/g) ?? []) yield Buffer.from(piece);
			} finally {
				closed.push(key);
			}
		})();
		return {
			size: announced,
			stream: Readable.from(bytes, { objectMode: false, highWaterMark: 1 }),
		};
	};
	return { bucket: { name: 'recordings', open } as Bucket, opened, read, closed };
}

const all = (sizes: Record<string, number | null>) =>
	Object.entries(sizes).map(([key, size]) => ({ key, size }));

describe('joinObjects', () => {
	it('returns the bytes of all objects, in order', async () => {
		const { bucket } = bucketOf({ b: { body: 'two' }, a: { body: 'one' }, c: { body: '' } });
		const { stream } = await joinObjects(bucket, all({ b: 3, c: 0, a: 3 }));
		expect(await text(stream)).toBe('twoone');
	});

	it('opens one object ahead, and no more', async () => {
		const body = 'x'.repeat(500_000);
		const { bucket, opened, read, closed } = bucketOf({
			a: { body },
			b: { body },
			c: { body },
		});
		const { stream, close } = await joinObjects(
			bucket,
			all({ a: 500_000, b: 500_000, c: 500_000 }),
		);
		expect(opened).toEqual(['a']);
		const chunks = stream[Symbol.asyncIterator]();
		await chunks.next();
		expect([opened, read]).toEqual([['a', 'b'], ['a']]);
		close();
		await new Promise((resolve) => setImmediate(resolve));
		await new Promise((resolve) => setImmediate(resolve));
		expect(opened).toEqual(['a', 'b']);
		expect(closed.sort()).toEqual(['a', 'b']);
	});

	it('closes the first object when nothing is read', async () => {
		const { bucket, closed } = bucketOf({ a: { body: 'a'.repeat(500_000) } });
		const { close } = await joinObjects(bucket, all({ a: 500_000 }));
		close();
		await new Promise((resolve) => setImmediate(resolve));
		expect(closed).toEqual(['a']);
	});

	it.each([
		[
			'that ends early without having announced it',
			{ body: 'ab', announced: null },
			3,
			/broke off after 2 of 3/,
		],
		[
			'that ends earlier than announced',
			{ body: 'ab', announced: 3 },
			null,
			/broke off after 2 of 3/,
		],
		[
			'that is longer than listed',
			{ body: 'abcd', announced: null },
			3,
			/has at least 4 bytes instead of 3/,
		],
		['that announces another size', { body: 'abcd' }, 3, /has 4 bytes instead of 3/],
	])('names an object %s', async (_, source, size, message) => {
		const { bucket } = bucketOf({ 'class/part.ts': source });
		const { stream } = await joinObjects(bucket, [{ key: 'class/part.ts', size }]);
		const fault = await faultOf(text(stream));
		expect(fault.message).toMatch(message);
		expect(fault.message).toContain('“part.ts”');
	});

	it('stops reading an object that is longer than listed', async () => {
		const { bucket, closed } = bucketOf({ a: { body: 'a'.repeat(500_000), announced: null } });
		const { stream } = await joinObjects(bucket, all({ a: 5000 }));
		const fault = await faultOf(text(stream));
		expect(Number(/at least (\d+) bytes/.exec(fault.message)![1])).toBeLessThan(10_000);
		expect(closed).toEqual(['a']);
	});

	it('accepts an object of any size when its size is unknown', async () => {
		const { bucket } = bucketOf({ a: { body: 'abc', announced: null } });
		const { stream } = await joinObjects(bucket, all({ a: null }));
		expect(await text(stream)).toBe('abc');
	});
});
