import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { n8nFolder, repository } from './paths.ts';

/** Receives one line of progress at a time. */
export type Log = (line: string) => void;

/**
 * Installs n8n to sandbox/n8n/node_modules, unless it is installed already.
 *
 * @throws Error when a step fails or `signal` aborts
 */
export async function installN8n(log: Log, signal?: AbortSignal): Promise<void> {
	await installPackages({
		folder: n8nFolder,
		name: 'n8n',
		size: '2.6 GB on disk, about five minutes',
		log,
		signal,
		async finish() {
			log("Building SQLite's driver …");
			const args = ['rebuild', 'sqlite3', '--ignore-scripts=false'];
			await npm(args, { cwd: n8nFolder, env: compilerSettings(), signal });
			// Fails here rather than later, inside n8n.
			execFileSync(process.execPath, ['-e', "require('sqlite3')"], { cwd: n8nFolder });
		},
	});
}

/**
 * Settings for node-gyp, which compiles the driver if no binary can be downloaded: the C headers of the given Node, if
 * it has them, so that they are not downloaded, and little optimization, which halves the build time.
 *
 * @param node folder of a package `node`, by default the project's own. Newer Nodes load what is compiled for it.
 */
export function compilerSettings(
	node = join(repository, 'node_modules/node'),
): Record<string, string> {
	const folder = join(node, `node_modules/node-${process.platform}-${process.arch}`);
	const hasHeaders = existsSync(join(folder, 'include/node/node_api.h'));
	return { CFLAGS: '-O1 -w', CXXFLAGS: '-O1', ...(hasHeaders && { npm_config_nodedir: folder }) };
}

interface Installation {
	/** Contains package.json and package-lock.json. */
	folder: string;
	/** What is installed and how much it is, for the log. */
	name: string;
	size: string;
	log: Log;
	/** Runs after `npm ci`. */
	finish: () => Promise<void>;
	signal?: AbortSignal;
}

/**
 * Installs the packages of a lockfile, unless they are installed already. A stamp with the lockfile's digest is
 * written last, so that an interrupted or outdated installation is repeated.
 *
 * @throws Error when a step fails or `signal` aborts
 */
export async function installPackages(installation: Installation): Promise<void> {
	const { folder, name, size, log, finish, signal } = installation;
	const lockfile = readFileSync(join(folder, 'package-lock.json'));
	const digest = createHash('sha256').update(lockfile).digest('hex');
	const stamp = `${digest} ${process.platform}-${process.arch}\n`;
	const stampFile = join(folder, 'node_modules', '.installed-from');
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;

	log(`Installing ${name} (once, ${size}) …`);
	rmSync(stampFile, { force: true });
	await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, signal });
	await finish();
	writeFileSync(stampFile, stamp);
	log(`${name} is installed.`);
}

const onWindows = process.platform === 'win32';

/**
 * Runs the machine's npm and returns its output. Its progress and errors appear on stderr.
 *
 * @param args the command line without `npm`
 * @param options.env added to this process's environment
 * @throws Error when npm fails or `signal` aborts
 */
export async function npm(
	args: string[],
	options: { cwd: string; env?: Record<string, string>; signal?: AbortSignal },
): Promise<string> {
	options.signal?.throwIfAborted();
	const child = spawn('npm', [...args, '--loglevel=error'], {
		...options,
		env: { ...process.env, ...options.env },
		stdio: ['ignore', 'pipe', 'inherit'],
		shell: onWindows,
	});
	const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
	if (status !== 0) throw new Error(`npm ${args.join(' ')} failed with code ${status}`);
	return output;
}
