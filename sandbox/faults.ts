/** Something that goes wrong on purpose, for the next `times` requests that match. */
export interface Fault {
	/** HTTP method; any when left out. */
	method?: string;
	/** Part of the path with its query, such as `/acquire` or `list-type=2`. */
	path: string;
	/** How many requests it hits, 1 when left out. */
	times?: number;
	/** `after` lets the request take effect first and spoils only its answer. */
	when?: 'before' | 'after';
	/**
	 * What the caller gets instead: an answer, no answer at all, a broken connection, or (from the bucket
	 * only) the first half of the object and then a broken connection.
	 */
	answer:
		{ status: number; body?: unknown; headers?: Record<string, string> } | 'hang' | 'drop' | 'cut';
}

/** The faults that are still to happen, oldest first. */
export class Faults {
	#waiting: Array<Fault & { left: number }> = [];

	add(fault: Fault): void {
		this.#waiting.push({ ...fault, left: fault.times ?? 1 });
	}

	clear(): void {
		this.#waiting = [];
	}

	/** The fault for this request, or undefined; counts it as used. */
	take(method: string, path: string): Fault | undefined {
		const fault = this.#waiting.find(
			(each) => (each.method ?? method) === method && path.includes(each.path),
		);
		if (!fault) return undefined;
		fault.left -= 1;
		this.#waiting = this.#waiting.filter((each) => each.left > 0);
		return fault;
	}
}
