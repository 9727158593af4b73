import type { Publisher } from '../recorder/recorder.ts';
import { Bans } from './bans.ts';
import { ChannelEvents, type Participant, type SendChannelEvent } from './channelEvents.ts';
import type { Clock } from './clock.ts';

/** Seconds after the call began. */
interface TimeRange {
	from: number;
	/** Exclusive; null for the end of the call. */
	until: number | null;
}

/** Which users are in a channel, and for how long. */
export interface ChannelPlan {
	/** User IDs that send audio and video; empty for a channel without users. */
	uids: string[];
	/** User IDs that only watch; without this list, the channel has the communication profile and no roles. */
	audience?: string[];
	/** Seconds (session time) until they leave; null if they stay. */
	seconds: number | null;
	/** Users who join later or leave earlier; one entry for each time they join. */
	visits?: Array<TimeRange & { uid: string }>;
	/** When users are in the channel but nobody sends anything. */
	silences?: TimeRange[];
	/** The users whose video is VP8, as some browsers send it. */
	vp8?: string[];
	/** Whether the channel has the live broadcast profile, in which users are hosts. The default is communication. */
	live?: boolean;
}

interface Call {
	plan: ChannelPlan;
	beganAt: number;
}

interface Channel {
	plan: ChannelPlan;
	/** When the plan was set. */
	plannedAt: number;
	/** The call that began when a recorder joined, even if it is over. */
	call: Call | null;
	/** The user IDs of the recorders in the channel; null for one that records a web page. */
	recorders: Array<string | null>;
	events: ChannelEvents;
	/** Cancels the wait for the next user who joins or leaves. */
	waiting: AbortController;
}

/** A channel with at least one user in it. */
export interface OnlineChannel {
	cname: string;
	uids: string[];
}

/** A user of a channel, as the channel management API reports it. */
export interface ChannelMember {
	uid: string;
	role: 'user' | 'host' | 'audience';
	/** Unix milliseconds. */
	joinedAt: number;
}

/**
 * The channels of each App ID and their made-up users. The planned users are in a channel until a recorder
 * joins; the times of the plan count from then. Banned users are in no list; they are back once the ban ends.
 */
export class Channels {
	readonly #clock: Clock;
	readonly #defaultPlan: ChannelPlan;
	readonly #bans: Bans;
	readonly #sendEvent: SendChannelEvent;
	/** By App ID, then by name. */
	readonly #apps = new Map<string, Map<string, Channel>>();

	/**
	 * @param defaultPlan what happens in a channel without a plan once a recorder joins; it is empty before
	 * @param options `sendEvent` receives what happens, as it happens
	 */
	constructor(
		clock: Clock,
		defaultPlan: ChannelPlan,
		{ bans = new Bans(), sendEvent = () => {} }: { bans?: Bans; sendEvent?: SendChannelEvent } = {},
	) {
		this.#clock = clock;
		this.#defaultPlan = defaultPlan;
		this.#bans = bans;
		this.#sendEvent = sendEvent;
	}

	/** Sets who is in the channel from now on, at once if it is being recorded. */
	setPlan(appId: string, cname: string, plan: ChannelPlan): void {
		const channel = this.#getOrCreate(appId, cname);
		channel.plan = plan;
		channel.plannedAt = this.#clock.now();
		channel.call = channel.recorders.length > 0 ? { plan, beganAt: this.#clock.now() } : null;
		this.#update(channel);
	}

	/** Forgets all plans, calls and recorders. */
	reset(): void {
		for (const channels of this.#apps.values()) {
			for (const { waiting } of channels.values()) waiting.abort();
		}
		this.#apps.clear();
	}

	/**
	 * A recorder joins: a call begins unless one is in progress.
	 *
	 * @param uid the recorder's user ID; null if it records a web page
	 */
	join(appId: string, cname: string, at: number, uid: string | null): void {
		const channel = this.#getOrCreate(appId, cname);
		channel.recorders.push(uid);
		if (!channel.call || isOver(channel.call, at))
			channel.call = { plan: channel.plan, beganAt: at };
		this.#update(channel, at);
	}

	/** A recorder leaves; the call continues without it. */
	leave(appId: string, cname: string, uid: string | null): void {
		const channel = this.#find(appId, cname);
		if (!channel?.recorders.includes(uid)) return;
		channel.recorders.splice(channel.recorders.indexOf(uid), 1);
		this.#update(channel);
	}

	/** User IDs in the channel at that session time, including those who send nothing, without an audience. */
	present(appId: string, cname: string, at: number): string[] {
		const channel = this.#find(appId, cname);
		return (channel ? usersAt(channel, at) : []).filter((uid) => this.#mayJoin(appId, cname, uid));
	}

	/** The users who send audio and video at that session time. */
	publishing(appId: string, cname: string, at: number): Publisher[] {
		const channel = this.#find(appId, cname);
		const call = channel?.call;
		if (!call || call.plan.silences?.some(includes(elapsed(call, at)))) return [];
		const isMuted = (uid: string) =>
			['publish_audio', 'publish_video'].every((privilege) =>
				this.#bans.forbid(appId, cname, uid, privilege),
			);
		return this.present(appId, cname, at)
			.filter((uid) => !isMuted(uid))
			.map((uid) => ({ uid, codec: call.plan.vp8?.includes(uid) ? 'vp8' : 'h264' }));
	}

	/** The users who are in a channel now, hosts first. */
	members(appId: string, cname: string): ChannelMember[] {
		const channel = this.#find(appId, cname);
		return channel === undefined ? [] : this.#membersOf(appId, cname, channel);
	}

	/** The channels of an App ID with users in them now, by name. */
	online(appId: string): OnlineChannel[] {
		const channels = [...(this.#apps.get(appId) ?? [])];
		return channels
			.map(([cname, channel]) => ({
				cname,
				uids: this.#membersOf(appId, cname, channel).map(({ uid }) => uid),
			}))
			.filter(({ uids }) => uids.length > 0)
			.sort((one, other) => (one.cname < other.cname ? -1 : 1));
	}

	#membersOf(appId: string, cname: string, channel: Channel): ChannelMember[] {
		const now = this.#clock.now();
		const { audience } = (channel.call ?? channel).plan;
		const isOpen = !channel.call || !isOver(channel.call, now);
		const member = (uid: string, role: ChannelMember['role']): ChannelMember => ({
			uid,
			role,
			joinedAt: Date.now() - ((now - joinedAt(channel, uid, now)) / this.#clock.speed) * 1000,
		});
		const hosts = usersAt(channel, now).map((uid) => member(uid, audience ? 'host' : 'user'));
		const watching = isOpen ? (audience ?? []).map((uid) => member(uid, 'audience')) : [];
		return [...hosts, ...watching].filter(({ uid }) => this.#mayJoin(appId, cname, uid));
	}

	#mayJoin(appId: string, cname: string, uid: string): boolean {
		return !this.#bans.forbid(appId, cname, uid, 'join_channel');
	}

	/**
	 * Sends what has changed in a channel, and whenever the plan changes it again.
	 *
	 * @param at session time
	 */
	#update(channel: Channel, at = this.#clock.now()): void {
		channel.waiting.abort();
		channel.events.update(participants(channel, at), at);
		const next = nextChange(channel, at);
		if (next === null) return;
		channel.waiting = new AbortController();
		const { signal } = channel.waiting;
		void this.#clock.waitUntil(next, signal).then(() => {
			// On a busy machine it may be later, but each change has its own event, as of the planned time.
			if (!signal.aborted) this.#update(channel, next);
		});
	}

	#find(appId: string, cname: string): Channel | undefined {
		return this.#apps.get(appId)?.get(cname);
	}

	#getOrCreate(appId: string, cname: string): Channel {
		const channels = this.#apps.get(appId) ?? new Map<string, Channel>();
		this.#apps.set(appId, channels);
		const channel = channels.get(cname) ?? {
			plan: this.#defaultPlan,
			plannedAt: this.#clock.now(),
			call: null,
			recorders: [],
			events: new ChannelEvents(appId, cname, this.#sendEvent),
			waiting: new AbortController(),
		};
		channels.set(cname, channel);
		return channel;
	}
}

/** Before the call, the users of the plan are present; afterwards, nobody is. */
function usersAt({ plan, call }: Channel, at: number): string[] {
	if (!call) return plan.uids;
	if (isOver(call, at)) return [];
	const { uids, visits = [] } = call.plan;
	const visitors = visits.filter(includes(elapsed(call, at))).map(({ uid }) => uid);
	return [...new Set([...uids, ...visitors])];
}

/** The session time at which a user who is in the channel joined it. */
function joinedAt({ call, plannedAt }: Channel, uid: string, at: number): number {
	if (!call) return plannedAt;
	const visit = call.plan.visits?.find(
		(each) => each.uid === uid && includes(elapsed(call, at))(each),
	);
	return call.beganAt + (call.plan.uids.includes(uid) ? 0 : (visit?.from ?? 0));
}

/** Agora's numbers of platforms: browsers, which may send VP8, and Android. */
const WEB = 7;
const ANDROID = 1;

/** The users and the recorders in a channel. */
function participants(channel: Channel, at: number): Participant[] {
	const { live = false, vp8 = [] } = channel.call?.plan ?? channel.plan;
	const users = usersAt(channel, at).map((uid) => ({
		uid,
		isRecorder: false,
		isLive: live,
		platform: vp8.includes(uid) ? WEB : ANDROID,
	}));
	const recorders = channel.recorders
		.filter((uid) => uid !== null)
		.map((uid) => ({ uid, isRecorder: true, isLive: live, platform: 0 }));
	return [...users, ...recorders];
}

/** The session time after `at` when the next user joins or leaves, as planned; null for never. */
function nextChange({ call }: Channel, at: number): number | null {
	if (!call || isOver(call, at)) return null;
	const { seconds, visits = [] } = call.plan;
	const changes = [seconds, ...visits.flatMap(({ from, until }) => [from, until])]
		.filter((each) => each !== null)
		.filter((each) => each > elapsed(call, at));
	return changes.length > 0 ? call.beganAt + Math.min(...changes) : null;
}

/** Seconds since the call began, without floating-point errors. */
const elapsed = ({ beganAt }: Call, at: number) => Math.round((at - beganAt) * 1000) / 1000;

const isOver = (call: Call, at: number) => elapsed(call, at) >= (call.plan.seconds ?? Infinity);

const includes =
	(seconds: number) =>
	({ from, until }: TimeRange) =>
		from <= seconds && seconds < (until ?? Infinity);
