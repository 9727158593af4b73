export interface RequestEntry {
	/** When the request arrived, ISO 8601. */
	at: string;
	method: string;
	/** Path and query, without the parameters of a signature. */
	path: string;
	/** HTTP status of the response; null if none was sent (yet). */
	status: number | null;
}

const LIMIT = 10_000;

/** The latest requests, so that tests can check what was sent. */
export class RequestLog {
	#entries: RequestEntry[] = [];

	/** Adds a request. The caller sets `status` on the returned entry once it is known. */
	add(method: string, url: string): RequestEntry {
		const entry = {
			at: new Date().toISOString(),
			method,
			path: withoutSignature(url),
			status: null,
		};
		this.#entries.push(entry);
		if (this.#entries.length > LIMIT) this.#entries.shift();
		return entry;
	}

	all(): RequestEntry[] {
		return this.#entries.map((entry) => ({ ...entry }));
	}

	clear(): void {
		this.#entries = [];
	}
}

function withoutSignature(url: string): string {
	const [path = '', query] = url.split('?', 2);
	const kept = (query ?? '').split('&').filter((part) => part !== '' && !/^X-Amz-/i.test(part));
	return kept.length > 0 ? `${path}?${kept.join('&')}` : path;
}
