import type { Witness } from './witness.ts';

/** One thing that must hold whatever happens, and how it is tried. */
export interface Part {
	/** How the command line names it. */
	name: string;
	/** Its heading in docs/reliability.md. */
	title: string;
	/** Whether CI tries it as well; the others take too long. */
	inCi: boolean;
	try(trial: Trial): Promise<Finding>;
}

export interface Trial {
	/** Takes one line of progress. */
	say(line: string): void;
	/** Is shown everything that came out of a node or of n8n, and looks for the secrets in it. */
	witness: Witness;
}

/** What came of a part. */
export interface Finding {
	/** Markdown below the heading: how it was tried, and the figures. */
	page: string[];
	/** What did not hold, a sentence each; a part that throws has not held either. */
	broken: string[];
	/** Whether it could not be tried here at all; the page says what is missing. */
	skipped?: boolean;
}
