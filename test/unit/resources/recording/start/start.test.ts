import { AccessToken2 } from 'agora-token/src/AccessToken2.js';
import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../../../../../nodes/Agora/http/errors';
import { example, execute } from '../../../../../nodes/Agora/resources/recording/start';
import { connectionError, faultOf, useTestClock } from '../../../http/fakeContext';
import { memoryBucket } from '../../../memoryBucket';
import { APP_ID, NOT_FOUND, settle, sid, startContext, status } from './startContext';

jest.mock('../../../../../nodes/Agora/storage/bucket', () => ({
	openBucket: async ({ bucket }: { bucket: unknown }) => bucket,
}));

beforeEach(useTestClock);
afterEach(() => jest.useRealTimers());

const OWN_STORAGE = {
	...{ vendor: 1, region: 7, bucket: 'another', accessKey: 'A', secretKey: 'S' },
	fileNamePrefix: ['class', '7b'],
};

function setUp(parameters: IDataObject = {}, settings: object = {}) {
	const bucket = memoryBucket({ now: Date.now() });
	const item = { cname: 'class-7b', mode: 'mix', ...parameters };
	const set = startContext({ items: [item], bucket, ...settings });
	const run = async () => (await settle(execute(set.context, 0))) as IDataObject;
	const bodyOf = (action: string) =>
		set.agora.calls.find((call) => call.action === action)!.body as {
			cname: string;
			uid: string;
			clientRequest: IDataObject;
		};
	return { ...set, bucket, run, bodyOf };
}

/** @returns message and description of the error, after checking that no request was sent to Agora */
async function rejection({ run, agora }: ReturnType<typeof setUp>): Promise<string> {
	const { message, details } = await faultOf(run());
	expect(agora.calls.filter(({ action }) => action === 'start')).toEqual([]);
	return `${message}. ${details.description}`;
}

describe('a start', () => {
	it('returns the recording', async () => {
		const { run, bodyOf } = setUp();
		const startedAt = new Date().toISOString();
		const item = await run();
		expect(item).toEqual({
			sid: sid(1),
			cname: 'class-7b',
			status: 'recording',
			already_recording: false,
			mode: 'mix',
			uid: bodyOf('start').uid,
			app_id: APP_ID,
			started_at: startedAt,
			folder: '',
			session_record_saved: true,
			resourceId: 'resource-1',
		});
		expect(bodyOf('acquire')).toEqual({
			cname: 'class-7b',
			uid: item.uid,
			clientRequest: { scene: 0, resourceExpiredHour: 72 },
		});
		expect(bodyOf('start').clientRequest).not.toHaveProperty('token');
	});

	it.each<[string, IDataObject, string[]]>([
		['HLS and MP4', {}, ['hls', 'mp4']],
		['HLS', { fileFormats: 'hls' }, ['hls']],
		['screenshots only', { mode: 'raw', capture: 'screenshots' }, []],
		[
			'the default of Agora',
			{
				mode: 'raw',
				capture: 'screenshots',
				clientRequest: { recordingFileConfig: { fileMaxSizeMB: 5 } },
				options: { allowUnknown: true },
			},
			['hls'],
		],
	])(
		'saves a session record without secrets, with the formats of %s',
		async (_, fields, formats) => {
			const { run, bucket } = setUp(
				{
					...fields,
					partitionByDate: true,
					options: {
						...{ objectTag: 'school', resourceExpiredHour: 24 },
						...(fields.options as IDataObject),
					},
				},
				{ agoraStorageApi: { fileNamePrefix: 'recordings' } },
			);
			const item = await run();
			const folder = `recordings/${String(item.started_at).slice(0, 10).replaceAll('-', '')}/`;
			expect(item.folder).toBe(folder);
			const key = `${folder}${sid(1)}_class-7b.session.json`;
			const record = JSON.parse((await bucket.getText(key))!) as IDataObject;
			expect(record).toEqual({
				...{ sid: sid(1), resourceId: 'resource-1', cname: 'class-7b', uid: item.uid },
				...{ mode: item.mode, appId: APP_ID, startedAt: item.started_at, avFileType: formats },
				resourceExpiredHour: 24,
				storage: {
					fileNamePrefix: folder.split('/').slice(0, 2),
					extensionParams: { tag: 'school' },
				},
			});
			expect(JSON.stringify(record)).not.toContain('SECRET');
		},
	);

	it('checks that the bucket is writable once per execution', async () => {
		const items = ['a', 'b', 'c'].map((cname) => ({ cname, mode: 'mix' }));
		const bucket = memoryBucket({ prefix: 'recordings/', now: Date.now() });
		const put = jest.spyOn(bucket, 'put');
		const { context } = startContext({ items, bucket });
		await settle(Promise.all(items.map(async (_, index) => await execute(context, index))));
		const checks = bucket.requests.writes.filter((key) => key.includes('write-check'));
		expect(checks).toEqual(['recordings/_sessions/write-check.json']);
		expect(JSON.parse((await bucket.getText(checks[0]!))!)).toEqual({
			checkedAt: expect.stringMatching(/^20\d\d-.*Z$/),
		});
		expect(put).toHaveBeenCalledWith(checks[0], expect.anything(), 'application/json');
	});

	it('is not sent if the bucket is not writable', async () => {
		const set = setUp();
		set.bucket.put = async () => {
			throw new Fault('No write access', { description: 'Allow it.' });
		};
		expect(await rejection(set)).toBe(
			'No write access. Allow it. Nothing was started. To start without this check, turn off Options > Save Session Record.',
		);
	});

	it('writes nothing to the bucket without session records', async () => {
		const { run, bucket } = setUp({ options: { saveSessionRecord: false } });
		expect(await run()).toMatchObject({
			session_record_saved: false,
			session_record_note: 'Save Session Record is turned off.',
		});
		expect(bucket.requests.writes).toEqual([]);
	});

	it('writes nothing if the recording is stored in another bucket', async () => {
		const { run, bucket, bodyOf } = setUp({ clientRequest: { storageConfig: OWN_STORAGE } });
		expect(await run()).toMatchObject({
			folder: 'class/7b/',
			session_record_saved: false,
			session_record_note: expect.stringContaining('cannot write to'),
		});
		expect(bucket.requests.writes).toEqual([]);
		expect(bodyOf('start').clientRequest.storageConfig).toEqual(OWN_STORAGE);
	});

	it('returns the recording with a note if its session record cannot be saved', async () => {
		const { run, bucket, agora } = setUp();
		const put = bucket.put.bind(bucket);
		bucket.put = async (key, ...rest) => {
			if (agora.calls.some(({ action }) => action === 'start'))
				throw new Fault('The bucket is full');
			await put(key, ...rest);
		};
		expect(await run()).toMatchObject({
			sid: sid(1),
			session_record_saved: false,
			session_record_note: 'The session record could not be saved: The bucket is full',
		});
	});

	it('sends a token if the credential has an App Certificate, and shows hints', async () => {
		const { run, bodyOf, hints } = setUp(
			{ clientRequest: { recordingConfig: { streamMode: 'standard' } } },
			{ agoraApi: { appCertificate: 'b'.repeat(32) } },
		);
		await run();
		expect(bodyOf('start').clientRequest.token).toMatch(/^007/);
		expect(hints).toEqual([
			{ message: expect.stringContaining('Agora ignores "Stream Mode"'), location: 'outputPane' },
		]);
	});

	it('sends the token from Client Request (JSON) rather than a generated one', async () => {
		const { run, bodyOf } = setUp(
			{ clientRequest: { token: 'mine' } },
			{ agoraApi: { appCertificate: 'b'.repeat(32) } },
		);
		await run();
		expect(bodyOf('start').clientRequest.token).toBe('mine');
	});

	it('sends the token from Options', async () => {
		const { run, bodyOf } = setUp({ options: { token: ' mine ' } });
		await run();
		expect(bodyOf('start').clientRequest.token).toBe('mine');
	});

	it.each([
		[{}, 72],
		[{ resourceExpiredHour: 5 }, 5],
		[{ resourceExpiredHour: 5, tokenHours: 7 }, 7],
	])('generates a token that lasts as long as %j', async (options, hours) => {
		const { run, bodyOf } = setUp({ options }, { agoraApi: { appCertificate: 'b'.repeat(32) } });
		await run();
		const token = new AccessToken2('', '', 0, 0);
		expect(token.from_string(bodyOf('start').clientRequest.token)).toBe(true);
		expect(token.expire).toBe(hours * 3600);
	});

	it('uses the App ID from Options', async () => {
		const { run, agora } = setUp({ options: { appId: ` ${'b'.repeat(32)} ` } });
		expect((await run()).app_id).toBe('b'.repeat(32));
		expect(agora.calls[0]!.url).toContain(`/apps/${'b'.repeat(32)}/`);
	});

	it('needs an App ID', async () => {
		const set = setUp({ options: { appId: ' ' } }, { agoraApi: { appId: '' } });
		expect(await rejection(set)).toMatch(/^No App ID is set.*Options > App ID\.$/);
	});
});

describe('the fields of a start', () => {
	it.each<[string, IDataObject, object]>([
		[
			'Composite',
			{
				...{ channelType: 1, fileFormats: 'hls', picture: { mixedVideoLayout: 1 } },
				...{ subscriptions: { subscribeAudioUids: '7' }, options: { maxIdleTime: 60 } },
			},
			{
				recordingConfig: {
					...{ channelType: 1, maxIdleTime: 60, subscribeAudioUids: ['7'] },
					transcodingConfig: { mixedVideoLayout: 1 },
				},
				recordingFileConfig: { avFileType: ['hls'] },
			},
		],
		[
			'Individual',
			{ mode: 'raw', subscribeUidGroup: 3, capture: 'both', captureInterval: '30' },
			{
				recordingConfig: { subscribeUidGroup: 3 },
				snapshotConfig: { captureInterval: 30, fileType: ['jpg'] },
			},
		],
		[
			'Web Page',
			{ mode: 'web', url: 'https://example.com', pageSize: '720x1280', maxRecordingHour: 5 },
			{
				extensionServiceConfig: {
					extensionServices: [
						{
							serviceParam: {
								...{ url: 'https://example.com', videoWidth: 720, videoHeight: 1280 },
								maxRecordingHour: 5,
							},
						},
					],
				},
			},
		],
	])('are sent to Agora: %s', async (_, fields, expected) => {
		const { run, bodyOf } = setUp(fields);
		await run();
		expect(bodyOf('start').clientRequest).toMatchObject(expected);
	});

	it.each<[string, IDataObject]>([
		['Recording Mode', { mode: 'x' }],
		['File Formats', { fileFormats: 'x' }],
		['What to Record', { mode: 'raw', capture: 'x' }],
		['Page Size', { mode: 'web', url: 'https://example.com', pageSize: 'x' }],
		['Size', { picture: { videoSize: 'x' } }],
		['Allow Unknown Settings', { options: { allowUnknown: 'x' } }],
		['If Already Recording', { options: { ifAlreadyRecording: 'x' } }],
		['Partition by Date', { partitionByDate: 'x' }],
		['Save Session Record', { options: { saveSessionRecord: 'x' } }],
	])('are rejected before the start if an expression sets "%s" to "x"', async (label, fields) => {
		expect(await rejection(setUp(fields))).toContain(`"${label}" can't be "x"`);
	});

	it('include a storageConfig in Client Request (JSON), as an object or a string', async () => {
		const storageConfig = JSON.stringify({ fileNamePrefix: ['class'] });
		expect(await setUp({ clientRequest: { storageConfig } }).run()).toMatchObject({
			folder: 'class/',
		});
		expect(await rejection(setUp({ clientRequest: { storageConfig: 'x' } }))).toContain(
			'"Client Request (JSON), storageConfig" is not a JSON object',
		);
	});

	it('produce the result of the example', async () => {
		const { parameters, result } = example();
		const { sid: exampleSid, resourceId, uid, started_at, app_id } = result as IDataObject;
		const { run, agora } = setUp(parameters as IDataObject, {
			agoraApi: { appId: app_id },
			agoraStorageApi: { fileNamePrefix: 'recordings/school' },
		});
		jest.setSystemTime(new Date(String(started_at)));
		agora.starts.push({ body: { sid: exampleSid } });
		const item = await run();
		expect(Object.keys(item)).toEqual(Object.keys(result as object));
		expect({ ...item, resourceId, uid }).toEqual(result);
	});
});

describe('Wait for Recording to Start', () => {
	it('adds the state of the session', async () => {
		const { run, agora } = setUp({ waitForRecording: true });
		agora.queries[sid(1)] = status(4);
		const item = await run();
		expect(item).toMatchObject({ agora_state: 'ready', already_recording: false });
		expect(Object.keys(item).slice(-2)).toEqual(['agora_state', 'resourceId']);
	});

	it('fails with the recording if it is not found', async () => {
		const { run, agora } = setUp({ waitForRecording: true });
		agora.queries[sid(1)] = NOT_FOUND;
		expect((await faultOf(run())).details.mayBeRunning).toContain(sid(1));
	});

	it('is off by default', async () => {
		const { run, agora } = setUp();
		await run();
		expect(agora.calls.map(({ action }) => action)).not.toContain('query');
	});

	it('is rejected before the start if it is not a boolean', async () => {
		const set = setUp({ waitForRecording: 'maybe' });
		expect(await rejection(set)).toContain('"Wait for Recording to Start" can\'t be "maybe"');
	});
});

describe('the channel name', () => {
	it.each<[string, IDataObject, string]>([
		['the field', { cname: 'class 7b' }, 'class 7b'],
		['Client Request (JSON)', { cname: ' ', clientRequest: { cname: 'class-7c' } }, 'class-7c'],
		['both', { cname: 'class-7c', clientRequest: { cname: 'class-7c' } }, 'class-7c'],
		[
			'a label of 1024 bytes for a web page',
			{ mode: 'web', url: 'https://example.com', cname: 'é'.repeat(512) },
			'é'.repeat(512),
		],
	])('is read from %s', async (_, parameters, cname) => {
		const { run, bodyOf } = setUp(parameters);
		expect((await run()).cname).toBe(cname);
		expect(bodyOf('start').cname).toBe(cname);
	});

	const page = { mode: 'web', url: 'https://example.com' };
	it.each<[string, IDataObject, RegExp]>([
		[
			'is missing',
			{ cname: undefined },
			/^"Channel Name" is empty.*exactly as the clients join it/,
		],
		['is blank', { cname: '  ' }, /^"Channel Name" is empty/],
		['is blank in both', { cname: '', clientRequest: { cname: ' ' } }, /^"Channel Name" is empty/],
		[
			'differs',
			{ cname: 'a', clientRequest: { cname: 'b' } },
			/^"Channel Name" and Client Request \(JSON\) contradict.*The field is "a", but cname is "b".*remove cname/,
		],
		['is not valid', { cname: 'a/b' }, /^"a\/b" is not a valid channel name/],
		[
			'is long in both',
			{ cname: 'a'.repeat(99), clientRequest: { cname: 'b'.repeat(99) } },
			/The field is "a{80}", but cname is "b{80}"\./,
		],
		['is a label with a slash', { ...page, cname: 'a/b' }, /^"a\/b" is not a valid label/],
		['is a label with a line break', { ...page, cname: 'a\nb' }, /is not a valid label/],
		['is a label with a line separator', { ...page, cname: 'a\u2028b' }, /is not a valid label/],
		['is a label with a paragraph', { ...page, cname: 'a\u2029b' }, /is not a valid label/],
		['is a label with half a character', { ...page, cname: 'a\uD800' }, /is not a valid label/],
		[
			'is a label of 1025 bytes',
			{ ...page, cname: `${'é'.repeat(512)}a` },
			/^"é{80}" is not a valid label.*up to 1024 bytes/,
		],
	])('is rejected if it %s', async (_, parameters, message) => {
		expect(await rejection(setUp(parameters))).toMatch(message);
	});
});

describe('the recorder UID', () => {
	const uidOf = async (parameters: IDataObject, settings: object = {}) => {
		const { run, bodyOf } = setUp(parameters, settings);
		const { uid } = await run();
		expect(bodyOf('acquire').uid).toBe(uid);
		return Number(uid);
	};

	it('is derived from App ID, channel, mode and page', async () => {
		const page = { mode: 'web', url: 'https://example.com/a' };
		const uids = [
			await uidOf({}),
			await uidOf({ cname: 'class-7c' }),
			await uidOf({ mode: 'raw' }),
			await uidOf({}, { agoraApi: { appId: 'b'.repeat(32) } }),
			await uidOf(page),
			await uidOf({ ...page, url: 'https://example.com/b' }),
		];
		expect(new Set(uids).size).toBe(uids.length);
		expect(await uidOf({ options: { maxIdleTime: 60 } })).toBe(uids[0]);
		// The same in all versions of the node, so that recordings of an older version are found.
		expect(uids[0]).toBe(1_568_539_641);
	});

	it('is large, but below 2^31', async () => {
		for (let i = 0; i < 20; i++) {
			const uid = await uidOf({ cname: `channel ${i}` });
			expect(uid).toBeGreaterThanOrEqual(1_000_000_000);
			expect(uid).toBeLessThan(2 ** 31 - 1);
		}
	});

	it('is random for Start Another', async () => {
		const options = { ifAlreadyRecording: 'startAnother' };
		const uids = [await uidOf({ options }), await uidOf({ options }), await uidOf({})];
		expect(new Set(uids).size).toBe(3);
		for (const uid of uids) expect(uid).toBeGreaterThanOrEqual(1_000_000_000);
		for (const uid of uids) expect(uid).toBeLessThan(2 ** 31 - 1);
	});

	it.each<[string, IDataObject, number]>([
		['the field', { uidMode: 'specify', uid: ' 42 ' }, 42],
		['the field as a number', { uidMode: 'specify', uid: 4_294_967_295 }, 4_294_967_295],
		['Client Request (JSON)', { clientRequest: { uid: 42 } }, 42],
		['both', { uidMode: 'specify', uid: '42', clientRequest: { uid: '42' } }, 42],
	])('is read from %s', async (_, parameters, uid) => {
		expect(await uidOf(parameters)).toBe(uid);
	});

	it.each<[string, IDataObject, RegExp]>([
		['is missing', { uidMode: 'specify' }, /^"UID" is empty.*1 to 4294967295.*Automatic/],
		['is blank', { uidMode: 'specify', uid: ' ' }, /^"UID" is empty/],
		['is a name', { uidMode: 'specify', uid: 'anna' }, /^"anna" is not a valid recorder UID/],
		['is long', { uidMode: 'specify', uid: '9'.repeat(99) }, /^"9{80}" is not a valid/],
		['is zero in Client Request (JSON)', { clientRequest: { uid: 0 } }, /^"0" is not a valid/],
		['has an unknown mode', { uidMode: 'x' }, /^"Recorder UID" can't be "x"/],
		[
			'differs',
			{ uidMode: 'specify', uid: '42', clientRequest: { uid: '43' } },
			/^"UID" and Client Request \(JSON\) contradict each other.*The field is "42", but uid is "43"/,
		],
	])('is rejected if it %s', async (_, parameters, message) => {
		expect(await rejection(setUp(parameters))).toMatch(message);
	});
});

describe('a start that fails', () => {
	it.each([
		['is rejected', { status: 400, body: { code: 2, reason: 'invalid' } }, false],
		['gets no response', connectionError('ECONNRESET'), true],
	])(
		'%s: Agora gets one request, and the error names a running recording',
		async (_, response, may) => {
			const { run, agora } = setUp({ options: { saveSessionRecord: false } });
			agora.starts.push(response);
			const { details } = await faultOf(run());
			expect(agora.calls.map(({ action }) => action)).toEqual(['acquire', 'start']);
			expect(details.mayBeRunning).toBe(may ? 'resource ID resource-1' : undefined);
			expect(details.isRepeatable).toBe(may ? true : undefined);
		},
	);
});
