import type { Kill } from './kill.ts';
import type { Entry, Ledger } from './ledger.ts';

/** A recording's sid. */
type Gift = string;

/** What came of many kills. */
export interface Account {
	kills: Counted[];
	/** Recordings that were completed. */
	completed: number;
	lost: Loss;
	doubled: Loss;
	/** Recordings of a poll before a kill that stood in the trigger’s memory for its first poll to take back. */
	takenBack: { forgotten: number; given: number };
	/** Given to a workflow, but nobody wrote them, or they were not complete. */
	wrong: number;
	executions: number;
	/** How many executions n8n could not bring to their end, and how many recordings were in them. */
	crashed: { executions: number; recordings: number };
	/** Statuses of executions other than success and crashed. */
	otherStatuses: string[];
}

/** Recordings that were not given to a workflow, or more than once. */
export interface Loss {
	all: number;
	/** Those for which n8n's database has shown the cause when n8n was dead, as often as they came. */
	explained: number;
}

/** A kill, and what n8n's database said right after it that cannot be made good any more. */
export interface Counted extends Kill {
	/** Remembered as given, but no execution has them: lost, if the trigger does not take them back. */
	lost: number;
	/** Given to an execution, but not remembered: given again at the next poll. */
	toDouble: number;
}

interface Options {
	workflow: string;
	/** The digest with which the trigger remembers a recording. */
	digestOf(sid: string): string;
	/** Whether the trigger's first poll after a start gives out once more what it gave out just before. */
	takesBack: boolean;
}

/** n8n has long written within this what a poll brought, on a busy machine, too. */
const JUST_BEFORE_MS = 5_000;

/** Keeps account over the kills; see `Account`. */
export class Accountant {
	readonly #options: Options;
	readonly #kills: Counted[] = [];
	readonly #lost = new Set<Gift>();
	readonly #toDouble = new Set<Gift>();
	readonly #forgotten = new Set<Gift>();
	/** How many kills found it given, and among what the next poll takes back. */
	readonly #again = new Map<Gift, number>();
	#given = 0;

	constructor(options: Options) {
		this.#options = options;
	}

	/** Looks at n8n's database while n8n is dead. What it shows without a poll just before explains nothing. */
	afterKill(kill: Kill, ledger: Ledger, sids: Iterable<string>): void {
		const lost: Gift[] = [];
		const toDouble: Gift[] = [];
		this.#given = 0;
		for (const [gift, { known, given, last }] of this.#gifts(ledger, sids)) {
			if (given > 0) this.#given++;
			if (last && given === 0) this.#forgotten.add(gift);
			if (last && given > 0) this.#again.set(gift, (this.#again.get(gift) ?? 0) + 1);
			if (known && given === 0 && !this.#lost.has(gift)) lost.push(gift);
			if (!known && given > 0 && !this.#toDouble.has(gift)) toDouble.push(gift);
		}
		if (kill.afterAnswer !== null && kill.afterAnswer < JUST_BEFORE_MS) {
			for (const gift of lost) this.#lost.add(gift);
			for (const gift of toDouble) this.#toDouble.add(gift);
		}
		this.#kills.push({ ...kill, lost: lost.length, toDouble: toDouble.length });
	}

	/** One line for a person who waits. */
	get progress(): string {
		return `${this.#given} given, ${this.#lost.size} lost, ${this.#toDouble.size} to be doubled`;
	}

	/** The account when all is over. */
	close(ledger: Ledger, completed: string[]): Account {
		const gifts = [...this.#gifts(ledger, completed)];
		const lost = gifts.filter(([, { given }]) => given === 0);
		const doubled = gifts.filter(([, { given }]) => given > 1);
		const rows = [...ledger.rows.values()];
		const crashed = rows.filter(({ status }) => status === 'crashed');
		const real = new Set(completed);
		const isRight = (item: { sid: string; status: string }) =>
			real.has(item.sid) && item.status === 'completed';
		return {
			kills: this.#kills,
			completed: completed.length,
			lost: {
				all: lost.length,
				explained: lost.filter(([gift]) => this.#lost.has(gift)).length,
			},
			doubled: {
				all: doubled.length,
				explained: doubled.filter(([gift, { given }]) => given <= this.#mostTimes(gift)).length,
			},
			takenBack: { forgotten: this.#forgotten.size, given: this.#again.size },
			wrong: rows.flatMap(({ items }) => items).filter((item) => !isRight(item)).length,
			executions: rows.length,
			crashed: {
				executions: crashed.length,
				recordings: crashed.flatMap(({ items }) => items).length,
			},
			otherStatuses: rows
				.map(({ status }) => status)
				.filter((status) => !['success', 'crashed'].includes(status)),
		};
	}

	#mostTimes(gift: Gift): number {
		return 1 + (this.#again.get(gift) ?? 0) + (this.#toDouble.has(gift) ? 1 : 0);
	}

	*#gifts(
		ledger: Ledger,
		sids: Iterable<string>,
	): Generator<[Gift, { known: boolean; given: number; last: boolean }]> {
		const entries = ledger.read();
		const { workflow, digestOf, takesBack } = this.#options;
		const { known, last, given }: Partial<Entry> = entries.get(workflow) ?? {};
		for (const sid of sids) {
			const digest = digestOf(sid);
			yield [
				sid,
				{
					known: known?.has(digest) ?? false,
					last: takesBack && (last?.has(digest) ?? false),
					given: given?.get(sid)?.length ?? 0,
				},
			];
		}
	}
}
