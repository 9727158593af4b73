import { randomUUID } from 'node:crypto';
import type { PollStep, Schedule } from './schedule.ts';
import type { Emission, Subject } from './subject.ts';
import type { PollTrouble, World } from './world.ts';

/** One poll and what came of it. Times are true ones, Unix milliseconds. */
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
	/** The poll whose recordings it takes back, because n8n was started right after it; null for none. */
	takesBack: Poll | null;
	requests: number;
	/** How many of them read an object. */
	reads: number;
	/** What it emitted; null when it threw. */
	emitted: Emission[] | null;
	error: Error | null;
	wasRefused: boolean;
	/** See `PollEnd`. */
	faults: string[];
	/** What it leaves to the next, as n8n stores it. */
	stored: string;
	/** Whether the next poll began with its state; else why not. */
	fate: 'kept' | 'lost' | 'overlapped';
}

/** @returns a poll and those whose states it goes back to, the newest first */
export function lineage(poll: Poll | null): Poll[] {
	const polls: Poll[] = [];
	for (let each = poll; each !== null; each = each.parent) polls.push(each);
	return polls;
}

/** @returns the newest poll that emitted something, of this one and those before it */
export function lastEmission(poll: Poll | null): Poll | undefined {
	return lineage(poll).find(({ emitted }) => (emitted ?? []).length > 0);
}

const ENDLESS_MS = 365 * 86_400_000;

/** Polls a world's bucket as n8n does. */
export class Poller {
	readonly polls: Poll[] = [];
	/** The poll that left what the workflow remembers; null before the first. */
	current: Poll | null = null;
	/** Whether n8n was started since the last poll; it tells the next one so. */
	isAfterStart = false;
	readonly #world: World;
	readonly #subject: Subject;
	readonly #schedule: Schedule;

	constructor(world: World, schedule: Schedule, subject: Subject) {
		this.#world = world;
		this.#schedule = schedule;
		this.#subject = subject;
	}

	/** @returns the polls that this step took, in the order in which they ended */
	async poll({
		refused,
		cut,
		overlap,
	}: Pick<PollStep, 'refused' | 'cut' | 'overlap'>): Promise<Poll[]> {
		const before = this.current;
		const process = randomUUID();
		const isGuarded = overlap?.sameProcess === true && this.#subject.isGuarded;
		let second: Poll | null = null;
		const faults: string[] = [];
		const meanwhile = overlap && {
			at: overlap.at,
			happens: async () => {
				if (isGuarded) faults.push(...(await this.#pollInVain(before, process)));
				else second = await this.#once(before, randomUUID(), null, {});
			},
		};
		const first = await this.#once(before, process, cut, { refused, meanwhile });
		// Emissions are told apart by the machine's clock, which may have gone back.
		const isLater = first.machineTo > (lastEmission(before)?.machineTo ?? 0);
		if (isGuarded && isLater && (first.emitted ?? []).length > 0)
			faults.push(...(await this.#pollInVain(before, process)));
		first.faults.push(...faults);
		if (first.emitted !== null || second !== null) this.isAfterStart = false;
		const ended = [second, first].filter((each): each is Poll => each !== null);
		if (overlap?.endsLast) ended.reverse();
		for (const each of ended.filter(({ emitted }) => emitted !== null)) {
			// The one that ends later writes over what the other left.
			if (this.current !== before) this.current!.fate = 'overlapped';
			this.current = each;
		}
		return ended;
	}

	/**
	 * Restarts n8n, which loses the newest states. The state of the activation is never lost: n8n stores it before the
	 * workflow is active.
	 */
	restart(lost: number): void {
		for (let i = 0; i < lost && this.current !== null && this.current.parent !== null; i++) {
			this.current.fate = 'lost';
			this.current = this.current.parent;
		}
		this.isAfterStart ||= this.current !== null;
	}

	/** Polls where the trigger must not: during a poll in this process, or from a state older than its emission. */
	async #pollInVain(parent: Poll | null, process: string): Promise<string[]> {
		const bucket = this.#world.forPoll({});
		const stored = parent?.stored ?? '{}';
		const { trigger } = this.#schedule;
		const isAfterStart = this.isAfterStart;
		const end = await this.#subject.poll({
			...{ bucket, trigger, stored, budget: ENDLESS_MS, process, isAfterStart },
		});
		const isSkipped = end.emitted?.length === 0 && bucket.count() === 0 && end.stored === stored;
		return isSkipped ? [] : ['was not alone in its process'];
	}

	async #once(
		parent: Poll | null,
		process: string,
		cut: number | null,
		trouble: PollTrouble,
	): Promise<Poll> {
		const { requestMs, trigger } = this.#schedule;
		const world = this.#world;
		const bucket = world.forPoll(trouble);
		const poll: Poll = {
			number: this.polls.length + 1,
			parent,
			from: world.now,
			to: world.now,
			machine: world.machineNow,
			machineTo: world.machineNow,
			isCut: cut !== null,
			takesBack: this.#takenBack(parent),
			requests: 0,
			reads: 0,
			wasRefused: false,
			emitted: null,
			error: null,
			stored: '',
			faults: [],
			fate: 'kept',
		};
		this.polls.push(poll);
		const end = await this.#subject.poll({
			bucket,
			trigger,
			stored: parent?.stored ?? '{}',
			budget: cut === null ? ENDLESS_MS : cut * requestMs,
			process,
			isAfterStart: this.isAfterStart,
		});
		const { count, reads, wasRefused } = bucket;
		return Object.assign(poll, end, {
			to: world.now,
			machineTo: world.machineNow,
			isCut: poll.isCut || world.now - poll.from > this.#subject.longest,
			requests: count(),
			reads: reads(),
			wasRefused: wasRefused(),
		});
	}

	#takenBack(parent: Poll | null): Poll | null {
		const { takesBackMs } = this.#subject;
		// The machine's clock may have gone back, so that nothing would seem longer ago.
		if (!this.isAfterStart || takesBackMs === 0) return null;
		const last = lastEmission(parent);
		if (last === undefined) return null;
		return this.#world.machineNow - last.machineTo < takesBackMs ? last : null;
	}
}
