import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** Node publishes each request of its HTTP client on this channel. */
const CHANNEL = 'http.client.request.start';

const KINDS = ['LIST', 'GET', 'PUT', 'HEAD', 'other'] as const;
type Kind = (typeof KINDS)[number];

/** Parameters of S3's listings; the URL of an object has none of them. */
const LIST_PARAMETERS = ['list-type', 'delimiter', 'prefix', 'marker', 'max-keys'];

/**
 * Counts the requests that n8n sends to a server, by kind. It observes this process instead of being a proxy, so
 * that host, port and path are those that were signed, also with HTTPS. Only counts requests during `during`.
 */
export class RequestCount {
	private readonly host: string;
	private readonly counts = new Map<string, Map<Kind, number>>();

	constructor(endpoint: string) {
		this.host = new URL(endpoint).host;
	}

	/** Counts the requests of `work` for a check. */
	async during<Result>(check: string, work: () => Promise<Result>): Promise<Result> {
		const counts = this.counts.get(check) ?? new Map<Kind, number>();
		this.counts.set(check, counts);
		const count = (message: unknown) => {
			const { request } = message as { request: ClientRequest };
			const host = String(request.getHeader('host'));
			if (host !== this.host && !host.endsWith(`.${this.host}`)) return;
			const kind = kindOf(request);
			counts.set(kind, (counts.get(kind) ?? 0) + 1);
		};
		subscribe(CHANNEL, count);
		try {
			return await work();
		} finally {
			unsubscribe(CHANNEL, count);
		}
	}

	/** @returns for example `2 LIST 3 GET`; '' for none */
	of(check: string): string {
		const counts = this.counts.get(check) ?? new Map<Kind, number>();
		return KINDS.filter((kind) => counts.has(kind))
			.map((kind) => `${counts.get(kind)} ${kind}`)
			.join(' ');
	}
}

function kindOf({ method, path }: ClientRequest): Kind {
	if (method === 'PUT' || method === 'HEAD') return method;
	if (method !== 'GET') return 'other';
	const query = new URL(path, 'http://localhost').searchParams;
	return LIST_PARAMETERS.some((name) => query.has(name)) ? 'LIST' : 'GET';
}
