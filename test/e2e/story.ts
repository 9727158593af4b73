import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { Demo } from '../../sandbox/n8n/demo.ts';
import { executeAgora, type Execution, type Items } from './executions.ts';
import { freePorts } from './freePorts.ts';
import { startOutsideWorld, type OutsideWorld } from './outsideWorld.ts';
import { startQuickDemo } from './quickDemo.ts';
import { beginTranscript, note } from './transcript.ts';

/** A demo in a folder of its own, and all that has been seen of it. */
export interface Story {
	/** n8n's N8N_USER_FOLDER. */
	folder: string;
	demo: Demo;
	/** Everything else that n8n can reach. */
	world: OutsideWorld;
	/** Everything that came out of n8n, for the search at the end. */
	seen: unknown[];
	/** Runs the Agora node with these parameters, notes what it put out and gives it back. */
	run(name: string, parameters: Record<string, unknown>): Promise<Items>;
	/** What a node put out in an execution, which must have been a success. */
	outputOf(execution: Execution, node: string): Items;
	/** App Certificates that any project has or had when this was asked, by a name that can be shown. */
	certificates(): Promise<Record<string, string>>;
	end(): Promise<void>;
}

/** Boots n8n, with the internet played. */
export async function beginStory(): Promise<Story> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-e2e-'));
	const [proxy] = await freePorts(1);
	const world = await startOutsideWorld(folder, proxy!);
	const demo = await startQuickDemo(folder, world.settings).catch(async (error) => {
		await world.stop();
		throw error;
	});
	beginTranscript('What the nodes put out in n8n');
	const seen: unknown[] = [];
	const certificates: Record<string, string> = {};

	function outputOf(execution: Execution, node: string): Items {
		seen.push(execution);
		expect(execution).toMatchObject({ status: 'success' });
		return execution.outputs[node] ?? [];
	}

	return {
		folder,
		demo,
		world,
		seen,
		outputOf,
		async run(name, parameters) {
			const execution = await executeAgora(demo.api, name, parameters);
			const items = outputOf(execution, name);
			note(name, items);
			return items;
		},
		async certificates() {
			for (const { name, sign_key } of await projects(demo)) {
				if (sign_key)
					certificates[`App Certificate ${sign_key.slice(0, 4)}… of ${name}`] = sign_key;
			}
			return certificates;
		},
		async end() {
			await demo.stop();
			await world.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** All projects, those made here included, from Agora itself. */
async function projects({ sandbox }: Demo): Promise<Array<{ name: string; sign_key?: string }>> {
	const { customerId, customerSecret } = sandbox.agoraAccount;
	const pair = Buffer.from(`${customerId}:${customerSecret}`).toString('base64');
	const answer = await request(`${sandbox.agora}/dev/v1/projects`, {
		headers: { authorization: `Basic ${pair}` },
	});
	return ((await answer.body.json()) as { projects: [] }).projects;
}
