import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTarball } from '../../../sandbox/n8n/communityPackage.ts';
import { repository } from '../../../sandbox/n8n/paths.ts';
import type { LoadingJob } from '../loadingRun.ts';
import { inProcess, inTurns, median, whole, type Measurement } from '../measurement.ts';

const MAX_MS = 10;
const MAX_BYTES = 120_000;

/** The time to load the package, and its size. */
export const loading: Measurement = {
	name: 'loading',
	title: 'Loading and size of the package',
	method:
		"n8n's PackageDirectoryLoader loads both nodes and both credentials in a process that has loaded n8n-core, but no package. The first package in a process includes what the loader sets up once, such as n8n's log. So an empty package with two nodes and two credentials is loaded in the same way, in separate processes, and subtracted.",
	async measure(bench) {
		const load = async (name: LoadingJob['package'], by: LoadingJob['by']) =>
			await inProcess<LoadingJob, number>('loadingRun.ts', { package: name, by });
		const runs = await inTurns<'ours' | 'empty' | 'required' | 'firstRun', number>(bench, {
			ours: async () => await load('ours', 'loader'),
			empty: async () => await load('empty', 'loader'),
			required: async () => await load('ours', 'require'),
			firstRun: async () => await load('ours', 'firstRun'),
		});
		const [ours, empty] = [median(runs.ours), median(runs.empty)];
		const difference = ours - empty;
		const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
		const { dependencies = {} } = JSON.parse(
			readFileSync(join(repository, 'package.json'), 'utf8'),
		) as { dependencies?: object };
		const count = Object.keys(dependencies).length;
		const bytes = await tarballBytes();
		return {
			rows: [
				{
					measured: 'Loading as in n8n, minus an empty package',
					ours: `${milliseconds(ours)} − ${milliseconds(empty)} = ${milliseconds(difference)}`,
					target: `at most ${MAX_MS} ms`,
					met: difference <= MAX_MS,
				},
				{
					measured: 'Runtime dependencies',
					ours: whole(count),
					target: 'none',
					met: count === 0,
				},
				{
					measured: 'Packed tarball',
					ours: `${(bytes / 1000).toFixed(1)} kB`,
					target: `under ${MAX_BYTES / 1000} kB`,
					met: bytes < MAX_BYTES,
				},
			],
			notes: [
				`With Node's require only, without n8n's loader, loading takes ${milliseconds(median(runs.required))}. The first execution loads the rest once: ${milliseconds(median(runs.firstRun))}.`,
			],
		};
	},
};

async function tarballBytes(): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-bench-'));
	try {
		return statSync(await packTarball(folder)).size;
	} finally {
		rmSync(folder, { recursive: true });
	}
}
