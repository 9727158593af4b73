/** n8n's engine in a separate process: runs every operation again and again, and measures what the process holds. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import { answerJob } from '../../integration/childProcess.ts';
import { Engine, type CredentialStore, type RunOptions } from '../../integration/engine.ts';
import { isRecordingFound, operationNamed, OPERATIONS, type Operation } from '../operations.ts';

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
	/** The last error of what has never succeeded. */
	errors: Record<string, string>;
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
	const trigger = engine.trigger();
	const timers: NodeJS.Timeout[] = [];
	const succeeded = new Set<string>();
	const errors: SoakReport['errors'] = {};
	let done = 0;
	let channels = 0;

	async function execute(
		{ resource, operation, parameters }: Operation,
		item: IDataObject,
		options: RunOptions = {},
	): Promise<IDataObject> {
		const { error, json } = await engine.run(parameters, { items: [item], ...options });
		count(`${resource} ${operation}`, error?.message);
		return json[0] ?? {};
	}

	function count(name: string, error?: string): void {
		done++;
		if (error === undefined) succeeded.add(name);
		else errors[name] = error;
	}

	/** Every operation once, a poll, and what commonly goes wrong. */
	async function round(): Promise<void> {
		const cname = `class ${++channels}`;
		let project: IDataObject = {};
		let recording: IDataObject = {};
		let ban: IDataObject = {};
		const itemOf = ({ needs }: Operation): IDataObject => {
			if (needs === 'ban') return ban;
			return needs === 'project' ? project : { cname };
		};
		for (const operation of OPERATIONS) {
			const isStart = operation.operation === 'start';
			const item = isRecordingFound(operation) ? recording : itemOf(operation);
			const output = await execute(operation, item);
			if (isStart) recording = output;
			if (operation.operation === 'create') {
				if (operation.resource === 'ban') ban = output;
				else project = output;
			}
			if (isStart || operation.operation === 'stop') await sleep(RECORDER_MS);
		}
		await trigger.poll().then(
			() => count('trigger poll'),
			(error: Error) => count('trigger poll', error.message),
		);
		await fail(cname);
	}

	/** With other channels, App IDs and hosts each time, in case something is kept of each. */
	async function fail(cname: string): Promise<void> {
		const sid = randomBytes(16).toString('hex');
		await execute(operationNamed('recording', 'get'), { sid });
		const start = operationNamed('recording', 'start');
		const parameters = { ...start.parameters, options: { appId: sid } };
		await execute({ ...start, parameters }, { cname });
		const [a, b, c] = randomBytes(3);
		const agora = credentials.agoraApi!;
		agora[cname] = { ...agora.default!, customHost: `http://127.${a}.${b}.${c}:9` };
		const atUnknownHost = { credentials: { agoraApi: cname } };
		await execute(operationNamed('user', 'getCurrent'), {}, atUnknownHost);
		delete agora[cname];
		const onStart = (cancel: () => void) => void setTimeout(cancel, Math.random() * MOST_CANCEL_MS);
		await execute(operationNamed('recording', 'getAll'), { cname: '' }, { onStart });
	}

	/** Each execution leaves an array in the closure of a timer. */
	async function leak(): Promise<void> {
		await execute(operationNamed('token', 'generate'), { cname: 'class' });
		const leaked = Array.from({ length: LEAKED_NUMBERS }, (_, index) => index);
		timers.push(setTimeout(() => leaked, 3_600_000));
	}

	async function runUntil(executions: number): Promise<void> {
		const worker = async () => {
			while (done < executions) await (leaks ? leak() : round());
		};
		await Promise.all(Array.from({ length: CONCURRENT_ROUNDS }, worker));
	}

	try {
		const idle = process.getActiveResourcesInfo().length;
		await runUntil(WARM_UP);
		const warm = await read(engine, idle);
		const begun = done;
		await runUntil(begun + executions);
		const end = await read(engine, idle);
		for (const name of succeeded) delete errors[name];
		return { warm, end, executions: done - begun, errors };
	} finally {
		for (const timer of timers) clearTimeout(timer);
		engine.removeFiles();
	}
}

/** @param idle how many resources kept the process alive before anything had run */
async function read(engine: Engine, idle: number): Promise<Reading> {
	// A canceled execution ends before its last request does.
	const deadline = Date.now() + MOST_SETTLE_MS;
	let resources: number;
	do {
		await sleep(100);
		resources = process.getActiveResourcesInfo().length;
	} while (resources > idle && Date.now() < deadline);
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
		resources,
	};
}

answerJob(import.meta.filename, run);
