import type { Kill } from './kill.ts';
import type { Entry, Ledger } from './ledger.ts';

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
	readonly #lost = new Set<string>();
	readonly #toDouble = new Set<string>();
	readonly #forgotten = new Set<string>();
	/** How many kills found it given, and among what the next poll takes back. */
	readonly #again = new Map<string, number>();
	#given = 0;

	constructor(options: Options) {
		this.#options = options;
	}

	/** Looks at n8n's database while n8n is dead. What it shows without a poll just before explains nothing. */
	afterKill(kill: Kill, ledger: Ledger, sids: Iterable<string>): void {
		const lost: string[] = [];
		const toDouble: string[] = [];
		this.#given = 0;
		for (const [sid, { known, given, last }] of this.#recordings(ledger, sids)) {
			if (given > 0) this.#given++;
			if (last && given === 0) this.#forgotten.add(sid);
			if (last && given > 0) this.#again.set(sid, (this.#again.get(sid) ?? 0) + 1);
			if (known && given === 0 && !this.#lost.has(sid)) lost.push(sid);
			if (!known && given > 0 && !this.#toDouble.has(sid)) toDouble.push(sid);
		}
		if (kill.afterAnswer !== null && kill.afterAnswer < JUST_BEFORE_MS) {
			for (const sid of lost) this.#lost.add(sid);
			for (const sid of toDouble) this.#toDouble.add(sid);
		}
		this.#kills.push({ ...kill, lost: lost.length, toDouble: toDouble.length });
	}

	/** One line for a person who waits. */
	get progress(): string {
		return `${this.#given} given, ${this.#lost.size} lost, ${this.#toDouble.size} to be doubled`;
	}

	/** The account when all is over. */
	close(ledger: Ledger, completed: string[]): Account {
		const all = [...this.#recordings(ledger, completed)];
		const lost = all.filter(([, { given }]) => given === 0);
		const doubled = all.filter(([, { given }]) => given > 1);
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
				explained: lost.filter(([sid]) => this.#lost.has(sid)).length,
			},
			doubled: {
				all: doubled.length,
				explained: doubled.filter(([sid, { given }]) => given <= this.#mostTimes(sid)).length,
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

	#mostTimes(sid: string): number {
		return 1 + (this.#again.get(sid) ?? 0) + (this.#toDouble.has(sid) ? 1 : 0);
	}

	*#recordings(
		ledger: Ledger,
		sids: Iterable<string>,
	): Generator<[string, { known: boolean; given: number; last: boolean }]> {
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
