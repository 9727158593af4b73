import { bucketName, FILES_PER_SESSION } from '../archive.ts';
import type { RequestCounts } from '../archiveServer.ts';
import type { EngineReport } from '../engineRun.ts';
import {
	inTurns,
	megabytes,
	memoryOf,
	runNode,
	timeOf,
	times,
	whole,
	type Measurement,
} from '../measurement.ts';
import { AWS_S3, getMany as ours, listFiles, S3 } from '../nodes.ts';

const SMALL_SESSIONS = 417;
const LARGE_SESSIONS = 4_167;
const SMALL = bucketName('sessions', SMALL_SESSIONS);
const LARGE = bucketName('sessions', LARGE_SESSIONS);
const SMALL_OBJECTS = SMALL_SESSIONS * FILES_PER_SESSION;
const LARGE_OBJECTS = LARGE_SESSIONS * FILES_PER_SESSION;
const LIMIT = 50;
const MIN_SPEEDUP = 5;
const MAX_BYTES = 96_000_000;
const MAX_GROWTH = 1.3;

/** The newest fifty recordings of a large folder. */
export const getMany: Measurement = {
	name: 'getMany',
	title: `Recording: Get Many, the newest ${LIMIT} of one folder`,
	method: `${whole(SMALL_OBJECTS)} and ${whole(LARGE_OBJECTS)} objects, no filter, each run in a separate process. Objects per second: the objects of the folder, divided by the time of the run. Memory: the largest resident set size of the process during the run minus the one before it, after n8n's engine and the node were loaded and had run on a folder of two sessions. The peers are n8n's S3 and AWS S3 nodes, File: Get Many with Return All, on the same folder; they return the objects, not recordings.`,
	async measure(bench) {
		const { archives } = bench;
		const amount = { limit: LIMIT };
		type Contender = 'ours' | 'oursLarge' | 's3' | 'aws';
		const runs = await inTurns<Contender, EngineReport<RequestCounts>>(bench, {
			ours: async () => await runNode(ours(archives, SMALL, amount)),
			oursLarge: async () => await runNode(ours(archives, LARGE, amount)),
			s3: async () => await runNode(listFiles(S3, archives, SMALL)),
			aws: async () => await runNode(listFiles(AWS_S3, archives, SMALL)),
		});
		const isComplete = [...runs.ours, ...runs.oursLarge].every(({ items }) => items === LIMIT);
		if (!isComplete) throw new Error('Get Many did not return fifty recordings');
		if ([...runs.s3, ...runs.aws].some(({ items }) => items !== SMALL_OBJECTS))
			throw new Error('a peer did not return all objects');
		const speed = (reports: EngineReport[], objects: number) => objects / (timeOf(reports) / 1000);
		const speedup = timeOf(runs.s3) / timeOf(runs.ours);
		const growth = memoryOf(runs.oursLarge) / memoryOf(runs.ours);
		const { counts } = runs.oursLarge[0]!;
		return {
			rows: [
				{
					measured: `Objects per second, ${whole(SMALL_OBJECTS)} objects`,
					ours: whole(speed(runs.ours, SMALL_OBJECTS)),
					peer: `S3: ${whole(speed(runs.s3, SMALL_OBJECTS))}, AWS S3: ${whole(speed(runs.aws, SMALL_OBJECTS))}`,
					ratio: times(speedup),
					target: `at least ${MIN_SPEEDUP}× S3`,
					met: speedup >= MIN_SPEEDUP,
				},
				{
					measured: `Objects per second, ${whole(LARGE_OBJECTS)} objects`,
					ours: whole(speed(runs.oursLarge, LARGE_OBJECTS)),
					target: 'completes',
					met: isComplete,
				},
				{
					measured: `Memory above idle, ${whole(LARGE_OBJECTS)} objects`,
					ours: megabytes(memoryOf(runs.oursLarge)),
					peer: `with a tenth of the objects: S3 ${megabytes(memoryOf(runs.s3))}, AWS S3 ${megabytes(memoryOf(runs.aws))}`,
					ratio: times(memoryOf(runs.oursLarge) / memoryOf(runs.s3)),
					target: `at most ${megabytes(MAX_BYTES)}`,
					met: memoryOf(runs.oursLarge) <= MAX_BYTES,
				},
				{
					measured: `Memory growth from ${whole(SMALL_OBJECTS)} to ${whole(LARGE_OBJECTS)} objects`,
					ours: `${megabytes(memoryOf(runs.ours))} to ${megabytes(memoryOf(runs.oursLarge))}`,
					ratio: times(growth),
					target: `at most ${MAX_GROWTH}×`,
					met: growth <= MAX_GROWTH,
				},
			],
			notes: [
				`Requests of this package with ${whole(LARGE_OBJECTS)} objects: ${whole(counts.lists)} LIST, ${whole(counts.gets)} GET.`,
				"Not part of this run: without reading the pages at all, the same requests through n8n's HTTP client needed as much memory, 187 to 194 MB with a million objects. More requests leave more garbage before V8 collects it.",
			],
		};
	},
};
