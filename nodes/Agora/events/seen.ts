import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';

/** Agora gives up after three attempts, so a few thousand notices are more than those it may still send again. */
const MAX_SEEN = 2000;
const DIGEST_BYTES = 8;
/**
 * Copies of a notice can arrive while n8n stores the first one. Later ones only count as copies if it was stored: n8n may
 * have failed to start the workflow, and Agora sends the notice again.
 */
const CONCURRENT_MS = 10_000;

/** When each notice arrived in this process, Unix milliseconds by digest, by node; the oldest first. */
const arrivals = new Map<string, Map<string, number>>();

/**
 * Notes an event in the node's static data, which n8n stores and which another n8n process reads with its next request.
 *
 * @param node identifies the node among all workflows
 * @param stored the node's static data
 * @param identities see `identitiesOf`
 * @param now Unix milliseconds
 * @returns whether the event is new
 */
export function noteEvent(
	node: string,
	stored: IDataObject,
	identities: string[],
	now: number,
): boolean {
	const known = arrivals.get(node) ?? new Map<string, number>();
	arrivals.set(node, known);
	const isStored = new Set(unpack(stored.seen));
	for (const digest of isStored) if (!known.has(digest)) known.set(digest, 0);
	const digests = identities.map(digestOf);
	const isKnown = digests.some(
		(digest) => isStored.has(digest) || now - (known.get(digest) ?? -Infinity) < CONCURRENT_MS,
	);
	if (!isKnown) {
		for (const digest of digests) {
			known.delete(digest);
			known.set(digest, now);
		}
		for (const digest of known.keys()) {
			if (known.size <= MAX_SEEN) break;
			known.delete(digest);
		}
	}
	stored.seen = Buffer.from([...known.keys()].join(''), 'latin1').toString('base64');
	return !isKnown;
}

function digestOf(identity: string): string {
	const digest = createHash('sha256').update(identity).digest();
	return digest.toString('latin1', 0, DIGEST_BYTES);
}

function unpack(seen: unknown): string[] {
	const bytes = Buffer.from(typeof seen === 'string' ? seen : '', 'base64').toString('latin1');
	const count = Math.floor(bytes.length / DIGEST_BYTES);
	return Array.from({ length: count }, (_, index) =>
		bytes.slice(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES),
	);
}
