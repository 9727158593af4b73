import type { SessionEntry } from '../../../sandbox/control.ts';
import { errorWords, tellsDoubt } from './judgement.ts';
import type { CaseOutcome, Outcome } from './runCase.ts';

/** Counts what happened in the cases. */
export class Tally {
	cases = 0;
	executions = 0;
	atOnce = 0;
	items = 0;
	sessions = 0;
	mishaps = 0;
	/** Runs that n8n calls cancelled. */
	cancelled = 0;
	/** Sessions that an item or a run named by its sid. */
	named = 0;
	/** Items and runs that told of a recording that may be running, and how many of these had started one. */
	doubts = 0;
	doubtsWithSession = 0;
	/** What runs that n8n calls cancelled left running. */
	readonly leftByCancelled: SessionEntry[] = [];
	readonly asked = new Map<string, number>();
	readonly #byKind = new Map<string, Map<string, number>>();

	add({ outcomes }: CaseOutcome): void {
		this.cases++;
		if (outcomes.length > 1) this.atOnce++;
		for (const outcome of outcomes) this.#addExecution(outcome);
	}

	#addExecution(outcome: Outcome): void {
		const { execution, result, sessions, happened, asked } = outcome;
		this.executions++;
		this.items += execution.items;
		this.sessions += sessions.length;
		this.mishaps += happened.length;
		if (result.status === 'canceled') {
			this.cancelled++;
			this.leftByCancelled.push(...sessions.map(({ session }) => session));
		}
		for (const { kind, when } of happened) {
			const counts = this.#byKind.get(kind) ?? new Map<string, number>();
			this.#byKind.set(kind, counts);
			counts.set(when, (counts.get(when) ?? 0) + 1);
		}
		for (const [what, count] of Object.entries(asked)) {
			this.asked.set(what, (this.asked.get(what) ?? 0) + count);
		}
		this.#addDoubts(outcome);
	}

	#addDoubts({ result, sessions }: Outcome): void {
		const words = [
			...[...result.items, ...result.failedItems].map(({ json }) => JSON.stringify(json)),
			...(result.error === undefined ? [] : [errorWords(result.error)]),
		];
		this.named += sessions.filter(({ session }) =>
			words.some((each) => each.includes(session.sid)),
		).length;
		const doubting = words.filter(tellsDoubt);
		this.doubts += doubting.length;
		this.doubtsWithSession += doubting.filter((each) =>
			sessions.some(({ session }) => each.includes(session.resourceId)),
		).length;
	}

	/** How often each mishap happened, as rows of a table: the kind, without effect, after it took effect. */
	get rows(): string[] {
		return [...this.#byKind]
			.sort(([a], [b]) => a.localeCompare(b))
			.map(
				([kind, counts]) =>
					`| ${kind} | ${counts.get('before') ?? 0} | ${counts.get('after') ?? 0} |`,
			);
	}
}
