import { findSecrets } from '../integration/secrets.ts';

/** Where a secret could get out. */
export type Place =
	'output' | 'error' | 'log' | 'execution' | 'static data' | 'binary metadata' | 'session record';

/** Sees all that comes out of the nodes, and tells whether a secret was in it. Keeps none of it. */
export class Witness {
	readonly #secrets: Record<string, string> = {};
	readonly #leaks = new Set<string>();
	readonly #seen = new Map<Place, { texts: number; letters: number }>();

	/**
	 * From now on these are looked for.
	 *
	 * @param secrets by a name that can be shown
	 */
	guard(secrets: Record<string, string>): void {
		Object.assign(this.#secrets, secrets);
	}

	/** Looks for every guarded secret in a text, or in anything as JSON. */
	see(place: Place, what: unknown): void {
		const text = typeof what === 'string' ? what : JSON.stringify(what ?? null);
		const { texts, letters } = this.#seen.get(place) ?? { texts: 0, letters: 0 };
		this.#seen.set(place, { texts: texts + 1, letters: letters + text.length });
		for (const name of findSecrets([text], this.#secrets)) this.#leaks.add(`${name} in ${place}`);
	}

	/** What was found, as `<secret> in <place>`. */
	get leaks(): string[] {
		return [...this.#leaks];
	}

	/** How much was looked through, by place. */
	get seen(): ReadonlyMap<Place, { texts: number; letters: number }> {
		return this.#seen;
	}

	get guarded(): string[] {
		return Object.keys(this.#secrets);
	}
}
