import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { EXAMPLES } from '../../../docs/generate/examples.ts';
import { PAGE } from '../../../docs/generate/paths.ts';
import { eventually, startSandboxedEngine, type SandboxedEngine } from '../sandboxedEngine.ts';

const GENERATOR = join(__dirname, '../../../docs/generate/main.ts');

it('is what the nodes tell n8n; `npx gulp reference` writes it anew', () => {
	const file = join(mkdtempSync(join(tmpdir(), 'reference-')), 'reference.md');
	// In a process of its own: prettier cannot be loaded in jest.
	execFileSync(process.execPath, [GENERATOR, file]);
	expect(readFileSync(PAGE, 'utf8')).toBe(readFileSync(file, 'utf8'));
});

describe('examples', () => {
	let set: SandboxedEngine;
	beforeEach(async () => (set = await startSandboxedEngine()));
	afterEach(async () => await set.stop());

	const run = async (operation: string, parameters: IDataObject) => {
		const [resource, name] = operation.split('.');
		return (await set.engine.run({ resource, operation: name, ...parameters })).json;
	};
	const example = (operation: string) => EXAMPLES[operation]!.parameters as IDataObject;
	const startOne = async () => await run('recording.start', example('recording.start'));
	const completeOne = async () => {
		await startOne();
		await eventually(
			async () => (await run('recording.get', example('recording.get')))[0]?.status,
			(status) => status === 'completed',
		);
	};
	const before: Record<string, () => Promise<unknown>> = {
		'recording.get': completeOne,
		'recording.getAll': completeOne,
		'recording.download': completeOne,
		'recording.stop': startOne,
		'recording.update': startOne,
		'recording.updateLayout': startOne,
	};

	it.each(Object.keys(EXAMPLES).filter((name) => name !== 'trigger'))('%s', async (operation) => {
		await before[operation]?.();
		const [item] = await run(operation, example(operation));
		expect(shapeOf(item)).toEqual(shapeOf(EXAMPLES[operation]!.result));
	});

	it('trigger', async () => {
		const options = { credentials: { agoraStorageApi: 'default' } };
		const { poll } = set.engine.trigger(example('trigger'), options);
		await poll();
		await completeOne();
		const [item] = (await poll())!;
		expect(shapeOf(item)).toEqual(shapeOf(EXAMPLES.trigger!.result));
	});
});

/** Names and types of all fields; of a list, those of its first entry. */
function shapeOf(value: unknown): unknown {
	if (Array.isArray(value)) return [shapeOf(value[0])];
	if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
	return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]));
}
