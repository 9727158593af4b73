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

/** Calls that are over after a while, and calls that go on. */
const SHORT = { speed: 20, callSeconds: 8, startSeconds: 1, exitSeconds: 1 };
const LONG = { ...SHORT, callSeconds: 600 };

describe('examples', () => {
	let set: SandboxedEngine;
	afterEach(async () => await set.stop());

	const run = async (operation: string, parameters: IDataObject) => {
		const [resource, name] = operation.split('.');
		return (await set.engine.run({ resource, operation: name, ...parameters })).json;
	};
	const example = (operation: string) => EXAMPLES[operation]!.parameters as IDataObject;
	const recordUntil = async (willDo: (recording: IDataObject) => boolean) => {
		await run('recording.start', example('recording.start'));
		await eventually(
			async () => (await run('recording.get', example('recording.get')))[0],
			(recording) => recording !== undefined && willDo(recording),
		);
	};
	const complete = async () => await recordUntil(({ status }) => status === 'completed');
	const beginOne = async () => await recordUntil(({ segment_count: slices }) => Number(slices) > 0);

	const ended = ['recording.get', 'recording.getAll', 'recording.download'];
	const running = ['recording.stop', 'recording.update', 'recording.updateLayout'];
	const alone = Object.keys(EXAMPLES).filter(
		(name) => ![...ended, ...running, 'trigger'].includes(name),
	);
	const hasTheShape = async (operation: string) => {
		const [item] = await run(operation, example(operation));
		expect(shapeOf(item)).toEqual(shapeOf(EXAMPLES[operation]!.result));
	};

	it.each(alone)('%s', async (operation) => {
		set = await startSandboxedEngine();
		await hasTheShape(operation);
	});

	it.each(ended)('%s', async (operation) => {
		set = await startSandboxedEngine({ pace: SHORT });
		await complete();
		await hasTheShape(operation);
	});

	it.each(running)('%s', async (operation) => {
		set = await startSandboxedEngine({ pace: LONG });
		await beginOne();
		await hasTheShape(operation);
	});

	it('trigger', async () => {
		set = await startSandboxedEngine({ pace: SHORT });
		const options = { credentials: { agoraStorageApi: 'default' } };
		const { poll } = set.engine.trigger(example('trigger'), options);
		await poll();
		await complete();
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
