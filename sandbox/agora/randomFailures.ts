import { createHash } from 'node:crypto';

/** Probabilities from 0 to 1. */
interface Probabilities {
	/** That an acquire request fails with 400 and code 406, vendor_over_load. */
	overloaded?: number;
	/** That stop reports this `uploadingStatus`. The sum of the three must not exceed 1. */
	backuped?: number;
	stranded?: number;
	unknown?: number;
}

export interface RandomFailureOptions extends Probabilities {
	/** With the same seed, each channel has the same failures in every run, in whatever order channels are used. */
	seed: number;
}

/** Decides at random, but reproducibly, which requests and sessions fail. */
export class RandomFailures {
	readonly #options: RandomFailureOptions;
	/** How many numbers each sequence has returned. */
	readonly #counts = new Map<string, number>();

	constructor(options: RandomFailureOptions) {
		this.#options = options;
	}

	/**
	 * Draws one of the failures, each with its probability; undefined for none.
	 *
	 * @param channel each channel has its own sequence of random numbers
	 */
	draw<Failure extends keyof Probabilities>(
		channel: string,
		failures: Failure[],
	): Failure | undefined {
		let left = this.#nextNumber(`${failures.join()} ${channel}`);
		return failures.find((failure) => {
			left -= this.#options[failure] ?? 0;
			return left < 0;
		});
	}

	/** The next number of a sequence, from 0 (inclusive) to 1 (exclusive). */
	#nextNumber(sequence: string): number {
		const count = this.#counts.get(sequence) ?? 0;
		this.#counts.set(sequence, count + 1);
		const hash = createHash('sha256').update(`${this.#options.seed} ${sequence} ${count}`);
		return hash.digest().readUInt32BE() / 2 ** 32;
	}
}
