import type { IDataObject } from 'n8n-workflow';
import type { Context } from '../http/concurrency';
import { withAdvice, Fault } from '../http/errors';
import type { HttpResponse } from '../http/request';
import type { Account } from './account';
import { agoraFault, INVALID_REQUEST, isSuccess, readJson } from './errors';
import { agoraResponse, agoraRequest, incompleteResponse } from './request';
import { isObject } from './formats';

/** Where a recorder joins. Source: Agora, cloud recording RESTful API. */
export interface Channel {
	appId: string;
	cname: string;
	/** The recorder's UID, a whole number as a string. */
	uid: string;
}

export interface Session extends Channel {
	resourceId: string;
	mode: string;
	sid: string;
}

/** @returns a session's IDs for messages. Without a session record, a user needs both to control the recording. */
export function sessionName({ sid, resourceId }: Pick<Session, 'sid' | 'resourceId'>): string {
	return `sid ${sid}, resource ID ${resourceId}`;
}

/**
 * Reserves a recorder. Nothing is recorded yet. The reservation expires after five minutes.
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
		throw incompleteResponse(name, 'resource ID');
	}
	return resourceId;
}

/**
 * Starts recording. The request is only repeated if the rate limit was exceeded, if the host was not reached, or if
 * Agora asks for it (206, code 65: a resource ID starts one session at most).
 *
 * @param clientRequest Agora's `start` settings, including storage credentials
 * @returns the session's `sid`; null when this UID is already recording this channel (code 53, task conflict)
 * @throws Fault when Agora refuses, or when there is no clear response. Its `mayBeRunning` is set if the recording may be
 *   running.
 */
export async function start(
	context: Context,
	account: Account,
	{ appId, cname, uid, resourceId, mode }: Omit<Session, 'sid'>,
	clientRequest: IDataObject,
): Promise<string | null> {
	const name = `start the recording of channel ${cname}`;
	let response: HttpResponse;
	try {
		response = await agoraResponse(context, account, {
			name,
			method: 'POST',
			path: `${recordingPath(appId)}/resourceid/${segment(resourceId)}/mode/${mode}/start`,
			body: { cname, uid, clientRequest },
			limitedBy: appId,
			isRepeatable: false,
		});
	} catch (error) {
		throw withRunningWarning(error, resourceId);
	}
	// Any 2xx may be a success. Only a sid proves that a session exists (Agora: start, captured responses).
	const { sid, code } = readJson(response);
	if (isSuccess(response) && typeof sid === 'string' && sid !== '') return sid;
	if (response.status === 400 && code === TASK_CONFLICT && !response.mayBeDuplicate) return null;
	const fault = isSuccess(response) ? incompleteResponse(name, 'sid') : agoraFault(response, name);
	throw isClearRefusal(response) ? fault : withRunningWarning(fault, resourceId);
}

const TASK_CONFLICT = 53;
/** With these statuses, Agora or a proxy rejects a request before it has an effect. */
const ACCESS_REFUSED = [401, 403, 429];

/**
 * Whether a response to a start proves that nothing was started. Agora's own errors do, a proxy's error page does not.
 * Nor does an error of a repeated request, because the first attempt may have had an effect.
 */
function isClearRefusal(response: HttpResponse): boolean {
	const { status, mayBeDuplicate } = response;
	const { code, message } = readJson(response);
	if (mayBeDuplicate) return false;
	if (code === INVALID_REQUEST) return true;
	if (status < 400 || status >= 500) return false;
	return ACCESS_REFUSED.includes(status) || code !== undefined || message !== undefined;
}

/** Adds a warning to the error of a start that may have had an effect. */
function withRunningWarning(fault: unknown, resourceId: string): unknown {
	if (!(fault instanceof Fault) || fault.details.notSent) return fault;
	const name = `resource ID ${resourceId}`;
	const warning = `A recording may be running. If so, it ends by itself when the channel has been empty for the Maximum Idle Time. It has the ${name}`;
	return withAdvice(fault, warning, { mayBeRunning: name });
}

/** The parts of a session that `query` needs. */
export type SessionAddress = Pick<Session, 'appId' | 'resourceId' | 'sid' | 'mode'>;

/**
 * Requests the state of a running session.
 *
 * @returns Agora's `serverResponse`; null when the session is not running (any more)
 * @throws Fault when Agora refuses for another reason
 */
export async function query(
	context: Context,
	account: Account,
	session: SessionAddress,
): Promise<IDataObject | null> {
	const name = `query recording ${session.sid}`;
	const response = await agoraResponse(context, account, {
		name,
		method: 'GET',
		path: sessionPath(session, 'query'),
		limitedBy: session.appId,
	});
	if (isSuccess(response)) return serverResponse(response, name);
	if (isNotRunning(response)) return null;
	throw agoraFault(response, name);
}

/**
 * Changes a running session: its subscriptions, whether it is paused, its RTMP URL, or its storage credentials.
 *
 * @param clientRequest Agora's `update` settings for one kind of change
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
 * Replaces the layout of a running composite recording. Settings that are left out are reset to Agora's defaults.
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
	const response = await agoraResponse(context, account, {
		name,
		method: 'POST',
		path: sessionPath(session, action),
		body: bodyOf(session, clientRequest),
		limitedBy: session.appId,
	});
	if (isNotRunning(response)) return null;
	if (!isSuccess(response)) throw agoraFault(response, name);
	checkIsAboutSession(readJson(response), name);
	return true;
}

/**
 * @param name what was requested, such as "change the recording"
 * @returns the error for a session that is not running
 */
export function sessionNotRunning(name: string): Fault {
	const body = JSON.stringify({ code: 404, reason: 'failed to find worker' });
	return agoraFault({ status: 404, headers: {}, body }, name);
}

/** The result of a stop, with the reason if there was nothing to stop. */
export type StopOutcome =
	| { stopped: true; serverResponse: IDataObject }
	| { stopped: false; because: 'already_stopping' | 'already_ended' | 'no_recorded_data' };

/** Agora: `stop`, the upload did not finish in time. The session has ended. */
const UPLOAD_TIMED_OUT = 50;
const INVALID_OPERATION = 49;
const NO_RECORDED_DATA = 435;

/**
 * Ends a session. The request is repeated after an error: that a second stop finds nothing to stop is a valid result.
 *
 * @param wait whether Agora responds only after the files are uploaded (about 20 seconds at most)
 * @throws Fault when Agora refuses for another reason
 */
export async function stop(
	context: Context,
	account: Account,
	session: Session,
	wait: boolean,
): Promise<StopOutcome> {
	const name = `stop recording ${session.sid}`;
	const response = await agoraResponse(context, account, {
		name,
		method: 'POST',
		path: sessionPath(session, 'stop'),
		body: bodyOf(session, { async_stop: !wait }),
		limitedBy: session.appId,
	});
	const { code } = readJson(response);
	if (isSuccess(response)) return { stopped: true, serverResponse: serverResponse(response, name) };
	if (code === UPLOAD_TIMED_OUT) return { stopped: true, serverResponse: {} };
	if (isNotRunning(response)) return { stopped: false, because: 'already_ended' };
	if (code === INVALID_OPERATION) return { stopped: false, because: 'already_stopping' };
	if (code === NO_RECORDED_DATA) return { stopped: false, because: 'no_recorded_data' };
	throw agoraFault(response, name);
}

function serverResponse(response: HttpResponse, name: string): IDataObject {
	const json = readJson(response);
	checkIsAboutSession(json, name);
	return isObject(json.serverResponse) ? (json.serverResponse as IDataObject) : {};
}

/**
 * Rejects a proxy's page or an empty response, which doesn't prove that a session was changed or stopped, or is running.
 * All documented and captured responses about a session contain one of these fields; older ones have fewer.
 *
 * @throws Fault when the response is not about a session
 */
function checkIsAboutSession(json: Record<string, unknown>, name: string): void {
	const { sid, resourceId } = json;
	if (typeof sid === 'string' || typeof resourceId === 'string') return;
	if (!isObject(json.serverResponse)) throw incompleteResponse(name, 'sid');
}

function isNotRunning(response: HttpResponse): boolean {
	return response.status === 404 && readJson(response).code === 404;
}

/** Agora requires the channel and UID of `acquire` in every call that changes a session. */
function bodyOf({ cname, uid }: Session, clientRequest: IDataObject): object {
	return { cname, uid, clientRequest };
}

function sessionPath({ appId, resourceId, sid, mode }: SessionAddress, action: string): string {
	const path = `resourceid/${segment(resourceId)}/sid/${segment(sid)}/mode/${segment(mode)}`;
	return `${recordingPath(appId)}/${path}/${action}`;
}

function recordingPath(appId: string): string {
	return `/v1/apps/${segment(appId)}/cloud_recording`;
}

/** @returns one segment of a path, encoded. A session record is a file, so its values may have been changed. */
function segment(text: string): string {
	const isValid = text !== '' && text !== '.' && text !== '..' && !/\p{Cs}/u.test(text);
	if (isValid) return encodeURIComponent(text);
	throw new Fault(`"${text}" can't be part of a URL of Agora's API`, {
		description:
			"App ID, Resource ID, Recording Mode or ID are not the recording's. Check the fields, and the session record next to the recording (….session.json).",
	});
}
