import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as resources from '../../nodes/Agora/resources/index.ts';
import type {
	Example,
	OperationDescription,
	ResourceDescription,
} from '../../nodes/Agora/resources/shared/operation.ts';
import { repository } from '../../sandbox/n8n/paths.ts';

export type { Example };

/** An operation of the node, as its own file describes it. */
export interface Operation extends OperationDescription {
	resource: ResourceDescription;
	example: Example;
}

interface OperationFile {
	description: OperationDescription;
	example(): Example;
}

const RESOURCES = 'nodes/Agora/resources';
const TRIGGER = 'nodes/Agora/trigger/fields';

/**
 * Loads all operations from their files. The documentation and every test that runs each of them start from it.
 *
 * @returns the operations in the order of the editor, and the example of the trigger
 * @throws Error when an operation's file has no example
 */
export async function loadOperations(): Promise<{ operations: Operation[]; trigger: Example }> {
	const { loadModule } = createRequire(import.meta.url)(join(repository, 'compile.js')) as {
		loadModule(source: string): Promise<unknown>;
	};
	const files = operationFiles();
	const source = [
		`export { descriptions } from './${RESOURCES}';`,
		`export { example as trigger } from './${TRIGGER}';`,
		...files.map((file, index) => `import * as file${index} from './${file}';`),
		`export const files = [${files.map((_, index) => `file${index}`).join(', ')}];`,
	].join('\n');
	const loaded = (await loadModule(source)) as {
		descriptions: typeof resources.descriptions;
		trigger(): Example;
		files: OperationFile[];
	};
	const operations = loaded.descriptions().flatMap((resource) =>
		resource.operations.map((operation) => {
			const file = loaded.files.find(({ description }) => description === operation);
			if (file) return { ...operation, resource, example: file.example() };
			throw new Error(`${resource.name}: ${operation.name} has no example`);
		}),
	);
	return { operations, trigger: loaded.trigger() };
}

/** @returns the files with an operation, without their ending */
function operationFiles(): string[] {
	return readdirSync(join(repository, RESOURCES), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.ts'))
		.map((file) => `${RESOURCES}/${file}`)
		.filter((file) => /^export const example\b/m.test(readFileSync(join(repository, file), 'utf8')))
		.map((file) => file.replace(/\.ts$/, ''));
}
