import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.ts';
import { repository } from './paths.ts';

/** The package.json of this package. */
export interface Manifest {
	name: string;
	version: string;
	author: { name: string; email: string };
	[field: string]: unknown;
}

/**
 * Packs this package as `npm publish` would and installs the tarball as n8n installs a community
 * package (n8n: community-packages.service, downloadPackage): unpacked into the nodes folder, without
 * dev, peer and optional dependencies, `npm install` with scripts off, an entry in the ledger. n8n
 * loads what it finds there when it starts.
 *
 * @param n8nData n8n's data folder, `<N8N_USER_FOLDER>/.n8n`
 * @param signal gives up
 * @returns the manifest of what was installed
 */
export async function installPackageTarball(
	n8nData: string,
	signal?: AbortSignal,
): Promise<Manifest> {
	const nodesFolder = join(n8nData, 'nodes');
	mkdirSync(nodesFolder, { recursive: true });
	const tarball = await pack(nodesFolder, signal);
	try {
		return await unpack(tarball, nodesFolder, signal);
	} finally {
		rmSync(tarball, { force: true });
	}
}

/**
 * Packs this package as `npm publish` would; it has to be built.
 *
 * @param into a folder
 * @returns the tarball
 */
export async function pack(into: string, signal?: AbortSignal): Promise<string> {
	const args = [
		'pack',
		'--json',
		'--ignore-scripts',
		'--loglevel=error',
		'--pack-destination',
		into,
	];
	const [packed] = JSON.parse(await npm(args, { cwd: repository, signal })) as Array<{
		filename: string;
	}>;
	if (!packed) throw new Error('npm pack made no tarball');
	return join(into, packed.filename);
}

async function unpack(
	tarball: string,
	nodesFolder: string,
	signal?: AbortSignal,
): Promise<Manifest> {
	const name = (readJson(join(repository, 'package.json')) as Manifest).name;
	const folder = join(nodesFolder, 'node_modules', name);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);

	const manifest = readJson(join(folder, 'package.json')) as Manifest;
	for (const field of ['devDependencies', 'peerDependencies', 'optionalDependencies']) {
		delete manifest[field];
	}
	writeJson(join(folder, 'package.json'), manifest);
	await npm(
		[
			'install',
			'--audit=false',
			'--fund=false',
			'--bin-links=false',
			'--install-strategy=shallow',
			'--ignore-scripts=true',
			'--package-lock=false',
			'--loglevel=error',
		],
		{ cwd: folder, signal },
	);
	enterInLedger(join(nodesFolder, 'package.json'), manifest);
	return manifest;
}

function enterInLedger(file: string, { name, version }: Manifest): void {
	const ledger = existsSync(file)
		? (readJson(file) as { dependencies: Record<string, string> })
		: { name: 'installed-nodes', private: true, dependencies: {} };
	writeJson(file, { ...ledger, dependencies: { ...ledger.dependencies, [name]: version } });
}

function readJson(file: string): unknown {
	return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(file: string, value: unknown): void {
	writeFileSync(file, JSON.stringify(value, null, 2));
}
