import type { IDataObject } from 'n8n-workflow';
import { advising, Fault } from '../http/fault';
import type { Answer, Context } from '../http/send';
import type { Account } from './account';
import { agoraFault, isSuccess, readJson } from './errors';
import { agoraAnswer, agoraRequest, incompleteAnswer } from './request';
import { isObject } from './valueCheck';

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

/** How a person is told of a session: without a session record in the bucket it takes both to control it. */
export function nameOf({ sid, resourceId }: Pick<Session, 'sid' | 'resourceId'>): string {
	return `sid ${sid}, resource ID ${resourceId}`;
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
			path: `${recordingPath(appId)}/resourceid/${segment(resourceId)}/mode/${mode}/start`,
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
	throw isClearRefusal(answer) ? refusal : maybeRunning(refusal, resourceId);
}

/** These come before anything is done, whoever says so. */
const NOT_LET_IN = [401, 403, 429];

/**
 * Whether an answer to a start says that nothing was started: Agora's own words do. A proxy's page does not,
 * it cannot know; nor does a refusal of the same request sent again, whose first try may have had an effect.
 */
function isClearRefusal(answer: Answer): boolean {
	const { status, reachedBefore } = answer;
	if (reachedBefore || status < 400 || status >= 500) return false;
	const { code, message } = readJson(answer);
	return NOT_LET_IN.includes(status) || code !== undefined || message !== undefined;
}

/** A start without a clear answer: the person must know that a recorder may be at work. */
function maybeRunning(fault: unknown, resourceId: string): unknown {
	if (!(fault instanceof Fault) || fault.details.neverReached) return fault;
	const leftBehind = `resource ID ${resourceId}`;
	const warning = `A recording may be running all the same (${leftBehind}); if so, it ends by itself when the channel has been empty for the maximum idle time.`;
	return advising(fault, warning, { leftBehind });
}

/** How a session is named to `query`, which needs neither channel nor UID. */
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
 * Changes a running session: what it subscribes to, whether it pauses, where it pushes, its storage keys.
 *
 * @param clientRequest Agora's `update` settings, one kind of change at a time
 * @throws Fault when Agora refuses, or the session is not running
 */
export async function update(
	context: Context,
	account: Account,
	session: Session,
	clientRequest: IDataObject,
): Promise<void> {
	await change(context, account, session, 'update', clientRequest);
}

/**
 * Replaces the layout of a running composite recording; what is left out falls back to Agora's default.
 *
 * @param clientRequest Agora's `updateLayout` settings
 * @throws Fault when Agora refuses, or the session is not running
 */
export async function updateLayout(
	context: Context,
	account: Account,
	session: Session,
	clientRequest: IDataObject,
): Promise<void> {
	await change(context, account, session, 'updateLayout', clientRequest);
}

async function change(
	context: Context,
	account: Account,
	session: Session,
	action: 'update' | 'updateLayout',
	clientRequest: IDataObject,
): Promise<void> {
	const name = `change recording ${session.sid}`;
	const json = await agoraRequest(context, account, {
		name,
		method: 'POST',
		path: sessionPath(session, action),
		body: bodyOf(session, clientRequest),
		limitedBy: session.appId,
	});
	checkAboutSession(json, name);
}

/** What came of a stop: one that Agora carried out, or why there was nothing (more) to stop. */
export type StopOutcome =
	| { stopped: true; serverResponse: IDataObject }
	| { stopped: false; because: 'already_stopping' | 'already_ended' | 'no_recorded_data' };

/** Agora: stop, `uploadingStatus` did not come within its time; the session has ended all the same. */
const UPLOAD_TIMED_OUT = 50;
const INVALID_OPERATION = 49;
const NO_RECORDED_DATA = 435;

/**
 * Ends a session. Sent again after a fault: a second stop finds nothing to stop, which is an outcome.
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

function serverResponse(answer: Answer, name: string): IDataObject {
	const json = readJson(answer);
	checkAboutSession(json, name);
	return isObject(json.serverResponse) ? (json.serverResponse as IDataObject) : {};
}

/**
 * A proxy's page, or nothing at all, must not pass for Agora's word that a session was changed or stopped, or
 * still runs. All answers about a session that are documented or were captured name it; old ones have fewer fields.
 *
 * @throws Fault for an answer that is not about a session
 */
function checkAboutSession(json: Record<string, unknown>, name: string): void {
	const { sid, resourceId } = json;
	if (typeof sid === 'string' || typeof resourceId === 'string') return;
	if (!isObject(json.serverResponse)) throw incompleteAnswer(name, 'sid');
}

function isNotRunning(answer: Answer): boolean {
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
	throw new Fault(`‘${text}’ cannot be part of an address of Agora’s`, {
		description:
			'App ID, Resource ID or Recording Mode are not what Agora gave out. Check the fields, and the session record beside the recording (….session.json).',
	});
}
