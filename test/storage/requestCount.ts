import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** Node reports here each request that its HTTP client begins to send. */
const CHANNEL = 'http.client.request.start';

const KINDS = ['LIST', 'GET', 'PUT', 'HEAD', 'other'] as const;
type Kind = (typeof KINDS)[number];

/** Parameters of S3's listings; the address of an object has none of them. */
const LISTS = ['list-type', 'delimiter', 'prefix', 'marker', 'max-keys'];

/**
 * Counts the requests that n8n sends to a server, by what they are for. It watches this process rather than
 * stand in the way, so that Host, port and path are those that were signed, also with HTTPS. What is seeded and
 * checked is not counted as long as it is done between two of `during`.
 */
export class RequestCount {
	private readonly host: string;
	private readonly counts = new Map<string, Map<Kind, number>>();

	constructor(endpoint: string) {
		this.host = new URL(endpoint).host;
	}

	/** Counts for a check what is sent while something is done. */
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

	/** @returns such as `2 LIST 3 GET`; '' for none */
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
	return LISTS.some((name) => query.has(name)) ? 'LIST' : 'GET';
}
