import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { Account } from '../../../agora/account';
import { query, type Session } from '../../../agora/cloudRecording';
import { SessionStatus } from '../../../agora/formats';
import { cancelSignal, pause } from '../../../http/concurrency';
import { Fault, withAdvice } from '../../../http/errors';
import {
	recentSessions,
	type IndexedSession,
	type SessionRecord,
} from '../../../recordings/sessionRecord';
import type { Bucket } from '../../../storage/types';
import { isControllable, markEnded, NOT_FOUND_MS } from '../runningSession';
import { derivedUid, type FoundRecording, type RunningRecording, type StartPlan } from './plan';
import { findUnanswered, type UnansweredStart } from './startRecord';

/**
 * @returns the recording, as already running
 * @throws Fault when If Already Recording is Fail
 */
export function returnRunning(plan: StartPlan, running: FoundRecording): RunningRecording {
	if (plan.ifAlreadyRecording === 'fail') throw alreadyRecording(running.record);
	return { ...running, isNew: false };
}

/** How many of the channel's newest sessions are checked before a start. */
const MAX_CHECKED = 8;

/**
 * @returns the running recording of this channel and mode in the session index, null when there is none. One that Agora
 *   doesn't find is skipped, even if its recorder is only starting: the start that follows will conflict with it.
 * @throws Fault when the bucket or Agora refuses
 */
export async function findRunningInIndex(
	context: IExecuteFunctions,
	account: Account,
	plan: StartPlan,
): Promise<FoundRecording | null> {
	const { bucket } = plan.storage;
	if (bucket === null) return null;
	const recent: IndexedSession[] = [];
	for await (const known of recentSessions(bucket, plan.cname, MAX_CHECKED)) recent.push(known);
	const uids =
		plan.uid !== undefined
			? [plan.uid]
			: [derivedUid(plan), ...recent.map(({ sid }) => derivedUid(plan, sid))];
	for (const known of recent) {
		const { record } = known;
		if (!isOf(plan, record) || !uids.includes(record.uid) || !isControllable(record)) continue;
		const serverResponse = await query(context, account, record);
		if (serverResponse === null) await markEnded(context, bucket, known);
		else if (!isEnding(serverResponse)) return fromIndex(known);
	}
	return null;
}

function fromIndex(known: IndexedSession): FoundRecording {
	return { ...known, note: null };
}

function isOf({ appId, mode }: StartPlan, record: SessionRecord): boolean {
	return record.appId === appId && record.mode === mode;
}

function isEnding({ status }: IDataObject): boolean {
	return Number(status) >= SessionStatus.stopRequested;
}

/** A recording that occupies a recorder UID. */
export interface Conflicting extends FoundRecording {
	/** Whether it is ending: Agora can't stop or query it any more, but its UID is still occupied. */
	isEnding: boolean;
}

/** Another worker may not have written the session record of its start yet. */
const LOOK_UP_DELAYS_MS = [0, 1000, 2000, 4000];

/**
 * Finds the recording that a start conflicts with: by the session index, or by the files of a start without a response.
 *
 * @throws Fault when it isn't found, or when the bucket or Agora refuses
 */
export async function findByRecorderUid(
	context: IExecuteFunctions,
	account: Account,
	plan: StartPlan,
	uid: string,
): Promise<Conflicting> {
	let unanswered: UnansweredStart | null = null;
	let ending: Conflicting | null = null;
	const { bucket } = plan.storage;
	const delays = bucket === null ? [] : LOOK_UP_DELAYS_MS;
	try {
		for (const delay of delays) {
			await pause(delay, cancelSignal(context));
			let running = await newestWith(bucket!, plan, uid);
			if (running === null) {
				unanswered = await findUnanswered(context, account, bucket!, { ...plan, uid });
				running = unanswered?.running ?? null;
			}
			if (running === null) continue;
			if (!(await isOver(context, account, running.record))) return { ...running, isEnding: false };
			// A newer one may have been started that isn't in the index yet.
			if (ending?.sid === running.sid) break;
			ending = { ...running, isEnding: true };
		}
	} catch (error) {
		throw withAdvice(error, `Channel "${plan.cname}" is already being recorded.`);
	}
	if (ending !== null) return ending;
	throw unanswered === null ? unknownRecording(plan) : unansweredRecording(plan, unanswered);
}

async function newestWith(
	bucket: Bucket,
	plan: StartPlan,
	uid: string,
): Promise<FoundRecording | null> {
	for await (const known of recentSessions(bucket, plan.cname)) {
		if (isOf(plan, known.record) && known.record.uid === uid) return fromIndex(known);
	}
	return null;
}

/** Whether a recording that still occupies its UID is ending. Agora doesn't find one that is only starting either. */
async function isOver(
	context: IExecuteFunctions,
	account: Account,
	record: SessionRecord,
): Promise<boolean> {
	if (record.endedAt !== undefined) return true;
	const serverResponse = await query(context, account, record);
	if (serverResponse !== null) return isEnding(serverResponse);
	return Date.now() - Date.parse(record.startedAt) >= NOT_FOUND_MS;
}

function alreadyRecording({ cname, sid }: Pick<Session, 'cname' | 'sid'>): Fault {
	return new Fault(`Channel "${cname}" is already being recorded`, {
		description: `The recording is ${sid}. To return it instead, or to record the channel a second time, set Options > If Already Recording.`,
		httpCode: '400',
	});
}

function unknownRecording({ cname, ifAlreadyRecording }: StartPlan): Fault {
	const missing =
		ifAlreadyRecording === 'return'
			? ', but its session record could not be found, so it cannot be returned'
			: '';
	return new Fault(`Channel "${cname}" is already being recorded${missing}`, {
		description:
			'It was started without a session record, or its record could not be saved. Stop it by its ID, or record the channel a second time with Options > If Already Recording > Start Another.',
		httpCode: '400',
	});
}

function unansweredRecording(
	{ cname }: StartPlan,
	{ resourceId, notSearched }: UnansweredStart,
): Fault {
	const name = `resource ID ${resourceId}`;
	const description = [
		"Agora's response to its start was lost, and none of its files were found in the bucket.",
		...notSearched,
		`Run the node again once somebody has published audio or video for half a minute. The recording has the ${name}`,
	].join(' ');
	return new Fault(`Channel "${cname}" is already being recorded, but its ID is not known yet`, {
		description,
		httpCode: '400',
		mayBeRunning: name,
		isRepeatable: true,
	});
}
