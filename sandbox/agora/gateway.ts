import type { IncomingMessage } from 'node:http';
import type { Account, Project } from './account.ts';
import { gatewayAnswer, serviceAnswer, type Answer } from './answer.ts';
import type { ConsoleApi } from './consoleApi.ts';
import { notificationServers } from './notificationServers.ts';
import { RateLimit } from './rateLimit.ts';
import type { RecordingApi, SessionPath } from './recordingApi.ts';
import { MODES, type Mode } from './schema/requests.ts';

type Body = Parameters<RecordingApi['acquire']>[1];

const RECORDING = '/v1/apps/:appId/cloud_recording';
const RESOURCE = `${RECORDING}/resourceid/:resourceId`;
const SESSION = `${RESOURCE}/sid/:sid/mode/:mode`;

/** What stands before Agora's services: finds the route, checks who calls and how often. */
export class Gateway {
	readonly #account: Account;
	readonly #rateLimit = new RateLimit();
	readonly #console: ConsoleApi;
	readonly #recording: RecordingApi;
	readonly #unlimited: boolean;

	/** @param unlimited whether it takes any number of requests a second */
	constructor(
		account: Account,
		consoleApi: ConsoleApi,
		recordingApi: RecordingApi,
		unlimited = false,
	) {
		this.#account = account;
		this.#console = consoleApi;
		this.#recording = recordingApi;
		this.#unlimited = unlimited;
	}

	/** Answers a request as Agora would. */
	async answer(request: IncomingMessage, url: URL, text: string): Promise<Answer> {
		const route = this.#route(`${request.method} ${url.pathname}`);
		if (!route) return gatewayAnswer(404, 'no Route matched with those values');
		const { authorization } = request.headers;
		if (!authorization) return gatewayAnswer(401, 'Unauthorized');
		if (!this.#account.accepts(authorization))
			return gatewayAnswer(401, 'Invalid authentication credentials');
		if (!this.#unlimited && !this.#rateLimit.allows(route.limitedBy))
			return gatewayAnswer(429, 'API rate limit exceeded');
		return route.answer(url.searchParams, text, request.headers['content-type'] ?? '');
	}

	#route(target: string): Route | undefined {
		return this.#accountRoute(target) ?? this.#recordingRoute(target);
	}

	#accountRoute(target: string): Route | undefined {
		const api = this.#console;
		const post = (change: (body: Record<string, unknown>) => Answer): Route['answer'] => {
			return (_query, text, contentType) => {
				if (!contentType.startsWith('application/json'))
					return gatewayAnswer(415, 'Content-Type must be application/json');
				const body = parsed(text);
				return body ? change(body) : gatewayAnswer(400, 'the body is not a JSON object');
			};
		};
		const routes: Record<string, Route['answer']> = {
			'GET /dev/v1/projects': () => api.listProjects(),
			'GET /dev/v1/project': (query) => api.getProject(query),
			'POST /dev/v1/project': post((body) => api.createProject(body)),
			'POST /dev/v1/project_status': post((body) => api.setStatus(body)),
			'POST /dev/v1/signkey': post((body) => api.enableCertificate(body)),
			'POST /dev/v1/reset_signkey': post((body) => api.resetCertificate(body)),
			'GET /dev/v3/usage': (query) => api.getUsage(query),
			'GET /v1/ncs/ip': notificationServers,
			'GET /v2/ncs/ip': notificationServers,
		};
		const answer = routes[target];
		return answer && { limitedBy: target, answer };
	}

	#recordingRoute(target: string): Route | undefined {
		const api = this.#recording;
		const acquire = matched(target, `POST ${RECORDING}/acquire`);
		if (acquire) return this.#posted(acquire, (project, body) => api.acquire(project, body));
		const start = matched(target, `POST ${RESOURCE}/mode/:mode/start`);
		if (start) return this.#posted(start, (project, body) => api.start(project, start, body));
		const query = matched(target, `GET ${SESSION}/query`);
		if (query) return this.#ofApp(query, (project) => api.query(project, query));
		const update = matched(target, `POST ${SESSION}/update`);
		if (update) return this.#posted(update, (project, body) => api.update(project, update, body));
		const layout = matched(target, `POST ${SESSION}/updateLayout`);
		if (layout?.mode === 'mix')
			return this.#posted(layout, (project, body) => api.updateLayout(project, layout, body));
		const stop = matched(target, `POST ${SESSION}/stop`);
		if (stop) return this.#posted(stop, (project, body) => api.stop(project, stop, body));
		return undefined;
	}

	#posted(path: RecordingPath, act: (project: Project, body: Body) => Answer | Promise<Answer>) {
		return this.#ofApp(path, (project, text, contentType) => {
			if (!contentType.startsWith('application/json'))
				return serviceAnswer(400, 8, 'Content-Type must be application/json');
			const body = parsed(text);
			if (!body) return serviceAnswer(400, 8, 'the body is not a JSON object');
			return act(project, body as unknown as Body);
		});
	}

	#ofApp(
		{ appId }: RecordingPath,
		act: (project: Project, text: string, contentType: string) => Answer | Promise<Answer>,
	): Route {
		return {
			limitedBy: appId,
			answer: (_query, text, contentType) => {
				const project = this.#account.projectOfApp(appId);
				if (!project || project.status === 0) return gatewayAnswer(400, 'appid is invalid');
				return act(project, text, contentType);
			},
		};
	}
}

interface Route {
	/** What shares ten requests a second. */
	limitedBy: string;
	answer(query: URLSearchParams, text: string, contentType: string): Answer | Promise<Answer>;
}

type RecordingPath = SessionPath & { appId: string };

/** The named parts of a path such as `/apps/:appId`, or undefined when it does not fit. */
function matched(target: string, pattern: string): RecordingPath | undefined {
	const expression = pattern.replaceAll(/:(\w+)/g, (_, name: string) => `(?<${name}>[^/]+)`);
	const groups = new RegExp(`^${expression}$`).exec(target)?.groups;
	if (!groups || (groups.mode !== undefined && !MODES.includes(groups.mode as Mode)))
		return undefined;
	return groups as unknown as RecordingPath;
}

function parsed(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
		return isObject ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
