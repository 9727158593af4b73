import { channelInNames } from '../recordings/fileName';
import type { ReadSession } from '../recordings/recording';
import { startOf } from '../recordings/sessionFiles';
import { digestOf, packSeen, readSeen, type TriggerState } from './state';

export type TriggerEvent = 'recordingCompleted' | 'recordingStarted';

export interface Watch {
	event: TriggerEvent;
	/** Only this channel; undefined for all. */
	cname?: string;
	/** See `TriggerState.scope`. */
	scope: string;
	includeExisting: boolean;
	includeSegments: boolean;
}

/**
 * The state of a first poll.
 *
 * @param present all sessions in the listing, as `<folder><sid>`
 * @param now the bucket's time, Unix milliseconds
 * @returns with *Include Existing Recordings* nothing counts as known. Else, for started recordings, all that
 *   are present do; for completed ones the time decides, so that one still running now is news when it ends.
 */
export function baseline(present: Iterable<string>, now: number, watch: Watch): TriggerState {
	const { event, scope, includeExisting } = watch;
	const known = event === 'recordingStarted' && !includeExisting ? [...present].map(digestOf) : [];
	return { version: 1, scope, since: includeExisting ? 0 : now, seen: packSeen(known) };
}

/** @returns the sessions of the listing that the state does not know yet */
export function unknownSessions(present: Iterable<string>, state: TriggerState): string[] {
	const seen = readSeen(state);
	return [...present].filter((session) => !seen.has(digestOf(session)));
}

/**
 * Decides what is news: state and listing in, new state and news out.
 *
 * @param present all sessions in the listing, as `<folder><sid>`; what left it is forgotten
 * @param read the unknown sessions that were looked into; null where no file of Agora's was found. What was
 *   not looked into stays unknown and comes next time.
 * @param first whether this is the poll that made the state: what it finds complete is known, not news
 * @returns the news, oldest first, and the state that knows them
 */
export function newRecordings(
	state: TriggerState,
	present: Iterable<string>,
	read: Map<string, ReadSession | null>,
	watch: Watch,
	first = false,
): { state: TriggerState; news: ReadSession[] } {
	const seen = readSeen(state);
	const kept = [...present].map(digestOf).filter((digest) => seen.has(digest));
	const news: ReadSession[] = [];
	for (const [id, session] of read) {
		const verdict = judge(session, state, watch, first);
		if (verdict === 'later') continue;
		kept.push(digestOf(id));
		if (verdict === 'news') news.push(session!);
	}
	news.sort((a, b) => startOf(a.session) - startOf(b.session));
	return { state: { ...state, seen: packSeen(kept) }, news };
}

function judge(
	read: ReadSession | null,
	{ since }: TriggerState,
	{ event, cname, includeExisting }: Watch,
	first: boolean,
): 'news' | 'never' | 'later' {
	if (read === null || !isOfChannel(read, cname)) return 'never';
	if (event === 'recordingStarted') return 'news';
	if (read.status === 'recording') return 'later';
	const { lastChange } = read.session;
	const known = (first && !includeExisting) || lastChange === null || lastChange < since;
	return known ? 'never' : 'news';
}

/** The record knows the exact name; without one the name in the files has to do. */
function isOfChannel({ record, session }: ReadSession, cname: string | undefined): boolean {
	if (cname === undefined) return true;
	return record === null ? session.channel === channelInNames(cname) : record.cname === cname;
}
