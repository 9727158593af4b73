import type { RunOptions } from '../../integration/engine.ts';
import { eventually } from '../../integration/sandboxedEngine.ts';
import type { Witness } from '../witness.ts';
import {
	ASKING_AGORA,
	ASKING_STORAGE,
	CHANNEL,
	LINKS_CARRY_SESSION_TOKEN,
	NEW_KEYS,
	NOT_RECORDED,
	STORY,
	STORY_END,
	TAKING_KEYS_ALONG,
	type Action,
} from './actions.ts';
import { PASSES_WRITE_CHECK } from './echo.ts';
import type { Observer } from './observer.ts';
import { agoraCredential, storageCredentials } from './planted.ts';
import { certificates, type Setting } from './setting.ts';
import type { Tally } from './tally.ts';

/* The circumstances under which actions are run. */

export const RIGHT_KEYS = 'the right keys';
export const SESSION_TOKEN = 'a session token in the storage credential';
export const AZURE = 'Azure, by key and by signature';
export const WRONG_KEYS = 'wrong keys';
export const NO_ANSWER = 'no answer within the time';
export const CANCELLED = 'cancelled while no answer comes';

/** All operations, where all goes well. */
export async function tryRightKeys(
	{ sandbox }: Setting,
	observer: Observer,
	witness: Witness,
	tally: Tally,
): Promise<void> {
	const learn = async () => witness.guard(await certificates(sandbox));
	const tell = async (actions: Action[]) => {
		for (const action of actions)
			tally.add(RIGHT_KEYS, action, await observer.do(action, { learn }));
	};
	await learn();
	await tell(STORY);
	const isRecorded = async () =>
		sandbox.control.sessions().some(({ cname, status }) => cname === CHANNEL && status === 5);
	await eventually(isRecorded, Boolean);
	await tell(STORY_END);
	const options = { ...using('default', 'with a session token'), gift: LINKS_CARRY_SESSION_TOKEN };
	for (const action of STORY_END)
		tally.add(SESSION_TOKEN, action, await observer.do(action, options));
}

export async function tryAzure(observer: Observer, tally: Tally): Promise<void> {
	for (const storage of ['Azure, key', 'Azure, signature']) {
		for (const action of ASKING_STORAGE) {
			tally.add(AZURE, action, await observer.do(action, using('default', storage)));
		}
	}
}

/** An action, and the credentials for it. */
interface Task {
	circumstance: string;
	action: Action;
	options: RunOptions;
}

/** Most tasks only wait until it is time to try again. */
const AT_ONCE = 150;

/** Services that repeat in their answers all that they were sent, refuse the keys, or cannot be reached. */
export async function tryTrouble(
	setting: Setting,
	observer: Observer,
	tally: Tally,
): Promise<void> {
	const { sandbox, azurite, echoes } = setting;
	const origins: Record<string, string> = {
		...Object.fromEntries(
			Object.entries(echoes.origins).map(([name, origin]) => [repeatedIn(name), origin]),
		),
		'connection refused': 'http://127.0.0.1:9',
		'connection broken off': echoes.reset,
		'no such host': 'https://nowhere.invalid',
		'no HTTP': echoes.noise,
		'no TLS': echoes.silence.replace('http:', 'https:'),
	};
	const azure = String(azurite.credential().endpoint);
	const tasks = [
		...Object.entries(origins).flatMap(([name, origin]) =>
			tasksOf(setting, name, { agora: origin, s3: origin, azure: origin }),
		),
		...Object.keys(echoes.origins).map((manner) => notRecorded(setting, manner)),
		...tasksOf(setting, WRONG_KEYS, { agora: sandbox.agora, s3: sandbox.s3, azure }),
		...silentTasks(setting),
	];
	await allDone(tasks, observer, tally);
}

const repeatedIn = (manner: string) => `repeated in ${manner}`;

/** Agora starts the recording, and the bucket repeats what comes with the session record. */
function notRecorded({ credentials, planted, echoes }: Setting, manner: string): Task {
	const circumstance = repeatedIn(manner);
	const id = idOf(circumstance, 'passes the write check');
	credentials.agoraStorageApi![id] = {
		...storageCredentials(planted, echoes.origins[manner]!)['s3 compatible'],
		fileNamePrefix: PASSES_WRITE_CHECK,
	};
	return { circumstance, action: NOT_RECORDED, options: using('default', id) };
}

const idOf = (circumstance: string, kind: string) => `${circumstance}, ${kind}`;

/** Every way in which the planted keys can go to these addresses. */
function tasksOf(
	{ credentials, planted }: Setting,
	circumstance: string,
	{ agora, s3, azure }: Record<'agora' | 's3' | 'azure', string>,
): Task[] {
	credentials.agoraApi![circumstance] = agoraCredential(planted, agora);
	const storages = {
		...storageCredentials(planted, azure),
		...withoutAzure(storageCredentials(planted, s3)),
	};
	const ids = Object.entries(storages).map(([kind, data]) => {
		const id = idOf(circumstance, kind);
		credentials.agoraStorageApi![id] = data;
		return id;
	});
	const tasks = (actions: Action[], options: RunOptions): Task[] =>
		actions.map((action) => ({ circumstance, action, options }));
	return [
		...tasks(ASKING_AGORA, { credentials: { agoraApi: circumstance } }),
		...tasks([NEW_KEYS], using(circumstance, 'Amazon S3')),
		...ids.flatMap((id) => [
			...tasks(TAKING_KEYS_ALONG, using(circumstance, id)),
			...tasks(ASKING_STORAGE, { credentials: { agoraStorageApi: id } }),
		]),
	];
}

function withoutAzure(storages: ReturnType<typeof storageCredentials>) {
	return Object.fromEntries(Object.entries(storages).filter(([kind]) => !kind.startsWith('Azure')));
}

/** A few that wait until their time is over: half a minute each. */
function silentTasks(setting: Setting): Task[] {
	const { silence } = setting.echoes;
	const all = tasksOf(setting, NO_ANSWER, { agora: silence, s3: silence, azure: silence });
	const chosen = new Set<string>();
	return all.filter(({ action: { name } }) => !chosen.has(name) && chosen.add(name));
}

/** A person stops the execution while a service keeps silent. */
export async function tryCancelled(
	setting: Setting,
	observer: Observer,
	tally: Tally,
): Promise<void> {
	const { silence } = setting.echoes;
	const all = tasksOf(setting, CANCELLED, { agora: silence, s3: silence, azure: silence });
	const stoppable = all.filter(({ action: { what } }) => 'run' in what);
	const options = { onStart: (cancel: () => void) => void setTimeout(cancel, CANCEL_MS) };
	const tasks = stoppable.map((task) => ({ ...task, options: { ...task.options, ...options } }));
	await allDone(tasks, observer, tally);
}

const CANCEL_MS = 300;

async function allDone(tasks: Task[], observer: Observer, tally: Tally): Promise<void> {
	const waiting = [...tasks];
	const lane = async () => {
		for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
			const { circumstance, action, options } = task;
			tally.add(circumstance, action, await observer.do(action, options));
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

function using(agoraApi: string, agoraStorageApi: string): RunOptions {
	return { credentials: { agoraApi, agoraStorageApi } };
}
