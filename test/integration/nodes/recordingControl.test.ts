import type { IDataObject } from 'n8n-workflow';
import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const ONLY_AGORA = { credentials: { agoraApi: 'default' } };

const run = async (operation: string, parameters: IDataObject = {}, options = {}) =>
	await set.engine.run({ resource: 'recording', operation, ...parameters }, options);
const by = (mode: string, value: unknown) => ({ recordingId: { __rl: true, mode, value } });
const sessionOf = (cname: string) =>
	set.sandbox.control.sessions().findLast((session) => session.cname === cname);
const filesOf = (recording: IDataObject) => recording.file_list as IDataObject[];

/** Starts a recording whose call does not end by itself, and waits for its first file. */
const record = async (cname: string, parameters: IDataObject = {}) => {
	set.sandbox.control.setChannel(cname, { uids: ['1001'], seconds: null });
	const { json } = await run('start', { cname, ...parameters });
	await eventually(
		async () => sessionOf(cname)?.status,
		(status) => status === 5,
	);
	return json[0]! as Record<string, string>;
};

describe('Recording: Stop', () => {
	it('stops a recording by channel, and returns its files', async () => {
		const { sid, resourceId } = await record('chemistry_2');
		const { json } = await run('stop', by('channel', 'chemistry_2'));
		expect(json).toEqual([
			expect.objectContaining({
				sid,
				resourceId,
				cname: 'chemistry_2',
				status: 'completed',
				uploading_status: 'uploaded',
				stopped: true,
			}),
		]);
		expect(json[0]).not.toHaveProperty('note');
		expect(filesOf(json[0]!).map(({ kind }) => kind)).toEqual(['video', 'playlist']);
		expect(filesOf(json[0]!).every((file) => Number(file.size_bytes) > 0)).toBe(true);
		expect(sessionOf('chemistry_2')).toMatchObject({ live: false, endReason: 'stopped' });
	});

	it.each([
		['its ID', 'id', (sid: string) => sid],
		['its ID in the list', 'list', (sid: string) => sid],
		['the name of a file', 'id', (sid: string) => `${sid}_pasted_0.mp4`],
		['a key', 'id', (sid: string) => ` class/20261123/bak0_${sid}_pasted.m3u8 `],
		['a link', 'id', (sid: string) => `https://s3.example.com/b/class/${sid}_pasted.mp4?x=1`],
	])('ends a recording selected by %s', async (by_, mode, value) => {
		const { sid } = await record(`selected by ${by_}`);
		const { json } = await run('stop', by(mode, value(sid!)));
		expect(json[0]).toMatchObject({ sid, status: 'completed', uploading_status: 'uploaded' });
	});

	it('means the newest running recording of the channel', async () => {
		const first = await record('twice');
		const second = await record('twice', { options: { ifAlreadyRecording: 'startAnother' } });
		expect((await run('stop', by('channel', 'twice'))).json[0]).toMatchObject({ sid: second.sid });
		expect((await run('stop', by('channel', 'twice'))).json[0]).toMatchObject({ sid: first.sid });
	});

	it('does not wait for the upload when Wait for Upload is off', async () => {
		await record('hurry');
		const { json } = await run('stop', {
			...by('channel', 'hurry'),
			options: { waitForUpload: false },
		});
		expect(json[0]).toMatchObject({ uploading_status: 'in_progress' });
	});

	it("returns the files of all three forms of Agora's response", async () => {
		for (const [cname, fields] of [
			['text-form', { fileFormats: 'hls' }],
			['list-form', { mode: 'raw' }],
			['page-form', { mode: 'web', url: 'https://example.com/' }],
		] as const) {
			await record(cname, fields);
			// Without a bucket, what Agora names must do.
			const { sid, resourceId, mode, uid } = sessionOf(cname)!;
			const sessionDetails = { resourceId, mode, uid, cname };
			const { json } = await run('stop', { ...by('id', sid), sessionDetails }, ONLY_AGORA);
			expect(filesOf(json[0]!).length).toBeGreaterThan(0);
			for (const file of filesOf(json[0]!)) {
				expect(file).toMatchObject({
					filename: expect.stringContaining(sid),
					size_bytes: null,
					download_url: null,
				});
			}
		}
	});

	it('returns a result, not an error, for a second stop', async () => {
		await record('over');
		await run('stop', by('channel', 'over'));
		await set.sandbox.control.clearRequests();
		const { status, json } = await run('stop', by('channel', 'over'));
		expect(status).toBe('success');
		// However large the archive is, it is not searched.
		const requests = await set.sandbox.control.requests('s3');
		expect(requests.filter(({ path }) => path.includes('delimiter='))).toEqual([]);
		expect(json[0]).toMatchObject({
			status: 'completed',
			uploading_status: 'already_ended',
			note: 'The recording had already ended.',
			stopped: false,
		});
		expect(filesOf(json[0]!)).toHaveLength(2);
	});

	it('returns a result for a recording that is stopping', async () => {
		await record('stopping');
		const answer = { status: 400, body: { code: 49, reason: 'invalid operation' } };
		await set.sandbox.control.fail('agora', { path: '/stop', response: answer });
		const { json } = await run('stop', by('channel', 'stopping'));
		expect(json[0]).toMatchObject({ uploading_status: 'already_stopping' });
	});

	it('returns a result for a channel without users', async () => {
		set.sandbox.control.setChannel('silent', { uids: [], seconds: null });
		await run('start', { cname: 'silent', options: { maxIdleTime: 600 } });
		await eventually(
			async () => sessionOf('silent')?.status,
			(status) => Number(status) >= 3,
		);
		const { json } = await run('stop', by('channel', 'silent'));
		expect(json[0]).toMatchObject({
			status: 'completed',
			uploading_status: 'no_recorded_data',
			note: expect.stringContaining('Nobody published'),
			file_list: [],
		});
	});

	it.each([
		['a channel nobody recorded', by('channel', 'never'), /has no recording of channel never/],
		['an ID nobody knows', by('id', '0'.repeat(32)), /has no recording 0{32}/],
		['no ID at all', by('id', 'chemistry_2'), /is not the ID of a recording/],
	])('says so for %s', async (_, parameters, message) => {
		const { error } = await run('stop', parameters);
		expect(error!.message).toMatch(message);
	});

	it('marks the recording as ended in its session record', async () => {
		set.sandbox.control.setChannel('empty', { uids: [], seconds: null });
		const { sid } = (await run('start', { cname: 'empty', options: { maxIdleTime: 600 } }))
			.json[0]!;
		await eventually(
			async () => sessionOf('empty')?.status,
			(status) => Number(status) >= 3,
		);
		expect((await run('get', by('id', String(sid)))).json[0]).toMatchObject({
			status: 'recording',
		});
		await run('stop', by('channel', 'empty'));
		for (const way of [by('id', String(sid)), by('channel', 'empty')]) {
			expect((await run('get', way)).json[0]).toMatchObject({
				sid,
				status: 'completed',
				ended_at: expect.any(String),
				file_list: [],
			});
		}
	});

	it('ends a recording although its session record cannot be changed', async () => {
		await record('locked');
		const answer = { status: 403 };
		await set.sandbox.control.fail('s3', {
			method: 'PUT',
			path: '_sessions/',
			times: 2,
			response: answer,
		});
		const { status, json } = await run('stop', by('channel', 'locked'));
		expect(status).toBe('success');
		expect(json[0]).toMatchObject({ status: 'completed', uploading_status: 'uploaded' });
	});

	it('reports what is missing without a session record', async () => {
		const { sid } = await record('no-record', { options: { saveSessionRecord: false } });
		const { error } = await run('stop', by('id', sid));
		expect(error!.message).toContain('No session record found for recording');
		expect(error!.description).toContain('Resource ID');
		const { resourceId, mode, uid, cname } = sessionOf('no-record')!;
		const sessionDetails = { resourceId, mode, uid, cname };
		const { json } = await run('stop', { ...by('id', sid), sessionDetails });
		expect(json[0]).toMatchObject({ sid, status: 'completed', uploading_status: 'uploaded' });
		expect(filesOf(json[0]!)).toHaveLength(2);
	});
});

describe('Recording: Get', () => {
	it('says that a channel name is case-sensitive', async () => {
		await record('demo-class');
		const { error } = await run('get', by('channel', 'Demo-Class'));
		expect(error!.message).toContain('has no recording of channel Demo-Class');
		expect(error!.description).toBe(
			'There are recordings of "demo-class"; channel names are case-sensitive.',
		);
	});

	it('finds the running recording of a channel, and its files that are on their way', async () => {
		const { sid } = await record('live');
		const { json } = await run('get', by('channel', 'live'));
		expect(json[0]).toMatchObject({ sid, status: 'recording' });
		expect(filesOf(json[0]!).map(({ kind }) => kind)).toContain('playlist');
	});

	it('works without a bucket from the session alone, while it runs', async () => {
		await record('no-bucket');
		const { sid, resourceId, mode, uid, cname } = sessionOf('no-bucket')!;
		const parameters = { ...by('id', sid), sessionDetails: { resourceId, mode, uid, cname } };
		const { json } = await run('get', parameters, ONLY_AGORA);
		expect(json[0]).toMatchObject({ sid, status: 'recording', resourceId });
		await run('stop', parameters, ONLY_AGORA);
		const { error } = await run('get', parameters, ONLY_AGORA);
		expect(error!.message).toBe('This recording is not running, and no files of it were found');
	});
});

describe('Recording: Update', () => {
	it('pauses and resumes a web page recording', async () => {
		await record('page', { mode: 'web', url: 'https://example.com/' });
		const { json } = await run('update', { ...by('channel', 'page'), change: 'pause' });
		expect(json[0]).toMatchObject({ cname: 'page', mode: 'web', updated: 'paused' });
		expect(sessionOf('page')).toMatchObject({ onhold: true });
		await run('update', { ...by('channel', 'page'), change: 'resume' });
		expect(sessionOf('page')).toMatchObject({ onhold: false });
	});

	it('sets an RTMP URL, and refuses an empty one', async () => {
		await record('push', { mode: 'web', url: 'https://example.com/' });
		const rtmpUrl = 'rtmp://live.example.com/app/stream';
		await run('update', { ...by('channel', 'push'), change: 'pushAddress', rtmpUrl });
		expect(sessionOf('push')!.changes.map(({ clientRequest }) => clientRequest)).toEqual([
			{ rtmpPublishConfig: { outputs: [{ rtmpUrl }] } },
		]);
		for (const wrong of ['', 'https://live.example.com/app', 'rtmp://10.0.0.1/app']) {
			const { error } = await run('update', {
				...by('channel', 'push'),
				change: 'pushAddress',
				rtmpUrl: wrong,
			});
			expect(error!.message).toMatch(/"RTMP URL" is (empty|not a public RTMP URL)/);
		}
	});

	it('changes whose media is recorded', async () => {
		await record('subscriptions');
		const { json } = await run('update', {
			...by('channel', 'subscriptions'),
			change: 'subscriptions',
			subscribeAudioUids: '#allstream#',
			unSubscribeVideoUids: '1001, 1002',
		});
		expect(json[0]).toMatchObject({ updated: 'subscriptions' });
		expect(sessionOf('subscriptions')!.changes).toEqual([
			{
				action: 'update',
				clientRequest: {
					streamSubscribe: {
						audioUidList: { subscribeAudioUids: ['#allstream#'] },
						videoUidList: { unSubscribeVideoUids: ['1001', '1002'] },
					},
				},
			},
		]);
	});

	it('changes who is heard by leaving out, who is seen by naming', async () => {
		await record('other-lists');
		await run('update', {
			...by('channel', 'other-lists'),
			change: 'subscriptions',
			unSubscribeAudioUids: '1001',
			subscribeVideoUids: '1002',
		});
		expect(sessionOf('other-lists')!.changes[0]!.clientRequest).toEqual({
			streamSubscribe: {
				audioUidList: { unSubscribeAudioUids: ['1001'] },
				videoUidList: { subscribeVideoUids: ['1002'] },
			},
		});
	});

	it('passes new temporary credentials to Agora, and keeps folder, encryption and tag of the start', async () => {
		set.credentials.agoraStorageApi!.amazon = {
			...set.credentials.agoraStorageApi!.default!,
			vendor: 'amazonS3',
			amazonS3Region: 'eu-central-1',
		};
		const credentials = { agoraApi: 'default', agoraStorageApi: 'amazon' };
		const options = { serverSideEncryption: 'kms', objectTag: 'school', maxIdleTime: 3600 };
		const clientRequest = { storageConfig: { fileNamePrefix: ['other'] } };
		// With nobody to record, nothing is uploaded to a bucket that does not exist, so the recording goes on.
		set.sandbox.control.setChannel('keys', { uids: [], seconds: null });
		await run(
			'start',
			{ cname: 'keys', partitionByDate: true, options, clientRequest },
			{ credentials },
		);
		const { storageConfig: before } = sessionOf('keys')!.startRequest as Record<
			string,
			IDataObject
		>;
		expect(before).toMatchObject({ fileNamePrefix: ['other', expect.stringMatching(/^20/)] });
		const update = {
			...by('channel', 'keys'),
			change: 'storageToken',
			accessKey: 'FAKE-NEW-ACCESS',
			secretKey: 'fake-new-secret',
			stsToken: 'fake-new-token',
			stsExpiration: Math.floor(Date.now() / 1000) + 5 * 3600,
		};
		const { status } = await run('update', update, { credentials });
		expect(status).toBe('success');
		const { storageConfig } = sessionOf('keys')!.changes[0]!.clientRequest;
		const { vendor, region, bucket, fileNamePrefix, extensionParams } = before!;
		expect(storageConfig).toMatchObject({
			...{ vendor, region, bucket, fileNamePrefix, extensionParams },
			stsExpiration: update.stsExpiration,
		});

		const refused = await run('update', update);
		expect(refused.error!.message).toContain('Agora does not accept temporary credentials for');
		for (const name of ['accessKey', 'secretKey', 'stsToken']) {
			const { error } = await run('update', { ...update, [name]: ' ' }, { credentials });
			expect(error!.message).toMatch(/^"(Access Key|Secret Key|Session Token)" is empty$/);
		}
	});

	it.each([
		['a pause of a channel', { change: 'pause' }, /Only web page recordings/],
		['no subscription', { change: 'subscriptions' }, /No subscriptions are set/],
		[
			'two kinds of list at once',
			{ change: 'subscriptions', subscribeAudioUids: '1', unSubscribeAudioUids: '2' },
			/"Record Audio From \(UIDs\)" and/,
		],
		[
			'names as UIDs',
			{ change: 'subscriptions', subscribeVideoUids: 'anna' },
			/"Record Video From \(UIDs\)" does not contain UIDs/,
		],
		[
			'keys that end too soon',
			{
				change: 'storageToken',
				accessKey: 'a',
				secretKey: 'b',
				stsToken: 'c',
				stsExpiration: '2020-01-01T00:00:00Z',
			},
			/expire too soon/,
		],
	])('refuses %s', async (_, parameters, message) => {
		await record('refusals');
		const { error } = await run('update', { ...by('channel', 'refusals'), ...parameters });
		expect(error!.message).toMatch(message);
		expect(sessionOf('refusals')!.changes).toEqual([]);
	});

	it('fails when the recording has ended', async () => {
		await record('gone');
		await run('stop', by('channel', 'gone'));
		const { error } = await run('update', {
			...by('channel', 'gone'),
			change: 'subscriptions',
			subscribeAudioUids: '1',
		});
		expect(error!.message).toMatch(/^Recording \w{32} ended at \d+ \w+ \d{4}, [\d:]+ UTC$/);
	});
});

describe('Recording: Update Layout', () => {
	it('sends a named layout', async () => {
		await record('named-layout');
		const { json } = await run('updateLayout', {
			...by('channel', 'named-layout'),
			mixedVideoLayout: 2,
			maxResolutionUid: '1001',
			backgroundColor: '#112233',
		});
		const layout = { mixedVideoLayout: 2, maxResolutionUid: '1001', backgroundColor: '#112233' };
		expect(json[0]).toMatchObject({
			cname: 'named-layout',
			layout: 'vertical',
			main_user_uid: '1001',
			background_color: '#112233',
		});
		expect(sessionOf('named-layout')!.changes).toEqual([
			{ action: 'updateLayout', clientRequest: layout },
		]);
	});

	it('sends backgrounds for all and for single users', async () => {
		await record('backgrounds');
		const backgroundImage = 'https://example.com/wall.jpg';
		const defaultUserBackgroundImage = 'https://example.com/nobody.jpg';
		const image = { uid: '1001', image_url: 'https://example.com/a.jpg', render_mode: 1 };
		const backgrounds = { backgroundImage, defaultUserBackgroundImage };
		await run('updateLayout', {
			...by('channel', 'backgrounds'),
			options: { ...backgrounds, backgroundConfig: { image: [image] } },
		});
		expect(sessionOf('backgrounds')!.changes[0]!.clientRequest).toMatchObject({
			...backgrounds,
			backgroundConfig: [image],
		});
	});

	it('sends a custom layout, with regions as fractions of the video', async () => {
		await record('custom-layout');
		const left = { x_axis: 0, y_axis: 0, width: 0.5, height: 1, alpha: 1, render_mode: 1 };
		const right = { x_axis: 0.5, y_axis: 0, width: 0.5, height: 1, alpha: 0.5, render_mode: 0 };
		const image = { uid: '1001', image_url: 'https://example.com/a.jpg', render_mode: 0 };
		await run('updateLayout', {
			...by('channel', 'custom-layout'),
			mixedVideoLayout: 3,
			layoutConfig: {
				region: [
					{ ...left, uid: '1001' },
					{ ...right, uid: '' },
				],
			},
			options: { backgroundConfig: { image: [image] } },
		});
		expect(sessionOf('custom-layout')!.changes[0]!.clientRequest).toEqual({
			mixedVideoLayout: 3,
			layoutConfig: [{ uid: '1001', ...left }, right],
			backgroundColor: '#000000',
			backgroundConfig: [image],
		});
	});

	it.each([
		[
			'a region outside the picture',
			[{ x_axis: 1.2 }],
			/"Left" of region 1 is not a number from 0 to 1/,
		],
		['no region', [], /1 to 17 regions/],
		['eighteen regions', Array(18).fill({ width: 0.1 }), /1 to 17 regions/],
	])('refuses %s before anything is sent', async (_, region, message) => {
		await record('custom-layout');
		await set.sandbox.control.clearRequests();
		const { error } = await run('updateLayout', {
			...by('channel', 'custom-layout'),
			mixedVideoLayout: 3,
			layoutConfig: { region },
		});
		expect(error!.message).toMatch(message);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it('is for composite recordings only', async () => {
		await record('page-layout', { mode: 'web', url: 'https://example.com/' });
		const { error } = await run('updateLayout', { ...by('channel', 'page-layout') });
		expect(error!.message).toBe('Only composite recordings have a layout');
	});
});
