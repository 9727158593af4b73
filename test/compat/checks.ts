/** One thing that was tried in an n8n. */
export interface Check {
	name: string;
	/** Why it failed; null if it works. */
	failure: string | null;
	/** What was measured, if anything. */
	figure?: string;
}

const MAX_FAILURE = 300;

/** The checks of one n8n on one Node, in their order. */
export class Checks {
	readonly all: Check[] = [];
	readonly #log: (line: string) => void;

	constructor(log: (line: string) => void) {
		this.#log = log;
	}

	/**
	 * Tries something, and goes on if it fails.
	 *
	 * @param work throws if it doesn't work, and may return what it measured
	 */
	async try(name: string, work: () => Promise<string | void>): Promise<void> {
		const check: Check = { name, failure: null };
		try {
			const figure = await work();
			if (figure !== undefined) check.figure = figure;
		} catch (error) {
			const text = String((error as Error).message ?? error).replace(/\s+/g, ' ');
			check.failure = text.length > MAX_FAILURE ? `${text.slice(0, MAX_FAILURE)} …` : text;
		}
		this.all.push(check);
		this.#log(`${name}: ${check.failure ?? check.figure ?? 'works'}`);
	}

	/** As `try`, for what everything after it needs: throws if it fails. */
	async require(name: string, work: () => Promise<string | void>): Promise<void> {
		await this.try(name, work);
		if (this.all.at(-1)!.failure !== null) throw new Error(`"${name}" failed`);
	}
}
