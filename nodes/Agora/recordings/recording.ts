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
	/** The same as hours, minutes and seconds, such as 00:44:46. */
	duration: string | null;
	/** Link of the first MP4 file; null while there is none, or no link can be signed. */
	video_url: string | null;
	/** Link of the first playlist. Its segments need links of their own, unless the bucket is public. */
	playlist_url: string | null;
	/** Of all the recorder's files that have arrived, segments included. */
	size_bytes: number;
	/** The number of these files. */
	file_count: number;
	/** Where its files are, '' or with a trailing slash; null where that is not known. */
	folder: string | null;
	/** Videos first. */
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
	const link = linkMaker(bucket, linkSeconds);
	const segments = includeSegments ? session.segments : [];
	const others = session.otherFiles.map((object) => toFile(object, link, 'other'));
	const files = videosFirst([
		...[...session.files, ...segments].map((object) => toFile(object, link)),
		...others,
	]);
	return {
		sid: session.sid,
		cname: record?.cname ?? session.channel,
		status,
		mode: record?.mode ?? null,
		uid: record?.uid ?? null,
		started_at: toIso(startOf(session)),
		ended_at: status === 'recording' ? null : toIso(endOf(loaded)),
		duration_seconds: duration,
		duration: toClockTime(duration),
		...mainLinks(files),
		size_bytes: session.sizeBytes,
		file_count: session.files.length + session.segmentCount,
		folder: session.folder,
		file_list: files,
		...(unreadable.length > 0 && { unreadable_files: unreadable }),
		segment_count: session.segmentCount,
		...(loaded.lacksMp4 && { note: NO_MP4 }),
		resourceId: record?.resourceId ?? null,
	};
}

/** @returns the end of the last segment, otherwise an estimate, Unix milliseconds; null if neither is known */
export function endOf({ session, playlists, record }: LoadedSession): number | null {
	const duration = durationOf(playlists);
	const byDuration = duration ? startOf(session) + duration * 1000 : session.lastChange;
	const stopped = record?.endedAt === undefined ? null : Date.parse(record.endedAt);
	return lastSegmentEnd(playlists) ?? byDuration ?? stopped;
}

/** Makes the item of a recording that has no files in the bucket, or whose bucket is not known. */
export function recordingWithoutFiles(
	session: Pick<SessionRecord, 'sid' | 'cname' | 'mode' | 'uid' | 'resourceId'>,
	status: RecordingStatus,
	folder: string | null,
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
		duration: null,
		...mainLinks([]),
		size_bytes: 0,
		file_count: 0,
		folder,
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
	return { ...recording, file_list: videosFirst([...recording.file_list, ...missing]) };
}

/** Fields that Simplify leaves out. */
const DETAILS = [
	'mode',
	'uid',
	'playlist_url',
	'file_count',
	'folder',
	'file_list',
	'segment_count',
	'resourceId',
];

/** @returns the recording with only the fields that most workflows use, and whatever an operation added */
export function simplifyRecording<Item extends object>(recording: Item): Partial<Item> {
	const entries = Object.entries(recording).filter(([name]) => !DETAILS.includes(name));
	return Object.fromEntries(entries) as Partial<Item>;
}

const KINDS: Array<RecordedFile['kind']> = [
	'video',
	'audio',
	'playlist',
	'image',
	'segment',
	'other',
];

function videosFirst(files: RecordedFile[]): RecordedFile[] {
	return files.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

/** @returns the links that most workflows need, of files that have arrived */
function mainLinks(files: RecordedFile[]): Pick<Recording, 'video_url' | 'playlist_url'> {
	const linkOf = (kind: RecordedFile['kind']) =>
		files.find((file) => file.kind === kind && file.size_bytes !== null)?.download_url ?? null;
	return { video_url: linkOf('video'), playlist_url: linkOf('playlist') };
}

/**
 * @param time Unix milliseconds or ISO 8601
 * @returns such as 28 Nov 2026, 17:15:42 UTC
 */
export function readableTime(time: number | string): string {
	const [, day, month, year, clock] = new Date(time).toUTCString().split(' ');
	return `${day} ${month} ${year}, ${clock} UTC`;
}

/** @returns such as 00:44:46, from 100 hours on 100:00:00 */
export function toClockTime(seconds: number | null): string | null {
	if (seconds === null) return null;
	const whole = Math.floor(seconds);
	return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
		.map((part) => String(part).padStart(2, '0'))
		.join(':');
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
