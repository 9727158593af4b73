import { buffer } from 'node:stream/consumers';
import type { IDataObject } from 'n8n-workflow';
import { request } from 'undici';
import { findSecrets } from '../integration/secrets.ts';
import { DAY, HOUR, MP4, SLICES, YESTERDAY } from './archives.ts';
import { waitUntil } from './client.ts';
import { testStorageCredential } from './credentialTest.ts';
import { recording, SLICE_SECONDS, type MadeRecording } from './recordings.ts';
import type { Check } from './servers/server.ts';
import type { Suite } from './suite.ts';

/** Runs one check of the suite; fails like a test. */
export async function runCheck(suite: Suite, check: Check): Promise<void> {
	await RUN[check](suite, check);
}

const by = (mode: 'id' | 'channel', value: string): IDataObject => ({
	recordingId: { __rl: true, mode, value },
});

const sidsOf = (items: Array<{ sid?: unknown }>) => items.map(({ sid }) => sid);
const newestFirst = (recordings: MadeRecording[]) => sidsOf(recordings.toReversed());
const filesOf = (item: IDataObject) => item.file_list as IDataObject[];

/** Fetches a link without credentials. */
async function fetchLink(url: unknown): Promise<{ status: number; body: Buffer }> {
	const { statusCode, body } = await request(String(url));
	return { status: statusCode, body: Buffer.from(await body.arrayBuffer()) };
}

async function downloadOf(
	suite: Suite,
	check: Check,
	folder: string,
	sid: string,
): Promise<Buffer[]> {
	const { items } = await suite.recording(check, folder, 'download', by('id', sid));
	return await Promise.all(
		items.map(async ({ binary }) => await buffer(await suite.engine.openFile(binary!.data!))),
	);
}

/** One channel for each check, as Start does not record a channel twice. */
const channelOf = (folder: string) => `lab_7_${folder}`;

/** Starts a recording of a channel with a user who does not leave. */
async function startRecording(suite: Suite, check: Check, folder: string): Promise<string> {
	suite.sandbox.control.setChannel(channelOf(folder), { uids: ['1'], seconds: null });
	const parameters = { cname: channelOf(folder), options: { maxIdleTime: 5 } };
	const { json } = await suite.recording(check, folder, 'start', parameters, { agora: true });
	expect(json[0]).toMatchObject({ session_record_saved: true });
	return String(json[0]!.sid);
}

const RUN: Record<Check, (suite: Suite, check: Check) => Promise<void>> = {
	'Credential test': async (suite, check) => {
		await suite.seed('flat');
		const { data } = suite.credential('flat');
		const result = await suite.count.during(check, async () => await testStorageCredential(data));
		expect(result.status).toBe('OK');
	},

	'Credential test, wrong secret key': async (suite, check) => {
		const { data } = suite.credential('wrongkey', { secretKey: 'not-the-secret-key-at-all' });
		const result = await suite.count.during(check, async () => await testStorageCredential(data));
		expect(result.status).toBe('Error');
	},

	'Get Many, flat': async (suite, check) => {
		const made = await suite.seed('flat');
		const found = await suite.getMany(check, 'flat');
		expect(
			found.map(({ sid, cname, status, segment_count }) => [sid, cname, status, segment_count]),
		).toEqual(made.toReversed().map(({ sid, channel }) => [sid, channel, 'completed', 2]));
		const newest = await suite.getMany(check, 'flat', { limit: 2 });
		expect(sidsOf(newest)).toEqual(newestFirst(made).slice(0, 2));
	},

	'Get Many, by folder': async (suite, check) => {
		const made = await suite.seed('folders');
		expect(sidsOf(await suite.getMany(check, 'folders'))).toEqual(newestFirst(made));
		const inMath = await suite.getMany(check, 'folders/math');
		expect(sidsOf(inMath)).toEqual(newestFirst(made.slice(1, 3)));
	},

	'Get Many, by day': async (suite, check) => {
		const made = await suite.seed('days');
		expect(sidsOf(await suite.getMany(check, 'days'))).toEqual(newestFirst(made));
		const twoDays = {
			startedAfter: new Date(YESTERDAY - 3 * DAY - HOUR).toISOString(),
			startedBefore: new Date(YESTERDAY - 2 * DAY + HOUR).toISOString(),
		};
		const between = await suite.getMany(check, 'days', { returnAll: true, filters: twoDays });
		expect(sidsOf(between)).toEqual(newestFirst(made.slice(1, 3)));
	},

	'Get Many, folders with "_"': async (suite, check) => {
		const made = await suite.seed('underscored');
		expect(sidsOf(await suite.getMany(check, 'underscored'))).toEqual(newestFirst(made));
		const inside = await suite.getMany(check, 'underscored/test_1203');
		expect(sidsOf(inside)).toEqual([made[2]!.sid]);
	},

	'Get Many, special characters': async (suite, check) => {
		const made = await suite.seed('special');
		const found = await suite.getMany(check, 'special');
		expect(sidsOf(found).sort()).toEqual(sidsOf(made).sort());
		for (const { sid, objects } of made) {
			const item = found.find((each) => each.sid === sid)!;
			const [playlist] = filesOf(item).filter(({ kind }) => kind === 'playlist');
			expect(Object.keys(objects)).toContain(playlist!.key);
			const { status, body } = await fetchLink(playlist!.download_url);
			expect([playlist!.key, status]).toEqual([playlist!.key, 200]);
			expect(body.toString()).toBe(objects[String(playlist!.key)]);
		}
	},

	'Get Many, unrecognized files': async (suite, check) => {
		const made = await suite.seed('unrecognized');
		const [first, second] = made;
		const folder = `${suite.root}unrecognized/`;
		await suite.bucket.putAll({
			[`${folder}notes.txt`]: 'notes',
			[`${folder}.keep`]: '',
			[`${folder}empty/`]: '',
			[`${folder}read_me_first.md`]: 'read',
			[`${folder}zzz_0.txt`]: 'z',
			[`${folder}${first!.sid}_0_merge_av.mp4`]: 'merged',
			[`${folder}${first!.sid}_thumb.jpg`]: 'thumb',
			[`${folder}${second!.sid}_captions.vtt`]: 'captions',
			[`${folder}${second!.sid}_a.json`]: '{}',
		});
		const found = await suite.getMany(check, 'unrecognized');
		expect(found.map(({ sid, cname }) => [sid, cname])).toEqual(
			made.toReversed().map(({ sid, channel }) => [sid, channel]),
		);
	},

	'Get Many, 1,000+ files': async (suite, check) => {
		const made = await suite.seed('manyfiles');
		const found = await suite.getMany(check, 'manyfiles');
		expect(
			found.map(({ sid, status, segment_count, duration_seconds }) => [
				sid,
				status,
				segment_count,
				duration_seconds,
			]),
		).toEqual(
			made
				.toReversed()
				.map(({ sid, slices: { length } }) => [sid, 'completed', length, length * SLICE_SECONDS]),
		);
	},

	'Get Many, 1,000+ sessions': async (suite, check) => {
		const made = await suite.seed('manysessions');
		expect(sidsOf(await suite.getMany(check, 'manysessions'))).toEqual(newestFirst(made));
		const newest = await suite.getMany(check, 'manysessions', { limit: 5 });
		expect(sidsOf(newest)).toEqual(newestFirst(made).slice(0, 5));
	},

	'Get, by sid': async (suite, check) => {
		const [, , algebra] = await suite.seed('folders');
		const { json } = await suite.recording(check, 'folders', 'get', by('id', algebra!.sid));
		expect(json).toEqual([
			expect.objectContaining({ sid: algebra!.sid, cname: 'class-7b', status: 'completed' }),
		]);
	},

	'Get, by channel': async (suite, check) => {
		const [, newest] = await suite.seed('channels');
		const found = await suite.recording(check, 'channels', 'get', by('channel', 'room-7b'));
		expect(sidsOf(found.json)).toEqual([newest!.sid]);
	},

	'Get, by channel with "_"': async (suite, check) => {
		const [composite, individual] = await suite.seed('underscores');
		const room = await suite.recording(check, 'underscores', 'get', by('channel', 'room_7b'));
		expect(sidsOf(room.json)).toEqual([composite!.sid]);
		const ride = await suite.recording(check, 'underscores', 'get', by('channel', 'ride_17822'));
		expect(sidsOf(ride.json)).toEqual([individual!.sid]);
	},

	'Download, merged slices': async (suite, check) => {
		const [made] = await suite.seed('slices');
		const files = await downloadOf(suite, check, 'slices', made!.sid);
		expect(files).toHaveLength(1);
		expect(files[0]!.equals(Buffer.concat(SLICES))).toBe(true);
	},

	'Download, MP4': async (suite, check) => {
		const [made] = await suite.seed('mp4');
		const files = await downloadOf(suite, check, 'mp4', made!.sid);
		expect(files).toHaveLength(1);
		expect(files[0]!.equals(MP4)).toBe(true);
	},

	'Download links': async (suite, check) => {
		const [made] = await suite.seed('mp4');
		const options = { includeSegments: true };
		const { json } = await suite.recording(check, 'mp4', 'get', {
			...by('id', made!.sid),
			options,
		});
		const files = filesOf(json[0]!);
		expect(files.map(({ key }) => key).sort()).toEqual(Object.keys(made!.objects).sort());
		for (const { key, download_url } of files) {
			const { status, body } = await fetchLink(download_url);
			expect([key, status]).toEqual([key, 200]);
			expect(body.equals(Buffer.from(made!.objects[String(key)]!))).toBe(true);
		}
	},

	'Start, session record': async (suite, check) => {
		const sid = await startRecording(suite, check, 'started');
		const folder = `${suite.root}started/`;
		const keys = await suite.bucket.keys(folder);
		const [record] = keys.filter((key) => key.startsWith(`${folder}${sid}_`));
		expect(record).toMatch(/\.session\.json$/);
		expect(JSON.parse(await suite.bucket.getText(record!))).toMatchObject({
			sid,
			cname: channelOf('started'),
			mode: 'mix',
		});
		const index = keys.filter((key) => key.startsWith(`${folder}_sessions/by-`));
		expect(index).toHaveLength(2);
		for (const key of [record!, ...index]) {
			const texts = [await suite.bucket.getText(key)];
			const { secretKey } = suite.server.credential;
			expect(findSecrets(texts, { secretKey: String(secretKey) })).toEqual([]);
		}
	},

	Stop: async (suite, check) => {
		const sid = await startRecording(suite, check, 'stopped');
		const isUploaded = async () =>
			(await suite.bucket.keys(`${suite.root}stopped/${sid}_`)).some((key) => key.endsWith('.ts'));
		await waitUntil('a slice is in the bucket', isUploaded);
		const stopped = await suite.recording(check, 'stopped', 'stop', by('id', sid), { agora: true });
		expect(stopped.json[0]).toMatchObject({
			sid,
			cname: channelOf('stopped'),
			uploading_status: 'uploaded',
		});
		const { json } = await suite.recording(
			check,
			'stopped',
			'get',
			by('channel', channelOf('stopped')),
		);
		expect(json[0]).toMatchObject({ sid, cname: channelOf('stopped'), status: 'completed' });
		expect(json[0]!.segment_count).toBeGreaterThan(0);
	},

	Trigger: async (suite, check) => await expectToEmitOnce(suite, check, 'watched'),

	'Trigger, folder with "_"': async (suite, check) =>
		await expectToEmitOnce(suite, check, 'watchedbelow'),

	'Trigger, 1,000+ files': async (suite, check) => {
		const made = await suite.seed('manyfiles');
		const { id } = suite.credential('manyfiles');
		const trigger = suite.engine.trigger(
			{ options: { includeExisting: true } },
			{ credentials: { agoraStorageApi: id } },
		);
		const poll = async () => await suite.count.during(check, trigger.poll);
		expect(sidsOf((await poll()) ?? [])).toEqual(sidsOf(made));
		expect(await poll()).toBeNull();
	},
};

/** A trigger's first poll emits nothing; the second emits a new recording, the next ones nothing. */
async function expectToEmitOnce(
	suite: Suite,
	check: Check,
	name: 'watched' | 'watchedbelow',
): Promise<void> {
	const [known] = await suite.seed(name);
	const folder = known!.slices[0]!.slice(0, known!.slices[0]!.lastIndexOf('/') + 1);
	const { id } = suite.credential(name);
	const trigger = suite.engine.trigger({}, { credentials: { agoraStorageApi: id } });
	const poll = async () => await suite.count.during(check, trigger.poll);
	expect(await poll()).toBeNull();
	const made = recording({ folder, channel: 'news', startedAt: Date.now() - 60_000 });
	await suite.bucket.putAll(made.objects);
	expect(await poll()).toEqual([
		expect.objectContaining({ sid: made.sid, cname: 'news', status: 'completed' }),
	]);
	expect(await poll()).toBeNull();
	expect(await poll()).toBeNull();
}
