import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { startAzurite, type Azurite } from '../integration/azurite.ts';
import { Engine, type CredentialStore } from '../integration/engine.ts';
import { testStorageCredential } from './credentialTest.ts';
import { recording, type MadeRecording } from './recordings.ts';
import { RequestCount } from './requestCount.ts';
import type { Quirk, Quirks } from './stubs/quirk.ts';
import {
	archived,
	delimiterRefused,
	expiredToken,
	invalidTokenId,
	kms,
	minio,
	prefixPolicy,
	proxyChangesHost,
	r2KeyLength,
	skewedClock,
	spendingCap,
	supabase,
	unknownKey,
	unreadable,
	vanishes,
	wrongRegion,
} from './stubs/quirks.ts';
import { startS3Server, type S3Stub } from './stubs/s3Server.ts';

/* Errors that a user sees when the storage refuses, and the number of requests: the built nodes in n8n's engine. */

const HOUR = 3_600_000;
const YESTERDAY = Date.now() - 24 * HOUR;

let stub: S3Stub | null = null;
let azurite: Azurite | null = null;
const credentials: CredentialStore = { agoraStorageApi: {} };
let engine: Engine;

jest.setTimeout(120_000);
beforeAll(async () => (engine = await Engine.start(credentials)));
afterEach(async () => {
	await stub?.stop();
	await azurite?.stop();
	stub = azurite = null;
});

const ONLY_STORAGE = { credentials: { agoraStorageApi: 'default' } };

async function storage(
	quirks: Quirks,
	changes: ICredentialDataDecryptedObject = {},
): Promise<S3Stub> {
	stub = await startS3Server(quirks);
	credentials.agoraStorageApi!.default = { ...stub.credential, ...changes };
	return stub;
}

function put(to: S3Stub, made: MadeRecording, at = YESTERDAY + HOUR): MadeRecording {
	for (const [key, body] of Object.entries(made.objects)) {
		to.put(key, body, { lastModified: new Date(at) });
	}
	return made;
}

const make = (channel: string, folder = 'class/', startedAt = YESTERDAY) =>
	recording({ folder, channel, startedAt });
const getMany = async () =>
	await engine.run({ resource: 'recording', operation: 'getAll', returnAll: true }, ONLY_STORAGE);
const get = async (sid: string) =>
	await engine.run(
		{
			resource: 'recording',
			operation: 'get',
			recordingId: { __rl: true, mode: 'id', value: sid },
		},
		ONLY_STORAGE,
	);
const sidsOf = (items: IDataObject[] | null) => (items ?? []).map(({ sid }) => sid);
const playlistOf = ({ objects }: MadeRecording) =>
	Object.keys(objects).find((key) => key.endsWith('.m3u8'))!;

describe('one object that cannot be read', () => {
	const one = make('one');
	const other = make('other', 'class/', YESTERDAY + 1000);

	it.each<[string, Quirk, RegExp]>([
		['archived in Glacier', archived([playlistOf(one)]), /archived.*Restore the file/],
		['denied', unreadable([playlistOf(one)]), /s3:GetObject/],
	])('only affects the details of its recording: %s', async (_, quirk, reason) => {
		const server = await storage(quirk);
		for (const each of [one, other]) put(server, each);
		const { json } = await getMany();
		expect(sidsOf(json)).toEqual([other.sid, one.sid]);
		expect(json[0]).not.toHaveProperty('unreadable_files');
		expect(json[1]).toMatchObject({
			duration_seconds: null,
			segment_count: 2,
			unreadable_files: [
				{
					filename: playlistOf(one).slice('class/'.length),
					reason: expect.stringMatching(reason),
				},
			],
		});
		expect((await get(one.sid)).json[0]).toMatchObject({ sid: one.sid, status: 'completed' });
		const download = await engine.run(
			{
				resource: 'recording',
				operation: 'download',
				recordingId: { __rl: true, mode: 'id', value: one.sid },
			},
			ONLY_STORAGE,
		);
		expect(download.error!.message).toContain('cannot be read');
		expect(download.error!.description).toMatch(reason);
	});

	it('is reported with the KMS permission that is missing', async () => {
		put(await storage(kms), one);
		expect((await getMany()).json[0]).toMatchObject({
			sid: one.sid,
			unreadable_files: [{ reason: expect.stringContaining('kms:Decrypt') }],
		});
	});

	it('delays its recording in the trigger, but no other', async () => {
		const locked = new Set<string>();
		const server = await storage(unreadable((key) => locked.has(key)));
		const { poll } = engine.trigger({}, ONLY_STORAGE);
		expect(await poll()).toBeNull();
		const now = Date.now();
		const [first, second] = [make('one', 'class/', now), make('other', 'class/', now + 1)];
		locked.add(playlistOf(first!));
		for (const each of [first, second]) put(server, each, now + 1000);
		expect(sidsOf(await poll())).toEqual([second.sid]);
		expect(await poll()).toBeNull();
		locked.clear();
		expect(sidsOf(await poll())).toEqual([first.sid]);
		expect(await poll()).toBeNull();
	});

	it('is reported when the storage lists it but does not return it', async () => {
		const server = await storage(vanishes([playlistOf(one)]));
		for (const each of [one, other]) put(server, each);
		const { json } = await getMany();
		expect(sidsOf(json)).toEqual([other.sid, one.sid]);
		expect(json[1]).toMatchObject({
			unreadable_files: [{ reason: expect.stringContaining('does not return it') }],
		});
		const { poll } = engine.trigger({ options: { includeExisting: true } }, ONLY_STORAGE);
		expect(sidsOf(await poll())).toEqual([other.sid]);
	});
});

describe('credentials limited to a prefix', () => {
	it('pass the credential test, list, get by ID and by channel, and poll', async () => {
		const server = await storage(prefixPolicy('class/*'));
		const made = put(server, make('one'));
		expect((await testStorageCredential(credentials.agoraStorageApi!.default!)).status).toBe('OK');
		expect(sidsOf((await getMany()).json)).toEqual([made.sid]);
		expect(sidsOf((await get(made.sid)).json)).toEqual([made.sid]);
		const byChannel = await engine.run(
			{
				resource: 'recording',
				operation: 'get',
				recordingId: { __rl: true, mode: 'channel', value: 'one' },
			},
			ONLY_STORAGE,
		);
		expect(sidsOf(byChannel.json)).toEqual([made.sid]);
		const { poll } = engine.trigger({ options: { includeExisting: true } }, ONLY_STORAGE);
		expect(sidsOf(await poll())).toEqual([made.sid]);
	});

	it('that may not read session records and the index still find a recording', async () => {
		const server = await storage(unreadable((key) => key.endsWith('.json')));
		const made = put(server, make('one'));
		server.put(`class/${made.sid}_one.session.json`, '{}');
		server.put(`class/_sessions/by-sid/${made.sid}.json`, '{}');
		const { json } = await get(made.sid);
		expect(json[0]).toMatchObject({ sid: made.sid, cname: 'one', mode: null });
		expect(json[0]).not.toHaveProperty('unreadable_files');
	});
});

describe('an empty result', () => {
	it('does not mention files of the package itself', async () => {
		const server = await storage([]);
		server.put('class/_sessions/by-sid/0123456789abcdef0123456789abcdef.json', '{}');
		const { json, stored } = await getMany();
		expect(json).toEqual([]);
		expect(stored).not.toContain("not Agora's");
	});
});

describe('the requests of a listing', () => {
	const folded = (server: S3Stub) => server.requests.filter(({ query }) => 'delimiter' in query);

	it.each<[string, Quirks]>([
		['refuses to fold with 400', delimiterRefused(400)],
		['refuses to fold with 500', delimiterRefused(500)],
		['refuses to fold with 501', delimiterRefused(501)],
		['folds like Supabase', supabase],
	])('are not repeated where the storage %s, nor in the next execution', async (_, quirks) => {
		const server = await storage(quirks);
		const made = put(server, make('one'));
		const started = Date.now();
		for (let n = 0; n < 3; n++) expect(sidsOf((await getMany()).json)).toEqual([made.sid]);
		expect(folded(server).filter(({ query }) => query.delimiter === '_')).toHaveLength(1);
		// A single retry would wait longer.
		expect(Date.now() - started).toBeLessThan(3000);
	});

	it.each(['sameToken', 'newToken'] as const)(
		'are at most one for a thousand files where the storage folds like MinIO: %s',
		async (tokens) => {
			const server = await storage(minio(tokens));
			const slices = Array<string>(4000).fill('x');
			const long = put(
				server,
				recording({ folder: 'class/', channel: 'long', startedAt: YESTERDAY, slices }),
			);
			const short = put(server, make('short'));
			const { poll } = engine.trigger({}, ONLY_STORAGE);
			await poll();
			server.clearRequests();
			expect(await poll()).toBeNull();
			expect(server.requests.length).toBeLessThanOrEqual(4);
			expect(sidsOf((await getMany()).json).sort()).toEqual([long.sid, short.sid].sort());
		},
	);

	it('are at most 6 for a poll, however many files are not from Agora', async () => {
		const server = await storage([]);
		for (let n = 0; n < 10_000; n++) server.put(`class/${'abcdefghij'[n % 10]!}_${n}.tar`, 'x');
		put(server, make('one'));
		const { poll } = engine.trigger({}, ONLY_STORAGE);
		await poll();
		for (let n = 0; n < 3; n++) {
			server.clearRequests();
			expect(await poll()).toBeNull();
			expect(server.requests.length).toBeLessThanOrEqual(6);
		}
	});

	it('are at most 3 more for a running recording on Azure', async () => {
		azurite = await startAzurite();
		credentials.agoraStorageApi!.default = azurite.credential();
		const upload = async (made: MadeRecording) => {
			for (const [key, body] of Object.entries(made.objects)) {
				await azurite!.container.getBlockBlobClient(key).upload(Buffer.from(body), body.length);
			}
		};
		for (let n = 0; n < 30; n++) await upload(make(`old${n}`));
		const { poll } = engine.trigger({}, ONLY_STORAGE);
		await poll();
		const count = new RequestCount(String(credentials.agoraStorageApi!.default.endpoint));
		await count.during('quiet', poll);
		const running = make('running', 'class/', Date.now());
		const unfinished = String(running.objects[playlistOf(running)]).replace('#EXT-X-ENDLIST', '');
		running.objects[playlistOf(running)] = unfinished;
		await upload(running);
		await count.during('running', poll);
		const requests = (check: string) =>
			[...count.of(check).matchAll(/\d+/g)].reduce((sum, [n]) => sum + Number(n), 0);
		expect(requests('quiet')).toBe(1);
		expect(requests('running')).toBeLessThanOrEqual(4);
	});
});

describe('a refusal', () => {
	it.each<[string, Quirks, ICredentialDataDecryptedObject, RegExp]>([
		['another region', wrongRegion('malformedHeader'), {}, /eu-central-1/],
		['a redirect to another endpoint', wrongRegion('redirect'), {}, /region|endpoint/i],
		[
			'another endpoint of Alibaba',
			wrongRegion('alibaba'),
			{},
			/oss-[a-z-]+.*aliyuncs\.com|region/,
		],
		['a proxy that changes the host', proxyChangesHost, {}, /proxy/i],
		['a region that Supabase does not expect', wrongRegion('supabase'), {}, /Region/],
		['a spending cap', spendingCap, {}, /cap/],
		['an unknown access key', unknownKey(), {}, /Access Key/],
		['an unknown access key of Supabase', unknownKey('supabase'), {}, /Access Key/],
		['an access key of the wrong length', r2KeyLength, {}, /Access Key/],
		['a session token', invalidTokenId, { sessionToken: 'none' }, /Session Token/],
		['expired temporary credentials', expiredToken, { sessionToken: 'none' }, /expired/],
		['a skewed clock', skewedClock(20), {}, /clock/],
	])(
		'has the same message in the node and in the credential test: %s',
		async (_, quirks, changes, message) => {
			const server = await storage(quirks, changes);
			put(server, make('one'));
			const { error } = await getMany();
			const shown = `${error?.message} ${error?.description}`;
			expect(shown).toMatch(message);
			const tested = await testStorageCredential(credentials.agoraStorageApi!.default!);
			expect(tested.status).toBe('Error');
			expect(tested.message).toBe(`${error!.message.replace(/\.?$/, '.')} ${error!.description}`);
			expect(shown).not.toContain(String(server.credential.secretKey));
		},
	);
});
