import { Readable } from 'node:stream';
import type { IDataObject } from 'n8n-workflow';
import type { RunOptions } from '../../integration/engine.ts';
import { eventually } from '../../integration/sandboxedEngine.ts';
import { OPERATIONS, type Operation } from '../operations.ts';
import type { Witness } from '../witness.ts';
import {
	AGORA_ACTIONS,
	BUCKET_ACTIONS,
	CHANNEL,
	ENCRYPTED_START,
	operationAction,
	SESSION_TOKEN_IN_LINKS,
	specialActions,
	START_ACTIONS,
	TOKEN,
	UNRECORDED_START,
	UPDATE_KEYS,
	type Action,
} from './actions.ts';
import { WRITABLE_FOLDER } from './echo.ts';
import type { ActionOptions, ActionOutcome, Observer } from './observer.ts';
import { plantedAgora, plantedStorages } from './planted.ts';
import { certificates, type Setup } from './setup.ts';

/** How the actions of each scenario ended. */
export class Tally {
	readonly scenarios: Record<string, Record<ActionOutcome['status'], number>> = {};
	/** `<resource> <operation>` */
	readonly operations = new Set<string>();

	add(scenario: string, { call }: Action, { status }: ActionOutcome): void {
		const counts = (this.scenarios[scenario] ??= { succeeded: 0, failed: 0, canceled: 0 });
		counts[status]++;
		if ('run' in call) this.operations.add(`${call.run.resource} ${call.run.operation}`);
	}
}

export const VALID_KEYS = 'valid keys';
export const SESSION_TOKEN = 'session token';
export const REPEATED = 'request repeated in the response';
export const CANCELED = 'canceled';
const UNREACHABLE = 'unreachable';
const NO_RESPONSE = 'no response in time';

/** Every operation, successfully. */
export async function runWithValidKeys(
	{ sandbox }: Setup,
	observer: Observer,
	witness: Witness,
	tally: Tally,
): Promise<void> {
	const run = async (scenario: string, action: Action, options: ActionOptions = {}) => {
		const outcome = await observer.run(action, options);
		tally.add(scenario, action, outcome);
		return outcome.json[0] ?? {};
	};
	const beforeSearch = async () => witness.guard(await certificates(sandbox));
	await beforeSearch();
	const isRecorded = () =>
		sandbox.control.sessions().some(({ cname, status }) => cname === CHANNEL && status === 5);
	let project: IDataObject = {};
	let recording: IDataObject = {};
	let ban: IDataObject = {};
	const itemOf = (needs: Operation['needs']): IDataObject => {
		if (needs === 'new name') return { cname: CHANNEL };
		if (needs === 'ban') return ban;
		return needs === 'project' ? project : recording;
	};
	for (const each of OPERATIONS) {
		const { resource, operation, needs } = each;
		const isStart = operation === 'start';
		const action = operationAction(each, itemOf(needs), isStart ? ENCRYPTED_START : {});
		const returns = operation === 'generate' ? TOKEN : undefined;
		const output = await run(VALID_KEYS, action, { beforeSearch, returns });
		if (operation === 'create' && resource === 'project') project = output;
		if (operation === 'create' && resource === 'ban') ban = output;
		if (isStart) {
			recording = output;
			await eventually(async () => isRecorded(), Boolean);
		}
	}
	for (const action of specialActions(project)) await run(VALID_KEYS, action, { beforeSearch });
	const credentials = { agoraApi: 'default', agoraStorageApi: 'session token' };
	for (const action of BUCKET_ACTIONS) {
		const { call } = action;
		let own = action;
		if ('run' in call) own = { ...action, call: { ...call, item: recording } };
		if ('event' in call) own = { ...action, call: { event: recording } };
		await run(VALID_KEYS, own);
		await run(SESSION_TOKEN, own, { credentials, returns: SESSION_TOKEN_IN_LINKS });
	}
}

interface Task {
	scenario: string;
	action: Action;
	options: RunOptions;
}

/** Most tasks only wait for the next attempt. */
const CONCURRENT_TASKS = 150;

/** Services that repeat the request, or cannot be reached. */
export async function runWithFailures(
	setup: Setup,
	observer: Observer,
	tally: Tally,
): Promise<void> {
	const { echo } = setup;
	const unreachable = {
		'connection refused': 'http://127.0.0.1:9',
		'unknown host': 'https://nowhere.invalid',
		'no TLS': echo.silent.replace('http:', 'https:'),
	};
	const tasks = [
		...Object.entries(echo.origins).flatMap(([name, origin]) => [
			...tasksAt(setup, REPEATED, name, origin),
			unrecordedStart(setup, name, origin),
		]),
		...Object.entries(unreachable).flatMap(([name, origin]) =>
			tasksAt(setup, UNREACHABLE, name, origin),
		),
		...silentTasks(setup, NO_RESPONSE),
	];
	await runTasks(tasks, observer, tally);
}

/** Agora starts the recording, and the bucket repeats the session record in its response. */
function unrecordedStart({ credentials, planted }: Setup, name: string, origin: string): Task {
	const id = `${name}, writable`;
	const storage = plantedStorages(planted, origin)['S3 compatible']!;
	credentials.agoraStorageApi![id] = { ...storage, fileNamePrefix: WRITABLE_FOLDER };
	return {
		scenario: REPEATED,
		action: UNRECORDED_START,
		options: { credentials: { agoraApi: 'default', agoraStorageApi: id } },
	};
}

/** Every way in which the planted keys can be sent to a server. */
function tasksAt(
	{ credentials, planted }: Setup,
	scenario: string,
	name: string,
	origin: string,
): Task[] {
	credentials.agoraApi![name] = plantedAgora(planted, origin);
	const storages = Object.entries(plantedStorages(planted, origin)).map(([kind, data]) => {
		const id = `${name}, ${kind}`;
		credentials.agoraStorageApi![id] = data;
		return id;
	});
	const tasks = (actions: Action[], ids: Record<string, string>): Task[] =>
		actions.map((action) => ({ scenario, action, options: { credentials: ids } }));
	return [
		...tasks(AGORA_ACTIONS, { agoraApi: name }),
		...tasks([UPDATE_KEYS], { agoraApi: name, agoraStorageApi: 'Amazon S3' }),
		...storages.flatMap((agoraStorageApi) => [
			...tasks(START_ACTIONS, { agoraApi: name, agoraStorageApi }),
			...tasks(BUCKET_ACTIONS, { agoraStorageApi }),
		]),
	];
}

/** Each action once, at a server that never responds. */
function silentTasks(setup: Setup, scenario: string): Task[] {
	const { silent } = setup.echo;
	const names = new Set<string>();
	return tasksAt(setup, scenario, scenario, silent).filter(
		({ action: { name } }) => !names.has(name) && names.add(name),
	);
}

const CANCEL_MS = 300;

/** A user stops the execution while a service does not respond. */
export async function runCanceled(setup: Setup, observer: Observer, tally: Tally): Promise<void> {
	const onStart = (cancel: () => void) => void setTimeout(cancel, CANCEL_MS);
	const tasks = silentTasks(setup, CANCELED)
		.filter(({ action: { call } }) => 'run' in call)
		.map((task) => ({ ...task, options: { ...task.options, onStart } }));
	await runTasks(tasks, observer, tally);
}

async function runTasks(tasks: Task[], observer: Observer, tally: Tally): Promise<void> {
	await Readable.from(tasks).forEach(
		async ({ scenario, action, options }: Task) =>
			tally.add(scenario, action, await observer.run(action, options)),
		{ concurrency: CONCURRENT_TASKS },
	);
}
