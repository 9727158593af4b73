import type { Playlist } from './playlist';
import { startOf, type RecordedObject, type SessionFiles } from './sessionFiles';

export type RecordingStatus = 'recording' | 'completed' | 'interrupted';

const MINUTE = 60_000;
/** How long a finished playlist waits for the MP4 that was asked for. */
const MP4_GRACE_MS = 10 * MINUTE;
/** How long files without any playlist must rest. Slices are forced after 5.5 minutes (Agora: slicing). */
const QUIET_MS = 6 * MINUTE;
/** The same for screenshots alone, which may be an hour apart (Agora: `captureInterval`). */
const QUIET_SCREENSHOTS_MS = 70 * MINUTE;
/** How long an unfinished playlist must rest before its recorder counts as lost. */
const STALE_MS = 60 * MINUTE;

export interface ReadPlaylist extends Playlist {
	object: RecordedObject;
}

/**
 * Whether a session's files are all in the bucket.
 *
 * @param session what the listing shows
 * @param playlists its playlists, read
 * @param isUnreadable whether there are playlists that could not be read
 * @param mp4Expected whether MP4 was asked for, as far as is known
 * @param now the bucket's time, Unix milliseconds
 * @returns `completed` when every playlist of the last recorder is finished (and the MP4 there, or its time
 *   over), or when files without a playlist have come to rest; `interrupted` when for an hour nothing
 *   finished the playlists, or nothing arrived at all; `recording` otherwise
 */
export function statusOf(
	session: SessionFiles,
	playlists: ReadPlaylist[],
	isUnreadable: boolean,
	mp4Expected: boolean,
	now: number,
): RecordingStatus {
	const rested = restOf(session, now);
	if (session.lastChange === null) return rested >= STALE_MS ? 'interrupted' : 'recording';
	// Nobody can say whether it was finished, but nothing arrives any more.
	if (isUnreadable) return rested >= STALE_MS ? 'completed' : 'recording';
	if (playlists.length === 0) return rested >= quietTime(session) ? 'completed' : 'recording';
	if (!lastRecorderEnded(playlists)) return rested >= STALE_MS ? 'interrupted' : 'recording';
	const waits = mp4Expected && rested < MP4_GRACE_MS && !hasAllMp4(session, playlists);
	return waits ? 'recording' : 'completed';
}

/** One for each user who has a playlist, or one where all are mixed: they arrive one after the other. */
function hasAllMp4({ files }: SessionFiles, playlists: ReadPlaylist[]): boolean {
	const films = files.map(({ name }) => name).filter(({ kind }) => kind === 'video');
	const users = new Set(films.map(({ uid }) => uid));
	return playlists.every(({ object }) => users.has(object.name.uid));
}

/** Whether nothing has arrived for so long that the session's recorder cannot be at work any more. */
export function hasRested(session: SessionFiles, now: number): boolean {
	return restOf(session, now) >= Math.max(STALE_MS, quietTime(session));
}

/** How long nothing has arrived, in milliseconds. */
function restOf(session: SessionFiles, now: number): number {
	return now - (session.lastChange ?? startOf(session));
}

function quietTime({ files, segmentCount }: SessionFiles): number {
	const onlyScreenshots = segmentCount === 0 && files.every(({ name }) => name.kind === 'image');
	return onlyScreenshots ? QUIET_SCREENSHOTS_MS : QUIET_MS;
}

/**
 * A recorder that was replaced leaves its playlists unfinished, so the last one decides. Of its tracks any
 * finished version will do: a re-uploaded playlist stands beside the unfinished one.
 */
function lastRecorderEnded(playlists: ReadPlaylist[]): boolean {
	const last = Math.max(...playlists.map(({ object }) => object.name.takeover));
	const current = playlists.filter(({ object }) => object.name.takeover === last);
	return [...Map.groupBy(current, trackOf).values()].every((versions) =>
		versions.some(({ ended }) => ended),
	);
}

/**
 * @returns seconds recorded: the longest track, counting what each recorder contributed once; null when
 *   there is no playlist
 */
export function durationOf(playlists: ReadPlaylist[]): number | null {
	const tracks = [...Map.groupBy(playlists, trackOf).values()].map((track) => {
		const byRecorder = Map.groupBy(track, ({ object }) => object.name.takeover);
		return [...byRecorder.values()]
			.map((versions) => Math.max(...versions.map(({ durationSeconds }) => durationSeconds)))
			.reduce((sum, seconds) => sum + seconds, 0);
	});
	return tracks.length === 0 ? null : Math.round(Math.max(...tracks) * 1000) / 1000;
}

function trackOf({ object }: ReadPlaylist): string {
	return object.name.track;
}
