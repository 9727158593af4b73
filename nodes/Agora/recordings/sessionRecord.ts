import { createHash } from 'crypto';
import { mapConcurrent } from '../http/concurrency';
import { Fault } from '../http/fault';
import type { Bucket } from '../storage/types';
import { channelInNames } from './fileName';

/**
 * What is known about a session only when it starts, kept beside its files, so that a sid or a channel
 * name is enough to find and control it from anywhere. Never holds a secret.
 */
export interface SessionRecord {
	sid: string;
	resourceId: string;
	/** The exact channel name; file names cannot hold every character. */
	cname: string;
	/** The recorder's UID. */
	uid: string;
	mode: string;
	appId: string;
	/** ISO 8601 UTC. */
	startedAt: string;
	/** File formats asked for, such as `["hls","mp4"]`. */
	avFileType: string[];
	/** ISO 8601 UTC: when Stop ended it, or found that it had ended. Absent while it runs, and where nobody stopped it. */
	endedAt?: string;
	/** What Stop returned as `uploading_status`; absent where Agora did not say. */
	uploadingStatus?: string;
}

/**
 * Writes the record as `<folder><sid>_<channel>.session.json`.
 *
 * @param folder where the recording's files lie, '' or with a trailing slash
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
 * @returns the record at `key`; null when it is missing, broken, another session's, or may not be read
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
 * Files that the package writes for itself are optional: where the access key may not read or list them, they count
 * as absent.
 *
 * @returns null where the storage refuses
 * @throws what `request` throws for any other reason
 */
export async function ifAllowed<Result>(request: Promise<Result>): Promise<Result | null> {
	return await request.catch((error: unknown) => {
		const details = error instanceof Fault ? error.details : {};
		if (details.onlyThisObject || details.httpCode === '403') return null;
		throw error;
	});
}

/** @returns the record in `text`, or null when it is not one or not this session's */
export function readSessionRecord(text: string, sid: string): SessionRecord | null {
	let value: Partial<Record<keyof SessionRecord, unknown>> | null;
	try {
		value = JSON.parse(text) as typeof value;
	} catch {
		return null;
	}
	if (value?.sid !== sid) return null;
	const { resourceId, cname, uid, mode, appId, startedAt, avFileType } = value;
	const texts = { resourceId, cname, uid, mode, appId, startedAt };
	if (Object.values(texts).some((field) => typeof field !== 'string')) return null;
	const formats = Array.isArray(avFileType) ? avFileType : [];
	const { endedAt, uploadingStatus } = value;
	const hasEnded = typeof endedAt === 'string' && Number.isFinite(Date.parse(endedAt));
	return {
		sid,
		...(texts as Record<keyof typeof texts, string>),
		avFileType: formats.filter((format) => typeof format === 'string'),
		...(hasEnded && { endedAt }),
		...(hasEnded && typeof uploadingStatus === 'string' && { uploadingStatus }),
	};
}

/**
 * The index of sessions: two small files for each one that Start began, below the credential's prefix, so that
 * finding one by its sid or channel takes the same few requests in an archive of any size. A key that may not read
 * or write them loses that, nothing else.
 */
export const INDEX_FOLDER = '_sessions/';

/** What is known of a session before its files are listed. */
export interface KnownSession {
	sid: string;
	/** '' or with a trailing slash. */
	folder: string;
	/** Null where it is not known, or there is none. */
	record: SessionRecord | null;
}

/**
 * Saves what is known of a session: its record beside its files, and its entries in the index.
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
 * Adds a session.
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

/** Counting down to it puts the newest first. */
const LATEST_MS = 9_999_999_999_999;

/**
 * @returns the session; null when it is not in the index
 * @throws Fault when the bucket refuses
 */
export async function findIndexed(bucket: Bucket, sid: string): Promise<KnownSession | null> {
	return readEntry(await ifAllowed(bucket.getText(ofSid(bucket, sid))), sid);
}

/**
 * @param most how many at most
 * @returns the sessions of a channel that are in the index, newest first
 * @throws Fault when the bucket refuses
 */
export async function findIndexedOfChannel(
	bucket: Bucket,
	cname: string,
	most: number,
): Promise<KnownSession[]> {
	const listing = bucket.list({ prefix: ofChannel(bucket, cname), maxKeys: most });
	const { objects } = (await ifAllowed(listing)) ?? { objects: [] };
	const entries = await mapConcurrent(objects.slice(0, most), most, async ({ key }) => {
		const sid = /_([0-9a-f]{32})\.json$/i.exec(key)?.[1] ?? '';
		return readEntry(await ifAllowed(bucket.getText(key)), sid);
	});
	return entries.filter((entry) => entry !== null).filter(({ record }) => record?.cname === cname);
}

function readEntry(text: string | null, sid: string): KnownSession | null {
	const record = text === null ? null : readSessionRecord(text, sid);
	if (record === null) return null;
	const { folder } = JSON.parse(text!) as { folder?: unknown };
	const isFolder = typeof folder === 'string' && (folder === '' || folder.endsWith('/'));
	return isFolder ? { sid, folder, record } : null;
}

function ofSid({ prefix }: Bucket, sid: string): string {
	return `${prefix}${INDEX_FOLDER}by-sid/${sid}.json`;
}

/** A channel's name may hold what a key should not, and be as long as a web page's label. */
function ofChannel({ prefix }: Bucket, cname: string): string {
	const digest = createHash('sha256').update(cname).digest('hex').slice(0, 32);
	return `${prefix}${INDEX_FOLDER}by-channel/${digest}/`;
}
