import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { INodeProperties } from 'n8n-workflow';
import { request } from 'undici';
import { loadOperations, type Operation } from '../../docs/generate/operations.ts';
import { newNotice, signNotice } from '../../sandbox/agora/notifications.ts';
import { installTarball } from '../../sandbox/n8n/communityPackage.ts';
import { NOTIFICATIONS_SECRET, sandboxCredentials } from '../../sandbox/n8n/credentials.ts';
import { owner } from '../../sandbox/n8n/demo.ts';
import { notificationsUrl } from '../../sandbox/n8n/notifications.ts';
import { signIn, type RestApi } from '../../sandbox/n8n/restApi.ts';
import { runN8nCommand, startN8n, type N8nOptions } from '../../sandbox/n8n/server.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { readObject } from '../e2e/bucketFiles.ts';
import { freePorts } from '../e2e/freePorts.ts';
import { shapeOf } from '../shape.ts';
import { until } from '../until.ts';
import { Checks, type Check } from './checks.ts';
import type { NodeRelease } from './install.ts';
import {
	CANCELED,
	COMMAND,
	COMMAND_NODE,
	compatWorkflows,
	CREDENTIAL_IDS,
	EVENT_TRIGGER,
	FILE,
	isOperation,
	messageText,
	OPERATIONS,
	pathOf,
	TRIGGER,
} from './workflows.ts';

/** The channel of the examples in the reference. */
const CHANNEL = 'class-7b';
const PACE = { speed: 20, startSeconds: 1, exitSeconds: 1 };
/** n8n polls at any second of a minute. */
const TWO_POLLS_SECONDS = 130;
/** Agora's first query follows five seconds after the start; the wait for it must end long before. */
const STOP_LIMIT_MS = 2000;

/** The first version that publishes workflows instead of activating them. */
const PUBLISHES = 2;

type Items = Array<Record<string, unknown>>;

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
			// The demo turns off a module that older versions don't have, and they refuse its name.
			settings: { N8N_DISABLED_MODULES: '' },
		};
		const { operations } = await loadOperations();
		await new Run({ checks, sandbox, n8n, version, operations }).all();
	} catch (error) {
		const { stack } = error as Error;
		await checks.try('All checks ran', async () => Promise.reject(new Error(stack)));
	} finally {
		await sandbox.stop();
		rmSync(userFolder, { recursive: true, force: true });
	}
	return checks.all;
}

interface RunParts {
	checks: Checks;
	sandbox: Sandbox;
	n8n: N8nOptions;
	/** Of n8n. */
	version: string;
	operations: Operation[];
}

/** The checks of one n8n, in their order: later ones build on what earlier ones created. */
class Run {
	readonly #checks: Checks;
	readonly #sandbox: Sandbox;
	readonly #n8n: N8nOptions;
	readonly #version: string;
	readonly #operations: Operation[];
	/** URL of the running n8n. */
	readonly #url: string;

	constructor({ checks, sandbox, n8n, version, operations }: RunParts) {
		this.#checks = checks;
		this.#sandbox = sandbox;
		this.#n8n = n8n;
		this.#version = version;
		this.#operations = operations;
		this.#url = `http://127.0.0.1:${n8n.port}`;
	}

	async all(): Promise<void> {
		await this.#prepare();
		const server = await this.#start();
		try {
			const api = await signIn(server.url, owner);
			await this.#load(api);
			await this.#testCredentials(api);
			await this.#activate(api, [OPERATIONS, EVENT_TRIGGER, CANCELED]);
			await this.#runOperations(api);
			await this.#runFile();
			await this.#runTrigger(api);
			await this.#runEventTrigger();
			await this.#stopExecution(api, server.logFile);
		} finally {
			await server.stop();
		}
	}

	/** What n8n's CLI does while n8n is not running. */
	async #prepare(): Promise<void> {
		const { folder } = this.#n8n;
		const command = async (...args: string[]) => await runN8nCommand(this.#n8n, args);
		await this.#checks.require('Install the packed package', async () => {
			const { version } = await installTarball(join(folder, '.n8n'));
			return version;
		});
		await this.#checks.require('CLI: import credentials and workflows', async () => {
			const credentials = this.#credentials().map(({ type, data }) => ({
				...{ id: CREDENTIAL_IDS[type], name: type, type, data },
			}));
			const files = {
				'credentials.json': credentials,
				'workflows.json': compatWorkflows(this.#operations, this.#sandbox.inbox),
			};
			for (const [name, content] of Object.entries(files))
				writeFileSync(join(folder, name), JSON.stringify(content));
			await command('import:credentials', '--input=credentials.json');
			await command('import:workflow', '--input=workflows.json');
		});
		await this.#checks.try('CLI: execute a workflow', async () => {
			const output = await command('execute', `--id=${COMMAND}`, '--rawOutput');
			const json = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1);
			const { data } = JSON.parse(json) as {
				data: { resultData: { runData: Record<string, Array<{ data: { main: object[][] } }>> } };
			};
			const items = data.resultData.runData[COMMAND_NODE]![0]!.data.main[0] as Array<{
				json: Record<string, unknown>;
			}>;
			const getMany = this.#operation('project', 'getAll');
			checkShape(
				items.map(({ json: item }) => item),
				getMany,
			);
		});
	}

	async #start() {
		let server!: Awaited<ReturnType<typeof startN8n>>;
		await this.#checks.require('n8n starts', async () => {
			server = await startN8n(this.#n8n);
		});
		return server;
	}

	async #load(api: RestApi): Promise<void> {
		await this.#checks.try('n8n loads all nodes and credentials', async () => {
			const loaded = [
				...(await api.nodeTypes<{ name: string }>()),
				...(await api.credentialTypes<{ name: string }>()),
			].map(({ name }) => name);
			const expected = [
				...['agora', 'agoraTrigger', 'agoraEventTrigger'].map((name) => `n8n-nodes-agora.${name}`),
				...Object.keys(CREDENTIAL_IDS),
			];
			const missing = expected.filter((name) => !loaded.includes(name));
			if (missing.length > 0) throw new Error(`not loaded: ${missing.join(', ')}`);
		});
	}

	#credentials() {
		return sandboxCredentials(this.#sandbox).filter(({ type }) => type in CREDENTIAL_IDS);
	}

	async #testCredentials(api: RestApi): Promise<void> {
		/** Makes each credential one that the test must refuse. */
		const wrong: Record<string, object> = {
			agoraApi: { customerSecret: 'wrong' },
			agoraStorageApi: { secretKey: 'wrong' },
			agoraNotificationsApi: { secret: '' },
		};
		for (const { type, data } of this.#credentials()) {
			const test = async (changes: object = {}) =>
				await api.post<{ status: string; message: string }>('/credentials/test', {
					credentials: {
						...{ id: CREDENTIAL_IDS[type], name: type, type },
						data: { ...data, ...changes },
					},
				});
			await this.#checks.try(`Credential test: ${type}`, async () => {
				const accepted = await test();
				if (accepted.status !== 'OK') throw new Error(`refused: ${accepted.message}`);
				const refused = await test(wrong[type]);
				if (refused.status === 'OK') throw new Error('a wrong credential is accepted');
			});
		}
	}

	async #activate(api: RestApi, ids: string[]): Promise<void> {
		await this.#checks.require(`Activate ${ids.join(', ')}`, async () => {
			for (const id of ids) {
				const { versionId } = await api.get<{ versionId: string }>(`/workflows/${id}`);
				if (Number.parseInt(this.#version, 10) < PUBLISHES)
					await api.patch(`/workflows/${id}`, { active: true, versionId });
				else await api.post(`/workflows/${id}/activate`, { versionId });
			}
		});
	}

	#operation(resource: string, value: string): Operation {
		return this.#operations.find((each) => isOperation(each, resource, value))!;
	}

	/** Calls a webhook. n8n registers webhooks after it has responded to their activation. */
	async #call(path: string) {
		return await until(`the webhook ${path} is there`, 30, async () => {
			const { statusCode, body } = await request(`${this.#url}/webhook/${path}`, {
				method: 'POST',
			});
			const bytes = Buffer.from(await body.arrayBuffer());
			if (statusCode === 404) return null;
			if (statusCode === 200) return bytes;
			throw new Error(`the workflow ended with ${statusCode}: ${bytes.toString()}`);
		});
	}

	/** @throws Error with the message of an operation that failed */
	async #items(operation: Operation): Promise<Items> {
		const items = [JSON.parse((await this.#call(pathOf(operation))).toString())].flat() as Items;
		const [first] = items;
		if (first?.error === undefined) return items;
		throw new Error([first.error, first.message].filter(Boolean).map(String).join('. '));
	}

	async #runOperations(api: RestApi): Promise<void> {
		const run = async (operations: Operation[]) => {
			for (const operation of operations) {
				await this.#checks.try(nameOf(operation), async () => {
					checkShape(await this.#items(operation), operation);
				});
			}
		};
		const get = this.#operation('recording', 'get');
		const recorded = async (what: string, isThere: (recording: Items[number]) => boolean) =>
			await this.#checks.try(`(the recording ${what})`, async () => {
				await until(what, 60, async () => {
					const [recording] = await this.#items(get).catch(() => []);
					return recording !== undefined && isThere(recording) ? true : null;
				});
			});
		const ending = this.#operations.filter(({ value }) => ['stop', 'delete'].includes(value));
		const needing = (needs: Operation['example']['needs']) =>
			this.#operations.filter(
				(each) => each.example.needs === needs && !ending.includes(each),
			);

		this.#sandbox.control.setChannel(CHANNEL, { uids: ['1001'], audience: [], seconds: null });
		await run(needing(undefined));
		await recorded('has files', ({ segment_count: segments }) => Number(segments) > 0);
		await run(needing('runningRecording'));
		await this.#searchLists(api);
		await run(ending);
		await recorded('is completed', ({ status }) => status === 'completed');
		await run(needing('endedRecording'));
	}

	/** The lists of the editor, which it requests for the first operation that has them. */
	async #searchLists(api: RestApi): Promise<void> {
		const lists = new Map<string, { operation: Operation; field: INodeProperties }>();
		for (const operation of this.#operations) {
			for (const field of operation.fields()) {
				for (const { typeOptions } of field.modes ?? []) {
					const method = typeOptions?.searchListMethod;
					if (method !== undefined && !lists.has(method)) lists.set(method, { operation, field });
				}
			}
		}
		for (const [methodName, { operation, field }] of lists) {
			await this.#checks.try(`List: ${methodName}`, async () => {
				const { results } = await api.post<{ results: unknown[] }>(
					'/dynamic-node-parameters/resource-locator-results',
					{
						methodName,
						path: `parameters.${field.name}`,
						nodeTypeAndVersion: { name: 'n8n-nodes-agora.agora', version: 1 },
						currentNodeParameters: {
							resource: operation.resource.value,
							operation: operation.value,
							...operation.example.parameters,
						},
						credentials: Object.fromEntries(
							Object.entries(CREDENTIAL_IDS).map(([type, id]) => [type, { id, name: type }]),
						),
					},
				);
				if (results.length === 0) throw new Error('the list is empty');
			});
		}
	}

	/** n8n's binary data has every byte of the file in the bucket. */
	async #runFile(): Promise<void> {
		await this.#checks.try('The downloaded file is that of the bucket', async () => {
			const [recording] = await this.#items(this.#operation('recording', 'get'));
			const files = recording!.file_list as Array<{ key: string }>;
			const { key } = files.find((file) => file.key.endsWith('.mp4'))!;
			const stored = await readObject(this.#sandbox, this.#sandbox.storage.bucket, key);
			const downloaded = await this.#call(FILE);
			if (digestOf(downloaded) === digestOf(stored)) return `${stored.length} bytes`;
			throw new Error(`${downloaded.length} bytes instead of ${stored.length}, or other ones`);
		});
	}

	#lastSid(): string {
		return this.#sandbox.control.sessions().at(-1)!.sid;
	}

	/** Resolves once a workflow with a trigger has posted its message. */
	async #untilMessage(workflowId: string, sid: string, seconds: number): Promise<void> {
		const text = messageText(workflowId, sid);
		await until(`a message of ${workflowId}`, seconds, async () =>
			(await this.#messages()).includes(text) ? true : null,
		);
	}

	async #messages(): Promise<string[]> {
		const { body } = await request(`${this.#sandbox.inbox}/messages`);
		return ((await body.json()) as Array<{ text: string }>).map(({ text }) => text);
	}

	async #runTrigger(api: RestApi): Promise<void> {
		await this.#activate(api, [TRIGGER]);
		await this.#checks.try('Agora Trigger emits an existing recording', async () => {
			await this.#untilMessage(TRIGGER, this.#lastSid(), TWO_POLLS_SECONDS);
		});
	}

	async #runEventTrigger(): Promise<void> {
		const send = async (sid: string, secret: string) => {
			const details = { msgName: 'event', status: 0 };
			const payload = { cname: CHANNEL, uid: '527841', sid, sequence: 1, sendts: 1, details };
			const notice = newNotice('recording', 40, { ...payload, serviceType: 1 }, sid);
			const { body, headers } = signNotice(notice, Date.now(), secret);
			const url = notificationsUrl(this.#url, EVENT_TRIGGER);
			const response = await request(url, { method: 'POST', headers, body });
			return { status: response.statusCode, text: await response.body.text() };
		};
		const [signed, forged] = ['a'.repeat(32), 'b'.repeat(32)];
		await this.#checks.try('Agora Event Trigger: a signed notification', async () => {
			const { status, text } = await send(signed, NOTIFICATIONS_SECRET);
			if (status !== 200) throw new Error(`the response is ${status}: ${text}`);
			await this.#untilMessage(EVENT_TRIGGER, signed, 20);
		});
		await this.#checks.try('Agora Event Trigger: a wrong signature', async () => {
			const { status, text } = await send(forged, 'another-secret');
			if (status !== 401) throw new Error(`the response is ${status}: ${text}`);
			// An execution would begin right after the response.
			await wait(2000);
			if ((await this.#messages()).includes(messageText(EVENT_TRIGGER, forged)))
				throw new Error('it starts the workflow');
		});
	}

	/** The node waits for a recording to run; its log line shows when that wait is over. */
	async #stopExecution(api: RestApi, logFile: string): Promise<void> {
		await this.#checks.try('Stopping an execution ends its wait', async () => {
			const { control } = this.#sandbox;
			await this.#call(CANCELED);
			await until('the recording is started', 20, async () =>
				control.sessions().some(({ cname }) => cname === CANCELED) ? true : null,
			);
			const filter = encodeURIComponent(JSON.stringify({ workflowId: CANCELED }));
			const { results } = await api.get<{ results: Array<{ id: string }> }>(
				`/executions?filter=${filter}`,
			);
			const stopped = Date.now();
			await api.post(`/executions/${results[0]!.id}/stop`, {});
			const isOver = () => readFileSync(logFile, 'utf8').includes('Cancelled; these recordings');
			while (!isOver()) {
				if (Date.now() - stopped > STOP_LIMIT_MS)
					throw new Error(`the node is still waiting after ${STOP_LIMIT_MS} ms`);
				await wait(20);
			}
			return `${Date.now() - stopped} ms`;
		});
	}
}

function nameOf({ resource, name }: Operation): string {
	return `${resource.name}: ${name}`;
}

/** @throws Error when the first item has other fields than the operation's example, or fields of other types */
function checkShape([item]: Items, { example }: Operation): void {
	const actual = fieldsOf(item);
	const expected = fieldsOf(example.result);
	const missing = expected.filter((field) => !actual.includes(field));
	const added = actual.filter((field) => !expected.includes(field));
	if (missing.length + added.length === 0) return;
	throw new Error(`instead of ${missing.join(', ') || 'nothing'}: ${added.join(', ') || 'nothing'}`);
}

/** @returns `path type` of all fields */
function fieldsOf(value: unknown): string[] {
	const fields = (shape: unknown, path: string): string[] =>
		typeof shape === 'string'
			? [`${path} ${shape}`]
			: [
					`${path} ${Array.isArray(shape) ? 'list' : 'object'}`,
					...Object.entries(shape ?? {}).flatMap(([name, each]) => fields(each, `${path}.${name}`)),
				];
	return fields(shapeOf(value), '');
}

const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
