import { request } from 'undici';

/** n8n's own REST API, the one its editor uses: paths below /rest, answers without the `data` wrapper. */
export interface RestApi {
	get<T>(path: string): Promise<T>;
	post<T>(path: string, body: unknown): Promise<T>;
	patch<T>(path: string, body: unknown): Promise<T>;
	/** Descriptions of all nodes that n8n has loaded. */
	nodeTypes<T>(): Promise<T[]>;
}

export interface Owner {
	email: string;
	firstName: string;
	lastName: string;
	password: string;
}

type Method = 'GET' | 'POST' | 'PATCH';

/**
 * Signs in as the instance's owner, and sets the owner up where there is none yet.
 *
 * @param url of n8n, without a slash at the end
 * @throws Error with n8n's answer, for example when the owner's password has been changed
 */
export async function signIn(url: string, owner: Owner): Promise<RestApi> {
	const settings = await send(url, 'GET', '/settings');
	const { userManagement } = settings.data as { userManagement: { showSetupOnFirstLoad: boolean } };
	const { cookie } = userManagement.showSetupOnFirstLoad
		? await send(url, 'POST', '/owner/setup', owner)
		: await send(url, 'POST', '/login', {
				emailOrLdapLoginId: owner.email,
				password: owner.password,
			});
	const call = async <T>(method: Method, path: string, body?: unknown) =>
		(await send(url, method, path, body, cookie)).data as T;
	return {
		get: (path) => call('GET', path),
		post: (path, body) => call('POST', path, body),
		patch: (path, body) => call('PATCH', path, body),
		async nodeTypes<T>() {
			const answer = await request(`${url}/types/nodes.json`, { headers: { cookie } });
			if (answer.statusCode !== 200) throw new Error(`n8n answered ${answer.statusCode}`);
			return (await answer.body.json()) as T[];
		},
	};
}

async function send(url: string, method: Method, path: string, body?: unknown, cookie?: string) {
	const answer = await request(`${url}/rest${path}`, {
		method,
		headers: {
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
			...(cookie === undefined ? {} : { cookie }),
		},
		body: body === undefined ? undefined : JSON.stringify(body),
		headersTimeout: 60_000,
	});
	const text = await answer.body.text();
	if (answer.statusCode >= 400) {
		throw new Error(
			`n8n answered ${answer.statusCode} to ${method} ${path}: ${text.slice(0, 500)}`,
		);
	}
	const { data } = JSON.parse(text) as { data: unknown };
	const cookies = [answer.headers['set-cookie'] ?? []].flat();
	return { data, cookie: cookies.map((line) => line.split(';')[0]).join('; ') };
}
