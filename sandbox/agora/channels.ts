import type { Clock } from './clock.ts';

/** Who publishes in a channel, and for how long. */
export interface ChannelPlan {
	/** User IDs that send audio and video; none for a channel that stays empty. */
	uids: string[];
	/** Seconds (session time) until they leave; null when they stay. */
	seconds: number | null;
}

interface Call {
	uids: string[];
	endsAt: number;
}

/**
 * The people in the channels, who on this machine are made up: when a recorder joins a channel
 * without a call, the planned users are there and leave after the planned time.
 */
export class Channels {
	readonly #clock: Clock;
	readonly #usual: ChannelPlan;
	readonly #plans = new Map<string, ChannelPlan>();
	readonly #calls = new Map<string, Call>();

	constructor(clock: Clock, usual: ChannelPlan) {
		this.#clock = clock;
		this.#usual = usual;
	}

	/** Sets who publishes there from now on; a call in progress changes at once. */
	plan(cname: string, plan: ChannelPlan): void {
		this.#plans.set(cname, plan);
		if (this.#calls.has(cname)) this.#begin(cname);
	}

	/** A recorder is in the channel: begins a call unless one is going on. Returns its start. */
	join(cname: string, at: number): void {
		const call = this.#calls.get(cname);
		if (!call || call.endsAt <= at) this.#begin(cname, at);
	}

	/** Who publishes at that session time. */
	publishing(cname: string, at: number): string[] {
		const call = this.#calls.get(cname);
		return call && at < call.endsAt ? call.uids : [];
	}

	#begin(cname: string, at = this.#clock.now()): void {
		const { uids, seconds } = this.#plans.get(cname) ?? this.#usual;
		this.#calls.set(cname, { uids, endsAt: seconds === null ? Infinity : at + seconds });
	}
}
