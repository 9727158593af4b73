import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compilerSettings, npm, type Log } from '../../sandbox/n8n/install.ts';
import { OLD_NODE } from './versions.ts';

/** Kept between runs; Git ignores it. */
const INSTALLATIONS = join(import.meta.dirname, '.n8n');
/** Contains the package of the old Node. */
const OLD_NODE_PACKAGE = join(INSTALLATIONS, `node-${OLD_NODE}`, 'node_modules/node');
const OLD_NODE_PROGRAM = join(OLD_NODE_PACKAGE, 'bin/node');

/** A Node that runs n8n. */
export interface NodeRelease {
	/** Such as 20.20.2. */
	version: string;
	/** Path of the program. */
	path: string;
}

interface Installation {
	/** Below INSTALLATIONS. */
	name: string;
	manifest: { dependencies: Record<string, string>; overrides?: Record<string, string> };
	/** The only package whose install script runs. */
	built: string;
	log: Log;
}

/**
 * Installs a version of n8n from npm, unless it is installed already. Its SQLite driver runs on the old Node and newer,
 * so `installOldNode` must have run before.
 *
 * @returns the folder that contains `node_modules/n8n`
 * @throws Error when a step fails
 */
export async function installN8n(version: string, log: Log): Promise<string> {
	const folder = await install({
		name: `n8n-${version}`,
		manifest: {
			dependencies: { n8n: version },
			// n8n 1 asks for a file of another host than npm's registry. Only the node Spreadsheet File needs it.
			overrides: { xlsx: '0.18.5' },
		},
		built: 'sqlite3',
		log,
	});
	// Fails here rather than later, inside n8n.
	execFileSync(OLD_NODE_PROGRAM, ['-e', "require('sqlite3')"], { cwd: folder });
	return folder;
}

/** Installs the old Node from npm, unless it is installed already. */
export async function installOldNode(log: Log): Promise<NodeRelease> {
	const manifest = { dependencies: { node: OLD_NODE } };
	await install({ name: `node-${OLD_NODE}`, manifest, built: 'node', log });
	const path = OLD_NODE_PROGRAM;
	const version = execFileSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
	if (version !== OLD_NODE) throw new Error(`${path} is Node ${version} instead of ${OLD_NODE}`);
	return { version, path };
}

/** A stamp is written last, so that an interrupted installation is repeated. */
async function install({ name, manifest, built, log }: Installation): Promise<string> {
	const folder = join(INSTALLATIONS, name);
	const stampFile = join(folder, 'installed.json');
	const stamp = JSON.stringify(manifest);
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return folder;

	log(`installing ${name} (once, several minutes) …`);
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
	await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
	const args = ['rebuild', built, '--ignore-scripts=false'];
	await npm(args, { cwd: folder, env: compilerSettings(OLD_NODE_PACKAGE) });
	writeFileSync(stampFile, stamp);
	return folder;
}

/**
 * @param folder of an n8n
 * @returns which package doesn't support the Node; null if n8n runs on it
 */
export function obstacleTo(folder: string, { version }: NodeRelease): string | null {
	// n8n itself checks with this package when it starts.
	const semver = createRequire(manifestOf(folder, 'n8n'))('semver') as {
		satisfies(version: string, range: string): boolean;
	};
	// n8n 1.123.81 allows Node 20, but doesn't start there, as it can't load isolated-vm, which runs its expressions.
	for (const name of ['n8n', 'isolated-vm']) {
		const file = manifestOf(folder, name);
		if (!existsSync(file)) continue;
		const { engines } = JSON.parse(readFileSync(file, 'utf8')) as { engines?: { node?: string } };
		const required = engines?.node ?? '*';
		if (!semver.satisfies(version, required)) return `${name} requires Node ${required}`;
	}
	return null;
}

function manifestOf(folder: string, name: string): string {
	return join(folder, 'node_modules', name, 'package.json');
}
