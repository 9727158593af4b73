import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { Account } from '../../../agora/account';
import { query, type Session } from '../../../agora/cloudRecording';
import { isSameChannel, readName } from '../../../recordings/fileName';
import {
	loadUnanswered,
	recordedStorage,
	saveSession,
	saveUnanswered,
	type SessionRecord,
	type Unanswered,
} from '../../../recordings/sessionRecord';
import { Pages } from '../../../storage/pages';
import type { Bucket } from '../../../storage/types';
import type { FoundRecording, StartPlan } from './plan';

/** @returns the session record of a start, without the sid that only Agora's response contains */
export function toRecord(
	{ request, reservation, storage }: StartPlan,
	session: Omit<Session, 'sid'>,
	startedAt: Date,
): Unanswered {
	return {
		...session,
		startedAt: startedAt.toISOString(),
		avFileType: fileTypesIn(request),
		resourceExpiredHour: Number(reservation.resourceExpiredHour),
		storage: recordedStorage(storage.config),
	};
}

function fileTypesIn({ recordingFileConfig }: IDataObject): string[] {
	if (recordingFileConfig === undefined) return [];
	const { avFileType = ['hls'] } = recordingFileConfig as { avFileType?: string[] };
	return avFileType;
}

/** @returns why the record was not saved, as a sentence; null when it was */
export async function saveRecord(
	{ savesRecord, storage: { bucket, folder } }: StartPlan,
	record: SessionRecord,
): Promise<string | null> {
	if (!savesRecord) return 'Save Session Record is turned off.';
	if (bucket === null) {
		return "The recording is stored in a bucket that this node's storage credential cannot write to.";
	}
	return await trySave(bucket, folder, record);
}

async function trySave(
	bucket: Bucket,
	folder: string,
	record: SessionRecord,
): Promise<string | null> {
	try {
		await saveSession(bucket, folder, record);
		return null;
	} catch (error) {
		return `The session record could not be saved: ${(error as Error).message}`;
	}
}

/**
 * Notes a start without a response in the bucket, so that the next start can find its recording. If that fails, only
 * n8n's log contains it: the error of the start is the one to throw.
 */
export async function noteUnanswered(
	{ logger }: IExecuteFunctions,
	plan: StartPlan,
	session: Omit<Session, 'sid'>,
	sentAt: Date,
): Promise<void> {
	const { bucket, folder } = plan.storage;
	if (!plan.savesRecord || bucket === null) return;
	try {
		await saveUnanswered(bucket, folder, toRecord(plan, session, sentAt));
	} catch (error) {
		logger.warn(
			`Agora's response to the start of channel "${plan.cname}" was lost, and the start could not be noted in the bucket: ${(error as Error).message}. The recording may be running with resource ID ${session.resourceId}.`,
		);
	}
}

/** A start without a response. */
export interface UnansweredStart {
	resourceId: string;
	/** Its recording; null when none of its files was found. */
	running: FoundRecording | null;
	/** What was left out of the search, as sentences. */
	notSearched: string[];
}

/** The clocks of n8n and the bucket may differ by this much. */
const CLOCK_DIFFERENCE_MS = 5 * 60_000;
/** Reading this many pages takes a few seconds. */
const MAX_PAGES = 20;
const MAX_CANDIDATES = 5;

/**
 * Finds the recording of a start without a response, and saves its session record. The names of its files contain the
 * sid, and Agora confirms which sid belongs to the resource ID.
 *
 * @returns null when no such start of this recorder was noted
 * @throws Fault when the bucket cannot be read, or Agora refuses
 */
export async function findUnanswered(
	context: IExecuteFunctions,
	account: Account,
	bucket: Bucket,
	recorder: Pick<SessionRecord, 'appId' | 'cname' | 'uid' | 'mode'>,
): Promise<UnansweredStart | null> {
	const start = await loadUnanswered(bucket, recorder);
	if (start === null) return null;
	const { folder } = start;
	const { resourceId } = start.record;
	const { sids, notSearched } = await newestSids(bucket, folder, start.record);
	for (const sid of sids) {
		const record = { ...start.record, sid };
		if ((await query(context, account, record)) === null) continue;
		const note = await trySave(bucket, folder, record);
		return { resourceId, running: { sid, folder, record, note }, notSearched };
	}
	return { resourceId, running: null, notSearched };
}

/** @returns sids in the names of the channel's files that were written after the start, the last written first */
async function newestSids(
	bucket: Bucket,
	folder: string,
	{ cname, startedAt }: SessionRecord,
): Promise<{ sids: string[]; notSearched: string[] }> {
	const earliest = Date.parse(startedAt) - CLOCK_DIFFERENCE_MS;
	const writtenAt = new Map<string, number>();
	const pages = new Pages(bucket, { prefix: folder, delimiter: '/' });
	let fileCount = 0;
	for (let count = 0; count < MAX_PAGES; count++) {
		const page = await pages.next();
		if (page === null) break;
		fileCount += page.objects.length;
		for (const { key, lastModified } of page.objects) {
			const name = lastModified < earliest ? null : readName(key);
			if (name === null || name.kind === 'sessionRecord') continue;
			if (!isSameChannel(name.channel, cname)) continue;
			writtenAt.set(name.sid, Math.max(lastModified, writtenAt.get(name.sid) ?? 0));
		}
	}
	const newestFirst = [...writtenAt].sort(([, a], [, b]) => b - a).map(([sid]) => sid);
	const notSearched = [
		...(pages.isDone ? [] : [`Only the first ${fileCount} files of the folder were searched.`]),
		...(newestFirst.length <= MAX_CANDIDATES
			? []
			: [
					`Only the ${MAX_CANDIDATES} newest of ${newestFirst.length} recordings of the channel were checked.`,
				]),
	];
	return { sids: newestFirst.slice(0, MAX_CANDIDATES), notSearched };
}
