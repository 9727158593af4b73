import { createHmac, randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Clock } from './clock.ts';

/** `productId` of the products that the sandbox sends notifications for. */
export const PRODUCT_IDS = { channel: 1, recording: 3 };
export type NotificationProduct = keyof typeof PRODUCT_IDS;

/** The settings of a product on the page Notifications of the Agora Console, and how the delivery goes wrong. */
export interface NotificationSettings {
	product: NotificationProduct;
	/** Agora only accepts https. */
	url: string;
	secret: string;
	/** The default is the main project. */
	appId?: string;
	/** Numbers of the events that are chosen in the Console; all by default. */
	events?: number[];
	/** Signs with another secret. */
	signedWith?: string;
	/** Seconds of session time by which every other notification is late, so that they arrive in disorder. */
	lateSeconds?: number;
	/** Whether each notification is sent twice, with separate notice IDs. */
	redundant?: boolean;
	/** How many times each notification is sent again although it was received. */
	repeats?: number;
}

/** A notification without `notifyMs`, which each attempt sets. */
export interface Notice {
	noticeId: string;
	productId: number;
	eventType: number;
	sid?: string;
	payload: Record<string, unknown>;
}

export interface SentNotice {
	notice: Notice;
	/** The HTTP status of each attempt; null if there was no response in time. */
	attempts: Array<{ notifyMs: number; status: number | null }>;
}

/** A test event that the Agora Console sends when Check is pressed. */
export interface CheckedEvent {
	eventType: number;
	status: number | null;
	/** Whether the body of the response is JSON, which Agora requires. */
	isJson: boolean;
}

/** Source: Agora, Notifications, request. */
const RESPONSE_SECONDS = 10;
/** The first resend follows at once, then the gaps grow. Agora doesn't document their length. */
const RESEND_GAPS_SECONDS = [0, 5, 20];

/** Source: Agora, Notifications, enable. */
const CHECK_CHANNEL = 'test_webhook';
const CHECK_UID = 12_121_212;
const CHECKED_EVENTS = {
	channel: [101, 102, 103, 104, 105, 106, 107, 108],
	recording: [11, 31, 40, 41],
};

/** Agora's notifications: HTTP requests to the URLs that are set for the products of a project. */
export class Notifications {
	readonly #clock: Clock;
	readonly #agent = new Agent();
	/** By App ID and product. */
	readonly #settings = new Map<string, NotificationSettings>();
	readonly #deliveries = new Set<Promise<void>>();
	#cancelled = new AbortController();
	/** All notifications since the last `clear`, in the order of their events. */
	readonly sent: SentNotice[] = [];

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Sets the URL of a product; its next notifications are sent there. */
	set(appId: string, settings: NotificationSettings): void {
		this.#settings.set(`${appId} ${settings.product}`, settings);
	}

	/** Removes all URLs, cancels what is being sent, and forgets what was sent. */
	clear(): void {
		this.#settings.clear();
		this.#cancelled.abort();
		this.#cancelled = new AbortController();
		this.sent.length = 0;
	}

	/** Resolves when nothing is being sent any more and all connections are closed. */
	async stop(): Promise<void> {
		this.clear();
		await Promise.all(this.#deliveries);
		await this.#agent.destroy();
	}

	/** Sends a notification, if the product has a URL. */
	send(
		{ appId, product, sid }: { appId: string; product: NotificationProduct; sid?: string },
		eventType: number,
		payload: Record<string, unknown>,
	): void {
		const settings = this.#settings.get(`${appId} ${product}`);
		if (!settings || settings.events?.includes(eventType) === false) return;
		for (let copy = 0; copy < (settings.redundant ? 2 : 1); copy += 1) {
			const sent: SentNotice = {
				notice: newNotice(product, eventType, payload, sid),
				attempts: [],
			};
			const isLate = this.sent.push(sent) % 2 === 1;
			const delivery = this.#deliver(settings, sent, isLate ? (settings.lateSeconds ?? 0) : 0);
			this.#deliveries.add(delivery);
			void delivery.then(() => this.#deliveries.delete(delivery));
		}
	}

	/** Sends the events that the Agora Console sends when Check is pressed, one after another. */
	async check(appId: string, product: NotificationProduct): Promise<CheckedEvent[]> {
		const settings = this.#settings.get(`${appId} ${product}`);
		if (!settings) throw new Error('no URL is set');
		const results: CheckedEvent[] = [];
		for (const eventType of CHECKED_EVENTS[product]) {
			const ts = Math.floor(Date.now() / 1000);
			// Agora documents the values of channel events only.
			const payload =
				product === 'channel'
					? { channelName: CHECK_CHANNEL, uid: CHECK_UID, ts }
					: { cname: CHECK_CHANNEL, uid: String(CHECK_UID), sendts: ts * 1000, details: {} };
			const notice = newNotice(product, eventType, payload);
			const response = await this.#post(settings, notice, Date.now());
			results.push({
				eventType,
				status: response?.status ?? null,
				isJson: isJson(response?.text ?? ''),
			});
		}
		return results;
	}

	async #deliver(settings: NotificationSettings, sent: SentNotice, delay: number): Promise<void> {
		const { signal } = this.#cancelled;
		let repeats = settings.repeats ?? 0;
		for (const gap of [delay, ...RESEND_GAPS_SECONDS]) {
			do {
				await this.#clock.waitUntil(this.#clock.now() + gap, signal);
				if (signal.aborted) return;
				const notifyMs = Math.max(Date.now(), (sent.attempts.at(-1)?.notifyMs ?? 0) + 1);
				const response = await this.#post(settings, sent.notice, notifyMs);
				if (signal.aborted) return;
				sent.attempts.push({ notifyMs, status: response?.status ?? null });
			} while (sent.attempts.at(-1)?.status === 200 && repeats-- > 0);
			if (sent.attempts.at(-1)?.status === 200) return;
		}
	}

	/** Resolves with null if there is no response in time. */
	async #post(
		{ url, secret, signedWith = secret }: NotificationSettings,
		notice: Notice,
		notifyMs: number,
	): Promise<{ status: number; text: string } | null> {
		const limit = AbortSignal.timeout((RESPONSE_SECONDS * 1000) / this.#clock.speed);
		try {
			const { statusCode, body } = await request(url, {
				method: 'POST',
				...signNotice(notice, notifyMs, signedWith),
				signal: AbortSignal.any([limit, this.#cancelled.signal]),
				dispatcher: this.#agent,
			});
			return { status: statusCode, text: await body.text() };
		} catch {
			return null;
		}
	}
}

export function newNotice(
	product: NotificationProduct,
	eventType: number,
	payload: Record<string, unknown>,
	sid?: string,
): Notice {
	const noticeId = randomBytes(16).toString('hex');
	const productId = PRODUCT_IDS[product];
	return { noticeId, productId, eventType, ...(sid !== undefined && { sid }), payload };
}

/** The body of a notification, and headers with Agora's signatures of exactly this body. */
export function signNotice(notice: Notice, notifyMs: number, secret: string) {
	const { payload, ...fields } = notice;
	const body = JSON.stringify({ ...fields, notifyMs, payload });
	const hmac = (algorithm: string) => createHmac(algorithm, secret).update(body).digest('hex');
	const headers = {
		'content-type': 'application/json;charset=utf-8',
		'agora-signature': hmac('sha1'),
		'agora-signature-v2': hmac('sha256'),
	};
	return { body, headers };
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
