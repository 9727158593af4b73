import { Archive, FILES_PER_SESSION } from '../archive/archive.ts';
import { bucketName, shapeOf } from '../archive/bucketName.ts';
import type { Counts } from '../archive/server.ts';
import { s3, storageApi } from '../credentials.ts';
import type { EngineJob, EngineReport, NodeRun } from '../engineRun.ts';
import type { Use } from '../measure.ts';
import {
	inProcess,
	inTurns,
	median,
	megabytes,
	runNode,
	seconds,
	times,
	whole,
	type Bench,
	type Measurement,
	type Row,
} from '../measurement.ts';
import { AGORA, getMany, listFiles, S3, TINY } from '../nodes.ts';
import type { SlicesJob } from '../plainSlices.ts';
import { startArchives, type ArchiveServer } from '../servers.ts';

const FAR_MS = 150;
const NEAR_MS = 80;
const SLICES = 240;
const HOUR = bucketName('slices', SLICES);
const TINY_HOUR = bucketName('slices', 8);
/** As concatObjects. */
const REQUESTS_AT_ONCE = 8;
const MOST_DOWNLOAD_MS = 7000;
/** What Download buffers of the slices, as concatObjects. */
const BUFFER_BYTES = 16 * 1024 ** 2;
/** 100,080 objects. */
const FOLDER = bucketName('flat', 417);
const THOUSAND = bucketName('flat', 1000);
const TIMES_FASTER = 5;
const DATA = 'data';
/** The names of slices have their times. */
const NOW = Date.now();

/** The same work on a bucket that takes its time to answer, as every real one does. */
export const distance: Measurement = {
	name: 'distance',
	title: 'At a distance',
	method: `The bucket waits before it answers: ${FAR_MS} ms for the downloads, ${NEAR_MS} ms for the rest. Each run is in a process of its own, after a tiny one; memory is the largest resident set during the run, less that right before it. Download: one hour in ${SLICES} slices and no MP4 file, to n8n’s disk. The yardstick is a process that has loaded n8n’s engine as well, and does nothing but request the slices with undici, ${REQUESTS_AT_ONCE} at once, and write them into a file. n8n’s S3 node downloads the same ${SLICES} objects, one item each, and does not concatenate them. Get Many: the newest 50 recordings of one folder beside the S3 node’s File · Get Many with Return All. Details: the status, times and links of a thousand recordings, for which the playlist and the session record of each are read.`,
	async measure(bench) {
		const far = await startArchives(FAR_MS, NOW);
		const near = await startArchives(NEAR_MS, NOW);
		try {
			const download = await downloadRows({ ...bench, archives: far });
			const listing = await getManyRow({ ...bench, archives: near });
			const details = await detailsRow({ ...bench, archives: near });
			return {
				rows: [...download.rows, listing, details.row],
				notes: [...download.notes, details.note],
			};
		} finally {
			await Promise.all([far.stop(), near.stop()]);
		}
	},
};

async function downloadRows(bench: Bench): Promise<{ rows: Row[]; notes: string[] }> {
	const { archives } = bench;
	const expected = slicesOf(HOUR).reduce((sum, { size }) => sum + size, 0);
	const runs = await inTurns<'ours' | 'plain' | 's3', Use>(bench, {
		ours: async () => checked(await runNode(ours(archives)), [expected]),
		plain: async () =>
			await inProcess<SlicesJob, Use>('plainSlices.ts', {
				warmUp: addressesOf(archives, TINY_HOUR),
				addresses: addressesOf(archives, HOUR),
				bytes: expected,
				requestsAtOnce: REQUESTS_AT_ONCE,
			}),
		s3: async () =>
			checked(
				await runNode(s3Node(archives)),
				slicesOf(HOUR).map(({ size }) => size),
			),
	});
	const [time, memory] = [timeOf(runs.ours), memoryOf(runs.ours)];
	const more = memory - memoryOf(runs.plain);
	return {
		rows: [
			{
				measured: `Download of ${SLICES} slices, ${megabytes(expected)}, at ${FAR_MS} ms`,
				ours: seconds(time),
				peer: `undici: ${seconds(timeOf(runs.plain))}; S3: ${seconds(timeOf(runs.s3))}`,
				ratio: times(time / timeOf(runs.plain)),
				target: `at most ${MOST_DOWNLOAD_MS / 1000} s`,
				met: time <= MOST_DOWNLOAD_MS,
			},
			{
				measured: 'Memory above idle, the same',
				ours: megabytes(memory),
				peer: `undici: ${megabytes(memoryOf(runs.plain))}; S3: ${megabytes(memoryOf(runs.s3))}`,
				ratio: times(memory / memoryOf(runs.plain)),
				target: `at most ${megabytes(BUFFER_BYTES)} more than undici`,
				met: more <= BUFFER_BYTES,
			},
		],
		notes: [
			`${SLICES} requests of ${FAR_MS} ms, ${REQUESTS_AT_ONCE} at once, take ${seconds((SLICES / REQUESTS_AT_ONCE) * FAR_MS)} of waiting alone. n8n’s S3 node sends two requests for each object, one after the other.`,
		],
	};
}

async function getManyRow(bench: Bench): Promise<Row> {
	const { archives } = bench;
	const objects = shapeOf(FOLDER).sessions * FILES_PER_SESSION;
	const runs = await inTurns<'ours' | 's3', EngineReport<Counts>>(bench, {
		ours: async () => await runNode(getMany(archives, FOLDER)),
		s3: async () => await runNode(listFiles(S3, archives, FOLDER)),
	});
	if (runs.ours.some(({ items }) => items !== 50))
		throw new Error('Get Many did not return fifty recordings');
	if (runs.s3.some(({ items }) => items !== objects))
		throw new Error('the S3 node did not return all objects');
	const faster = timeOf(runs.s3) / timeOf(runs.ours);
	const { lists, gets } = runs.ours[0]!.asked;
	return {
		measured: `Get Many, newest 50 of ${whole(objects)} objects, at ${NEAR_MS} ms (${lists} LIST, ${gets} GET)`,
		ours: seconds(timeOf(runs.ours)),
		peer: `S3: ${seconds(timeOf(runs.s3))} (${runs.s3[0]!.asked.lists} LIST)`,
		ratio: times(faster),
		target: `at least ${TIMES_FASTER}× S3`,
		met: faster >= TIMES_FASTER,
	};
}

async function detailsRow(bench: Bench): Promise<{ row: Row; note: string }> {
	const { archives } = bench;
	const count = shapeOf(THOUSAND).sessions;
	const runs = await inTurns<'ours', EngineReport<Counts>>(bench, {
		ours: async () => await runNode(allRecordings(archives)),
	});
	const isRead = ({ items, json }: EngineReport<Counts>) =>
		items === count && json.every(({ status }) => status === 'completed');
	if (!runs.ours.every(isRead)) throw new Error('Get Many did not return a thousand recordings');
	const time = timeOf(runs.ours);
	const { lists, gets } = runs.ours[0]!.asked;
	const waiting = (lists + gets) * NEAR_MS;
	return {
		row: {
			measured: `Details of ${whole(count)} recordings at ${NEAR_MS} ms (${lists} LIST, ${gets} GET)`,
			ours: seconds(time),
			peer: `the same requests one after the other: ${seconds(waiting)} of waiting`,
			ratio: times(waiting / time),
			target: `at least ${TIMES_FASTER}×`,
			met: waiting / time >= TIMES_FASTER,
		},
		note: `Memory above idle of the details: ${megabytes(memoryOf(runs.ours))}.`,
	};
}

const timeOf = (uses: Use[]) => median(uses.map(({ ms }) => ms));
const memoryOf = (uses: Use[]) =>
	median(uses.map(({ peakBytes, idleBytes }) => peakBytes - idleBytes));

function checked(report: EngineReport, sizes: number[]): Use {
	if (JSON.stringify(report.fileBytes) === JSON.stringify(sizes)) return report;
	throw new Error(`files of ${report.fileBytes.join(', ')} bytes arrived`);
}

const archiveOf = (bucket: string) => new Archive(shapeOf(bucket), NOW);

/** The session's objects are its playlist, its session record and the slices. */
function slicesOf(bucket: string) {
	const archive = archiveOf(bucket);
	return Array.from({ length: archive.size - 2 }, (_, n) => archive.objectAt(n + 2));
}

const addressesOf = ({ origin }: ArchiveServer, bucket: string) =>
	slicesOf(bucket).map(({ key }) => `${origin}/${bucket}/${key}`);

function ours(archives: ArchiveServer): EngineJob {
	const parameters = (bucket: string) => ({
		resource: 'recording',
		operation: 'download',
		recordingId: { __rl: true, mode: 'id', value: archiveOf(bucket).sidOf(0) },
		binaryPropertyName: DATA,
	});
	return {
		node: AGORA,
		credentials: {
			agoraStorageApi: {
				default: storageApi(archives, HOUR),
				warmUp: storageApi(archives, TINY_HOUR),
			},
		},
		warmUp: { parameters: parameters(TINY_HOUR) },
		run: { parameters: parameters(HOUR) },
		server: archives.origin,
	};
}

function s3Node(archives: ArchiveServer): EngineJob {
	const run = (bucket: string): NodeRun => ({
		parameters: {
			resource: 'file',
			operation: 'download',
			bucketName: bucket,
			fileKey: '={{ $json.key }}',
			binaryPropertyName: DATA,
		},
		items: slicesOf(bucket).map(({ key }) => ({ key })),
	});
	return {
		node: S3,
		credentials: { s3: { default: s3(archives) } },
		warmUp: run(TINY_HOUR),
		run: run(HOUR),
		server: archives.origin,
	};
}

function allRecordings(archives: ArchiveServer): EngineJob {
	const run = { parameters: { resource: 'recording', operation: 'getAll', returnAll: true } };
	return {
		node: AGORA,
		credentials: {
			agoraStorageApi: {
				default: storageApi(archives, THOUSAND),
				warmUp: storageApi(archives, TINY),
			},
		},
		warmUp: run,
		run,
		server: archives.origin,
	};
}
