import { randomInt } from 'crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { Account } from '../../../agora/account';
import { acquire, start, type Channel, type Session } from '../../../agora/cloudRecording';
import { wholeNumber } from '../../../agora/formats';
import { rtcToken } from '../../../agora/rtcToken';
import { Fault, mayBeRunning } from '../../../http/errors';
import type { SessionRecord } from '../../../recordings/sessionRecord';
import { findByRecorderUid, findRunningInIndex, returnRunning } from './alreadyRecording';
import { AUTOMATIC_UIDS, derivedUid, type RunningRecording, type StartPlan } from './plan';
import { noteUnanswered, saveRecord, toRecord } from './startRecord';
import { checkWritable } from './storage';

/** How many recordings that occupy the recorder UID are skipped before the start fails. */
const MAX_ATTEMPTS = 5;

/**
 * Reserves a recorder, starts it and saves its session record, unless the channel is already being recorded. If the
 * record cannot be saved, the recording goes on and the result contains a note.
 *
 * An automatic UID is derived from channel and mode, so Agora itself refuses to record a channel twice ("task
 * conflict"), even if another worker, a retry or an agent starts it. Recorders with another UID, after a failover or
 * because they were started while the previous one was ending, are found in the session index.
 *
 * @throws Fault when the bucket cannot be written to, when Agora refuses, or when the channel is already being recorded
 *   and the recording cannot or must not be returned
 */
export async function startRecorder(
	context: IExecuteFunctions,
	account: Account,
	plan: StartPlan,
): Promise<RunningRecording> {
	const { appId, cname, mode, storage, savesRecord } = plan;
	if (savesRecord && storage.bucket !== null) await checkWritable(context);
	const startsAnother = plan.ifAlreadyRecording === 'startAnother';
	// Runs while Agora reserves the recorder.
	const indexed = startsAnother ? null : findRunningInIndex(context, account, plan);
	indexed?.catch(() => undefined);
	let uid = plan.uid ?? (startsAnother ? randomUid() : derivedUid(plan));
	for (let attempt = 1; ; attempt++) {
		const channel = { appId, cname, uid };
		const token = recorderToken(account, channel, plan);
		const reserved = acquire(context, account, channel, plan.reservation);
		reserved.catch(() => undefined);
		const running = await indexed;
		if (running !== null) return returnRunning(plan, running);
		const session = { ...channel, resourceId: await reserved, mode };
		const record = await startReserved(context, account, plan, session, token);
		if (record !== null) {
			const note = await saveRecord(plan, record);
			return { sid: record.sid, record, folder: storage.folder, isNew: true, note };
		}
		const isLast = plan.uid !== undefined || attempt === MAX_ATTEMPTS;
		if (startsAnother) {
			if (isLast) throw uidTaken(uid);
			uid = randomUid();
			continue;
		}
		const { isEnding, ...other } = await findByRecorderUid(context, account, plan, uid);
		if (!isEnding) return returnRunning(plan, other);
		if (isLast) throw stillEnding(uid);
		// All starts that follow this recording derive the same UID, so only one of them succeeds.
		uid = derivedUid(plan, other.sid);
	}
}

/** @returns the record of the session; null when the recorder UID is already recording the channel */
async function startReserved(
	context: IExecuteFunctions,
	account: Account,
	plan: StartPlan,
	session: Omit<Session, 'sid'>,
	token: string | undefined,
): Promise<SessionRecord | null> {
	const clientRequest = { ...(token !== undefined && { token }), ...plan.request };
	const sentAt = new Date();
	try {
		const sid = await start(context, account, session, clientRequest);
		return sid === null ? null : { sid, ...toRecord(plan, session, new Date()) };
	} catch (error) {
		throw await afterFailedStart(context, plan, session, sentAt, error);
	}
}

/** @returns the error to throw */
async function afterFailedStart(
	context: IExecuteFunctions,
	plan: StartPlan,
	session: Omit<Session, 'sid'>,
	sentAt: Date,
	error: unknown,
): Promise<unknown> {
	if (plan.ifAlreadyRecording === 'startAnother' || !mayBeRunning(error)) return error;
	await noteUnanswered(context, plan, session, sentAt);
	// A retry uses the same UID, so Agora doesn't start a second recording.
	return new Fault(error.message, { ...error.details, isRepeatable: true });
}

function randomUid(): string {
	return String(randomInt(AUTOMATIC_UIDS.from, AUTOMATIC_UIDS.to + 1));
}

/** Agora can control a recording for as long (Agora: `acquire`). */
const MAX_TOKEN_HOURS = 720;

/**
 * The token with which the recorder joins the channel. It can't be renewed, so the recording ends when it expires.
 *
 * @returns undefined for a web page, and if the credential has no App Certificate for this App ID
 * @throws Fault when the lifetime is not 1 to 720 hours
 *
 * Source: Agora, cloud recording, `start`: `token`.
 */
export function recorderToken(
	{ appId, appCertificate }: Account,
	{ cname, uid, ...channel }: Channel,
	{ mode, token, tokenHours }: Pick<StartPlan, 'mode' | 'token' | 'tokenHours'>,
): string | undefined {
	if (mode === 'web') return undefined;
	if (token?.trim()) return token.trim();
	if (appCertificate === '' || channel.appId !== appId) return undefined;
	if (!wholeNumber(1, MAX_TOKEN_HOURS)(tokenHours)) {
		throw new Fault('"Token Lifetime (Hours)" has an invalid value', {
			description: `It must be a whole number of hours from 1 to ${MAX_TOKEN_HOURS}.`,
		});
	}
	const lifetimeSeconds = tokenHours * 3600;
	return rtcToken({ appId, appCertificate, channel: cname, uid, lifetimeSeconds });
}

function uidTaken(uid: string): Fault {
	return new Fault(`This channel is already being recorded with the recorder UID ${uid}`, {
		description: 'Set Recorder UID to Automatic, or specify another UID.',
		httpCode: '400',
	});
}

function stillEnding(uid: string): Fault {
	return new Fault(`The recording with the recorder UID ${uid} is still ending`, {
		description:
			'Try again in a few seconds, set Recorder UID to Automatic, or specify another UID.',
		httpCode: '400',
	});
}
