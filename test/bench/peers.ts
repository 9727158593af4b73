import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, type Log } from '../../sandbox/n8n/install.ts';
import { repository } from '../../sandbox/n8n/paths.ts';

/** n8n's own nodes are installed in this folder, as only the benchmarks need them. */
export const peersFolder = join(import.meta.dirname, 'peers');

/** Installs them once. */
export async function installPeers(log: Log): Promise<void> {
	await installPackages({
		folder: peersFolder,
		name: "n8n's own nodes",
		size: '0.8 GB on disk, about a minute',
		log,
		finish: async () => shareWithEngine(),
	});
}

/** As in n8n, its nodes then use the same n8n-workflow and similar packages as the engine. */
function shareWithEngine(): void {
	for (const name of ['n8n-workflow', 'luxon', ...scoped('@n8n')]) {
		const [theirs, ours] = [peersFolder, repository].map((folder) => versionOf(folder, name));
		if (theirs === ours) rmSync(join(peersFolder, 'node_modules', name), { recursive: true });
	}
}

const scoped = (scope: string) =>
	readdirSync(join(peersFolder, 'node_modules', scope)).map((name) => `${scope}/${name}`);

export function versionOf(folder: string, name: string): string | undefined {
	const file = join(folder, 'node_modules', name, 'package.json');
	if (!existsSync(file)) return undefined;
	return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
