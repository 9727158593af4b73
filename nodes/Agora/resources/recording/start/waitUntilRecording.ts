import type { IExecuteFunctions } from 'n8n-workflow';
import type { Account } from '../../../agora/account';
import { sessionName, query, type Session } from '../../../agora/cloudRecording';
import { sessionState, SessionStatus } from '../../../agora/formats';
import { cancelSignal, pause } from '../../../http/concurrency';
import { withAdvice, Fault } from '../../../http/errors';

/** Agora: query five seconds after the start, then less and less often. */
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 15_000;
/** A recorder that is starting may not be found for so long. */
const COMING_UP_MS = 30_000;
const TIMEOUT_MS = 90_000;

/**
 * Waits until Agora says that a session records.
 *
 * @returns Agora's state of the session by name: `ready`, or `in progress` once its first file is there
 * @throws Fault when it has ended or was never found, or is not ready after 90 seconds. It names the
 *   session and the likely causes
 *
 * Source: Agora, cloud recording, integration best practices, and `query`.
 */
export async function waitUntilRecording(
	context: IExecuteFunctions,
	account: Account,
	session: Session,
): Promise<string> {
	const begun = Date.now();
	for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
		const left = begun + TIMEOUT_MS - Date.now();
		if (left <= 0) throw notRecording(session, 'is not ready after 90 seconds');
		await withStartedNote(session, pause(Math.min(wait, left), cancelSignal(context)));
		const status = await withStartedNote(session, statusOf(context, account, session));
		if (status === null && Date.now() - begun >= COMING_UP_MS) {
			throw notRecording(session, 'is no longer known to Agora');
		}
		if (status === null || status < SessionStatus.ready) continue;
		if (status <= SessionStatus.inProgress) return sessionState(status);
		throw notRecording(session, `has ended: Agora's status is "${sessionState(status)}"`);
	}
}

/** @returns null when no such session is found; 0, "not started", when Agora returns no number */
async function statusOf(
	context: IExecuteFunctions,
	account: Account,
	session: Session,
): Promise<number | null> {
	const serverResponse = await query(context, account, session);
	return serverResponse === null ? null : Number(serverResponse.status) || 0;
}

/** Whatever fails, or is canceled, while waiting: the session has been started. */
async function withStartedNote<Result>(session: Session, work: Promise<Result>): Promise<Result> {
	try {
		return await work;
	} catch (error) {
		const name = sessionName(session);
		const advice = `The recording was started and may be running: ${name}`;
		throw withAdvice(error as Fault, advice, { mayBeRunning: name });
	}
}

/** In the order in which Agora advises to check them. */
function notRecording(session: Session, what: string): Fault {
	const causes = [
		'the bucket, its region or its credentials are wrong, or they do not allow writing',
		...(session.mode === 'web'
			? ['the page did not load']
			: [
					'nobody was in the channel until the Maximum Idle Time was over',
					`a user of the channel has the recorder's UID ${session.uid}`,
					'the token is missing, has expired, or is for another channel or UID',
					'the Channel Profile does not match the one of the clients',
				]),
	];
	return new Fault(`The recording was started, but ${what}`, {
		description: `Likely causes, most likely first: ${causes.join('; ')}. The recording is ${sessionName(session)}`,
		mayBeRunning: sessionName(session),
		httpCode: '404',
	});
}
