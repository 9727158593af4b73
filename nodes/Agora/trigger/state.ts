import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';
import type { ChannelFilter } from '../recordings/channelFilter';
import { isDay, type Day } from '../recordings/day';

/**
 * What the trigger remembers between polls, in the workflow's static data. The field names are part of the stored format.
 */
export interface TriggerState extends IDataObject {
	version: 1;
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
	given: string;
	givenAt: number;
	/** Those of `given` whose days are no longer scanned, or soon will not be, as `<folder><sid>`. */
	givenIds: string[];
}

const DIGEST_BYTES = 8;
const TIME_BYTES = 6;

/** Digests by session, because computing them would take most of the time of a poll without new recordings. */
const digests = new Map<string, string>();
/** About 40 megabytes. An archive with more sessions in one folder computes all digests at each poll. */
const MAX_DIGESTS = 200_000;

/**
 * @param session `<folder><sid>`
 * @returns a digest of eight bytes, as a latin1 string
 */
export function digestOf(session: string): string {
	let digest = digests.get(session);
	if (digest === undefined) {
		digest = sha256(session).toString('latin1');
		if (digests.size >= MAX_DIGESTS) digests.clear();
		digests.set(session, digest);
	}
	return digest;
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

/** The last result of `readSeen`, because a poll calls it several times. */
let lastUnpacked: { seen: string; digests: ReadonlySet<string> } | null = null;

/** Unpacks the digests of a state. */
export function readSeen({ seen }: Pick<TriggerState, 'seen'>): ReadonlySet<string> {
	if (seen === '') return new Set();
	if (seen !== lastUnpacked?.seen) lastUnpacked = { seen, digests: unpackSeen(seen) };
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
		[state.seen, state.starts, state.given, lastRead, interrupted, unchecked].every(isString) &&
		[...state.open, ...givenIds].every(isString);
	return usable
		? ({ ...state, lastRead, interrupted, checkedAt, unchecked, givenIds } as TriggerState)
		: null;
}

function isString(value: unknown): boolean {
	return typeof value === 'string';
}
