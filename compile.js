const { cpSync, mkdirSync, readdirSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { build } = require('esbuild');
const { n8n } = require('./package.json');

/** A module that is loaded by `import()` stays a separate file next to the one that loads it. */
const loadedLater = {
	name: 'loaded later',
	setup({ onResolve }) {
		onResolve({ filter: /^\./ }, ({ path, kind }) =>
			kind === 'dynamic-import' ? { path: `${path}.js`, external: true } : null,
		);
	},
};

const options = {
	absWorkingDir: __dirname,
	bundle: true,
	packages: 'external',
	plugins: [loadedLater],
	platform: 'node',
	format: 'cjs',
	supported: { 'dynamic-import': false },
	target: 'node20',
	charset: 'utf8',
	logLevel: 'warning',
};

/**
 * Compiles what n8n loads of the package, and what those files load when they run, into `dist`. Each file contains
 * everything it imports, minified: n8n loads every package when it starts, and a hundred small files are slow to load.
 *
 * @param {{ minify?: boolean }} [options] the tests keep the code readable
 */
async function compilePackage({ minify = true } = {}) {
	const sources = [...n8n.nodes, ...n8n.credentials].map((file) =>
		file.replace(/^dist\/(.+)\.js$/, '$1.ts'),
	);
	await build({
		...options,
		minify,
		entryPoints: [...sources, 'nodes/Agora/runtime.ts'],
		outbase: '.',
		outdir: 'dist',
	});
}

/** Copies the icons and codex files, which n8n reads beside the compiled code. */
function copyAssets() {
	const inFolder = (folder) =>
		readdirSync(join(__dirname, folder), { recursive: true }).map((file) => join(folder, file));
	const files = [...inFolder('icons'), ...inFolder('nodes')];
	for (const file of files.filter((name) => /\.(svg|node\.json)$/.test(name))) {
		const target = join(__dirname, 'dist', file);
		mkdirSync(dirname(target), { recursive: true });
		cpSync(join(__dirname, file), target);
	}
}

/**
 * Compiles and runs a module without writing a file.
 *
 * @param {string} source TypeScript; its imports are relative to this folder
 * @param {(code: string) => string} [change] receives the compiled code and returns the code to run
 * @returns {Promise<unknown>} what the module exports, a new instance each time
 */
async function loadModule(source, change = (code) => code) {
	const { outputFiles } = await build({
		...options,
		stdin: { contents: source, resolveDir: __dirname, loader: 'ts' },
		write: false,
	});
	const module = { exports: {} };
	const code = change(outputFiles[0].text);
	new Function('require', 'module', 'exports', code)(
		createRequire(__filename),
		module,
		module.exports,
	);
	return module.exports;
}

module.exports = { compilePackage, copyAssets, loadModule };
