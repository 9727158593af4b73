import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import prettier from 'prettier';
import { n8nFolder, repository } from '../../sandbox/n8n/paths.ts';
import { RUNS, type Measurement, type Row } from './measurement.ts';
import { peersFolder, versionOf } from './peers.ts';

export interface Result {
	measurement: Measurement;
	rows: Row[];
	notes: string[];
}

/** The result as Markdown, formatted as the repository's lint wants it. */
export async function page(results: Result[], loadBefore: number): Promise<string> {
	const missed = results.flatMap(({ rows }) => rows).filter(({ met }) => met === false);
	const text = [
		'# Benchmarks',
		'',
		`Written by \`npm run bench\`. Unless a section says otherwise, every node runs in n8n’s own execution engine, each run in a process of its own, against servers in processes of their own that compute their answers: a bucket that holds nothing and lists millions of objects, and Agora’s cloud recording with its rate limit. Times, speeds and memory are medians of ${RUNS} runs. Trust the ratios: both sides ran on the same machine, in turns.`,
		'',
		...machine(loadBefore),
		'',
		missed.length === 0
			? 'All targets are met.'
			: `**Missed: ${missed.length}** of ${results.flatMap(({ rows }) => rows).filter(({ met }) => met !== null).length} targets.`,
		...results.flatMap(section),
		'',
	].join('\n');
	const options = await prettier.resolveConfig(join(repository, 'docs/benchmarks.md'));
	return await prettier.format(text, { ...options, parser: 'markdown' });
}

function machine(loadBefore: number): string[] {
	const versions = [
		['Node', process.versions.node],
		...['n8n-core', 'n8n-workflow', 'undici'].map((name) => [name, versionOf(repository, name)]),
		...['n8n-nodes-base', 'xml2js'].map((name) => [name, versionOf(peersFolder, name)]),
		['n8n', versionOf(n8nFolder, 'n8n') ?? 'not installed'],
	].map(([name, version]) => `${name} ${version}`);
	const [first] = cpus();
	const memory = Math.round(totalmem() / 1024 ** 3);
	return [
		`- Date: ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
		`- Machine: ${cpus().length} × ${first?.model.trim()}, ${memory} GiB, ${type()} ${release()}; ${loadBefore.toFixed(1)} processes at work when it began`,
		`- Versions: ${versions.join(', ')}`,
	];
}

function section({ measurement, rows, notes }: Result): string[] {
	return [
		'',
		`## ${measurement.title}`,
		'',
		measurement.method,
		'',
		'| Measured | Ours | Peer | Ratio | Target | |',
		'| --- | --- | --- | --- | --- | --- |',
		...rows.map(line),
		...notes.flatMap((note) => ['', note]),
	];
}

function line({ measured, ours, peer, ratio, target, met }: Row): string {
	const verdict = met === null ? '' : met ? 'met' : '**MISSED**';
	const cells = [measured, ours, peer, ratio, target, verdict];
	return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Processes at work in the last minute. */
export const load = () => loadavg()[0]!;
