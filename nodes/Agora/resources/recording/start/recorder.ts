import { createHash, randomInt } from 'crypto';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Account } from '../../../agora/account';
import { acquire, query, start, type Channel, type Session } from '../../../agora/cloudRecording';
import { SessionStatus, wholeNumber } from '../../../agora/formats';
import { rtcToken } from '../../../agora/rtcToken';
import { cancelSignal, pause } from '../../../http/concurrency';
import { Fault, mayBeRunning, withAdvice } from '../../../http/errors';
import {
	recentSessions,
	type IndexedSession,
	type SessionRecord,
} from '../../../recordings/sessionRecord';
import type { Bucket } from '../../../storage/types';
import { isControllable, markEnded, NOT_FOUND_MS } from '../locator';
import type { Mode } from './settings';
import { findUnanswered } from './unanswered';

/** A start that is ready to be sent. */
export interface Plan {
	appId: string;
	cname: string;
	mode: Mode;
	/** Of a web page: its URL. */
	url?: string;
	/** The recorder's UID where the user has specified one. */
	uid?: string;
	ifAlreadyRecording: 'return' | 'fail' | 'startAnother';
	/** A token that the user has given. */
	token?: string;
	tokenHours: number;
	/** `clientRequest` of `acquire`. */
	reservation: IDataObject;
	/** `clientRequest` of `start`, without a token. */
	request: IDataObject;
}

/** A recording that runs. */
export type Running =
	{ alreadyRecording: false; session: Session } | { alreadyRecording: true; known: IndexedSession };

/** How often a start meets a recording that is just ending, at most. */
const MOST_ROUNDS = 5;

/**
 * Reserves a recorder and starts it, unless the channel is being recorded. An automatic UID is derived from channel and
 * mode, so Agora itself refuses to record a channel twice ("task conflict"), whatever starts it: another worker, a
 * retry, or an agent. Recorders that have another UID, after a failover or because they followed on one that was just
 * ending, are found in the session index.
 *
 * @param bucket of the session index; null where there is none
 * @param noteUnanswered told of a start whose answer was lost
 * @throws Fault when Agora refuses, or the channel is being recorded and the plan is to fail
 */
export async function startRecorder(
	context: IExecuteFunctions,
	account: Account,
	bucket: Bucket | null,
	plan: Plan,
	noteUnanswered: (start: Omit<Session, 'sid'>, sentAt: Date) => Promise<void>,
): Promise<Running> {
	const { appId, cname, mode, ifAlreadyRecording } = plan;
	const startsAnother = ifAlreadyRecording === 'startAnother';
	// Read while Agora reserves the recorder.
	const indexed = startsAnother ? null : runningInIndex(context, account, bucket, plan);
	indexed?.catch(() => undefined);
	let uid = plan.uid ?? (startsAnother ? randomUid() : derivedUid(plan));
	for (let round = 1; ; round++) {
		const channel = { appId, cname, uid };
		const token = recorderToken(account, channel, plan);
		const acquiring = acquire(context, account, channel, plan.reservation);
		acquiring.catch(() => undefined);
		const running = await indexed;
		if (running !== null) return returned(running, ifAlreadyRecording);
		const address = { ...channel, resourceId: await acquiring, mode };
		const request = { ...(token !== undefined && { token }), ...plan.request };
		const sentAt = new Date();
		const sid = await start(context, account, address, request).catch(async (error: unknown) => {
			if (startsAnother || !mayBeRunning(error)) throw error;
			await noteUnanswered(address, sentAt);
			// It would get the same UID.
			throw new Fault(error.message, { ...error.details, isRepeatable: true });
		});
		if (sid !== null) return { alreadyRecording: false, session: { ...address, sid } };
		const isLast = plan.uid !== undefined || round === MOST_ROUNDS;
		if (startsAnother) {
			if (isLast) throw uidTaken(uid);
			uid = randomUid();
			continue;
		}
		const other = await findConflicting(context, account, bucket, plan, uid);
		if (other === null) throw unknownRecording(cname, ifAlreadyRecording);
		if (!other.isEnding) return returned(other.known, ifAlreadyRecording);
		if (isLast) throw stillEnding(uid);
		// Every start that comes after this recording derives the same UID, so only one of them succeeds.
		uid = derivedUid(plan, other.known.sid);
	}
}

function returned(known: IndexedSession, choice: Plan['ifAlreadyRecording']): Running {
	if (choice === 'fail') throw alreadyRecording(known.record);
	return { alreadyRecording: true, known };
}

/** How many of the channel's newest sessions are looked at before a start. */
const NEWEST = 8;

/**
 * @returns the recording of this channel and mode that is running, as far as the index has it. One that Agora does not
 *   find, perhaps because it is still coming up, does not count: starting another one will tell.
 */
async function runningInIndex(
	context: IExecuteFunctions,
	account: Account,
	bucket: Bucket | null,
	plan: Plan,
): Promise<IndexedSession | null> {
	if (bucket === null) return null;
	const recent: IndexedSession[] = [];
	for await (const known of recentSessions(bucket, plan.cname, NEWEST)) recent.push(known);
	const uids =
		plan.uid !== undefined
			? [plan.uid]
			: [derivedUid(plan), ...recent.map(({ sid }) => derivedUid(plan, sid))];
	for (const known of recent) {
		const { record } = known;
		if (!isOf(plan, record) || !uids.includes(record.uid) || !isControllable(record)) continue;
		const serverResponse = await query(context, account, record);
		if (serverResponse === null) await markEnded(context, bucket, known);
		else if (!isEnding(serverResponse)) return known;
	}
	return null;
}

function isOf({ appId, mode }: Plan, record: SessionRecord): boolean {
	return record.appId === appId && record.mode === mode;
}

function isEnding({ status }: IDataObject): boolean {
	return Number(status) >= SessionStatus.stopRequested;
}

/** Starts that are being made in this process, by what they record. */
const starting = new Map<string, Promise<IDataObject>>();

/**
 * Makes one start for all that begin at the same time: Agora counts its requests, and would refuse all but one.
 *
 * @param begin makes the start
 * @param share what a start becomes that has waited for another
 * @throws what `begin` and `share` throw
 */
export async function startOnce(
	{ host }: Account,
	plan: Plan,
	begin: () => Promise<IDataObject>,
	share: (item: IDataObject) => IDataObject,
): Promise<IDataObject> {
	if (plan.ifAlreadyRecording === 'startAnother') return await begin();
	const { appId, cname, mode, uid = derivedUid(plan) } = plan;
	const key = JSON.stringify([host, appId, cname, mode, uid]);
	for (let other; (other = starting.get(key)) !== undefined;) {
		const item = await other.catch(() => null);
		if (item !== null) return share(item);
	}
	const own = begin();
	starting.set(key, own);
	try {
		return await own;
	} finally {
		starting.delete(key);
	}
}

const FIRST_UID = 1_000_000_000;
/** Agora's support advises UIDs below 2³¹. */
const LAST_UID = 2_147_483_646;

/**
 * @param after the sid of a recording of the same channel that is just ending, and still has the UID without it
 * @returns the same large UID for the same channel, mode and page: apps use small ones
 */
function derivedUid({ appId, cname, mode, url = '' }: Plan, after = ''): string {
	const digest = createHash('sha256')
		.update(JSON.stringify([appId, cname, mode, url, after]))
		.digest();
	return String(FIRST_UID + (digest.readUIntBE(0, 6) % (LAST_UID - FIRST_UID + 1)));
}

function randomUid(): string {
	return String(randomInt(FIRST_UID, LAST_UID + 1));
}

/** As long as a recording can be controlled (Agora: `acquire`). */
const MAX_HOURS = 720;

/**
 * The token with which the recorder joins the channel. It cannot be renewed, so the recording ends with it.
 *
 * @returns undefined for a web page, and without an App Certificate, which is only valid for its own project
 * @throws Fault when the lifetime is not 1 to 720 hours
 *
 * Source: Agora, cloud recording, `start`: `token`.
 */
export function recorderToken(
	{ appId, appCertificate }: Account,
	{ cname, uid, ...channel }: Channel,
	{ mode, token, tokenHours }: Pick<Plan, 'mode' | 'token' | 'tokenHours'>,
): string | undefined {
	if (mode === 'web') return undefined;
	if (token?.trim()) return token.trim();
	if (appCertificate === '' || channel.appId !== appId) return undefined;
	if (!wholeNumber(1, MAX_HOURS)(tokenHours)) {
		throw new Fault('"Token Lifetime" has an invalid value', {
			description: `It must be hours, 1 to ${MAX_HOURS}.`,
		});
	}
	const lifetimeSeconds = tokenHours * 3600;
	return rtcToken({ appId, appCertificate, channel: cname, uid, lifetimeSeconds });
}

interface Conflicting {
	known: IndexedSession;
	/** Whether it is exiting: it cannot be stopped or queried any more, but still has its UID. */
	isEnding: boolean;
}

/** Another worker may be about to write the session record of the recording that it has just started. */
const LOOK_UP_DELAYS_MS = [0, 1000, 2000, 4000];

/**
 * @returns the recording of this channel with this UID; null when neither the index nor its files name it
 * @throws Fault when it is one whose start was not answered, and has no files yet
 */
async function findConflicting(
	context: IExecuteFunctions,
	account: Account,
	bucket: Bucket | null,
	plan: Plan,
	uid: string,
): Promise<Conflicting | null> {
	if (bucket === null) return null;
	let ending: Conflicting | null = null;
	let unanswered: string | null = null;
	for (const delay of LOOK_UP_DELAYS_MS) {
		if (delay > 0) await pause(delay, cancelSignal(context));
		let known = await newestWith(bucket, plan, uid);
		if (known === null) {
			const start = await findUnanswered(context, account, bucket, { ...plan, uid });
			unanswered = start?.resourceId ?? null;
			known = start?.known ?? null;
		}
		if (known === null) continue;
		if (!(await isOver(context, account, known.record))) return { known, isEnding: false };
		// A newer one may have been started, and not be in the index yet.
		if (ending?.known.sid === known.sid) return ending;
		ending = { known, isEnding: true };
	}
	if (ending === null && unanswered !== null) throw unansweredRecording(plan.cname, unanswered);
	return ending;
}

async function newestWith(bucket: Bucket, plan: Plan, uid: string): Promise<IndexedSession | null> {
	for await (const known of recentSessions(bucket, plan.cname)) {
		if (isOf(plan, known.record) && known.record.uid === uid) return known;
	}
	return null;
}

/** Whether a recording that still has its UID is ending. One that is coming up is not found either. */
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

export function alreadyRecording({ cname, sid }: Pick<Session, 'cname' | 'sid'>): Fault {
	return new Fault(`Channel "${cname}" is already being recorded`, {
		description: `The recording is ${sid}. To return it instead, or to record the channel a second time, set Options > If Already Recording.`,
		httpCode: '400',
	});
}

function unknownRecording(cname: string, choice: Plan['ifAlreadyRecording']): Fault {
	const missing =
		choice === 'return'
			? ', but its session record could not be found, so it cannot be returned'
			: '';
	return new Fault(`Channel "${cname}" is already being recorded${missing}`, {
		description:
			'It was started without a session record, or its record could not be saved. Stop it by its ID, or record the channel a second time with Options > If Already Recording > Start Another.',
		httpCode: '400',
	});
}

function unansweredRecording(cname: string, resourceId: string): Fault {
	const name = `resource ID ${resourceId}`;
	return new Fault(`Channel "${cname}" is already being recorded, but its ID is not known yet`, {
		description: `The answer to its start was lost, and no file of it was found in the bucket. Run the node again when somebody has published for half a minute. The recording has the ${name}`,
		httpCode: '400',
		mayBeRunning: name,
		isRepeatable: true,
	});
}

function uidTaken(uid: string): Fault {
	return new Fault(`This channel is already being recorded with the recorder UID ${uid}`, {
		description: 'Set Recorder UID to Automatic, or specify another UID.',
		httpCode: '400',
	});
}

function stillEnding(uid: string): Fault {
	return new Fault(`The recording that has the recorder UID ${uid} is just ending`, {
		description:
			'Try again in a few seconds, set Recorder UID to Automatic, or specify another UID.',
		httpCode: '400',
	});
}

/** The results of starts, for as long as n8n keeps the input items. */
const outcomes = new WeakMap<INodeExecutionData, Promise<IDataObject>>();
/** What earlier tries of an item may have started, by the names of the faults. */
const doubts = new WeakMap<INodeExecutionData, Set<string>>();

/**
 * Runs a start once for each input item. With Retry On Fail n8n runs a node that failed again, for all its items: one
 * that has started a recording returns what it returned before; the others try again, unless that might start a second
 * recording.
 *
 * @param item the object that n8n passes to every try of one run, and to no other run
 * @throws what `begin` throws, again for each try when it must not be repeated
 */
export async function oncePerItem(
	item: INodeExecutionData,
	begin: () => Promise<IDataObject>,
): Promise<IDataObject> {
	const known = outcomes.get(item);
	if (known !== undefined) return await known;
	const outcome = begin().catch((error: unknown) => {
		throw error instanceof Fault ? withDoubts(item, error) : error;
	});
	outcomes.set(item, outcome);
	outcome.catch((error: unknown) => {
		if (!mayBeRunning(error) || error.details.isRepeatable) outcomes.delete(item);
	});
	return await outcome;
}

/** Adds what earlier tries may have started: n8n keeps only the error of the last one. */
function withDoubts(item: INodeExecutionData, fault: Fault): Fault {
	const earlier = [...(doubts.get(item) ?? [])];
	const { mayBeRunning: own, isRepeatable = own === undefined } = fault.details;
	const all = new Set([...earlier, ...(own === undefined ? [] : [own])]);
	doubts.set(item, all);
	if (earlier.length === 0) return fault;
	const advice = `A recording of an earlier try may be running: ${earlier.join('; ')}`;
	return withAdvice(fault, advice, { mayBeRunning: [...all].join('; '), isRepeatable });
}
