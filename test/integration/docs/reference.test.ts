import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { loadOperations, type Example, type Operation } from '../../../docs/generate/operations.ts';
import { shapeOf } from '../../shape.ts';
import { eventually, startSandboxedEngine, type SandboxedEngine } from '../sandboxedEngine.ts';

const GENERATOR = join(__dirname, '../../../docs/generate/main.ts');

it('the generated pages are up to date', () => {
	// In a separate process: Jest cannot load prettier.
	expect(() =>
		execFileSync(process.execPath, [GENERATOR, '--check'], {
			stdio: ['ignore', 'inherit', 'pipe'],
		}),
	).not.toThrow();
});

/** Calls that end after a while, and calls that go on. */
const SHORT = { speed: 20, callSeconds: 8, startSeconds: 1, exitSeconds: 1 };
const LONG = { ...SHORT, callSeconds: 600 };

describe('examples', () => {
	let operations: Operation[];
	let trigger: Example;
	let set: SandboxedEngine | undefined;
	const stop = async () => {
		await set?.stop();
		set = undefined;
	};
	beforeAll(async () => ({ operations, trigger } = await loadOperations()));
	afterEach(stop);

	const find = (resource: string, value: string) =>
		operations.find((each) => each.resource.value === resource && each.value === value)!;
	const run = async ({ resource, value, example }: Operation) => {
		const parameters = { resource: resource.value, operation: value, ...example.parameters };
		return (await set!.engine.run(parameters)).json;
	};
	const recordUntil = async (isThere: (recording: IDataObject) => boolean) => {
		await run(find('recording', 'start'));
		await eventually(
			async () => (await run(find('recording', 'get')))[0],
			(recording) => recording !== undefined && isThere(recording),
		);
	};
	/** Starts a sandbox with what the example needs. */
	const prepare = async ({ needs }: Example) => {
		set = await startSandboxedEngine(
			needs === undefined ? {} : { pace: needs === 'endedRecording' ? SHORT : LONG },
		);
		if (needs === 'endedRecording') await recordUntil(({ status }) => status === 'completed');
		if (needs === 'runningRecording') {
			await recordUntil(({ segment_count: segments }) => Number(segments) > 0);
		}
	};

	/** Operations that need the same share a sandbox; those that end what the others need run last. */
	it('of every operation', async () => {
		expect(operations.length).toBeGreaterThan(15);
		const ending = ({ value }: Operation) => Number(value === 'stop' || value === 'delete');
		const byNeeds = Map.groupBy(operations, ({ example }) => example.needs);
		for (const group of byNeeds.values()) {
			await prepare(group[0]!.example);
			for (const operation of group.toSorted((a, b) => ending(a) - ending(b))) {
				const [item] = await run(operation);
				const name = `${operation.resource.name}: ${operation.name}`;
				expect([name, shapeOf(item)]).toEqual([name, shapeOf(operation.example.result)]);
			}
			await stop();
		}
	}, 120_000);

	it('of the trigger', async () => {
		set = await startSandboxedEngine({ pace: SHORT });
		const { poll } = set.engine.trigger(trigger.parameters, {
			credentials: { agoraStorageApi: 'default' },
		});
		await poll();
		await recordUntil(({ status }) => status === 'completed');
		const [item] = (await poll())!;
		expect(shapeOf(item)).toEqual(shapeOf(trigger.result));
	});
});
