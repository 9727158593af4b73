import type { IExecuteFunctions } from 'n8n-workflow';
import type { Account } from '../../../agora/account';
import { sessionName, query, type Session } from '../../../agora/cloudRecording';
import { sessionState, SessionStatus } from '../../../agora/formats';
import { cancelSignal, pause } from '../../../http/concurrency';
import { withAdvice, Fault } from '../../../http/errors';

/** Agora: query five seconds after the start, then at growing intervals. */
const FIRST_WAIT_MS = 5000;
const MAX_WAIT_MS = 15_000;
/** A starting session may not be found for this long. */
const STARTING_MS = 30_000;
const TIMEOUT_MS = 90_000;

/**
 * Waits until Agora reports that a session is recording.
 *
 * @returns Agora's state of the session by name: `ready`, or `in progress` once its first file is uploaded
 * @throws Fault when it has ended, is not found after 30 seconds, or is not ready after 90 seconds. It names the session
 *   and the likely causes.
 *
 * Source: Agora, cloud recording, integration best practices, and `query`.
 */
export async function waitUntilRecording(
	context: IExecuteFunctions,
	account: Account,
	session: Session,
): Promise<string> {
	const begun = Date.now();
	for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, MAX_WAIT_MS)) {
		const left = begun + TIMEOUT_MS - Date.now();
		if (left <= 0) throw notRecording(session, 'is not ready after 90 seconds');
		await withStartedNote(session, pause(Math.min(wait, left), cancelSignal(context)));
		const status = await withStartedNote(session, statusNumber(context, account, session));
		if (status === null && Date.now() - begun >= STARTING_MS) {
			throw notRecording(session, 'is no longer known to Agora');
		}
		if (status === null || status < SessionStatus.ready) continue;
		if (status <= SessionStatus.inProgress) return sessionState(status);
		throw notRecording(session, `has ended: Agora's status is "${sessionState(status)}"`);
	}
}

/** @returns null when Agora doesn't find the session; 0, "not started", when the response has no number */
async function statusNumber(
	context: IExecuteFunctions,
	account: Account,
	session: Session,
): Promise<number | null> {
	const serverResponse = await query(context, account, session);
	return serverResponse === null ? null : Number(serverResponse.status) || 0;
}

/** Adds to any error, also to a cancellation, that the recording was started. */
async function withStartedNote<Result>(session: Session, work: Promise<Result>): Promise<Result> {
	try {
		return await work;
	} catch (error) {
		const name = sessionName(session);
		const advice = `The recording was started and may be running: ${name}`;
		throw withAdvice(error, advice, { mayBeRunning: name });
	}
}

/** Lists the likely causes in the order in which Agora recommends to check them. */
function notRecording(session: Session, what: string): Fault {
	const causes = [
		'the bucket, its region or its credentials are wrong, or they do not allow writing',
		...(session.mode === 'web'
			? ['the page did not load']
			: [
					'the channel was empty for the Maximum Idle Time',
					`a user of the channel has the recorder's UID ${session.uid}`,
					'the token is missing, has expired, or is for another channel or UID',
					"the Channel Profile does not match the clients' profile",
				]),
	];
	return new Fault(`The recording was started, but ${what}`, {
		description: `Likely causes, most likely first: ${causes.join('; ')}. The recording is ${sessionName(session)}`,
		mayBeRunning: sessionName(session),
		httpCode: '404',
	});
}
