import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';

/** Agora gives up after three attempts, so a few thousand notices are more than those it may still send again. */
const MAX_SEEN = 2000;
const DIGEST_BYTES = 8;

/** Digests of the events that this process knows, by workflow; the oldest first. */
const eventsOfWorkflows = new Map<string, Set<string>>();

/**
 * Notes an event in the workflow's static data, which n8n stores, and reads again for the next request.
 *
 * @param workflow its ID
 * @param stored the workflow's static data
 * @param identities see `identitiesOf`
 * @returns whether the event is new
 */
export function noteEvent(workflow: string, stored: IDataObject, identities: string[]): boolean {
	const events = eventsOfWorkflows.get(workflow) ?? new Set();
	eventsOfWorkflows.set(workflow, events);
	for (const digest of unpack(stored)) events.add(digest);
	const digests = identities.map(digestOf);
	const isNew = !digests.some((digest) => events.has(digest));
	if (isNew) {
		for (const digest of digests) events.add(digest);
		for (const digest of events) {
			if (events.size <= MAX_SEEN) break;
			events.delete(digest);
		}
	}
	// Requests end in another order than they begin, so each stores all that is known when n8n writes it.
	stored.agoraEvents = { toJSON: () => pack(events) };
	return isNew;
}

function digestOf(identity: string): string {
	const digest = createHash('sha256').update(identity).digest();
	return digest.toString('latin1', 0, DIGEST_BYTES);
}

function pack(digests: Iterable<string>): string {
	return Buffer.from([...digests].join(''), 'latin1').toString('base64');
}

function unpack(stored: IDataObject): string[] {
	const { agoraEvents } = JSON.parse(JSON.stringify(stored)) as IDataObject;
	const packed = typeof agoraEvents === 'string' ? agoraEvents : '';
	const bytes = Buffer.from(packed, 'base64').toString('latin1');
	const count = Math.floor(bytes.length / DIGEST_BYTES);
	return Array.from({ length: count }, (_, index) =>
		bytes.slice(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES),
	);
}
