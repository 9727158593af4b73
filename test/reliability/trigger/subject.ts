import type { Schedule } from './schedule.ts';
import type { PollBucket } from './world.ts';

/** What is polled: the trigger, or a part of it. */
export interface Subject {
	/** It begins nothing new after so many milliseconds, however long it may go on. */
	longest: number;
	/** For so many milliseconds a start of n8n takes back what was emitted; 0 where it knows of none. */
	takesBackMs: number;
	/** Whether it polls only once at a time in a process, and from no state older than its last emission there. */
	isGuarded: boolean;
	poll(start: PollStart): Promise<PollEnd>;
}

export interface PollStart {
	bucket: PollBucket;
	trigger: Schedule['trigger'];
	/** What the last poll left, as n8n stores it; '{}' before the first. */
	stored: string;
	/** How long it may go on, milliseconds. */
	budget: number;
	/** Names the process of n8n that polls. */
	process: string;
	/** Whether n8n was just started. */
	isAfterStart: boolean;
}

export interface PollEnd {
	/** What it emitted; null when it threw. */
	emitted: Emission[] | null;
	error: Error | null;
	/** What it leaves to the next; as it was where it threw. */
	stored: string;
	/** What it did that it must not do, whatever it emitted; a sentence each, without a subject. */
	faults: string[];
}

/** A recording that was emitted. */
export interface Emission {
	/** No two recordings of a schedule share one. */
	sid: string;
	/** As which it came out. */
	status: string;
	/** How many recorded files are counted in it. */
	files: number;
	/** All of it, as it came out. */
	item: unknown;
}
