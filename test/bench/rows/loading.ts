import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from '../../../sandbox/n8n/packageTarball.ts';
import { repository } from '../../../sandbox/n8n/paths.ts';
import type { LoadingJob } from '../loadingRun.ts';
import { inProcess, inTurns, median, whole, type Measurement } from '../measurement.ts';

const MOST_MS = 10;
const MOST_BYTES = 100_000;

/** What the package weighs. */
export const loading: Measurement = {
	name: 'loading',
	title: 'The package itself',
	method:
		'Loading is measured in a process that has loaded n8n-core, and this package for the first time: both nodes and both credentials, by n8n’s PackageDirectoryLoader, and by require alone.',
	async measure(bench) {
		const load = async (by: LoadingJob['by']) =>
			await inProcess<LoadingJob, number>('loadingRun.ts', { by });
		const runs = await inTurns<'loader' | 'require', number>(bench, {
			loader: async () => await load('loader'),
			require: async () => await load('require'),
		});
		const byLoader = median(runs.loader);
		const { dependencies = {} } = JSON.parse(
			readFileSync(join(repository, 'package.json'), 'utf8'),
		) as { dependencies?: object };
		const count = Object.keys(dependencies).length;
		const bytes = await tarballBytes();
		return {
			rows: [
				{
					measured: 'Loading it as n8n does (by require alone)',
					ours: `${byLoader.toFixed(1)} ms (${median(runs.require).toFixed(1)} ms)`,
					peer: '–',
					ratio: '–',
					target: `at most ${MOST_MS} ms`,
					met: byLoader <= MOST_MS,
				},
				{
					measured: 'Runtime dependencies',
					ours: whole(count),
					peer: '–',
					ratio: '–',
					target: 'none',
					met: count === 0,
				},
				{
					measured: 'Packed tarball',
					ours: `${(bytes / 1000).toFixed(1)} kB`,
					peer: '–',
					ratio: '–',
					target: `under ${MOST_BYTES / 1000} kB`,
					met: bytes < MOST_BYTES,
				},
			],
		};
	},
};

async function tarballBytes(): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-bench-'));
	try {
		return statSync(await pack(folder)).size;
	} finally {
		rmSync(folder, { recursive: true });
	}
}
