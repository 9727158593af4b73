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
	change?: (code: string) => string,
): Promise<Module> {
	const { loadModule } = createRequire(import.meta.url)(join(repository, 'compile.js')) as {
		loadModule(source: string, change?: (code: string) => string): Promise<unknown>;
	};
	return (await loadModule(`export * from './nodes/Agora/${file}';`, change)) as Module;
}
