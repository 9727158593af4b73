import { bucketName, FILES_PER_SESSION } from '../archive.ts';
import type { RequestCounts } from '../archiveServer.ts';
import type { EngineReport } from '../engineRun.ts';
import type { Usage } from '../measure.ts';
import {
	inProcess,
	inTurns,
	megabytes,
	memoryOf,
	runNode,
	seconds,
	timeOf,
	times,
	whole,
	type Bench,
	type Measurement,
	type Row,
} from '../measurement.ts';
import {
	archived,
	download,
	downloadFiles,
	getMany,
	listFiles,
	S3,
	type Archived,
} from '../nodes.ts';
import type { PlainDownloadJob } from '../plainDownload.ts';
import { startArchives } from '../servers.ts';

/** Of each response: a bucket on the same machine, on the same continent, and on another one. */
const LATENCIES_MS = [0, 80, 150];
const SLICES = 240;
/** As in concatObjects. */
const REQUESTS_AT_ONCE = 8;
const MAX_TIMES_UNDICI = 1.25;
/** Download's buffer for slices, as in concatObjects. */
const BUFFER_BYTES = 16 * 1024 ** 2;
const MIN_SPEEDUP = 5;
/** The servers use the same time, as file names of slices contain times. */
const NOW = Date.now();
const HOUR = archived(bucketName('slices', SLICES), NOW);
const TINY_HOUR = archived(bucketName('slices', 8), NOW);
const FOLDER_SESSIONS = 417;
const DETAILED_SESSIONS = 1000;

/** The same operations on a bucket with latency, as every real bucket has. */
export const distance: Measurement = {
	name: 'distance',
	title: 'At a distance',
	method: `Each response of the bucket is delayed, by ${LATENCIES_MS.join(', ')} ms. Each run is in a separate process, after a small one; memory is the largest resident set size during the run minus the one before it. Download: one hour in ${SLICES} segments without an MP4 file, merged on n8n's disk. The baseline is a process that has also loaded n8n's engine, and only requests the segments with undici, ${REQUESTS_AT_ONCE} at once, and writes them to a file. n8n's S3 node downloads the same ${SLICES} objects, one item each, and does not merge them. Get Many: the newest 50 recordings of one folder, compared with the S3 node's File: Get Many with Return All; without latency it need only be as fast. Details: the status, times and links of a thousand recordings, which need the playlist and session record of each.`,
	async measure(bench) {
		const rows: Row[] = [];
		const notes: string[] = [];
		for (const latency of LATENCIES_MS) {
			bench.log(`${latency} ms`);
			const archives = await startArchives(latency, NOW);
			const far = { ...bench, archives };
			try {
				rows.push(...(await downloadRows(far, latency)), await getManyRow(far, latency));
				if (latency === 0) continue;
				const details = await detailsRow(far, latency);
				rows.push(details.row);
				notes.push(details.note);
			} finally {
				await archives.stop();
			}
		}
		const waits = LATENCIES_MS.map((ms) => seconds((SLICES / REQUESTS_AT_ONCE) * ms)).join(', ');
		notes.push(
			`${SLICES} requests, ${REQUESTS_AT_ONCE} at once, wait for ${waits}. n8n's S3 node sends two requests for each object, one after the other.`,
		);
		return { rows, notes };
	},
};

/** The slices of a session, which follow its playlist and session record. */
const slicesOf = ({ archive }: Archived) =>
	Array.from({ length: archive.length - 2 }, (_, index) => archive.objectAt(index + 2));
const keysOf = (bucket: Archived) => slicesOf(bucket).map(({ key }) => key);

async function downloadRows(bench: Bench, latency: number): Promise<Row[]> {
	const { archives } = bench;
	const sizes = slicesOf(HOUR).map(({ size }) => size);
	const bytes = sizes.reduce((sum, size) => sum + size, 0);
	const urlsOf = (bucket: Archived) =>
		keysOf(bucket).map((key) => `${archives.origin}/${bucket.name}/${key}`);
	const runs = await inTurns<'ours' | 'plain' | 's3', Usage>(bench, {
		ours: async () => checked(await runNode(download(archives, HOUR, TINY_HOUR)), [bytes]),
		plain: async () =>
			await inProcess<PlainDownloadJob, Usage>('plainDownload.ts', {
				warmUp: urlsOf(TINY_HOUR),
				urls: urlsOf(HOUR),
				bytes,
				requestsAtOnce: REQUESTS_AT_ONCE,
				loadsEngine: true,
			}),
		s3: async () =>
			checked(
				await runNode(
					downloadFiles(archives, [HOUR.name, keysOf(HOUR)], [TINY_HOUR.name, keysOf(TINY_HOUR)]),
				),
				sizes,
			),
	});
	const [time, memory] = [timeOf(runs.ours), memoryOf(runs.ours)];
	const slowdown = time / timeOf(runs.plain);
	return [
		{
			measured: `Download of ${SLICES} segments, ${megabytes(bytes)}, at ${latency} ms`,
			ours: seconds(time),
			peer: `undici: ${seconds(timeOf(runs.plain))}; S3: ${seconds(timeOf(runs.s3))}`,
			ratio: times(slowdown),
			target: `at most ${MAX_TIMES_UNDICI}× undici`,
			met: slowdown <= MAX_TIMES_UNDICI,
		},
		{
			measured: 'Memory above idle of this download',
			ours: megabytes(memory),
			peer: `undici: ${megabytes(memoryOf(runs.plain))}; S3: ${megabytes(memoryOf(runs.s3))}`,
			ratio: times(memory / memoryOf(runs.plain)),
			target: `at most ${megabytes(BUFFER_BYTES)} more than undici`,
			met: memory - memoryOf(runs.plain) <= BUFFER_BYTES,
		},
	];
}

function checked(report: EngineReport, sizes: number[]): Usage {
	if (JSON.stringify(report.fileBytes) === JSON.stringify(sizes)) return report;
	throw new Error(`downloaded files of ${report.fileBytes.join(', ')} bytes`);
}

async function getManyRow(bench: Bench, latency: number): Promise<Row> {
	const { archives } = bench;
	const bucket = bucketName('sessions', FOLDER_SESSIONS);
	const objects = FOLDER_SESSIONS * FILES_PER_SESSION;
	const runs = await inTurns<'ours' | 's3', EngineReport<RequestCounts>>(bench, {
		ours: async () => await runNode(getMany(archives, bucket, { limit: 50 })),
		s3: async () => await runNode(listFiles(S3, archives, bucket)),
	});
	if (runs.ours.some(({ items }) => items !== 50))
		throw new Error('Get Many did not return fifty recordings');
	if (runs.s3.some(({ items }) => items !== objects))
		throw new Error('the S3 node did not return all objects');
	const speedup = timeOf(runs.s3) / timeOf(runs.ours);
	const { lists, gets } = runs.ours[0]!.counts;
	const minSpeedup = latency === 0 ? 1 : MIN_SPEEDUP;
	return {
		measured: `Get Many, newest 50 of ${whole(objects)} objects, at ${latency} ms (${lists} LIST, ${gets} GET)`,
		ours: seconds(timeOf(runs.ours)),
		peer: `S3: ${seconds(timeOf(runs.s3))} (${runs.s3[0]!.counts.lists} LIST)`,
		ratio: times(speedup),
		target: `at least ${minSpeedup}× S3`,
		met: speedup >= minSpeedup,
	};
}

async function detailsRow(bench: Bench, latency: number): Promise<{ row: Row; note: string }> {
	const job = getMany(bench.archives, bucketName('sessions', DETAILED_SESSIONS), {
		returnAll: true,
	});
	const { ours } = await inTurns<'ours', EngineReport<RequestCounts>>(bench, {
		ours: async () => await runNode(job),
	});
	const isComplete = ({ items, json }: EngineReport) =>
		items === DETAILED_SESSIONS && json.every(({ status }) => status === 'completed');
	if (!ours.every(isComplete)) throw new Error('Get Many did not return a thousand recordings');
	const { lists, gets } = ours[0]!.counts;
	const waitingMs = (lists + gets) * latency;
	const speedup = waitingMs / timeOf(ours);
	return {
		row: {
			measured: `Details of ${whole(DETAILED_SESSIONS)} recordings at ${latency} ms (${lists} LIST, ${gets} GET)`,
			ours: seconds(timeOf(ours)),
			peer: `latency of the same requests one after the other: ${seconds(waitingMs)}`,
			ratio: times(speedup),
			target: `at least ${MIN_SPEEDUP}×`,
			met: speedup >= MIN_SPEEDUP,
		},
		note: `Memory above idle of the details at ${latency} ms: ${megabytes(memoryOf(ours))}.`,
	};
}
