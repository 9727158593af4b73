/** Numbers and texts that look random and are the same in every run of a test. */
export interface RandomSource {
	/** From `low` to `high`, both included. */
	integer(low: number, high: number): number;
	/** `length` characters out of `alphabet`, emoji counted as one. */
	text(alphabet: string, length: number): string;
	pick<T>(choices: readonly T[]): T;
}

/** @param seed another seed, another sequence (mulberry32) */
export function randomSource(seed: number): RandomSource {
	let state = seed;
	const next = () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
	const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
	const pick = <T>(choices: readonly T[]) => choices[integer(0, choices.length - 1)] as T;
	return {
		integer,
		pick,
		text: (alphabet, length) => {
			const characters = [...alphabet];
			return Array.from({ length }, () => pick(characters)).join('');
		},
	};
}
