import type { IDataObject } from 'n8n-workflow';
import { isObject } from '../agora/formats';
import { toDetails, toIsoTime, withoutStreamKey } from './details';
import { eventName, PRODUCTS, type Product } from './eventTypes';

/** A notification of Agora's, with the fields that all of them have. */
export interface Notification {
	noticeId: string;
	productId: number;
	eventType: number;
	/** Unix milliseconds; another one for each attempt to send the notification. */
	notifyMs?: unknown;
	sid?: unknown;
	payload: Record<string, unknown>;
}

/** Agora's own notifications have a few kilobytes; the list of files of a long recording is the longest part. */
const MAX_BYTES = 1_000_000;
/** Agora's own have five. */
const MAX_LEVELS = 20;
const MAX_NOTICE_ID = 200;

/**
 * Reads the body of a request whose signature is right.
 *
 * @returns the notification; a string with the reason where it is not one
 */
export function readNotification(body: Buffer): Notification | string {
	if (body.length > MAX_BYTES) return 'The body is too large';
	let json: unknown;
	try {
		json = JSON.parse(body.toString('utf8'));
	} catch {
		return 'The body is not JSON';
	}
	if (!isObject(json)) return 'The body is not a JSON object';
	if (isDeeperThan(MAX_LEVELS, json)) return 'The body is nested too deep';
	const { noticeId, productId, eventType, payload } = json;
	if (typeof noticeId !== 'string' || noticeId === '' || noticeId.length > MAX_NOTICE_ID) {
		return 'noticeId is missing';
	}
	if (!Number.isSafeInteger(productId) || !Number.isSafeInteger(eventType)) {
		return 'productId or eventType is missing';
	}
	if (!isObject(payload)) return 'payload is missing';
	return json as unknown as Notification;
}

function isDeeperThan(levels: number, value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}

/** The channel of the events that the Agora Console sends when somebody presses Check. */
const CHECK_CHANNEL = 'test_webhook';

/** @returns whether the Agora Console sent it to check the URL */
export function isCheck({ payload }: Notification): boolean {
	return channelOf(payload) === CHECK_CHANNEL;
}

/** Fields that are next to `details` in an item. */
const SHOWN_ABOVE = ['cname', 'channelName', 'uid', 'sid', 'ts', 'sendts', 'details'];

/**
 * Converts a notification to an output item.
 *
 * @returns `details` has the fields of the event, `raw` the notification as Agora sent it, without stream keys
 */
export function toItem(product: Product, notification: Notification): IDataObject {
	const { noticeId, eventType, notifyMs, payload } = notification;
	const others = Object.entries(payload).filter(([name]) => !SHOWN_ABOVE.includes(name));
	const own = isObject(payload.details) ? payload.details : {};
	return {
		event: eventName(product, eventType),
		product,
		event_type: eventType,
		notice_id: noticeId,
		occurred_at: toIsoTime(payload.sendts ?? payload.ts) ?? toIsoTime(notifyMs),
		cname: channelOf(payload),
		uid: payload.uid === undefined || payload.uid === null ? null : String(payload.uid as string),
		sid: sidOf(notification),
		details: { ...toDetails(Object.fromEntries(others)), ...toDetails(own) },
		raw: withoutStreamKeys(notification),
	};
}

/** @returns the channel, null where there is none */
export function channelOf({ cname, channelName }: Record<string, unknown>): string | null {
	const name = cname ?? channelName;
	return typeof name === 'string' ? name : null;
}

/** @returns the recording's ID, null where there is none */
export function sidOf({ sid, payload }: Notification): string | null {
	const id = payload.sid ?? sid;
	return typeof id === 'string' ? id : null;
}

/**
 * The identities of the event: a resend has the same notice ID; of redundant notifications, both copies have the same
 * session, type, number and time, or the same channel, user, type and `clientSeq`. Agora documents that the events of a
 * channel itself have no `clientSeq`.
 */
export function identitiesOf(notification: Notification): string[] {
	const { noticeId, productId, eventType, payload } = notification;
	const { sequence, sendts, uid = '', clientSeq, ts } = payload;
	const sid = sidOf(notification);
	const ids = [`notice ${productId} ${noticeId}`];
	if (sid !== null && sequence !== undefined && sendts !== undefined) {
		ids.push(`event ${[sid, eventType, sequence, sendts].join(' ')}`);
	}
	const number = clientSeq ?? ts;
	if (productId === PRODUCTS.channel && number !== undefined) {
		ids.push(`event ${[eventType, uid, number, channelOf(payload)].join(' ')}`);
	}
	return ids;
}

/** @returns whether a notification is about this product */
export function isAbout(product: Product, { productId }: Notification): boolean {
	return productId === PRODUCTS[product];
}

function withoutStreamKeys(notification: Notification): IDataObject {
	const copy = (name: string, value: unknown) =>
		name === 'rtmpUrl' ? withoutStreamKey(value) : value;
	return JSON.parse(JSON.stringify(notification, copy)) as IDataObject;
}
