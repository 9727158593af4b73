/**
 * Proves that Recording · Download takes no more memory for a large recording than for a small one: an
 * endless bucket that stores nothing, and the built node in n8n's engine, in a process of its own each time.
 */
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runInProcess, type Report } from '../integration/engineProcess.ts';

/**
 * Node lets about 64 MB of what it has read and passed on lie about before it clears up, for any stream of
 * that size, and more on a busy machine. So memory is measured twice: as Node comes, where a recording may take
 * 80 MB more than one that is large enough to leave as much lying about; and clearing up often, which shows
 * what is held on to, where it may take so much more than a tiny one.
 */
const PASSES = [
	{ name: 'as Node comes', flags: [], beside: '64 MiB, 16 slices' },
	{ name: 'clearing up often', flags: ['--max-semi-space-size=1'], beside: '1 MiB, one MP4' },
];

const MIB = 1024 * 1024;
const MOST_EXTRA_BYTES = 80_000_000;
/** What Download buffers of slices (concatObjects), twice: what was passed on is still there until Node clears up. */
const MOST_BUFFERED_BYTES = 2 * 16 * MIB;
const SID = 'c0ffee'.padEnd(32, '0');
const NAME = `${SID}_large`;
const FIRST_SLICE = 20261123080000000n;

interface Made {
	/** Bytes of each object, by key. */
	sizes: Map<string, number>;
	/** The keys that make up the downloaded file, in order. */
	joined: string[];
	playlist: string;
}

/** A recording of HLS slices. */
function slices(count: number, bytes: number): Made {
	const joined = Array.from({ length: count }, (_, n) => `${NAME}_${FIRST_SLICE + BigInt(n)}.ts`);
	const lines = joined.flatMap((name) => ['#EXTINF:15.000000', name]);
	const playlist = ['#EXTM3U', ...lines, '#EXT-X-ENDLIST', ''].join('\n');
	return { sizes: new Map(joined.map((key) => [key, bytes])), joined, playlist };
}

/** A recording with one MP4 file. */
function film(bytes: number): Made {
	const key = `${NAME}_0.mp4`;
	return { sizes: new Map([[key, bytes]]), joined: [key], playlist: '#EXTM3U\n#EXT-X-ENDLIST\n' };
}

const BLOCK = Buffer.alloc(65_536, createHash('sha512').update('block').digest());

/** An object's bytes: made as they are read, different in every block of every object. */
function* bytesOf(key: string, size: number): Generator<Buffer> {
	for (let at = 0; at < size; at += BLOCK.length) {
		const block = Buffer.from(BLOCK.subarray(0, Math.min(BLOCK.length, size - at)));
		createHash('sha256').update(`${key} ${at}`).digest().copy(block);
		yield block;
	}
}

function sha256Of({ sizes, joined }: Made): string {
	const hash = createHash('sha256');
	for (const key of joined) for (const block of bytesOf(key, sizes.get(key)!)) hash.update(block);
	return hash.digest('hex');
}

/** Answers what the node asks of a bucket: its listing, its playlist and its objects. */
async function serve(made: Made) {
	const playlistKey = `${NAME}.m3u8`;
	const answer = async (address: string, response: ServerResponse): Promise<void> => {
		const { pathname, searchParams } = new URL(address, 'http://localhost');
		const key = pathname.split('/')[2] ?? '';
		const size = made.sizes.get(key);
		if (key === '') response.end(listing(searchParams.get('prefix') ?? ''));
		else if (key === playlistKey) response.end(made.playlist);
		else if (size === undefined)
			response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
		else {
			response.writeHead(200, { 'content-length': size });
			await pipeline(Readable.from(bytesOf(key, size)), response);
		}
	};
	const listing = (prefix: string): string => {
		const objects = [...made.sizes, [playlistKey, made.playlist.length] as const]
			.filter(([key]) => key.startsWith(prefix))
			.map(
				([key, size]) =>
					`<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>2026-11-23T08:00:00Z</LastModified></Contents>`,
			);
		return `<ListBucketResult><IsTruncated>false</IsTruncated>${objects.join('')}</ListBucketResult>`;
	};
	const server = createServer((request, response) => {
		answer(request.url ?? '/', response).catch(() => response.destroy());
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	return server;
}

async function measure(made: Made, flags: string[]): Promise<Report> {
	const server = await serve(made);
	const { port } = server.address() as AddressInfo;
	try {
		const credentials = {
			agoraApi: { default: {} },
			agoraStorageApi: {
				default: {
					vendor: 's3Compatible',
					endpoint: `http://127.0.0.1:${port}`,
					addressing: 'pathStyle',
					bucket: 'recordings',
					accessKey: 'NOBODYLOOKS',
					secretKey: 'nobody looks at it',
					fileNamePrefix: '',
				},
			},
		};
		const parameters = {
			resource: 'recording',
			operation: 'download',
			recordingId: { __rl: true, mode: 'id', value: SID },
		};
		const { exitCode, report } = await runInProcess({ credentials, parameters }, flags);
		if (report === null) throw new Error(`the process ended with ${exitCode} and no report`);
		if (report.error !== null) throw new Error(report.error);
		return report;
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

const cases: Array<[name: string, made: Made]> = [
	['1 MiB, one MP4', film(MIB)],
	['64 MiB, 16 slices', slices(16, 4 * MIB)],
	['2 GiB, one MP4', film(2048 * MIB)],
	['2 GiB, 512 slices', slices(512, 4 * MIB)],
];
const failures: string[] = [];
const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const row = (...cells: string[]) => console.log(cells.map((cell) => cell.padEnd(28)).join(''));
for (const { name: pass, flags, beside } of PASSES) {
	row(pass, 'peak memory', 'more than 1 MiB', 'more than 64 MiB', 'bytes');
	const peaks = new Map<string, number>();
	for (const [name, made] of cases) {
		const { peakBytes, sha256 } = await measure(made, flags);
		peaks.set(name, peakBytes);
		const extra = (base: string) => peakBytes - (peaks.get(base) ?? Infinity);
		const more = (base: string) =>
			peaks.has(base) && base !== name ? inMegabytes(extra(base)) : '';
		const same = sha256.length === 1 && sha256[0] === sha256Of(made);
		row(
			name,
			inMegabytes(peakBytes),
			more('1 MiB, one MP4'),
			more('64 MiB, 16 slices'),
			same ? 'the same' : 'NOT the same',
		);
		const most = MOST_EXTRA_BYTES + (made.joined.length > 1 ? MOST_BUFFERED_BYTES : 0);
		if (peaks.has(beside) && extra(beside) > most)
			failures.push(`${pass}, ${name}: too much memory`);
		if (!same) failures.push(`${pass}, ${name}: other bytes`);
	}
	console.log();
}
if (failures.length > 0) throw new Error(failures.join('; '));
