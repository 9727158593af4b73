import type { IncomingMessage } from 'node:http';
import {
	createRouter,
	errorResponse,
	parseObject,
	type ApiResponse,
	type Router,
	type Routes,
} from '../router.ts';
import type { Account, Project } from './account.ts';
import { RateLimit } from './rateLimit.ts';

/** An authorized request, as the handlers of Agora's APIs receive it. */
export interface AgoraRequest {
	/** The named parts of the path. */
	params: Record<string, string>;
	query: URLSearchParams;
	/** The JSON body; empty for a GET request. */
	body: Record<string, unknown>;
}

/** A request whose path has an `:appId`, which is that of an enabled project. */
export interface AppRequest extends AgoraRequest {
	project: Project;
}

/** One of Agora's APIs. */
export interface AgoraApi {
	routes: Routes<AppRequest>;
	/** How this API reports a body that isn't a JSON object. */
	bodyError(status: number, message: string): ApiResponse;
}

/** Agora's API gateway: finds the route, then checks the credentials, the rate limit, the App ID and the body. */
export class Gateway {
	readonly #account: Account;
	readonly #apis: Array<{ api: AgoraApi; router: Router<AppRequest> }>;
	readonly #rateLimit: RateLimit | null;

	/** @param unlimited whether to accept any number of requests per second */
	constructor(account: Account, apis: AgoraApi[], unlimited = false) {
		this.#account = account;
		this.#apis = apis.map((api) => ({ api, router: createRouter(api.routes) }));
		this.#rateLimit = unlimited ? null : new RateLimit();
	}

	/** Responds to a request as Agora would. */
	async respond(request: IncomingMessage, url: URL, text: string): Promise<ApiResponse> {
		const { method = '', headers } = request;
		const route = this.#findRoute(method, url);
		if (!route) return errorResponse(404, 'no Route matched with those values');
		if (!headers.authorization) return errorResponse(401, 'Unauthorized');
		if (!this.#account.isAuthorized(headers.authorization))
			return errorResponse(401, 'Invalid authentication credentials');

		const { api, handler, params } = route;
		const { appId } = params;
		if (this.#rateLimit?.allows(appId ?? `${method} ${url.pathname}`) === false)
			return errorResponse(429, 'API rate limit exceeded');
		const project = appId === undefined ? undefined : this.#account.findProject(appId);
		if (appId !== undefined && project?.status !== 1) return errorResponse(400, 'appid is invalid');

		const isJson = headers['content-type']?.startsWith('application/json');
		const hasBody = method !== 'GET';
		if (hasBody && !isJson) return api.bodyError(415, 'Content-Type must be application/json');
		const body = hasBody ? parseObject(text) : {};
		if (!body) return api.bodyError(400, 'the body is not a JSON object');
		// Only routes with an :appId have an AppRequest, and for these the project was found.
		return handler({ params, query: url.searchParams, body, project: project as Project });
	}

	#findRoute(method: string, url: URL) {
		for (const { api, router } of this.#apis) {
			const match = router(method, url);
			if (match) return { api, ...match };
		}
		return undefined;
	}
}
