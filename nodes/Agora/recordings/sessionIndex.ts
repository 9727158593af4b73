import { createHash } from 'crypto';
import { mapConcurrent } from '../http/concurrency';
import type { Bucket } from '../storage/types';
import {
	ifAllowed,
	readSessionRecord,
	saveSessionRecord,
	type SessionRecord,
} from './sessionRecord';

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
