import { createHash } from 'crypto';
import { sideBySide } from '../http/sideBySide';
import type { Bucket } from '../storage/bucket';
import type { KnownSession } from './openSession';
import { readSessionRecord, type SessionRecord } from './sessionRecord';

/**
 * Where a session is, for those who know only its sid or its channel: two small files for each session that
 * Start began, so that finding one takes the same few requests in an archive of any size. They lie below the
 * credential's prefix in `_sessions/`, which listings of recordings fold into a single entry.
 */
const INDEX = '_sessions/';

/**
 * Enters a session.
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
	await sideBySide(keys, keys.length, async (key) => {
		await bucket.put(key, text, 'application/json');
	});
}

/** Counting down to it puts the newest first. */
const LATEST_MS = 9_999_999_999_999;

/**
 * @returns the session; null when it was not entered
 * @throws Fault when the bucket refuses
 */
export async function findIndexed(bucket: Bucket, sid: string): Promise<KnownSession | null> {
	return readEntry(await bucket.getText(ofSid(bucket, sid)), sid);
}

/**
 * @param most how many at most
 * @returns the sessions of a channel that were entered, newest first
 * @throws Fault when the bucket refuses
 */
export async function findIndexedOfChannel(
	bucket: Bucket,
	cname: string,
	most: number,
): Promise<KnownSession[]> {
	const { objects } = await bucket.list({ prefix: ofChannel(bucket, cname), maxKeys: most });
	const entries = await sideBySide(objects.slice(0, most), most, async ({ key }) => {
		const sid = /_([0-9a-f]{32})\.json$/i.exec(key)?.[1] ?? '';
		return readEntry(await bucket.getText(key), sid);
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
	return `${prefix}${INDEX}by-sid/${sid}.json`;
}

/** A channel's name may hold what a key should not, and be as long as a web page's label. */
function ofChannel({ prefix }: Bucket, cname: string): string {
	const digest = createHash('sha256').update(cname).digest('hex').slice(0, 32);
	return `${prefix}${INDEX}by-channel/${digest}/`;
}
