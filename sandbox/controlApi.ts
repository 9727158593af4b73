import type { ChannelPlan } from './agora/channels.ts';
import type { NotificationProduct, NotificationSettings } from './agora/notifications.ts';
import type { AgoraOptions } from './agora/options.ts';
import type { Control, Service } from './control.ts';
import type { ExternalRecording } from './externalRecording.ts';
import type { Fault } from './faults.ts';
import type { RecorderOptions } from './recorder/options.ts';
import { errorResponse, type ApiResponse, type Routes } from './router.ts';

export interface ControlRequest {
	params: Record<string, string>;
	query: URLSearchParams;
	/** The parsed JSON body, undefined if there is none. */
	body: unknown;
}

const ok = (body: unknown = { ok: true }): ApiResponse => ({ status: 200, body });

const serviceOf = (query: URLSearchParams): Service => (query.get('on') === 's3' ? 's3' : 'agora');

/** The HTTP API of `Control`, for curl and for tests in other processes. */
export const controlRoutes = (control: Control): Routes<ControlRequest> => ({
	'POST /sandbox/faults': async ({ query, body }) => {
		const { on = serviceOf(query), ...fault } = body as Fault & { on?: Service };
		if (!fault.path || !fault.response) return errorResponse(400, 'path and response are required');
		await control.fail(on, fault);
		return ok();
	},
	'DELETE /sandbox/faults': async () => {
		await control.clearFaults();
		return ok();
	},
	'GET /sandbox/requests': async ({ query }) => {
		const on = serviceOf(query);
		return ok({
			requests: await control.requests(on),
			counts: await control.requestCounts(on),
		});
	},
	'DELETE /sandbox/requests': async () => {
		await control.clearRequests();
		return ok();
	},
	'GET /sandbox/rejections': () => ok({ rejections: control.rejections() }),
	'GET /sandbox/unknown-keys': () => ok({ unknownKeys: control.unknownKeys() }),
	'PUT /sandbox/channels/:cname': ({ params, body }) => {
		const { appId, ...plan } = body as Partial<ChannelPlan> & { appId?: string };
		const { uids, seconds = null } = plan;
		if (!Array.isArray(uids)) return errorResponse(400, 'uids must be an array');
		const audience = plan.audience?.map(String);
		control.setChannel(
			params.cname!,
			{ ...plan, uids: uids.map(String), audience, seconds },
			appId,
		);
		return ok();
	},
	'GET /sandbox/bans': ({ query }) => ok({ bans: control.bans(query.get('appId') ?? undefined) }),
	'PUT /sandbox/notifications': ({ body }) => {
		const settings = body as NotificationSettings | null;
		if (settings && !(settings.product && settings.url && settings.secret))
			return errorResponse(400, 'product, url and secret are required');
		control.setNotifications(settings);
		return ok();
	},
	'GET /sandbox/notifications': () => ok({ notifications: control.notifications() }),
	'POST /sandbox/notifications/:product(channel|recording)/check': async ({ params }) =>
		ok({ events: await control.checkNotifications(params.product as NotificationProduct) }),
	'PUT /sandbox/agora': ({ body }) => {
		control.setAgora(body as Partial<AgoraOptions>);
		return ok();
	},
	'PUT /sandbox/recorder': ({ body }) => {
		control.setRecorder(body as Partial<RecorderOptions>);
		return ok();
	},
	'POST /sandbox/recordings': ({ body }) =>
		ok(control.startExternalRecording(body as ExternalRecording)),
	'GET /sandbox/sessions': () => ok({ sessions: control.sessions() }),
	'POST /sandbox/sessions/:sid/stop': async ({ params }) => {
		await control.stop(params.sid!);
		return ok();
	},
	'POST /sandbox/sessions/:sid/files': async ({ params, body }) => {
		const { suffix, content } = body as { suffix: string; content?: string };
		return ok({ key: await control.addFile(params.sid!, suffix, content) });
	},
	'POST /sandbox/sessions/:sid/crash': async ({ params }) => {
		await control.crash(params.sid!);
		return ok();
	},
	'POST /sandbox/sessions/:sid/failover': ({ params }) => {
		control.failOver(params.sid!);
		return ok();
	},
	'POST /sandbox/reset': async () => {
		await control.reset();
		return ok();
	},
});
