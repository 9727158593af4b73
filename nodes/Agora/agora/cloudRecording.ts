import type { IDataObject } from 'n8n-workflow';
import type { Context } from '../http/concurrency';
import { withAdvice, Fault } from '../http/errors';
import type { HttpResponse } from '../http/request';
import type { Account } from './account';
import { agoraFault, INVALID_REQUEST, isSuccess, readJson } from './errors';
import { agoraAnswer, agoraRequest, incompleteAnswer } from './request';
import { isObject } from './formats';

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

/** How messages name a session: without a session record in the bucket both are needed to control it. */
export function sessionName({ sid, resourceId }: Pick<Session, 'sid' | 'resourceId'>): string {
	return `sid ${sid}, resource ID ${resourceId}`;
}

/**
 * Reserves a recorder. Nothing is recorded yet; the reservation lapses after five minutes.
 *
 * @param clientRequest Agora's `acquire` settings: `scene`, `resourceExpiredHour`, …
 * @returns the resource ID, valid for one start
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
 * send the same again (206, code 65) leads to another attempt, because a resource ID starts one session at most.
 *
 * @param clientRequest Agora's `start` settings, storage credentials included
 * @returns the session's `sid`; null when this UID is already recording this channel (code 53, task conflict)
 * @throws Fault when Agora refuses, or when it is unknown whether the recording runs; it says which
 */
export async function start(
	context: Context,
	account: Account,
	{ appId, cname, uid, resourceId, mode }: Omit<Session, 'sid'>,
	clientRequest: IDataObject,
): Promise<string | null> {
	const name = `start the recording of channel ${cname}`;
	let answer: HttpResponse;
	try {
		answer = await agoraAnswer(context, account, {
			name,
			method: 'POST',
			path: `${recordingPath(appId)}/resourceid/${segment(resourceId)}/mode/${mode}/start`,
			body: { cname, uid, clientRequest },
			limitedBy: appId,
			isRepeatable: false,
		});
	} catch (error) {
		throw maybeRunning(error, resourceId);
	}
	// Success may come with any 2xx; only a sid proves that a session exists (Agora: start, captured answers).
	const { sid, code } = readJson(answer);
	if (isSuccess(answer) && typeof sid === 'string' && sid !== '') return sid;
	if (answer.status === 400 && code === TASK_CONFLICT && !answer.mayBeDuplicate) return null;
	const refusal = isSuccess(answer) ? incompleteAnswer(name, 'sid') : agoraFault(answer, name);
	throw isClearRefusal(answer) ? refusal : maybeRunning(refusal, resourceId);
}

const TASK_CONFLICT = 53;
/** Refusals that come before anything is done, from Agora or from a proxy. */
const NOT_LET_IN = [401, 403, 429];

/**
 * Whether an answer to a start says that nothing was started: Agora's own answers do. A proxy's page cannot know it;
 * nor can a refusal of the same request sent again, because the first attempt may have had an effect.
 */
function isClearRefusal(answer: HttpResponse): boolean {
	const { status, mayBeDuplicate } = answer;
	const { code, message } = readJson(answer);
	if (mayBeDuplicate) return false;
	if (code === INVALID_REQUEST) return true;
	if (status < 400 || status >= 500) return false;
	return NOT_LET_IN.includes(status) || code !== undefined || message !== undefined;
}

/** A start without a clear answer: a recorder may be at work. */
function maybeRunning(fault: unknown, resourceId: string): unknown {
	if (!(fault instanceof Fault) || fault.details.notSent) return fault;
	const name = `resource ID ${resourceId}`;
	const warning = `A recording may be running; if so, it ends by itself when the channel has been empty for the Maximum Idle Time. Its ${name}`;
	return withAdvice(fault, warning, { mayBeRunning: name });
}

/** What `query` needs; neither channel nor UID. */
export type SessionAddress = Pick<Session, 'appId' | 'resourceId' | 'sid' | 'mode'>;

/**
 * Asks for the state of a running session.
 *
 * @returns Agora's `serverResponse`, or null when the session is not running (any more)
 * @throws Fault when Agora refuses for another reason
 */
export async function query(
	context: Context,
	account: Account,
	session: SessionAddress,
): Promise<IDataObject | null> {
	const name = `query recording ${session.sid}`;
	const answer = await agoraAnswer(context, account, {
		name,
		method: 'GET',
		path: sessionPath(session, 'query'),
		limitedBy: session.appId,
	});
	if (isSuccess(answer)) return serverResponse(answer, name);
	if (isNotRunning(answer)) return null;
	throw agoraFault(answer, name);
}

/**
 * Changes a running session: what it subscribes to, whether it is paused, its RTMP URL, its storage credentials.
 *
 * @param clientRequest Agora's `update` settings, one kind of change at a time
 * @returns null when the session is not running
 * @throws Fault when Agora refuses
 */
export async function update(
	context: Context,
	account: Account,
	session: Session,
	clientRequest: IDataObject,
): Promise<true | null> {
	return await change(context, account, session, 'update', clientRequest);
}

/**
 * Replaces the layout of a running composite recording; settings that are left out return to Agora's defaults.
 *
 * @param clientRequest Agora's `updateLayout` settings
 * @returns null when the session is not running
 * @throws Fault when Agora refuses
 */
export async function updateLayout(
	context: Context,
	account: Account,
	session: Session,
	clientRequest: IDataObject,
): Promise<true | null> {
	return await change(context, account, session, 'updateLayout', clientRequest);
}

async function change(
	context: Context,
	account: Account,
	session: Session,
	action: 'update' | 'updateLayout',
	clientRequest: IDataObject,
): Promise<true | null> {
	const name = `change recording ${session.sid}`;
	const answer = await agoraAnswer(context, account, {
		name,
		method: 'POST',
		path: sessionPath(session, action),
		body: bodyOf(session, clientRequest),
		limitedBy: session.appId,
	});
	if (isNotRunning(answer)) return null;
	if (!isSuccess(answer)) throw agoraFault(answer, name);
	checkAboutSession(readJson(answer), name);
	return true;
}

/**
 * @param name what was requested, such as "change the recording"
 * @returns the fault for a session that is not running
 */
export function sessionNotRunning(name: string): Fault {
	const body = JSON.stringify({ code: 404, reason: 'failed to find worker' });
	return agoraFault({ status: 404, headers: {}, body }, name);
}

/** The result of a stop: Agora stopped the session, or why there was nothing to stop. */
export type StopOutcome =
	| { stopped: true; serverResponse: IDataObject }
	| { stopped: false; because: 'already_stopping' | 'already_ended' | 'no_recorded_data' };

/** Agora: stop, `uploadingStatus` did not come within its time; the session has ended all the same. */
const UPLOAD_TIMED_OUT = 50;
const INVALID_OPERATION = 49;
const NO_RECORDED_DATA = 435;

/**
 * Ends a session. Sent again after a fault: a second stop finds nothing to stop, which is a result as well.
 *
 * @param wait whether Agora answers only when the files are uploaded (about 20 seconds at most)
 * @throws Fault when Agora refuses for another reason
 */
export async function stop(
	context: Context,
	account: Account,
	session: Session,
	wait: boolean,
): Promise<StopOutcome> {
	const name = `stop recording ${session.sid}`;
	const answer = await agoraAnswer(context, account, {
		name,
		method: 'POST',
		path: sessionPath(session, 'stop'),
		body: bodyOf(session, { async_stop: !wait }),
		limitedBy: session.appId,
	});
	const { code } = readJson(answer);
	if (isSuccess(answer)) return { stopped: true, serverResponse: serverResponse(answer, name) };
	if (code === UPLOAD_TIMED_OUT) return { stopped: true, serverResponse: {} };
	if (isNotRunning(answer)) return { stopped: false, because: 'already_ended' };
	if (code === INVALID_OPERATION) return { stopped: false, because: 'already_stopping' };
	if (code === NO_RECORDED_DATA) return { stopped: false, because: 'no_recorded_data' };
	throw agoraFault(answer, name);
}

function serverResponse(answer: HttpResponse, name: string): IDataObject {
	const json = readJson(answer);
	checkAboutSession(json, name);
	return isObject(json.serverResponse) ? (json.serverResponse as IDataObject) : {};
}

/**
 * A proxy's page, or an empty answer, must not count as Agora's answer that a session was changed or stopped, or
 * still runs. All answers about a session that are documented or were captured name it; old ones have fewer fields.
 *
 * @throws Fault for an answer that is not about a session
 */
function checkAboutSession(json: Record<string, unknown>, name: string): void {
	const { sid, resourceId } = json;
	if (typeof sid === 'string' || typeof resourceId === 'string') return;
	if (!isObject(json.serverResponse)) throw incompleteAnswer(name, 'sid');
}

function isNotRunning(answer: HttpResponse): boolean {
	return answer.status === 404 && readJson(answer).code === 404;
}

/** Agora wants the channel and UID of `acquire` in every call that changes something. */
function bodyOf({ cname, uid }: Session, clientRequest: IDataObject): object {
	return { cname, uid, clientRequest };
}

function sessionPath({ appId, resourceId, sid, mode }: SessionAddress, action: string): string {
	const [resource, session, way] = [resourceId, sid, mode].map(segment);
	return `${recordingPath(appId)}/resourceid/${resource}/sid/${session}/mode/${way}/${action}`;
}

function recordingPath(appId: string): string {
	return `/v1/apps/${segment(appId)}/cloud_recording`;
}

/** One part of a path. A session record is a file that anybody may have changed. */
function segment(text: string): string {
	const canBeSent = text !== '' && text !== '.' && text !== '..' && !/\p{Cs}/u.test(text);
	if (canBeSent) return encodeURIComponent(text);
	throw new Fault(`"${text}" can't be part of a URL of Agora's API`, {
		description:
			'App ID, Resource ID or Recording Mode are not those that Agora returned. Check the fields, and the session record beside the recording (….session.json).',
	});
}
