const { build } = require('esbuild');

/** What a file only loads later, by `import()`, stays a file of its own beside it. */
const loadedLater = {
	name: 'loaded later',
	setup({ onResolve }) {
		onResolve({ filter: /^\./ }, ({ path, kind }) =>
			kind === 'dynamic-import' ? { path: `${path}.js`, external: true } : null,
		);
	},
};

/**
 * Compiles TypeScript files, each with all that it imports and uses in one file: n8n loads every package when
 * it starts, and a hundred small files took it longer than all they said. The code stays readable.
 *
 * @param {string[]} files relative to this folder
 * @param {string} folder where they go, under the same names
 */
async function compile(files, folder) {
	await build({
		absWorkingDir: __dirname,
		entryPoints: files,
		outbase: '.',
		outdir: folder,
		bundle: true,
		packages: 'external',
		plugins: [loadedLater],
		platform: 'node',
		format: 'cjs',
		supported: { 'dynamic-import': false },
		target: 'node20',
		charset: 'utf8',
		logLevel: 'warning',
	});
}

module.exports = { compile };
