import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';

/**
 * Loads one module of the nodes by itself, compiled as it is for the package.
 *
 * @param file below `nodes/Agora`, without its ending; give its type as `typeof import('…')`
 * @param change is given the compiled code and returns what is loaded instead
 */
export async function loadSource<Module>(
	file: string,
	change = (code: string) => code,
): Promise<Module> {
	const load = createRequire(import.meta.url);
	const { compile } = load(join(repository, 'compile.js')) as {
		compile(files: string[], folder: string): Promise<void>;
	};
	// Inside the repository, where what it imports is found.
	const folder = mkdtempSync(join(repository, 'node_modules/.reliability-'));
	try {
		await compile([`nodes/Agora/${file}.ts`], folder);
		const compiled = join(folder, `nodes/Agora/${file}.js`);
		writeFileSync(compiled, change(readFileSync(compiled, 'utf8')));
		return load(compiled) as Module;
	} finally {
		rmSync(folder, { recursive: true });
	}
}
