import { randomUUID } from 'node:crypto';
import type { PollStep, Scenario } from './scenario.ts';
import type { PollFaults, Simulation } from './simulation.ts';
import type { Emission, TriggerUnderTest } from './triggersUnderTest.ts';
import { DAY } from './uploads.ts';

/** One poll and its result. Times are true ones, Unix milliseconds. */
export interface Poll {
	/** From 1. */
	number: number;
	/** The poll whose state it began with; null for the first. */
	parent: Poll | null;
	from: number;
	to: number;
	/** The machine's clock at its beginning and its end. */
	machine: number;
	machineTo: number;
	/** Whether it may have run out of time. */
	isCut: boolean;
	/** The poll whose recordings it emits again, because n8n was restarted right after it; null for none. */
	emitsAgain: Poll | null;
	requests: number;
	/** Keys of the objects that it read. */
	readKeys: string[];
	/** Null if it threw. */
	emitted: Emission[] | null;
	error: Error | null;
	wasRejected: boolean;
	/** See `PollResult`. */
	violations: string[];
	/** The state it leaves, as n8n stores it. */
	stored: string;
	/** Whether the next poll began with this state, or why not. */
	stateWas: 'kept' | 'lost' | 'overwritten';
}

/** @returns a poll and those whose states it goes back to, newest first */
export function lineage(poll: Poll | null): Poll[] {
	const polls: Poll[] = [];
	for (let each = poll; each !== null; each = each.parent) polls.push(each);
	return polls;
}

/** @returns the newest of a poll and its lineage that emitted something */
export function lastEmission(poll: Poll | null): Poll | undefined {
	return lineage(poll).find(({ emitted }) => (emitted ?? []).length > 0);
}

const NO_LIMIT_MS = 365 * DAY;

/** Polls the bucket of a simulation as n8n does. */
export class Poller {
	readonly polls: Poll[] = [];
	/** The poll whose state is stored; null before the first. */
	current: Poll | null = null;
	/** Whether n8n was restarted since the last poll. */
	isAfterRestart = false;
	readonly #simulation: Simulation;
	readonly #trigger: TriggerUnderTest;
	readonly #scenario: Scenario;

	constructor(simulation: Simulation, scenario: Scenario, trigger: TriggerUnderTest) {
		this.#simulation = simulation;
		this.#scenario = scenario;
		this.#trigger = trigger;
	}

	/** @returns the polls of this step, in the order in which they ended */
	async poll({ rejected, cutAfter, overlap }: PollStep): Promise<Poll[]> {
		const before = this.current;
		const process = randomUUID();
		const isGuarded = overlap?.sameProcess === true && this.#trigger.isGuarded;
		let second: Poll | null = null;
		const violations: string[] = [];
		const during = overlap && {
			at: overlap.at,
			run: async () => {
				if (isGuarded) violations.push(...(await this.#pollInVain(before, process)));
				else second = await this.#once(before, randomUUID(), null, {});
			},
		};
		const first = await this.#once(before, process, cutAfter, { rejected, during });
		// Emissions are identified by the machine's clock, which may have been set back.
		const isLater = first.machineTo > (lastEmission(before)?.machineTo ?? 0);
		if (isGuarded && isLater && (first.emitted ?? []).length > 0)
			violations.push(...(await this.#pollInVain(before, process)));
		first.violations.push(...violations);
		if (first.emitted !== null || second !== null) this.isAfterRestart = false;
		const ended = [second, first].filter((each): each is Poll => each !== null);
		if (overlap?.endsLast) ended.reverse();
		for (const each of ended.filter(({ emitted }) => emitted !== null)) {
			if (this.current !== before) this.current!.stateWas = 'overwritten';
			this.current = each;
		}
		return ended;
	}

	/** The state of the activation is never lost: n8n stores it before the workflow is active. */
	restart(lostPolls: number): void {
		for (let i = 0; i < lostPolls && this.current !== null && this.current.parent !== null; i++) {
			this.current.stateWas = 'lost';
			this.current = this.current.parent;
		}
		this.isAfterRestart ||= this.current !== null;
	}

	/** Polls when the trigger must skip: during a poll in this process, or from a state older than its emission. */
	async #pollInVain(parent: Poll | null, process: string): Promise<string[]> {
		const bucket = this.#simulation.forPoll({});
		const stored = parent?.stored ?? '{}';
		const { emitted, stored: after } = await this.#trigger.poll({
			bucket,
			stored,
			process,
			trigger: this.#scenario.trigger,
			budget: NO_LIMIT_MS,
			isAfterRestart: this.isAfterRestart,
		});
		const isSkipped = emitted?.length === 0 && bucket.requestCount() === 0 && after === stored;
		return isSkipped ? [] : ['was not the only poll in its process'];
	}

	async #once(
		parent: Poll | null,
		process: string,
		cutAfter: number | null,
		faults: PollFaults,
	): Promise<Poll> {
		const { requestMs, trigger } = this.#scenario;
		const simulation = this.#simulation;
		const bucket = simulation.forPoll(faults);
		const poll: Poll = {
			number: this.polls.length + 1,
			parent,
			from: simulation.now,
			to: simulation.now,
			machine: simulation.machineNow,
			machineTo: simulation.machineNow,
			isCut: cutAfter !== null,
			emitsAgain: this.#emittedAgain(parent),
			requests: 0,
			readKeys: [],
			wasRejected: false,
			emitted: null,
			error: null,
			stored: '',
			violations: [],
			stateWas: 'kept',
		};
		this.polls.push(poll);
		const result = await this.#trigger.poll({
			bucket,
			trigger,
			process,
			isAfterRestart: this.isAfterRestart,
			stored: parent?.stored ?? '{}',
			budget: cutAfter === null ? NO_LIMIT_MS : cutAfter * requestMs,
		});
		return Object.assign(poll, result, {
			to: simulation.now,
			machineTo: simulation.machineNow,
			isCut: poll.isCut || simulation.now - poll.from > this.#trigger.maxPollMs,
			requests: bucket.requestCount(),
			readKeys: bucket.readKeys(),
			wasRejected: bucket.wasRejected(),
		});
	}

	#emittedAgain(parent: Poll | null): Poll | null {
		const { emitsAgainWithinMs } = this.#trigger;
		const last = lastEmission(parent);
		// If the machine's clock was set back, the emission seems to be in the future.
		if (!this.isAfterRestart || emitsAgainWithinMs === 0 || last === undefined) return null;
		return this.#simulation.machineNow - last.machineTo < emitsAgainWithinMs ? last : null;
	}
}
