import { createHash } from 'node:crypto';

export interface ObjectProperties {
	/** Defaults to the server's clock. */
	lastModified?: Date;
	/** As a listing shows it. Defaults to STANDARD. */
	storageClass?: string;
	contentType?: string;
}

export interface StoredObject {
	key: string;
	body: Buffer;
	lastModified: Date;
	storageClass: string;
	contentType: string;
	/** Without quotes. */
	readonly etag: string;
}

/**
 * Orders strings by their UTF-8 bytes, as S3 orders keys. JavaScript's own order differs where a character
 * beyond U+FFFF meets one from U+E000 to U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
		if (x !== y) return rank(x) - rank(y);
	}
	return a.length - b.length;
}

/** Sorts surrogates after all other code units. */
function rank(unit: number): number {
	if (unit < 0xd800) return unit;
	return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Up to this many new keys are inserted one by one; for more, sorting all keys again is faster. */
const MAX_INSERTS = 16;

/** Objects in memory with their keys in order, fast enough for 100,000 objects. */
export class ObjectStore {
	readonly #objects = new Map<string, StoredObject>();
	#sorted: string[] = [];
	/** New keys that are not in `#sorted` yet. */
	#added: string[] = [];

	put(key: string, body: string | Buffer, properties: Required<ObjectProperties>): StoredObject {
		const bytes = typeof body === 'string' ? Buffer.from(body) : body;
		let etag: string | undefined;
		const object: StoredObject = {
			...properties,
			key,
			body: bytes,
			get etag() {
				return (etag ??= createHash('md5').update(bytes).digest('hex'));
			},
		};
		if (!this.#objects.has(key)) this.#added.push(key);
		this.#objects.set(key, object);
		return object;
	}

	get(key: string): StoredObject | undefined {
		return this.#objects.get(key);
	}

	remove(key: string): void {
		if (!this.#objects.delete(key)) return;
		const index = firstIndex(this.keys, (each) => compareKeys(each, key) >= 0);
		this.#sorted.splice(index, 1);
	}

	/** All keys in the order of their UTF-8 bytes. */
	get keys(): readonly string[] {
		if (this.#added.length > MAX_INSERTS) {
			this.#sorted = this.#sorted.concat(this.#added).sort(compareKeys);
		} else {
			for (const key of this.#added) {
				const index = firstIndex(this.#sorted, (each) => compareKeys(each, key) > 0);
				this.#sorted.splice(index, 0, key);
			}
		}
		this.#added = [];
		return this.#sorted;
	}
}

/** Sorted keys by their index: an array, or something that computes them. */
export interface SortedKeys {
	readonly length: number;
	at(index: number): string | undefined;
}

/**
 * Galloping search: fast when the result is near the start.
 *
 * @param isIn false for the keys before some index, true from there on
 * @param from the first index to consider
 * @returns that index; the length where it is false for all
 */
export function firstIndex(keys: SortedKeys, isIn: (key: string) => boolean, from = 0): number {
	let low = from;
	let high = from;
	for (let step = 1; high < keys.length && !isIn(keys.at(high)!); step *= 2) {
		low = high + 1;
		high += step;
	}
	high = Math.min(high, keys.length);
	while (low < high) {
		const middle = (low + high) >> 1;
		if (isIn(keys.at(middle)!)) high = middle;
		else low = middle + 1;
	}
	return low;
}
