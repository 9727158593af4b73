import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOperations, type Operation } from '../../docs/generate/operations.ts';
import { owner } from '../../sandbox/n8n/demo.ts';
import { signIn } from '../../sandbox/n8n/restApi.ts';
import { startN8n, type N8nOptions, type N8nServer } from '../../sandbox/n8n/server.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { freePorts } from '../e2e/freePorts.ts';
import { Checks, type Check } from './checks.ts';
import type { NodeRelease } from './install.ts';
import { tryOperations } from './operations.ts';
import { activate, loadPackage, prepare, testCredentials } from './setup.ts';
import { stopExecution, tryEventTrigger, tryTrigger } from './triggers.ts';
import { CANCELED, EVENT_TRIGGER, OPERATIONS, TRIGGER } from './workflows.ts';

const PACE = { speed: 20, startSeconds: 1, exitSeconds: 1 };

/** One n8n on one Node, and what its checks have in common. */
export interface Run {
	checks: Checks;
	sandbox: Sandbox;
	n8n: N8nOptions;
	/** Of n8n. */
	version: string;
	/** Of the Agora node. */
	operations: Operation[];
	/** URL of the running n8n, without a trailing slash. */
	url: string;
}

/**
 * Installs the packed package in an n8n and tries everything that it does.
 *
 * @param folder contains `node_modules/n8n`
 * @param version of that n8n
 * @param log receives one line for each check
 */
export async function testIn(
	folder: string,
	version: string,
	node: NodeRelease,
	log: (line: string) => void,
): Promise<Check[]> {
	const checks = new Checks(log);
	const userFolder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-compat-'));
	const sandbox = await startSandbox({ pace: PACE });
	try {
		const [port] = await freePorts(1);
		const n8n: N8nOptions = {
			folder: userFolder,
			port: port!,
			program: { folder, node: node.path },
			settings: {
				// The demo turns off a module that older versions don't have, and they refuse its name.
				N8N_DISABLED_MODULES: '',
				// Older versions need it to offer nodes of community packages to agents.
				N8N_COMMUNITY_PACKAGES_ALLOW_TOOL_USAGE: 'true',
			},
		};
		const { operations } = await loadOperations();
		const url = `http://127.0.0.1:${n8n.port}`;
		await tryAll({ checks, sandbox, n8n, version, operations, url });
	} catch (error) {
		await checks.try('All checks ran', async () => Promise.reject(error as Error));
	} finally {
		await sandbox.stop();
		rmSync(userFolder, { recursive: true, force: true });
	}
	return checks.all;
}

/** In this order: later checks build on what earlier ones created. */
async function tryAll(run: Run): Promise<void> {
	await prepare(run);
	let server: N8nServer | undefined;
	await run.checks.require('n8n starts', async () => {
		server = await startN8n(run.n8n);
	});
	try {
		const api = await signIn(run.url, owner);
		await loadPackage(run, api);
		await testCredentials(run, api);
		await activate(run, api, OPERATIONS);
		await tryOperations(run, api);
		await activate(run, api, TRIGGER);
		await tryTrigger(run);
		await activate(run, api, EVENT_TRIGGER);
		await tryEventTrigger(run);
		const canceled = await activate(run, api, CANCELED);
		await stopExecution(run, api, canceled, server!.logFile);
	} finally {
		await server!.stop();
	}
}
