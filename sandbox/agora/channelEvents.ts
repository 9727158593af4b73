/** Someone in a channel. */
export interface Participant {
	uid: string;
	isRecorder: boolean;
	/** Whether the channel has the live broadcast profile, in which users are hosts and recorders are audience. */
	isLive: boolean;
	/** Agora's number of the platform. */
	platform: number;
}

/** Receives the events of channels, with Agora's number and payload. */
export type SendChannelEvent = (
	appId: string,
	eventType: number,
	payload: Record<string, unknown>,
) => void;

/** Agora's numbers. Source: Agora, Notifications, channel events. */
const CREATED = 101;
const DESTROYED = 102;
const JOINED = { host: 103, audience: 105, user: 107 };
const LEFT = { host: 104, audience: 106, user: 108 };
const QUIT = 1;

const CLOUD_RECORDER = { platform: 6, clientType: 10 };

/** Who was in a channel when its events were last sent. */
export class ChannelEvents {
	readonly #appId: string;
	readonly #cname: string;
	readonly #send: SendChannelEvent;
	readonly #known = new Map<string, Participant & { joinedAt: number }>();
	#clientSeq = 0;

	constructor(appId: string, cname: string, send: SendChannelEvent) {
		this.#appId = appId;
		this.#cname = cname;
		this.#send = send;
	}

	/**
	 * Sends the events of what has changed since the last call.
	 *
	 * A channel is created with its first user and destroyed when the last one leaves, whether or not a recorder is in
	 * it. Agora documents "the last user", and that recorders join and leave like users, but not whether a recorder
	 * alone keeps a channel: then 102 would follow once it leaves, after `maxIdleTime`.
	 *
	 * @param at session time of the change
	 */
	update(present: Participant[], at: number): void {
		const inChannel = new Map(present.map((each) => [keyOf(each), each]));
		for (const [key, participant] of inChannel) {
			if (this.#known.has(key)) continue;
			if (!participant.isRecorder && this.#users === 0) this.#sendEvent(CREATED, {});
			this.#known.set(key, { ...participant, joinedAt: at });
			this.#sendEvent(JOINED[roleOf(participant)], this.#userFields(participant));
		}
		for (const [key, participant] of this.#known) {
			if (inChannel.has(key)) continue;
			this.#known.delete(key);
			const duration = Math.round(at - participant.joinedAt);
			const fields = { ...this.#userFields(participant), reason: QUIT, duration };
			this.#sendEvent(LEFT[roleOf(participant)], fields);
			if (!participant.isRecorder && this.#users === 0) {
				this.#sendEvent(DESTROYED, { lastUid: Number(participant.uid) });
			}
		}
	}

	get #users(): number {
		return [...this.#known.values()].filter(({ isRecorder }) => !isRecorder).length;
	}

	/** `clientSeq` grows with each event of a user. */
	#userFields({ uid, isRecorder, platform }: Participant): Record<string, unknown> {
		this.#clientSeq = Math.max(Date.now(), this.#clientSeq + 1);
		const client = isRecorder ? CLOUD_RECORDER : { platform };
		return { uid: Number(uid), ...client, clientSeq: this.#clientSeq };
	}

	#sendEvent(eventType: number, fields: Record<string, unknown>): void {
		const ts = Math.floor(Date.now() / 1000);
		this.#send(this.#appId, eventType, { channelName: this.#cname, ...fields, ts });
	}
}

const keyOf = ({ uid, isRecorder }: Participant) => `${isRecorder} ${uid}`;

function roleOf({ isLive, isRecorder }: Participant): keyof typeof JOINED {
	if (!isLive) return 'user';
	return isRecorder ? 'audience' : 'host';
}
