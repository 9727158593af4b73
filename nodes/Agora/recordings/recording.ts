import type { Session } from '../agora/cloudRecording';
import { mapConcurrent } from '../http/concurrency';
import { Fault } from '../http/errors';
import type { Bucket } from '../storage/types';
import type { AnsweredFile } from './agoraAnswer';
import {
	durationOf,
	endOf,
	idleMs,
	lacksMp4,
	statusOf,
	type ReadPlaylist,
	type RecordingStatus,
} from './status';
import { readName } from './fileName';
import { isPlaylist, readPlaylist } from './playlist';
import { loadSessionRecord, type SessionRecord } from './sessionRecord';
import { startOf, type RecordedObject, type SessionFiles } from './sessionFiles';

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
	/** A link that works without any key until it expires; null where no credential is connected that can make one. */
	download_url: string | null;
	download_url_expires_at: string | null;
}

/** One recording session, as every operation and the trigger give it out. */
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
	/** Only where there are any: files whose content is needed for the fields above and could not be read. */
	unreadable_files?: UnreadableFile[];
	segment_count: number;
	/** Only where there is something to know about the recording that no other field contains. */
	note?: string;
	/** Last, because it is long. */
	resourceId: string | null;
}

export interface UnreadableFile {
	filename: string;
	/** What happened, and what to do about it. */
	reason: string;
}

/** What is known of a session after its playlists and its record were read. */
export interface ReadSession {
	session: SessionFiles;
	record: SessionRecord | null;
	playlists: ReadPlaylist[];
	/** Playlists that are there and could not be read. */
	unreadable: UnreadableFile[];
	status: RecordingStatus;
	/** Whether it counts as completed although an MP4 is missing. */
	lacksMp4: boolean;
	/** How long nothing had arrived when it was listed, in milliseconds. */
	idleMs: number;
}

/**
 * Reads what a listing does not contain: the session record and the playlists. A playlist that the storage refuses,
 * or that is none, is reported in `unreadable` and costs nothing else.
 *
 * @param now the bucket's time, Unix milliseconds
 * @param known the session record, where it is known already
 * @param expectsMp4 whether an MP4 is waited for where no session record says so; by default, where there is one
 * @returns null when its playlists have been deleted since the listing
 * @throws Fault when the bucket cannot be read at all
 */
export async function readSession(
	bucket: Bucket,
	session: SessionFiles,
	now: number,
	known: SessionRecord | null = null,
	expectsMp4 = hasVideo(session),
): Promise<ReadSession | null> {
	const listed = playlistsOf(session);
	const [record, ...texts] = await Promise.all([
		known ?? loadRecordOf(bucket, session),
		...listed.map(async ({ key }) => await readText(bucket, key)),
	]);
	const present: ReadPlaylist[] = [];
	const unreadable: UnreadableFile[] = [];
	for (const [i, object] of listed.entries()) {
		const text = texts[i] ?? null;
		if (text instanceof Fault)
			unreadable.push({ filename: filenameOf(object), reason: reasonOf(text) });
		else if (text !== null) present.push({ object, ...readPlaylist(text) });
	}
	if (listed.length > 0 && present.length + unreadable.length === 0) return null;
	// A master lists the playlists of a user's tracks, and never ends.
	const playlists = present.filter((playlist) => !playlist.isMaster);
	const mp4Expected = record?.avFileType.includes('mp4') ?? expectsMp4;
	const status = statusOf(session, playlists, unreadable.length > 0, mp4Expected, record, now);
	const lacking = status === 'completed' && lacksMp4(session, playlists, mp4Expected);
	return {
		session,
		record,
		playlists,
		unreadable,
		status,
		lacksMp4: lacking,
		idleMs: idleMs(session, now),
	};
}

/** @returns whether a playlist is there */
export function hasPlaylist(session: SessionFiles): boolean {
	return playlistsOf(session).length > 0;
}

function playlistsOf({ files }: SessionFiles): RecordedObject[] {
	return files.filter(({ name }) => name.kind === 'playlist');
}

/** @returns whether an MP4 is there */
export function hasVideo({ files }: SessionFiles): boolean {
	return files.some(({ name }) => name.kind === 'video');
}

/** @returns null when the object has been deleted, a Fault that says why this one cannot be read */
async function readText(bucket: Bucket, key: string): Promise<string | Fault | null> {
	const text = await bucket.getText(key).catch((error: unknown) => {
		if (error instanceof Fault && error.details.onlyThisObject) return error;
		throw error;
	});
	if (text === null) return (await isListed(bucket, key)) ? NOT_RETURNED : null;
	const isBroken = typeof text === 'string' && !isPlaylist(text);
	return isBroken ? new Fault('The file is not a playlist') : text;
}

const NOT_RETURNED = new Fault('The storage lists this file, but does not return it', {
	description: 'Check whether the file can be downloaded in the console of the storage.',
});

async function isListed(bucket: Bucket, key: string): Promise<boolean> {
	// With its ending, a few other files at most.
	const prefix = key.slice(0, key.lastIndexOf('.') + 1);
	const { objects } = await bucket.list({ prefix });
	return objects.some((object) => object.key === key);
}

function reasonOf({ message, details }: Fault): string {
	return [message.replace(/\.?$/, '.'), details.description].filter(Boolean).join(' ');
}

async function loadRecordOf(bucket: Bucket, { record, sid }: SessionFiles) {
	return record === null ? null : await loadSessionRecord(bucket, record.key, sid);
}

/**
 * Requests in flight at the same time, about. Each waits for a round trip and n8n's client opens a connection for it,
 * so few would be slow at a distance and many would be a burden; S3 serves 5,500 a second for each prefix.
 */
const REQUESTS_AT_ONCE = 32;

/**
 * Reads several sessions, as many at once as the number of their files allows.
 *
 * @returns those that are still there
 * @throws Fault when the bucket cannot be read at all
 */
export async function readSessions(
	bucket: Bucket,
	sessions: SessionFiles[],
	now: number,
): Promise<ReadSession[]> {
	const reads = sessions.reduce((sum, session) => sum + 1 + playlistsOf(session).length, 0);
	const sessionsAtOnce = Math.floor((REQUESTS_AT_ONCE * sessions.length) / reads);
	const read = await mapConcurrent(
		sessions,
		Math.max(1, sessionsAtOnce),
		async (session) => await readSession(bucket, session, now),
	);
	return read.filter((each) => each !== null);
}

export interface Presentation {
	/** Whether slices are listed one by one, if they were kept. */
	includeSegments: boolean;
	/** Lifetime of download links in seconds, 1 to 604,800. */
	linkSeconds: number;
}

const NO_MP4 =
	'An MP4 file is missing: none arrived within ten minutes after the end, so the recording counts as complete without it.';

/** Puts a recording into the shape people see. */
export function toRecording(
	bucket: Bucket,
	read: ReadSession,
	{ includeSegments, linkSeconds }: Presentation,
): Recording {
	const { session, record, playlists, unreadable, status } = read;
	const duration = durationOf(playlists);
	const started = startOf(session);
	const byDuration = duration ? started + duration * 1000 : session.lastChange;
	const stopped = record?.endedAt === undefined ? null : Date.parse(record.endedAt);
	const ended = endOf(playlists) ?? byDuration ?? stopped;
	const links = linkMaker(bucket, linkSeconds);
	const segments = includeSegments ? session.segments : [];
	const files = [...session.files, ...segments].map((object) => toFile(object, links));
	const others = session.otherFiles.map((object) => toFile(object, links, 'other'));
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
		...(read.lacksMp4 && { note: NO_MP4 }),
		resourceId: record?.resourceId ?? null,
	};
}

/**
 * A recording of which the bucket holds nothing, or that was asked for without a bucket.
 */
export function unseenRecording(session: Session, status: RecordingStatus): Recording {
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
 * Adds the files that Agora names and the bucket does not show yet.
 *
 * @param folder where the recording's files lie, '' or with a trailing slash
 * @param bucket makes the links; null for none
 * @returns a new recording
 */
export function withAnsweredFiles(
	recording: Recording,
	files: AnsweredFile[],
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
	const { key, size, lastModified, name } = object;
	return {
		filename: filenameOf(object),
		key,
		kind: kind as RecordedFile['kind'],
		uid: name.uid,
		size_bytes: size,
		last_modified: toIso(lastModified),
		...link(key),
	};
}

function filenameOf({ key, name }: RecordedObject): string {
	return key.slice(name.folder.length);
}

function toIso(ms: number | null): string | null {
	const date = new Date(ms ?? NaN);
	return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
