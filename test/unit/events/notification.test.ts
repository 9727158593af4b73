import { EVENTS } from '../../../nodes/Agora/events/eventTypes';
import {
	identitiesOf,
	isCheck,
	readNotification,
	toItem,
	type Notification,
} from '../../../nodes/Agora/events/notification';
import { notificationOf, SAMPLES } from './samples';

const bytes = (body: unknown) =>
	Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const read = (body: unknown) => readNotification(bytes(body)) as Notification;
const UPLOADED = SAMPLES.find(({ number }) => number === 31)!;
const JOINED = SAMPLES.find(({ number }) => number === 103)!;

describe('the item of', () => {
	it.each(SAMPLES)('$product event $number', (sample) => {
		const { product, number, expected } = sample;
		const item = toItem(product, read(notificationOf(sample)));
		const type = EVENTS[product].find((each) => each.number === number)!;
		expect(item).toMatchObject({
			event: `${product}.${type.value}`,
			...{ product, event_type: number, notice_id: `n-${number}`, cname: 'class-7b' },
			uid: product === 'channel' ? '1001' : '8811',
			sid: product === 'channel' ? null : '38f8e3cfdc474cd56fc1ceba380d7e1a',
			occurred_at: product === 'channel' ? '2021-04-23T09:34:21.000Z' : '2021-04-23T09:34:21.821Z',
		});
		const common = product === 'channel' ? {} : { sequence: 3, service: 'uploader' };
		expect(item.details).toEqual({ ...common, ...expected });
	});

	it('every event in the table, once', () => {
		const numbers = Object.values(EVENTS).flatMap((events) => events.map(({ number }) => number));
		expect(SAMPLES.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(
			numbers.toSorted((a, b) => a - b),
		);
		const values = Object.values(EVENTS).flatMap((events) => events.map(({ value }) => value));
		expect(new Set(values).size).toBe(values.length);
	});

	it('an event that is not in the table has its number', () => {
		const item = toItem('recording', read(notificationOf({ ...UPLOADED, number: 99 })));
		expect(item).toMatchObject({ event: 'recording.99', event_type: 99 });
	});

	it('a field that is not in the table keeps its value', () => {
		const fields = { newField: [1], 'odd name': { a: 1 }, toString: 'x' };
		const { details } = toItem('channel', read(notificationOf({ ...JOINED, fields })));
		expect(details).toEqual({ new_field: [1], 'odd name': { a: 1 }, to_string: 'x' });
	});

	it('a notification without a time has the time of sending', () => {
		const payload = { cname: 'class-7b' };
		const item = toItem('recording', read(notificationOf(UPLOADED, { payload })));
		expect(item).toMatchObject({ occurred_at: '2021-04-23T09:34:30.000Z', uid: null });
	});

	it('contains the notification, without the stream key', () => {
		const rtmp = SAMPLES.find(({ number }) => number === 100)!;
		const item = toItem('recording', read(notificationOf(rtmp)));
		expect(item.raw).toMatchObject({ noticeId: 'n-100', payload: { sequence: 3 } });
		expect(JSON.stringify(item)).not.toContain('app/key');
	});

	it('a captured notification', () => {
		const captured =
			'{"noticeId":"31aeb35a9245cbd977cfe18b438b75ed","notifyMs":1596555306283,"eventType":40,"sid":"d12f0000000000000000000000000000","payload":{"serviceType":1,"uid":"1001","sequence":1,"sendts":1596555306257,"cname":"Testing2","details":{"status":0,"msgName":"recorder_started"},"sid":"d12f0000000000000000000000000000"},"productId":3}';
		expect(toItem('recording', read(captured))).toMatchObject({
			...{ event: 'recording.started', cname: 'Testing2', uid: '1001' },
			...{ sid: 'd12f0000000000000000000000000000', occurred_at: '2020-08-04T15:35:06.257Z' },
			details: { sequence: 1, service: 'recorder', status: 0, message_name: 'recorder_started' },
		});
	});
});

describe('a body is refused', () => {
	const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
	it.each([
		['that is not JSON', 'a=1', /not JSON/],
		['that is empty', '', /not JSON/],
		['that is a list', [], /not a JSON object/],
		['that is null', 'null', /not a JSON object/],
		['without a notice ID', { ...notificationOf(UPLOADED), noticeId: undefined }, /noticeId/],
		['with a number as notice ID', { ...notificationOf(UPLOADED), noticeId: 5 }, /noticeId/],
		[
			'with a long notice ID',
			{ ...notificationOf(UPLOADED), noticeId: 'x'.repeat(201) },
			/noticeId/,
		],
		['without a product', { ...notificationOf(UPLOADED), productId: '3' }, /productId/],
		['without an event type', { ...notificationOf(UPLOADED), eventType: null }, /eventType/],
		['without a payload', { ...notificationOf(UPLOADED), payload: [] }, /payload/],
		['that is nested too deep', notificationOf(UPLOADED, { payload: deep(20) }), /too deep/],
		['that is too large', notificationOf(UPLOADED, { extra: 'x'.repeat(1_000_000) }), /too large/],
	])('%s', (_, body, reason) => {
		expect(readNotification(bytes(body))).toMatch(reason);
	});

	it('but not one that is as deep as allowed', () => {
		expect(read(notificationOf(UPLOADED, { payload: deep(19) }))).toHaveProperty('noticeId');
	});
});

describe('identities', () => {
	const of = (changes: object) => identitiesOf(read(notificationOf(UPLOADED, changes)));

	it('are the same for a resend', () => {
		expect(of({ notifyMs: 1 })).toEqual(of({}));
	});

	it('share one with a redundant copy, which has another notice ID', () => {
		expect(of({ noticeId: 'copy' }).filter((id) => of({}).includes(id))).toHaveLength(1);
	});

	it('share none with another event', () => {
		const other = of({ noticeId: 'other', eventType: 32 });
		expect(other.filter((id) => of({}).includes(id))).toEqual([]);
	});

	describe.each([
		['a user', { channelName: 'a', uid: 7, clientSeq: 1625051030746, ts: 1560396843 }],
		['a channel, which has no clientSeq', { channelName: 'a', ts: 1560396843 }],
	])('of an event of %s', (_, payload) => {
		const idsOf = (noticeId: string, changes: object = {}, eventType = 101) =>
			identitiesOf(
				read({ noticeId, productId: 1, eventType, payload: { ...payload, ...changes } }),
			);
		const shared = (ids: string[]) => ids.filter((id) => idsOf('n').includes(id));

		it('share one with a redundant copy', () => {
			expect(shared(idsOf('copy'))).toHaveLength(1);
		});

		it('share none with another event', () => {
			expect(shared(idsOf('other', { channelName: 'b' }))).toEqual([]);
			expect(shared(idsOf('other', {}, 102))).toEqual([]);
			expect(shared(idsOf('other', { ts: 1, clientSeq: 1 }))).toEqual([]);
			expect(shared(idsOf('other', { uid: 8 }))).toEqual([]);
		});
	});

	it('of a channel event without a number are the notice ID', () => {
		const payload = { channelName: 'a' };
		const ids = identitiesOf(read({ noticeId: 'n', productId: 1, eventType: 101, payload }));
		expect(ids).toEqual(['notice 1 n']);
	});
});

it('recognizes the events of Check in the Agora Console', () => {
	const check = { ...JOINED, fields: { channelName: 'test_webhook', uid: 12121212 } };
	expect(isCheck(read(notificationOf(check)))).toBe(true);
	expect(isCheck(read(notificationOf(JOINED)))).toBe(false);
});
