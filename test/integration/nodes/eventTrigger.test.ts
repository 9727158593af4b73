import type { IDataObject } from 'n8n-workflow';
import { newNotice, signNotice } from '../../../sandbox/agora/notifications.ts';
import { NOTIFICATIONS_SECRET } from '../../../sandbox/n8n/credentials.ts';
import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const FILES_UPLOADED = 31;
const uploaded = (sid: string) =>
	newNotice(
		'recording',
		FILES_UPLOADED,
		{ cname: 'class-7b', sid, serviceType: 0, details: { msgName: 'uploaded', status: 0 } },
		sid,
	);
const receive = async (
	sid: string,
	parameters: IDataObject = {},
	secret: string = NOTIFICATIONS_SECRET,
) =>
	await set.engine.receive(
		{ product: 'recording', events: ['uploaded'], ...parameters },
		signNotice(uploaded(sid), Date.now(), secret),
	);
const withRecording = async (sid: string, options: IDataObject = {}) =>
	await receive(sid, { addRecording: true, options });

/** Records, and waits until all files have arrived. */
async function record(): Promise<string> {
	const { json } = await set.engine.run({
		resource: 'recording',
		operation: 'start',
		cname: 'class-7b',
		fileFormats: 'hlsMp4',
		options: { maxIdleTime: 5 },
	});
	const sid = String(json[0]!.sid);
	await eventually(
		async () => set.sandbox.control.sessions().find((each) => each.sid === sid)!.status,
		(status) => status === 8,
	);
	return sid;
}

describe('Agora Event Trigger', () => {
	it('answers, and starts the workflow with the event', async () => {
		expect(await receive('a'.repeat(32))).toEqual({
			status: 200,
			body: { received: true },
			items: [expect.objectContaining({ event: 'recording.uploaded', sid: 'a'.repeat(32) })],
			state: { global: { agoraEvents: expect.anything() } },
		});
	});

	it('rejects a notification that is signed with another secret', async () => {
		const rejected = await receive('a'.repeat(32), {}, 'another-secret');
		expect(rejected).toMatchObject({ status: 401, items: [], state: {} });
	});

	it('adds the recording that Get returns', async () => {
		const sid = await record();
		const { items } = await withRecording(sid);
		const { json } = await set.engine.run({
			resource: 'recording',
			operation: 'get',
			recordingId: { __rl: true, mode: 'id', value: sid },
		});
		const withoutLinks = (text: unknown) => JSON.stringify(text).replaceAll(/\?X-Amz[^"]*/g, '');
		expect(withoutLinks(items[0]!.recording)).toBe(withoutLinks(json[0]));
		expect(items[0]).not.toHaveProperty('recording_note');
	});

	it('adds the segments, and links that end after the chosen time', async () => {
		const { items } = await withRecording(await record(), {
			includeSegments: true,
			linkLifetime: 60,
		});
		const { file_list: files } = items[0]!.recording as { file_list: IDataObject[] };
		expect(files.map(({ filename }) => filename)).toContainEqual(expect.stringMatching(/\.ts$/));
		expect(files[0]!.download_url).toContain('X-Amz-Expires=60');
	});

	it('starts the workflow without the recording where there is none', async () => {
		const { status, items } = await withRecording('b'.repeat(32));
		expect(status).toBe(200);
		expect(items).toMatchObject([
			{
				sid: 'b'.repeat(32),
				recording: null,
				recording_note:
					'No files of this recording were found below "class/" in the bucket "recordings".',
			},
		]);
	});

	it('starts the workflow without the recording if the storage rejects the keys', async () => {
		set.credentials.agoraStorageApi!.default!.secretKey = 'wrong';
		const { status, items } = await withRecording('c'.repeat(32));
		expect(status).toBe(200);
		expect(items).toMatchObject([{ recording: null, recording_note: expect.any(String) }]);
		expect(items[0]!.recording_note).toMatch(/Secret Key/);
	});

	it('starts the workflow with an event of all, and without those that are not chosen', async () => {
		const sid = 'd'.repeat(32);
		expect(await receive(sid, { events: ['error'] })).toMatchObject({ status: 200, items: [] });
		expect((await receive(sid, { events: ['*'] })).items).toHaveLength(1);
	});
});
