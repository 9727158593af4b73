import { execFileSync } from 'node:child_process';
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

/**
 * @param results of all or some measurements
 * @param order the titles of all sections
 * @param previous the current page, from which the other sections are kept
 * @returns the page as formatted Markdown
 */
export async function page(
	results: Result[],
	order: string[],
	previous: string,
	loadBefore: number,
): Promise<string> {
	const sections = new Map(
		previous
			.split(/^(?=## )/m)
			.slice(1)
			.map((text) => [/^## (.*)/.exec(text)![1]!, text.trim()]),
	);
	for (const result of results)
		sections.set(result.measurement.title, section(result, loadBefore).join('\n'));
	const bodies = order.map((title) => sections.get(title)).filter((text) => text !== undefined);
	const verdicts = bodies.flatMap((text) => text.match(/\| (?:met|\*\*MISSED\*\*) +\|$/gm) ?? []);
	const missed = verdicts.filter((verdict) => verdict.includes('MISSED')).length;
	const text = [
		'# Benchmarks',
		'',
		`How fast this package is and how much memory it needs, compared with n8n's own nodes. \`npm run bench\` writes this page; \`npm run bench -- <name>\` repeats one section. Unless noted otherwise, nodes run in n8n's own execution engine, each run in a separate process, against servers in separate processes: a bucket whose objects are computed instead of stored, and Agora's cloud recording with its rate limit. Times, speeds and memory are medians of ${RUNS} runs. Programs that are compared ran alternately on the same machine, so the ratios are more reliable than the absolute figures.`,
		'',
		...machine(),
		'',
		missed === 0 ? 'All targets are met.' : `**Missed: ${missed}** of ${verdicts.length} targets.`,
		...bodies.flatMap((body) => ['', body]),
		'',
	].join('\n');
	const options = await prettier.resolveConfig(join(repository, 'docs/benchmarks.md'));
	return await prettier.format(text, { ...options, parser: 'markdown' });
}

function machine(): string[] {
	const versions = [
		['Node', process.versions.node],
		...['n8n-core', 'n8n-workflow', 'undici'].map((name) => [name, versionOf(repository, name)]),
		['n8n-nodes-base', versionOf(peersFolder, 'n8n-nodes-base')],
		['n8n', versionOf(n8nFolder, 'n8n') ?? 'not installed'],
	].map(([name, version]) => `${name} ${version}`);
	const [first] = cpus();
	const memory = Math.round(totalmem() / 1024 ** 3);
	return [
		`- Machine: ${cpus().length} × ${first?.model.trim()}, ${memory} GiB, ${type()} ${release()}`,
		`- Versions: ${versions.join(', ')}`,
	];
}

function section({ measurement, rows, notes }: Result, loadBefore: number): string[] {
	const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
	const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: repository });
	return [
		`## ${measurement.title}`,
		'',
		measurement.method,
		'',
		`Measured on ${date} UTC at commit ${String(commit).trim()}, at a load average of ${loadBefore.toFixed(1)}.`,
		'',
		'| Measured | This package | Compared with | Ratio | Target | |',
		'| --- | --- | --- | --- | --- | --- |',
		...rows.map(rowLine),
		...notes.flatMap((note) => ['', note]),
	];
}

function rowLine({ measured, ours, peer = '–', ratio = '–', target, met }: Row): string {
	const cells = [measured, ours, peer, ratio, target, met ? 'met' : '**MISSED**'];
	return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** The load average of the last minute. */
export const loadAverage = () => loadavg()[0]!;
