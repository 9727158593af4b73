import { request } from 'undici';
import agoraToken from 'agora-token';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

/* Answers are looked into by `expect`, which takes any shape. */
type JsonObject = Record<string, ReturnType<typeof JSON.parse>>;

export interface Answered {
	status: number;
	body: JsonObject;
}

/** Calls the Agora half of a sandbox the way any REST client would. */
export function agoraClient({ agora, agoraAccount: account, storage }: Sandbox) {
	const pair = `${account.customerId}:${account.customerSecret}`;
	const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
	const appPath = `/v1/apps/${account.appId}/cloud_recording`;

	/** Keeps to the rate limit by asking again when refused. */
	async function call(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string> = { authorization },
	): Promise<Answered> {
		const answer = await callOnce(method, path, body, headers);
		if (answer.status !== 429) return answer;
		await new Promise((resolve) => setTimeout(resolve, 150));
		return call(method, path, body, headers);
	}

	async function callOnce(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string> = { authorization },
	): Promise<Answered> {
		const response = await request(agora + path, {
			method,
			headers: {
				...headers,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		return { status: response.statusCode, body: (await response.body.json()) as Answered['body'] };
	}

	const storageConfig = (change: Record<string, unknown> = {}) => ({
		vendor: 11,
		region: 0,
		bucket: storage.bucket,
		accessKey: storage.accessKey,
		secretKey: storage.secretKey,
		fileNamePrefix: ['sandbox', 'tests'],
		extensionParams: { endpoint: new URL(storage.endpoint).host },
		...change,
	});

	const token = (cname: string, uid: string) =>
		agoraToken.RtcTokenBuilder.buildTokenWithUid(
			account.appId,
			account.appCertificate,
			cname,
			Number(uid),
			2,
			3600,
			3600,
		);

	/** A complete clientRequest for a channel recording; `change` goes on top. */
	const startRequest = (cname: string, uid: string, change: Record<string, unknown> = {}) => ({
		token: token(cname, uid),
		storageConfig: storageConfig(),
		recordingConfig: { channelType: 0, maxIdleTime: 5 },
		...change,
	});

	async function acquire(cname: string, uid = '527841', clientRequest: object = {}) {
		return call('POST', `${appPath}/acquire`, { cname, uid, clientRequest });
	}

	/** acquire and start in one go; returns a handle on the session. */
	async function record(
		cname: string,
		{
			mode = 'mix',
			uid = '527841',
			scene = 0,
			clientRequest = startRequest(cname, uid) as object,
		} = {},
	) {
		const acquired = await acquire(cname, uid, { scene });
		const resource = `${appPath}/resourceid/${acquired.body.resourceId}`;
		const start = () =>
			call('POST', `${resource}/mode/${mode}/start`, { cname, uid, clientRequest });
		const started = await start();
		const session = `${resource}/sid/${started.body.sid}/mode/${mode}`;
		const post = (verb: string, request: object = {}) =>
			call('POST', `${session}/${verb}`, { cname, uid, clientRequest: request });
		return {
			started,
			sid: started.body.sid as string,
			startAgain: start,
			query: () => call('GET', `${session}/query`),
			stop: (request?: object) => post('stop', request),
			update: (request: object) => post('update', request),
			updateLayout: (request: object) => post('updateLayout', request),
		};
	}

	return { call, callOnce, acquire, record, startRequest, storageConfig, token, appPath };
}

/**
 * Asks again until the answer is as wished.
 *
 * @throws after ten seconds, with the last answer
 */
export async function eventually<Result>(
	ask: () => Promise<Result>,
	wished: (result: Result) => boolean,
): Promise<Result> {
	const patience = Date.now() + 10_000;
	for (;;) {
		const result = await ask();
		if (wished(result)) return result;
		if (Date.now() > patience) throw new Error(`still ${JSON.stringify(result)}`);
		await new Promise((resolve) => setTimeout(resolve, 120));
	}
}
