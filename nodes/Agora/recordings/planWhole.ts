import { mapConcurrent } from '../http/concurrency';
import { withAdvice, Fault } from '../http/errors';
import type { Bucket } from '../storage/types';
import { wholeRecording, type WholeRecording } from './downloads';
import type { ReadSession } from './readSession';
import { RecordedObject, type SessionFiles } from './sessionFiles';

/** How many missing files an error lists. */
const LISTED = 3;
/** Files that arrive between listing and reading the playlist are few. */
const MOST_LATE_FILES = 8;

/**
 * Plans the download of a recording as a whole, without downloading anything.
 *
 * @param read with its slices listed one by one; those that have arrived since are added
 * @param allowIncomplete whether parts may be missing
 * @returns at least one download
 * @throws Fault when there is nothing to download, when a part of the recording is or may be missing, or when the
 *   bucket refuses
 */
export async function planWhole(
	bucket: Bucket,
	read: ReadSession,
	allowIncomplete: boolean,
): Promise<WholeRecording> {
	const first = wholeRecording(read);
	const whole = (await addLateFiles(bucket, read, first)) ? wholeRecording(read) : first;
	const fault = allowIncomplete ? null : incomplete(read, whole);
	const isEmpty = whole.downloads.length === 0;
	if (fault !== null && !isEmpty) {
		throw withAdvice(fault, 'To download what is available, turn on Options > Allow Incomplete.');
	}
	if (fault !== null || isEmpty) throw fault ?? nothingToPlay(read, whole);
	return whole;
}

/**
 * A recorder may upload a slice and name it in the playlist after the listing and before the playlist is read, so a
 * few files that seem to be missing are looked up.
 *
 * @returns whether there were any
 */
async function addLateFiles(bucket: Bucket, { session }: ReadSession, { missing }: WholeRecording) {
	if (missing.length > MOST_LATE_FILES) return false;
	const found = await mapConcurrent(missing, MOST_LATE_FILES, async (key) => {
		const { objects } = await bucket.list({ prefix: key, maxKeys: 1 });
		return objects.find((object) => object.key === key);
	});
	const late = found.filter((object) => object !== undefined);
	for (const { key, size, lastModified } of late) {
		const object = new RecordedObject(key, size, lastModified);
		session.add(object, object.name, true);
	}
	return late.length > 0;
}

function incomplete({ session, status, unreadable }: ReadSession, whole: WholeRecording) {
	const [first] = unreadable;
	if (first !== undefined) {
		const message = `The playlist "${first.filename}" of recording ${session.sid} cannot be read`;
		return new Fault(message, { description: first.reason });
	}
	if (status === 'interrupted') {
		return new Fault(`Recording ${session.sid} was interrupted`, {
			description: 'Its recorder stopped unexpectedly, so the end may be missing.',
		});
	}
	if (status === 'recording') {
		return new Fault(`Recording ${session.sid} is not complete yet`, {
			description:
				'It is still running, or its files are still being uploaded. Use the Agora Trigger to wait until all files are uploaded.',
		});
	}
	return missingFiles(session, whole) ?? whole.skipped[0]?.fault ?? null;
}

function missingFiles({ sid }: SessionFiles, { missing, needed }: WholeRecording) {
	if (missing.length === 0) return null;
	const names = missing.slice(0, LISTED).map((key) => `"${key.slice(key.lastIndexOf('/') + 1)}"`);
	const others = missing.length - names.length;
	const list = others === 0 ? names.join(', ') : `${names.join(', ')} and ${others} more`;
	const count =
		missing.length === needed
			? 'all of its segments'
			: `${missing.length} of its ${needed} segments`;
	const message = `Recording ${sid} is missing ${count}`;
	return new Fault(message, {
		description: `Missing: ${list}. They were deleted or moved, or are not uploaded yet.`,
		httpCode: '404',
	});
}

function nothingToPlay(
	{ session, playlists, unreadable }: ReadSession,
	whole: WholeRecording,
): Fault {
	const [first] = unreadable;
	if (first !== undefined) {
		const message = `The playlist "${first.filename}" could not be read`;
		return new Fault(message, { description: first.reason });
	}
	const fault = missingFiles(session, whole) ?? whole.skipped[0]?.fault;
	if (fault !== undefined) return fault;
	const images = session.files.some(({ name }) => name.kind === 'image');
	const why =
		playlists.length === 0
			? 'It has no playlist and no MP4 file.'
			: 'Its playlists list no segments.';
	const description = images
		? 'It has screenshots only. Use their download_url from Get, or set Scope to Single File.'
		: session.segmentCount === 0
			? why
			: `${why} To download a segment, set Scope to Single File and File to By Name.`;
	const message = `Recording ${session.sid} has nothing to play`;
	return new Fault(message, { description, httpCode: '404' });
}
