import { memoryBucket, type MemoryBucket } from '../../unit/memoryBucket.ts';
import type { Bucket } from '../../../nodes/Agora/storage/types.ts';
import type { Schedule } from './schedule.ts';
import { activationOf, MINUTE, type PlannedRecording, type Write } from './writes.ts';

const FOREIGN = [
	'readme.txt',
	'a_b.txt',
	'bak0_notes.txt',
	'school/plan_1.pdf',
	'20261124/x_y.z',
	'20260101/old_one.txt',
	'~/last_',
];

/** What goes wrong, or happens meanwhile, at a request of a poll. */
export interface PollTrouble {
	/** The request that is refused; null for none. */
	refused?: number | null;
	/** What happens before a request is answered. */
	meanwhile?: { at: number; happens: () => Promise<void> } | null;
}

/** What a poll saw of its bucket. */
export interface PollBucket {
	bucket: Bucket;
	/** How many requests it made. */
	count(): number;
	/** How many of them read an object. */
	reads(): number;
	wasRefused(): boolean;
}

/** What the trigger learns about one bucket, it must not know of the next. */
let worlds = 0;

/** The bucket and the clocks. Time passes only when someone waits or asks. */
export class World {
	readonly bucket: MemoryBucket;
	/** The true time, Unix milliseconds. */
	now: number;
	/** By how much the machine's clock is ahead, milliseconds. */
	machineAhead = 0;
	readonly #ahead: number;
	readonly #schedule: Schedule;
	/** What is still to come, the next one last. */
	readonly #coming: Write[];
	readonly #happened: (write: Write) => void;

	/** @param happened is told of every change of the bucket */
	constructor(
		schedule: Schedule,
		recordings: PlannedRecording[],
		happened: (write: Write) => void = () => undefined,
	) {
		const { kind, pageSize, prefix, ahead, foreign } = schedule.bucket;
		this.#schedule = schedule;
		this.#ahead = ahead * MINUTE;
		this.#happened = happened;
		this.now = activationOf(schedule);
		this.bucket = memoryBucket({
			prefix,
			pageSize,
			ignoresDelimiter: kind.includes('folds nothing'),
			ignoresStartAfter: kind.includes('ignores start-after'),
		});
		this.bucket.name = `in-memory-${++worlds}`;
		this.bucket.support.startsAfter = kind !== 'cannot begin in the middle';
		if (foreign) for (const key of FOREIGN) this.bucket.add(`${prefix}${key}`, 0);
		this.bucket.add('elsewhere/c0ffee_not-ours.ts', 0);
		this.#coming = recordings
			.flatMap(({ writes, index }) => [...writes, ...index])
			.sort((a, b) => a.at - b.at)
			.reverse();
		this.moveTo(this.now);
	}

	/** The machine's clock, Unix milliseconds. */
	get machineNow(): number {
		return this.now + this.machineAhead;
	}

	/** When the last change of the bucket is over. */
	get end(): number {
		return Math.max(this.now, this.#coming[0]?.at ?? 0);
	}

	moveTo(time: number): void {
		this.now = Math.max(this.now, time);
		while (this.#coming.length > 0 && this.#coming.at(-1)!.at <= this.now) {
			const write = this.#coming.pop()!;
			if (write.body === null) this.bucket.remove(write.key);
			else this.bucket.add(write.key, write.at + this.#ahead, write.body);
			this.#happened(write);
		}
		this.bucket.now = this.now + this.#ahead;
	}

	/** The bucket as one poll has it: its requests take their time, and things happen meanwhile. */
	forPoll({ refused = null, meanwhile = null }: PollTrouble): PollBucket {
		let requests = 0;
		let reads = 0;
		let isRefused = false;
		const request = async () => {
			const number = ++requests;
			this.moveTo(this.now + this.#schedule.requestMs);
			if (meanwhile?.at === number) await meanwhile.happens();
			if (refused !== number) return;
			isRefused = true;
			throw new Error('The bucket refuses this request');
		};
		const { bucket } = this;
		const canStartAfter = this.#schedule.bucket.kind !== 'cannot begin in the middle';
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
					reads++;
					await request();
					return await bucket.getText(key);
				},
			},
			count: () => requests,
			reads: () => reads,
			wasRefused: () => isRefused,
		};
	}
}
