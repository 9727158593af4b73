import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';
import { isDay, type Day } from '../recordings/day';

/** What the trigger remembers between polls; lies in the workflow's static data. */
export interface TriggerState extends IDataObject {
	version: 1;
	/** What is watched; when it changes, the trigger starts over. */
	scope: string;
	/** The bucket's time at activation, Unix milliseconds: what ended before is not news. */
	since: number;
	/** The sessions dealt with: eight bytes of digest each, one after the other, in base64. */
	seen: string;
	/** Folders of days before this one are no longer scanned. */
	from: Day;
	/** Sessions in such folders that still run or were interrupted, as `<folder><sid>`. */
	open: string[];
	/** The interrupted sessions, which may go on: digest and six bytes of Unix milliseconds, the last change, each. */
	interrupted: string;
	/** The bucket's time of the last poll that checked interrupted sessions, Unix milliseconds. */
	checkedAt: number;
	/** The interrupted sessions that it had no time for, as in `seen`. */
	unchecked: string;
	/** The starts of sessions that are to come next: digest and six bytes of Unix milliseconds each. */
	starts: string;
	/** The last pending session that the last poll read, as `<folder><sid>`; '' where it read all. */
	lastRead: string;
	/** What the last poll with new recordings emitted, as in `seen`, and when: Unix milliseconds. */
	given: string;
	givenAt: number;
	/** Those of them whose days are no longer scanned, or soon will not be, as `<folder><sid>`. */
	givenIds: string[];
}

const DIGEST_BYTES = 8;
const TIME_BYTES = 6;

/** Digests by session: a quiet poll of a large folder would do little else than compute them again. */
const digests = new Map<string, string>();
/** Some ten megabytes. */
const MOST_DIGESTS = 50_000;

/**
 * @param session `<folder><sid>`
 * @returns eight bytes that represent it, each a character
 */
export function digestOf(session: string): string {
	let digest = digests.get(session);
	if (digest === undefined) {
		digest = sha256(session).toString('latin1');
		if (digests.size >= MOST_DIGESTS) digests.clear();
		digests.set(session, digest);
	}
	return digest;
}

function sha256(text: string): Buffer {
	return createHash('sha256').update(text).digest().subarray(0, DIGEST_BYTES);
}

/**
 * @param parts whatever decides what is watched
 * @returns a short text that changes with any of them
 */
export function scopeOf(...parts: string[]): string {
	return sha256(JSON.stringify(parts)).toString('base64');
}

/** One poll needs it several times. */
let lastUnpacked: { seen: string; digests: ReadonlySet<string> } = { seen: '', digests: new Set() };

/** Unpacks the digests of a state. */
export function readSeen({ seen }: Pick<TriggerState, 'seen'>): ReadonlySet<string> {
	if (seen === '') return new Set();
	if (seen !== lastUnpacked.seen) lastUnpacked = { seen, digests: unpackSeen(seen) };
	return lastUnpacked.digests;
}

function unpackSeen(seen: string): Set<string> {
	const bytes = Buffer.from(seen, 'base64').toString('latin1');
	const unpacked = new Set<string>();
	for (let end = DIGEST_BYTES; end <= bytes.length; end += DIGEST_BYTES) {
		unpacked.add(bytes.slice(end - DIGEST_BYTES, end));
	}
	return unpacked;
}

/** Packs digests into a state's `seen`. */
export function packSeen(packed: Iterable<string>): string {
	return Buffer.from([...packed].join(''), 'latin1').toString('base64');
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
	for (let at = 0; at + size <= bytes.length; at += size)
		pieces.push(bytes.subarray(at, at + size));
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
		givenIds = [],
	} = state ?? {};
	const usable =
		state?.version === 1 &&
		state.scope === scope &&
		Number.isFinite(state.since) &&
		Number.isFinite(state.givenAt) &&
		isDay(state.from) &&
		Array.isArray(state.open) &&
		Array.isArray(givenIds) &&
		Number.isFinite(checkedAt) &&
		[state.seen, state.starts, state.given, lastRead, interrupted, unchecked].every(isText) &&
		[...state.open, ...givenIds].every(isText);
	return usable
		? ({ ...state, lastRead, interrupted, checkedAt, unchecked, givenIds } as TriggerState)
		: null;
}

function isText(value: unknown): boolean {
	return typeof value === 'string';
}
