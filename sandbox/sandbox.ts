import type { IncomingMessage, ServerResponse } from 'node:http';
import { Account } from './agora/account.ts';
import { Channels } from './agora/channels.ts';
import { Clock } from './agora/clock.ts';
import { ConsoleApi } from './agora/consoleApi.ts';
import { Gateway } from './agora/gateway.ts';
import { RecordingApi } from './agora/recordingApi.ts';
import type { AgoraOptions } from './agora/options.ts';
import type { Pace } from './agora/session.ts';
import { BUCKET_KEYS, startBucket } from './bucket/bucket.ts';
import { controlOf, type Control } from './control.ts';
import { answerControl } from './controlApi.ts';
import { Faults } from './faults.ts';
import { Inbox, INBOX_PAGE } from './inbox.ts';
import { answerJson, listenOnLoopback, readBody } from './loopbackServer.ts';
import { RequestLog } from './requestLog.ts';

export interface SandboxOptions {
	/** 0, the default, for any free port. */
	agoraPort?: number;
	s3Port?: number;
	/** Where the bucket keeps its objects; a temporary folder, removed at stop, when left out. */
	folder?: string;
	/** Name of the made-up account; the same name gives the same keys at every start. */
	account?: string;
	/** See PACE for what holds when left out. */
	pace?: Partial<Pace>;
	/** What is left out is as usual (agora/options.ts); `control.setAgora` changes it. */
	agora?: Partial<AgoraOptions>;
	/** No limits to requests a second and to projects: as many accounts as there are callers. */
	unlimited?: boolean;
	/** Told each request to the Agora half: method, path and status. */
	log?: (line: string) => void;
}

export interface Sandbox {
	/** Origin of Agora's APIs, `http://127.0.0.1:<port>`: the *API Host* of an Agora credential. */
	agora: string;
	/** Origin of the bucket's S3 API. */
	s3: string;
	/** A page to open; POST `<inbox>/messages` adds a message, GET lists them. */
	inbox: string;
	/** The account and its first project, whose App Certificate is enabled. */
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
	/** A second, empty bucket with the same keys. */
	archiveBucket: string;
	control: Control;
	/** Resolves with a sentence when a part of the sandbox has ended, asked to or not. */
	ended: Promise<string>;
	stop(): Promise<void>;
}

/** About as in life, with short calls and short slices: nobody waits long for a first file. */
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
 * Starts Agora and a bucket on this machine, reachable from this machine only.
 *
 * @throws when a port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const pace = { ...PACE, ...options.pace };
	const { agoraPort = 0, s3Port = 0, folder, unlimited = false } = options;
	const bucket = await startBucket([BUCKET, ARCHIVE_BUCKET], { port: s3Port, folder });

	const account = new Account(options.account ?? '');
	const clock = new Clock(pace.speed);
	const channels = new Channels(clock, { uids: [HOST_UID], seconds: pace.callSeconds });
	const recording = new RecordingApi(clock, channels, pace);
	const consoleApi = new ConsoleApi(account, unlimited);
	const gateway = new Gateway(account, consoleApi, recording, unlimited);
	const inbox = new Inbox();
	const faults = new Faults();
	const log = new RequestLog();
	const storage = {
		endpoint: bucket.origin,
		bucket: BUCKET,
		...BUCKET_KEYS,
		region: 'us-east-1',
	};
	const parts = { account, inbox, faults, log, bucket, channels, recording, consoleApi, storage };
	const control = controlOf({ ...parts, agora: options.agora ?? {} });

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? '/', 'http://127.0.0.1');
		const text = await readBody(request);
		const method = request.method ?? 'GET';
		if (url.pathname.startsWith('/sandbox/')) {
			const { status, body } = await answerControl(control, method, url, text);
			return answerJson(response, status, body);
		}
		if (url.pathname === '/inbox' || url.pathname.startsWith('/inbox/'))
			return answerInbox(inbox, method, url, text, response);
		await answerAgora(request, response, url, text);
	}

	async function answerAgora(
		request: IncomingMessage,
		response: ServerResponse,
		url: URL,
		text: string,
	): Promise<void> {
		const entry = log.add(request.method ?? '', request.url ?? '');
		const fault = faults.take(entry.method, entry.path);
		const own = !fault || fault.when === 'after' ? await gateway.answer(request, url, text) : null;
		const answer = fault?.answer ?? own;
		if (answer === 'drop' || answer === 'cut') response.destroy();
		if (typeof answer === 'string' || answer === null) return;
		entry.status = answer.status;
		options.log?.(`${entry.method} ${url.pathname} ${answer.status}`);
		const headers = 'headers' in answer ? answer.headers : {};
		answerJson(response, answer.status, answer.body ?? {}, headers);
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
			ended: bucket.ended.then(() => "the sandbox's bucket ended"),
			async stop() {
				for (const session of recording.sessions) session.abandon('sandbox stopped');
				await server.close();
				// Before the sessions are waited for: one may hang in an upload.
				await bucket.stop();
				await Promise.all(recording.sessions.map((session) => session.complete));
			},
		};
	} catch (error) {
		await bucket.stop();
		throw error;
	}
}

function answerInbox(
	inbox: Inbox,
	method: string,
	url: URL,
	text: string,
	response: ServerResponse,
): void {
	if (url.pathname === '/inbox') {
		response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
		response.end(INBOX_PAGE);
	} else if (url.pathname === '/inbox/messages' && method === 'POST') {
		try {
			answerJson(response, 201, inbox.add(JSON.parse(text)));
		} catch (error) {
			answerJson(response, 400, { message: (error as Error).message });
		}
	} else if (url.pathname === '/inbox/messages' && method === 'GET') {
		answerJson(response, 200, inbox.list());
	} else {
		answerJson(response, 404, { message: 'no such page' });
	}
}
