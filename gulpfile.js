const { spawn, spawnSync } = require('node:child_process');
const { existsSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { dest, parallel, series, src, watch } = require('gulp');
const { name } = require('./package.json');

const bin = join(__dirname, 'node_modules', '.bin');
const onWindows = process.platform === 'win32';

/** Runs a command of this project, on the project's own Node once it is there. */
function run(command, ...args) {
	const PATH = [bin, process.env.PATH].join(onWindows ? ';' : ':');
	const { status, error } = spawnSync(command, args, {
		cwd: __dirname,
		env: { ...process.env, PATH },
		stdio: 'inherit',
		shell: onWindows,
	});
	if (error) throw error;
	if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

/**
 * n8n needs Node 24, a machine may have less: the `node` package brings it. Install scripts are off
 * (.npmrc), so the one it needs is run here, once.
 */
async function node24() {
	if (existsSync(join(bin, onWindows ? 'node.cmd' : 'node'))) return;
	console.log('Setting up Node 24 for this project (once, about ten seconds) …');
	run('npm', 'rebuild', 'node', '--ignore-scripts=false', '--loglevel=error');
}

async function clean() {
	rmSync(join(__dirname, 'dist'), { recursive: true, force: true });
}

async function checkTypes() {
	run('tsc', '-p', 'tsconfig.json');
}

// Required when they run: esbuild is not there before `npm ci`.
const compilePackage = async () => await require('./compile.js').compilePackage();
const copyAssets = async () => require('./compile.js').copyAssets();

async function scanPackage() {
	run('node', 'test/scan.mjs');
}

/** Writes the generated pages: the reference, the README's table of operations, and the search words of n8n. */
async function writeDocs() {
	run('node', 'docs/generate/main.ts');
}

/** n8n watches what it has installed, and reloads it. */
function refreshDemo() {
	return src('dist/**', { encoding: false }).pipe(
		dest(join('.demo', '.n8n', 'nodes', 'node_modules', name, 'dist')),
	);
}

/** The demo, with an n8n that loads a changed node while it runs. */
function demo() {
	return spawn(join(bin, 'node'), ['sandbox/n8n/start.ts', '--reload'], {
		cwd: __dirname,
		stdio: 'inherit',
		shell: onWindows,
	});
}

/** A type error does not stop the demo; tsc reports it. */
async function reportTypes() {
	await checkTypes().catch(({ message }) => console.error(message));
}

function watchSources() {
	watch(
		['nodes/**', 'credentials/**', 'icons/**'],
		series(parallel(compilePackage, copyAssets), refreshDemo, reportTypes),
	);
}

const build = series(node24, clean, parallel(checkTypes, compilePackage, copyAssets));

exports.node24 = node24;
exports.build = build;
exports.scan = series(build, scanPackage);
exports.dev = series(build, parallel(demo, watchSources));
exports.docs = series(build, writeDocs);
exports.default = build;
