import type { IDataObject } from 'n8n-workflow';
import { runInProcess } from '../engineProcess.ts';
import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

/* A channel is recorded once, however often it is started, and the recording that runs is the one that is stopped. */

const set = useSandboxedEngine();

const START = { resource: 'recording', operation: 'start' };
const run = async (operation: string, parameters: IDataObject, options = {}) =>
	await set.engine.run({ resource: 'recording', operation, ...parameters }, options);
const start = async (cname: string, parameters: IDataObject = {}, options = {}) => {
	set.sandbox.control.setChannel(cname, { uids: ['1001'], seconds: null });
	return await run('start', { cname, ...parameters }, options);
};
const byChannel = (value: string) => ({ recordingId: { __rl: true, mode: 'channel', value } });
const sessionsOf = (cname: string) =>
	set.sandbox.control.sessions().filter((session) => session.cname === cname);
const live = (cname: string) => sessionsOf(cname).filter((session) => session.live);
const isRecording = async (cname: string) =>
	await eventually(
		async () => live(cname)[0],
		(session) => session?.status === 5,
	);

describe('50 starts of one channel at once', () => {
	it('from five processes leave one recording and fifty good items', async () => {
		const cname = 'fifty';
		set.sandbox.control.setChannel(cname, { uids: ['1001'], seconds: null });
		const items = Array.from({ length: 10 }, () => ({ cname }));
		const job = {
			credentials: set.credentials,
			parameters: { ...START, cname: '={{ $json.cname }}' },
			items,
		};
		const reports = await Promise.all(
			Array.from({ length: 5 }, async () => await runInProcess(job)),
		);
		const json = reports.flatMap(({ report }) => report!.json);
		expect(reports.map(({ report }) => report!.error)).toEqual(Array(5).fill(null));
		expect(sessionsOf(cname)).toHaveLength(1);
		const [session] = sessionsOf(cname);
		expect(json).toHaveLength(50);
		for (const item of json) {
			const { sid, resourceId, uid } = session!;
			expect(item).toMatchObject({ sid, resourceId, uid, cname, status: 'recording' });
		}
		expect(json.filter((item) => item.already_recording === false)).toHaveLength(1);
	}, 120_000);
});

describe('a second start of a channel', () => {
	it('returns the running recording', async () => {
		const { json: first } = await start('again');
		const { json: second } = await start('again');
		expect(second).toEqual([{ ...first[0], already_recording: true }]);
		expect(sessionsOf('again')).toHaveLength(1);
	});

	it('fails if the option is Fail, and names the running recording', async () => {
		const { json } = await start('refused');
		const { error } = await start('refused', { options: { ifAlreadyRecording: 'fail' } });
		expect(error!.message).toBe('Channel "refused" is already being recorded');
		expect(error!.description).toContain(json[0]!.sid);
		expect(sessionsOf('refused')).toHaveLength(1);
	});

	it('starts another recording if the option is Start Another', async () => {
		await start('both');
		const { json } = await start('both', { options: { ifAlreadyRecording: 'startAnother' } });
		expect(json[0]).toMatchObject({ already_recording: false });
		expect(live('both')).toHaveLength(2);
	});

	it('returns the recording with a specified UID', async () => {
		const own = { uidMode: 'specify', uid: '77' };
		const { json: first } = await start('own-uid', own);
		expect((await start('own-uid', own)).json[0]).toMatchObject({
			sid: first[0]!.sid,
			already_recording: true,
		});
		const other = await start('own-uid', {
			...own,
			options: { ifAlreadyRecording: 'startAnother' },
		});
		expect(other.error!.message).toContain('already being recorded with the recorder UID 77');
	});

	it('is another recording in another mode, and of another page', async () => {
		const page = (url: string) => ({ mode: 'web', url });
		await start('modes');
		await start('modes', { mode: 'raw' });
		await start('modes', page('https://example.com/a'));
		await start('modes', page('https://example.com/b'));
		const { json } = await start('modes', page('https://example.com/b'));
		expect(json[0]).toMatchObject({ already_recording: true });
		expect(live('modes')).toHaveLength(4);
	});

	it('reports that the running recording has no session record', async () => {
		await start('unknown', { options: { saveSessionRecord: false } });
		const { error } = await start('unknown');
		expect(error!.message).toContain('its session record could not be found');
		expect(error!.description).toContain('Start Another');
		expect(sessionsOf('unknown')).toHaveLength(1);
	}, 60_000);
});

describe('a start whose response is lost', () => {
	const loseAnswer = async () =>
		await set.sandbox.control.fail('agora', { path: '/start', when: 'after', response: 'drop' });
	const retried = (maxTries: number, waitBetweenTries = 1) => ({
		settings: { retryOnFail: true, maxTries, waitBetweenTries },
	});

	it('is returned by the next one, with its sid', async () => {
		await loseAnswer();
		expect((await start('lost')).error!.description).toContain('may be running');
		const { json } = await start('lost');
		const { sid, resourceId, uid } = sessionsOf('lost')[0]!;
		expect(json).toEqual([
			expect.objectContaining({ sid, resourceId, uid, already_recording: true }),
		]);
		expect(sessionsOf('lost')).toHaveLength(1);
		const { json: stopped } = await run('stop', byChannel('lost'));
		expect(stopped[0]).toMatchObject({ sid, stopped: true });
	}, 60_000);

	it('is returned by Retry On Fail', async () => {
		await loseAnswer();
		const { json } = await start('lost-retried', {}, retried(2));
		expect(json[0]).toMatchObject({ sid: sessionsOf('lost-retried')[0]!.sid });
		expect(sessionsOf('lost-retried')).toHaveLength(1);
	}, 60_000);

	it('is not mistaken for another recording of the channel', async () => {
		await start('lost-beside', { options: { ifAlreadyRecording: 'startAnother' } });
		await isRecording('lost-beside');
		await loseAnswer();
		const { json } = await start('lost-beside', {}, retried(2));
		expect(json[0]).toMatchObject({ sid: sessionsOf('lost-beside')[1]!.sid });
	}, 60_000);

	it('is named by its resource ID while it has no files', async () => {
		const cname = 'lost-silent';
		set.sandbox.control.setChannel(cname, { uids: [], seconds: null });
		await loseAnswer();
		const options = { maxIdleTime: 3600 };
		const { error } = await run('start', { cname, options }, retried(2));
		expect(error!.message).toBe(
			`Channel "${cname}" is already being recorded, but its ID is not known yet`,
		);
		expect(error!.description).toContain(sessionsOf(cname)[0]!.resourceId);
		expect(sessionsOf(cname)).toHaveLength(1);
	}, 60_000);

	it('is named by the error of a retry that fails for another reason', async () => {
		await loseAnswer();
		const answer = { status: 400, body: { code: 2, reason: 'made up' } };
		const cname = 'lost-refused';
		set.sandbox.control.setChannel(cname, { uids: ['1001'], seconds: null });
		const running = run('start', { cname }, retried(2, 1500));
		await isRecording(cname);
		await set.sandbox.control.fail('agora', { path: '/acquire', response: answer });
		const { error } = await running;
		expect(error!.message).toContain('rejected the request as invalid');
		expect(error!.description).toContain(sessionsOf(cname)[0]!.resourceId);
	}, 60_000);

	it('is not sent again where that would start another one', async () => {
		await loseAnswer();
		const options = { ifAlreadyRecording: 'startAnother' };
		const { error } = await start('lost-another', { options }, retried(3));
		expect(sessionsOf('lost-another')).toHaveLength(1);
		expect(error!.description).toContain(sessionsOf('lost-another')[0]!.resourceId);
	});
});

describe('a recording that is just ending', () => {
	// Two seconds, until its recorder is gone.
	const pace = { speed: 20, callSeconds: 8, startSeconds: 1, exitSeconds: 40, sliceSeconds: 2 };
	const slow = useSandboxedEngine({ pace });

	it('can be followed at once by another one, of which there is one as well', async () => {
		const cname = 'stop-start';
		slow.sandbox.control.setChannel(cname, { uids: ['1001'], seconds: null });
		const runSlow = async (operation: string, parameters: IDataObject) =>
			await slow.engine.run({ resource: 'recording', operation, ...parameters });
		await runSlow('start', { cname });
		await runSlow('stop', { ...byChannel(cname), options: { waitForUpload: false } });
		const { error, json } = await runSlow('start', { cname });
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({ already_recording: false });
		const sessions = () => slow.sandbox.control.sessions();
		const [first, second] = sessions();
		expect(second!.uid).not.toBe(first!.uid);
		const again = async () => (await runSlow('start', { cname })).json[0];
		expect(await again()).toMatchObject({ sid: second!.sid, already_recording: true });
		await eventually(
			async () => sessions()[0]!.live,
			(isLive) => !isLive,
		);
		expect(await again()).toMatchObject({ sid: second!.sid, already_recording: true });
		expect(sessions()).toHaveLength(2);
	}, 60_000);
});

describe('a recorder that is being replaced', () => {
	/** At the sandbox's pace this is an hour of real time. */
	const FOREVER = 72_000;

	it('returns the recording that goes on with another UID', async () => {
		const { json } = await start('replaced');
		await isRecording('replaced');
		set.sandbox.control.failOver(String(json[0]!.sid));
		const again = (await start('replaced')).json[0];
		expect(again).toMatchObject({ sid: json[0]!.sid, already_recording: true });
		expect(sessionsOf('replaced')).toHaveLength(1);
	});

	it('is not marked as ended while Agora does not find it', async () => {
		const cname = 'not-found';
		const { json } = await start(cname);
		await isRecording(cname);
		set.sandbox.control.failOver(String(json[0]!.sid), FOREVER);
		const stopped = (await run('stop', byChannel(cname))).json[0];
		expect(stopped).toMatchObject({
			...{ sid: json[0]!.sid, status: 'recording', ended_at: null },
			...{ stopped: false, uploading_status: 'not_found' },
			note: expect.stringContaining('stop it again in two minutes'),
		});
		// The new recorder is there.
		set.sandbox.control.failOver(String(json[0]!.sid));
		const again = (await run('stop', byChannel(cname))).json[0];
		expect(again).toMatchObject({ sid: json[0]!.sid, stopped: true, uploading_status: 'uploaded' });
		expect(live(cname)).toEqual([]);
	});
});

describe('a bucket that cannot be written to', () => {
	it.each([
		['the key may not write', 403, '<Error><Code>AccessDenied</Code></Error>'],
		['the bucket is missing', 404, '<Error><Code>NoSuchBucket</Code></Error>'],
		['the secret is wrong', 403, '<Error><Code>SignatureDoesNotMatch</Code></Error>'],
	])('ends a start before anything runs: %s', async (_, status, body) => {
		const answer = { status, body };
		await set.sandbox.control.fail('s3', { method: 'PUT', path: 'write-check', response: answer });
		const { error } = await start('unwritable');
		expect(error!.description).toContain('Nothing was started.');
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it('is found with one request for all items, and with none without session records', async () => {
		const items = Array.from({ length: 20 }, (_, i) => ({ cname: `checked-${i}` }));
		const parameters = { cname: '={{ $json.cname }}' };
		await run('start', parameters, { items });
		const checks = async () =>
			(await set.sandbox.control.requests('s3')).filter(({ path }) => path.includes('write-check'));
		expect(await checks()).toHaveLength(1);
		await set.sandbox.control.clearRequests();
		await start('unchecked', { options: { saveSessionRecord: false } });
		expect(await checks()).toEqual([]);
	});
});

describe('Stop by channel', () => {
	/** A recording that Agora ended before a file arrived; its session record says nothing of that. */
	async function startGhost(cname: string): Promise<IDataObject> {
		const options = { ifAlreadyRecording: 'startAnother' };
		const { json } = await start(cname, { options });
		await set.sandbox.control.crash(String(json[0]!.sid));
		await eventually(
			async () => sessionsOf(cname).at(-1)!,
			(session) => !session.live,
		);
		return json[0]!;
	}

	it.each(['stop', 'get', 'update'])(
		'means the one that runs, not a newer one that has ended: %s',
		async (operation) => {
			const cname = `ghost-${operation}`;
			const { json: first } = await start(cname);
			await isRecording(cname);
			await startGhost(cname);
			await startGhost(cname);
			const change = { change: 'subscriptions', subscribeAudioUids: '1001' };
			const { error, json } = await run(operation, {
				...byChannel(cname),
				...(operation === 'update' && change),
			});
			expect(error).toBeUndefined();
			expect(json[0]).toMatchObject({ sid: first[0]!.sid });
			if (operation === 'stop') {
				expect(json[0]).toMatchObject({ stopped: true, uploading_status: 'uploaded' });
				expect(live(cname)).toEqual([]);
			}
		},
	);

	it('never returns a recording that has ended and is recording', async () => {
		await startGhost('only-ghosts');
		const { json } = await run('stop', byChannel('only-ghosts'));
		expect(json[0]).toMatchObject({ stopped: false });
		const isBoth = json[0]!.status === 'recording' && json[0]!.uploading_status === 'already_ended';
		expect(isBoth).toBe(false);
	});

	it.each(['backuped', 'stranded', 'unknown'] as const)(
		'says that files are still arriving when Agora answers %s',
		async (uploadingStatus) => {
			set.sandbox.control.setRecorder({ uploadingStatus, lateUploadSeconds: null });
			const cname = `late-${uploadingStatus}`;
			await start(cname);
			await isRecording(cname);
			const { json } = await run('stop', byChannel(cname));
			const isAll = uploadingStatus === 'unknown';
			expect(json[0]).toMatchObject({ stopped: true, uploading_status: uploadingStatus });
			if (!isAll) expect(json[0]).toMatchObject({ status: 'recording', ended_at: null });
		},
	);
});

describe('fields that choose', () => {
	it.each<[string, IDataObject, IDataObject, RegExp | null]>([
		['mode', { mode: '={{ $json.mode }}' }, { mode: 'raw' }, null],
		['mode by name', { mode: '={{ $json.mode }}' }, { mode: 'Individual' }, null],
		['no page for a page', { mode: '={{ $json.mode }}' }, { mode: 'web' }, /"Page URL"/],
		[
			'no mode',
			{ mode: '={{ $json.mode }}' },
			{ mode: 'movie' },
			/"Recording Mode" can't be "movie"/,
		],
		['UID', { uidMode: '={{ $json.kind }}', uid: '42' }, { kind: 'specify' }, null],
		['no UID', { uidMode: '={{ $json.kind }}' }, { kind: 'specify' }, /"UID" is empty/],
		[
			'no way to a UID',
			{ uidMode: '={{ $json.kind }}' },
			{ kind: 'x' },
			/"Recorder UID" can't be "x"/,
		],
	])('take expressions: %s', async (name, parameters, item, message) => {
		const cname = `expression ${name}`;
		const { error } = await start(cname, parameters, { items: [item] });
		if (message === null) expect(error).toBeUndefined();
		else expect(error!.message).toMatch(message);
		expect(sessionsOf(cname)).toHaveLength(message === null ? 1 : 0);
	});
});
