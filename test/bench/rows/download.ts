import { Archive } from '../archive/archive.ts';
import { bucketName, shapeOf } from '../archive/bucketName.ts';
import { s3, storageApi } from '../credentials.ts';
import {
	inProcess,
	inTurns,
	median,
	megabytes,
	runNode,
	seconds,
	times,
	type Measurement,
} from '../measurement.ts';
import type { Use } from '../measure.ts';
import { AGORA, HTTP_REQUEST, S3 } from '../nodes.ts';
import type { EngineJob } from '../engineRun.ts';
import type { DownloadJob } from '../plainDownload.ts';
import type { ArchiveServer } from '../servers.ts';

const BYTES = 1024 ** 3;
const FILM = bucketName('film', BYTES);
const TINY_FILM = bucketName('film', 1_000_000);
const MOST_TIMES = 1.25;
const DATA = 'data';

/** A large file from the bucket to n8n’s disk. */
export const download: Measurement = {
	name: 'download',
	title: 'Recording · Download of one MP4 file of 1 GiB',
	method:
		'n8n keeps binary data on disk. Each run is in a process of its own, after one of 1 MB; memory is the largest resident set during the run, less that right before it. The yardstick is a process that does nothing but pipe undici’s answer into a file. Beside it are n8n’s S3 node and its HTTP Request node with the response format File.',
	async measure(bench) {
		const { archives } = bench;
		const runs = await inTurns<'ours' | 'plain' | 's3' | 'http', Use>(bench, {
			ours: async () => await node(ours(archives)),
			plain: async () =>
				await inProcess<DownloadJob, Use>('plainDownload.ts', {
					warmUp: addressOf(archives, TINY_FILM),
					address: addressOf(archives, FILM),
					bytes: BYTES,
				}),
			s3: async () => await node(s3Node(archives)),
			http: async () => await node(httpNode(archives)),
		});
		const time = (uses: Use[]) => median(uses.map(({ ms }) => ms));
		const memory = (uses: Use[]) =>
			median(uses.map(({ peakBytes, idleBytes }) => peakBytes - idleBytes));
		const slower = time(runs.ours) / time(runs.plain);
		const larger = memory(runs.ours) / memory(runs.plain);
		return {
			rows: [
				{
					measured: 'Time',
					ours: seconds(time(runs.ours)),
					peer: `undici to a file: ${seconds(time(runs.plain))}; S3: ${seconds(time(runs.s3))}, HTTP Request: ${seconds(time(runs.http))}`,
					ratio: times(slower),
					target: `at most ${MOST_TIMES}× undici`,
					met: slower <= MOST_TIMES,
				},
				{
					measured: 'Memory above idle',
					ours: megabytes(memory(runs.ours)),
					peer: `undici to a file: ${megabytes(memory(runs.plain))}; S3: ${megabytes(memory(runs.s3))}, HTTP Request: ${megabytes(memory(runs.http))}`,
					ratio: times(larger),
					target: 'no more than undici',
					met: larger <= 1,
				},
			],
		};
	},
};

async function node(job: EngineJob): Promise<Use> {
	const report = await runNode(job);
	if (report.fileBytes[0] === BYTES) return report;
	throw new Error(`${job.node} gave a file of ${report.fileBytes[0]} bytes`);
}

const archiveOf = (bucket: string) => new Archive(shapeOf(bucket), Date.now());
/** The third of the session's objects is its MP4 file. */
const keyIn = (bucket: string) => archiveOf(bucket).keyAt(2);
const addressOf = ({ origin }: ArchiveServer, bucket: string) =>
	`${origin}/${bucket}/${keyIn(bucket)}`;

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
				default: storageApi(archives, FILM),
				warmUp: storageApi(archives, TINY_FILM),
			},
		},
		warmUp: { parameters: parameters(TINY_FILM) },
		run: { parameters: parameters(FILM) },
		server: archives.origin,
	};
}

function s3Node(archives: ArchiveServer): EngineJob {
	const parameters = (bucketName: string) => ({
		resource: 'file',
		operation: 'download',
		bucketName,
		fileKey: keyIn(bucketName),
		binaryPropertyName: DATA,
	});
	return {
		node: S3,
		credentials: { s3: { default: s3(archives) } },
		warmUp: { parameters: parameters(TINY_FILM) },
		run: { parameters: parameters(FILM) },
		server: archives.origin,
	};
}

function httpNode(archives: ArchiveServer): EngineJob {
	const parameters = (bucket: string) => ({
		url: addressOf(archives, bucket),
		options: { response: { response: { responseFormat: 'file', outputPropertyName: DATA } } },
	});
	return {
		node: HTTP_REQUEST,
		credentials: {},
		warmUp: { parameters: parameters(TINY_FILM) },
		run: { parameters: parameters(FILM) },
		server: archives.origin,
	};
}
