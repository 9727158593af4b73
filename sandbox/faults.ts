/** A simulated failure for the next `times` requests that match. */
export interface Fault {
	/** HTTP method; any method if omitted. */
	method?: string;
	/** Part of the path with its query, such as `/acquire` or `list-type=2`. */
	path: string;
	/** How many requests it affects; 1 if omitted. */
	times?: number;
	/** With `after`, the request takes effect and only its response is replaced. The default is `before`. */
	when?: 'before' | 'after';
	/**
	 * What the client receives instead: this response, no response (`hang`), a closed connection (`drop`), or, from
	 * the bucket only, half of the object and then a closed connection (`cut`).
	 */
	response:
		{ status: number; body?: unknown; headers?: Record<string, string> } | 'hang' | 'drop' | 'cut';
}

/** The faults that have not been used up, oldest first. */
export class Faults {
	#pending: Array<Fault & { left: number }> = [];

	add(fault: Fault): void {
		this.#pending.push({ ...fault, left: fault.times ?? 1 });
	}

	clear(): void {
		this.#pending = [];
	}

	/** Returns the fault for this request, or undefined, and counts it as used. */
	take(method: string, path: string): Fault | undefined {
		const fault = this.#pending.find(
			(each) => (each.method ?? method) === method && path.includes(each.path),
		);
		if (!fault) return undefined;
		fault.left -= 1;
		this.#pending = this.#pending.filter((each) => each.left > 0);
		return fault;
	}
}
