import { FILES_PER_SESSION } from '../archive/archive.ts';
import { bucketName, shapeOf } from '../archive/bucketName.ts';
import type { Counts } from '../archive/server.ts';
import type { EngineReport } from '../engineRun.ts';
import {
	inProcess,
	inTurns,
	median,
	megabytes,
	runNode,
	times,
	whole,
	type Measurement,
} from '../measurement.ts';
import { AWS_S3, getMany as ours, listFiles, S3 } from '../nodes.ts';
import type { ListingSpeed, SpeedJob } from '../plainListing.ts';

/** 100,080 objects, and 1,000,080. */
const SMALL = bucketName('flat', 417);
const LARGE = bucketName('flat', 4_167);
const TIMES_FASTER = 5;
const MOST_BYTES = 96_000_000;
const MOST_GROWTH = 1.3;

/** The newest fifty recordings of a large folder. */
export const getMany: Measurement = {
	name: 'getMany',
	title: 'Recording · Get Many, the newest 50 of one folder',
	method: `${whole(objectsIn(SMALL))} and ${whole(objectsIn(LARGE))} objects, no filter, each run in a process of its own. Objects a second: those in the folder, by the time of the run. Memory: the largest resident set of the process during the run, less that right before it, when n8n’s engine and the node were loaded and one run in a folder of two sessions was over. The peers are n8n’s S3 and AWS S3 nodes, File · Get Many with Return All, of the same folder; they give out the objects, not recordings.`,
	async measure(bench) {
		const { archives, say } = bench;
		say('how fast the generator itself is');
		const generator = await inProcess<SpeedJob, ListingSpeed>('plainListing.ts', {
			origin: archives.origin,
			bucket: LARGE,
		});
		const runs = await inTurns<'ours' | 'oursLarge' | 's3' | 'aws', EngineReport<Counts>>(bench, {
			ours: async () => await runNode(ours(archives, SMALL)),
			oursLarge: async () => await runNode(ours(archives, LARGE)),
			s3: async () => await runNode(listFiles(S3, archives, SMALL)),
			aws: async () => await runNode(listFiles(AWS_S3, archives, SMALL)),
		});
		const complete = [...runs.ours, ...runs.oursLarge].every(({ items }) => items === 50);
		if (!complete) throw new Error('Get Many did not give fifty recordings');
		if ([...runs.s3, ...runs.aws].some(({ items }) => items !== objectsIn(SMALL)))
			throw new Error('a peer did not give all objects');
		const speed = (reports: EngineReport[], bucket: string) =>
			objectsIn(bucket) / (median(reports.map(({ ms }) => ms)) / 1000);
		const memory = (reports: EngineReport[]) =>
			median(reports.map(({ peakBytes, idleBytes }) => peakBytes - idleBytes));
		const faster = speed(runs.ours, SMALL) / speed(runs.s3, SMALL);
		const growth = memory(runs.oursLarge) / memory(runs.ours);
		const { asked } = runs.oursLarge[0]!;
		return {
			rows: [
				{
					measured: `Objects a second, ${whole(objectsIn(SMALL))} objects`,
					ours: whole(speed(runs.ours, SMALL)),
					peer: `S3: ${whole(speed(runs.s3, SMALL))}, AWS S3: ${whole(speed(runs.aws, SMALL))}`,
					ratio: times(faster),
					target: `at least ${TIMES_FASTER}× S3`,
					met: faster >= TIMES_FASTER,
				},
				{
					measured: `Completes with ${whole(objectsIn(LARGE))} objects; objects a second`,
					ours: whole(speed(runs.oursLarge, LARGE)),
					peer: '–',
					ratio: '–',
					target: 'completes',
					met: complete,
				},
				{
					measured: `Memory above idle, ${whole(objectsIn(LARGE))} objects`,
					ours: megabytes(memory(runs.oursLarge)),
					peer: `with a tenth of the objects: S3 ${megabytes(memory(runs.s3))}, AWS S3 ${megabytes(memory(runs.aws))}`,
					ratio: times(memory(runs.oursLarge) / memory(runs.s3)),
					target: `at most ${megabytes(MOST_BYTES)}`,
					met: memory(runs.oursLarge) <= MOST_BYTES,
				},
				{
					measured: `The same beside ${whole(objectsIn(SMALL))} objects`,
					ours: `${megabytes(memory(runs.oursLarge))} beside ${megabytes(memory(runs.ours))}`,
					peer: '–',
					ratio: times(growth),
					target: `at most ${MOST_GROWTH}×`,
					met: growth <= MOST_GROWTH,
				},
			],
			notes: [
				`Requests of ours with ${whole(objectsIn(LARGE))} objects: ${whole(asked.lists)} LIST, ${whole(asked.gets)} GET.`,
				'Not part of this run: with all reading of the pages taken out, the same requests through n8n’s HTTP client took as much memory, 187 to 194 MB at a million objects. The more requests, the more of what they leave behind lies about before V8 clears it up.',
				`A plain undici client that lists page after page and only looks for the next token gets ${whole(generator.objectsPerSecond)} objects a second from the generator.`,
			],
		};
	},
};

function objectsIn(bucket: string): number {
	return shapeOf(bucket).sessions * FILES_PER_SESSION;
}
