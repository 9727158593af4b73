import { request } from 'undici';

/** The REST API of n8n's editor: paths below /rest, responses without their `data` wrapper. */
export interface RestApi {
	get<T>(path: string): Promise<T>;
	post<T>(path: string, body: unknown): Promise<T>;
	patch<T>(path: string, body: unknown): Promise<T>;
	/** Descriptions of all nodes that n8n has loaded. */
	nodeTypes<T>(): Promise<T[]>;
	/** Descriptions of all credentials that n8n has loaded. */
	credentialTypes<T>(): Promise<T[]>;
}

export interface Owner {
	email: string;
	firstName: string;
	lastName: string;
	password: string;
}

/**
 * Signs in as the instance's owner, after setting up the owner account if there is none.
 *
 * @param url URL of n8n, without a trailing slash
 * @throws Error with n8n's response, for example if the owner's password has been changed
 */
export async function signIn(url: string, owner: Owner): Promise<RestApi> {
	const settings = await send(`${url}/rest/settings`);
	const { userManagement } = settings.json.data as {
		userManagement: { showSetupOnFirstLoad: boolean };
	};
	const { email: emailOrLdapLoginId, password } = owner;
	const { cookie } = userManagement.showSetupOnFirstLoad
		? await send(`${url}/rest/owner/setup`, { method: 'POST', body: owner })
		: await send(`${url}/rest/login`, { method: 'POST', body: { emailOrLdapLoginId, password } });
	const call = async <T>(path: string, options: Options = {}) =>
		(await send(`${url}/rest${path}`, { ...options, cookie })).json.data as T;
	const types = async <T>(file: string) =>
		(await send(`${url}/types/${file}.json`, { cookie })).json as unknown as T[];
	return {
		get: (path) => call(path),
		post: (path, body) => call(path, { method: 'POST', body }),
		patch: (path, body) => call(path, { method: 'PATCH', body }),
		nodeTypes: () => types('nodes'),
		credentialTypes: () => types('credentials'),
	};
}

interface Options {
	method?: 'GET' | 'POST' | 'PATCH';
	body?: unknown;
	cookie?: string;
}

async function send(url: string, { method = 'GET', body, cookie }: Options = {}) {
	const response = await request(url, {
		method,
		headers: {
			...(body !== undefined && { 'content-type': 'application/json' }),
			...(cookie !== undefined && { cookie }),
		},
		body: body === undefined ? undefined : JSON.stringify(body),
		headersTimeout: 60_000,
		// n8n closes idle connections after five seconds, maybe just when a busy machine reuses one.
		reset: true,
	});
	const text = await response.body.text();
	const { statusCode: status } = response;
	if (status >= 400)
		throw new Error(`n8n responded to ${method} ${url} with ${status}: ${text.slice(0, 500)}`);
	const cookies = [response.headers['set-cookie'] ?? []].flat();
	return {
		json: JSON.parse(text) as { data: unknown },
		cookie: cookies.map((line) => line.split(';')[0]).join('; '),
	};
}
