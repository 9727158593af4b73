import { request } from 'undici';
import {
	newNotice,
	signNotice,
	type Notice,
	type NotificationProduct,
} from '../../sandbox/agora/notifications.ts';
import { NOTIFICATIONS_SECRET } from '../../sandbox/n8n/credentials.ts';
import { notificationsUrl, subscribeExamples } from '../../sandbox/n8n/notifications.ts';
import { withCredentials, type Workflow } from '../../sandbox/n8n/workflows.ts';
import { readObject } from './bucketFiles.ts';
import {
	DONE,
	readExecution,
	triggered,
	triggeredIds,
	until,
	type Execution,
	type Items,
} from './executions.ts';
import type { TestedDemo } from './testedDemo.ts';
import { note } from './transcript.ts';

const MINUTE = 60_000;
const EVENTS = 'agora-events';
const EVERY_CLASS = 'agora-record-every-class';
const CLASS = 'class-7b';

/** The triggers of the workflow, whose names are their webhook IDs. */
const RECORDING = 'recording-events';
const CHANNEL = 'channel-events';
const UPLOADED = 'uploaded-recordings';

const MEASURED = 20;
const SLOWEST_MEDIAN_MS = 1000;

const RECORDINGS = 10;
const EVENTS_EACH = 12;
const COPIES = 40;
const RESENDS = 40;
const CHANNEL_EVENTS = 40;
const AT_ONCE = 10;
/** Types of recording events that may come in any number. */
const TYPES = [40, 43, 44, 42, 4, 33];

interface Response {
	status: number;
	text: string;
}

/** Agora's notifications start a workflow at once, and each event starts it once. */
export function testEventTrigger(tested: () => TestedDemo): void {
	const demo = () => tested().demo;
	const control = () => demo().sandbox.control;
	const urlOf = (webhookId: string) => notificationsUrl(demo().n8n.url, webhookId);

	async function post(url: string, { body, headers }: ReturnType<typeof signNotice>) {
		const response = await request(url, { method: 'POST', body, headers });
		return { status: response.statusCode, text: await response.body.text() };
	}
	const send = async (notice: Notice, webhookId = RECORDING): Promise<Response> =>
		await post(urlOf(webhookId), signNotice(notice, Date.now(), NOTIFICATIONS_SECRET));

	/** n8n registers webhooks after it has responded to their publication, and after it has started. */
	const untilRegistered = async (webhookId: string) =>
		await until(`the webhook ${webhookId} is there`, 60, async () => {
			const { statusCode, body } = await request(urlOf(webhookId), { method: 'POST' });
			await body.dump();
			return statusCode === 401 || null;
		});

	/** Those that have ended, by ID. */
	const known = new Map<string, Execution>();
	/** All executions, oldest first. */
	async function executions(): Promise<Execution[]> {
		const { api } = demo();
		const ids = await triggeredIds(api, EVENTS, 'webhook');
		const all: Execution[] = [];
		for (const id of ids) {
			const execution = known.get(id) ?? (await readExecution(api, id));
			if (DONE.includes(execution.status)) known.set(id, execution);
			all.push(execution);
		}
		return all;
	}

	/** The items of a trigger in all executions that have ended. */
	const itemsOf = async (trigger: string): Promise<Items> =>
		(await executions()).flatMap(({ outputs }) => outputs[trigger] ?? []);
	const untilItems = async (trigger: string, count: number, seconds = 30) =>
		await until(`${count} items of ${trigger}`, seconds, async () => {
			const items = await itemsOf(trigger);
			return items.length >= count ? items : null;
		});
	/** n8n starts an execution right after its response, so it would be there. */
	async function expectNoExecution(work: () => Promise<void>): Promise<void> {
		const before = (await triggeredIds(demo().api, EVENTS, 'webhook')).length;
		await work();
		await new Promise((resolve) => setTimeout(resolve, 1000));
		expect(await triggeredIds(demo().api, EVENTS, 'webhook')).toHaveLength(before);
	}

	beforeAll(async () => {
		const { api } = demo();
		const all = await api.get<Array<{ id: string; name: string; type: string }>>('/credentials');
		const idOf = (type: string, name: string) =>
			all.find((each) => each.type === type && each.name === name)?.id;
		const workflow = withCredentials(eventsWorkflow(), idOf);
		const { versionId } = await api.post<{ versionId: string }>('/workflows', workflow);
		await api.post(`/workflows/${EVENTS}/activate`, { versionId });
		for (const webhookId of [RECORDING, CHANNEL, UPLOADED]) await untilRegistered(webhookId);
	}, 3 * MINUTE);

	it(
		'Check in the Agora Console: 200 with JSON, and no execution',
		async () => {
			const subscribe = (product: NotificationProduct, webhookId: string) =>
				control().setNotifications({
					product,
					url: urlOf(webhookId),
					secret: NOTIFICATIONS_SECRET,
				});
			await expectNoExecution(async () => {
				subscribe('channel', CHANNEL);
				subscribe('recording', RECORDING);
				// The other product's events are not for this trigger, but it may share their URL.
				for (const product of ['channel', 'recording'] as const) {
					const events = await control().checkNotifications(product);
					note(`Check, ${product}`, events);
					expect(events.length).toBeGreaterThan(3);
					for (const event of events) expect(event).toMatchObject({ status: 200, isJson: true });
				}
			});
		},
		MINUTE,
	);

	it(
		'wrong signatures: 401, and no execution',
		async () => {
			await expectNoExecution(async () => {
				const notice = recordingEvent('a'.repeat(32), 0);
				const { body, headers } = signNotice(notice, Date.now(), NOTIFICATIONS_SECRET);
				const { 'content-type': contentType } = headers;
				const attempts = {
					missing: { body, headers: { 'content-type': contentType } },
					'other secret': signNotice(notice, Date.now(), 'another-secret'),
					'other body': { body: body.replace('"lesson 0"', '"lesson 1"'), headers },
				};
				for (const [name, attempt] of Object.entries(attempts)) {
					const response = await post(urlOf(RECORDING), attempt as ReturnType<typeof signNotice>);
					note(`A wrong signature, ${name}`, response);
					expect([name, response.status]).toEqual([name, 401]);
					tested().seen.push(response);
				}
			});
		},
		MINUTE,
	);

	it(
		'starts the workflow within a second',
		async () => {
			const delays: number[] = [];
			const sid = 'b'.repeat(32);
			const sentAt: Record<string, number> = {};
			for (let sequence = 0; sequence < MEASURED; sequence += 1) {
				const notice = recordingEvent(sid, sequence);
				sentAt[notice.noticeId] = Date.now();
				expect(await send(notice)).toEqual({ status: 200, text: '{"received":true}' });
			}
			await untilItems(RECORDING, MEASURED);
			for (const { startedAt, outputs } of await executions()) {
				const id = outputs[RECORDING]![0]!.notice_id as string;
				delays.push(Date.parse(startedAt!) - sentAt[id]!);
			}
			delays.sort((one, other) => one - other);
			const median = delays[Math.floor(delays.length / 2)]!;
			note('From the notification to the start of the execution, milliseconds', {
				notices: delays.length,
				...{ fastest: delays[0], median, slowest: delays.at(-1) },
			});
			expect(delays).toHaveLength(MEASURED);
			expect(median).toBeLessThanOrEqual(SLOWEST_MEDIAN_MS);
		},
		MINUTE,
	);

	describe('each event starts the workflow once', () => {
		const events = Array.from({ length: RECORDINGS * EVENTS_EACH }, (_, index) =>
			recordingEvent(sidOf(index % RECORDINGS), Math.floor(index / RECORDINGS)),
		);
		const keyOf = (sid: unknown, sequence: unknown) => `${String(sid)} ${String(sequence)}`;
		const expected = events.map(({ sid, payload }) => keyOf(sid, payload.sequence)).sort();
		const received = async () =>
			(await itemsOf(RECORDING))
				.filter(({ sid }) => (sid as string).startsWith('c'))
				.map(({ sid, details }) => keyOf(sid, (details as { sequence: number }).sequence))
				.sort();
		/** For the other trigger of the workflow; n8n stores the data of both at once. */
		const ofChannel = Array.from({ length: CHANNEL_EVENTS }, (_, index) => channelEvent(index));
		const users = ofChannel.map(({ payload }) => payload.uid);
		const receivedUsers = async () =>
			(await itemsOf(CHANNEL)).map(({ uid }) => Number(uid)).sort((one, other) => one - other);

		async function sendAll(notices: Notice[]): Promise<number> {
			const began = Date.now();
			for (let first = 0; first < notices.length; first += AT_ONCE) {
				const some = notices.slice(first, first + AT_ONCE);
				const sent = some.map(async (notice) =>
					ofChannel.includes(notice) ? await send(notice, CHANNEL) : await send(notice),
				);
				for (const response of await Promise.all(sent)) {
					expect(response).toEqual({ status: 200, text: '{"received":true}' });
				}
			}
			return Date.now() - began;
		}

		it(
			`${events.length + COPIES + RESENDS} notices of ten recordings, with copies, resends and disorder`,
			async () => {
				const notices = inDisorder([
					...events,
					...events
						.filter((_, index) => index % 3 === 0)
						.slice(0, COPIES)
						.map(copyOf),
					...events.filter((_, index) => index % 3 === 1).slice(0, RESENDS),
					...ofChannel,
				]);
				const milliseconds = await sendAll(notices);
				await until('all events have arrived', 60, async () =>
					(await received()).length >= expected.length ? true : null,
				);
				await new Promise((resolve) => setTimeout(resolve, 1000));
				const keys = await received();
				note('Notices of ten recordings', {
					notices: notices.length,
					events: events.length,
					executions: keys.length,
					milliseconds,
				});
				expect(keys).toEqual(expected);
				expect(await receivedUsers()).toEqual(users);
			},
			2 * MINUTE,
		);

		it(
			'an event starts the workflow once, also after a restart of n8n',
			async () => {
				const sid = sidOf(0);
				await demo().restartN8n();
				await untilRegistered(RECORDING);
				const again = [...events.slice(0, 30), ...events.slice(30, 60).map(copyOf)];
				const notices = inDisorder([...again, recordingEvent(sid, EVENTS_EACH), ...ofChannel]);
				await sendAll(notices);
				const all = [...expected, keyOf(sid, EVENTS_EACH)].sort();
				await until('the new event has arrived', 30, async () =>
					(await received()).length >= all.length ? true : null,
				);
				await new Promise((resolve) => setTimeout(resolve, 1000));
				const keys = await received();
				note('After a restart', {
					notices: notices.length,
					executions: keys.length - expected.length,
					repeated: keys.length - all.length,
				});
				expect([...new Set(keys)]).toEqual(all);
				expect(keys).toHaveLength(all.length);
				expect(await receivedUsers()).toEqual(users);
			},
			4 * MINUTE,
		);
	});

	it(
		'Add Recording: the item of Files Uploaded has the link to the MP4',
		async () => {
			control().setNotifications({
				product: 'recording',
				url: urlOf(UPLOADED),
				secret: NOTIFICATIONS_SECRET,
			});
			control().setChannel('seminar', { uids: ['1001'], seconds: null });
			const { sid } = control().startExternalRecording({
				cname: 'seminar',
				fileNamePrefix: ['demo', 'events'],
				clientRequest: { recordingFileConfig: { avFileType: ['hls', 'mp4'] } },
			});
			await until(
				'it records',
				20,
				async () =>
					control()
						.sessions()
						.find((each) => each.sid === sid)!.status === 5 || null,
			);
			await control().stop(sid);
			const [item] = await untilItems(UPLOADED, 1);
			note('Files Uploaded, with Add Recording', item);
			expect(item).toMatchObject({
				event: 'recording.uploaded',
				cname: 'seminar',
				sid,
				recording: { sid, status: 'completed', video_url: expect.stringContaining(`${sid}_`) },
			});
			const { body, statusCode } = await request(
				(item!.recording as { video_url: string }).video_url,
			);
			expect(statusCode).toBe(200);
			await body.dump();
		},
		MINUTE,
	);

	describe('workflow: record every class by itself', () => {
		const session = () =>
			control()
				.sessions()
				.find(({ cname }) => cname === CLASS);
		const ended = ({ status }: Execution) => DONE.includes(status);

		it(
			'from an empty channel to an archived file, without a click',
			async () => {
				const { sandbox, n8n, api } = demo();
				subscribeExamples(sandbox, n8n.url, { redundant: true });
				expect(session()).toBeUndefined();
				const began = Date.now();
				control().setChannel(CLASS, { uids: ['1001'], seconds: 20 });
				const runs = await until('three executions have ended', 60, async () => {
					const all = await triggered(api, EVERY_CLASS, 'webhook');
					return all.length === 3 && all.every(ended) ? all : null;
				});
				const outputs = runs.flatMap((each) => {
					expect(each).toMatchObject({ status: 'success' });
					return Object.entries(each.outputs);
				});
				const outputOf = (node: string) =>
					outputs.filter(([name]) => name === node).flatMap(([, items]) => items);
				const { sid } = session()!;
				expect(outputOf('Channel created or destroyed').map(({ event }) => event)).toEqual([
					'channel.created',
					'channel.destroyed',
				]);
				expect(outputOf('Start recording')).toMatchObject([{ sid, cname: CLASS }]);
				expect(outputOf('Stop recording')).toMatchObject([{ sid, stopped: true }]);
				expect(outputOf('Files uploaded')).toMatchObject([{ sid, event: 'recording.uploaded' }]);
				expect(session()).toMatchObject({ endReason: 'stopped' });

				const [download] = outputOf('Download recording') as Array<{ file: { filename: string } }>;
				const key = `${CLASS}/${download!.file.filename}`;
				const { archiveBucket, storage } = sandbox;
				const archived = await readObject(sandbox, archiveBucket, key);
				const [{ details }] = outputOf('Files uploaded') as [{ details: { file_list: Items } }];
				const files = details.file_list.map(({ filename }) => filename as string);
				const original = files.find((each) => each.endsWith('.mp4'))!;
				expect(archived.equals(await readObject(sandbox, storage.bucket, original))).toBe(true);
				note('Record every class by itself', {
					seconds: (Date.now() - began) / 1000,
					archived: key,
					bytes: archived.length,
				});
			},
			2 * MINUTE,
		);

		it('leaves other channels alone', async () => {
			control().setChannel('staff-meeting', { uids: ['1001'], seconds: null });
			await new Promise((resolve) => setTimeout(resolve, 1000));
			const started = control()
				.sessions()
				.map(({ cname }) => cname);
			expect(started).not.toContain('staff-meeting');
			expect(await triggered(demo().api, EVERY_CLASS, 'webhook')).toHaveLength(3);
		});
	});
}

const sidOf = (recording: number) => `c${String(recording).padStart(31, '0')}`;

/** An event of a recording. Its number within the recording is also its content. */
function recordingEvent(sid: string, sequence: number): Notice {
	const eventType = TYPES[sequence % TYPES.length]!;
	const details = { msgName: 'event', status: 0, progress: sequence };
	return newNotice(
		'recording',
		eventType,
		{
			...{ cname: `lesson ${sequence}`, uid: '527841', sid, sequence },
			...{ sendts: 1_790_000_000_000 + sequence, serviceType: 1, details },
		},
		sid,
	);
}

/** A user joins a channel. */
const channelEvent = (uid: number): Notice =>
	newNotice('channel', 103, {
		...{ channelName: 'lesson', uid, platform: 1, clientSeq: uid },
		ts: 1_790_000_000 + uid,
	});

/** Agora's redundant notification of the same event, which has another notice ID. */
const copyOf = ({ eventType, payload, sid }: Notice) =>
	newNotice('recording', eventType, payload, sid);

/** Shuffled, in the same way each time (multiplicative congruential generator, Park and Miller). */
function inDisorder<T>(list: T[]): T[] {
	let random = 1;
	return list
		.map((each) => ({ each, order: (random = (random * 48_271) % 2_147_483_647) }))
		.sort((one, other) => one.order - other.order)
		.map(({ each }) => each);
}

function eventsWorkflow(): Workflow & Record<string, unknown> {
	const NOTIFICATIONS = {
		agoraNotificationsApi: { id: null, name: 'Agora Notifications account' },
	};
	const STORAGE = { agoraStorageApi: { id: null, name: 'Agora Recording Storage account' } };
	const trigger = (name: string, parameters: object, credentials: object) => ({
		id: name,
		name,
		type: 'n8n-nodes-agora.agoraEventTrigger',
		typeVersion: 1,
		position: [0, 0],
		webhookId: name,
		parameters,
		credentials: { ...NOTIFICATIONS, ...credentials },
	});
	const all = { events: ['*'], filters: {} };
	const after = { id: 'end', name: 'End', type: 'n8n-nodes-base.noOp', typeVersion: 1 };
	const leadToEnd = { main: [[{ node: 'End', type: 'main', index: 0 }]] };
	return {
		id: EVENTS,
		name: 'Events',
		nodes: [
			trigger(RECORDING, { product: 'recording', ...all }, {}),
			trigger(CHANNEL, { product: 'channel', ...all }, {}),
			trigger(
				UPLOADED,
				{ product: 'recording', events: ['uploaded'], filters: {}, addRecording: true },
				STORAGE,
			),
			{ ...after, position: [200, 0], parameters: {} } as Workflow['nodes'][number],
		],
		connections: { [RECORDING]: leadToEnd, [CHANNEL]: leadToEnd, [UPLOADED]: leadToEnd },
		settings: { executionOrder: 'v1' },
	};
}
