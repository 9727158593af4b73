import { createHash } from 'node:crypto';

/** Shares from 0 to 1. */
interface Shares {
	/** Of acquire requests: 400 with code 406, vendor_over_load. */
	overloaded?: number;
	/** Of sessions: their `uploadingStatus` in the answer to stop. The three together make up at most 1. */
	backuped?: number;
	stranded?: number;
	unknown?: number;
}

export interface ChanceOptions extends Shares {
	/** With the same seed each channel fares the same in every run, in whatever order channels come. */
	seed: number;
}

/** Decides by a seed what goes wrong. */
export class Chance {
	readonly #options: ChanceOptions;
	/** How often each channel was decided on. */
	readonly #counts = new Map<string, number>();

	constructor(options: ChanceOptions) {
		this.#options = options;
	}

	/** One of the outcomes, each as often as its share says, or undefined. */
	outcome<Outcome extends keyof Shares>(cname: string, outcomes: Outcome[]): Outcome | undefined {
		let left = this.#draw(`${outcomes.join()} ${cname}`);
		return outcomes.find((outcome) => {
			left -= this.#options[outcome] ?? 0;
			return left < 0;
		});
	}

	/** The next number of a sequence, from 0 to just below 1. */
	#draw(sequence: string): number {
		const count = this.#counts.get(sequence) ?? 0;
		this.#counts.set(sequence, count + 1);
		const hash = createHash('sha256').update(`${this.#options.seed} ${sequence} ${count}`);
		return hash.digest().readUInt32BE() / 2 ** 32;
	}
}
