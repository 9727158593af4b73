import prettier from 'prettier';
import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';
import { commit, machine } from '../machine.ts';
import type { Check } from './checks.ts';
import type { NodeRelease } from './install.ts';

/** A version of n8n, and its checks on each Node. */
export interface TestedN8n {
	version: string;
	runs: TestedNode[];
}

interface TestedNode {
	/** Its version. */
	node: string;
	/** Why this n8n doesn't run on it; null if it does. */
	obstacle: string | null;
	checks: Check[];
}

/**
 * @param tested all versions, oldest first
 * @returns docs/compatibility.md
 */
export async function page(tested: TestedN8n[], nodes: NodeRelease[]): Promise<string> {
	const date = new Date().toISOString().slice(0, 10);
	const text = [
		'# Compatibility',
		'',
		`\`npm run test:compat\` writes this page. It installs each version of n8n from npm, puts the packed package into its folder for community nodes, and runs it against the [sandbox](../sandbox/README.md) through n8n's own command line, REST API, webhooks and polling. Every operation runs with the parameters of its example in the [reference](reference.md), and its result must have the fields of that example. Credentials are tested with the right secret and with a wrong one. An execution is stopped while Start waits for the recording; the time is how long the node went on.`,
		'',
		`- Date: ${date}, commit ${commit()}`,
		`- Machine: ${machine()}`,
		'',
		...overview(tested, nodes),
		...tested.flatMap(section),
		'',
	].join('\n');
	const options = await prettier.resolveConfig(join(repository, 'docs/compatibility.md'));
	return await prettier.format(text, { ...options, parser: 'markdown' });
}

function overview(tested: TestedN8n[], nodes: NodeRelease[]): string[] {
	const cell = ({ runs }: TestedN8n, { version }: NodeRelease) => {
		const run = runs.find(({ node }) => node === version)!;
		if (run.obstacle !== null) return `not run: ${run.obstacle}`;
		const works = run.checks.filter(({ failure }) => failure === null).length;
		return works === run.checks.length
			? `all ${works} work`
			: `**${works} of ${run.checks.length} work**`;
	};
	return [
		...tableHead(['n8n', ...nodes.map(({ version }) => `Node ${version}`)]),
		...tested.map((each) => row([each.version, ...nodes.map((node) => cell(each, node))])),
	];
}

function section({ version, runs: all }: TestedN8n): string[] {
	const runs = all.filter(({ obstacle }) => obstacle === null);
	const names = [...new Set(runs.flatMap(({ checks }) => checks.map(({ name }) => name)))];
	const failures = runs.flatMap(({ node, checks }) =>
		checks
			.filter(({ failure }) => failure !== null)
			.map(({ name, failure }) => `- Node ${node}, ${name}: \`${failure}\``),
	);
	return [
		'',
		`## n8n ${version}`,
		'',
		...tableHead(['', ...runs.map(({ node }) => `Node ${node}`)]),
		...names.map((name) => {
			const checks = runs.map((run) => run.checks.find((each) => each.name === name));
			return row([name, ...checks.map(outcomeOf)]);
		}),
		...(failures.length > 0 ? ['', ...failures] : []),
	];
}

function outcomeOf(check: Check | undefined): string {
	if (check === undefined) return '**not run**';
	if (check.failure !== null) return '**fails**';
	return check.figure === undefined ? 'works' : `works, ${check.figure}`;
}

function tableHead(cells: string[]): string[] {
	return [row(cells), row(cells.map(() => '---'))];
}

function row(cells: string[]): string {
	return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
