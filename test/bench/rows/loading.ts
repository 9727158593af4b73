import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTarball } from '../../../sandbox/n8n/communityPackage.ts';
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
		'Loading is measured in a process that has loaded n8n-core and no package yet: both nodes and both credentials, by n8n’s PackageDirectoryLoader. The first package that a process loads also pays for what the loader sets up once, such as n8n’s log; so a package of two nodes and two credentials in which there is nothing is loaded the same way, in processes of its own, and the difference is what this one takes.',
	async measure(bench) {
		const load = async (what: LoadingJob['what'], by: LoadingJob['by']) =>
			await inProcess<LoadingJob, number>('loadingRun.ts', { what, by });
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
					measured: 'Loading it as n8n does, beyond an empty package',
					ours: `${milliseconds(ours)} − ${milliseconds(empty)} = ${milliseconds(difference)}`,
					peer: '–',
					ratio: '–',
					target: `at most ${MOST_MS} ms`,
					met: difference <= MOST_MS,
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
			notes: [
				`By Node’s require alone, without n8n’s loader, it takes ${milliseconds(median(runs.required))}. The first node that runs loads the rest, once: ${milliseconds(median(runs.firstRun))}.`,
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
