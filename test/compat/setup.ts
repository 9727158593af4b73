import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installTarball } from '../../sandbox/n8n/communityPackage.ts';
import { sandboxCredentials } from '../../sandbox/n8n/credentials.ts';
import type { RestApi } from '../../sandbox/n8n/restApi.ts';
import { runN8nCommand } from '../../sandbox/n8n/server.ts';
import { checkShape, operationNamed } from './operations.ts';
import type { Run } from './run.ts';
import { COMMAND, COMMAND_NODE, compatWorkflows, CREDENTIAL_IDS } from './workflows.ts';

/** The first n8n that publishes workflows instead of activating them. */
const PUBLISHES = 2;

/** Makes each credential one that its test must refuse. */
const WRONG: Record<string, object> = {
	agoraApi: { customerSecret: 'wrong' },
	agoraStorageApi: { secretKey: 'wrong' },
	agoraNotificationsApi: { secret: '' },
};

/** What n8n's command line does while n8n is not running: imports credentials and a workflow, and executes it. */
export async function prepare({ checks, sandbox, n8n, operations }: Run): Promise<void> {
	const { folder } = n8n;
	await checks.require('Install the packed package', async () => {
		const { version } = await installTarball(join(folder, '.n8n'));
		return version;
	});
	await checks.require('CLI: import credentials and a workflow', async () => {
		const credentials = credentialsOf(sandbox).map(({ type, data }) => {
			return { id: CREDENTIAL_IDS[type], name: type, type, data };
		});
		const workflow = compatWorkflows(operations, sandbox.inbox).find(
			({ name }) => name === COMMAND,
		);
		for (const [name, content] of Object.entries({ credentials, workflow }))
			writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
		await runN8nCommand(n8n, ['import:credentials', '--input=credentials.json']);
		await runN8nCommand(n8n, ['import:workflow', '--input=workflow.json']);
	});
	await checks.try('CLI: execute a workflow', async () => {
		const output = await runN8nCommand(n8n, ['execute', `--id=${COMMAND}`, '--rawOutput']);
		// n8n may print lines before and after it.
		const json = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1);
		const { data } = JSON.parse(json) as Executed;
		const [items] = data.resultData.runData[COMMAND_NODE]![0]!.data.main;
		checkShape(items![0]?.json, operationNamed(operations, 'project', 'getAll'));
	});
}

interface Executed {
	data: {
		resultData: {
			runData: Record<string, Array<{ data: { main: Array<Array<{ json: unknown }>> } }>>;
		};
	};
}

function credentialsOf(sandbox: Run['sandbox']) {
	return sandboxCredentials(sandbox).filter(({ type }) => type in CREDENTIAL_IDS);
}

/** n8n knows the nodes and credentials of the package. */
export async function loadPackage({ checks }: Run, api: RestApi): Promise<void> {
	await checks.try('n8n loads all nodes and credentials', async () => {
		expectNames(await api.credentialTypes(), Object.keys(CREDENTIAL_IDS));
		const nodes = ['agora', 'agoraTrigger', 'agoraEventTrigger'];
		expectNames(
			await api.nodeTypes(),
			nodes.map((name) => `n8n-nodes-agora.${name}`),
		);
	});
	await checks.try('n8n offers the Agora node to AI agents', async () => {
		expectNames(await api.nodeTypes(), ['n8n-nodes-agora.agoraTool']);
	});
}

function expectNames(types: Array<{ name: string }>, expected: string[]): void {
	const loaded = types.map(({ name }) => name);
	const missing = expected.filter((name) => !loaded.includes(name));
	if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
}

/** The test of each credential accepts the right one and refuses a wrong one. */
export async function testCredentials({ checks, sandbox }: Run, api: RestApi): Promise<void> {
	for (const { type, data } of credentialsOf(sandbox)) {
		const test = async (changes: object = {}) => {
			const stored = { id: CREDENTIAL_IDS[type], name: type, type };
			return await api.post<{ status: string; message: string }>('/credentials/test', {
				credentials: { ...stored, data: { ...data, ...changes } },
			});
		};
		await checks.try(`Credential test: ${type}`, async () => {
			const accepted = await test();
			if (accepted.status !== 'OK') throw new Error(`refused: ${accepted.message}`);
			const refused = await test(WRONG[type]);
			if (refused.status === 'OK') throw new Error('a wrong credential is accepted');
		});
	}
}

/**
 * Creates a workflow and activates it. What follows needs it.
 *
 * @returns its ID
 */
export async function activate(run: Run, api: RestApi, name: string): Promise<string> {
	const { checks, version, operations, sandbox } = run;
	const workflow = compatWorkflows(operations, sandbox.inbox).find((each) => each.name === name);
	let id = '';
	await checks.require(`Activate the workflow "${name}"`, async () => {
		const created = await api.post<{ id: string; versionId: string }>('/workflows', workflow);
		const { versionId } = created;
		({ id } = created);
		if (Number.parseInt(version, 10) < PUBLISHES)
			await api.patch(`/workflows/${id}`, { active: true, versionId });
		else await api.post(`/workflows/${id}/activate`, { versionId });
	});
	return id;
}
