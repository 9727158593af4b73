/**
 * As much of Agora's cloud recording as starting and asking takes, in a process of its own so that its work
 * is not counted: ten calls a second for each App ID, as the sandbox counts them. Nobody's keys are checked.
 */
import { randomBytes } from 'node:crypto';
import { RateLimit } from '../../../sandbox/agora/rateLimit.ts';
import { sendJson, listenOnLoopback, readBody } from '../../../sandbox/loopbackServer.ts';

/** What was asked since the counters were set to nought. */
export interface AgoraCounts {
	calls: number;
	/** Of them: refused for their rate. */
	refused: number;
}

const PATH =
	/^\/v1\/apps\/([^/]+)\/cloud_recording\/(?:acquire|resourceid\/([^/]+)\/(?:sid\/([^/]+)\/)?mode\/mix\/\w+)$/;

const rateLimit = new RateLimit();
let counts: AgoraCounts = { calls: 0, refused: 0 };

const { origin } = await listenOnLoopback(0, async (request, response) => {
	const path = request.url ?? '/';
	if (path === '/-/counts') return sendJson(response, 200, counts);
	if (path === '/-/reset') {
		counts = { calls: 0, refused: 0 };
		return sendJson(response, 200, {});
	}
	const text = await readBody(request);
	const [, appId, resourceId = randomBytes(180).toString('base64url'), sid] = PATH.exec(path) ?? [];
	if (appId === undefined) return sendJson(response, 404, { message: 'no Route matched' });
	counts.calls++;
	if (!rateLimit.allows(appId)) {
		counts.refused++;
		return sendJson(response, 429, { message: 'API rate limit exceeded' });
	}
	if (request.method === 'GET') return sendJson(response, 200, running(resourceId, sid!));
	const { cname, uid } = JSON.parse(text) as { cname: string; uid: string };
	const started = path.endsWith('/start') ? { sid: randomBytes(16).toString('hex') } : {};
	sendJson(response, 200, { cname, uid, resourceId, ...started });
});

/** A composite recording's answer to `query`. */
function running(resourceId: string, sid: string) {
	const fileName = `recordings/${sid}_class.m3u8`;
	const file = { fileName, trackType: 'audio_and_video', uid: '0', mixedAllUser: true };
	return {
		cname: 'class',
		uid: '527841',
		resourceId,
		sid,
		serverResponse: {
			status: 5,
			fileListMode: 'json',
			fileList: [{ ...file, isPlayable: true, sliceStartTime: 1_764_000_000_000 }],
			sliceStartTime: 1_764_000_000_000,
		},
	};
}

process.send?.({ origin });
process.on('disconnect', () => process.exit(0));
