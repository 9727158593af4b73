export interface RequestEntry {
	/** ISO 8601, when the request came. */
	at: string;
	method: string;
	/** Path and query, without the parts that carry a signature. */
	path: string;
	/** HTTP status of the answer, null when there was none (yet). */
	status: number | null;
}

const LIMIT = 10_000;

/** The latest requests, so that a test can tell what was really sent. */
export class RequestLog {
	#entries: RequestEntry[] = [];

	/** Notes a request; the caller sets `status` on the returned entry once it is known. */
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
