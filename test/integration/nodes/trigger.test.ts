import type { IDataObject } from 'n8n-workflow';
import { eventually, startSandboxedEngine, type SandboxedEngine } from '../sandboxedEngine.ts';

let set: SandboxedEngine;
beforeEach(async () => (set = await startSandboxedEngine()));
afterEach(async () => await set.stop());

const ONLY_STORAGE = { credentials: { agoraStorageApi: 'default' } };
const trigger = (parameters: IDataObject = {}, state: IDataObject = {}) =>
	set.engine.trigger(parameters, ONLY_STORAGE, state);
const start = async (cname: string) => {
	const parameters = {
		resource: 'recording',
		operation: 'start',
		cname,
		options: { maxIdleTime: 5 },
	};
	return (await set.engine.run(parameters)).json[0]!.sid as string;
};
const completed = async (sid: string) =>
	await eventually(
		async () =>
			(
				await set.engine.run({
					resource: 'recording',
					operation: 'get',
					recordingId: { __rl: true, mode: 'id', value: sid },
				})
			).json[0]!.status,
		(status) => status === 'completed',
	);
const record = async (cname: string) => {
	const sid = await start(cname);
	await completed(sid);
	return sid;
};
const sids = (items: IDataObject[] | null) => items && items.map(({ sid }) => sid);

describe('Agora Trigger: Recording Completed', () => {
	it('treats existing recordings as known, and emits each new one once, when it is complete', async () => {
		await record('before');
		const { poll } = trigger();
		expect(await poll()).toBeNull();

		const sid = await start('during');
		expect(await poll()).toBeNull();
		await completed(sid);
		const items = await poll();
		expect(items).toEqual([
			expect.objectContaining({ sid, cname: 'during', status: 'completed', segment_count: 4 }),
		]);
		expect(await poll()).toBeNull();
	});

	it('emits again, after a restart of n8n, what it emitted just before', async () => {
		const first = trigger();
		expect(await first.poll()).toBeNull();
		const sid = await record('killed in between');
		expect(sids(await first.poll())).toEqual([sid]);
		const stored = JSON.stringify(first.state);
		const startedWith = (state: IDataObject) =>
			set.engine.trigger({}, { ...ONLY_STORAGE, activation: 'init' }, state);

		const { poll } = startedWith(JSON.parse(stored) as IDataObject);
		expect(sids(await poll())).toEqual([sid]);
		expect(await poll()).toBeNull();

		const longAgo = JSON.parse(stored) as Record<string, { state: { emittedAt: number } }>;
		Object.values(longAgo)[0]!.state.emittedAt -= 600_000;
		expect(await startedWith(longAgo as unknown as IDataObject).poll()).toBeNull();
	});

	it('emits a recording that was running at activation when it ends', async () => {
		const sid = await start('running');
		const { poll } = trigger();
		expect(await poll()).toBeNull();
		await completed(sid);
		expect(sids(await poll())).toEqual([sid]);
	});

	it('emits the oldest first', async () => {
		const { poll } = trigger();
		await poll();
		const first = await record('first');
		const second = await record('second');
		expect(sids(await poll())).toEqual([first, second]);
	});

	it('starts with existing recordings if Include Existing Recordings is on', async () => {
		const sid = await record('existing');
		const { poll } = trigger({ options: { includeExisting: true } });
		expect(sids(await poll())).toEqual([sid]);
		expect(await poll()).toBeNull();
	});

	it('keeps to one channel', async () => {
		const { poll } = trigger({ filters: { cname: 'mine_1' } });
		await poll();
		await record('mine-1');
		const sid = await record('mine_1');
		expect(sids(await poll())).toEqual([sid]);
	});

	it('keeps to one folder', async () => {
		const inFolder = trigger({ filters: { prefix: 'elsewhere' } });
		await inFolder.poll();
		await record('here');
		expect(await inFolder.poll()).toBeNull();
	});

	it('starts again when it watches something else', async () => {
		const { poll, state } = trigger();
		await poll();
		const sid = await record('known');
		expect(sids(await poll())).toEqual([sid]);
		const other = trigger(
			{ filters: { cname: 'known' } },
			JSON.parse(JSON.stringify(state)) as IDataObject,
		);
		expect(await other.poll()).toBeNull();
	});

	it('reads the credential at each poll', async () => {
		const right = set.credentials.agoraStorageApi!.default!;
		set.credentials.agoraStorageApi!.default = { ...right, bucket: '' };
		const { poll } = trigger();
		await expect(poll()).rejects.toThrow('Bucket');
		set.credentials.agoraStorageApi!.default = right;
		expect(await poll()).toBeNull();
	});

	it('emits once what a second poll finds while the first is running', async () => {
		const active = (remembered: IDataObject) =>
			set.engine.trigger({}, { ...ONLY_STORAGE, workflowId: 'overlapped' }, remembered);
		const { poll, state } = active({});
		await poll();
		const sid = await record('overlapped');
		// n8n’s durable poller gives each poll a copy of its own of what is remembered.
		const copy = JSON.parse(JSON.stringify(state)) as IDataObject;
		const polls = await Promise.all([poll(), active(copy).poll()]);
		expect(polls.map(sids)).toEqual([[sid], null]);
	});

	it('emits nothing in a poll that n8n started with an outdated state', async () => {
		const options = { ...ONLY_STORAGE, workflowId: 'durable' };
		const first = set.engine.trigger({}, options);
		await first.poll();
		const before = JSON.stringify(first.state);
		const behind = () => set.engine.trigger({}, options, JSON.parse(before) as IDataObject);
		const sid = await record('read too early');
		expect(sids(await first.poll())).toEqual([sid]);

		const second = behind();
		expect(await second.poll()).toBeNull();
		expect(JSON.stringify(second.state)).toBe(before);

		// By then n8n has stored it, or never does.
		const { now } = Date;
		const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 30_000);
		expect(sids(await behind().poll())).toEqual([sid]);
		clock.mockRestore();
	});

	it('remembers nothing of a poll that failed', async () => {
		const { poll, state } = trigger();
		await poll();
		const sid = await record('survivor');
		const before = JSON.stringify(state);
		const answer = { status: 403, body: '<Error><Code>InvalidAccessKeyId</Code></Error>' };
		await set.sandbox.control.fail('s3', { path: '.m3u8', response: answer });
		await expect(poll()).rejects.toMatchObject({
			message: expect.stringContaining('access key'),
			failure: { cause: 'credential-invalid' },
		});
		expect(JSON.stringify(state)).toBe(before);
		expect(sids(await poll())).toEqual([sid]);
	});
});

describe('Agora Trigger: Recording Started', () => {
	it('emits a recording once, as soon as it is in the bucket', async () => {
		await record('before');
		const { poll } = trigger({ event: 'recordingStarted' });
		expect(await poll()).toBeNull();
		const sid = await start('fresh');
		// Its session record is there at once, and is not the recording.
		const items = await eventually(poll, (polled) => polled !== null);
		expect(sids(items)).toEqual([sid]);
		expect(items![0]!.segment_count).toBeGreaterThan(0);
		await completed(sid);
		expect(await poll()).toBeNull();
	});
});

describe('Agora Trigger: manual test', () => {
	it('shows the newest recording', async () => {
		await record('older');
		const sid = await record('newer');
		const { json } = await set.engine.testTrigger({}, ONLY_STORAGE);
		expect(sids(json)).toEqual([sid]);
	});

	it('reports that there is nothing to show', async () => {
		const { error } = await set.engine.testTrigger({}, ONLY_STORAGE);
		expect(error!.message).toBe('There is no recording to show yet');
	});
});
