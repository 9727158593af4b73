/**
 * n8n's package scan, on this machine: the source as n8n reads it from the repository, then the packed
 * and unpacked tarball as it reads it from the registry. Warnings count as findings, inline disables do not.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import {
	SOURCE_FILE_PATTERNS,
	buildScanConfig,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

const root = join(import.meta.dirname, '..');
const MAX_TARBALL_BYTES = 120_000;

async function scan(folder, patterns) {
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await buildScanConfig(),
	});
	const files = patterns.flatMap((pattern) =>
		globSync(pattern, { cwd: folder, exclude: (name) => name === 'node_modules' }),
	);
	if (files.length === 0) throw new Error(`nothing to scan in ${folder}`);
	const results = await eslint.lintFiles(files);
	const errors = results.reduce((sum, { errorCount }) => sum + errorCount, 0);
	const warnings = results.reduce((sum, { warningCount }) => sum + warningCount, 0);
	if (errors + warnings > 0)
		console.log(await (await eslint.loadFormatter('stylish')).format(results));
	return { files: files.length, errors, warnings };
}

function packAndUnpack(folder) {
	const [{ filename }] = JSON.parse(
		execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
			cwd: root,
			encoding: 'utf8',
		}),
	);
	const tarball = join(folder, filename);
	execFileSync('tar', ['-xzf', tarball, '-C', folder]);
	return { tarball, unpacked: join(folder, 'package') };
}

/** What must never be in the tarball: tests, maps, build info, runtime dependencies, weight. */
function checkTarball({ tarball, unpacked }) {
	const problems = [];
	const size = statSync(tarball).size;
	if (size >= MAX_TARBALL_BYTES) problems.push(`the tarball weighs ${size} bytes`);
	for (const file of globSync('**/*', { cwd: unpacked })) {
		if (/\.test\.|\.map$|tsbuildinfo|\.d\.ts$|(^|\/)test\//.test(file))
			problems.push(`${file} is in the tarball`);
	}
	const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
	if (manifest.dependencies) problems.push('package.json has dependencies');
	return { size, problems };
}

const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-scan-'));
try {
	const source = await scan(root, SOURCE_FILE_PATTERNS);
	const packed = packAndUnpack(folder);
	const dist = await scan(packed.unpacked, ['**/*.js', 'package.json']);
	const { size, problems } = checkTarball(packed);
	for (const [leg, { files, errors, warnings }] of Object.entries({ source, tarball: dist })) {
		console.log(`scan of the ${leg}: ${files} files, ${errors} errors, ${warnings} warnings`);
	}
	console.log(`tarball: ${size} bytes`);
	for (const problem of problems) console.log(`tarball: ${problem}`);
	const findings = source.errors + source.warnings + dist.errors + dist.warnings + problems.length;
	if (findings > 0) process.exitCode = 1;
} finally {
	rmSync(folder, { recursive: true, force: true });
}
