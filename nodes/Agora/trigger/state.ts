import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';
import type { ChannelFilter } from '../recordings/channelFilter';
import { isDay, type Day } from '../recordings/day';

/**
 * What the trigger remembers between polls, in the workflow's static data. The field names are part of the stored format.
 */
export interface TriggerState extends IDataObject {
	version: 2;
	/** Identifies what is watched; if it changes, the trigger starts over. */
	scope: string;
	/** The bucket's time at activation, Unix milliseconds: recordings that ended before are not emitted. */
	since: number;
	/** The sessions that are done: concatenated digests of eight bytes, in base64. */
	seen: string;
	/** Folders of earlier days are no longer scanned. */
	from: Day;
	/** Sessions in such folders that are running or were interrupted, as `<folder><sid>`. */
	open: string[];
	/** Interrupted sessions, which may continue: for each, its digest and last change, Unix milliseconds in six bytes. */
	interrupted: string;
	/** The bucket's time of the last poll that checked interrupted sessions, Unix milliseconds. */
	checkedAt: number;
	/** The interrupted sessions that this poll had no time for, as in `seen`. */
	unchecked: string;
	/** Sessions that were listed and are not loaded yet: for each, its digest and start, as in `interrupted`. */
	starts: string;
	/** The pending session that was loaded last, as `<folder><sid>`; '' if the last poll loaded all. */
	lastRead: string;
	/** The sessions that were last emitted, as in `seen`, and when, Unix milliseconds. */
	emitted: string;
	emittedAt: number;
	/** Those of `emitted` whose days are no longer scanned, or soon will not be, as `<folder><sid>`. */
	emittedIds: string[];
}

const DIGEST_BYTES = 8;
const TIME_BYTES = 6;

/** Odd, and without a pattern in their bits, so that similar names get different digests. */
const FACTOR_A = 0x9e3779b1 | 0;
const FACTOR_B = 0x5f356495;

/**
 * Two multiplicative hashes of 32 bits. Not cryptographic, because each poll computes the digests of all sessions of a
 * folder, and even a look-up in a cache takes longer.
 */
function wordsOf(session: string): [number, number] {
	let a = FACTOR_A;
	let b = FACTOR_B;
	for (let i = 0; i < session.length; i++) {
		const unit = session.charCodeAt(i);
		a = Math.imul(a ^ unit, FACTOR_A);
		b = Math.imul(b ^ unit, FACTOR_B);
	}
	return [a, b];
}

/**
 * @param session `<folder><sid>`
 * @returns a digest of eight bytes, as a latin1 string
 */
export function digestOf(session: string): string {
	return Buffer.from(Int32Array.from(wordsOf(session)).buffer).toString('latin1');
}

function sha256(text: string): Buffer {
	return createHash('sha256').update(text).digest().subarray(0, DIGEST_BYTES);
}

/**
 * @param parts all parameters that determine what is watched
 * @returns a short string that changes with any of them
 */
export function scopeOf(
	bucket: string,
	folder: string,
	event: string,
	{ cname = '', cnamePrefix }: ChannelFilter,
): string {
	const parts = [bucket, folder, event, cname, ...(cnamePrefix === undefined ? [] : [cnamePrefix])];
	return sha256(JSON.stringify(parts)).toString('base64');
}

/** The digests of a state's `seen`. */
export class SeenDigests implements Iterable<string> {
	private readonly packed: string;
	private readonly bytes: Buffer;
	private readonly words: Int32Array;
	/** The digest that is probably asked for next. */
	private next = 0;
	private indexes: Map<string, number> | undefined;

	/** @param packed as returned by `packSeen` */
	constructor(packed: string) {
		this.packed = packed;
		// `Buffer.from` may return a part of a larger buffer, in which an Int32Array cannot start anywhere.
		this.bytes = Buffer.alloc(Buffer.byteLength(packed, 'base64'));
		this.bytes.write(packed, 'base64');
		this.words = new Int32Array(this.bytes.buffer, 0, this.size * 2);
	}

	get size(): number {
		return Math.floor(this.bytes.length / DIGEST_BYTES);
	}

	/**
	 * Fastest in the order of the digests, because thousands of look-ups in a map of strings take most of the time of a
	 * poll that finds nothing new.
	 *
	 * @param session `<folder><sid>`
	 * @returns the index of its digest, -1 for none
	 */
	indexOf(session: string): number {
		let index: number | undefined = this.next;
		const [a, b] = wordsOf(session);
		if (this.words[2 * index] !== a || this.words[2 * index + 1] !== b) {
			this.indexes ??= new Map([...this].map((each, i) => [each, i]));
			index = this.indexes.get(digestOf(session));
			if (index === undefined) return -1;
		}
		this.next = (index + 1) % this.size;
		return index;
	}

	has(session: string): boolean {
		return this.indexOf(session) >= 0;
	}

	/**
	 * @param indexes which digests to keep, in this order
	 * @param added digests to append
	 * @returns a state's `seen`
	 */
	repack(indexes: readonly number[], added: string[]): string {
		const isAll = indexes.length === this.size && indexes.every((index, i) => index === i);
		if (isAll && added.length === 0) return this.packed;
		return packSeen([...indexes.map((index) => this.at(index)), ...added]);
	}

	*[Symbol.iterator](): Generator<string> {
		for (let i = 0; i < this.size; i++) yield this.at(i);
	}

	private at(index: number): string {
		return this.bytes.toString('latin1', index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
	}
}

/** The last result of `readSeen`, because a poll calls it several times. */
let lastUnpacked: { seen: string; digests: SeenDigests } | null = null;

/** Unpacks the digests of a state. */
export function readSeen({ seen }: Pick<TriggerState, 'seen'>): SeenDigests {
	if (seen === '') return new SeenDigests('');
	if (seen !== lastUnpacked?.seen) lastUnpacked = { seen, digests: new SeenDigests(seen) };
	return lastUnpacked.digests;
}

/** Packs digests into a state's `seen`. */
export function packSeen(digests: string[]): string {
	return Buffer.from(digests.join(''), 'latin1').toString('base64');
}

/** Unpacks `starts` or `interrupted` of a state: Unix milliseconds by digest. */
export function readTimes(packed: string): Map<string, number> {
	return new Map(
		unpack(packed, DIGEST_BYTES + TIME_BYTES).map((bytes) => [
			bytes.toString('latin1', 0, DIGEST_BYTES),
			bytes.readUIntBE(DIGEST_BYTES, TIME_BYTES),
		]),
	);
}

/** Packs Unix milliseconds by digest into a state's `starts` or `interrupted`. */
export function packTimes(times: Iterable<[digest: string, time: number]>): string {
	return pack(
		[...times].map(([digest, time]) => {
			const bytes = Buffer.alloc(TIME_BYTES);
			bytes.writeUIntBE(Math.max(0, Math.floor(time)), 0, TIME_BYTES);
			return Buffer.concat([Buffer.from(digest, 'latin1'), bytes]);
		}),
	);
}

function pack(pieces: Buffer[]): string {
	return Buffer.concat(pieces).toString('base64');
}

function unpack(text: string, size: number): Buffer[] {
	const bytes = Buffer.from(text, 'base64');
	const pieces: Buffer[] = [];
	for (let start = 0; start + size <= bytes.length; start += size)
		pieces.push(bytes.subarray(start, start + size));
	return pieces;
}

/**
 * @param stored the node's static data
 * @returns the state in it if it is one and watches the same, else null
 */
export function readState(stored: IDataObject, scope: string): TriggerState | null {
	const state = stored.state as Partial<TriggerState> | null | undefined;
	// States of earlier versions lack these fields.
	const {
		lastRead = '',
		interrupted = '',
		checkedAt = 0,
		unchecked = '',
		emittedIds = [],
	} = state ?? {};
	const usable =
		state?.version === 2 &&
		state.scope === scope &&
		Number.isFinite(state.since) &&
		Number.isFinite(state.emittedAt) &&
		isDay(state.from) &&
		Array.isArray(state.open) &&
		Array.isArray(emittedIds) &&
		Number.isFinite(checkedAt) &&
		[state.seen, state.starts, state.emitted, lastRead, interrupted, unchecked].every(isString) &&
		[...state.open, ...emittedIds].every(isString);
	return usable
		? ({ ...state, lastRead, interrupted, checkedAt, unchecked, emittedIds } as TriggerState)
		: null;
}

function isString(value: unknown): boolean {
	return typeof value === 'string';
}
