import { sideBySide } from '../http/sideBySide';
import { openSession, placesOfSessions } from '../recordings/catalogue';
import { readSession, type ReadSession } from '../recordings/recording';
import type { Bucket } from '../storage/bucket';
import { baseline, newRecordings, unknownSessions, type Watch } from './newRecordings';
import type { TriggerState } from './state';

const SESSIONS_AT_ONCE = 8;

/**
 * One poll: lists the sessions of a folder, looks into those it does not know, and says what is new.
 *
 * @param state what the last poll left, null at first
 * @param deadline Unix milliseconds; no further session is looked into after it
 * @throws Fault when the bucket refuses; the state stays as it was
 */
export async function pollBucket(
	bucket: Bucket,
	folder: string,
	state: TriggerState | null,
	watch: Watch,
	deadline: number,
): Promise<{ state: TriggerState; news: ReadSession[] }> {
	const { places, now } = await placesOfSessions(bucket, folder);
	const before = state ?? baseline(places.keys(), now, watch);
	const read = new Map<string, ReadSession | null>();
	const unknown = unknownSessions(places.keys(), before);
	await sideBySide(unknown, SESSIONS_AT_ONCE, async (id) => {
		if (Date.now() > deadline) return;
		const opened = await openSession(bucket, places.get(id)!, watch.includeSegments);
		read.set(id, opened && (await readSession(bucket, opened.session, now)));
	});
	return newRecordings(before, places.keys(), read, watch, state === null);
}
