import { request } from 'undici';
import agoraToken from 'agora-token';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

export interface ApiResponse {
	status: number;
	/** Any JSON object, because tests check its shape. */
	body: Record<string, ReturnType<typeof JSON.parse>>;
}

/** A REST client for the Agora APIs of a sandbox. */
export function agoraClient({ agora, agoraAccount: account, storage }: Sandbox) {
	const credentials = Buffer.from(`${account.customerId}:${account.customerSecret}`);
	const authorization = `Basic ${credentials.toString('base64')}`;
	const appPath = `/v1/apps/${account.appId}/cloud_recording`;

	/** Sends a request, and sends it again while the rate limit is exceeded. */
	async function call(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string> = { authorization },
	): Promise<ApiResponse> {
		const response = await callOnce(method, path, body, headers);
		if (response.status !== 429) return response;
		await new Promise((resolve) => setTimeout(resolve, 150));
		return call(method, path, body, headers);
	}

	async function callOnce(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string> = { authorization },
	): Promise<ApiResponse> {
		const response = await request(agora + path, {
			method,
			headers: {
				...headers,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		return {
			status: response.statusCode,
			body: (await response.body.json()) as ApiResponse['body'],
		};
	}

	const storageConfig = (changes: Record<string, unknown> = {}) => ({
		vendor: 11,
		region: 0,
		bucket: storage.bucket,
		accessKey: storage.accessKey,
		secretKey: storage.secretKey,
		fileNamePrefix: ['sandbox', 'tests'],
		extensionParams: { endpoint: new URL(storage.endpoint).host },
		...changes,
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

	/** A complete `clientRequest` for the recording of a channel, with `changes` applied. */
	const startRequest = (cname: string, uid: string, changes: Record<string, unknown> = {}) => ({
		token: token(cname, uid),
		storageConfig: storageConfig(),
		recordingConfig: { channelType: 0, maxIdleTime: 5 },
		...changes,
	});

	async function acquire(cname: string, uid = '527841', clientRequest: object = {}) {
		return call('POST', `${appPath}/acquire`, { cname, uid, clientRequest });
	}

	/** Sends acquire and start, and returns functions for the session's other requests. */
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
		const post = (action: string, changes: object = {}) =>
			call('POST', `${session}/${action}`, { cname, uid, clientRequest: changes });
		return {
			started,
			sid: started.body.sid as string,
			startAgain: start,
			query: () => call('GET', `${session}/query`),
			stop: (options?: object) => post('stop', options),
			update: (changes: object) => post('update', changes),
			updateLayout: (layout: object) => post('updateLayout', layout),
		};
	}

	/** Like `record`, for a channel without users: the recording does not end by itself during the test. */
	async function recordEmpty(cname: string) {
		const recordingConfig = { channelType: 0, maxIdleTime: 3600 };
		return record(cname, { clientRequest: startRequest(cname, '527841', { recordingConfig }) });
	}

	return {
		call,
		callOnce,
		acquire,
		record,
		recordEmpty,
		startRequest,
		storageConfig,
		token,
		appPath,
	};
}

/** A session, as `record` returns it. */
export type RecordingSession = Awaited<ReturnType<ReturnType<typeof agoraClient>['record']>>;

/** Resolves with the response of query once the session has this status. */
export const untilStatus = ({ query }: RecordingSession, status: number) =>
	eventually(query, ({ body }) => body.serverResponse?.status === status);

/**
 * Calls a function again until its result is as expected.
 *
 * @throws after ten seconds, with the last result
 */
export async function eventually<Result>(
	read: () => Promise<Result>,
	isExpected: (result: Result) => boolean,
): Promise<Result> {
	const deadline = Date.now() + 10_000;
	for (;;) {
		const result = await read();
		if (isExpected(result)) return result;
		if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(result)}`);
		await new Promise((resolve) => setTimeout(resolve, 120));
	}
}
