import type { Action } from './actions.ts';

/** How an action ended. */
export type Ending = 'done' | 'failed' | 'cancelled';

/** Counts actions by how they ended, and notes which operations were among them. */
export class Tally {
	readonly #endings = new Map<string, Record<Ending, number>>();
	/** `<resource> <operation>` */
	readonly operations = new Set<string>();

	/** @param circumstance under which the action ran */
	add(circumstance: string, { what }: Action, ending: Ending): void {
		const endings = this.of(circumstance);
		endings[ending]++;
		this.#endings.set(circumstance, endings);
		if ('run' in what) this.operations.add(`${what.run.resource} ${what.run.operation}`);
	}

	of(circumstance: string): Record<Ending, number> {
		return this.#endings.get(circumstance) ?? { done: 0, failed: 0, cancelled: 0 };
	}

	get circumstances(): string[] {
		return [...this.#endings.keys()];
	}

	get count(): number {
		const all = [...this.#endings.values()].flatMap((endings) => Object.values(endings));
		return all.reduce((sum, each) => sum + each, 0);
	}
}
