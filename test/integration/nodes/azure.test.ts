import { buffer } from 'node:stream/consumers';
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { request } from 'undici';
import { bucketUrl, objectUrl } from '../../../nodes/Agora/storage/address.ts';
import { azureApi } from '../../../nodes/Agora/storage/azure/api.ts';
import { readStorageCredential, signedRequest } from '../../../nodes/Agora/storage/credential.ts';
import { encodePath } from '../../../nodes/Agora/storage/signature.ts';
import { mp4, transportStream } from '../../../sandbox/recorder/clip.ts';
import { startAzurite, type Azurite } from '../azurite.ts';
import { useSandboxedEngine } from '../sandboxedEngine.ts';
import { findSecrets } from '../secrets.ts';

/* Recordings in Azure Blob Storage: the nodes against Azurite, which checks every signature. */

const set = useSandboxedEngine();
let azurite: Azurite;
/** Permits more than to read and list, so it may be found nowhere. */
let writing: string;

beforeAll(async () => {
	azurite = await startAzurite();
	writing = azurite.sign('rcwl');
});
beforeEach(async () => {
	const withSas = (sasToken: string) => azurite.credential({ secretKey: '', sasToken });
	Object.assign(set.credentials.agoraStorageApi!, {
		key: azurite.credential(),
		signature: withSas(azurite.sign('rl')),
		writing: withSas(writing),
		'list only': withSas(azurite.sign('l')),
		'read only': withSas(azurite.sign('r')),
		ended: withSas(azurite.sign('rl', new Date(Date.now() - 60_000))),
		'wrong key': azurite.credential({ secretKey: Buffer.from('another key').toString('base64') }),
		nowhere: azurite.credential({ bucket: 'nowhere' }),
		'wrong account': azurite.credential({ accessKey: 'otheraccount' }),
	});
	for await (const { name } of azurite.container.listBlobsFlat())
		await azurite.container.deleteBlob(name);
	await seed();
});
afterAll(async () => {
	const secrets = { accountKey: azurite.accountKey, signature: sigOf(writing) };
	const found = findSecrets([...set.engine.transcript, await set.engine.log()], secrets);
	await azurite.stop();
	expect(found).toEqual([]);
});

const sigOf = (sasToken: string) => new URLSearchParams(sasToken).get('sig')!;
const SID = 'a'.repeat(32);
const VIDEO = 'b'.repeat(32);
const START = Date.UTC(2026, 10, 23, 8);
const stamp = (slice: number) => new Date(START + slice * 2000).toISOString().replace(/\D/g, '');
const slice = (takeover: string, piece: number) => `${takeover}${SID}_class-7b_${stamp(piece)}.ts`;
const playlist = (names: string[], end: string[]) =>
	['#EXTM3U', ...names.flatMap((name) => ['#EXTINF:2.0', name]), ...end, ''].join('\n');

/** A recording in slices that a second recorder ended, one as MP4, and what belongs to neither. */
async function seed(): Promise<void> {
	const record = {
		sid: SID,
		resourceId: 'the-resource',
		cname: 'class_7b',
		uid: '42',
		mode: 'mix',
		appId: 'app',
		startedAt: new Date(START).toISOString(),
		avFileType: ['hls'],
	};
	const files: Record<string, string | Buffer> = {
		[`class/${SID}_class-7b.m3u8`]: playlist([slice('', 1), slice('', 0)], []),
		[`class/${slice('', 0)}`]: transportStream([0]),
		[`class/${slice('', 1)}`]: transportStream([1]),
		[`class/bak0_${SID}_class-7b.m3u8`]: playlist([slice('bak0_', 2)], ['#EXT-X-ENDLIST']),
		[`class/${slice('bak0_', 2)}`]: transportStream([2]),
		[`class/${SID}_class-7b.session.json`]: JSON.stringify(record),
		[`class/${VIDEO}_biology.m3u8`]: playlist(
			[`${VIDEO}_biology_${stamp(3)}.ts`],
			['#EXT-X-ENDLIST'],
		),
		[`class/${VIDEO}_biology_${stamp(3)}.ts`]: transportStream([3]),
		[`class/${VIDEO}_biology_0.mp4`]: mp4(2),
		'class/notes.txt': 'not a recording',
		'class/100% odd+name #1?&é漢😀.txt': 'odd',
		'elsewhere/other.txt': 'not ours',
	};
	for (const [name, body] of Object.entries(files)) {
		await azurite.container.getBlockBlobClient(name).uploadData(Buffer.from(body));
	}
}

const using = (credential: string) => ({
	credentials: { agoraApi: 'default', agoraStorageApi: credential },
});
const by = (mode: string, value: string) => ({ recordingId: { __rl: true, mode, value } });
const run = async (credential: string, operation: string, parameters: IDataObject = {}) =>
	await set.engine.run({ resource: 'recording', operation, ...parameters }, using(credential));
const filesOf = (recording: IDataObject) => recording.file_list as IDataObject[];

describe.each(['key', 'signature'])('recordings in Azure, with a %s', (credential) => {
	it('are found, newest first, and nothing else', async () => {
		const { json, error } = await run(credential, 'getAll', { returnAll: true });
		expect(error).toBeUndefined();
		expect(json.map(({ sid, cname, status }) => [sid, cname, status])).toEqual([
			[VIDEO, 'biology', 'completed'],
			[SID, 'class_7b', 'completed'],
		]);
	});

	it('are got by ID and by channel, with what the session record knows', async () => {
		const byId = await run(credential, 'get', by('id', SID));
		const byChannel = await run(credential, 'get', by('channel', 'class_7b'));
		expect(byId.json[0]).toMatchObject({
			sid: SID,
			cname: 'class_7b',
			mode: 'mix',
			resourceId: 'the-resource',
			uid: '42',
			segment_count: 3,
			duration_seconds: 6,
		});
		expect(byChannel.json[0]!.sid).toBe(SID);
	});

	it('are offered in the list', async () => {
		const results = await set.engine.listSearch('searchRecordings', 'biology', using(credential));
		expect(results.map(({ value }) => value)).toEqual([VIDEO]);
	});

	it('are downloaded whole: segments merged byte for byte, or the MP4', async () => {
		const download = async (sid: string) => {
			const { items, error } = await run(credential, 'download', by('id', sid));
			expect(error).toBeUndefined();
			expect(items).toHaveLength(1);
			return await buffer(await set.engine.openFile(items[0]!.binary!.data!));
		};
		expect((await download(SID)).equals(transportStream([1, 0, 2]))).toBe(true);
		expect((await download(VIDEO)).equals(mp4(2))).toBe(true);
	});

	it('are noticed by the trigger, once', async () => {
		// Another recording of the folder has an MP4, which would be waited for.
		const options = { includeExisting: true, mp4Files: 'ignore' };
		const { poll } = set.engine.trigger({ options }, using(credential));
		const sids = (await poll())!.map(({ sid }) => sid).sort();
		expect(sids).toEqual([SID, VIDEO]);
		expect(await poll()).toBeNull();
		const sid = (credential === 'key' ? 'c' : 'd').repeat(32);
		const name = `class/${sid}_physics.m3u8`;
		const text = playlist([`${sid}_physics_${stamp(0)}.ts`], ['#EXT-X-ENDLIST']);
		const slices = azurite.container.getBlockBlobClient(`class/${sid}_physics_${stamp(0)}.ts`);
		await slices.uploadData(Buffer.from(transportStream([0])));
		await azurite.container.getBlockBlobClient(name).uploadData(Buffer.from(text));
		expect((await poll())!.map((item) => item.sid)).toEqual([sid]);
	});
});

describe('a link made with the account key', () => {
	it('works as it is, for reading alone', async () => {
		const { json } = await run('key', 'get', by('id', VIDEO));
		for (const file of filesOf(json[0]!)) {
			const answer = await request(String(file.download_url));
			const bytes = await answer.body.arrayBuffer();
			expect([answer.statusCode, bytes.byteLength]).toEqual([200, file.size_bytes]);
			expect(Date.parse(String(file.download_url_expires_at))).toBeGreaterThan(Date.now());
			const write = await request(String(file.download_url), {
				method: 'PUT',
				headers: { 'x-ms-blob-type': 'BlockBlob' },
				body: 'overwritten',
			});
			await write.body.dump();
			expect(write.statusCode).toBe(403);
		}
		expect(filesOf(json[0]!).length).toBe(2);
	});

	it('opens only its own file, for the requested time', async () => {
		const options = { linkLifetime: 900 };
		const { json } = await run('key', 'get', { ...by('id', VIDEO), options });
		const [file] = filesOf(json[0]!);
		const left = Date.parse(String(file!.download_url_expires_at)) - Date.now();
		expect(left).toBeGreaterThan(880_000);
		expect(left).toBeLessThanOrEqual(900_000);
		const other = String(file!.download_url).replace(VIDEO, SID).replace('biology', 'class-7b');
		const answer = await request(other);
		await answer.body.dump();
		expect(answer.statusCode).toBe(403);
	});
});

describe('a signature of the user', () => {
	it.each(['signature', 'writing'])(
		'is used for reading, and appears in no link: %s',
		async (credential) => {
			const { json } = await run(credential, 'get', by('id', VIDEO));
			expect(json[0]).toMatchObject({ sid: VIDEO, status: 'completed' });
			for (const file of filesOf(json[0]!)) {
				expect(file).toMatchObject({ download_url: null, download_url_expires_at: null });
			}
		},
	);
});

describe('Recording: Start, into Azure', () => {
	const start = async (credential: string, cname: string) =>
		await run(credential, 'start', { cname, options: { maxIdleTime: 5 } });

	it('passes account and key to Agora, and saves the session record next to the recording', async () => {
		const { json, error } = await start('key', 'history_7b');
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({ session_record_saved: true, folder: 'class/' });
		const session = set.sandbox.control.sessions().find(({ cname }) => cname === 'history_7b')!;
		expect((session.startRequest as IDataObject).storageConfig).toEqual({
			vendor: 5,
			region: 0,
			bucket: 'recordings',
			accessKey: '(hidden)',
			secretKey: '(hidden)',
			fileNamePrefix: ['class'],
		});
		const sid = String(json[0]!.sid);
		const name = `class/${sid}_history-7b.session.json`;
		const kept = await azurite.container.getBlobClient(name).downloadToBuffer();
		expect(JSON.parse(kept.toString())).toMatchObject({ sid, cname: 'history_7b', mode: 'mix' });
		expect(findSecrets([kept.toString()], { accountKey: azurite.accountKey })).toEqual([]);
		const got = await run('key', 'get', by('id', sid));
		expect(got.json[0]).toMatchObject({ sid, cname: 'history_7b', uid: json[0]!.uid });
	});

	it('is refused with a signature alone, before anything is sent', async () => {
		await set.sandbox.control.clearRequests();
		const { error } = await start('writing', 'unsigned');
		expect(error!.message).toBe('Agora cannot record with a shared access signature');
		expect(error!.description).toContain('Secret Key');
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});
});

describe('when Azure refuses', () => {
	it.each([
		// Azurite has one code for what Azure calls AuthenticationFailed, too.
		['wrong key', /"recordings" rejected the account key/, /Secret Key/, '403'],
		['ended', /signature for the container "recordings" is not valid/, /expired/, '403'],
		['wrong account', /"recordings" rejected the account key/, /Secret Key/, '403'],
		['nowhere', /The container "nowhere" does not exist/, /Bucket/, '404'],
		['read only', /"recordings" lacks the permission List/, /List/, '403'],
	])('names what is wrong: %s', async (credential, message, todo, httpCode) => {
		const { error } = await run(credential, 'getAll');
		expect(error!.message).toMatch(message);
		expect(error!.description).toMatch(todo);
		expect(error!.httpCode).toBe(httpCode);
	});

	it('fails a download whose files may not be read', async () => {
		const { error, items } = await run('list only', 'download', by('id', VIDEO));
		expect(error!.message).toContain('cannot be read');
		expect(error!.description).toContain('lacks the permission Read');
		expect(items).toEqual([]);
	});
});

describe.each(['key', 'writing'])('requests signed with a %s', (name) => {
	const send = async (options: IHttpRequestOptions) => {
		const data = set.credentials.agoraStorageApi![name]!;
		const { url, method = 'GET', headers, body } = signedRequest(data, options);
		const answer = await request(url, {
			method: method as 'GET',
			headers: headers as Record<string, string>,
			body: body as Buffer | undefined,
		});
		const head = Object.entries(answer.headers).map(([key, value]) => [key, String(value)]);
		const answered = { status: answer.statusCode, headers: Object.fromEntries(head) };
		return { ...answered, body: await answer.body.text() };
	};

	it.each(['a+b', '100%', 'a%2Fb', '#1?x=y&z', "it's (1)*!", 'é漢😀', 'a//b', ' a ', '~.-_'])(
		'write and read the name %j',
		async (odd) => {
			const key = `odd/${name}/${odd}`;
			const url = `/${encodePath(key)}`;
			const headers = { 'x-ms-blob-type': 'BlockBlob', 'Content-Type': 'text/plain' };
			const put = await send({ method: 'PUT', url, headers, body: 'é' });
			expect([put.status, put.body]).toEqual([201, '']);
			expect((await send({ url })).body).toBe('é');
			const blob = azurite.container.getBlobClient(key);
			expect((await blob.downloadToBuffer()).toString()).toBe('é');
			expect((await blob.getProperties()).contentType).toBe('text/plain');
			const credential = readStorageCredential(set.credentials.agoraStorageApi![name]!);
			const address = objectUrl(bucketUrl(credential), key);
			const link = azureApi(credential).link(address, key, 60, new Date());
			if (name === 'key') expect(await (await request(link!.url)).body.text()).toBe('é');
			else expect(link).toBeNull();
		},
	);

	it("list the same pages as Azure's own client", async () => {
		const credential = readStorageCredential(set.credentials.agoraStorageApi![name]!);
		for (const [prefix, delimiter] of [
			['', undefined],
			['class/', '_'],
			['class/', undefined],
			['class/100% odd+', undefined],
		] as const) {
			const keys: string[] = [];
			let token: string | undefined;
			let pages = 0;
			do {
				const page = await azureApi(credential).list(async (url) => await send({ url }), {
					prefix,
					delimiter,
					token,
					maxKeys: 3,
				});
				expect(page.objects.length + page.prefixes.length).toBeLessThanOrEqual(3);
				keys.push(...page.objects.map(({ key }) => key), ...page.prefixes);
				token = page.nextToken ?? undefined;
				pages++;
			} while (token !== undefined);
			const theirs: string[] = [];
			const options = { prefix };
			const listing =
				delimiter === undefined
					? azurite.container.listBlobsFlat(options)
					: azurite.container.listBlobsByHierarchy(delimiter, options);
			for await (const item of listing) theirs.push(item.name);
			expect(keys.sort()).toEqual(theirs.sort());
			expect(pages).toBe(Math.max(1, Math.ceil(theirs.length / 3)));
		}
	});
});
