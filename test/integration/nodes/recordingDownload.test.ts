import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { IDataObject } from 'n8n-workflow';
import { mp4, jpeg, transportStream } from '../../../sandbox/recorder/clip.ts';
import { upload } from '../../../sandbox/recorder/storage.ts';
import { hasFfprobe, probeVideo } from '../../video.ts';
import { runInProcess } from '../engineProcess.ts';
import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const START = Date.UTC(2026, 10, 23, 8);
let recordings = 0;
const newSid = () => createHash('md5').update(String(recordings++)).digest('hex');
const stamp = (slice: number) => new Date(START + slice * 2000).toISOString().replace(/\D/g, '');

/** Puts files of a made-up recording into the bucket, by the rest of their names. */
async function record(files: Record<string, string | Buffer>, sid = newSid()): Promise<string> {
	const { storage } = set.sandbox;
	const config = {
		vendor: 11,
		region: 0,
		bucket: storage.bucket,
		accessKey: storage.accessKey,
		secretKey: storage.secretKey,
		fileNamePrefix: ['class'],
		extensionParams: { endpoint: new URL(storage.endpoint).host },
	};
	for (const [name, body] of Object.entries(files)) {
		const [, takeover = '', rest] = /^(bak\d_)?(.*)$/.exec(name) as unknown as string[];
		const bytes = Buffer.from(typeof body === 'string' ? body.replaceAll('SID', sid) : body);
		await upload(config, `${takeover}${sid}_${rest}`, 'application/octet-stream', bytes);
	}
	return sid;
}

/** A playlist as Agora writes it; `SID` is replaced by the recording's sid. */
const playlist = (names: string[], { ended = true, before = '' } = {}) =>
	[
		'#EXTM3U',
		'#EXT-X-VERSION:3',
		...(before ? [before] : []),
		...names.flatMap((name) => ['#EXTINF:2.000000', name]),
		...(ended ? ['#EXT-X-ENDLIST'] : []),
		'',
	].join('\n');

/** Slices of a track, by the rest of their names, with their playlist. */
function track(name: string, pieces: number[], { ended = true, takeover = '' } = {}) {
	const slices = Object.fromEntries(
		pieces.map((piece) => [`${takeover}${name}_${stamp(piece)}.ts`, transportStream([piece])]),
	);
	const names = pieces.map((piece) => `${takeover}SID_${name}_${stamp(piece)}.ts`);
	return { ...slices, [`${takeover}${name}.m3u8`]: playlist(names, { ended }) };
}

const parametersFor = (sid: unknown, parameters: IDataObject = {}): IDataObject => ({
	resource: 'recording',
	operation: 'download',
	recordingId: { __rl: true, mode: 'id', value: sid },
	...parameters,
});
const download = async (sid: unknown, parameters: IDataObject = {}) =>
	await set.engine.run(parametersFor(sid, parameters));

/** The files a run gave out. */
async function filesOf({ items }: Awaited<ReturnType<typeof download>>, field = 'data') {
	return await Promise.all(
		items.map(async ({ binary }) => await buffer(await set.engine.openFile(binary![field]!))),
	);
}

const named = (json: IDataObject[]) => json.map(({ file }) => (file as IDataObject).filename);

function expectToPlay(bytes: Buffer, seconds: number): void {
	if (!hasFfprobe) {
		console.warn('ffprobe is not installed: whether the file plays was NOT checked');
		return;
	}
	const found = probeVideo(bytes);
	expect(found.codecs).toEqual(['aac', 'h264']);
	expect(Math.abs(found.seconds - seconds)).toBeLessThan(0.3);
}

describe('Whole Recording', () => {
	it('returns the MP4 of a recording', async () => {
		const options = { maxIdleTime: 5 };
		const started = await set.engine.run({
			resource: 'recording',
			operation: 'start',
			cname: 'physics_1',
			options,
		});
		const { sid } = started.json[0]!;
		const run = await eventually(
			async () => await download(sid),
			({ status }) => status === 'success',
		);
		expect(run.items).toHaveLength(1);
		expect(run.items[0]!.pairedItem).toEqual({ item: 0 });
		const [file] = await filesOf(run);
		expect(file!.equals(mp4(4))).toBe(true);
		expectToPlay(file!, 8);
		const filename = expect.stringMatching(/^physics-1_\d{8}T\d{6}Z\.mp4$/) as string;
		expect(run.items[0]!.binary!.data).toMatchObject({
			fileName: filename,
			mimeType: 'video/mp4',
			fileExtension: 'mp4',
			fileType: 'video',
		});
		const got = await set.engine.run({ ...parametersFor(sid), operation: 'get' });
		const { file_list, video_url, playlist_url, ...facts } = got.json[0]!;
		expect(run.json[0]).toMatchObject({
			...facts,
			file: { filename, mime_type: 'video/mp4', size_bytes: file!.length, uid: null, parts: 1 },
		});
		expect(run.json[0]!.file_list).toHaveLength((file_list as unknown[]).length);
		expect([video_url, playlist_url]).toEqual([
			expect.stringContaining('.mp4?'),
			expect.stringContaining('.m3u8?'),
		]);
	});

	it('returns each part of a long MP4 as a separate item, ten after nine', async () => {
		const parts = Array.from({ length: 11 }, (_, n) => [`long_${n}.mp4`, Buffer.from(`part ${n}`)]);
		const sid = await record({ ...track('long', [0]), ...Object.fromEntries(parts) });
		const run = await download(sid, { binaryPropertyName: 'film' });
		const texts = (await filesOf(run, 'film')).map(String);
		expect(texts).toEqual(Array.from({ length: 11 }, (_, n) => `part ${n}`));
		expect(named(run.json)[10]).toBe('long_20261123T080000Z_11.mp4');
	});

	it('merges segments byte for byte, in the order of the playlist and not of their names', async () => {
		const sid = await record(track('order', [2, 0, 3, 1]));
		const run = await download(sid);
		const [file] = await filesOf(run);
		expect(file!.equals(transportStream([2, 0, 3, 1]))).toBe(true);
		expect(run.json[0]!.file).toEqual({
			filename: 'order_20261123T080000Z.ts',
			mime_type: 'video/mp2t',
			size_bytes: file!.length,
			uid: null,
			parts: 4,
		});
	});

	it('merges many segments into one video that plays', async () => {
		const sid = await record(track('film', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
		const [file] = await filesOf(await download(sid));
		expectToPlay(file!, 20);
	});

	it('returns a file for each user of an individual recording', async () => {
		const sid = await record({
			...track('duet__uid_s_11__uid_e_h264', [0, 1]),
			...track('duet__uid_s_12__uid_e_h264', [3, 4, 5]),
		});
		const run = await download(sid);
		const files = await filesOf(run);
		expect(run.json.map(({ file }) => (file as IDataObject).uid)).toEqual(['11', '12']);
		expect(named(run.json)).toEqual([
			'duet_11_h264_20261123T080000Z.ts',
			'duet_12_h264_20261123T080000Z.ts',
		]);
		expect(files[0]!.equals(transportStream([0, 1]))).toBe(true);
		expect(files[1]!.equals(transportStream([3, 4, 5]))).toBe(true);
	});

	it('continues with the segments of the recorder that took over', async () => {
		const sid = await record({
			...track('broken', [0, 1], { ended: false }),
			...track('broken', [2, 3], { takeover: 'bak0_' }),
			...track('broken', [4], { takeover: 'bak1_' }),
			'bak1_broken_0.mp4': mp4(1),
		});
		const run = await download(sid);
		const [file] = await filesOf(run);
		expect(run.items).toHaveLength(1);
		expect(file!.equals(transportStream([0, 1, 2, 3, 4]))).toBe(true);
		expectToPlay(file!, 10);
	});

	it('puts the header before fragments of MP4, once', async () => {
		const media = (name: string) =>
			readFileSync(join(import.meta.dirname, '../../../sandbox/media', `clip-${name}`));
		const fragments = ['00', '01', '02'].map((n) => media(`${n}.m4s`));
		const sid = await record({
			'parts_init.mp4': media('init.mp4'),
			...Object.fromEntries(fragments.map((bytes, n) => [`parts_${stamp(n)}.m4s`, bytes])),
			'parts.m3u8': playlist(
				[0, 1, 2].map((n) => `SID_parts_${stamp(n)}.m4s`),
				{ before: '#EXT-X-MAP:URI="SID_parts_init.mp4"' },
			),
		});
		const run = await download(sid);
		const [file] = await filesOf(run);
		expect(named(run.json)).toEqual(['parts_20261123T080000Z.mp4']);
		expect(file!.equals(Buffer.concat([media('init.mp4'), ...fragments]))).toBe(true);
		expectToPlay(file!, 6);
	});

	it.each([
		['aac', 'audio/aac'],
		['mp3', 'audio/mpeg'],
	])('joins %s slices of a recording of voices', async (extension, mimeType) => {
		const sid = await record({
			[`voices_${stamp(0)}.${extension}`]: Buffer.from('one '),
			[`voices_${stamp(1)}.${extension}`]: Buffer.from('two'),
			'voices.m3u8': playlist([0, 1].map((n) => `SID_voices_${stamp(n)}.${extension}`)),
		});
		const run = await download(sid);
		expect((await filesOf(run)).map(String)).toEqual(['one two']);
		expect(run.items[0]!.binary!.data!.mimeType).toBe(mimeType);
	});

	it.each([
		['of a DASH manifest', 'web.mpd', '<MPD type="static" mediaPresentationDuration="PT2S"/>'],
		['in HLS', 'web.m3u8', playlist([0, 1].map((n) => `SID_web_${stamp(n)}.webm`))],
	])('gives the WebM segments %s one by one, and says why', async (_, name, text) => {
		const files = [0, 1].map((n) => [`web_${stamp(n)}.webm`, Buffer.from(`webm ${n}`)]);
		const sid = await record({ ...Object.fromEntries(files), [name]: text });
		const run = await download(sid);
		expect((await filesOf(run)).map(String)).toEqual(['webm 0', 'webm 1']);
		expect(run.json).toMatchObject([
			{ file: { segment_number: 1, segment_total: 2 } },
			{ file: { segment_number: 2, segment_total: 2 } },
		]);
		expect(run.json[0]!.note).toContain("can't be merged into one playable file");
		const single = await download(sid, {
			scope: 'file',
			file: 'name',
			fileName: `${sid}_web_${stamp(0)}.webm`,
		});
		expect(single.items[0]!.binary!.data!.mimeType).toBe('video/webm');
	});

	it.each(['10', '12', '14'])(
		'merges the segments of others beside WebM of user %s',
		async (uid) => {
			const webm = `room__uid_s_${uid}__uid_e_vp8`;
			const files = [0, 1].map((n) => [`${webm}_${stamp(n)}.webm`, Buffer.from(`webm ${n}`)]);
			const sid = await record({
				...track('room__uid_s_11__uid_e_h264', [0, 1]),
				...track('room__uid_s_13__uid_e_h264', [2]),
				...Object.fromEntries(files),
				[`${webm}.m3u8`]: playlist([0, 1].map((n) => `SID_${webm}_${stamp(n)}.webm`)),
			});
			const run = await download(sid);
			const uids = run.json.map(({ file }) => (file as IDataObject).uid).sort();
			expect(uids).toEqual([uid, uid, '11', '13'].sort());
			const contents = new Map(
				(await filesOf(run)).map((bytes, i) => [named(run.json)[i], bytes] as const),
			);
			expect(
				contents.get('room_11_h264_20261123T080000Z.ts')!.equals(transportStream([0, 1])),
			).toBe(true);
			expect(String(contents.get(`room_${uid}_vp8_20261123T080000Z_002.webm`))).toBe('webm 1');
		},
	);

	it('merges the existing segments of a playlist with missing ones when Allow Incomplete is on', async () => {
		const files: Record<string, string | Buffer> = track('holes', [0, 1, 2]);
		delete files[`holes_${stamp(1)}.ts`];
		const sid = await record(files);
		const run = await download(sid, { options: { allowIncomplete: true } });
		const [file] = await filesOf(run);
		expect(file!.equals(transportStream([0, 2]))).toBe(true);
		expect(run.json[0]).toMatchObject({
			file: { missing_files: [`${sid}_holes_${stamp(1)}.ts`] },
			note: expect.stringContaining('file.missing_files'),
		});
	});

	it.each([
		['is none', 'oops'],
		['names files of somebody else', playlist(['https://evil.example/x.ts'])],
		['names missing segments only', playlist([`SID_split__uid_s_1__uid_e_${stamp(9)}.ts`])],
	])('leaves out a track whose playlist %s when told to, and lists it', async (_, text) => {
		const lost = 'split__uid_s_1__uid_e.m3u8';
		const sid = await record({ ...track('split__uid_s_2__uid_e', [0, 1]), [lost]: text });
		expect((await download(sid)).error!.description).toContain('Allow Incomplete');
		const run = await download(sid, { options: { allowIncomplete: true } });
		expect((await filesOf(run)).map((file) => file.equals(transportStream([0, 1])))).toEqual([
			true,
		]);
		expect(run.json[0]).toMatchObject({
			unreadable_files: [{ filename: `${sid}_${lost}`, reason: expect.any(String) as string }],
			note: expect.stringContaining('unreadable_files') as string,
		});
	});

	it('reports that a recording has only screenshots', async () => {
		const sid = await record({
			[`stills__uid_s_1__uid_e_${stamp(0)}.jpg`]: jpeg(),
			[`stills__uid_s_1__uid_e_${stamp(1)}.jpg`]: jpeg(),
		});
		const run = await download(sid, { options: { allowIncomplete: true } });
		expect(run.error!.message).toBe(`Recording ${sid} has nothing to play`);
		expect(run.error!.description).toContain('screenshots');
	});

	it('rejects an incomplete recording, and returns what is available when Allow Incomplete is on', async () => {
		const sid = await record(track('running', [0, 1], { ended: false }));
		const { error } = await download(sid);
		expect(error!.message).toBe(`Recording ${sid} is not complete yet`);
		expect(error!.description).toContain('Allow Incomplete');
		const run = await download(sid, { options: { allowIncomplete: true } });
		const [file] = await filesOf(run);
		expect(file!.equals(transportStream([0, 1]))).toBe(true);
		expect(run.json[0]!.status).toBe('recording');
	});
});

describe('Single File', () => {
	let sid: string;
	const slice = () => `${sid}_mixed_${stamp(1)}.ts`;
	beforeEach(async () => {
		sid = await record({
			...track('mixed', [0, 1]),
			'mixed_10.mp4': 'tenth',
			'mixed_2.mp4': 'second',
			'mixed_0.mp3': 'sound',
			[`mixed_${stamp(0)}.jpg`]: jpeg(),
		});
	});
	const single = async (parameters: IDataObject) =>
		await download(sid, { scope: 'file', ...parameters });

	it.each([
		['video', 'mixed_2.mp4', 'video/mp4'],
		['audio', 'mixed_0.mp3', 'audio/mpeg'],
		['playlist', 'mixed.m3u8', 'application/vnd.apple.mpegurl'],
		['image', `mixed_${stamp(0)}.jpg`, 'image/jpeg'],
	])('gives the first %s', async (file, rest, mimeType) => {
		const run = await single({ file });
		const { fileName, mimeType: type } = run.items[0]!.binary!.data!;
		expect([fileName, type]).toEqual([`${sid}_${rest}`, mimeType]);
	});

	it.each([
		['its name', () => slice()],
		['its key', () => `class/${slice()}`],
	])('gives a file by %s, slices included', async (_, fileName) => {
		const run = await single({ file: 'name', fileName: fileName() });
		const [bytes] = await filesOf(run);
		expect(bytes!.equals(transportStream([1]))).toBe(true);
		expect(run.json[0]!.file).toMatchObject({ filename: slice(), mime_type: 'video/mp2t' });
		const kinds = (run.json[0]!.file_list as IDataObject[]).map(({ kind }) => kind);
		expect(kinds).not.toContain('segment');
	});

	it('lists the existing kinds when one is missing', async () => {
		const other = await record(track('plain', [0]));
		const { error } = await download(other, { scope: 'file', file: 'video' });
		expect(error!.message).toBe(`Recording ${other} has no video file`);
		expect(error!.description).toContain('playlist');
	});

	it.each([
		['an empty name', ' ', /"File Name" is empty/],
		['a name of nothing', 'nothing.mp4', /has no file "nothing.mp4"/],
		['a file of somebody else', '../secret.txt', /has no file/],
	])('refuses %s', async (_, fileName, message) => {
		expect((await single({ file: 'name', fileName })).error!.message).toMatch(message);
	});
});

describe('when something goes wrong', () => {
	const broken = (piece: number) => `_broken_${stamp(piece)}.ts`;
	let sid: string;
	beforeEach(async () => {
		sid = await record(track('broken', [0, 1, 2]));
	});

	it.each([0, 1, 2])('reads segment %d again when its transfer breaks off', async (piece) => {
		await set.sandbox.control.fail('s3', { path: broken(piece), response: 'cut' });
		const [file] = await filesOf(await download(sid));
		expect(file!.equals(transportStream([0, 1, 2]))).toBe(true);
	});

	it.each([0, 1, 2])('names segment %d when its transfer breaks off each time', async (piece) => {
		await set.sandbox.control.fail('s3', { path: broken(piece), times: 2, response: 'cut' });
		const { error, items } = await download(sid);
		const size = transportStream([piece]).length;
		expect(error!.message).toBe(
			`The download of "${sid}${broken(piece)}" was interrupted after ${Math.floor(size / 2)} of ${size} bytes`,
		);
		expect(items).toEqual([]);
	});

	it('names a segment with another size than listed', async () => {
		const answer = { status: 200, body: 'short' };
		await set.sandbox.control.fail('s3', { path: broken(1), response: answer });
		const { error } = await download(sid);
		expect(error!.message).toContain(`"${sid}${broken(1)}" has changed: it has 5 bytes instead of`);
	});

	it.each([false, true])(
		'names a slice that is deleted while the others are read (Allow Incomplete: %s)',
		async (allowIncomplete) => {
			const answer = { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
			await set.sandbox.control.fail('s3', { path: broken(1), response: answer });
			const { error, items } = await download(sid, { options: { allowIncomplete } });
			expect(error!.message).toBe(
				`The file "${sid}${broken(1)}" is not in the bucket "recordings"`,
			);
			expect(error!.description).toContain('Run the node again');
			expect(items).toEqual([]);
		},
	);

	it('names a missing segment, the first or a later one', async () => {
		for (const piece of [0, 1]) {
			const files: Record<string, string | Buffer> = track('gap', [0, 1]);
			delete files[`gap_${stamp(piece)}.ts`];
			const gap = await record(files);
			const { error } = await download(gap);
			expect(error!.message).toBe(`Recording ${gap} is missing 1 of its 2 segments`);
			expect(error!.description).toContain(`"${gap}_gap_${stamp(piece)}.ts"`);
			expect(error!.description).toContain('Allow Incomplete');
			expect(error!.httpCode).toBe('404');
		}
	});

	it.each([429, 503])('requests a segment again after %d', async (status) => {
		const answer = { status, headers: { 'Retry-After': '0' }, body: '<Error/>' };
		await set.sandbox.control.fail('s3', { path: broken(1), response: answer });
		const [file] = await filesOf(await download(sid));
		expect(file!.equals(transportStream([0, 1, 2]))).toBe(true);
	});

	it('reports that the bucket refuses a segment', async () => {
		const answer = { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' };
		await set.sandbox.control.fail('s3', { path: broken(1), response: answer });
		const { error } = await download(sid);
		expect(error!.message).toMatch(
			/^This access key is not allowed to read ".+" in the bucket "recordings"$/,
		);
	});

	it.each([
		['another host', 'https://evil.example/SID_x.ts'],
		['a host without a scheme', '//evil.example/SID_x.ts'],
		['a folder above', '../SID_x.ts'],
		['a folder above, encoded', '..%2FSID_x.ts'],
		['a folder below', 'private/SID_x.ts'],
		['the top of the bucket', '/SID_x.ts'],
		['a query', 'SID_x.ts?versionId=1'],
		['another recording', `${'0'.repeat(32)}_x.ts`],
		['a foreign file', 'passwords.ts'],
	])('refuses a playlist that names %s, and asks for nothing', async (_, uri) => {
		const files = track('hostile', [0]);
		const names = [`SID_hostile_${stamp(0)}.ts`, uri];
		const hostile = await record({ ...files, 'hostile.m3u8': playlist(names) });
		await set.sandbox.control.clearRequests();
		const { error } = await download(hostile);
		expect(error!.message).toContain('names a file outside its recording');
		const asked = await set.sandbox.control.requests('s3');
		expect(asked.filter(({ path }) => path.includes('.ts'))).toEqual([]);
	});

	it('refuses a hostile header', async () => {
		const before = '#EXT-X-MAP:URI="https://evil.example/init.mp4"';
		const text = playlist([`SID_odd_${stamp(0)}.ts`], { before });
		const odd = await record({ ...track('odd', [0]), 'odd.m3u8': text });
		expect((await download(odd)).error!.message).toMatch(/outside its recording/);
	});

	it.each(['#EXT-X-KEY:METHOD=AES-128,URI="key"', '#EXT-X-BYTERANGE:100@0'])(
		'gives segments as they are, and says why they are not merged: %s',
		async (before) => {
			const text = playlist([`SID_odd_${stamp(0)}.ts`], { before });
			const odd = await record({ ...track('odd', [0]), 'odd.m3u8': text });
			const run = await download(odd);
			expect((await filesOf(run))[0]!.equals(transportStream([0]))).toBe(true);
			expect(run.json[0]!.note).toContain('encrypted or byte ranges');
		},
	);

	it.each([
		['the first slice', [0], 1],
		['a later slice', [1], 3],
		['all slices but the first', [1, 2], 3],
	])('stops while %s hangs', async (_, hanging, requested) => {
		for (const piece of hanging) {
			await set.sandbox.control.fail('s3', { path: broken(piece), response: 'hang' });
		}
		const slices = async () =>
			(await set.sandbox.control.requests('s3')).filter(
				({ method, path }) => method === 'GET' && path.includes('.ts'),
			);
		let cancel = () => {};
		const running = set.engine.run(parametersFor(sid), { onStart: (stop) => (cancel = stop) });
		await eventually(slices, ({ length }) => length === requested);
		const stopped = Date.now();
		cancel();
		expect((await running).status).toBe('canceled');
		expect(Date.now() - stopped).toBeLessThan(1000);
		expect(await slices()).toHaveLength(requested);
	});
});

describe('in a separate process, with files on disk', () => {
	const run = async (sid: string) =>
		await runInProcess({ credentials: set.credentials, parameters: parametersFor(sid) });

	it('stores the same bytes', async () => {
		const sid = await record(track('disk', [0, 1, 2]));
		const { exitCode, report } = await run(sid);
		expect(exitCode).toBe(0);
		expect(report!.sha256).toEqual([
			createHash('sha256')
				.update(transportStream([0, 1, 2]))
				.digest('hex'),
		]);
	});

	it.each([0, 1])('survives an interrupted transfer of segment %d', async (piece) => {
		const sid = await record(track('cut', [0, 1]));
		const slice = `${sid}_cut_${stamp(piece)}.ts`;
		await set.sandbox.control.fail('s3', { path: slice, times: 2, response: 'cut' });
		const { exitCode, report } = await run(sid);
		expect(exitCode).toBe(0);
		expect(report!.error).toContain(`The download of "${slice}" was interrupted after`);
	});

	it('survives a missing segment', async () => {
		const files: Record<string, string | Buffer> = track('hole', [0, 1]);
		delete files[`hole_${stamp(1)}.ts`];
		const { exitCode, report } = await run(await record(files));
		expect(exitCode).toBe(0);
		expect(report!.error).toMatch(/is missing 1 of its 2 segments/);
	});
});
