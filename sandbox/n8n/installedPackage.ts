import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Manifest } from './packageTarball.ts';
import type { RestApi } from './restApi.ts';

interface NodeType {
	/** `<package>.<node>` */
	name: string;
	displayName: string;
	version: number | number[];
}

/**
 * Notes the package in n8n's database, the last step of an install by n8n itself (n8n:
 * installed-packages.repository), so that Settings → Community nodes lists it. n8n may be running.
 *
 * @param n8nData n8n's data folder, `<N8N_USER_FOLDER>/.n8n`
 * @param api tells which of the package's nodes n8n has loaded
 * @throws Error when n8n has loaded none
 */
export async function noteInstalledPackage(
	n8nData: string,
	{ name, version, author }: Manifest,
	api: RestApi,
): Promise<void> {
	const all = await api.nodeTypes<NodeType>();
	const nodes = all.filter(
		// n8n derives a tool for agents from each usable node: the package does not have it.
		(node) => node.name.startsWith(`${name}.`) && !node.name.endsWith('Tool'),
	);
	if (nodes.length === 0) throw new Error(`n8n has not loaded ${name}`);

	const database = new DatabaseSync(join(n8nData, 'database.sqlite'), { timeout: 10_000 });
	try {
		const now = new Date().toISOString().replace('T', ' ').replace('Z', '');
		database.exec('begin immediate');
		database.prepare('delete from installed_nodes where package = ?').run(name);
		database.prepare('delete from installed_packages where packageName = ?').run(name);
		database
			.prepare('insert into installed_packages values (?, ?, ?, ?, ?, ?)')
			.run(name, version, author.name, author.email, now, now);
		const addNode = database.prepare(
			'insert into installed_nodes (name, type, latestVersion, package) values (?, ?, ?, ?)',
		);
		for (const node of nodes) {
			addNode.run(node.displayName, node.name, Math.max(...[node.version].flat()), name);
		}
		database.exec('commit');
	} finally {
		database.close();
	}
}
