import { DAY_MS } from './day';
import { readName } from './fileName';
import type { LoadedPlaylist } from './playlist';
import { groupBy, startOf, type RecordedObject, type SessionFiles } from './sessionFiles';
import type { SessionRecord } from './sessionRecord';

export type RecordingStatus = 'recording' | 'completed' | 'interrupted';

const MINUTE = 60_000;
/** How long after a finished playlist the requested MP4 is expected. */
export const MP4_GRACE_MS = 10 * MINUTE;
/** Files without a playlist are complete after this time. A segment lasts at most 5.5 minutes (Agora: slicing). */
const QUIET_MS = 6 * MINUTE;
/** The same where there are only screenshots, which may be an hour apart (Agora: `captureInterval`). */
const QUIET_SCREENSHOTS_MS = 70 * MINUTE;
/** An unfinished playlist counts as interrupted after this time. */
export const STALE_MS = 60 * MINUTE;

/** Agora uploads files from its backup servers within three days (Agora: stop). */
export const BACKUP_MS = 3 * DAY_MS;
/** How long files may still arrive after a stop with this `uploadingStatus`. */
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
 * @param record its session record, if there is one: a stop that it contains takes precedence over the files
 * @param now the bucket's time, Unix milliseconds
 * @returns `completed` when every playlist of the last recorder is finished (and the MP4 has arrived, or is no longer
 *   expected), when files without a playlist have not changed for a while, or when it was stopped and nothing more is
 *   uploaded; `interrupted` when the playlists are unfinished and nothing has arrived for an hour; `recording` otherwise
 */
export function statusOf(
	session: SessionFiles,
	playlists: LoadedPlaylist[],
	isUnreadable: boolean,
	mp4Expected: boolean,
	record: SessionRecord | null,
	now: number,
): RecordingStatus {
	const idle = idleMs(session, now);
	const stop = stopOf(record, now);
	if (stop === 'uploading' && !isFinished(session, playlists)) return 'recording';
	if (session.lastChange === null) {
		if (stop === 'ended') return 'completed';
		return idle >= STALE_MS ? 'interrupted' : 'recording';
	}
	// Whether it was finished is not known, but nothing arrives any more.
	if (isUnreadable) return idle >= STALE_MS ? 'completed' : 'recording';
	if (playlists.length === 0) {
		return stop === 'ended' || idle >= quietTime(session) ? 'completed' : 'recording';
	}
	if (!lastRecorderEnded(playlists)) {
		if (stop === 'ended' && idle >= MP4_GRACE_MS) return 'completed';
		return idle >= STALE_MS ? 'interrupted' : 'recording';
	}
	const waits = mp4Expected && idle < MP4_GRACE_MS && !hasAllMp4(session, playlists);
	return waits ? 'recording' : 'completed';
}

/** Whether the session record contains a stop, and whether files may still arrive after it. */
function stopOf(record: SessionRecord | null, now: number): 'uploading' | 'ended' | null {
	if (record?.endedAt === undefined) return null;
	const uploading = UPLOADING_MS[record.uploadingStatus ?? ''];
	if (uploading === undefined) return 'ended';
	return now - Date.parse(record.endedAt) < uploading ? 'uploading' : 'ended';
}

/** Whether the recorder has finished the playlists of a session. */
export function isFinished({ lastChange }: SessionFiles, playlists: LoadedPlaylist[]): boolean {
	return lastChange !== null && playlists.length > 0 && lastRecorderEnded(playlists);
}

/**
 * Whether an MP4 of a finished recording is missing. After ten minutes it counts as complete without it.
 *
 * @param mp4Expected whether MP4 was requested, as far as is known
 */
export function lacksMp4(
	session: SessionFiles,
	playlists: LoadedPlaylist[],
	mp4Expected: boolean,
): boolean {
	return mp4Expected && !hasAllMp4(session, playlists);
}

/** Some storage reports times in whole seconds. */
const TIME_PRECISION_MS = 1000;

/**
 * Whether an MP4 is the last one of its track. A new MP4 begins every two to three hours or 2 GB (Agora: recorded files),
 * and the earlier ones arrive while the recording runs. The last one is not older than the end of its playlist.
 */
export function isLastMp4({ lastModified }: RecordedObject, { object }: LoadedPlaylist): boolean {
	return lastModified >= object.lastModified - TIME_PRECISION_MS;
}

/** Whether the last MP4 of each user has arrived, or of the mix of all users. */
function hasAllMp4({ files }: SessionFiles, playlists: LoadedPlaylist[]): boolean {
	const videos = files.filter(({ name }) => name.kind === 'video');
	return playlists.every((playlist) =>
		videos.some(
			(video) => video.name.uid === playlist.object.name.uid && isLastMp4(video, playlist),
		),
	);
}

/** Whether nothing has arrived for so long that the recorder cannot be running any more. */
export function isStale(session: SessionFiles, now: number): boolean {
	return idleMs(session, now) >= Math.max(STALE_MS, quietTime(session));
}

/** Whether the status of a session may be `recording`, as far as the listing shows. */
export function mayBeRecording(session: SessionFiles, now: number): boolean {
	if (!isStale(session, now)) return true;
	// According to its record, Agora may still be uploading files from its backup servers.
	return session.record !== null && idleMs(session, now) < BACKUP_MS;
}

/** Milliseconds since the last file arrived. */
export function idleMs(session: SessionFiles, now: number): number {
	return now - (session.lastChange ?? startOf(session));
}

function quietTime({ files, segmentCount }: SessionFiles): number {
	const onlyScreenshots = segmentCount === 0 && files.every(({ name }) => name.kind === 'image');
	return onlyScreenshots ? QUIET_SCREENSHOTS_MS : QUIET_MS;
}

/**
 * Whether the last recorder has finished its playlists: a recorder that was replaced leaves its own unfinished. One
 * finished version of a track is enough, as there may be an unfinished one next to a re-uploaded one.
 */
function lastRecorderEnded(playlists: LoadedPlaylist[]): boolean {
	const last = Math.max(...playlists.map(({ object }) => object.name.takeover));
	const current = playlists.filter(({ object }) => object.name.takeover === last);
	return [...groupBy(current, trackOf).values()].every((versions) =>
		versions.some(({ ended }) => ended),
	);
}

/**
 * @returns when the last segment of all playlists ended, Unix milliseconds; null where the names of segments contain no
 *   times
 */
export function lastSegmentEnd(playlists: LoadedPlaylist[]): number | null {
	const ends = playlists.flatMap(({ object, segments }) =>
		segments.flatMap(({ uri, duration }) => {
			const start = readName(`${object.name.folder}${uri}`)?.startedAt ?? null;
			return start === null ? [] : [start + duration * 1000];
		}),
	);
	return ends.length === 0 ? null : ends.reduce((latest, end) => Math.max(latest, end));
}

/**
 * @returns recorded seconds of the longest track, with the durations of all its recorders added up; null where there is
 *   no playlist
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
