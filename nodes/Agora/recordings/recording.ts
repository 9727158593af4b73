import type { Bucket } from '../storage/types';
import { readName } from './fileName';
import type { LoadedSession, UnreadableFile } from './loadSession';
import type { ReportedFile } from './serverResponse';
import { startOf, type RecordedObject } from './sessionFiles';
import type { SessionRecord } from './sessionRecord';
import { durationOf, lastSegmentEnd, type RecordingStatus } from './status';

export interface RecordedFile {
	filename: string;
	key: string;
	/** `other`: not the recorder's, such as subtitles or the output of Agora's format converter. */
	kind: 'playlist' | 'video' | 'audio' | 'image' | 'segment' | 'other';
	/** The user whose track it is, null where all are mixed. */
	uid: string | null;
	/** Null while the file has not arrived in the bucket. */
	size_bytes: number | null;
	/** ISO 8601 UTC; null while the file has not arrived. */
	last_modified: string | null;
	/** A signed URL; null where no credential is connected that can sign one. */
	download_url: string | null;
	download_url_expires_at: string | null;
}

/** One recording session, as every operation and the trigger return it. */
export interface Recording {
	sid: string;
	cname: string;
	status: RecordingStatus;
	mode: string | null;
	/** The recorder's UID. */
	uid: string | null;
	started_at: string | null;
	ended_at: string | null;
	duration_seconds: number | null;
	size_bytes: number;
	file_list: RecordedFile[];
	/** Absent if there are none: files that are needed for the fields above and could not be read. */
	unreadable_files?: UnreadableFile[];
	segment_count: number;
	/** Absent if all is well: what to know about the recording that no other field contains. */
	note?: string;
	/** Last, because it is long. */
	resourceId: string | null;
}

export interface Presentation {
	/** Whether to list the segments one by one, if they were kept. */
	includeSegments: boolean;
	/** Lifetime of download links in seconds, 1 to 604,800. */
	linkSeconds: number;
}

const NO_MP4 =
	'An MP4 file is missing: none arrived within ten minutes after the end, so the recording counts as complete without it.';

/** Makes the item of a recording. */
export function toRecording(
	bucket: Bucket,
	loaded: LoadedSession,
	{ includeSegments, linkSeconds }: Presentation,
): Recording {
	const { session, record, playlists, unreadable, status } = loaded;
	const duration = durationOf(playlists);
	const started = startOf(session);
	const byDuration = duration ? started + duration * 1000 : session.lastChange;
	const stopped = record?.endedAt === undefined ? null : Date.parse(record.endedAt);
	const ended = lastSegmentEnd(playlists) ?? byDuration ?? stopped;
	const link = linkMaker(bucket, linkSeconds);
	const segments = includeSegments ? session.segments : [];
	const files = [...session.files, ...segments].map((object) => toFile(object, link));
	const others = session.otherFiles.map((object) => toFile(object, link, 'other'));
	return {
		sid: session.sid,
		cname: record?.cname ?? session.channel,
		status,
		mode: record?.mode ?? null,
		uid: record?.uid ?? null,
		started_at: toIso(started),
		ended_at: status === 'recording' ? null : toIso(ended),
		duration_seconds: duration,
		size_bytes: session.sizeBytes,
		file_list: [...files, ...others],
		...(unreadable.length > 0 && { unreadable_files: unreadable }),
		segment_count: session.segmentCount,
		...(loaded.lacksMp4 && { note: NO_MP4 }),
		resourceId: record?.resourceId ?? null,
	};
}

/** Makes the item of a recording that has no files in the bucket, or whose bucket is not known. */
export function recordingWithoutFiles(
	session: Pick<SessionRecord, 'sid' | 'cname' | 'mode' | 'uid' | 'resourceId'>,
	status: RecordingStatus,
): Recording {
	const { sid, cname, mode, resourceId, uid } = session;
	return {
		sid,
		cname,
		status,
		mode,
		uid,
		started_at: null,
		ended_at: null,
		duration_seconds: null,
		size_bytes: 0,
		file_list: [],
		segment_count: 0,
		resourceId,
	};
}

/**
 * Adds the files that Agora reports and that are not in the bucket yet.
 *
 * @param folder where the recording's files are, '' or with a trailing slash
 * @param bucket signs the URLs; null for none
 * @returns a new recording
 */
export function withReportedFiles(
	recording: Recording,
	files: ReportedFile[],
	folder: string,
	bucket: Bucket | null,
	linkSeconds: number,
): Recording {
	const known = new Set(recording.file_list.map(({ key }) => key));
	const link = linkMaker(bucket, linkSeconds);
	const missing = files.flatMap(({ name, uid }): RecordedFile[] => {
		const key = name.startsWith(folder) ? name : `${folder}${name}`;
		const kind = readName(key)?.kind;
		if (known.has(key) || kind === undefined || kind === 'sessionRecord') return [];
		const filename = key.slice(key.lastIndexOf('/') + 1);
		return [{ filename, key, kind, uid, size_bytes: null, last_modified: null, ...link(key) }];
	});
	return { ...recording, file_list: [...recording.file_list, ...missing] };
}

type Link = Pick<RecordedFile, 'download_url' | 'download_url_expires_at'>;

/** @returns a function that makes the fields with the signed URL of a key */
function linkMaker(bucket: Bucket | null, seconds: number): (key: string) => Link {
	const now = new Date();
	return (key) => {
		const link = bucket?.presign(key, seconds, now);
		return {
			download_url: link?.url ?? null,
			download_url_expires_at: toIso(link?.expiresAt ?? null),
		};
	};
}

function toFile(
	object: RecordedObject,
	link: (key: string) => Link,
	kind = object.name.kind,
): RecordedFile {
	const { filename, key, size, lastModified, name } = object;
	return {
		filename,
		key,
		kind: kind as RecordedFile['kind'],
		uid: name.uid,
		size_bytes: size,
		last_modified: toIso(lastModified),
		...link(key),
	};
}

function toIso(ms: number | null): string | null {
	const date = new Date(ms ?? NaN);
	return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
