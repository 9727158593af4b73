import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';

/**
 * Loads a new instance of one module of the nodes, compiled as for the package.
 *
 * @param file below `nodes/Agora`, without its extension; pass its type as `typeof import('…')`
 * @param change receives the compiled code and returns the code to load
 */
export async function loadSource<Module>(
	file: string,
	change = (code: string) => code,
): Promise<Module> {
	const load = createRequire(import.meta.url);
	const { compile } = load(join(repository, 'compile.js')) as {
		compile(files: string[], folder: string): Promise<void>;
	};
	// Inside the repository, where its imports are found.
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
