import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from './log.ts';
import { npm } from './npm.ts';

const SECONDS_BETWEEN_NEWS = 15;

interface Installation {
	/** Holds package.json and package-lock.json. */
	folder: string;
	/** What it installs, for a person. */
	what: string;
	/** How much and how long that is, for a person. */
	size: string;
	/** Takes one line of progress at a time. */
	log: Log;
	/** Does what is left to do; `step` runs npm once more, telling how long it takes. */
	finish: (step: (what: string, args: string[]) => Promise<void>) => Promise<void>;
	/** Added to npm's environment. */
	env?: Record<string, string>;
	/** Gives up. */
	signal?: AbortSignal;
}

/**
 * Puts the packages of a lockfile into `node_modules` beside it, once: later calls find the stamp and return at
 * once. The stamp is written last, so a half-finished install, another lockfile or another Node start afresh.
 *
 * @throws Error naming the step and npm's own last words
 */
export async function installPackages(installation: Installation): Promise<void> {
	const { folder, what, size, log, finish, env, signal } = installation;
	const modules = join(folder, 'node_modules');
	const stampFile = join(modules, '.installed-from');
	const wanted = stamp(folder);
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;

	log(`Installing ${what}: once, ${size}.`);
	const started = Date.now();
	const step = async (name: string, args: string[], progress = () => '') => {
		const stepStarted = Date.now();
		log(`${name} …`);
		const news = setInterval(() => {
			log(`${name} … ${secondsSince(stepStarted)} s${progress()}`);
		}, SECONDS_BETWEEN_NEWS * 1000);
		try {
			await npm([...args, '--loglevel=error'], { cwd: folder, env, signal });
		} finally {
			clearInterval(news);
		}
		log(`${name}: done in ${secondsSince(stepStarted)} s`);
	};

	rmSync(stampFile, { force: true });
	const clean = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
	await step(`${what}: downloading and unpacking`, clean, () => packagesSoFar(modules));
	await finish(step);
	writeFileSync(stampFile, wanted);
	log(`Installed: ${what} (${secondsSince(started)} s).`);
}

/** What an install depends on: the lockfile, and the machine's kind. */
function stamp(folder: string): string {
	const lockfile = readFileSync(join(folder, 'package-lock.json'));
	const digest = createHash('sha256').update(lockfile).digest('hex');
	return `${digest} ${process.platform}-${process.arch}\n`;
}

function packagesSoFar(modules: string): string {
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

function secondsSince(start: number): number {
	return Math.round((Date.now() - start) / 1000);
}
