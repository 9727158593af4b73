import { DAY_MS } from './day';
import { readName } from './fileName';
import type { LoadedPlaylist } from './playlist';
import { groupBy, startOf, type RecordedObject, type SessionFiles } from './sessionFiles';
import type { SessionRecord } from './sessionRecord';

export type RecordingStatus = 'recording' | 'completed' | 'interrupted';

const MINUTE = 60_000;
/** How long a finished playlist waits for the MP4 that was asked for. */
export const MP4_GRACE_MS = 10 * MINUTE;
/** How long files without any playlist must rest. Slices are forced after 5.5 minutes (Agora: slicing). */
const QUIET_MS = 6 * MINUTE;
/** The same for screenshots alone, which may be an hour apart (Agora: `captureInterval`). */
const QUIET_SCREENSHOTS_MS = 70 * MINUTE;
/** How long an unfinished playlist must rest before its recorder counts as lost. */
export const STALE_MS = 60 * MINUTE;

/** Agora uploads files from its backup servers within three days (Agora: stop). */
export const BACKUP_MS = 3 * DAY_MS;
/** After a stop with such an `uploadingStatus` files may still arrive, within this time. */
const UPLOADING_MS: Record<string, number> = {
	already_stopping: STALE_MS,
	in_progress: STALE_MS,
	backuped: BACKUP_MS,
	stranded: BACKUP_MS,
	unknown: BACKUP_MS,
};

/**
 * Whether a session's files are all in the bucket.
 *
 * @param session what the listing shows
 * @param playlists its playlists, read
 * @param isUnreadable whether there are playlists that could not be read
 * @param mp4Expected whether MP4 was requested, as far as is known
 * @param record its session record, if there is one: a stop that it contains outranks what the files look like
 * @param now the bucket's time, Unix milliseconds
 * @returns `completed` when every playlist of the last recorder is finished (and the MP4 is there, or its time
 *   over), when files without a playlist have not changed for a while, or when it was stopped and nothing more is
 *   uploaded; `interrupted` when for an hour nothing finished the playlists, or nothing arrived at all;
 *   `recording` otherwise
 */
export function statusOf(
	session: SessionFiles,
	playlists: LoadedPlaylist[],
	isUnreadable: boolean,
	mp4Expected: boolean,
	record: SessionRecord | null,
	now: number,
): RecordingStatus {
	const rested = idleMs(session, now);
	const stop = stopOf(record, now);
	if (stop === 'uploading' && !isFinished(session, playlists)) return 'recording';
	if (session.lastChange === null) {
		if (stop === 'over') return 'completed';
		return rested >= STALE_MS ? 'interrupted' : 'recording';
	}
	// Nobody can say whether it was finished, but nothing arrives any more.
	if (isUnreadable) return rested >= STALE_MS ? 'completed' : 'recording';
	if (playlists.length === 0) {
		return stop === 'over' || rested >= quietTime(session) ? 'completed' : 'recording';
	}
	if (!lastRecorderEnded(playlists)) {
		if (stop === 'over' && rested >= MP4_GRACE_MS) return 'completed';
		return rested >= STALE_MS ? 'interrupted' : 'recording';
	}
	const waits = mp4Expected && rested < MP4_GRACE_MS && !hasAllMp4(session, playlists);
	return waits ? 'recording' : 'completed';
}

/** Whether a session was stopped, as far as its record says, and its files may still be on their way. */
function stopOf(record: SessionRecord | null, now: number): 'uploading' | 'over' | null {
	if (record?.endedAt === undefined) return null;
	const uploading = UPLOADING_MS[record.uploadingStatus ?? ''];
	if (uploading === undefined) return 'over';
	return now - Date.parse(record.endedAt) < uploading ? 'uploading' : 'over';
}

/** Whether its playlists say that it is finished: their word is the recorder's own. */
export function isFinished({ lastChange }: SessionFiles, playlists: LoadedPlaylist[]): boolean {
	return lastChange !== null && playlists.length > 0 && lastRecorderEnded(playlists);
}

/**
 * Whether a finished recording counts as complete although an MP4 is missing: none came within ten minutes.
 *
 * @param mp4Expected whether MP4 was requested, as far as is known
 */
export function lacksMp4(
	session: SessionFiles,
	playlists: LoadedPlaylist[],
	mp4Expected: boolean,
): boolean {
	return mp4Expected && playlists.length > 0 && !hasAllMp4(session, playlists);
}

/** Storage reports times in whole seconds at times. */
const TIME_PRECISION_MS = 1000;

/**
 * Whether an MP4 is the last one of its track. A new MP4 begins every two to three hours or 2 GB (Agora: recorded files),
 * and the earlier ones arrive while the recording still runs: the last one is not older than the end of its playlist.
 */
export function isLastMp4({ lastModified }: RecordedObject, { object }: LoadedPlaylist): boolean {
	return lastModified >= object.lastModified - TIME_PRECISION_MS;
}

/** Whether the last MP4 of each user, or of all where they are mixed, is there. */
function hasAllMp4({ files }: SessionFiles, playlists: LoadedPlaylist[]): boolean {
	const videos = files.filter(({ name }) => name.kind === 'video');
	return playlists.every((playlist) =>
		videos.some(
			(video) => video.name.uid === playlist.object.name.uid && isLastMp4(video, playlist),
		),
	);
}

/** Whether nothing has arrived for so long that the session's recorder cannot be at work any more. */
export function isStale(session: SessionFiles, now: number): boolean {
	return idleMs(session, now) >= Math.max(STALE_MS, quietTime(session));
}

/** Whether a session's status may be `recording`, as far as the listing shows. */
export function mayBeRecording(session: SessionFiles, now: number): boolean {
	if (!isStale(session, now)) return true;
	// Its record may say that Agora still uploads files from its backup.
	return session.record !== null && idleMs(session, now) < BACKUP_MS;
}

/** How long nothing has arrived, in milliseconds. */
export function idleMs(session: SessionFiles, now: number): number {
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
function lastRecorderEnded(playlists: LoadedPlaylist[]): boolean {
	const last = Math.max(...playlists.map(({ object }) => object.name.takeover));
	const current = playlists.filter(({ object }) => object.name.takeover === last);
	return [...groupBy(current, trackOf).values()].every((versions) =>
		versions.some(({ ended }) => ended),
	);
}

/**
 * @returns when the last slice of all playlists ended, Unix milliseconds, over gaps and late joiners; null where the
 *   names of slices contain no times
 */
export function lastSegmentEnd(playlists: LoadedPlaylist[]): number | null {
	const ends = playlists.flatMap(({ object, slices }) =>
		slices.flatMap(({ uri, duration }) => {
			const start = readName(`${object.name.folder}${uri}`)?.startedAt ?? null;
			return start === null ? [] : [start + duration * 1000];
		}),
	);
	return ends.length === 0 ? null : ends.reduce((latest, end) => Math.max(latest, end));
}

/**
 * @returns seconds recorded: the longest track, counting what each recorder contributed once; null when
 *   there is no playlist
 */
export function durationOf(playlists: LoadedPlaylist[]): number | null {
	const tracks = [...groupBy(playlists, trackOf).values()].map((track) => {
		const byRecorder = groupBy(track, ({ object }) => object.name.takeover);
		return [...byRecorder.values()]
			.map((versions) => Math.max(...versions.map(({ durationSeconds }) => durationSeconds)))
			.reduce((sum, seconds) => sum + seconds, 0);
	});
	return tracks.length === 0 ? null : Math.round(Math.max(...tracks) * 1000) / 1000;
}

function trackOf({ object }: LoadedPlaylist): string {
	return object.name.track;
}
