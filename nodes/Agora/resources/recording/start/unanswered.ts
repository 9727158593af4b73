import type { IExecuteFunctions } from 'n8n-workflow';
import type { Account } from '../../../agora/account';
import { query } from '../../../agora/cloudRecording';
import { isSameChannel, readName } from '../../../recordings/fileName';
import {
	loadUnanswered,
	saveSession,
	type IndexedSession,
	type Recorder,
	type SessionRecord,
} from '../../../recordings/sessionRecord';
import { Pages } from '../../../storage/pages';
import type { Bucket } from '../../../storage/types';

/** The clocks of n8n and the bucket may differ by this much. */
const CLOCK_DIFFERENCE_MS = 5 * 60_000;
/** As many pages as are read within seconds. */
const MOST_PAGES = 20;
const MOST_CANDIDATES = 5;

/** What became of a start that was not answered. */
export interface FoundStart {
	resourceId: string;
	/** Its session; null while no file of it is in the bucket. */
	known: IndexedSession | null;
}

/**
 * Finds the session of a start that was not answered: the sid is in the names of its files, and Agora confirms which of
 * the sids belongs to its resource ID. Saves its session record.
 *
 * @returns null when no start of this recorder was left unanswered
 * @throws Fault when the bucket or Agora refuses
 */
export async function findUnanswered(
	context: IExecuteFunctions,
	account: Account,
	bucket: Bucket,
	recorder: Recorder,
): Promise<FoundStart | null> {
	const start = await loadUnanswered(bucket, recorder);
	if (start === null) return null;
	const { folder } = start;
	const { resourceId } = start.record;
	for (const sid of await newestSids(bucket, folder, start.record)) {
		const record = { ...start.record, sid };
		if ((await query(context, account, record)) === null) continue;
		await saveSession(bucket, folder, record);
		return { resourceId, known: { sid, folder, record } };
	}
	return { resourceId, known: null };
}

/** @returns the sids of the channel's files that were written after the start, the last written first */
async function newestSids(
	bucket: Bucket,
	folder: string,
	{ cname, startedAt }: SessionRecord,
): Promise<string[]> {
	const earliest = Date.parse(startedAt) - CLOCK_DIFFERENCE_MS;
	const writtenAt = new Map<string, number>();
	const pages = new Pages(bucket, { prefix: folder, delimiter: '/' });
	for (let count = 0; count < MOST_PAGES; count++) {
		const page = await pages.next();
		if (page === null) break;
		for (const { key, lastModified } of page.objects) {
			const name = lastModified < earliest ? null : readName(key);
			if (name === null || name.kind === 'sessionRecord') continue;
			if (!isSameChannel(name.channel, cname)) continue;
			writtenAt.set(name.sid, Math.max(lastModified, writtenAt.get(name.sid) ?? 0));
		}
	}
	const newestFirst = [...writtenAt].sort(([, a], [, b]) => b - a);
	return newestFirst.slice(0, MOST_CANDIDATES).map(([sid]) => sid);
}
