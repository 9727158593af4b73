import type { Bucket } from '../storage/bucket';
import { hasRested } from './completeness';
import { ALL_DAYS } from './day';
import { channelInNames } from './fileName';
import { listFiles } from './listFiles';
import { openEntries, openSession } from './openSession';
import { prefixesOf } from './places';
import { placesByAge } from './placesByAge';
import { readSessions, type ReadSession } from './recording';
import { startOf } from './sessionFiles';
import { findIndexed, findIndexedOfChannel } from './sessionIndex';

/**
 * Finds one recording by its sid: where Start has noted that it is, else directly below the bucket's prefix,
 * else in the folders below, those of the latest days first.
 *
 * @returns null when no folder holds it
 * @throws Fault when the bucket refuses
 */
export async function findSession(
	bucket: Bucket,
	sid: string,
	keepSegments: boolean,
): Promise<ReadSession | null> {
	const known = (await findIndexed(bucket, sid)) ?? { sid, folder: bucket.prefix, record: null };
	return (
		(await openSession(bucket, known, keepSegments)) ??
		(await openWhereFound(bucket, sid, keepSegments))
	);
}

async function openWhereFound(bucket: Bucket, sid: string, keepSegments: boolean) {
	for await (const { due } of placesByAge(bucket, bucket.prefix, ALL_DAYS, true)) {
		const place = due.find((each) => each.sid === sid);
		if (place !== undefined) return await openEntries(bucket, prefixesOf(place), keepSegments);
	}
	return null;
}

/** How many of a channel's sessions are looked at to see whether one still runs. */
const LATEST = 4;
const SESSIONS_AT_ONCE = 8;

/**
 * Finds the recording that a channel's name means: the newest that is still running, else the newest. One
 * that runs, and that Start has noted, takes a few requests. Otherwise the bucket is looked through from the
 * latest days back, as others may have recorded the channel, too.
 *
 * @param cname the exact channel name
 * @returns null when the bucket knows no recording of the channel
 * @throws Fault when the bucket refuses
 */
export async function findNewestOfChannel(
	bucket: Bucket,
	cname: string,
	keepSegments: boolean,
): Promise<ReadSession | null> {
	const running = await findRunningIndexed(bucket, cname, keepSegments);
	const found = running ?? (await lookForNewest(bucket, cname));
	if (found === null || running !== null || !keepSegments) return found;
	const { session, record } = found;
	return await openSession(bucket, { ...session, record }, true);
}

async function findRunningIndexed(
	bucket: Bucket,
	cname: string,
	keepSegments: boolean,
): Promise<ReadSession | null> {
	for (const known of await findIndexedOfChannel(bucket, cname, LATEST)) {
		const read = await openSession(bucket, known, keepSegments);
		if (read?.status === 'recording') return read;
	}
	return null;
}

async function lookForNewest(bucket: Bucket, cname: string): Promise<ReadSession | null> {
	let newest: ReadSession | null = null;
	for await (const { places, due } of placesByAge(bucket, bucket.prefix, ALL_DAYS, true)) {
		const candidates = [...(await listFiles(bucket, places, due)).values()]
			.filter((each) => each !== null)
			.filter(({ channel }) => channel === channelInNames(cname))
			.sort((a, b) => startOf(b) - startOf(a));
		while (candidates.length > 0) {
			const read = await readSessions(bucket, candidates.splice(0, SESSIONS_AT_ONCE), places.now);
			const ofChannel = read.filter(({ record }) => record === null || record.cname === cname);
			const running = ofChannel.find(({ status }) => status === 'recording');
			if (running !== undefined) return running;
			newest ??= ofChannel[0] ?? null;
			// What has rested for so long runs no more, and neither does anything older.
			if (newest !== null && candidates.every((each) => hasRested(each, places.now))) break;
		}
		if (newest !== null) return newest;
	}
	return newest;
}
