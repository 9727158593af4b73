import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { Demo } from '../../sandbox/n8n/demo.ts';
import { executeAgora, type Execution, type Items } from './executions.ts';
import { freePorts } from './freePorts.ts';
import { startExternalServices, type ExternalServices } from './externalServices.ts';
import { startQuickDemo } from './quickDemo.ts';
import { beginTranscript, note } from './transcript.ts';

/** A demo in a temporary folder, and everything that n8n has returned. */
export interface TestedDemo {
	/** n8n's N8N_USER_FOLDER. */
	folder: string;
	demo: Demo;
	/** Simulations of all services that n8n can reach. */
	external: ExternalServices;
	/** Everything that n8n has returned, to search it for secrets at the end. */
	seen: unknown[];
	/** Runs the Agora node with these parameters and returns its output, which is added to the transcript. */
	run(name: string, parameters: Record<string, unknown>): Promise<Items>;
	/** The output of a node in an execution, which must have succeeded. */
	outputOf(execution: Execution, node: string): Items;
	/** The App Certificates of all projects, now and at earlier calls, by names that contain no secret. */
	certificates(): Promise<Record<string, string>>;
	stop(): Promise<void>;
}

/** Starts n8n with simulated external services. */
export async function startTestedDemo(): Promise<TestedDemo> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-e2e-'));
	const [proxy] = await freePorts(1);
	const external = await startExternalServices(folder, proxy!);
	const demo = await startQuickDemo(folder, external.settings).catch(async (error) => {
		await external.stop();
		throw error;
	});
	beginTranscript('Output of the nodes in n8n');
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
		external,
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
		async stop() {
			await demo.stop();
			await external.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** All projects of the sandbox, including those created by tests. */
async function projects({ sandbox }: Demo): Promise<Array<{ name: string; sign_key?: string }>> {
	const { customerId, customerSecret } = sandbox.agoraAccount;
	const pair = Buffer.from(`${customerId}:${customerSecret}`).toString('base64');
	const response = await request(`${sandbox.agora}/dev/v1/projects`, {
		headers: { authorization: `Basic ${pair}` },
	});
	return ((await response.body.json()) as { projects: [] }).projects;
}
