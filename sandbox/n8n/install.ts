import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './installPackages.ts';
import type { Log } from './log.ts';
import { n8nFolder, repository } from './paths.ts';

/**
 * Puts n8n into sandbox/n8n/node_modules, once: later calls return at once.
 *
 * @param log takes one line of progress at a time
 * @param signal gives up
 * @throws Error naming the step and npm's own last words
 */
export async function installN8n(log: Log, signal?: AbortSignal): Promise<void> {
	await installPackages({
		folder: n8nFolder,
		what: 'n8n',
		size: '2.6 GB on disk, about five minutes',
		log,
		// SQLite's driver is the one dependency that has to be built. Where its ready-made binary cannot be
		// downloaded it is compiled: python3, make and a C++ compiler are all that takes.
		async finish(step) {
			await step("n8n: building SQLite's driver", ['rebuild', 'sqlite3', '--ignore-scripts=false']);
			loadSqlite();
		},
		env: compiler(),
		signal,
	});
}

/**
 * Settings for node-gyp: the C headers that come with the project's own Node, so that it downloads
 * none (without them it looks where it always looks), and light optimisation, which takes half the
 * time and is fast enough for a demo.
 */
function compiler(): Record<string, string> {
	const node = join(repository, 'node_modules/node/node_modules');
	const folder = join(node, `node-${process.platform}-${process.arch}`);
	const found = existsSync(join(folder, 'include/node/node_api.h'));
	return { CFLAGS: '-O1 -w', CXXFLAGS: '-O1', ...(found && { npm_config_nodedir: folder }) };
}

/** Fails here, with a clear message, rather than later inside n8n. */
function loadSqlite(): void {
	const { status, stderr } = spawnSync(process.execPath, ['-e', "require('sqlite3')"], {
		cwd: n8nFolder,
		encoding: 'utf8',
	});
	if (status !== 0) throw new Error(`SQLite's driver was built but does not load:\n${stderr}`);
}
