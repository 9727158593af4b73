/**
 * `npm run test:memory`: Recording > Download needs no more memory for 2 GiB than for 1 MiB. Each download runs in a
 * separate process with n8n's engine and the built node, from a bucket that generates its objects while they are read.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { listenOnLoopback } from '../../sandbox/loopbackServer.ts';
import { runInProcess } from '../integration/engineProcess.ts';
import { listingXml } from '../storage/stubs/listingXml.ts';

const MIB = 1024 * 1024;
/** Collects garbage often. Otherwise up to about 64 MB of what was passed on remains until Node collects it. */
const NODE_OPTIONS = ['--max-semi-space-size=1'];
const MOST_EXTRA_BYTES = 80_000_000;
/** Download buffers 16 MiB of segments (concatObjects), and as much has been passed on but not collected. */
const MOST_BUFFERED_BYTES = 2 * 16 * MIB;
const SID = 'c0ffee'.padEnd(32, '0');
const STEM = `${SID}_large`;
const PLAYLIST_KEY = `${STEM}.m3u8`;
const FIRST_SEGMENT = 20261123080000000n;

interface Recording {
	/** The objects of the downloaded file, in order. */
	keys: string[];
	bytesEach: number;
	playlist: string;
}

function hlsRecording(count: number, bytesEach: number): Recording {
	const keys = Array.from({ length: count }, (_, n) => `${STEM}_${FIRST_SEGMENT + BigInt(n)}.ts`);
	const lines = keys.flatMap((key) => ['#EXTINF:15.000000', key]);
	const playlist = ['#EXTM3U', ...lines, '#EXT-X-ENDLIST', ''].join('\n');
	return { keys, bytesEach, playlist };
}

function mp4Recording(bytes: number): Recording {
	return { keys: [`${STEM}_0.mp4`], bytesEach: bytes, playlist: '#EXTM3U\n#EXT-X-ENDLIST\n' };
}

const BLOCK = Buffer.alloc(65_536, createHash('sha512').update('block').digest());

/** An object's content, which differs in every block of every object. */
function* contentOf(key: string, size: number): Generator<Buffer> {
	for (let offset = 0; offset < size; offset += BLOCK.length) {
		const block = Buffer.from(BLOCK.subarray(0, Math.min(BLOCK.length, size - offset)));
		createHash('sha256').update(`${key} ${offset}`).digest().copy(block);
		yield block;
	}
}

function sha256Of({ keys, bytesEach }: Recording): string {
	const hash = createHash('sha256');
	for (const key of keys) for (const block of contentOf(key, bytesEach)) hash.update(block);
	return hash.digest('hex');
}

/** A path-style bucket that lists and serves one recording. */
async function serve({ keys, bytesEach, playlist }: Recording) {
	const listing = (prefix: string): string => {
		const sizes = [...keys.map((key) => [key, bytesEach]), [PLAYLIST_KEY, playlist.length]];
		return listingXml({
			objects: sizes
				.filter(([key]) => String(key).startsWith(prefix))
				.map(([key, size]) => ({
					key: String(key),
					size: Number(size),
					lastModified: Date.UTC(2026, 10, 23, 8),
				})),
		});
	};
	return await listenOnLoopback(0, async (request, response) => {
		const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
		const key = pathname.split('/')[2] ?? '';
		if (key === '') response.end(listing(searchParams.get('prefix') ?? ''));
		else if (key === PLAYLIST_KEY) response.end(playlist);
		else if (!keys.includes(key))
			response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
		else {
			response.writeHead(200, { 'content-length': bytesEach });
			await pipeline(Readable.from(contentOf(key, bytesEach)), response);
		}
	});
}

/** @returns the peak memory of the process that downloads it, in bytes */
async function download(recording: Recording): Promise<number> {
	const { origin, close } = await serve(recording);
	try {
		const storage = {
			vendor: 's3Compatible',
			endpoint: origin,
			addressing: 'pathStyle',
			bucket: 'recordings',
			accessKey: 'NOTCHECKED',
			secretKey: 'not checked',
			fileNamePrefix: '',
		};
		const parameters = {
			resource: 'recording',
			operation: 'download',
			recordingId: { __rl: true, mode: 'id', value: SID },
		};
		const credentials = { agoraApi: { default: {} }, agoraStorageApi: { default: storage } };
		const { exitCode, report } = await runInProcess({ credentials, parameters }, NODE_OPTIONS);
		if (report === null) throw new Error(`the process ended with ${exitCode} and no report`);
		if (report.error !== null) throw new Error(report.error);
		if (report.sha256.join() !== sha256Of(recording)) throw new Error('the content differs');
		return report.peakBytes;
	} finally {
		await close();
	}
}

const base = await download(mp4Recording(MIB));
console.log(`1 MiB: ${Math.round(base / 1e6)} MB at most`);
for (const [name, recording, most] of [
	['2 GiB, one MP4', mp4Recording(2048 * MIB), MOST_EXTRA_BYTES],
	['2 GiB, 512 segments', hlsRecording(512, 4 * MIB), MOST_EXTRA_BYTES + MOST_BUFFERED_BYTES],
] as const) {
	const extra = (await download(recording)) - base;
	console.log(`${name}: ${Math.round(extra / 1e6)} MB more, ${Math.round(most / 1e6)} MB allowed`);
	if (extra > most) throw new Error(`${name}: too much memory`);
}
