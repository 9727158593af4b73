import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { request } from 'undici';
import { mp4, transportStream } from '../../sandbox/recorder/clip.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { Engine, type CredentialStore } from '../integration/engine.ts';
import { agoraCredential } from '../integration/sandboxedEngine.ts';
import { findSecrets } from '../integration/secrets.ts';
import { PlainBucket } from './client.ts';
import { testStorageCredential } from './credentialTest.ts';
import type { Skipping } from './environment.ts';
import {
	SLICE_SECONDS,
	newSid,
	objectsOf,
	recording,
	screenshot,
	type MadeRecording,
} from './recordings.ts';
import { RequestCount } from './requestCount.ts';
import { until } from './until.ts';
import {
	CHECKS,
	NotAvailable,
	type Check,
	type StartServer,
	type StorageServer,
} from './servers/server.ts';

const TIMEOUT_MS = 180_000;
/** Sessions of the sandbox are over within seconds. */
const PACE = { speed: 20, callSeconds: 8, startSeconds: 1, exitSeconds: 1 };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** More than the thousand entries of a listing's page. */
const MANY = 1005;

/** Yesterday at eight: what was recorded on the days before is over, wherever the suite runs. */
const YESTERDAY = Math.floor(Date.now() / DAY) * DAY - DAY + 8 * HOUR;
const hours = (count: number) => YESTERDAY + count * HOUR;

/**
 * Declares the suite for one server: every operation that reads or writes the bucket, in n8n's own engine,
 * against objects that Amazon's client wrote. Prints at the end how many requests each check took.
 *
 * @param label of the tests, while the server has not said its name
 */
export function testStorage(label: string, start: StartServer): void {
	let server: StorageServer | null = null;
	let run: Run | null = null;
	const skipped = new Map<string, string>();
	(globalThis as Skipping).isSkipped = (test) => skipped.has(test);
	jest.setTimeout(TIMEOUT_MS);

	beforeAll(async () => {
		try {
			server = await start();
		} catch (error) {
			if (!(error instanceof NotAvailable)) throw error;
			for (const check of CHECKS) skipped.set(check, error.message);
			print(`${label.toUpperCase()} SKIPPED: ${error.message.toUpperCase()}`);
			return;
		}
		for (const [check, reason] of Object.entries(server.notApplicable ?? {}))
			skipped.set(check, reason);
		run = await Run.begin(server);
	});
	afterAll(async () => {
		try {
			if (run !== null) print(run.table(skipped));
			await run?.end();
		} finally {
			await server?.stop();
		}
	});

	describe(label, () => {
		test.each(CHECKS)('%s', async (check) => {
			await CHECK[check](run!, check);
			// Whatever a check does takes a request: without one, nothing was counted or nothing was done.
			expect(run!.count.of(check)).not.toBe('');
		});
	});
}

/** Past Jest, which would put the line of code before each. */
const print = (text: string) => process.stderr.write(`${text}\n`);

const by = (mode: 'id' | 'channel', value: string): IDataObject => ({
	recordingId: { __rl: true, mode, value },
});

/** The suite on one server: its engine, its sandbox and the folder it writes to. */
class Run {
	readonly server: StorageServer;
	readonly engine: Engine;
	readonly sandbox: Sandbox;
	/** Where the suite writes, with a trailing slash. */
	readonly root: string;
	readonly count: RequestCount;
	readonly bucket: PlainBucket;
	private readonly credentials: CredentialStore;
	private readonly seeded = new Map<string, Promise<MadeRecording[]>>();

	private constructor(
		server: StorageServer,
		engine: Engine,
		sandbox: Sandbox,
		credentials: CredentialStore,
		root: string,
	) {
		this.server = server;
		this.engine = engine;
		this.sandbox = sandbox;
		this.credentials = credentials;
		this.root = root;
		this.count = new RequestCount(String(server.credential.endpoint));
		this.bucket = new PlainBucket(server.credential);
	}

	static async begin(server: StorageServer): Promise<Run> {
		const sandbox = await startSandbox({ pace: PACE });
		const credentials = { agoraApi: { default: agoraCredential(sandbox) }, agoraStorageApi: {} };
		const engine = await Engine.start(credentials);
		const prefix = String(server.credential.fileNamePrefix ?? '').replace(/^\/+|\/+$/g, '');
		const own = `conformance${randomBytes(4).toString('hex')}`;
		return new Run(server, engine, sandbox, credentials, `${prefix && `${prefix}/`}${own}/`);
	}

	/** @throws when the secret key is in what nodes returned, logged or threw */
	async end(): Promise<void> {
		await this.sandbox.stop();
		const { outlivesSuite, credential } = this.server;
		if (outlivesSuite) await this.bucket.remove(this.root);
		this.bucket.close();
		const texts = [...this.engine.transcript, await this.engine.log()];
		expect(findSecrets(texts, { secretKey: String(credential.secretKey) })).toEqual([]);
	}

	/** @returns the credential whose recordings are in one folder of the suite's, by its ID for nodes */
	credential(folder: string, changes: ICredentialDataDecryptedObject = {}) {
		const data = { ...this.server.credential, fileNamePrefix: `${this.root}${folder}`, ...changes };
		this.credentials.agoraStorageApi![folder] = data;
		return { id: folder, data };
	}

	/** Writes recordings once for all checks that read them. */
	async seed(folder: string, make: (folder: string) => MadeRecording[]): Promise<MadeRecording[]> {
		const known = this.seeded.get(folder);
		if (known !== undefined) return await known;
		const seeding = (async () => {
			const recordings = make(`${this.root}${folder}/`);
			await this.bucket.putAll(objectsOf(recordings));
			return recordings;
		})();
		this.seeded.set(folder, seeding);
		return await seeding;
	}

	/**
	 * Runs a Recording operation and counts its requests.
	 *
	 * @throws what n8n would show
	 */
	async recording(
		check: Check,
		folder: string,
		operation: string,
		parameters: IDataObject = {},
		{ agora = false } = {},
	) {
		const { id } = this.credential(folder);
		const ids = { agoraStorageApi: id, ...(agora && { agoraApi: 'default' }) };
		const result = await this.count.during(
			check,
			async () =>
				await this.engine.run(
					{ resource: 'recording', operation, ...parameters },
					{ credentials: ids },
				),
		);
		const { error } = result;
		if (error) throw new Error(`${operation}: ${error.message} ${error.description ?? ''}`);
		return result;
	}

	async getMany(check: Check, folder: string, parameters: IDataObject = { returnAll: true }) {
		return (await this.recording(check, folder, 'getAll', parameters)).json;
	}

	/** How many requests each check that ran took, in lines of columns. */
	table(skipped: Map<string, string>): string {
		const width = Math.max(...CHECKS.map((check) => check.length));
		const lines = CHECKS.map((check) => {
			const reason = skipped.get(check);
			const text = reason === undefined ? this.count.of(check) : `NOT APPLICABLE: ${reason}`;
			return text && `${this.server.name}   ${check.padEnd(width)}   ${text}`;
		});
		return `\n${lines.filter((line) => line !== '').join('\n')}\n`;
	}
}

/** Three recordings beside each other, the oldest first. */
const flat = (folder: string) =>
	['physics', 'biology', 'history'].map((channel, index) =>
		recording({ folder, channel, startedAt: hours(index) }),
	);

const inFolders = (folder: string) =>
	['', 'math/', 'math/algebra/', 'history/'].map((below, index) =>
		recording({ folder: `${folder}${below}`, channel: 'class-7b', startedAt: hours(index) }),
	);

/** One on each of the last five days, in Agora's folders by day. */
const byDay = (folder: string) =>
	[5, 4, 3, 2, 1].map((daysAgo) => {
		const startedAt = YESTERDAY - (daysAgo - 1) * DAY;
		const day = new Date(startedAt).toISOString().slice(0, 10).replaceAll('-', '');
		return recording({ folder: `${folder}${day}/`, channel: 'class-7b', startedAt });
	});

const UNDERSCORED = [
	'match_recordings/x/',
	'test_1203/room-1/',
	'a_b/c_d/',
	'x/y_z/',
	'_private/',
	'trailing_/',
];
const underscored = (folder: string) =>
	['', ...UNDERSCORED].map((below, index) =>
		recording({ folder: `${folder}${below}`, channel: 'class-7b', startedAt: hours(index) }),
	);

const ODD_FOLDERS = [
	'two words/',
	'späße/',
	'a+b/',
	'100% sure/',
	'%41/',
	'🎬 Filme/',
	"it's (1)!/",
	'a&b=c;d/',
	'#1 ~@$,/',
	'日本/',
	// After the emoji in UTF-16, before it in UTF-8, which is the order of S3's listings.
	'Ａ/',
];
const odd = (folder: string) => [
	...ODD_FOLDERS.map((below, index) =>
		recording({ folder: `${folder}${below}`, channel: 'class-7b', startedAt: hours(index) }),
	),
	recording({ folder, channel: 'ride_17822', uid: '1000', startedAt: hours(-1) }),
	recording({ folder, channel: 'room 7 x', startedAt: hours(-2) }),
	recording({ folder, channel: 'loud', sid: newSid().toUpperCase(), startedAt: hours(-3) }),
];

const manyFiles = (folder: string) => [
	recording({
		folder,
		channel: 'long',
		startedAt: hours(-6),
		slices: Array<string>(MANY).fill('x'),
	}),
	recording({ folder, channel: 'short', startedAt: hours(0) }),
];

const manySessions = (folder: string) => [
	...Array.from({ length: MANY }, (_, index) =>
		screenshot(folder, 'class-7b', YESTERDAY - DAY + index * 60_000),
	),
	...flat(folder),
];

const MP4 = mp4(2);
const SLICES = [0, 1, 2].map((piece) => transportStream([piece]));
const joined = (folder: string) => [
	recording({ folder, channel: 'class-7b', startedAt: hours(0), slices: SLICES }),
];
const withMp4 = (folder: string) => [
	recording({ folder, channel: 'class-7b', startedAt: hours(0), slices: SLICES, mp4: MP4 }),
];

const sidsOf = (items: Array<{ sid?: unknown }>) => items.map(({ sid }) => sid);
const newestFirst = (recordings: MadeRecording[]) => sidsOf(recordings.toReversed());
const filesOf = (item: IDataObject) => item.file_list as IDataObject[];

/** What a plain client gets at an address that a node put out. */
async function fetchLink(url: unknown): Promise<{ status: number; body: Buffer }> {
	const answer = await request(String(url));
	return { status: answer.statusCode, body: Buffer.from(await answer.body.arrayBuffer()) };
}

async function downloadOf(run: Run, check: Check, folder: string, sid: string): Promise<Buffer[]> {
	const { items } = await run.recording(check, folder, 'download', by('id', sid));
	return await Promise.all(
		items.map(async ({ binary }) => await buffer(await run.engine.openFile(binary!.data!))),
	);
}

/** Another one for each check: Start records no channel twice. */
const channelOf = (folder: string) => `lab_7_${folder}`;

/** Starts a recording of a channel in which somebody is until it is stopped. */
async function startRecording(run: Run, check: Check, folder: string): Promise<string> {
	run.sandbox.control.setChannel(channelOf(folder), { uids: ['1'], seconds: null });
	const parameters = { cname: channelOf(folder), options: { maxIdleTime: 5 } };
	const { json } = await run.recording(check, folder, 'start', parameters, { agora: true });
	expect(json[0]).toMatchObject({ session_record_saved: true });
	return String(json[0]!.sid);
}

const CHECK: Record<Check, (run: Run, check: Check) => Promise<void>> = {
	'Credential test': async (run, check) => {
		await run.seed('flat', flat);
		const { data } = run.credential('flat');
		const result = await run.count.during(check, async () => await testStorageCredential(data));
		expect(result.status).toBe('OK');
	},

	'Credential test, wrong secret key': async (run, check) => {
		const { data } = run.credential('wrongkey', { secretKey: 'not-the-secret-key-at-all' });
		const result = await run.count.during(check, async () => await testStorageCredential(data));
		expect(result.status).toBe('Error');
	},

	'Get Many, flat': async (run, check) => {
		const made = await run.seed('flat', flat);
		const found = await run.getMany(check, 'flat');
		expect(
			found.map(({ sid, cname, status, segment_count }) => [sid, cname, status, segment_count]),
		).toEqual(made.toReversed().map(({ sid, channel }) => [sid, channel, 'completed', 2]));
		const newest = await run.getMany(check, 'flat', { limit: 2 });
		expect(sidsOf(newest)).toEqual(newestFirst(made).slice(0, 2));
	},

	'Get Many, by folder': async (run, check) => {
		const made = await run.seed('folders', inFolders);
		expect(sidsOf(await run.getMany(check, 'folders'))).toEqual(newestFirst(made));
		const inMath = await run.getMany(check, 'folders/math');
		expect(sidsOf(inMath)).toEqual(newestFirst(made.slice(1, 3)));
	},

	'Get Many, by day': async (run, check) => {
		const made = await run.seed('days', byDay);
		expect(sidsOf(await run.getMany(check, 'days'))).toEqual(newestFirst(made));
		const twoDays = {
			startedAfter: new Date(YESTERDAY - 3 * DAY - HOUR).toISOString(),
			startedBefore: new Date(YESTERDAY - 2 * DAY + HOUR).toISOString(),
		};
		const between = await run.getMany(check, 'days', { returnAll: true, filters: twoDays });
		expect(sidsOf(between)).toEqual(newestFirst(made.slice(1, 3)));
	},

	'Get Many, folders with "_"': async (run, check) => {
		const made = await run.seed('underscored', underscored);
		expect(sidsOf(await run.getMany(check, 'underscored'))).toEqual(newestFirst(made));
		const inside = await run.getMany(check, 'underscored/test_1203');
		expect(sidsOf(inside)).toEqual([made[2]!.sid]);
	},

	'Get Many, odd names': async (run, check) => {
		const made = await run.seed('odd', odd);
		const found = await run.getMany(check, 'odd');
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

	'Get Many, foreign files': async (run, check) => {
		const made = await run.seed('foreign', flat);
		const [first, second] = made;
		const folder = `${run.root}foreign/`;
		await run.bucket.putAll({
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
		const found = await run.getMany(check, 'foreign');
		expect(found.map(({ sid, cname }) => [sid, cname])).toEqual(
			made.toReversed().map(({ sid, channel }) => [sid, channel]),
		);
	},

	'Get Many, 1,000+ files': async (run, check) => {
		const made = await run.seed('manyfiles', manyFiles);
		const found = await run.getMany(check, 'manyfiles');
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

	'Get Many, 1,000+ sessions': async (run, check) => {
		const made = await run.seed('manysessions', manySessions);
		expect(sidsOf(await run.getMany(check, 'manysessions'))).toEqual(newestFirst(made));
		const newest = await run.getMany(check, 'manysessions', { limit: 5 });
		expect(sidsOf(newest)).toEqual(newestFirst(made).slice(0, 5));
	},

	'Get, by sid': async (run, check) => {
		const [, , algebra] = await run.seed('folders', inFolders);
		const { json } = await run.recording(check, 'folders', 'get', by('id', algebra!.sid));
		expect(json).toEqual([
			expect.objectContaining({ sid: algebra!.sid, cname: 'class-7b', status: 'completed' }),
		]);
	},

	'Get, by channel': async (run, check) => {
		const [, newest] = await run.seed('channels', (folder) =>
			[0, 1].map((hour) => recording({ folder, channel: 'room-7b', startedAt: hours(hour) })),
		);
		const found = await run.recording(check, 'channels', 'get', by('channel', 'room-7b'));
		expect(sidsOf(found.json)).toEqual([newest!.sid]);
	},

	'Get, by channel with "_"': async (run, check) => {
		// Composite file names may have lost the underscore; individual ones keep it.
		const [composite, individual] = await run.seed('underscores', (folder) => [
			recording({ folder, channel: 'room-7b', startedAt: hours(0) }),
			recording({ folder, channel: 'ride_17822', uid: '1000', startedAt: hours(1) }),
		]);
		const room = await run.recording(check, 'underscores', 'get', by('channel', 'room_7b'));
		expect(sidsOf(room.json)).toEqual([composite!.sid]);
		const ride = await run.recording(check, 'underscores', 'get', by('channel', 'ride_17822'));
		expect(sidsOf(ride.json)).toEqual([individual!.sid]);
	},

	'Download, joined slices': async (run, check) => {
		const [made] = await run.seed('joined', joined);
		const files = await downloadOf(run, check, 'joined', made!.sid);
		expect(files).toHaveLength(1);
		expect(files[0]!.equals(Buffer.concat(SLICES))).toBe(true);
	},

	'Download, MP4': async (run, check) => {
		const [made] = await run.seed('mp4', withMp4);
		const files = await downloadOf(run, check, 'mp4', made!.sid);
		expect(files).toHaveLength(1);
		expect(files[0]!.equals(MP4)).toBe(true);
	},

	'Download links': async (run, check) => {
		const [made] = await run.seed('mp4', withMp4);
		const options = { includeSegments: true };
		const { json } = await run.recording(check, 'mp4', 'get', {
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

	'Start, session record': async (run, check) => {
		const sid = await startRecording(run, check, 'started');
		const folder = `${run.root}started/`;
		const keys = await run.bucket.keys(folder);
		const [record] = keys.filter((key) => key.startsWith(`${folder}${sid}_`));
		expect(record).toMatch(/\.session\.json$/);
		expect(JSON.parse(await run.bucket.getText(record!))).toMatchObject({
			sid,
			cname: channelOf('started'),
			mode: 'mix',
		});
		const index = keys.filter((key) => key.startsWith(`${folder}_sessions/by-`));
		expect(index).toHaveLength(2);
		for (const key of [record!, ...index]) {
			const texts = [await run.bucket.getText(key)];
			const { secretKey } = run.server.credential;
			expect(findSecrets(texts, { secretKey: String(secretKey) })).toEqual([]);
		}
	},

	Stop: async (run, check) => {
		const sid = await startRecording(run, check, 'stopped');
		const isThere = async () =>
			(await run.bucket.keys(`${run.root}stopped/${sid}_`)).some((key) => key.endsWith('.ts'));
		await until('a slice is in the bucket', isThere);
		const stopped = await run.recording(check, 'stopped', 'stop', by('id', sid), { agora: true });
		expect(stopped.json[0]).toMatchObject({
			sid,
			cname: channelOf('stopped'),
			uploading_status: 'uploaded',
		});
		const { json } = await run.recording(
			check,
			'stopped',
			'get',
			by('channel', channelOf('stopped')),
		);
		expect(json[0]).toMatchObject({ sid, cname: channelOf('stopped'), status: 'completed' });
		expect(json[0]!.segment_count).toBeGreaterThan(0);
	},

	Trigger: async (run, check) => await expectToEmitOnce(run, check, 'watched', ''),

	'Trigger, folder with "_"': async (run, check) =>
		await expectToEmitOnce(run, check, 'watchedbelow', 'match_recordings/x/'),

	'Trigger, 1,000+ files': async (run, check) => {
		const made = await run.seed('manyfiles', manyFiles);
		const { id } = run.credential('manyfiles');
		const trigger = run.engine.trigger(
			{ options: { includeExisting: true } },
			{ credentials: { agoraStorageApi: id } },
		);
		const poll = async () => await run.count.during(check, trigger.poll);
		expect(sidsOf((await poll()) ?? [])).toEqual(sidsOf(made));
		expect(await poll()).toBeNull();
	},
};

/** The trigger takes what is there as known, emits what comes, once, and is silent again. */
async function expectToEmitOnce(run: Run, check: Check, folder: string, below: string) {
	await run.seed(folder, (whole) => flat(`${whole}${below}`));
	const { id } = run.credential(folder);
	const trigger = run.engine.trigger({}, { credentials: { agoraStorageApi: id } });
	const poll = async () => await run.count.during(check, trigger.poll);
	expect(await poll()).toBeNull();
	const made = recording({
		folder: `${run.root}${folder}/${below}`,
		channel: 'news',
		startedAt: Date.now() - 60_000,
	});
	await run.bucket.putAll(made.objects);
	expect(await poll()).toEqual([
		expect.objectContaining({ sid: made.sid, cname: 'news', status: 'completed' }),
	]);
	expect(await poll()).toBeNull();
	expect(await poll()).toBeNull();
}
