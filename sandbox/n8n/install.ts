import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from './log.ts';
import { npm } from './npm.ts';
import { n8nFolder, repository } from './paths.ts';

const modules = join(n8nFolder, 'node_modules');
const stampFile = join(modules, '.installed-from');
const SECONDS_BETWEEN_NEWS = 15;

/**
 * Puts n8n into sandbox/n8n/node_modules, once: later calls find the stamp and return at once. The
 * stamp is written last, so a half-finished install, another lockfile or another Node start afresh.
 *
 * @param log takes one line of progress at a time
 * @param signal gives up
 * @throws Error naming the step and npm's own last words
 */
export async function installN8n(log: Log, signal?: AbortSignal): Promise<void> {
	const wanted = stamp();
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;

	log('Installing n8n into sandbox/n8n: once, 2.6 GB on disk, about five minutes.');
	const started = Date.now();
	const step = async (what: string, progress: () => string, args: string[]) => {
		const stepStarted = Date.now();
		log(`${what} …`);
		const news = setInterval(() => {
			log(`${what} … ${secondsSince(stepStarted)} s${progress()}`);
		}, SECONDS_BETWEEN_NEWS * 1000);
		try {
			await npm(args, { cwd: n8nFolder, env: compiler(), signal });
		} finally {
			clearInterval(news);
		}
		log(`${what}: done in ${secondsSince(stepStarted)} s`);
	};

	rmSync(stampFile, { force: true });
	await step('n8n, 1 of 2: downloading and unpacking', packagesSoFar, [
		'ci',
		'--ignore-scripts',
		'--no-audit',
		'--no-fund',
		'--loglevel=error',
	]);
	// SQLite's driver is the one dependency that has to be built. Where its ready-made binary cannot be
	// downloaded it is compiled: python3, make and a C++ compiler are all that takes.
	await step("n8n, 2 of 2: building SQLite's driver", () => '', [
		'rebuild',
		'sqlite3',
		'--ignore-scripts=false',
		'--loglevel=error',
	]);
	loadSqlite();
	writeFileSync(stampFile, wanted);
	log(`n8n is installed (${secondsSince(started)} s).`);
}

/** What an install depends on: the lockfile, and the machine's kind. */
function stamp(): string {
	const lockfile = readFileSync(join(n8nFolder, 'package-lock.json'));
	const digest = createHash('sha256').update(lockfile).digest('hex');
	return `${digest} ${process.platform}-${process.arch}\n`;
}

function packagesSoFar(): string {
	try {
		const folders = readdirSync(modules).flatMap((name) =>
			name.startsWith('@')
				? readdirSync(join(modules, name)).map((part) => join(name, part))
				: [name],
		);
		// npm makes all folders first and fills them one by one.
		const filled = folders.filter((name) => existsSync(join(modules, name, 'package.json')));
		return `, ${filled.length} of ${folders.length} packages`;
	} catch {
		// npm moves folders about while it works: no news is no matter.
		return '';
	}
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

function secondsSince(start: number): number {
	return Math.round((Date.now() - start) / 1000);
}
