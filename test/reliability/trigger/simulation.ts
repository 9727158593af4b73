import type { Bucket } from '../../../nodes/Agora/storage/types.ts';
import { memoryBucket, type MemoryBucket } from '../../unit/memoryBucket.ts';
import type { Scenario } from './scenario.ts';
import { activationOf, MINUTE, type PlannedRecording, type Write } from './uploads.ts';

const OTHER_FILES = [
	...['readme.txt', 'a_b.txt', 'bak0_notes.txt', 'school/plan_1.pdf', '20261124/x_y.z'],
	...['20260101/old_one.txt', '~/last_'],
];

/** What happens at a request of a poll. */
export interface PollFaults {
	/** Number of the request that is rejected; null for none. */
	rejected?: number | null;
	/** What happens before the response to a request. */
	during?: { at: number; run: () => Promise<void> } | null;
}

/** The bucket as one poll uses it. */
export interface PolledBucket {
	bucket: Bucket;
	requestCount(): number;
	/** How many of the requests read an object. */
	/** Keys of the objects that were read. */
	readKeys(): string[];
	wasRejected(): boolean;
}

/** What the trigger learns about one bucket, it must not know of the next. */
let buckets = 0;

/** The bucket and the clocks. Time passes only during requests, and when `moveTo` is called. */
export class Simulation {
	readonly bucket: MemoryBucket;
	/** The true time, Unix milliseconds. */
	now: number;
	/** By how much the machine's clock is ahead, milliseconds. */
	machineAhead = 0;
	readonly #ahead: number;
	readonly #scenario: Scenario;
	/** The next one last. */
	readonly #pending: Write[];

	constructor(scenario: Scenario, recordings: PlannedRecording[]) {
		const { kind, pageSize, prefix, ahead, hasOtherFiles } = scenario.bucket;
		this.#scenario = scenario;
		this.#ahead = ahead * MINUTE;
		this.now = activationOf(scenario);
		this.bucket = memoryBucket({
			prefix,
			pageSize,
			ignoresDelimiter: kind.includes('folds nothing'),
			ignoresStartAfter: kind.includes('ignores start-after'),
		});
		this.bucket.name = `in-memory-${++buckets}`;
		this.bucket.support.startsAfter = kind !== 'cannot start after a key';
		if (hasOtherFiles) for (const key of OTHER_FILES) this.bucket.add(`${prefix}${key}`, 0);
		this.bucket.add('elsewhere/c0ffee_not-ours.ts', 0);
		this.#pending = recordings
			.flatMap(({ writes, indexEntries }) => [...writes, ...indexEntries])
			.sort((a, b) => a.at - b.at)
			.reverse();
		this.moveTo(this.now);
	}

	/** The machine's clock, Unix milliseconds. */
	get machineNow(): number {
		return this.now + this.machineAhead;
	}

	/** The time of the last change. */
	get end(): number {
		return Math.max(this.now, this.#pending[0]?.at ?? 0);
	}

	moveTo(time: number): void {
		this.now = Math.max(this.now, time);
		while (this.#pending.length > 0 && this.#pending.at(-1)!.at <= this.now) {
			const { key, at, body } = this.#pending.pop()!;
			if (body === null) this.bucket.remove(key);
			else this.bucket.add(key, at + this.#ahead, body);
		}
		this.bucket.now = this.now + this.#ahead;
	}

	forPoll({ rejected = null, during = null }: PollFaults): PolledBucket {
		let requests = 0;
		const readKeys: string[] = [];
		let wasRejected = false;
		const request = async () => {
			const number = ++requests;
			this.moveTo(this.now + this.#scenario.requestMs);
			if (during?.at === number) await during.run();
			if (rejected !== number) return;
			wasRejected = true;
			throw new Error('The bucket rejects this request');
		};
		const { bucket } = this;
		const canStartAfter = this.#scenario.bucket.kind !== 'cannot start after a key';
		return {
			bucket: {
				...bucket,
				async list(query) {
					if (query.startAfter !== undefined && !canStartAfter)
						throw new Error('This bucket cannot start its listing after a key');
					await request();
					return await bucket.list(query);
				},
				async getText(key) {
					readKeys.push(key);
					await request();
					return await bucket.getText(key);
				},
			},
			requestCount: () => requests,
			readKeys: () => readKeys,
			wasRejected: () => wasRejected,
		};
	}
}
