import type { IDataObject } from 'n8n-workflow';
import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const ONLY_AGORA = { credentials: { agoraApi: 'default' } };

const start = async (parameters: IDataObject, options = {}) =>
	await set.engine.run({ resource: 'recording', operation: 'start', ...parameters }, options);
const sessionsOf = (cname: string) =>
	set.sandbox.control.sessions().filter((session) => session.cname === cname);
const sentTo = async (path: string) =>
	(await set.sandbox.control.requests('agora')).filter((request) => request.path.includes(path));
const isRecording = async (cname: string) =>
	await eventually(
		async () => sessionsOf(cname)[0],
		(session) => session?.status === 5,
	);

describe('Recording: Start', () => {
	it('acquires and starts in one step, and keeps a session record beside the files', async () => {
		const { json } = await start({ cname: 'history_7b' });
		const [session] = sessionsOf('history_7b');
		expect(json).toEqual([
			{
				sid: session!.sid,
				cname: 'history_7b',
				status: 'recording',
				already_recording: false,
				mode: 'mix',
				uid: session!.uid,
				app_id: set.sandbox.agoraAccount.appId,
				started_at: expect.stringMatching(/^\d{4}-.*Z$/),
				folder: 'class/',
				session_record_saved: true,
				resourceId: session!.resourceId,
			},
		]);
		expect(Object.keys(json[0]!).at(-1)).toBe('resourceId');
		expect(Number(session!.uid)).toBeGreaterThanOrEqual(1e9);
		const puts = (await set.sandbox.control.requests('s3')).filter(({ path }) =>
			path.endsWith('.session.json'),
		);
		expect(puts.map(({ method, path }) => `${method} ${path}`)).toContain(
			`PUT /recordings/class/${session!.sid}_history-7b.session.json`,
		);
	});

	it('makes the token from the App Certificate: the recorder gets into the channel', async () => {
		await start({ cname: 'with-token' });
		expect(await isRecording('with-token')).toMatchObject({ live: true });
	});

	it('records nothing without a token if the project requires one', async () => {
		const account = set.credentials.agoraApi!.default!;
		set.credentials.agoraApi!.noCertificate = { ...account, appCertificate: '' };
		const credentials = { agoraApi: 'noCertificate', agoraStorageApi: 'default' };
		await start({ cname: 'without-token' }, { credentials });
		const session = await eventually(
			async () => sessionsOf('without-token')[0],
			(each) => each?.live === false,
		);
		expect(session!.status).toBe(20);
	});

	it.each([
		['mix', {}],
		['raw', { channelType: 1, subscribeUidGroup: 1 }],
		['web', { url: 'https://example.com/live', pageSize: '1920x1080', maxRecordingHour: 1 }],
	])('starts in mode %s', async (mode, fields) => {
		const cname = `mode-${mode}`;
		const { json } = await start({ cname, mode, ...fields });
		expect(json[0]).toMatchObject({ mode, session_record_saved: true });
		expect(sessionsOf(cname)[0]).toMatchObject({ mode });
		expect(await isRecording(cname)).toMatchObject({ live: true });
	});

	it('accepts a specified recorder UID', async () => {
		const { json } = await start({ cname: 'own-uid', uidMode: 'specify', uid: '527841' });
		expect(json[0]).toMatchObject({ uid: '527841' });
	});

	it('accepts a whole clientRequest with its own storage, without a storage credential', async () => {
		const { endpoint, bucket, accessKey, secretKey } = set.sandbox.storage;
		const clientRequest = {
			recordingConfig: { maxIdleTime: 30, streamTypes: 2, channelType: 0 },
			storageConfig: {
				vendor: 11,
				region: 0,
				bucket,
				accessKey,
				secretKey,
				fileNamePrefix: ['agora', 'rec'],
				extensionParams: { endpoint: new URL(endpoint).host },
			},
		};
		const { json } = await start(
			{ cname: 'meeting-room', uidMode: 'specify', uid: '527842', clientRequest },
			ONLY_AGORA,
		);
		expect(json[0]).toMatchObject({
			uid: '527842',
			folder: 'agora/rec/',
			session_record_saved: false,
			session_record_note: expect.stringContaining('storage credential'),
		});
		expect(JSON.stringify(json)).not.toContain(secretKey);
		expect(await isRecording('meeting-room')).toMatchObject({ live: true });
	});

	it('accepts a pasted UID with spaces around it', async () => {
		const { json } = await start({ cname: 'pasted', uidMode: 'specify', uid: ' 527842\n' });
		expect(json[0]).toMatchObject({ uid: '527842' });
		expect(sessionsOf('pasted')).toMatchObject([{ uid: '527842' }]);
	});

	it("returns the recording with a note when the session record can't be saved", async () => {
		const answer = { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' };
		await set.sandbox.control.fail('s3', {
			method: 'PUT',
			path: '.session.json',
			response: answer,
		});
		const { status, json } = await start({ cname: 'no-record' });
		expect(status).toBe('success');
		expect(json[0]).toMatchObject({
			sid: sessionsOf('no-record')[0]!.sid,
			session_record_saved: false,
			session_record_note: expect.stringContaining(
				'This access key is not allowed to write to the bucket',
			),
		});
	});
});

describe('Recording: Start refuses before anything is sent', () => {
	it.each<[string, IDataObject, RegExp]>([
		['an empty channel name', { cname: ' ' }, /"Channel Name" is empty/],
		[
			'a channel name that Agora cannot have',
			{ cname: 'klaß' },
			/"klaß" is not a valid channel name/,
		],
		['a channel name of 65 bytes', { cname: 'c'.repeat(65) }, /is not a valid channel name/],
		['UID 0', { cname: 'c', uidMode: 'specify', uid: '0' }, /"0" is not a valid recorder UID/],
		[
			'a UID over 32 bits',
			{ cname: 'c', uidMode: 'specify', uid: '4294967296' },
			/is not a valid recorder UID/,
		],
		[
			'a UID that is no number',
			{ cname: 'c', uidMode: 'specify', uid: 'anna' },
			/is not a valid recorder UID/,
		],
		[
			'bad JSON',
			{ cname: 'c', clientRequest: '{"recordingConfig": ' },
			/"Client Request \(JSON\)" is not a JSON object/,
		],
		[
			'a page without an address',
			{ cname: 'c', mode: 'web', url: 'live' },
			/"Page URL" has an invalid value/,
		],
		...['a/b', 'two\nlines', 'two\u2028lines', 'l'.repeat(1025)].map(
			(label): [string, IDataObject, RegExp] => [
				`the label ${JSON.stringify(label.slice(0, 10))} for a page`,
				{ cname: label, mode: 'web', url: 'https://example.com/' },
				/is not a valid label for a web page recording/,
			],
		),
	])('%s', async (_, parameters, message) => {
		const { error } = await start(parameters);
		expect(error!.message).toMatch(message);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it('a start that would have no storage', async () => {
		const { error } = await start({ cname: 'c' }, ONLY_AGORA);
		expect(error!.message).toBe('No storage is configured for this recording');
		expect(error!.description).toContain('Agora Recording Storage API credential');
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it('a start without App ID', async () => {
		set.credentials.agoraApi!.noAppId = { ...set.credentials.agoraApi!.default!, appId: '' };
		const credentials = { agoraApi: 'noAppId', agoraStorageApi: 'default' };
		const { error } = await start({ cname: 'c' }, { credentials });
		expect(error!.message).toBe('No App ID is set');
	});
});

describe('Recording: Start when Agora refuses', () => {
	it('names a wrong App ID', async () => {
		const { error } = await start({ cname: 'c', options: { appId: 'f'.repeat(32) } });
		expect(error).toMatchObject({
			httpCode: '400',
			message: expect.stringContaining('does not know this App ID'),
		});
	});

	it('sends the request again when Agora did not finish it', async () => {
		const answer = { status: 206, body: { code: 65, reason: 'request not completed' } };
		await set.sandbox.control.fail('agora', { path: '/start', response: answer });
		const { json } = await start({ cname: 'unfinished' });
		expect(json[0]!.sid).toBe(sessionsOf('unfinished')[0]!.sid);
		expect(await sentTo('/start')).toHaveLength(2);
	});

	it('waits and goes on when Agora gets too many requests', async () => {
		const answer = { status: 429, body: { message: 'API rate limit exceeded' } };
		await set.sandbox.control.fail('agora', { path: '/start', times: 2, response: answer });
		const { status } = await start({ cname: 'throttled' });
		expect(status).toBe('success');
		expect(sessionsOf('throttled')).toHaveLength(1);
	});

	it('never sends a start twice when its response is lost, and reports that a recording may be running', async () => {
		await set.sandbox.control.fail('agora', { path: '/start', when: 'after', response: 'drop' });
		const { error } = await start({ cname: 'lost-answer' });
		expect(error!.description).toContain('A recording may be running. If so');
		expect(await sentTo('/start')).toHaveLength(1);
		expect(sessionsOf('lost-answer')).toHaveLength(1);
	});

	it('treats 201 with code 7 and an empty sid as errors', async () => {
		const answers = [
			{ status: 201, body: { code: 7, reason: 'already started' } },
			{ status: 200, body: { resourceId: 'r', sid: '', code: 15 } },
		];
		for (const answer of answers) {
			await set.sandbox.control.fail('agora', { path: '/start', response: answer });
			const { status, error } = await start({ cname: 'no-sid' });
			expect(status).toBe('error');
			expect(error!.description).toContain('may be running');
		}
	});
});
