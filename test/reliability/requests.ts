export type Service = 'agora' | 'bucket';

/** How to recognize a request to a service; the path includes the query. */
const to = (service: Service) => (method: string, path: RegExp) => ({ service, method, path });
const agora = to('agora');
const bucket = to('bucket');

/** Every kind of request that is told apart when a fault is injected into it. */
export const REQUESTS = {
	// Agora's console API.
	projects: agora('GET', /^\/dev\/v1\/projects$/),
	usage: agora('GET', /^\/dev\/v3\/usage/),
	'change project': agora('POST', /^\/dev\/v1\/(?:project_status|signkey)$/),
	'create project': agora('POST', /^\/dev\/v1\/project$/),
	'reset certificate': agora('POST', /^\/dev\/v1\/reset_signkey$/),
	// Agora's channel management API.
	channels: agora('GET', /^\/dev\/v1\/channel\/[^/]+$/),
	'channel users': agora('GET', /^\/dev\/v1\/channel\/user\/[^/]+\/[^/]+$/),
	'user status': agora('GET', /^\/dev\/v1\/channel\/user\/property\//),
	bans: agora('GET', /^\/dev\/v1\/kicking-rule\?/),
	'create ban': agora('POST', /^\/dev\/v1\/kicking-rule$/),
	'update ban': agora('PUT', /^\/dev\/v1\/kicking-rule$/),
	'delete ban': agora('DELETE', /^\/dev\/v1\/kicking-rule$/),
	// Agora's cloud recording API.
	acquire: agora('POST', /\/acquire$/),
	start: agora('POST', /\/start$/),
	query: agora('GET', /\/query$/),
	/** The query with which Start waits for the recording to run. */
	wait: agora('GET', /\/query$/),
	'change recording': agora('POST', /\/(?:update|updateLayout)$/),
	stop: agora('POST', /\/stop$/),
	// The bucket.
	listing: bucket('GET', /^(?!.*delimiter).*list-type=2/),
	'folded listing': bucket('GET', /^(?=.*delimiter).*list-type=2/),
	playlist: bucket('GET', /\.m3u8(?:\?|$)/),
	'session record': bucket('GET', /\.session\.json(?:\?|$)/),
	'session index': bucket('GET', /\/_sessions\/by-sid\//),
	file: bucket('GET', /\.mp4(?:\?|$)/),
	'write check': bucket('PUT', /\/_sessions\/write-check/),
	'write record': bucket('PUT', /\.session\.json$/),
	'write sid index': bucket('PUT', /\/_sessions\/by-sid\//),
	/** When the response to a start was lost. */
	'write unanswered': bucket('PUT', /\/_sessions\/unanswered\//),
	'write channel index': bucket('PUT', /\/_sessions\/by-channel\//),
};

export type RequestKind = keyof typeof REQUESTS;

export function isKind(kind: RequestKind, request: { method: string; path: string }): boolean {
	const { method, path } = REQUESTS[kind];
	return request.method === method && path.test(request.path);
}

/** Also the channel management API, whose gateway responds in the same way. */
export function isConsoleApi(kind: RequestKind): boolean {
	return /project|usage|certificate|channels|channel users|user status|\bbans?\b/.test(kind);
}

export function isListing(kind: RequestKind): boolean {
	return kind === 'listing' || kind === 'folded listing';
}

export function isWrite(kind: RequestKind): boolean {
	return kind !== 'write check' && kind.startsWith('write');
}
