/** The response of an API. The body is sent as JSON, unless the headers say that it is HTML. */
export interface ApiResponse {
	status: number;
	body: unknown;
	headers?: Record<string, string>;
}

export type Handler<Request> = (request: Request) => ApiResponse | Promise<ApiResponse>;

/**
 * The routes of an API: a method and a path in the syntax of URLPattern, such as `GET /dev/v1/projects` or
 * `POST /apps/:appId/mode/:mode(mix|web)/start`, with the function that handles it.
 */
export type Routes<Request> = Record<string, Handler<Request>>;

export interface Match<Request> {
	handler: Handler<Request>;
	/** The named parts of the path, decoded. */
	params: Record<string, string>;
}

/** Finds the route of a request; undefined when no route has its method and path. */
export type Router<Request> = (method: string, url: URL) => Match<Request> | undefined;

export function createRouter<Request>(routes: Routes<Request>): Router<Request> {
	const table = Object.entries(routes).map(([route, handler]) => {
		const [method, pathname] = route.split(' ');
		return { method, pattern: new URLPattern({ pathname }), handler };
	});
	return (method, url) => {
		for (const { handler, pattern, ...route } of table) {
			const groups = route.method === method ? pattern.exec(url)?.pathname.groups : undefined;
			if (groups) return { handler, params: decoded(groups) };
		}
		return undefined;
	};
}

function decoded(groups: Record<string, string | undefined>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(groups).map(([name, value = '']) => [name, decodeURIComponent(value)]),
	);
}

/** An error as Agora's API gateway reports it. */
export const errorResponse = (status: number, message: string): ApiResponse => ({
	status,
	body: { message },
});

/** Parses a JSON object; undefined for anything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
		return isObject ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
