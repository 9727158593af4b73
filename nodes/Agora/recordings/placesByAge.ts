import type { Bucket } from '../storage/bucket';
import { DAY_MS, dayOf, startOfDay, type Day, type Days } from './day';
import { findOlderPlaces, findPlaces, hasOlder, type Place, type Places } from './places';

export interface Batch {
	places: Places;
	/** The sessions that this batch adds. */
	due: Place[];
	/** No session that is not known yet began after this, Unix milliseconds. */
	newestUnread: number;
}

/** How many days back to look at first, and how many times as far each time after. */
const FIRST_DAYS = 2;
const GROWTH = 8;

/**
 * Names the sessions below a folder: first those of the latest days and those in no day's folder, then ever
 * older ones, for as long as more are asked for.
 *
 * @param folder '' or a path with a trailing slash
 * @param stepwise false names them all in one go
 * @throws Fault when the bucket refuses
 */
export async function* placesByAge(
	bucket: Bucket,
	folder: string,
	{ from, to }: Days,
	stepwise: boolean,
): AsyncGenerator<Batch> {
	const end = Math.min(Date.now(), startOfDay(to));
	// Storage that cannot begin in the middle would have to be listed anew each time.
	const inSteps = stepwise && bucket.canStartAfter;
	const back = (days: number): Day => {
		const day = inSteps ? dayOf(end - days * DAY_MS) : from;
		return day < from ? from : day;
	};
	let days = FIRST_DAYS;
	const places = await findPlaces(bucket, folder, { from: back(days), to });
	const known = new Set<Place>();
	for (;;) {
		const due = [...places.sessions.values()].filter((place) => !known.has(place));
		for (const place of due) known.add(place);
		const isLast = places.days.from <= from || !hasOlder(places);
		// A recording that was started just before midnight begins in the day after its folder's.
		const newestUnread = isLast ? -Infinity : startOfDay(places.days.from) + DAY_MS;
		yield { places, due, newestUnread };
		if (isLast) return;
		days *= GROWTH;
		await findOlderPlaces(bucket, places, back(days));
	}
}
