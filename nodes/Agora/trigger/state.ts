import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';

/** What the trigger remembers between polls; lies in the workflow's static data. */
export interface TriggerState extends IDataObject {
	version: 1;
	/** What is watched; when it changes the trigger begins anew. */
	scope: string;
	/** The bucket's time at activation, Unix milliseconds: what ended before is not news. */
	since: number;
	/** The sessions dealt with: eight bytes of digest each, one after the other, in base64. */
	seen: string;
}

const DIGEST_BYTES = 8;

/**
 * @param session `<folder><sid>`
 * @returns eight bytes that stand for it, in base64
 */
export function digestOf(session: string): string {
	return createHash('sha256').update(session).digest().subarray(0, DIGEST_BYTES).toString('base64');
}

/**
 * @param parts whatever decides what is watched
 * @returns a short text that changes with any of them
 */
export function scopeOf(...parts: string[]): string {
	return digestOf(JSON.stringify(parts));
}

/** Unpacks the digests of a state. */
export function readSeen({ seen }: Pick<TriggerState, 'seen'>): Set<string> {
	const bytes = Buffer.from(seen, 'base64');
	const digests = new Set<string>();
	for (let at = 0; at + DIGEST_BYTES <= bytes.length; at += DIGEST_BYTES) {
		digests.add(bytes.subarray(at, at + DIGEST_BYTES).toString('base64'));
	}
	return digests;
}

/** Packs digests into a state's `seen`. */
export function packSeen(digests: Iterable<string>): string {
	return Buffer.concat([...digests].map((digest) => Buffer.from(digest, 'base64'))).toString(
		'base64',
	);
}

/**
 * @param stored the node's static data
 * @returns the state in it if it is one and watches the same, else null
 */
export function readState(stored: IDataObject, scope: string): TriggerState | null {
	const state = stored.state as Partial<TriggerState> | undefined;
	const usable =
		state?.version === 1 &&
		state.scope === scope &&
		typeof state.since === 'number' &&
		typeof state.seen === 'string';
	return usable ? (state as TriggerState) : null;
}
