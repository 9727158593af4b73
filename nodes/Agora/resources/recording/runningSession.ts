import type { IExecuteFunctions } from 'n8n-workflow';
import { sessionNotRunning, type Session } from '../../agora/cloudRecording';
import { Fault } from '../../http/errors';
import { loadKnownSession, type LoadedSession } from '../../recordings/loadSession';
import { endOf, readableTime } from '../../recordings/recording';
import {
	recentSessions,
	saveSession,
	type IndexedSession,
	type KnownSession,
	type SessionRecord,
} from '../../recordings/sessionRecord';
import { isFinished } from '../../recordings/status';
import { openBucket } from '../../storage/bucket';
import { hasStorageCredential } from '../../storage/credential';
import type { Bucket } from '../../storage/types';
import { locateRecording, readLocator, requireSession, type Located } from './locator';

/** Agora doesn't find a recorder that is starting or being replaced for up to this time (Agora: best practices). */
export const NOT_FOUND_MS = 90_000;
/** The last files of a lost recorder can be this much older than its loss: a segment lasts 15 seconds, plus its upload. */
const LAST_FILES_MS = 30_000;

/** A recording that a request can be sent to. */
export interface Target extends Located {
	session: Session;
	/** Its folder and session record; null if the bucket has no files of it. */
	known: KnownSession | null;
}

/**
 * Sends a request to the recording of the field Recording. If the field is a channel, the request goes to its running
 * recording. If none of those in the session index is running, the newest of them is the result: listing a whole archive
 * could only find recordings of other programs, which cannot be controlled by channel.
 *
 * @param send returns null when the session is not running
 * @param fits whether the request applies to a session of the channel; to all by default
 * @returns the recording and the result of `send`: null if none is running
 * @throws Fault when no recording is found or it has no session record, and what `send` throws
 */
export async function sendToRunning<Result>(
	context: IExecuteFunctions,
	itemIndex: number,
	keepSegments: boolean,
	send: (target: Target) => Promise<Result | null>,
	fits: (session: Session) => boolean = () => true,
): Promise<{ target: Target; result: Result | null }> {
	const { running, over, newest } = await findRunning(context, itemIndex, send, fits);
	if (running !== null) return running;
	if (newest !== null) {
		return { target: newest, result: over.has(newest.session.sid) ? null : await send(newest) };
	}
	const located = await locateRecording(context, itemIndex, keepSegments);
	const { found } = located;
	const known =
		found === null
			? null
			: { sid: found.session.sid, folder: found.session.folder, record: found.record };
	const target = { ...located, known, session: requireSession(located) };
	return { target, result: over.has(target.session.sid) ? null : await send(target) };
}

/**
 * Sends a request to the newest sessions of the channel in the field Recording, one after the other, until one is
 * running. Marks the others as ended in their session records.
 *
 * @returns the running session and the result of `send`, null if no session in the index is running or the field is not
 *   a channel; the sids of sessions that have ended; and the newest session of the channel in the index
 * @throws whatever `send` throws
 */
export async function findRunning<Result>(
	context: IExecuteFunctions,
	itemIndex: number,
	send: (target: Target) => Promise<Result | null>,
	fits: (session: Session) => boolean = () => true,
): Promise<{
	running: { target: Target; result: Result } | null;
	over: Set<string>;
	newest: Target | null;
}> {
	const { byChannel, wanted } = readLocator(context, itemIndex);
	const over = new Set<string>();
	let newest: Target | null = null;
	if (!byChannel || !hasStorageCredential(context)) return { running: null, over, newest };
	const bucket = await openBucket(context);
	for await (const known of recentSessions(bucket, wanted)) {
		if (!fits(known.record)) continue;
		const target = { bucket, found: null, session: known.record, known };
		newest ??= target;
		if (!isControllable(known.record)) continue;
		const result = await send(target);
		if (result !== null) return { running: { target, result }, over, newest };
		over.add(known.sid);
		await markEnded(context, bucket, known);
	}
	return { running: null, over, newest };
}

/** @returns the error for a recording that cannot be changed because it is not running; it says when it ended */
export async function notRunning({ bucket, known, found, session }: Target): Promise<Fault> {
	const loaded =
		found ??
		(bucket !== null && known !== null ? await loadKnownSession(bucket, known, false) : null);
	const ended =
		loaded === null ? known?.record?.endedAt : loaded.status !== 'recording' && endOf(loaded);
	if (!ended) return sessionNotRunning(`change recording ${session.sid}`);
	return new Fault(`Recording ${session.sid} ended at ${readableTime(ended)}`, {
		description: 'Only a running recording can be changed. Choose another one.',
		httpCode: '404',
	});
}

/** Whether Agora may still be able to control a session. */
export function isControllable({
	endedAt,
	startedAt,
	resourceExpiredHour,
}: SessionRecord): boolean {
	const hours = resourceExpiredHour ?? 720;
	return endedAt === undefined && Date.now() - Date.parse(startedAt) < hours * 3_600_000;
}

/**
 * Marks a session that Agora doesn't find as ended in its session record, unless its recorder may only be starting or
 * being replaced. Agora doesn't report when it ended.
 */
export async function markEnded(
	context: IExecuteFunctions,
	bucket: Bucket,
	known: IndexedSession,
): Promise<void> {
	if (await mayComeBack(bucket, known)) return;
	await saveEnd(context, bucket, known.folder, known.record, 'already_ended');
}

/**
 * @param found its files, if they are already known
 * @returns whether a session that Agora doesn't find may record again soon: its playlists are not finished, and it is new
 *   or received files recently
 */
export async function mayComeBack(
	bucket: Bucket,
	known: IndexedSession,
	found: LoadedSession | null = null,
): Promise<boolean> {
	const isNew = Date.now() - Date.parse(known.record.startedAt) < NOT_FOUND_MS;
	const read = found ?? (await loadKnownSession(bucket, known, false));
	if (read === null) return isNew;
	if (isFinished(read.session, read.playlists)) return false;
	return isNew || read.idleMs < NOT_FOUND_MS + LAST_FILES_MS;
}

/**
 * Marks a session as ended in its session record, so that it no longer counts as running. If that fails, it is only
 * logged, because the session has ended anyway.
 *
 * @returns the record with its end
 */
export async function saveEnd(
	{ logger }: IExecuteFunctions,
	bucket: Bucket,
	folder: string,
	record: SessionRecord,
	uploadingStatus: string,
): Promise<SessionRecord> {
	const ended = { ...record, endedAt: new Date().toISOString(), uploadingStatus };
	await saveSession(bucket, folder, ended).catch((error: unknown) => {
		logger.warn(
			`Recording ${record.sid} has ended, but its session record could not be updated: ${(error as Error).message}`,
		);
	});
	return ended;
}
