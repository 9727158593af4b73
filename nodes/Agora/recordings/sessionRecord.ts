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
