/**
 * `npm run test:compat`: tries the packed package in real versions of n8n, or only in those named on the command line.
 * A run of all versions writes docs/compatibility.md. Exits with 1 when something doesn't work.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';
import { log } from '../progress.ts';
import type { Check } from './checks.ts';
import { installN8n, installOldNode, obstacleTo, type NodeRelease } from './install.ts';
import { page, type TestedN8n } from './page.ts';
import { testIn } from './run.ts';
import { N8N_VERSIONS } from './versions.ts';

const PAGE = join(repository, 'docs/compatibility.md');

function selectVersions(names: string[]): string[] {
	const unknown = names.filter((name) => !N8N_VERSIONS.includes(name));
	if (unknown.length > 0)
		throw new Error(`There is no ${unknown.join(', ')}. There are: ${N8N_VERSIONS.join(', ')}.`);
	return names.length === 0 ? N8N_VERSIONS : names;
}

async function testVersion(version: string, nodes: NodeRelease[]): Promise<TestedN8n> {
	const tested: TestedN8n = { version, runs: [] };
	let folder = '';
	let failure: string | null = null;
	try {
		folder = await installN8n(version, log);
	} catch (error) {
		failure = (error as Error).message;
	}
	const installation: Check = { name: 'Install n8n from npm', failure };
	for (const node of nodes) {
		const name = `n8n ${version} on Node ${node.version}`;
		const obstacle = failure === null ? obstacleTo(folder, node) : null;
		const checks = [installation];
		if (obstacle !== null) log(`${name}: SKIPPED, ${obstacle}`);
		else if (failure === null)
			checks.push(...(await testIn(folder, version, node, (line) => log(`${name}: ${line}`))));
		tested.runs.push({ node: node.version, obstacle, checks });
	}
	return tested;
}

async function main(names: string[]): Promise<void> {
	const versions = selectVersions(names);
	const ownNode = { version: process.versions.node, path: process.execPath };
	const nodes = [await installOldNode(log), ownNode];
	const tested: TestedN8n[] = [];
	for (const version of versions) tested.push(await testVersion(version, nodes));

	const failures = tested.flatMap(({ version, runs }) =>
		runs.flatMap(({ node, checks }) =>
			checks
				.filter(({ failure }) => failure !== null)
				.map(({ name, failure }) => `n8n ${version}, Node ${node}: ${name}: ${failure}`),
		),
	);
	for (const failure of failures) log(`FAILED  ${failure}`);
	const unused = tested.filter(({ runs }) => runs.every(({ obstacle }) => obstacle !== null));
	for (const { version } of unused) log(`FAILED  n8n ${version} runs on neither Node`);
	if (failures.length + unused.length > 0) process.exitCode = 1;

	if (versions === N8N_VERSIONS) {
		writeFileSync(PAGE, await page(tested, nodes));
		log(`written to ${PAGE}`);
	} else log(`${PAGE} is unchanged: only a run of all versions writes it`);
}

await main(process.argv.slice(2)).catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
// An n8n that broke off may have left sockets open.
process.exit();
