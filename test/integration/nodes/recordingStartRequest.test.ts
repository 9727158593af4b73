import type { IDataObject } from 'n8n-workflow';
import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

/* What arrives at Agora of each field of Start, with secrets hidden by the sandbox. */

const set = useSandboxedEngine();

/** Everything that is a secret here, as a person would type it. */
const DECRYPTION_SECRET = 'fake-decryption-secret';
const SALT = Buffer.alloc(32, 7).toString('base64');
const RTMP_URL = 'rtmp://live.example.com/app/fake-stream-key';

const start = async (parameters: IDataObject, options = {}) =>
	await set.engine.run({ resource: 'recording', operation: 'start', ...parameters }, options);
const sessionOf = (cname: string) =>
	set.sandbox.control.sessions().find((session) => session.cname === cname)!;
/** Starts, and tells what Agora was asked. */
async function asked(parameters: IDataObject & { cname: string }) {
	const { error, json } = await start(parameters);
	expect(error).toBeUndefined();
	const { acquireRequest, startRequest, uid } = sessionOf(parameters.cname);
	return {
		uid,
		json: json[0]!,
		reservation: acquireRequest as IDataObject,
		request: startRequest as Record<string, IDataObject>,
	};
}
const recorded = async (cname: string) =>
	await eventually(
		async () => sessionOf(cname),
		(session) => session?.status === 5,
	);
/** What was put into the bucket of a channel's recording, the index of sessions aside. */
const filesOf = async (cname: string) => {
	const puts = (await set.sandbox.control.requests('s3')).filter(({ method }) => method === 'PUT');
	return puts
		.map(({ path }) => path)
		.filter((path) => path.includes(sessionOf(cname).sid) && !path.includes('/_sessions/'));
};

describe('acquire', () => {
	it('reserves a real-time recorder for 72 hours', async () => {
		const { reservation } = await asked({ cname: 'plain' });
		expect(reservation).toEqual({ scene: 0, resourceExpiredHour: 72 });
	});

	it('sends expiry, region, affinity and excluded resources', async () => {
		const options = {
			resourceExpiredHour: 24,
			region: 'EU',
			regionAffinity: 3,
			excludeResourceIds: 'one, two',
		};
		const { reservation } = await asked({ cname: 'reserved', options });
		expect(reservation).toEqual({
			scene: 0,
			resourceExpiredHour: 24,
			region: 'EU',
			regionAffinity: 3,
			excludeResourceIds: ['one', 'two'],
		});
	});

	it('keeps a page under control for as long as it is recorded', async () => {
		const page = { mode: 'web', url: 'https://example.com', maxRecordingHour: 100 };
		const { reservation } = await asked({ cname: 'long page', ...page });
		expect(reservation).toEqual({ scene: 1, resourceExpiredHour: 100 });
	});
});

describe('recordingConfig', () => {
	it('has idle time, media, stream, quality and playlists', async () => {
		const options = {
			maxIdleTime: 60,
			streamTypes: 0,
			videoStreamType: 1,
			audioProfile: 2,
			standardPlaylist: true,
		};
		const { request } = await asked({ cname: 'settings', channelType: 1, options });
		expect(request.recordingConfig).toEqual({
			channelType: 1,
			maxIdleTime: 60,
			streamTypes: 0,
			videoStreamType: 1,
			audioProfile: 2,
			privateParams: '{"correctEXTINF":true}',
		});
	});

	it('sends the decryption settings, and returns no secret', async () => {
		const options = {
			decryptionMode: 8,
			decryptionSecret: DECRYPTION_SECRET,
			decryptionSalt: SALT,
		};
		const { request, json } = await asked({ cname: 'encrypted', options });
		expect(request.recordingConfig).toMatchObject({
			decryptionMode: 8,
			secret: '(hidden)',
			salt: '(hidden)',
		});
		expect(JSON.stringify(json)).not.toContain(DECRYPTION_SECRET);
	});

	it('has whom to record, and whom not', async () => {
		const subscriptions = { subscribeAudioUids: '1001, 1002', unSubscribeVideoUids: [1003] };
		const { request } = await asked({ cname: 'subscribed', subscriptions });
		expect(request.recordingConfig).toMatchObject({
			subscribeAudioUids: ['1001', '1002'],
			unSubscribeVideoUids: ['1003'],
		});
		const everybody = { subscribeVideoUids: '#allstream#', unSubscribeAudioUids: '7' };
		const other = await asked({ cname: 'everybody', subscriptions: everybody });
		expect(other.request.recordingConfig).toMatchObject({
			subscribeVideoUids: ['#allstream#'],
			unSubscribeAudioUids: ['7'],
		});
	});

	it('has a picture with size, frames, backgrounds and a vertical layout', async () => {
		const picture = {
			videoSize: '1280x720',
			fps: 30,
			bitrate: 1710,
			mixedVideoLayout: 2,
			maxResolutionUid: '1001',
			backgroundColor: '#102030',
			backgroundImage: 'https://example.com/wall.jpg',
			defaultUserBackgroundImage: 'https://example.com/nobody.jpg',
			backgroundConfig: {
				image: [{ uid: '1002', image_url: 'https://example.com/anna.jpg', render_mode: 1 }],
			},
		};
		const { request } = await asked({ cname: 'picture', picture });
		expect(request.recordingConfig!.transcodingConfig).toEqual({
			width: 1280,
			height: 720,
			fps: 30,
			bitrate: 1710,
			mixedVideoLayout: 2,
			maxResolutionUid: '1001',
			backgroundColor: '#102030',
			backgroundImage: 'https://example.com/wall.jpg',
			defaultUserBackgroundImage: 'https://example.com/nobody.jpg',
			backgroundConfig: [
				{ uid: '1002', image_url: 'https://example.com/anna.jpg', render_mode: 1 },
			],
		});
	});

	it('has the regions of a custom layout', async () => {
		const left = { x_axis: 0, y_axis: 0, width: 0.5, height: 1, alpha: 1, render_mode: 1 };
		const region = [
			{ uid: '1001', ...left },
			{ ...left, x_axis: 0.5 },
		];
		const picture = { mixedVideoLayout: 3, layoutConfig: { region } };
		const { request } = await asked({ cname: 'custom', picture });
		expect(request.recordingConfig!.transcodingConfig).toEqual({
			mixedVideoLayout: 3,
			layoutConfig: region,
		});
	});

	it('has nothing of the picture in individual mode, and the stream mode in the legacy one', async () => {
		const fields = {
			mode: 'individual',
			subscribeUidGroup: 1,
			picture: { videoSize: '1280x720' },
			options: { streamMode: 'standard' },
		};
		const { request } = await asked({ cname: 'legacy', ...fields });
		expect(request.recordingConfig).toEqual({
			channelType: 0,
			streamTypes: 2,
			subscribeUidGroup: 1,
			streamMode: 'standard',
		});
		expect(request.recordingFileConfig).toEqual({ avFileType: ['hls'] });
	});
});

describe('files', () => {
	it('are MP3 where only the sound is wanted', async () => {
		const fields = { mode: 'raw', fileFormats: 'mp3' };
		const { request } = await asked({ cname: 'mp3', ...fields });
		expect(request).toMatchObject({
			recordingFileConfig: { avFileType: ['mp3'] },
			recordingConfig: { streamTypes: 0 },
		});
		await eventually(
			async () => await filesOf('mp3'),
			(files) => files.some((path) => path.endsWith('.mp3')),
		);
		expect((await filesOf('mp3')).filter((path) => /\.(ts|m3u8)$/.test(path))).toEqual([]);
	});

	it('are screenshots beside the recording', async () => {
		const fields = { mode: 'raw', capture: 'both', captureInterval: 5, fileFormats: 'hls' };
		const { request } = await asked({ cname: 'screens', ...fields });
		expect(request).toMatchObject({
			recordingFileConfig: { avFileType: ['hls'] },
			snapshotConfig: { captureInterval: 5, fileType: ['jpg'] },
		});
		await eventually(
			async () => await filesOf('screens'),
			(files) => ['.jpg', '.ts', '.m3u8'].every((end) => files.some((file) => file.endsWith(end))),
		);
	});

	it('can be only screenshots, without settings for other files', async () => {
		const fields = { mode: 'individual', capture: 'screenshots' };
		const { request } = await asked({ cname: 'stills', ...fields });
		expect(request).not.toHaveProperty('recordingFileConfig');
		expect(request.snapshotConfig).toEqual({ captureInterval: 10, fileType: ['jpg'] });
		await recorded('stills');
		expect((await filesOf('stills')).every((path) => /\.(jpg|session\.json)$/.test(path))).toBe(
			true,
		);
	});
});

describe('a web page', () => {
	it('has all its settings', async () => {
		const fields = {
			mode: 'web',
			url: 'https://example.com/live',
			pageSize: '720x1280',
			maxRecordingHour: 1,
			picture: { bitrate: 1500, fps: 30 },
			options: { audioProfile: 1, mobile: true, maxVideoDuration: 60, readyTimeout: 10 },
		};
		const { request } = await asked({ cname: 'page', ...fields });
		expect(request).not.toHaveProperty('recordingConfig');
		expect(request.extensionServiceConfig).toEqual({
			errorHandlePolicy: 'error_abort',
			extensionServices: [
				{
					serviceName: 'web_recorder_service',
					errorHandlePolicy: 'error_abort',
					serviceParam: {
						url: 'https://example.com/live',
						audioProfile: 1,
						videoWidth: 720,
						videoHeight: 1280,
						maxRecordingHour: 1,
						videoBitrate: 1500,
						videoFps: 30,
						mobile: true,
						maxVideoDuration: 60,
						readyTimeout: 10,
					},
				},
			],
		});
	});

	it('starts paused, and records nothing until it is resumed', async () => {
		const fields = { mode: 'web', url: 'https://example.com/live', options: { onhold: true } };
		await asked({ cname: 'paused', ...fields });
		expect(sessionOf('paused')).toMatchObject({ onhold: true });
		const recordingId = { __rl: true, mode: 'channel', value: 'paused' };
		await set.engine.run({
			resource: 'recording',
			operation: 'update',
			recordingId,
			change: 'resume',
		});
		expect(await recorded('paused')).toMatchObject({ onhold: false });
	});

	it('is also broadcast, and the RTMP URL is not returned', async () => {
		const fields = { mode: 'web', url: 'https://example.com/live', options: { rtmpUrl: RTMP_URL } };
		const { request, json } = await asked({ cname: 'broadcast', ...fields });
		expect(request.extensionServiceConfig!.extensionServices).toMatchObject([
			{ serviceName: 'web_recorder_service' },
			{
				serviceName: 'rtmp_publish_service',
				errorHandlePolicy: 'error_ignore',
				serviceParam: { outputs: [{ rtmpUrl: '(hidden)' }] },
			},
		]);
		expect(JSON.stringify(json)).not.toContain('fake-stream-key');
	});
});

describe('storage', () => {
	it('goes into a folder of the day with Partition by Date, its session record too', async () => {
		const today = () => new Date().toISOString().slice(0, 10).replaceAll('-', '');
		const before = today();
		const { request, json } = await asked({
			cname: 'partition',
			partitionByDate: true,
		});
		const day = (request.storageConfig!.fileNamePrefix as string[])[1]!;
		expect([before, today()]).toContain(day);
		expect(request.storageConfig).toMatchObject({ fileNamePrefix: ['class', day] });
		expect(json).toMatchObject({ folder: `class/${day}/`, session_record_saved: true });
		await recorded('partition');
		for (const path of await filesOf('partition')) {
			expect(path).toMatch(new RegExp(`^/recordings/class/${day}/`));
		}
	});

	it.each([
		['its sid', 'id', 2],
		['its channel', 'channel', 3],
	])('keeps what runs in a folder of the day easy to find by %s', async (_, mode, most) => {
		const cname = `noted (${mode})`;
		const { json } = await asked({ cname, partitionByDate: true });
		await recorded(cname);
		const lists = async () =>
			(await set.sandbox.control.requests('s3')).filter(({ path }) => path.includes('list-type'));
		const before = (await lists()).length;
		const got = await set.engine.run({
			resource: 'recording',
			operation: 'get',
			recordingId: { __rl: true, mode, value: mode === 'id' ? json.sid : cname },
		});
		expect(got.json).toMatchObject([{ sid: json.sid, cname, status: 'recording' }]);
		expect((await lists()).length - before).toBeLessThanOrEqual(most);
	});

	it('adds the day to a prefix from the JSON, and to none', async () => {
		const partitionByDate = true;
		const day = expect.stringMatching(/^20\d{6}$/);
		const given = { storageConfig: { fileNamePrefix: ['other'] } };
		const other = await asked({ cname: 'partition2', partitionByDate, clientRequest: given });
		expect(other.request.storageConfig).toMatchObject({ fileNamePrefix: ['other', day] });

		const { endpoint, bucket, accessKey, secretKey } = set.sandbox.storage;
		const extensionParams = { endpoint: new URL(endpoint).host };
		const own = { vendor: 11, region: 0, bucket, accessKey, secretKey, extensionParams };
		const clientRequest = { storageConfig: own };
		const alone = await asked({ cname: 'partition3', partitionByDate, clientRequest });
		expect(alone.request.storageConfig).toMatchObject({ fileNamePrefix: [day] });
		const bare = await asked({ cname: 'partition4', clientRequest });
		expect(bare.request.storageConfig).not.toHaveProperty('fileNamePrefix');
	});

	it('sends encryption and a tag for Amazon S3 only', async () => {
		set.credentials.agoraStorageApi!.amazon = {
			...set.credentials.agoraStorageApi!.default!,
			vendor: 'amazonS3',
			amazonS3Region: 'eu-central-1',
		};
		const credentials = { agoraApi: 'default', agoraStorageApi: 'amazon' };
		const options = {
			serverSideEncryption: 'kms',
			objectTag: 'school',
			saveSessionRecord: false,
		};
		const { error } = await start({ cname: 'tagged', options }, { credentials });
		expect(error).toBeUndefined();
		expect((sessionOf('tagged').startRequest as IDataObject).storageConfig).toMatchObject({
			vendor: 1,
			extensionParams: { sse: 'kms', tag: 'school' },
		});
		const refused = await start({ cname: 'untagged', options });
		expect(refused.error!.message).toContain('"Server-Side Encryption" for Amazon S3 only');
	});

	it('sends the temporary credentials and their expiry', async () => {
		const expires = Math.floor(Date.now() / 1000) + 6 * 3600;
		const temporary = {
			...set.credentials.agoraStorageApi!.default!,
			vendor: 'amazonS3',
			amazonS3Region: 'eu-central-1',
			sessionToken: 'fake-session-token',
			sessionExpiresAt: new Date(expires * 1000).toISOString(),
		};
		const tooSoon = new Date(Date.now() + 3 * 3600 * 1000).toISOString();
		Object.assign(set.credentials.agoraStorageApi!, {
			temporary,
			ending: { ...temporary, sessionExpiresAt: tooSoon },
			foreign: { ...temporary, vendor: 's3Compatible' },
		});
		const startWith = async (agoraStorageApi: string, cname: string) =>
			await start({ cname }, { credentials: { agoraApi: 'default', agoraStorageApi } });

		const { error, json, stored } = await startWith('temporary', 'with temporary keys');
		expect(error).toBeUndefined();
		expect(stored).not.toContain('fake-session-token');
		const { startRequest } = sessionOf('with temporary keys');
		expect((startRequest as IDataObject).storageConfig).toMatchObject({
			vendor: 1,
			stsToken: '(hidden)',
			stsExpiration: expires,
		});
		expect(json[0]!.session_record_saved).toBe(true);

		await set.sandbox.control.clearRequests();
		const ending = await startWith('ending', 'with ending keys');
		expect(ending.error!.message).toBe('The temporary credentials expire too soon');
		const foreign = await startWith('foreign', 'with foreign keys');
		expect(foreign.error!.message).toContain('Agora does not accept temporary credentials for');
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it('sends the temporary credentials of a complete storageConfig', async () => {
		const { bucket, accessKey, secretKey } = set.sandbox.storage;
		const more = { stsToken: 'fake-sts-token', stsExpiration: 1_800_000_000 };
		const storageConfig = { vendor: 1, region: 7, bucket, accessKey, secretKey, ...more };
		const { request } = await asked({ cname: 'temporary', clientRequest: { storageConfig } });
		expect(request.storageConfig).toMatchObject({
			bucket,
			stsToken: '(hidden)',
			stsExpiration: 1_800_000_000,
		});
	});

	it.each([
		{ stsToken: 'fake-sts-token', stsExpiration: 1_800_000_000 },
		{ secretKey: 'fake-secret' },
		{ bucket: 'other', accessKey: 'fake-access' },
		{ extensionParams: { endpoint: 's3.example.com' } },
	])(
		'refuses credentials that would mix with those of the credential: %j',
		async (storageConfig) => {
			await set.sandbox.control.clearRequests();
			const { error } = await start({ cname: 'mixed', clientRequest: { storageConfig } });
			expect(error!.message).toContain('storageConfig in "Client Request (JSON)" has no');
			expect(error!.description).not.toContain('fake');
			expect(await set.sandbox.control.requests('agora')).toEqual([]);
		},
	);
});

describe('the Client Request', () => {
	it('passes on what the fields do not know, and wins over them', async () => {
		const clientRequest = {
			appsCollection: { combinationPolicy: 'default' },
			transcodeOptions: { transConfig: { transMode: 'audioMix' } },
			recordingConfig: { privateParams: '{"futureSwitch":1}', maxIdleTime: 90 },
		};
		const options = { maxIdleTime: 60, standardPlaylist: true };
		// Composite recordings do not have the first two.
		set.sentOnPurpose.push('appsCollection', 'transcodeOptions');
		const { request } = await asked({ cname: 'own words', options, clientRequest });
		expect(request).toMatchObject(clientRequest);
	});

	it('is unwrapped where it is a whole body', async () => {
		const clientRequest = {
			cname: 'whole-body',
			uid: '527841',
			clientRequest: { recordingConfig: { maxIdleTime: 120 } },
		};
		const { request, uid } = await asked({ cname: 'whole-body', clientRequest });
		expect(request.recordingConfig).toMatchObject({ maxIdleTime: 120 });
		expect(request).not.toHaveProperty('clientRequest');
		expect(uid).toBe('527841');
	});

	it.each<[string, IDataObject, RegExp]>([
		['channel', { clientRequest: { cname: 'other' } }, /"Channel Name" and Client Request/],
		[
			'UID',
			{ uidMode: 'specify', uid: '1', clientRequest: { uid: '2' } },
			/"UID" and Client Request/,
		],
	])('is refused where its %s contradicts the field', async (_, parameters, message) => {
		await set.sandbox.control.clearRequests();
		const { error } = await start({ cname: 'refused', ...parameters });
		expect(error!.message).toMatch(message);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it.each(['', null, '  '])('never replaces the token with %j', async (token) => {
		const cname = `token ${JSON.stringify(token).length}`;
		const { request } = await asked({ cname, clientRequest: { token, storageConfig: null } });
		expect(request.token).toBe('(hidden)');
		expect(await recorded(cname)).toMatchObject({ live: true });
	});

	it('is refused for a key that Agora does not know, unless that is allowed', async () => {
		const clientRequest = { recordingConfig: { maxIdelTime: 60 } };
		set.sentOnPurpose.push('maxIdelTime');
		const { error } = await start({ cname: 'typo', clientRequest });
		expect(error!.description).toContain('Did you mean "maxIdleTime"?');
		const options = { allowUnknown: true };
		const { request } = await asked({ cname: 'future', options, clientRequest });
		expect(request.recordingConfig).toMatchObject({ maxIdelTime: 60 });
	});

	it('passes with a hint where Agora ignores a setting', async () => {
		const picture = { mixedVideoLayout: 1, maxResolutionUid: '7' };
		const clientRequest = { recordingConfig: { transcodingConfig: picture } };
		const { error, stored } = await start({ cname: 'ignored', clientRequest });
		expect(error).toBeUndefined();
		expect(stored).toContain('Agora ignores');
	});
});

describe('the token', () => {
	it('is sent unchanged', async () => {
		await asked({ cname: 'own token', options: { token: 'fake-token', saveSessionRecord: false } });
		const session = await eventually(
			async () => sessionOf('own token'),
			({ live }) => !live,
		);
		expect(session).toMatchObject({ endReason: 'token rejected' });
	});

	it("is not generated for another project than the certificate's", async () => {
		const other = await set.engine.run({ resource: 'project', operation: 'getAll' });
		const staging = other.json.find(({ name }) => name === 'Staging')!;
		const { app_id: appId } = staging;
		const { request } = await asked({ cname: 'elsewhere', options: { appId: appId as string } });
		expect(request).not.toHaveProperty('token');
	});

	it('is valid for the requested time', async () => {
		const refused = await start({ cname: 'c', options: { tokenHours: 721 } });
		expect(refused.error!.message).toBe('"Token Lifetime (Hours)" has an invalid value');
		await asked({ cname: 'short token', options: { tokenHours: 1 } });
		expect(await recorded('short token')).toMatchObject({ live: true });
	});
});

describe('Wait for Recording to Start', () => {
	beforeEach(() => {
		for (const cname of ['awaited', 'cancelled'])
			set.sandbox.control.setChannel(cname, { uids: ['7'], seconds: null });
	});

	it('continues when Agora confirms that it is recording', async () => {
		const { json } = await start({ cname: 'awaited', waitForRecording: true });
		expect(json[0]).toMatchObject({
			sid: sessionOf('awaited').sid,
			status: 'recording',
			agora_state: 'in progress',
		});
	});

	it('can be cancelled, and the recording is not forgotten', async () => {
		const { status, error } = await start(
			{ cname: 'cancelled', waitForRecording: true },
			{
				onStart: (cancel: () => void) => {
					void recorded('cancelled').then(cancel);
				},
			},
		);
		expect(status).toBe('canceled');
		expect(error?.message ?? 'canceled').toMatch(/cancel/i);
		expect((await filesOf('cancelled')).some((path) => path.endsWith('.session.json'))).toBe(true);
	});

	it('fails with the causes when the session has ended', async () => {
		set.sandbox.control.setChannel('empty', { uids: [], seconds: null });
		const over = { status: 200, body: { serverResponse: { status: 8 } } };
		await set.sandbox.control.fail('agora', { path: '/query', response: over });
		const { error } = await start({ cname: 'empty', waitForRecording: true });
		expect(error!.message).toContain('Agora\'s status is "exited"');
		expect(error!.description).toContain(`sid ${sessionOf('empty').sid}`);
		expect(error!.description).toContain('the channel was empty for the Maximum Idle Time');
	});
});

describe('what cannot be', () => {
	it.each<[string, IDataObject, RegExp]>([
		[
			'mixing in raw mode',
			{ mode: 'raw', clientRequest: { recordingConfig: { transcodingConfig: { width: 640 } } } },
			/does not support transcodingConfig/,
		],
		[
			'a channel’s settings for a page',
			{
				mode: 'web',
				url: 'https://example.com',
				clientRequest: { recordingConfig: { maxIdleTime: 30 } },
			},
			/does not support recordingConfig/,
		],
		[
			'a storage that is no object',
			{ clientRequest: { storageConfig: 'my bucket' } },
			/storageConfig" is not a JSON object/,
		],
		[
			'an idle time of a second',
			{ options: { maxIdleTime: 1 } },
			/"Maximum Idle Time \(Seconds\)"/,
		],
		[
			'MP4 alone',
			{ clientRequest: { recordingFileConfig: { avFileType: ['mp4'] } } },
			/"File Formats"/,
		],
		[
			'a salt that is none',
			{
				options: {
					decryptionMode: 7,
					decryptionSecret: DECRYPTION_SECRET,
					decryptionSalt: 'fake-salt',
				},
			},
			/"Decryption Salt"/,
		],
		[
			'a region outside the picture',
			{
				picture: {
					mixedVideoLayout: 3,
					layoutConfig: { region: [{ x_axis: 2, y_axis: 0, width: 1, height: 1 }] },
				},
			},
			/"Left" of region 1/,
		],
		[
			'a page longer than its control',
			{
				mode: 'web',
				url: 'https://example.com',
				maxRecordingHour: 10,
				options: { resourceExpiredHour: 5 },
			},
			/"Maximum Duration \(Hours\)" is longer than/,
		],
	])('is refused before anything is sent: %s', async (_, parameters, message) => {
		await set.sandbox.control.clearRequests();
		const { error } = await start({ cname: 'refused', ...parameters });
		expect(error!.message).toMatch(message);
		expect(`${error!.message} ${error!.description}`).not.toMatch(/fake-/);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});
});
