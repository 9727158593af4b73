import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../http/fault';
import type { Answer, Context } from '../http/send';
import type { Account } from './account';
import { agoraFault, isSuccess, readJson } from './errors';
import { agoraAnswer, agoraRequest, incompleteAnswer } from './request';

/** What a recording session is addressed by. Source: Agora, cloud recording RESTful API. */
export interface Channel {
	appId: string;
	cname: string;
	/** The recorder's own UID: a whole number as text. */
	uid: string;
}

export interface Session extends Channel {
	resourceId: string;
	mode: string;
	sid: string;
}

/**
 * Reserves a recorder. Nothing is recorded yet; the reservation lapses after five minutes.
 *
 * @param clientRequest Agora's `acquire` settings: `scene`, `resourceExpiredHour`, …
 * @returns the resource ID, good for one start
 * @throws Fault when Agora refuses
 */
export async function acquire(
	context: Context,
	account: Account,
	{ appId, cname, uid }: Channel,
	clientRequest: IDataObject,
): Promise<string> {
	const name = `reserve a recorder for channel ${cname}`;
	const { resourceId } = await agoraRequest(context, account, {
		name,
		method: 'POST',
		path: `${recordingPath(appId)}/acquire`,
		body: { cname, uid, clientRequest },
		limitedBy: appId,
	});
	if (typeof resourceId !== 'string' || resourceId === '') {
		throw incompleteAnswer(name, 'resource ID');
	}
	return resourceId;
}

/**
 * Starts recording. Sent once: only a refusal for the rate, an unreachable host, or Agora's own request to
 * send the same again (206, code 65) leads to another try, because a resource ID starts one session at most.
 *
 * @param clientRequest Agora's `start` settings, storage keys included
 * @returns the session's `sid`
 * @throws Fault when Agora refuses, or when it is unknown whether the recording runs; it says which
 */
export async function start(
	context: Context,
	account: Account,
	{ appId, cname, uid, resourceId, mode }: Omit<Session, 'sid'>,
	clientRequest: IDataObject,
): Promise<string> {
	const name = `start the recording of channel ${cname}`;
	let answer: Answer;
	try {
		answer = await agoraAnswer(context, account, {
			name,
			method: 'POST',
			path: `${recordingPath(appId)}/resourceid/${encodeURIComponent(resourceId)}/mode/${mode}/start`,
			body: { cname, uid, clientRequest },
			limitedBy: appId,
			repeatable: false,
		});
	} catch (error) {
		throw maybeRunning(error, resourceId);
	}
	// Success may come with any 2xx; only a sid proves that a session exists (Agora: start, captured answers).
	const { sid } = readJson(answer);
	if (isSuccess(answer) && typeof sid === 'string' && sid !== '') return sid;
	const refusal = isSuccess(answer) ? incompleteAnswer(name, 'sid') : agoraFault(answer, name);
	throw answer.status >= 500 || answer.status < 300 ? maybeRunning(refusal, resourceId) : refusal;
}

/** A start without a clear answer: the person must know that a recorder may be at work. */
function maybeRunning(fault: unknown, resourceId: string): unknown {
	if (!(fault instanceof Fault) || fault.details.neverReached) return fault;
	const warning = `A recording may be running all the same (resource ID ${resourceId}); if so, it ends by itself when the channel has been empty for the maximum idle time.`;
	return new Fault(fault.message, {
		...fault.details,
		description: [fault.details.description, warning].filter(Boolean).join(' '),
	});
}

/**
 * Asks for the state of a running session.
 *
 * @returns Agora's `serverResponse`, or null when the session is not running (any more)
 * @throws Fault when Agora refuses for another reason
 */
export async function query(
	context: Context,
	account: Account,
	{ appId, resourceId, sid, mode }: Pick<Session, 'appId' | 'resourceId' | 'sid' | 'mode'>,
): Promise<IDataObject | null> {
	const name = `query recording ${sid}`;
	const session = [resourceId, sid, mode].map(encodeURIComponent);
	const answer = await agoraAnswer(context, account, {
		name,
		method: 'GET',
		path: `${recordingPath(appId)}/resourceid/${session[0]}/sid/${session[1]}/mode/${session[2]}/query`,
		limitedBy: appId,
	});
	if (isSuccess(answer)) return (readJson(answer).serverResponse ?? {}) as IDataObject;
	if (answer.status === 404 && readJson(answer).code === 404) return null;
	throw agoraFault(answer, name);
}

function recordingPath(appId: string): string {
	return `/v1/apps/${encodeURIComponent(appId)}/cloud_recording`;
}
