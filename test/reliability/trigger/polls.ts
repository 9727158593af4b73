import type * as PollBucketModule from '../../../nodes/Agora/trigger/pollBucket.ts';
import type { ReadSession } from '../../../nodes/Agora/recordings/recording.ts';
import type * as StateModule from '../../../nodes/Agora/trigger/state.ts';
import type { PollStep, Schedule } from './schedule.ts';
import type { World } from './world.ts';

/** What is tried: the trigger's own code. */
export interface Subject {
	pollBucket: typeof PollBucketModule.pollBucket;
	readState: typeof StateModule.readState;
}

/** One poll and what came of it. Times are true ones, Unix milliseconds. */
export interface Poll {
	/** From 1. */
	number: number;
	/** The poll whose state it began with; null for the first. */
	parent: Poll | null;
	from: number;
	to: number;
	/** The machine's clock at its beginning. */
	machine: number;
	isCut: boolean;
	requests: number;
	/** What it gave out; null when it threw. */
	news: ReadSession[] | null;
	error: Error | null;
	wasRefused: boolean;
	/** Whether the state it was given is as it was. */
	leftInputAlone: boolean;
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

/** Polls a world's bucket as n8n does. */
export class Poller {
	readonly polls: Poll[] = [];
	/** The poll that left what the workflow remembers; null before the first. */
	current: Poll | null = null;
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
		let second: Poll | null = null;
		const meanwhile = overlap && {
			at: overlap.at,
			happens: async () => {
				second = await this.#once(before, null, {});
			},
		};
		const first = await this.#once(before, cut, { refused, meanwhile });
		const ended = [second, first].filter((each): each is Poll => each !== null);
		if (overlap?.endsLast) ended.reverse();
		for (const each of ended.filter(({ news }) => news !== null)) {
			// The one that ends later writes over what the other left.
			if (this.current !== before) this.current!.fate = 'overlapped';
			this.current = each;
		}
		return ended;
	}

	/**
	 * Forgets the newest states, but not the one of the activation: n8n stores that before the workflow is active.
	 *
	 * @returns how many it forgot
	 */
	lose(count: number): number {
		let lost = 0;
		while (lost < count && this.current !== null && this.current.parent !== null) {
			this.current.fate = 'lost';
			this.current = this.current.parent;
			lost++;
		}
		return lost;
	}

	async #once(
		parent: Poll | null,
		cut: number | null,
		trouble: Parameters<World['forPoll']>[0],
	): Promise<Poll> {
		const { requestMs, trigger } = this.#schedule;
		const world = this.#world;
		const watch = { ...trigger, cname: trigger.cname ?? undefined, scope: 'here' };
		const { bucket, count, wasRefused } = world.forPoll(trouble);
		const given = this.#subject.readState(JSON.parse(parent?.stored ?? '{}'), watch.scope);
		const asGiven = JSON.stringify(given);
		const deadline = cut === null ? Infinity : world.machineNow + cut * requestMs;
		const poll: Poll = {
			number: this.polls.length + 1,
			parent,
			from: world.now,
			to: world.now,
			machine: world.machineNow,
			isCut: cut !== null,
			requests: 0,
			news: null,
			error: null,
			wasRefused: false,
			leftInputAlone: true,
			stored: '',
			fate: 'kept',
		};
		this.polls.push(poll);
		try {
			const { state, news } = await this.#subject.pollBucket(
				bucket,
				bucket.prefix,
				given,
				watch,
				deadline,
			);
			poll.news = news;
			poll.stored = JSON.stringify({ state });
		} catch (error) {
			poll.error = error as Error;
		}
		return Object.assign(poll, {
			to: world.now,
			requests: count(),
			wasRefused: wasRefused(),
			leftInputAlone: JSON.stringify(given) === asGiven,
		});
	}
}
