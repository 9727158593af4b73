import type { Witness } from './witness.ts';

/** One claim about the package, and the run that tries to refute it. */
export interface Part {
	/** Its name on the command line, in the summary file and in docs/reliability.md. */
	name: string;
	/** Whether `ci` runs it too; the others take too long. */
	inCi: boolean;
	run(context: RunContext): Promise<Summary>;
}

export interface RunContext {
	/** Prints one line of progress. */
	log(line: string): void;
	/** Searches everything that nodes and n8n emitted for secrets; shared by all parts of a run. */
	witness: Witness;
}

export interface Summary {
	/** What was run and counted, by a name that can be read without the code. */
	figures: Figures;
	/** One sentence for each violation of the claim, with its seed if there is one. Empty when the claim holds. */
	failures: string[];
	/** Why the part could not run on this machine. */
	skipped?: string;
}

/** Plain JSON; a table is an object of rows. */
export interface Figures {
	[name: string]: string | number | Figures;
}
