import { createHmac } from 'node:crypto';
import { request } from 'undici';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { agoraClient, eventually, untilStatus } from './agoraClient.ts';
import { useReceiver, type Received } from './notificationReceiver.ts';
import { wait } from './recordingBucket.ts';
import { useSandbox } from './useSandbox.ts';

/** Agora's notifications: which events are sent, and how they are delivered. */

const SECRET = 'secret-of-the-product';
const SPEED = 20;
const sandbox = useSandbox({ pace: { speed: SPEED } });
const receiver = useReceiver();

type Settings = Parameters<typeof sandbox.control.setNotifications>[0];
const subscribe = (product: 'recording' | 'channel', options: object = {}) =>
	sandbox.control.setNotifications({
		...{ product, url: receiver.url, secret: SECRET },
		...options,
	} as Settings);

/** The notices of events in the order of the events; they may arrive in another. */
const notices = () => sandbox.control.notifications().map(({ notice }) => notice);
const typesOf = () => notices().map(({ eventType }) => eventType);
const payloadOf = (eventType: number) =>
	notices().find((notice) => notice.eventType === eventType)!.payload as {
		details: Record<string, unknown>;
	};
const without = (types: number[], ...omitted: number[]) =>
	types.filter((type) => !omitted.includes(type));

const somebody = (cname: string, plan: object = {}) =>
	sandbox.control.setChannel(cname, { uids: ['7'], seconds: null, ...plan });

describe('a recording', () => {
	beforeEach(() => subscribe('recording'));

	it('sends the events of Agora, in the order that was captured', async () => {
		somebody('lesson');
		const session = await agoraClient(sandbox).record('lesson');
		await untilStatus(session, 5);
		await receiver.untilEvent(42);
		await session.stop();
		await receiver.untilEvent(31);
		// The time of a recording that is longer than a minute is not certain, so 33 may be there.
		expect(without(typesOf(), 33)).toEqual([30, 40, 44, 43, 4, 42, 41, 44, 43, 11, 31]);
		for (const [sequence, notice] of notices().entries()) {
			expect(notice).toEqual({
				noticeId: expect.stringMatching(/^[0-9a-f]{32}$/),
				productId: 3,
				eventType: expect.any(Number),
				sid: session.sid,
				payload: {
					cname: 'lesson',
					uid: '527841',
					sid: session.sid,
					sequence,
					sendts: expect.any(Number),
					serviceType: expect.any(Number),
					serviceScene: 'rtc_record',
					details: expect.objectContaining({ msgName: expect.any(String) }),
				},
			});
			expect(Math.abs((notice.payload.sendts as number) - Date.now())).toBeLessThan(60_000);
		}
		expect(payloadOf(41).details).toEqual({ msgName: 'recorder_leave', leaveCode: 24 });
		expect(payloadOf(44).details).toMatchObject({ streamUid: 7, state: 0 });
		expect(payloadOf(4).details.fileList).toBe(`sandbox/tests/${session.sid}_lesson.m3u8`);
		expect(payloadOf(31).details).toEqual({
			msgName: 'uploaded',
			status: 0,
			fileList: [
				{
					fileName: `sandbox/tests/${session.sid}_lesson.m3u8`,
					trackType: 'audio_and_video',
					uid: '0',
					mixedAllUser: true,
					isPlayable: true,
					sliceStartTime: expect.any(Number),
				},
			],
		});
	});

	it('reports its progress once a minute, and that it ends when the channel is idle', async () => {
		somebody('lesson', { seconds: 62 });
		await agoraClient(sandbox).record('lesson');
		await receiver.untilEvent(31);
		expect(payloadOf(33).details).toEqual({ msgName: 'uploading_progress', progress: 5000 });
		expect(payloadOf(41).details).toMatchObject({ leaveCode: 4 });
		expect(payloadOf(11).details).toMatchObject({ exitStatus: 0 });
	});

	it('sends backuped instead of uploaded if files are only in the backup', async () => {
		sandbox.control.setRecorder({ uploadingStatus: 'backuped', lateUploadSeconds: 5 });
		const session = await agoraClient(sandbox).record('lesson');
		await untilStatus(session, 5);
		await session.stop();
		await receiver.untilEvent(32);
		await sandbox.control.waitUntilComplete(session.sid);
		expect(typesOf()).not.toContain(31);
	});

	it('sends the new UID after a failover, and an error after a crash', async () => {
		const session = await agoraClient(sandbox).record('lesson');
		await untilStatus(session, 5);
		sandbox.control.failOver(session.sid);
		await receiver.untilEvent(12);
		expect(payloadOf(12).details).toEqual({
			msgName: 'session_failover',
			newUid: expect.any(Number),
		});
		await sandbox.control.crash(session.sid);
		await receiver.untilEvent(11);
		expect(payloadOf(1).details).toMatchObject({ errorLevel: 5 });
		expect(payloadOf(11).details).toMatchObject({ exitStatus: 1 });
		await wait(200);
		expect(typesOf()).not.toContain(31);
	});

	it('sends an error if the token is invalid', async () => {
		const { record, startRequest } = agoraClient(sandbox);
		await record('lesson', {
			clientRequest: startRequest('lesson', '527841', { token: 'invalid' }),
		});
		await receiver.untilEvent(11);
		expect(typesOf()).toEqual([1, 11]);
	});

	it('sends the name of each screenshot', async () => {
		sandbox.control.startExternalRecording({
			cname: 'lesson',
			fileNamePrefix: ['shots'],
			mode: 'individual',
			clientRequest: {
				recordingConfig: { channelType: 0, subscribeUidGroup: 0 },
				snapshotConfig: { captureInterval: 5, fileType: ['jpg'] },
			},
		});
		await receiver.untilEvent(45);
		expect(payloadOf(45)).toMatchObject({
			serviceScene: 'rtc_snapshot',
			details: { fileName: expect.stringMatching(/^shots\/.*_video_\d{17}\.jpg$/) },
		});
	});

	it('of a web page sends its own events', async () => {
		const { sid } = sandbox.control.startExternalRecording({
			cname: 'page',
			fileNamePrefix: ['pages'],
			mode: 'web',
		});
		await receiver.untilEvent(4);
		await sandbox.control.stop(sid);
		await receiver.untilEvent(31);
		expect(without(typesOf(), 33)).toEqual([30, 70, 4, 71, 11, 31]);
		expect(payloadOf(71).details).toMatchObject({
			code: 0,
			fileList: [{ filename: `pages/${sid}_page.m3u8`, sliceStartTime: expect.any(Number) }],
		});
		// As Agora documents it.
		expect(payloadOf(31).details).toEqual({ msgName: 'uploaded', status: 0 });
	});
});

describe('a channel', () => {
	beforeEach(() => subscribe('channel'));

	const events = () =>
		notices().map(({ eventType, payload: { uid, lastUid } }) => [eventType, uid ?? lastUid]);

	it('sends an event for each user who joins or leaves, the recorder included', async () => {
		somebody('lesson', { seconds: 20, visits: [{ uid: '8', from: 5, until: 10 }] });
		expect(events()).toEqual([
			[101, undefined],
			[107, 7],
		]);
		const session = await agoraClient(sandbox).record('lesson');
		await receiver.untilEvent(102);
		await eventually(
			async () => events(),
			(all) => all.filter(([type]) => type === 108).length === 3,
		);
		expect(events()).toEqual([
			[101, undefined],
			[107, 7],
			[107, 527841],
			[107, 8],
			[108, 8],
			[108, 7],
			[102, 7],
			[108, 527841],
		]);
		const ofRecorder = notices().filter(({ payload }) => payload.uid === 527841);
		for (const { payload } of ofRecorder) {
			expect(payload).toMatchObject({ platform: 6, clientType: 10 });
		}
		const [left] = notices().filter(({ eventType }) => eventType === 108);
		expect(left).toEqual({
			noticeId: expect.any(String),
			productId: 1,
			eventType: 108,
			payload: {
				channelName: 'lesson',
				uid: 8,
				platform: 1,
				clientSeq: expect.any(Number),
				reason: 1,
				duration: 5,
				ts: expect.any(Number),
			},
		});
		expect(Math.abs((left!.payload.ts as number) * 1000 - Date.now())).toBeLessThan(60_000);
		const sequence = notices().flatMap(({ payload }) => (payload.clientSeq as number) ?? []);
		expect([...sequence].sort((one, other) => one - other)).toEqual(sequence);
		expect(sandbox.control.sessions()).toMatchObject([{ sid: session.sid }]);
	});

	it('keeps the planned order and duration when the machine stalls', async () => {
		somebody('lesson', { seconds: 20, visits: [{ uid: '8', from: 5, until: 10 }] });
		await agoraClient(sandbox).record('lesson');
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, (25 / SPEED) * 1000);
		await receiver.untilEvent(102);
		const users = events().filter(([, uid]) => uid === 7 || uid === 8);
		expect(users).toEqual([
			[107, 7],
			[107, 8],
			[108, 8],
			[108, 7],
			[102, 7],
		]);
		expect(payloadOf(108)).toMatchObject({ uid: 8, duration: 5 });
	});

	it('is not created by a recorder alone, nor by that of a web page', async () => {
		somebody('empty', { uids: [] });
		const fileNamePrefix = ['empty'];
		const { sid } = sandbox.control.startExternalRecording({ cname: 'empty', fileNamePrefix });
		sandbox.control.startExternalRecording({
			cname: 'page',
			fileNamePrefix,
			mode: 'web',
			uid: '9',
		});
		await receiver.untilEvent(107);
		await sandbox.control.stop(sid);
		await receiver.untilEvent(108);
		expect(events().filter(([, uid]) => uid !== 1001)).not.toContainEqual([107, 9]);
		const ofEmpty = notices().filter(({ payload }) => payload.channelName === 'empty');
		expect(ofEmpty.map(({ eventType }) => eventType)).toEqual([107, 108]);
	});

	it('with the live broadcast profile sends the events of hosts and audience', async () => {
		somebody('show', { live: true, seconds: 10 });
		await agoraClient(sandbox).record('show');
		await receiver.untilEvent(106);
		expect(events()).toEqual([
			[101, undefined],
			[103, 7],
			[105, 527841],
			[104, 7],
			[102, 7],
			[106, 527841],
		]);
	});

	it('is created again when a user comes back', () => {
		somebody('lesson');
		sandbox.control.setChannel('lesson', { uids: [], seconds: null });
		somebody('lesson');
		expect(events().map(([type]) => type)).toEqual([101, 107, 108, 102, 101, 107]);
	});

	it('of another App ID has its own URL', async () => {
		const { body } = await agoraClient(sandbox).call('GET', '/dev/v1/projects');
		const { vendor_key: appId } = body.projects[1] as { vendor_key: string };
		sandbox.control.setChannel('lesson', { uids: ['7'], seconds: null }, appId);
		expect(notices()).toEqual([]);
		subscribe('channel', { appId });
		sandbox.control.setChannel('lesson', { uids: ['7', '8'], seconds: null }, appId);
		expect(events()).toEqual([[107, 8]]);
	});
});

describe('delivery', () => {
	const attempts = () => sandbox.control.notifications().map((sent) => sent.attempts);
	const untilAttempts = async (count: number) =>
		await eventually(
			async () => attempts().flat(),
			(all) => all.length >= count,
		);

	const hmac = (algorithm: string, text: string, secret = SECRET) =>
		createHmac(algorithm, secret).update(text).digest('hex');
	const signaturesOf = ({ headers }: Received) => [
		headers['agora-signature'],
		headers['agora-signature-v2'],
	];

	it('has both signatures of the body', async () => {
		subscribe('channel');
		somebody('lesson');
		for (const each of await receiver.untilCount(2)) {
			expect(each.headers['content-type']).toContain('application/json');
			expect(signaturesOf(each)).toEqual([hmac('sha1', each.text), hmac('sha256', each.text)]);
		}
	});

	/** Sends a single notification. */
	function sendOne(): void {
		somebody('lesson');
		subscribe('channel');
		sandbox.control.setChannel('lesson', { uids: ['7', '8'], seconds: null });
	}

	it('is repeated until the response is 200', async () => {
		receiver.responses.push(500, 200);
		sendOne();
		await untilAttempts(2);
		const [first, second] = (await receiver.untilCount(2)).map(({ body }) => body);
		expect(second).toEqual({ ...first, notifyMs: expect.any(Number) });
		expect(second!.notifyMs).toBeGreaterThan(first!.notifyMs as number);
		expect(attempts()).toMatchObject([[{ status: 500 }, { status: 200 }]]);
	});

	it('is repeated at once, then after growing gaps, three times at most', async () => {
		receiver.responses.push(500, 404, 201, 302);
		sendOne();
		await untilAttempts(4);
		await wait(200);
		const [sent] = attempts();
		expect(sent!.map(({ status }) => status)).toEqual([500, 404, 201, 302]);
		const gaps = sent!.slice(1).map(({ notifyMs }, index) => notifyMs - sent![index]!.notifyMs);
		expect(gaps).toEqual([...gaps].sort((one, other) => one - other));
		expect(gaps[0]).toBeLessThan(gaps[2]!);
	});

	it('is repeated without a response within ten seconds', async () => {
		receiver.responses.push(null, null);
		subscribe('channel');
		somebody('lesson');
		await receiver.untilCount(4);
		await untilAttempts(4);
		for (const each of attempts()) {
			expect(each.map(({ status }) => status)).toEqual([null, 200]);
			expect(each[1]!.notifyMs - each[0]!.notifyMs).toBeGreaterThanOrEqual(10_000 / SPEED - 5);
		}
	});

	it('of chosen events only', async () => {
		subscribe('channel', { events: [101] });
		somebody('lesson');
		await receiver.untilCount(1);
		expect(typesOf()).toEqual([101]);
	});

	it('in disorder', async () => {
		subscribe('channel', { lateSeconds: 4 });
		sandbox.control.setChannel('lesson', { uids: ['1', '2', '3'], seconds: null });
		const received = await receiver.untilCount(4);
		expect(typesOf()).toEqual([101, 107, 107, 107]);
		const uids = received.map(({ body }) => body.payload.uid as number | undefined);
		expect(new Set(uids.slice(0, 2))).toEqual(new Set([1, 3]));
		expect(new Set(uids.slice(2))).toEqual(new Set([undefined, 2]));
	});

	it('redundant: each twice, with separate notice IDs', async () => {
		subscribe('channel', { redundant: true });
		somebody('lesson');
		const received = await receiver.untilCount(4);
		expect(new Set(received.map(({ body }) => body.noticeId as string)).size).toBe(4);
		const payloads = received.map(({ body }) => JSON.stringify(body.payload));
		expect(new Set(payloads).size).toBe(2);
	});

	it('again although it was received', async () => {
		subscribe('channel', { repeats: 2 });
		somebody('lesson');
		const received = await receiver.untilCount(6);
		expect(new Set(received.map(({ body }) => body.noticeId as string)).size).toBe(2);
		expect(new Set(received.map(({ text }) => text)).size).toBe(6);
		await wait(100);
		expect(received).toHaveLength(6);
	});

	it('with a wrong signature', async () => {
		subscribe('channel', { signedWith: 'another-secret' });
		somebody('lesson');
		for (const each of await receiver.untilCount(2)) {
			expect(signaturesOf(each)).toEqual([
				hmac('sha1', each.text, 'another-secret'),
				hmac('sha256', each.text, 'another-secret'),
			]);
		}
	});

	it('ends when the URLs are removed', async () => {
		receiver.responses.push(500, 500);
		subscribe('channel');
		somebody('lesson');
		await receiver.untilCount(2);
		sandbox.control.setNotifications(null);
		const count = receiver.received.length;
		somebody('another');
		await wait(400);
		expect(receiver.received.length).toBeLessThanOrEqual(count + 2);
		expect(sandbox.control.notifications()).toEqual([]);
	});

	it('ends with the sandbox', async () => {
		receiver.responses.push(null, 500, 500, 500);
		const another = await startSandbox();
		another.control.setNotifications({ product: 'channel', url: receiver.url, secret: SECRET });
		another.control.setChannel('lesson', { uids: ['7'], seconds: 3600 });
		another.control.startExternalRecording({ cname: 'lesson', fileNamePrefix: ['a'] });
		await receiver.untilCount(2);
		const began = Date.now();
		await another.stop();
		expect(Date.now() - began).toBeLessThan(3_000);
		const count = receiver.received.length;
		await wait(300);
		expect(receiver.received).toHaveLength(count);
	});
});

describe('Check in the Agora Console', () => {
	it.each([
		['channel', { channelName: 'test_webhook', uid: 12121212 }],
		['recording', { cname: 'test_webhook', uid: '12121212' }],
	] as const)('%s: sends test events, and wants 200 and JSON', async (product, payload) => {
		subscribe(product);
		receiver.responses.push(200, 500);
		const [first, second, ...rest] = await sandbox.control.checkNotifications(product);
		expect(first).toMatchObject({ status: 200, isJson: true });
		expect(second).toMatchObject({ status: 500 });
		for (const each of rest) expect(each).toMatchObject({ status: 200, isJson: true });
		for (const { body } of receiver.received) expect(body.payload).toMatchObject(payload);
	});
});

it('the control API sets the URL, returns what was sent, and checks', async () => {
	const call = async (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) => {
		const response = await request(`${sandbox.agora}/sandbox/notifications${path}`, {
			method,
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		return [response.statusCode, await response.body.json()];
	};
	expect(await call('PUT', '', { product: 'channel' })).toMatchObject([400, {}]);
	await call('PUT', '', { product: 'channel', url: receiver.url, secret: SECRET });
	expect(await call('POST', '/channel/check')).toMatchObject([
		200,
		{ events: expect.arrayContaining([{ eventType: 101, status: 200, isJson: true }]) },
	]);
	somebody('lesson');
	await receiver.untilEvent(107);
	expect(await call('GET', '')).toMatchObject([
		200,
		{ notifications: [{ notice: { eventType: 101 } }, { notice: { eventType: 107 } }] },
	]);
	await call('PUT', '', null);
	expect(await call('GET', '')).toEqual([200, { notifications: [] }]);
});
