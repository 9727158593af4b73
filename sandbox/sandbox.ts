import type { IncomingMessage, ServerResponse } from 'node:http';
import { Account } from './agora/account.ts';
import { BanApi } from './agora/banApi.ts';
import { Bans } from './agora/bans.ts';
import { ChannelApi } from './agora/channelApi.ts';
import { Channels } from './agora/channels.ts';
import { Clock } from './agora/clock.ts';
import { ConsoleApi } from './agora/consoleApi.ts';
import { Gateway } from './agora/gateway.ts';
import { Notifications } from './agora/notifications.ts';
import { RecordingApi } from './agora/recordingApi.ts';
import type { AgoraOptions } from './agora/options.ts';
import type { Pace } from './agora/session.ts';
import { BUCKET_CREDENTIALS, startBucket } from './bucket/bucket.ts';
import { createControl, type Control } from './control.ts';
import { controlRoutes, type ControlRequest } from './controlApi.ts';
import { Faults } from './faults.ts';
import { Inbox } from './inbox.ts';
import { listenOnLoopback, readBody, sendResponse } from './loopbackServer.ts';
import { RequestLog } from './requestLog.ts';
import { createRouter, errorResponse, type ApiResponse } from './router.ts';

export interface SandboxOptions {
	/** The default, 0, is any free port. */
	agoraPort?: number;
	s3Port?: number;
	/** Where the bucket stores its objects. The default is a temporary folder, which is removed at stop. */
	folder?: string;
	/** Name of the made-up account, which determines its credentials. */
	account?: string;
	/** Replaces values of PACE. */
	pace?: Partial<Pace>;
	/** Replaces defaults of AGORA_OPTIONS; `control.setAgora` changes them later. */
	agora?: Partial<AgoraOptions>;
	/** Whether to accept any number of requests per second and of projects. */
	unlimited?: boolean;
	/** Receives a line for each request to Agora's APIs: method, path and status. */
	log?: (line: string) => void;
}

export interface Sandbox {
	/** Origin of Agora's APIs, `http://127.0.0.1:<port>`: the *API Host* of an Agora credential. */
	agora: string;
	/** Origin of the bucket's S3 API. */
	s3: string;
	/** URL of the inbox page. POST `<inbox>/messages` adds a message, GET lists them. */
	inbox: string;
	/** The account and its main project, whose App Certificate is enabled. */
	agoraAccount: {
		customerId: string;
		customerSecret: string;
		appId: string;
		appCertificate: string;
	};
	storage: {
		endpoint: string;
		bucket: string;
		accessKey: string;
		secretKey: string;
		region: string;
	};
	/** A second, empty bucket with the same credentials. */
	archiveBucket: string;
	control: Control;
	/** Resolves with a message when a part of the sandbox has stopped. */
	ended: Promise<string>;
	stop(): Promise<void>;
}

/** Real time, with short calls and slices, so that the first files are available soon. */
const PACE: Pace = {
	speed: 1,
	sliceSeconds: 2,
	startSeconds: 2,
	callSeconds: 24,
	exitSeconds: 1,
};

const BUCKET = 'recordings';
const ARCHIVE_BUCKET = 'archive';
const HOST_UID = '1001';

/**
 * Starts Agora's APIs and a bucket, which only this machine can reach.
 *
 * @throws when a port is in use
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const pace = { ...PACE, ...options.pace };
	const { agoraPort = 0, s3Port = 0, folder, unlimited = false } = options;
	const bucket = await startBucket([BUCKET, ARCHIVE_BUCKET], { port: s3Port, folder });

	const account = new Account(options.account ?? '');
	const clock = new Clock(pace.speed);
	const bans = new Bans();
	const notifications = new Notifications(clock);
	const defaultPlan = { uids: [HOST_UID], audience: [], seconds: pace.callSeconds };
	const channels = new Channels(clock, defaultPlan, {
		bans,
		sendEvent: (appId, eventType, payload) =>
			notifications.send({ appId, product: 'channel' }, eventType, payload),
	});
	const recordingApi = new RecordingApi(clock, channels, pace, (session, eventType, payload) =>
		notifications.send({ ...session, product: 'recording' }, eventType, payload),
	);
	const consoleApi = new ConsoleApi(account, unlimited);
	const gateway = new Gateway(
		account,
		[consoleApi, recordingApi, new ChannelApi(channels), new BanApi(account, bans)],
		unlimited,
	);
	const inbox = new Inbox();
	const faults = new Faults();
	const log = new RequestLog();
	const storage = {
		endpoint: bucket.origin,
		bucket: BUCKET,
		...BUCKET_CREDENTIALS,
		region: 'us-east-1',
	};
	const control = createControl({
		account,
		inbox,
		agoraOptions: options.agora ?? {},
		faults,
		log,
		bucket,
		channels,
		bans,
		notifications,
		recordingApi,
		consoleApi,
		storage,
	});
	const router = createRouter<ControlRequest>({ ...controlRoutes(control), ...inbox.routes });

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? '/', 'http://127.0.0.1');
		const text = await readBody(request);
		if (/^\/(sandbox|inbox)(\/|$)/.test(url.pathname))
			sendResponse(response, await respond(request.method ?? '', url, text));
		else await respondAsAgora(request, response, url, text);
	}

	async function respond(method: string, url: URL, text: string): Promise<ApiResponse> {
		const route = router(method, url);
		if (!route) return errorResponse(404, 'no such route');
		const body: unknown = text === '' ? undefined : JSON.parse(text);
		return route.handler({ params: route.params, query: url.searchParams, body });
	}

	async function respondAsAgora(
		request: IncomingMessage,
		response: ServerResponse,
		url: URL,
		text: string,
	): Promise<void> {
		const entry = log.add(request.method ?? '', request.url ?? '');
		const fault = faults.take(entry.method, entry.path);
		const takesEffect = !fault || fault.when === 'after';
		const actual = takesEffect ? await gateway.respond(request, url, text) : null;
		const sent = fault?.response ?? actual;
		if (sent === 'drop' || sent === 'cut') response.destroy();
		if (typeof sent === 'string' || sent === null) return;
		entry.status = sent.status;
		options.log?.(`${entry.method} ${url.pathname} ${sent.status}`);
		sendResponse(response, { ...sent, body: sent.body ?? {} });
	}

	try {
		const server = await listenOnLoopback(agoraPort, handle);
		const { customerId, customerSecret, mainProject } = account;
		return {
			agora: server.origin,
			s3: bucket.origin,
			inbox: `${server.origin}/inbox`,
			agoraAccount: {
				customerId,
				customerSecret,
				appId: mainProject.vendor_key,
				appCertificate: mainProject.certificate,
			},
			storage,
			archiveBucket: ARCHIVE_BUCKET,
			control,
			ended: bucket.ended.then(() => "The sandbox's bucket stopped"),
			async stop() {
				for (const session of recordingApi.sessions) session.abandon('sandbox stopped');
				channels.reset();
				await notifications.stop();
				await server.close();
				// Before waiting for the sessions, because an upload may hang.
				await bucket.stop();
				await Promise.all(recordingApi.sessions.map((session) => session.complete));
			},
		};
	} catch (error) {
		await bucket.stop();
		throw error;
	}
}
