import type { Bucket } from '../storage/types';
import { DAY_MS, dayOf, startOfDay, type Day, type Days } from './day';
import { SessionScan } from './scan';
import type { SessionRef } from './sessionFiles';

export interface Batch {
	scan: SessionScan;
	/** The sessions that this batch adds. */
	added: SessionRef[];
	/** Every session that is not found yet began before this, Unix milliseconds. */
	newestUnread: number;
}

/** How many days back to scan first, and the factor for each time after. */
const FIRST_DAYS = 2;
const GROWTH = 8;

/**
 * Finds the sessions below a folder: first those of the latest days and those outside day folders, then older ones
 * for as long as more are requested.
 *
 * @param folder '' or a path with a trailing slash
 * @param inSteps false finds them all at once
 * @throws Fault when the bucket refuses
 */
export async function* scanNewestFirst(
	bucket: Bucket,
	folder: string,
	{ from, to }: Days,
	inSteps: boolean,
): AsyncGenerator<Batch> {
	const end = Math.min(Date.now(), startOfDay(to));
	const back = (days: number): Day => {
		// Storage that cannot start in the middle would have to be listed from the beginning each time.
		const day = inSteps && bucket.support.startsAfter ? dayOf(end - days * DAY_MS) : from;
		return day < from ? from : day;
	};
	let days = FIRST_DAYS;
	const scan = new SessionScan(bucket, folder);
	await scan.scanDays({ from: back(days), to });
	const known = new Set<SessionRef>();
	for (;;) {
		const added = [...scan.sessions.values()].filter((session) => !known.has(session));
		for (const session of added) known.add(session);
		const isLast = scan.days.from <= from || !scan.hasOlderDays();
		// A recording that was started just before midnight begins on the day after its folder's.
		const newestUnread = isLast ? -Infinity : startOfDay(scan.days.from) + DAY_MS;
		yield { scan, added, newestUnread };
		if (isLast) return;
		days *= GROWTH;
		await scan.scanOlderDays(back(days));
	}
}
