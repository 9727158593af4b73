import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { RECORDER_OPTIONS, type RecorderOptions } from '../recorder/options.ts';
import type { Project } from './account.ts';
import { serviceAnswer, type Answer } from './answer.ts';
import { Chance } from './chance.ts';
import type { Channels } from './channels.ts';
import type { Clock } from './clock.ts';
import { AGORA_OPTIONS, type AgoraOptions } from './options.ts';
import { mayJoin } from './recorderToken.ts';
import { pushAddresses, type StartRequest, type UpdateRequest } from './recordingRequest.ts';
import { RequestChecks } from './requestChecks.ts';
import type { Action, Mode } from './schema/requests.ts';
import { queryResponse, stopResponse } from './serverResponse.ts';
import { Session, type Pace } from './session.ts';

const RESOURCE_MINUTES = 5;

interface Resource {
	appId: string;
	cname: string;
	uid: string;
	/** `clientRequest` of acquire. */
	request: Record<string, unknown>;
	acquiredAt: number;
	/** Set once it was used: a resource is good for one session. */
	sid?: string;
}

interface Body {
	cname: string;
	uid: string;
	clientRequest: Record<string, unknown>;
}

/** What a caller inside the sandbox may decide about a session. */
interface Liberties {
	/** The recorder needs no token. */
	withoutToken?: boolean;
	/** What the recorder's clock says at the start; the time when left out. */
	recorderTime?: Date;
}

/** Where a request goes: the parts of its path. */
export interface SessionPath {
	resourceId: string;
	sid: string;
	mode: Mode;
}

/** Agora's cloud recording: acquire, start, query, update, updateLayout, stop. */
export class RecordingApi {
	/** Every session there ever was, oldest first. */
	readonly sessions: Session[] = [];
	/** Holds for sessions that start from now on. */
	recorderOptions: RecorderOptions = RECORDER_OPTIONS;
	readonly checks = new RequestChecks();
	#options: AgoraOptions = AGORA_OPTIONS;
	#chance: Chance | null = null;
	readonly #resources = new Map<string, Resource>();
	readonly #clock: Clock;
	readonly #channels: Channels;
	readonly #pace: Pace;

	constructor(clock: Clock, channels: Channels, pace: Pace) {
		this.#clock = clock;
		this.#channels = channels;
		this.#pace = pace;
	}

	/** Restarts chance with its seed. */
	set options(options: AgoraOptions) {
		this.#options = options;
		this.#chance = options.chance && new Chance(options.chance);
	}

	/** Ends all sessions at once and forgets them; resolves when nothing more of them will be written. */
	async reset(): Promise<void> {
		const sessions = this.sessions.splice(0);
		for (const session of sessions) session.abandon('sandbox reset');
		await Promise.all(sessions.map(({ complete }) => complete));
		this.#resources.clear();
		this.checks.clear();
	}

	acquire({ vendor_key: appId }: Project, body: Body): Answer {
		const refusal = this.checks.refusalOf('acquire', null, body);
		if (refusal) return refusal;
		const { cname, uid, clientRequest } = body;
		if (this.#isOverloaded(appId, cname)) return serviceAnswer(400, 406, 'vendor_over_load');
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
		project: Project,
		{ resourceId, mode }: Omit<SessionPath, 'sid'>,
		body: Body,
		{ withoutToken = false, recorderTime }: Liberties = {},
	): Answer {
		const refusal = this.checks.refusalOf('start', mode, body);
		if (refusal) return refusal;
		const { cname, uid, clientRequest } = body;
		const resource = this.#resources.get(resourceId);
		if (!resource || resource.appId !== project.vendor_key)
			return invalid('resourceId is not known');
		if (resource.sid) return serviceAnswer(201, 7, 'already started', { resourceId });
		if (Date.now() - resource.acquiredAt > RESOURCE_MINUTES * 60_000)
			return serviceAnswer(400, 433, 'resourceId expired', { resourceId });
		if (resource.cname !== cname || resource.uid !== uid)
			return serviceAnswer(400, 432, 'cname and uid must equal those of acquire');
		const { startParameter, scene = 0 } = resource.request;
		if (startParameter !== undefined && !isDeepStrictEqual(startParameter, clientRequest))
			return serviceAnswer(400, 432, 'request_hash mismatch');
		if ((mode === 'web') !== (scene === 1) && mode !== 'raw')
			return invalid('scene of acquire does not fit the mode: web needs 1, other modes 0');
		if (this.#live(project.vendor_key).some(holdsUid(cname, uid)))
			return serviceAnswer(400, 53, 'task conflict');

		const request = clientRequest as unknown as StartRequest;
		const sid = randomBytes(16).toString('hex');
		const needsToken = mode !== 'web' && !withoutToken;
		const session = new Session(
			{
				sid: this.recorderOptions.sidCase === 'upper' ? sid.toUpperCase() : sid,
				resourceId,
				appId: project.vendor_key,
				cname,
				uid,
				mode,
				reservation: resource.request,
				request,
				mayJoin: !needsToken || mayJoin(project, cname, uid, request.token),
				recorderTime,
			},
			this.#clock,
			this.#channels,
			this.#pace,
			{ ...this.recorderOptions, uploadingStatus: this.#uploadingStatus(cname) },
		);
		resource.sid = session.parameters.sid;
		this.sessions.push(session);
		return { status: 200, body: identity(session) };
	}

	query(project: Project, path: SessionPath): Answer {
		const session = this.#find(project, path);
		if (!session) return noWorker();
		return {
			status: 200,
			body: { ...identity(session), serverResponse: queryResponse(session) },
		};
	}

	update(project: Project, path: SessionPath, body: Body): Answer {
		const found = this.#findForPost('update', project, path, body);
		if (!(found instanceof Session)) return found;
		const { storageConfig, webRecordingConfig, rtmpPublishConfig } =
			body.clientRequest as UpdateRequest;
		if (storageConfig) found.recorder.storage = storageConfig;
		if (webRecordingConfig) found.onhold = webRecordingConfig.onhold;
		if (rtmpPublishConfig) found.pushAddresses = pushAddresses(rtmpPublishConfig.outputs);
		found.changes.push({ action: 'update', clientRequest: body.clientRequest });
		return { status: 200, body: identity(found) };
	}

	updateLayout(project: Project, path: SessionPath, body: Body): Answer {
		const found = this.#findForPost('updateLayout', project, path, body);
		if (!(found instanceof Session)) return found;
		found.changes.push({ action: 'updateLayout', clientRequest: body.clientRequest });
		return { status: 200, body: identity(found) };
	}

	async stop(project: Project, path: SessionPath, body: Body): Promise<Answer> {
		const found = this.#findForPost('stop', project, path, body);
		if (!(found instanceof Session)) return found;
		if (found.ending) return serviceAnswer(400, 49, 'invalid operation');
		found.end('stopped');
		const async = body.clientRequest.async_stop === true;
		if (!async) await found.over;
		if (found.endedBecause !== 'stopped') return noWorker(body);
		if (!async && !found.recorder.captured)
			return serviceAnswer(206, 435, 'no recorded data', identity(found));
		return {
			status: 200,
			body: {
				...identity(found),
				serverResponse: stopResponse(found, async ? 'unknown' : found.uploadingStatus),
			},
		};
	}

	/** Sessions of an App ID that are not over; one that is ending holds its user ID until it is. */
	#live(appId: string): Session[] {
		return this.sessions.filter(({ live, parameters }) => live && parameters.appId === appId);
	}

	#isOverloaded(appId: string, cname: string): boolean {
		const { sessionLimit } = this.#options;
		if (sessionLimit !== null && this.#live(appId).length >= sessionLimit) return true;
		return this.#chance?.outcome(cname, ['overloaded']) !== undefined;
	}

	#uploadingStatus(cname: string) {
		const byChance = this.#chance?.outcome(cname, ['backuped', 'stranded', 'unknown']);
		return byChance ?? this.recorderOptions.uploadingStatus;
	}

	#find(project: Project, { resourceId, sid, mode }: SessionPath): Session | undefined {
		return this.#live(project.vendor_key).find(
			({ hasRecorder, parameters }) =>
				hasRecorder &&
				parameters.sid === sid &&
				parameters.resourceId === resourceId &&
				parameters.mode === mode,
		);
	}

	#findForPost(action: Action, project: Project, path: SessionPath, body: Body): Session | Answer {
		const refusal = this.checks.refusalOf(action, path.mode, body);
		if (refusal) return refusal;
		const session = this.#find(project, path);
		if (!session) return noWorker(body);
		const { cname, uid } = session.parameters;
		if (cname !== body.cname || uid !== body.uid)
			return invalid('cname and uid must equal those of acquire');
		return session;
	}
}

const holdsUid = (cname: string, uid: string) => (session: Session) =>
	session.holdsUid && session.parameters.cname === cname && session.parameters.uid === uid;

const invalid = (reason: string) => serviceAnswer(400, 2, reason);

function noWorker(body?: Body): Answer {
	const who = body ? { cname: body.cname, uid: body.uid } : {};
	return serviceAnswer(404, 404, 'failed to find worker', who);
}

function identity({ parameters: { cname, uid, resourceId, sid } }: Session) {
	return { cname, uid, resourceId, sid };
}
