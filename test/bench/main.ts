/**
 * `npm run bench` compares this package with n8n's own nodes, prints the results and writes them to
 * docs/benchmarks.md. With names of measurements, it runs only those and keeps the other sections.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';
import { log } from '../progress.ts';
import type { Bench, Measurement } from './measurement.ts';
import { installPeers } from './peers.ts';
import { loadAverage, page, type Result } from './report.ts';
import { distance } from './rows/distance.ts';
import { download } from './rows/download.ts';
import { getMany } from './rows/getMany.ts';
import { loading } from './rows/loading.ts';
import { polls } from './rows/polls.ts';
import { starts } from './rows/starts.ts';
import { startAgora, startArchives } from './servers.ts';

const ALL = [polls, getMany, download, distance, starts, loading] satisfies Measurement[];
const PAGE = join(repository, 'docs/benchmarks.md');

async function measureAll(chosen: Measurement[], bench: Bench): Promise<Result[]> {
	const results: Result[] = [];
	for (const measurement of chosen) {
		try {
			const logRow = (line: string) => log(`${measurement.name}: ${line}`);
			const { rows, notes = [] } = await measurement.measure({ ...bench, log: logRow });
			results.push({ measurement, rows, notes });
		} catch (error) {
			process.exitCode = 1;
			log(`${measurement.name} COULD NOT BE MEASURED: ${(error as Error).message}`);
		}
	}
	return results;
}

async function main(names: string[]): Promise<void> {
	const unknown = names.filter((name) => !ALL.some((each) => each.name === name));
	if (unknown.length > 0) {
		const known = ALL.map(({ name }) => name).join(', ');
		throw new Error(`Unknown measurement: ${unknown.join(', ')}. Choose from: ${known}.`);
	}
	const chosen = names.length === 0 ? ALL : ALL.filter(({ name }) => names.includes(name));
	await installPeers(log);
	const loadBefore = loadAverage();
	const archives = await startArchives();
	const agora = await startAgora();
	try {
		const results = await measureAll(chosen, { archives, agora, log });
		if (results.length === 0) return;
		const titles = ALL.map(({ title }) => title);
		const text = await page(results, titles, readFileSync(PAGE, 'utf8'), loadBefore);
		console.log(`\n${text}`);
		writeFileSync(PAGE, text);
		log(`written to ${PAGE}`);
	} finally {
		await Promise.all([archives.stop(), agora.stop()]);
	}
}

await main(process.argv.slice(2)).catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
