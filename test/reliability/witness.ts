import { everythingIn } from '../integration/everythingIn.ts';
import { searchFor } from '../integration/secrets.ts';

/** Where a secret could get out. */
export const PLACES = [
	'output',
	'error',
	'log',
	'execution',
	'static data',
	'binary metadata',
	'session record',
] as const;

export type Place = (typeof PLACES)[number];

/** Sees all that comes out of the nodes, and tells whether a secret was in it. Keeps none of it. */
export class Witness {
	readonly #secrets = new Map<string, (text: string) => boolean>();
	readonly #leaks = new Set<string>();
	readonly #seen = new Map<Place, { texts: number; letters: number }>();

	/**
	 * From now on these are looked for.
	 *
	 * @param secrets by a name that can be shown; a shape stands for all secrets of that form
	 */
	guard(secrets: Record<string, string | RegExp>): void {
		for (const [name, secret] of Object.entries(secrets)) {
			const isIn =
				typeof secret === 'string' ? searchFor(secret) : (text: string) => secret.test(text);
			this.#secrets.set(name, isIn);
		}
	}

	/** Looks for every guarded secret in a text, or in everything that is in a value. */
	see(place: Place, what: unknown): void {
		const text = typeof what === 'string' ? what : everythingIn(what);
		const { texts, letters } = this.#seen.get(place) ?? { texts: 0, letters: 0 };
		this.#seen.set(place, { texts: texts + 1, letters: letters + text.length });
		for (const [name, isIn] of this.#secrets) {
			if (isIn(text)) this.#leaks.add(`${name} in ${place}`);
		}
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
		return [...this.#secrets.keys()];
	}
}
