import { bucketName } from '../archive.ts';
import type { EngineJob } from '../engineRun.ts';
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
	type Measurement,
} from '../measurement.ts';
import { archived, download as ours, downloadFiles, fetchFile, type Archived } from '../nodes.ts';
import type { PlainDownloadJob } from '../plainDownload.ts';

const BYTES = 1024 ** 3;
const MAX_RATIO = 1.25;
const NOW = Date.now();
const FILE = archived(bucketName('mp4', BYTES), NOW);
const TINY_FILE = archived(bucketName('mp4', 1_000_000), NOW);

/** The key of the session's MP4 file. */
const keyIn = ({ archive }: Archived) => archive.at(2)!;

/** Downloads a large MP4 file to n8n's disk. */
export const download: Measurement = {
	name: 'download',
	title: 'Recording: Download, one MP4 file of 1 GiB',
	method:
		"n8n keeps binary data on disk. Each run is in a separate process, after the download of 1 MB; memory is the largest resident set size during the run minus the one before it. The baseline is a process that only pipes undici's response into a file. The peers are n8n's S3 node and its HTTP Request node with the response format File.",
	async measure(bench) {
		const { archives } = bench;
		const urlOf = (file: Archived) => `${archives.origin}/${file.name}/${keyIn(file)}`;
		const runs = await inTurns<'ours' | 'plain' | 's3' | 'http', Usage>(bench, {
			ours: async () => await runDownload(ours(archives, FILE, TINY_FILE)),
			plain: async () =>
				await inProcess<PlainDownloadJob, Usage>('plainDownload.ts', {
					warmUp: [urlOf(TINY_FILE)],
					urls: [urlOf(FILE)],
					bytes: BYTES,
					requestsAtOnce: 1,
					loadsEngine: false,
				}),
			s3: async () =>
				await runDownload(
					downloadFiles(archives, [FILE.name, [keyIn(FILE)]], [TINY_FILE.name, [keyIn(TINY_FILE)]]),
				),
			http: async () => await runDownload(fetchFile(archives, urlOf(FILE), urlOf(TINY_FILE))),
		});
		const timeRatio = timeOf(runs.ours) / timeOf(runs.plain);
		const memoryRatio = memoryOf(runs.ours) / memoryOf(runs.plain);
		const peers = (format: (runs: Usage[]) => string) =>
			`undici to a file: ${format(runs.plain)}; S3: ${format(runs.s3)}, HTTP Request: ${format(runs.http)}`;
		return {
			rows: [
				{
					measured: 'Time',
					ours: seconds(timeOf(runs.ours)),
					peer: peers((each) => seconds(timeOf(each))),
					ratio: times(timeRatio),
					target: `at most ${MAX_RATIO}× undici`,
					met: timeRatio <= MAX_RATIO,
				},
				{
					measured: 'Memory above idle',
					ours: megabytes(memoryOf(runs.ours)),
					peer: peers((each) => megabytes(memoryOf(each))),
					ratio: times(memoryRatio),
					target: 'no more than undici',
					met: memoryRatio <= 1,
				},
			],
		};
	},
};

async function runDownload(job: EngineJob): Promise<Usage> {
	const report = await runNode(job);
	if (report.fileBytes[0] === BYTES) return report;
	throw new Error(`${job.node} returned a file of ${report.fileBytes[0]} bytes`);
}
