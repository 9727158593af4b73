import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { RECORDER_OPTIONS, type RecorderOptions } from '../recorder/options.ts';
import type { ApiResponse, Handler, Routes } from '../router.ts';
import type { Project } from './account.ts';
import type { Channels } from './channels.ts';
import type { Clock } from './clock.ts';
import type { AgoraApi, AppRequest } from './gateway.ts';
import { AGORA_OPTIONS, type AgoraOptions } from './options.ts';
import { RandomFailures } from './randomFailures.ts';
import { mayJoin } from './recorderToken.ts';
import {
	rtmpUrls,
	type RecordingBody,
	type StartRequest,
	type UpdateRequest,
} from './recordingRequest.ts';
import type { SendRecordingEvent } from './recordingEvents.ts';
import { queryResponse, recordingError, stopResponse } from './recordingResponses.ts';
import { RequestValidator } from './requestValidator.ts';
import { MODES, type Action, type Mode } from './schema/requests.ts';
import { Session, type Pace } from './session.ts';

const APP = '/v1/apps/:appId/cloud_recording';
const RESOURCE = `${APP}/resourceid/:resourceId`;
const MODE = `:mode(${MODES.join('|')})`;
const SESSION = `${RESOURCE}/sid/:sid/mode/${MODE}`;

const RESOURCE_MINUTES = 5;

interface Resource {
	appId: string;
	cname: string;
	uid: string;
	/** `clientRequest` of acquire. */
	request: Record<string, unknown>;
	acquiredAt: number;
	/** Set once a session has started: a resource is valid for one. */
	sid?: string;
}

/** What a caller inside the sandbox can set for a session. */
interface StartOptions {
	/** The recorder needs no token. */
	withoutToken?: boolean;
	/** The time of the recorder's clock at the start, if it differs from the real time. */
	recorderTime?: Date;
}

interface Path {
	resourceId: string;
	sid: string;
	mode: Mode;
}

/** A request with the named parts of its path, all of them unless `Parts` lists them. */
interface RecordingRequest<Parts extends keyof Path = keyof Path> {
	project: Project;
	path: Pick<Path, Parts>;
	body: RecordingBody;
}

/** Agora's cloud recording API. */
export class RecordingApi implements AgoraApi {
	/** All sessions since the last reset, oldest first. */
	readonly sessions: Session[] = [];
	/** Apply to sessions that start from now on. */
	recorderOptions: RecorderOptions = RECORDER_OPTIONS;
	readonly validator = new RequestValidator();
	#options: AgoraOptions = AGORA_OPTIONS;
	#randomFailures: RandomFailures | null = null;
	readonly #resources = new Map<string, Resource>();
	readonly #clock: Clock;
	readonly #channels: Channels;
	readonly #pace: Pace;
	readonly #sendEvent: SendRecordingEvent;

	readonly routes: Routes<AppRequest> = {
		[`POST ${APP}/acquire`]: handler((request) => this.acquire(request)),
		[`POST ${RESOURCE}/mode/${MODE}/start`]: handler((request) => this.start(request)),
		[`GET ${SESSION}/query`]: handler((request) => this.#query(request)),
		[`POST ${SESSION}/update`]: handler((request) => this.#update(request)),
		[`POST ${RESOURCE}/sid/:sid/mode/:mode(mix)/updateLayout`]: handler((request) =>
			this.#updateLayout(request),
		),
		[`POST ${SESSION}/stop`]: handler((request) => this.#stop(request)),
	};

	constructor(clock: Clock, channels: Channels, pace: Pace, sendEvent: SendRecordingEvent) {
		this.#clock = clock;
		this.#channels = channels;
		this.#pace = pace;
		this.#sendEvent = sendEvent;
	}

	bodyError(_status: number, message: string): ApiResponse {
		return recordingError(400, 8, message);
	}

	/** Also restarts the random failures from their seed. */
	set options(options: AgoraOptions) {
		this.#options = options;
		this.#randomFailures = options.randomFailures && new RandomFailures(options.randomFailures);
	}

	/** Ends all sessions at once and forgets them. Resolves when none of them writes any more files. */
	async reset(): Promise<void> {
		const sessions = this.sessions.splice(0);
		for (const session of sessions) session.abandon('sandbox reset');
		await Promise.all(sessions.map(({ complete }) => complete));
		this.#resources.clear();
		this.validator.clear();
	}

	acquire({ project, body }: Omit<RecordingRequest, 'path'>): ApiResponse {
		const { vendor_key: appId } = project;
		const error = this.validator.validate('acquire', null, body);
		if (error) return error;
		const { cname, uid, clientRequest } = body;
		if (this.#isOverloaded(appId, cname)) return recordingError(400, 406, 'vendor_over_load');
		const resourceId = randomBytes(180).toString('base64url');
		this.#resources.set(resourceId, {
			appId,
			cname,
			uid,
			request: clientRequest,
			acquiredAt: Date.now(),
		});
		return { status: 200, body: { cname, uid, resourceId } };
	}

	start(
		{ project, path, body }: RecordingRequest<'resourceId' | 'mode'>,
		{ withoutToken = false, recorderTime }: StartOptions = {},
	): ApiResponse {
		const { vendor_key: appId } = project;
		const { resourceId, mode } = path;
		const error = this.validator.validate('start', mode, body);
		if (error) return error;
		const { cname, uid, clientRequest } = body;
		const resource = this.#resources.get(resourceId);
		if (!resource || resource.appId !== appId) return invalid('resourceId is not known');
		if (resource.sid) return recordingError(201, 7, 'already started', { resourceId });
		if (Date.now() - resource.acquiredAt > RESOURCE_MINUTES * 60_000)
			return recordingError(400, 433, 'resourceId expired', { resourceId });
		if (resource.cname !== cname || resource.uid !== uid)
			return recordingError(400, 432, 'cname and uid must equal those of acquire');
		const { startParameter, scene = 0 } = resource.request;
		if (startParameter !== undefined && !isDeepStrictEqual(startParameter, clientRequest))
			return recordingError(400, 432, 'request_hash mismatch');
		if ((mode === 'web') !== (scene === 1) && mode !== 'raw')
			return invalid('scene of acquire does not fit the mode: web needs 1, other modes 0');
		if (this.#live(appId).some(holdsUid(cname, uid)))
			return recordingError(400, 53, 'task conflict');

		const request = clientRequest as unknown as StartRequest;
		const sid = randomBytes(16).toString('hex');
		const needsToken = mode !== 'web' && !withoutToken;
		const session = new Session(
			{
				sid: this.recorderOptions.sidCase === 'upper' ? sid.toUpperCase() : sid,
				resourceId,
				appId,
				cname,
				uid,
				mode,
				acquireRequest: resource.request,
				startRequest: request,
				mayJoin: !needsToken || mayJoin(project, cname, uid, request.token),
				recorderTime,
			},
			this.#clock,
			this.#channels,
			this.#pace,
			{ ...this.recorderOptions, uploadingStatus: this.#uploadingStatus(appId, cname) },
			this.#sendEvent,
		);
		resource.sid = session.parameters.sid;
		this.sessions.push(session);
		return { status: 200, body: identity(session) };
	}

	#query(request: RecordingRequest): ApiResponse {
		const session = this.#find(request);
		if (!session) return noWorker();
		return {
			status: 200,
			body: { ...identity(session), serverResponse: queryResponse(session) },
		};
	}

	#update(request: RecordingRequest): ApiResponse {
		const found = this.#findForPost('update', request);
		if (!(found instanceof Session)) return found;
		const { storageConfig, webRecordingConfig, rtmpPublishConfig } = request.body
			.clientRequest as UpdateRequest;
		if (storageConfig) found.recorder.storage = storageConfig;
		if (webRecordingConfig) found.onhold = webRecordingConfig.onhold;
		if (rtmpPublishConfig) found.rtmpUrls = rtmpUrls(rtmpPublishConfig.outputs);
		found.changes.push({ action: 'update', clientRequest: request.body.clientRequest });
		return { status: 200, body: identity(found) };
	}

	#updateLayout(request: RecordingRequest): ApiResponse {
		const found = this.#findForPost('updateLayout', request);
		if (!(found instanceof Session)) return found;
		found.changes.push({ action: 'updateLayout', clientRequest: request.body.clientRequest });
		return { status: 200, body: identity(found) };
	}

	async #stop(request: RecordingRequest): Promise<ApiResponse> {
		const found = this.#findForPost('stop', request);
		if (!(found instanceof Session)) return found;
		if (found.isEnding) return recordingError(400, 49, 'invalid operation');
		found.end('stopped');
		const async = request.body.clientRequest.async_stop === true;
		if (!async) await found.ended;
		if (found.endReason !== 'stopped') return noWorker(request.body);
		if (!async && !found.recorder.hasCaptured)
			return recordingError(206, 435, 'no recorded data', identity(found));
		return {
			status: 200,
			body: {
				...identity(found),
				serverResponse: stopResponse(found, async ? 'unknown' : found.uploadingStatus),
			},
		};
	}

	/** Sessions of an App ID that have not ended, including those that are ending. */
	#live(appId: string): Session[] {
		return this.sessions.filter(({ live, parameters }) => live && parameters.appId === appId);
	}

	#isOverloaded(appId: string, cname: string): boolean {
		const { sessionLimit } = this.#options;
		if (sessionLimit !== null && this.#live(appId).length >= sessionLimit) return true;
		return this.#randomFailures?.draw(`${appId} ${cname}`, ['overloaded']) !== undefined;
	}

	#uploadingStatus(appId: string, cname: string) {
		const failure = this.#randomFailures?.draw(`${appId} ${cname}`, [
			'backuped',
			'stranded',
			'unknown',
		]);
		return failure ?? this.recorderOptions.uploadingStatus;
	}

	#find({ project, path: { resourceId, sid, mode } }: RecordingRequest): Session | undefined {
		return this.#live(project.vendor_key).find(
			({ hasRecorder, parameters }) =>
				hasRecorder &&
				parameters.sid === sid &&
				parameters.resourceId === resourceId &&
				parameters.mode === mode,
		);
	}

	/** Returns the session that a POST request refers to, or the error response. */
	#findForPost(action: Action, request: RecordingRequest): Session | ApiResponse {
		const { path, body } = request;
		const error = this.validator.validate(action, path.mode, body);
		if (error) return error;
		const session = this.#find(request);
		if (!session) return noWorker(body);
		const { cname, uid } = session.parameters;
		if (cname !== body.cname || uid !== body.uid)
			return invalid('cname and uid must equal those of acquire');
		return session;
	}
}

/** A route's handler. The types of the path and the body hold once the body is validated. */
function handler(
	handle: (request: RecordingRequest) => ApiResponse | Promise<ApiResponse>,
): Handler<AppRequest> {
	return ({ project, params, body }) =>
		handle({ project, path: params, body } as unknown as RecordingRequest);
}

const holdsUid = (cname: string, uid: string) => (session: Session) =>
	session.holdsUid && session.parameters.cname === cname && session.parameters.uid === uid;

const invalid = (reason: string) => recordingError(400, 2, reason);

function noWorker(body?: RecordingBody): ApiResponse {
	const channel = body ? { cname: body.cname, uid: body.uid } : {};
	return recordingError(404, 404, 'failed to find worker', channel);
}

function identity({ parameters: { cname, uid, resourceId, sid } }: Session) {
	return { cname, uid, resourceId, sid };
}
