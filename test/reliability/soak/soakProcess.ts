/** n8n's engine in a separate process: runs every operation again and again, and measures what the process holds. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import { answerJob } from '../../integration/childProcess.ts';
import {
	Engine,
	type CredentialStore,
	type Poll,
	type RunOptions,
} from '../../integration/engine.ts';
import { OPERATIONS, type Operation } from '../operations.ts';

export interface SoakJob {
	credentials: CredentialStore;
	/** How many executions follow the warm-up. */
	executions: number;
	/** Instead of all operations: one that sends nothing, and each execution leaks on purpose. */
	leaks: boolean;
}

export interface SoakReport {
	/** Idle after the warm-up, and at the end. */
	warm: Reading;
	end: Reading;
	executions: number;
	results: Record<string, { succeeded: number; failed: number; canceled: number }>;
}

/** What the process holds after a garbage collection. */
export interface Reading {
	heapBytes: number;
	bufferBytes: number;
	/** Open files and sockets. */
	descriptors: number;
	/** Timers, sockets and the like that keep the process alive. */
	resources: number;
}

/** Until then everything is loaded and compiled. */
const WARM_UP = 600;
const CONCURRENT_ROUNDS = 4;
/** For a recording to begin or to finish, which takes the sandbox a fifth of a second. */
const RECORDER_MS = 500;
const MOST_CANCEL_MS = 60;
const MOST_SETTLE_MS = 10_000;
/** A kilobyte. */
const LEAKED_NUMBERS = 125;

async function run({ credentials, executions, leaks }: SoakJob): Promise<SoakReport> {
	const engine = await Engine.start(credentials, { filesOnDisk: true, keepTranscript: false });
	const soak = new Soak(engine, credentials);
	try {
		const round = leaks ? async () => await soak.leak() : async () => await soak.round();
		const idleResources = process.getActiveResourcesInfo().length;
		await soak.runUntil(WARM_UP, round);
		const warm = await read(engine, idleResources);
		await soak.runUntil(WARM_UP + executions, round);
		const end = await read(engine, idleResources);
		return { warm, end, executions: soak.executions - WARM_UP, results: soak.results };
	} finally {
		for (const timer of soak.timers) clearTimeout(timer);
		engine.removeFiles();
	}
}

class Soak {
	executions = 0;
	readonly timers: NodeJS.Timeout[] = [];
	readonly results: SoakReport['results'] = {};
	readonly #engine: Engine;
	readonly #credentials: CredentialStore;
	readonly #trigger: Poll;
	#rounds = 0;

	constructor(engine: Engine, credentials: CredentialStore) {
		this.#engine = engine;
		this.#credentials = credentials;
		this.#trigger = engine.trigger();
	}

	async runUntil(executions: number, round: () => Promise<void>): Promise<void> {
		const worker = async () => {
			while (this.executions < executions) await round();
		};
		await Promise.all(Array.from({ length: CONCURRENT_ROUNDS }, worker));
	}

	/** Every operation once, a poll, and what commonly goes wrong. */
	async round(): Promise<void> {
		const cname = `class ${++this.#rounds}`;
		const [project = {}] = await this.#execute(named('project', 'getAll'), {});
		let recording: IDataObject = {};
		for (const operation of OPERATIONS) {
			if (operation.needs === 'project') await this.#execute(operation, project);
			else if (operation.needs.endsWith('recording')) await this.#execute(operation, recording);
			else {
				const [output] = await this.#execute(operation, { cname });
				if (operation.operation === 'start') recording = output ?? {};
			}
			if (/^(?:start|stop)$/.test(operation.operation)) await sleep(RECORDER_MS);
		}
		await this.#count('trigger poll', async () => void (await this.#trigger.poll()));
		await this.#fail(cname);
	}

	/** Other channels, App IDs and hosts each time, in case something is kept of each. */
	async #fail(cname: string): Promise<void> {
		const unknown = { sid: randomBytes(16).toString('hex') };
		await this.#execute(named('recording', 'get'), unknown, {}, ', unknown');
		const start = named('recording', 'start');
		const options = { appId: randomBytes(16).toString('hex') };
		const other = { ...start, parameters: { ...start.parameters, options } };
		await this.#execute(other, { cname }, {}, ', unknown App ID');
		const [a, b, c] = randomBytes(3);
		const host = {
			...this.#credentials.agoraApi!.default!,
			customHost: `http://127.${a}.${b}.${c}:9`,
		};
		this.#credentials.agoraApi![cname] = host;
		const credentials = { agoraApi: cname };
		await this.#execute(named('user', 'getCurrent'), {}, { credentials }, ', unknown host');
		delete this.#credentials.agoraApi![cname];
		const onStart = (cancel: () => void) => void setTimeout(cancel, Math.random() * MOST_CANCEL_MS);
		await this.#execute(named('recording', 'getAll'), { cname: '' }, { onStart }, ', canceled');
	}

	/** Each execution leaves an array in the closure of a timer. */
	async leak(): Promise<void> {
		await this.#execute(named('token', 'generate'), { cname: 'class' });
		const leaked = Array.from({ length: LEAKED_NUMBERS }, (_, index) => index);
		this.timers.push(setTimeout(() => leaked, 3_600_000));
	}

	async #execute(
		{ resource, operation, parameters }: Operation,
		item: IDataObject,
		options: RunOptions = {},
		suffix = '',
	): Promise<IDataObject[]> {
		let json: IDataObject[] = [];
		await this.#count(`${resource} ${operation}${suffix}`, async () => {
			const result = await this.#engine.run(parameters, { items: [item], ...options });
			json = result.json;
			return result.status;
		});
		return json;
	}

	async #count(name: string, work: () => Promise<string | void>): Promise<void> {
		const counts = (this.results[name] ??= { succeeded: 0, failed: 0, canceled: 0 });
		const status = await work().catch(() => 'error');
		this.executions++;
		if (status === 'canceled') counts.canceled++;
		else if (status === 'error') counts.failed++;
		else counts.succeeded++;
	}
}

function named(resource: string, operation: string): Operation {
	return OPERATIONS.find((each) => each.resource === resource && each.operation === operation)!;
}

/** @param idleResources as many as when nothing had run */
async function read(engine: Engine, idleResources: number): Promise<Reading> {
	// A canceled execution ends before its last request does.
	const deadline = Date.now() + MOST_SETTLE_MS;
	const resources = () => process.getActiveResourcesInfo().length;
	while (resources() > idleResources && Date.now() < deadline) await sleep(100);
	engine.removeBinaryData();
	const { gc } = globalThis;
	if (gc === undefined) throw new Error('the process runs without --expose-gc');
	gc();
	// Finalizers run between turns and may free more.
	await sleep(0);
	gc();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return {
		heapBytes: heapUsed,
		bufferBytes: arrayBuffers,
		descriptors: readdirSync('/proc/self/fd').length,
		resources: resources(),
	};
}

answerJob(import.meta.filename, run);
