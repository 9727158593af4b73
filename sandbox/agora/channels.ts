import type { Publisher } from '../recorder/recorder.ts';
import type { Clock } from './clock.ts';

/** Seconds after the call began. */
interface Span {
	from: number;
	/** Null for as long as the call lasts. */
	until: number | null;
}

/** Who publishes in a channel, and for how long. */
export interface ChannelPlan {
	/** User IDs that send audio and video; none for a channel that stays empty. */
	uids: string[];
	/** Seconds (session time) until they leave; null when they stay. */
	seconds: number | null;
	/** Users who come late or leave early; several entries for one who comes back. */
	visits?: Array<Span & { uid: string }>;
	/** When nobody sends anything, though nobody leaves. */
	silences?: Span[];
	/** Those of the users whose video is VP8, as some browsers send it. */
	vp8?: string[];
}

interface Call {
	plan: ChannelPlan;
	beganAt: number;
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
	/** How many recorders are in a channel. */
	readonly #recorders = new Map<string, number>();

	constructor(clock: Clock, usual: ChannelPlan) {
		this.#clock = clock;
		this.#usual = usual;
	}

	/** Sets who publishes there from now on; a call that is being recorded changes at once. */
	plan(cname: string, plan: ChannelPlan): void {
		this.#plans.set(cname, plan);
		if (this.#recorders.get(cname)) this.#begin(cname, this.#clock.now());
		else this.#calls.delete(cname);
	}

	/** Forgets plans and calls; nobody records. */
	reset(): void {
		this.#plans.clear();
		this.#calls.clear();
		this.#recorders.clear();
	}

	/** A recorder is in the channel: begins a call unless one is going on. */
	join(cname: string, at: number): void {
		this.#recorders.set(cname, (this.#recorders.get(cname) ?? 0) + 1);
		const call = this.#calls.get(cname);
		if (!call || isOver(call, at)) this.#begin(cname, at);
	}

	/** A recorder that has joined is gone; the call goes on without it. */
	leave(cname: string): void {
		this.#recorders.set(cname, (this.#recorders.get(cname) ?? 0) - 1);
	}

	/** IDs of the users in the channel at that session time, those who send nothing too. */
	present(cname: string, at: number): string[] {
		const call = this.#calls.get(cname);
		if (!call || isOver(call, at)) return [];
		const { uids, visits = [] } = call.plan;
		const visitors = visits.filter(within(elapsed(call, at))).map(({ uid }) => uid);
		return [...new Set([...uids, ...visitors])];
	}

	/** Who publishes at that session time. */
	publishing(cname: string, at: number): Publisher[] {
		const call = this.#calls.get(cname);
		if (!call || call.plan.silences?.some(within(elapsed(call, at)))) return [];
		return this.present(cname, at).map((uid) => ({
			uid,
			codec: call.plan.vp8?.includes(uid) ? 'vp8' : 'h264',
		}));
	}

	#begin(cname: string, at: number): void {
		const plan = this.#plans.get(cname) ?? this.#usual;
		this.#calls.set(cname, { plan, beganAt: at });
	}
}

/** Seconds since the call began, without the errors of floating-point sums. */
const elapsed = ({ beganAt }: Call, at: number) => Math.round((at - beganAt) * 1000) / 1000;

const isOver = (call: Call, at: number) => elapsed(call, at) >= (call.plan.seconds ?? Infinity);

const within =
	(seconds: number) =>
	({ from, until }: Span) =>
		from <= seconds && seconds < (until ?? Infinity);
