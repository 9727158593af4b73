import type { Bucket } from '../storage/bucket';
import { durationOf, statusOf, type ReadPlaylist, type RecordingStatus } from './completeness';
import { readPlaylist } from './playlist';
import { loadSessionRecord, type SessionRecord } from './sessionRecord';
import { startOf, type RecordedObject, type SessionFiles } from './sessionFiles';

export interface RecordedFile {
	filename: string;
	key: string;
	kind: 'playlist' | 'video' | 'audio' | 'image' | 'segment';
	/** The user whose track it is, null where all are mixed. */
	uid: string | null;
	size_bytes: number;
	/** ISO 8601 UTC. */
	last_modified: string;
	/** A link that works without any key until it expires. */
	download_url: string;
	download_url_expires_at: string;
}

/** One recording session, as every operation and the trigger give it out. */
export interface Recording {
	sid: string;
	cname: string;
	status: RecordingStatus;
	mode: string | null;
	resourceId: string | null;
	/** The recorder's UID. */
	uid: string | null;
	started_at: string | null;
	ended_at: string | null;
	duration_seconds: number | null;
	size_bytes: number;
	file_list: RecordedFile[];
	segment_count: number;
}

/** What is known of a session after its playlists and its record were read. */
export interface ReadSession {
	session: SessionFiles;
	record: SessionRecord | null;
	playlists: ReadPlaylist[];
	status: RecordingStatus;
}

/**
 * Reads what a listing cannot tell: the session record and the playlists.
 *
 * @param now the bucket's time, Unix milliseconds
 * @throws Fault when the bucket refuses
 */
export async function readSession(
	bucket: Bucket,
	session: SessionFiles,
	now: number,
): Promise<ReadSession> {
	const lists = session.files.filter(({ name }) => name.kind === 'playlist');
	const [record, ...texts] = await Promise.all([
		session.record === null ? null : loadSessionRecord(bucket, session.record.key, session.sid),
		...lists.map(async ({ key }) => await bucket.getText(key)),
	]);
	const playlists = lists.map((object, i) => ({ object, ...readPlaylist(texts[i] ?? '') }));
	const mp4Expected = record?.avFileType.includes('mp4') ?? false;
	return { session, record, playlists, status: statusOf(session, playlists, mp4Expected, now) };
}

/**
 * Puts a recording into the shape people see.
 *
 * @param linkSeconds lifetime of the download links, 1 to 604,800 seconds
 */
export function toRecording(bucket: Bucket, read: ReadSession, linkSeconds: number): Recording {
	const { session, record, playlists, status } = read;
	const duration = durationOf(playlists);
	const started = startOf(session);
	const ended = duration ? started + duration * 1000 : session.lastChange;
	const links = linkMaker(bucket, linkSeconds);
	return {
		sid: session.sid,
		cname: record?.cname ?? session.channel,
		status,
		mode: record?.mode ?? null,
		resourceId: record?.resourceId ?? null,
		uid: record?.uid ?? null,
		started_at: toIso(started),
		ended_at: status === 'recording' ? null : toIso(ended),
		duration_seconds: duration,
		size_bytes: session.sizeBytes,
		file_list: [...session.files, ...session.segments].map((object) => toFile(object, links)),
		segment_count: session.segmentCount,
	};
}

type Link = Pick<RecordedFile, 'download_url' | 'download_url_expires_at'>;

function linkMaker(bucket: Bucket, seconds: number): (key: string) => Link {
	const now = new Date();
	const expires = toIso(Math.floor(now.getTime() / 1000) * 1000 + seconds * 1000)!;
	return (key) => ({
		download_url: bucket.presign(key, seconds, now),
		download_url_expires_at: expires,
	});
}

function toFile(
	{ key, size, lastModified, name }: RecordedObject,
	link: (key: string) => Link,
): RecordedFile {
	return {
		filename: key.slice(name.folder.length),
		key,
		kind: name.kind as RecordedFile['kind'],
		uid: name.uid,
		size_bytes: size,
		last_modified: lastModified,
		...link(key),
	};
}

function toIso(ms: number | null): string | null {
	return ms === null || Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
