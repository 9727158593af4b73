const { spawn, spawnSync } = require('node:child_process');
const { existsSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { dest, parallel, series, src, watch } = require('gulp');
const { n8n, name } = require('./package.json');

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

/** What n8n loads, and what those files load once they run. */
async function compileShipped() {
	const { compile } = require('./compile.js');
	const sources = [...n8n.nodes, ...n8n.credentials].map((file) =>
		file.replace(/^dist\/(.+)\.js$/, '$1.ts'),
	);
	await compile([...sources, 'nodes/Agora/runtime.ts'], 'dist');
}

/** Icons and codex files: what n8n reads beside the compiled code. */
function copyAssets() {
	return src(['icons/*.svg', 'nodes/**/*.node.json'], { base: '.', encoding: false }).pipe(
		dest('dist'),
	);
}

async function scanPackage() {
	run('node', 'test/scan.mjs');
}

async function writeReference() {
	run('node', 'docs/generate/main.ts');
}

/** n8n watches what it has installed, and loads it anew. */
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

/** What has wrong types is shown all the same: tsc says so behind it. */
async function reportTypes() {
	await checkTypes().catch(({ message }) => console.error(message));
}

function watchSources() {
	watch(
		['nodes/**', 'credentials/**', 'icons/**'],
		series(parallel(compileShipped, copyAssets), refreshDemo, reportTypes),
	);
}

const build = series(node24, clean, parallel(checkTypes, compileShipped, copyAssets));

exports.node24 = node24;
exports.build = build;
exports.scan = series(build, scanPackage);
exports.dev = series(build, parallel(demo, watchSources));
exports.reference = series(build, writeReference);
exports.default = build;
