import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { npm } from './install.ts';
import { repository } from './paths.ts';
import type { RestApi } from './restApi.ts';

/*
 * Installs this package in n8n as n8n itself installs a community package. n8n's own REST call can't do it, because
 * it only installs from npm's public registry; other registries need a license.
 */

/** The package.json of this package. */
export interface Manifest {
	name: string;
	version: string;
	author: { name: string; email: string };
}

/**
 * Packs this package, which must be built, as `npm publish` does.
 *
 * @returns the path of the tarball
 */
export async function packTarball(folder: string, signal?: AbortSignal): Promise<string> {
	const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
	const output = await npm(args, { cwd: repository, signal });
	const [packed] = JSON.parse(output) as [{ filename: string }];
	return join(folder, packed.filename);
}

/**
 * Packs this package and unpacks it to n8n's nodes folder, where n8n finds it at its next start (n8n:
 * community-packages.service, downloadPackage). There are no dependencies to install.
 *
 * @param n8nData n8n's data folder, `<N8N_USER_FOLDER>/.n8n`
 */
export async function installTarball(n8nData: string, signal?: AbortSignal): Promise<Manifest> {
	const nodesFolder = join(n8nData, 'nodes');
	const manifest = readJson(join(repository, 'package.json')) as Manifest;
	const folder = join(nodesFolder, 'node_modules', manifest.name);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const tarball = await packTarball(nodesFolder, signal);
	execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
	rmSync(tarball);
	addToInstalledNodes(join(nodesFolder, 'package.json'), manifest);
	return manifest;
}

/** Lists the package in the package.json of the nodes folder, which n8n checks for updates. */
function addToInstalledNodes(file: string, { name, version }: Manifest): void {
	const content = existsSync(file)
		? (readJson(file) as { dependencies: Record<string, string> })
		: { name: 'installed-nodes', private: true, dependencies: {} };
	const dependencies = { ...content.dependencies, [name]: version };
	writeFileSync(file, JSON.stringify({ ...content, dependencies }, null, 2));
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

interface NodeType {
	/** `<package>.<node>` */
	name: string;
	displayName: string;
	version: number | number[];
}

/**
 * Adds the package to n8n's database (n8n: installed-packages.repository), so that Settings → Community nodes lists
 * it. n8n must be running.
 *
 * @throws Error when n8n has loaded none of its nodes
 */
export async function registerPackage(
	n8nData: string,
	{ name, version, author }: Manifest,
	api: RestApi,
): Promise<void> {
	const nodes = (await api.nodeTypes<NodeType>()).filter(
		// n8n derives a tool for agents from each usable node; the package doesn't contain it.
		(node) => node.name.startsWith(`${name}.`) && !node.name.endsWith('Tool'),
	);
	if (nodes.length === 0) throw new Error(`n8n has not loaded ${name}`);

	const database = new DatabaseSync(join(n8nData, 'database.sqlite'), { timeout: 10_000 });
	const run = (sql: string, ...values: Array<string | number>) =>
		database.prepare(sql).run(...values);
	try {
		const now = new Date().toISOString().replace('T', ' ').replace('Z', '');
		run('begin immediate');
		run('delete from installed_nodes where package = ?', name);
		run('delete from installed_packages where packageName = ?', name);
		const row = [name, version, author.name, author.email, now, now];
		run('insert into installed_packages values (?, ?, ?, ?, ?, ?)', ...row);
		for (const node of nodes) {
			run(
				'insert into installed_nodes (name, type, latestVersion, package) values (?, ?, ?, ?)',
				...[node.displayName, node.name, Math.max(...[node.version].flat()), name],
			);
		}
		run('commit');
	} finally {
		database.close();
	}
}
