/**
 * n8n's own execution engine with the built package loaded as n8n loads it, without n8n's server: nodes run
 * as they do in a workflow, credentials are handed over and applied as n8n does it.
 */
import { randomUUID } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import 'reflect-metadata';
import type * as Backend from '@n8n/backend-common';
import type * as Di from '@n8n/di';
import type * as Core from 'n8n-core';
import type {
	IBinaryData,
	ICredentialDataDecryptedObject,
	ICredentialType,
	ICredentialsHelper as CredentialsHelper,
	IDataObject,
	IExecuteData,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeType,
	IRequestOptionsSimplified,
	IRun,
	IWebhookData,
	IWorkflowExecuteAdditionalData,
	NodeParameterValue,
	Workflow as WorkflowType,
} from 'n8n-workflow';
import { everythingIn } from './everythingIn.ts';

const USER_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-engine-'));
process.once('exit', () => rmSync(USER_FOLDER, { recursive: true, force: true }));
const LOG_FILE = join(USER_FOLDER, 'n8n.log');
/** Where n8n keeps binary data. */
const STORAGE_FOLDER = join(USER_FOLDER, '.n8n/storage');
Object.assign(process.env, {
	N8N_USER_FOLDER: USER_FOLDER,
	N8N_ENCRYPTION_KEY: 'only for this test run',
	N8N_LOG_LEVEL: process.env.N8N_LOG_LEVEL ?? 'debug',
	N8N_LOG_OUTPUT: 'file',
	N8N_LOG_FILE_LOCATION: LOG_FILE,
});

/** Not `import`: the environment must be set before n8n loads. */
const load = createRequire(import.meta.url);
const core = load('n8n-core') as typeof Core;
const workflow = load('n8n-workflow') as typeof import('n8n-workflow');
const { Container } = load('@n8n/di') as typeof Di;
const { Logger } = load('@n8n/backend-common') as typeof Backend;

const PACKAGE = 'n8n-nodes-agora';
const ROOT = join(import.meta.dirname, '../..');

/** Credential data by type, then by the ID a node refers to. */
export type CredentialStore = Record<string, Record<string, ICredentialDataDecryptedObject>>;

export interface RunOptions {
	/** Input items; one empty item when left out. */
	items?: IDataObject[];
	/** ID of the credential of each type that the node uses; all of the store's `default` when left out. */
	credentials?: Record<string, string>;
	/** Continue when an item fails. */
	continueOnFail?: boolean;
	/** Other settings of the node. */
	settings?: Pick<INode, 'onError' | 'retryOnFail' | 'maxTries' | 'waitBetweenTries'>;
	/** Called once the workflow runs, with a function that stops it as a person would. */
	onStart?: (cancel: () => void) => void;
	/** What n8n grants a poll; its own default when left out. */
	pollBudgetMs?: number;
	/** Why n8n activates the workflow to be polled; `activate`, by a person, when left out. */
	activation?: 'activate' | 'init';
	/** ID of the trigger's workflow; each trigger has a separate one by default. */
	workflowId?: string;
}

interface WorkflowOptions {
	id?: string;
	/** Called with each error that its node throws. */
	onError?: (error: unknown) => void;
}

export interface EngineOptions {
	/** n8n keeps binary data on disk, as it does by default, from now on in this process; otherwise in memory. */
	filesOnDisk?: boolean;
	/** Folders of further packages, whose nodes can then be run and whose credentials can be used. */
	packages?: string[];
	/** Whether to keep all output of the nodes as text. Off when memory is measured. */
	keepTranscript?: boolean;
	/** n8n's variables, as expressions find them in `$vars`. */
	variables?: Record<string, string>;
}

export interface RunResult {
	status: IRun['status'];
	items: INodeExecutionData[];
	json: IDataObject[];
	/** What came out at the second output: failed items, where the node has one for them. */
	failedItems: INodeExecutionData[];
	/** What the editor shows above the output. */
	hints: string[];
	error:
		| {
				name: string;
				message: string;
				description?: string | null;
				httpCode?: string;
				context?: IDataObject;
		  }
		| undefined;
	/** What the node threw, itself: n8n goes on with a copy that lacks its cause. */
	thrown: unknown;
	/** All that n8n would store of this run, '' where no transcript is kept. */
	stored: string;
	/** The workflow's static data afterwards. */
	staticData: IDataObject;
}

export interface Poll {
	/** One poll of the active workflow: its items, null for none. */
	poll(): Promise<IDataObject[] | null>;
	/** The workflow's static data. */
	state: IDataObject;
}

/** The response to a request, the items with which the workflow starts, and its static data. */
export interface Reception {
	status: number;
	body: unknown;
	items: IDataObject[];
	state: IDataObject;
}

/** An operation that has the list; others have those of recordings. */
const LISTED_BY: Record<string, IDataObject> = {
	searchProjects: { resource: 'project', operation: 'get' },
	searchChannels: { resource: 'channel', operation: 'getUsers' },
	searchBans: { resource: 'ban', operation: 'update' },
};

/** How long n8n has to write its log. */
const LOG_MS = 10_000;

export class Engine {
	/** All output, stored state and errors of the nodes, as n8n would store them. */
	readonly transcript: string[] = [];
	private readonly loaders: Core.PackageDirectoryLoader[];
	private readonly store: CredentialStore;
	private readonly keepTranscript: boolean;
	private readonly variables: Record<string, string>;

	private constructor(
		loaders: Core.PackageDirectoryLoader[],
		store: CredentialStore,
		{ keepTranscript = true, variables = {} }: EngineOptions,
	) {
		this.loaders = loaders;
		this.store = store;
		this.keepTranscript = keepTranscript;
		this.variables = variables;
	}

	/** Loads the built package (`npm run build`) from the repository, and others as n8n loads its own. */
	static async start(store: CredentialStore, options: EngineOptions = {}): Promise<Engine> {
		const { filesOnDisk = false, packages = [] } = options;
		if (filesOnDisk) await Container.get(core.BinaryDataService).init();
		const loaders = [
			new core.PackageDirectoryLoader(ROOT),
			...packages.map((folder) => new core.LazyPackageDirectoryLoader(folder)),
		];
		for (const loader of loaders) await loader.loadAll();
		return new Engine(loaders, store, options);
	}

	/** Runs the Agora node alone, as the only node of a workflow. */
	async run(parameters: IDataObject, options: RunOptions = {}): Promise<RunResult> {
		return await this.runNode(`${PACKAGE}.agora`, parameters, options);
	}

	/**
	 * Runs any node of the loaded packages in the same way, in its newest version.
	 *
	 * @param type `<package>.<node>`
	 */
	async runNode(
		type: string,
		parameters: IDataObject,
		options: RunOptions = {},
	): Promise<RunResult> {
		return await this.execute(this.node(type, parameters, options), 'manual', options);
	}

	/** Presses the test button of the trigger. */
	async testTrigger(parameters: IDataObject = {}, options: RunOptions = {}): Promise<RunResult> {
		const node = this.node(`${PACKAGE}.agoraTrigger`, parameters, options);
		return await this.execute(node, 'manual', options);
	}

	/** An active workflow's trigger, to be polled by hand. */
	trigger(parameters: IDataObject = {}, options: RunOptions = {}, state: IDataObject = {}): Poll {
		const node = this.node(
			`${PACKAGE}.agoraTrigger`,
			{ pollTimes: { item: [{ mode: 'everyMinute' }] }, ...parameters },
			options,
		);
		const subject = this.workflow(node, state, { id: options.workflowId ?? randomUUID() });
		const type = this.typeOf(`${PACKAGE}.agoraTrigger`) as unknown as {
			poll(this: Core.PollContext): Promise<INodeExecutionData[][] | null>;
		};
		// As n8n's own poller does: one for all polls.
		const context = new core.PollContext(
			subject,
			subject.getNode(node.name)!,
			this.additionalData('trigger'),
			'trigger',
			options.activation ?? 'activate',
			...Array<undefined>(5),
			options.pollBudgetMs === undefined ? undefined : () => options.pollBudgetMs!,
		);
		return {
			state: subject.staticData as IDataObject,
			poll: async () => {
				const output = await this.keepingErrors(type.poll.call(context));
				this.keep([output, subject.staticData]);
				return output === null ? null : output[0]!.map(({ json }) => json);
			},
		};
	}

	/** What the event trigger of an active workflow does with a request. */
	async receive(
		parameters: IDataObject,
		{ headers, body }: { headers: Record<string, string>; body: string },
		options: RunOptions = {},
	): Promise<Reception> {
		const type = `${PACKAGE}.agoraEventTrigger`;
		const node = this.node(type, parameters, options);
		const subject = this.workflow(node, {}, { id: options.workflowId ?? randomUUID() });
		let response = { status: 200, body: null as unknown };
		const httpResponse = {
			status: (status: number) => {
				response = { ...response, status };
				return httpResponse;
			},
			json: (json: unknown) => void (response = { ...response, body: json }),
		};
		const additionalData = {
			...this.additionalData('trigger'),
			httpRequest: { headers, rawBody: Buffer.from(body) },
			httpResponse,
		} as unknown as IWorkflowExecuteAdditionalData;
		const webhook = { webhookDescription: { name: 'default' } } as IWebhookData;
		const settings = [subject, node, additionalData, 'webhook', webhook] as const;
		const context = new core.WebhookContext(...settings, [], null);
		const { webhook: receive } = this.typeOf(type) as unknown as Required<INodeType>;
		const { workflowData } = await this.keepingErrors(receive.call(context));
		this.keep([response, workflowData, subject.staticData]);
		return {
			...response,
			items: workflowData?.[0]?.map(({ json }) => json) ?? [],
			state: subject.staticData as IDataObject,
		};
	}

	/** What a resource locator's list offers. */
	async listSearch(
		method: string,
		filter = '',
		options: RunOptions = {},
		parameters: IDataObject = {},
	) {
		// As the editor sends them with the request: those of an operation that has such a list.
		const sent = {
			...(LISTED_BY[method] ?? { resource: 'recording', operation: 'get' }),
			...parameters,
		};
		const node = this.node(`${PACKAGE}.agora`, sent, options);
		const subject = this.workflow(node);
		const additionalData = {
			...this.additionalData('internal'),
			currentNodeParameters: node.parameters,
		};
		const context = new core.LoadOptionsContext(subject, node, additionalData, '');
		const type = this.typeOf(`${PACKAGE}.agora`) as unknown as {
			methods: {
				listSearch: Record<
					string,
					(this: unknown, filter: string) => Promise<{ results: IDataObject[] }>
				>;
			};
		};
		const search = type.methods.listSearch[method]!.call(context, filter);
		const { results } = await this.keepingErrors(search);
		this.keep(results);
		return results;
	}

	private node(
		type: string,
		parameters: IDataObject,
		{ credentials, continueOnFail, settings }: RunOptions,
	): INode {
		const ids =
			credentials ?? Object.fromEntries(Object.keys(this.store).map((type) => [type, 'default']));
		const name = type.slice(type.indexOf('.') + 1);
		const versions = this.typeOf(type);
		return {
			id: name,
			name,
			type,
			typeVersion: 'currentVersion' in versions ? versions.currentVersion : 1,
			position: [0, 0],
			parameters: parameters as INode['parameters'],
			credentials: Object.fromEntries(
				Object.entries(ids).map(([type, id]) => [type, { id, name: id }]),
			),
			...(continueOnFail && { onError: 'continueRegularOutput' as const }),
			...settings,
		};
	}

	private typeOf(type: string) {
		const [packageName, name = ''] = type.split('.');
		const loader = this.loaders.find((each) => each.packageName === packageName);
		if (loader === undefined) throw new Error(`the package of ${type} is not loaded`);
		return loader.getNode(name).type;
	}

	private credentialOf(type: string): ICredentialType {
		const loader = this.loaders.find(({ known }) => type in known.credentials);
		if (loader === undefined) throw new Error(`no loaded package has the credential ${type}`);
		return loader.getCredential(type).type;
	}

	private workflow(
		node: INode,
		staticData: IDataObject = {},
		{ id = 'workflow', onError = () => {} }: WorkflowOptions = {},
	): WorkflowType {
		const typeOf = (type: string) => this.typeOf(type);
		return new workflow.Workflow({
			id,
			name: 'workflow',
			nodes: [node],
			connections: {},
			active: false,
			staticData,
			settings: { executionOrder: 'v1', timezone: 'Europe/Berlin' },
			nodeTypes: {
				getByName: typeOf,
				getByNameAndVersion: (type, version) => {
					const versioned = workflow.NodeHelpers.getVersionedNodeType(typeOf(type), version);
					return tellingErrors(versioned, onError);
				},
				getKnownTypes: () =>
					Object.assign({}, ...this.loaders.map(({ known }) => known.nodes)) as IDataObject,
			},
		});
	}

	private async execute(
		node: INode,
		mode: 'manual',
		{ items = [{}], onStart }: RunOptions,
	): Promise<RunResult> {
		let thrown: unknown;
		const subject = this.workflow(node, {}, { onError: (error) => (thrown = error) });
		const stack: IExecuteData = {
			node: subject.getNode(node.name)!,
			data: { main: [items.map((json) => ({ json }))] },
			source: null,
		};
		const runExecutionData = workflow.createRunExecutionData({
			executionData: { nodeExecutionStack: [stack] },
		});
		const execution = new core.WorkflowExecute(this.additionalData(mode), mode, runExecutionData);
		const running = execution.processRunExecutionData(subject);
		onStart?.(() => running.cancel());
		const run = await running;
		const { data, hints = [] } = run.data.resultData.runData[node.name]?.[0] ?? {};
		const [output, failedItems] = data?.main ?? [];
		const { error } = run.data.resultData;
		if (thrown !== undefined) this.keep(everythingIn(thrown));
		return {
			status: run.status,
			items: output ?? [],
			json: (output ?? []).map(({ json }) => json),
			failedItems: failedItems ?? [],
			hints: hints.map(({ message }) => message),
			error: error as RunResult['error'],
			thrown,
			stored: this.keep(run),
			staticData: subject.staticData as IDataObject,
		};
	}

	/** The contents of a file that a node returned. */
	async openFile({ id, data }: IBinaryData): Promise<Readable> {
		if (id === undefined) return Readable.from([Buffer.from(data, 'base64')]);
		return await Container.get(core.BinaryDataService).getAsStream(id);
	}

	/** Removes the files that nodes of this process returned. */
	removeBinaryData(): void {
		rmSync(STORAGE_FOLDER, { recursive: true, force: true });
	}

	/** Removes what nodes of this process left on disk, n8n's log included. */
	removeFiles(): void {
		rmSync(USER_FOLDER, { recursive: true, force: true });
	}

	/**
	 * What n8n has logged so far, debug messages included: when a file is full, n8n begins another.
	 *
	 * @throws when nothing is logged any more
	 */
	async log(): Promise<string> {
		// The logger writes asynchronously, in order.
		const mark = `All is logged until ${randomUUID()}.`;
		Container.get(Logger).debug(mark);
		const deadline = Date.now() + LOG_MS;
		for (;;) {
			const text = globSync('n8n*.log', { cwd: USER_FOLDER })
				.map((file) => readFileSync(join(USER_FOLDER, file), 'utf8'))
				.join('');
			if (text.includes(mark)) return text;
			if (Date.now() > deadline) throw new Error('n8n logs nothing');
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	/** The metadata that n8n stores for each file a node returned: its location, name and type. */
	binaryMetadata(): string[] {
		const files = globSync('**/*.metadata', { cwd: STORAGE_FOLDER });
		return files.map((file) => `${file}\n${readFileSync(join(STORAGE_FOLDER, file), 'utf8')}`);
	}

	private async keepingErrors<Result>(work: Promise<Result>): Promise<Result> {
		return await work.catch((error: Error) => {
			this.keep(everythingIn(error));
			throw error;
		});
	}

	private keep(value: unknown): string {
		if (!this.keepTranscript) return '';
		const text = typeof value === 'string' ? value : JSON.stringify(value);
		this.transcript.push(text);
		return text;
	}

	private additionalData(mode: 'manual' | 'trigger' | 'internal'): IWorkflowExecuteAdditionalData {
		const hooks = new core.ExecutionLifecycleHooks(mode, '1', {
			id: 'workflow',
			name: 'workflow',
			nodes: [],
			connections: {},
		} as never);
		return {
			credentialsHelper: this.credentialsHelper(),
			hooks,
			executionId: '1',
			restApiUrl: '',
			instanceBaseUrl: '',
			webhookBaseUrl: '',
			webhookTestBaseUrl: '',
			webhookWaitingBaseUrl: 'http://localhost:5678/webhook-waiting',
			formWaitingBaseUrl: 'http://localhost:5678/form-waiting',
			currentNodeExecutionIndex: 0,
			variables: this.variables,
			secretsHelpers: {},
			setExecutionStatus: () => {},
			sendDataToUI: () => {},
			logAiEvent: () => {},
		} as unknown as IWorkflowExecuteAdditionalData;
	}

	/** Does what n8n's server does with a credential: hands out its data, and applies it to a request. */
	private credentialsHelper(): CredentialsHelper {
		const { store } = this;
		const helper = {
			getParentTypes: () => [],
			isCredentialUsableByNode: () => true,
			getCredentialsProperties: (type: string) => this.credentialOf(type).properties,
			getDecrypted: async (_data: unknown, { id }: { id: string }, type: string) => {
				const data = store[type]?.[id];
				if (data === undefined) throw new Error(`no credential ${id} of type ${type}`);
				return data;
			},
			authenticate: async (
				data: ICredentialDataDecryptedObject,
				type: string,
				options: IHttpRequestOptions,
				subject: WorkflowType,
				node: INode,
			) => {
				const { authenticate } = this.credentialOf(type);
				if (typeof authenticate === 'function') return await authenticate(data, options);
				const request = options as unknown as Record<string, Record<string, NodeParameterValue>>;
				for (const [part, values] of Object.entries(authenticate!.properties)) {
					request[part] ??= {};
					for (const [key, value] of Object.entries(values as IRequestOptionsSimplified)) {
						request[part]![key] = subject.expression.getSimpleParameterValue(
							node,
							value as string,
							'internal',
							{ $credentials: data } as never,
							undefined,
							'',
						) as NodeParameterValue;
					}
				}
				return options;
			},
			preAuthentication: async () => undefined,
			runPreAuthentication: async () => undefined,
		};
		return helper as unknown as CredentialsHelper;
	}
}

/** The same node type, which reports the errors it throws. */
function tellingErrors(type: INodeType, onError: (error: unknown) => void): INodeType {
	const telling = Object.create(type) as INodeType;
	for (const name of ['execute', 'poll'] as const) {
		const work = type[name] as ((...input: unknown[]) => Promise<never>) | undefined;
		if (work === undefined) continue;
		telling[name] = async function (this: unknown, ...input: unknown[]) {
			try {
				return await work.apply(this, input);
			} catch (error) {
				onError(error);
				throw error;
			}
		};
	}
	return telling;
}
