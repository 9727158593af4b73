import { everythingIn } from '../integration/everythingIn.ts';
import { searchFor } from '../integration/secrets.ts';

/** Where a secret could leak. */
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

/** Searches everything that nodes and n8n emit for secrets. Keeps only counts and the names of what it found. */
export class Witness {
	readonly #secrets = new Map<string, (text: string) => boolean>();
	readonly #leaks = new Set<string>();
	readonly #seen = new Map<Place, { texts: number; characters: number }>();

	/** @param secrets by a name that may be printed; a RegExp matches all secrets of that form */
	guard(secrets: Record<string, string | RegExp>): void {
		for (const [name, secret] of Object.entries(secrets)) {
			const isIn =
				typeof secret === 'string' ? searchFor(secret) : (text: string) => secret.test(text);
			this.#secrets.set(name, isIn);
		}
	}

	/** Searches a string, or every string in a value, for the secrets guarded so far. */
	see(place: Place, value: unknown): void {
		const text = typeof value === 'string' ? value : everythingIn(value);
		const { texts, characters } = this.#seen.get(place) ?? { texts: 0, characters: 0 };
		this.#seen.set(place, { texts: texts + 1, characters: characters + text.length });
		for (const [name, isIn] of this.#secrets) {
			if (isIn(text)) this.#leaks.add(`${name} in ${place}`);
		}
	}

	/** What was found, as `<secret> in <place>`. */
	get leaks(): string[] {
		return [...this.#leaks];
	}

	/** How much was searched, by place. */
	get seen(): ReadonlyMap<Place, { texts: number; characters: number }> {
		return this.#seen;
	}
}
