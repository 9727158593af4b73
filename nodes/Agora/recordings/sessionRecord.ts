import { createHash } from 'crypto';
import { mapConcurrent } from '../http/concurrency';
import { Fault } from '../http/errors';
import type { Bucket } from '../storage/types';
import { channelInNames } from './fileName';

/**
 * What is only known when a session starts. It is stored next to its files, so that a sid or a channel name is enough to
 * find and control it. Never contains a secret.
 */
export interface SessionRecord {
	sid: string;
	resourceId: string;
	/** The exact channel name; in file names some characters are replaced. */
	cname: string;
	/** The recorder's UID. */
	uid: string;
	mode: string;
	appId: string;
	/** ISO 8601 UTC. */
	startedAt: string;
	/** Requested file formats, such as `["hls","mp4"]`. */
	avFileType: string[];
	/** ISO 8601 UTC: when Stop ended it, or found that it had ended. Absent before. */
	endedAt?: string;
	/** What Stop returned as `uploading_status`; absent where Agora did not return one. */
	uploadingStatus?: string;
	/** Agora can control it for this many hours after the start. Absent in older records. */
	resourceExpiredHour?: number;
	/** Used by Update to renew Agora's storage credentials. Absent in older records. */
	storage?: RecordedStorage;
}

/** Agora's `storageConfig` without vendor, bucket and credentials, which are in the storage credential. */
export interface RecordedStorage {
	fileNamePrefix: string[];
	/** `sse` and `tag`, if they were set. */
	extensionParams: Record<string, string>;
}

/** @returns the part of a `storageConfig` that a session record contains */
export function recordedStorage(config: unknown): RecordedStorage {
	const { fileNamePrefix, extensionParams } = (config ?? {}) as Record<string, unknown>;
	const folders = Array.isArray(fileNamePrefix) ? fileNamePrefix : [];
	const extension = Object.entries(extensionParams ?? {}).filter(
		([name, value]) => ['sse', 'tag'].includes(name) && typeof value === 'string',
	);
	return {
		fileNamePrefix: folders.filter((folder) => typeof folder === 'string'),
		extensionParams: Object.fromEntries(extension) as Record<string, string>,
	};
}

/**
 * Writes the record as `<folder><sid>_<channel>.session.json`.
 *
 * @param folder where the recording's files are, '' or with a trailing slash
 * @throws Fault when the bucket refuses
 */
export async function saveSessionRecord(
	bucket: Bucket,
	folder: string,
	record: SessionRecord,
): Promise<void> {
	const key = `${folder}${record.sid}_${channelInNames(record.cname)}.session.json`;
	await bucket.put(key, JSON.stringify(record, null, '\t'), 'application/json');
}

/**
 * @param sid the session the record must belong to
 * @returns the record at `key`; null when it is missing, invalid, another session's, or may not be read
 * @throws Fault when the bucket cannot be read at all
 */
export async function loadSessionRecord(
	bucket: Bucket,
	key: string,
	sid: string,
): Promise<SessionRecord | null> {
	const text = await ifAllowed(bucket.getText(key));
	return text === null ? null : readSessionRecord(text, sid);
}

/**
 * Session records and the index are optional: where the access key may not read or list them, they count as absent.
 *
 * @returns null when access is denied
 * @throws any other error of the request
 */
export async function ifAllowed<Result>(request: Promise<Result>): Promise<Result | null> {
	return await request.catch((error: unknown) => {
		const details = error instanceof Fault ? error.details : {};
		if (details.onlyThisObject || details.httpCode === '403') return null;
		throw error;
	});
}

/** @returns the record in `text`, or null when it is invalid or another session's */
export function readSessionRecord(text: string, sid: string): SessionRecord | null {
	let value: Partial<Record<keyof SessionRecord, unknown>> | null;
	try {
		value = JSON.parse(text) as typeof value;
	} catch {
		return null;
	}
	if (value?.sid !== sid) return null;
	const { resourceId, cname, uid, mode, appId, startedAt, avFileType } = value;
	const strings = { resourceId, cname, uid, mode, appId, startedAt };
	if (Object.values(strings).some((field) => typeof field !== 'string')) return null;
	const formats = Array.isArray(avFileType) ? avFileType : [];
	const { endedAt, uploadingStatus } = value;
	const hasEnded = typeof endedAt === 'string' && Number.isFinite(Date.parse(endedAt));
	return {
		sid,
		...(strings as Record<keyof typeof strings, string>),
		avFileType: formats.filter((format) => typeof format === 'string'),
		...(hasEnded && { endedAt }),
		...(hasEnded && typeof uploadingStatus === 'string' && { uploadingStatus }),
		...(Number.isFinite(value.resourceExpiredHour) && {
			resourceExpiredHour: value.resourceExpiredHour as number,
		}),
		...(value.storage !== undefined && { storage: recordedStorage(value.storage) }),
	};
}

/**
 * Folder of the session index: two small files for each session that Start began, so that finding one by its sid or
 * channel takes the same few requests in an archive of any size. If the access key may not read or write them, nothing
 * else is affected.
 */
export const INDEX_FOLDER = '_sessions/';

/** A session before its files are listed. */
export interface KnownSession {
	sid: string;
	/** '' or with a trailing slash. */
	folder: string;
	/** Null where it is not loaded, or there is none. */
	record: SessionRecord | null;
}

/** A session from the index. */
export type IndexedSession = KnownSession & { record: SessionRecord };

/**
 * Saves the record of a session next to its files, and its entries in the index.
 *
 * @param folder where its files are, '' or with a trailing slash
 * @throws Fault when the bucket refuses
 */
export async function saveSession(
	bucket: Bucket,
	folder: string,
	record: SessionRecord,
): Promise<void> {
	await Promise.all([
		saveSessionRecord(bucket, folder, record),
		indexSession(bucket, folder, record),
	]);
}

/**
 * Adds a session to the index.
 *
 * @param folder where its files are, '' or with a trailing slash
 * @throws Fault when the bucket refuses
 */
export async function indexSession(
	bucket: Bucket,
	folder: string,
	record: SessionRecord,
): Promise<void> {
	const { sid, cname, startedAt } = record;
	const age = String(LATEST_MS - Date.parse(startedAt)).padStart(String(LATEST_MS).length, '0');
	const keys = [ofSid(bucket, sid), `${ofChannel(bucket, cname)}${age}_${sid}.json`];
	const text = JSON.stringify({ ...record, folder }, null, '\t');
	await mapConcurrent(keys, keys.length, async (key) => {
		await bucket.put(key, text, 'application/json');
	});
}

/** Index keys contain the milliseconds until this time, so the newest session is listed first. */
const LATEST_MS = 9_999_999_999_999;

/**
 * @returns the session; null when it is not in the index
 * @throws Fault when the bucket refuses
 */
export async function findIndexed(bucket: Bucket, sid: string): Promise<KnownSession | null> {
	return readEntry(await ifAllowed(bucket.getText(ofSid(bucket, sid))), sid);
}

/** What distinguishes recorders at Agora. */
export type Recorder = Pick<SessionRecord, 'appId' | 'cname' | 'uid' | 'mode'>;

/** A session whose start got no response, so its sid is not known. */
export type Unanswered = Omit<SessionRecord, 'sid'>;

/** The sid in the record of a start without a response. */
const NO_SID = '';

/**
 * Saves a start that got no response, so that its session can be recognized by its files.
 *
 * @param folder where its files will be, '' or with a trailing slash
 * @throws Fault when the bucket refuses
 */
export async function saveUnanswered(
	bucket: Bucket,
	folder: string,
	start: Unanswered,
): Promise<void> {
	const text = JSON.stringify({ ...start, sid: NO_SID, folder }, null, '\t');
	await bucket.put(ofRecorder(bucket, start), text, 'application/json');
}

/**
 * @returns the latest start of this recorder UID that got no response, with '' for its sid; null when there was none
 * @throws Fault when the bucket refuses
 */
export async function loadUnanswered(
	bucket: Bucket,
	recorder: Recorder,
): Promise<IndexedSession | null> {
	return readEntry(await ifAllowed(bucket.getText(ofRecorder(bucket, recorder))), NO_SID);
}

/** How many of a channel's sessions are read at the same time. */
const ENTRIES_AT_ONCE = 4;
/** Agora can control a session for at most 720 hours after its start (Agora: `resourceExpiredHour`). */
const LONGEST_CONTROL_MS = 720 * 3_600_000;
/** `<milliseconds until LATEST_MS>_<sid>.json` */
const CHANNEL_ENTRY = /\/(\d{13})_([0-9a-f]{32})\.json$/i;

/**
 * Reads the sessions of a channel in the index that Agora can still control, newest first. They are read a few at a
 * time, so a caller that stops early saves requests.
 *
 * @param most how many are read at most
 * @throws Fault when the bucket refuses
 */
export async function* recentSessions(
	bucket: Bucket,
	cname: string,
	most = 20,
): AsyncGenerator<IndexedSession> {
	const listing = bucket.list({ prefix: ofChannel(bucket, cname), maxKeys: most });
	const { objects } = (await ifAllowed(listing)) ?? { objects: [] };
	const recent = objects.slice(0, most).flatMap(({ key }) => {
		const [, age, sid] = CHANNEL_ENTRY.exec(key) ?? [];
		const isRecent = Date.now() - (LATEST_MS - Number(age)) < LONGEST_CONTROL_MS;
		return sid !== undefined && isRecent ? [{ key, sid }] : [];
	});
	for (let i = 0; i < recent.length; i += ENTRIES_AT_ONCE) {
		const chunk = recent.slice(i, i + ENTRIES_AT_ONCE);
		const entries = await mapConcurrent(chunk, ENTRIES_AT_ONCE, async ({ key, sid }) =>
			readEntry(await ifAllowed(bucket.getText(key)), sid),
		);
		for (const entry of entries) {
			if (entry?.record.cname === cname) yield entry;
		}
	}
}

function readEntry(text: string | null, sid: string): IndexedSession | null {
	const record = text === null ? null : readSessionRecord(text, sid);
	if (record === null) return null;
	const { folder } = JSON.parse(text!) as { folder?: unknown };
	const isFolder = typeof folder === 'string' && (folder === '' || folder.endsWith('/'));
	return isFolder ? { sid, folder, record } : null;
}

function ofRecorder({ prefix }: Bucket, { appId, cname, uid, mode }: Recorder): string {
	const name = hashOf(JSON.stringify([appId, cname, uid, mode]));
	return `${prefix}${INDEX_FOLDER}unanswered/${name}.json`;
}

function ofSid({ prefix }: Bucket, sid: string): string {
	return `${prefix}${INDEX_FOLDER}by-sid/${sid}.json`;
}

/** A hash, because a channel name may be long and contain characters that a key should not. */
function ofChannel({ prefix }: Bucket, cname: string): string {
	return `${prefix}${INDEX_FOLDER}by-channel/${hashOf(cname)}/`;
}

function hashOf(text: string): string {
	return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
