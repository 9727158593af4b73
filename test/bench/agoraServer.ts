/**
 * Agora's cloud recording for starting recordings, in a separate process so that its work is not measured: ten calls
 * a second for each App ID, with the sandbox's rate limit. It ignores credentials.
 */
import { randomBytes } from 'node:crypto';
import { RateLimit } from '../../sandbox/agora/rateLimit.ts';
import { sendJson, listenOnLoopback, readBody } from '../../sandbox/loopbackServer.ts';

/** Calls since the last reset. */
export interface CallCounts {
	calls: number;
	/** Those of `calls` that exceeded the rate limit. */
	refused: number;
}

const PATH =
	/^\/v1\/apps\/([^/]+)\/cloud_recording\/(?:acquire|resourceid\/([^/]+)\/mode\/mix\/start)$/;

const rateLimit = new RateLimit();
let counts: CallCounts = { calls: 0, refused: 0 };

const { origin } = await listenOnLoopback(0, async (request, response) => {
	const path = request.url ?? '/';
	if (path === '/-/counts') return sendJson(response, 200, counts);
	if (path === '/-/reset') {
		counts = { calls: 0, refused: 0 };
		return sendJson(response, 200, {});
	}
	const body = await readBody(request);
	const [, appId, resourceId = randomBytes(180).toString('base64url')] = PATH.exec(path) ?? [];
	if (appId === undefined) return sendJson(response, 404, { message: 'no Route matched' });
	counts.calls++;
	if (!rateLimit.allows(appId)) {
		counts.refused++;
		return sendJson(response, 429, { message: 'API rate limit exceeded' });
	}
	const { cname, uid } = JSON.parse(body) as { cname: string; uid: string };
	const sid = path.endsWith('/start') ? { sid: randomBytes(16).toString('hex') } : {};
	sendJson(response, 200, { cname, uid, resourceId, ...sid });
});

process.send?.({ origin });
process.on('disconnect', () => process.exit(0));
