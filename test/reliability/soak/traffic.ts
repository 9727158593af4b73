import { randomBytes } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import type {
	CredentialStore,
	Engine,
	Poll,
	RunOptions,
	RunResult,
} from '../../integration/engine.ts';
import type { RandomSource } from '../../unit/randomSource.ts';

/** Credential IDs: two accounts with a bucket each, and what goes wrong with credentials. */
export const ACCOUNTS = ['first', 'second'] as const;
export const WRONG = 'wrong keys';
export const NOWHERE = 'nowhere';

export type Account = (typeof ACCOUNTS)[number];

/** What was done how often, by name. */
export type Tally = Record<string, { done: number; failed: number; cancelled: number }>;

/** People at work: recordings start, are looked at, changed, listed, downloaded and stopped, and some things go wrong. */
export class Traffic {
	readonly tally: Tally = {};
	downloadedBytes = 0;
	executions = 0;
	readonly #engine: Engine;
	readonly #credentials: CredentialStore;
	readonly #random: RandomSource;
	readonly #live: Record<Account, string[]> = { first: [], second: [] };
	readonly #polls: Record<Account, Poll>;
	#channels = 0;

	/** @param credentials the engine's, in which those for no host change */
	constructor(engine: Engine, credentials: CredentialStore, random: RandomSource) {
		this.#engine = engine;
		this.#credentials = credentials;
		this.#random = random;
		const poll = (account: Account) => engine.trigger({}, using(account));
		this.#polls = { first: poll('first'), second: poll('second') };
	}

	/** Letters of what the triggers remember. */
	get remembered(): number {
		return Object.values(this.#polls).reduce(
			(sum, { state }) => sum + JSON.stringify(state).length,
			0,
		);
	}

	/** One poll of each account's trigger. */
	async poll(): Promise<void> {
		for (const account of ACCOUNTS) {
			await this.#count('trigger', this.#polls[account].poll());
		}
	}

	/** One more thing that somebody does. */
	async next(): Promise<void> {
		if (this.#random.integer(1, 400) === 1) return await this.#askNowhere();
		const account = this.#random.pick(ACCOUNTS);
		const live = this.#live[account];
		const dice = this.#random.integer(1, 100);
		if (live.length < FEWEST_LIVE || (dice <= 8 && live.length < MOST_LIVE))
			return await this.#start(account);
		const channel = this.#random.pick(live);
		if (dice <= 14) return await this.#stop(account, channel);
		if (dice <= 18) return await this.#download(account, channel);
		const action = this.#random.pick(Object.keys(ACTIONS));
		const { run, options = {}, cancelled = false } = ACTIONS[action]!(channel);
		await this.#run(action, run, {
			...using(account),
			...options,
			...(cancelled && {
				onStart: (cancel) => void setTimeout(cancel, this.#random.integer(0, 60)),
			}),
		});
	}

	/** Another address of this machine each time, on which nobody listens. */
	async #askNowhere(): Promise<void> {
		const [a, b, c] = [1, 2, 3].map(() => this.#random.integer(1, 254));
		this.#credentials.agoraApi![NOWHERE]!.customHost = `http://127.${a}.${b}.${c}:9`;
		const { run } = ACTIONS['User · Get Current']!('');
		await this.#run('User · Get Current, no such host', run, using(NOWHERE, WRONG));
	}

	async #start(account: Account): Promise<void> {
		const cname = `class ${++this.#channels}`;
		this.#live[account].push(cname);
		const fileFormats = this.#random.pick(['hls', 'hlsMp4']);
		const options = { maxIdleTime: 60 };
		await this.#run(
			'Recording · Start',
			recording('start', { cname, fileFormats, options }),
			using(account),
		);
	}

	async #stop(account: Account, channel: string): Promise<void> {
		this.#live[account] = this.#live[account].filter((each) => each !== channel);
		await this.#run('Recording · Stop', recording('stop', byChannel(channel)), using(account));
	}

	async #download(account: Account, channel: string): Promise<void> {
		const parameters = { ...byChannel(channel), options: { allowIncomplete: true } };
		const { items } = await this.#run(
			'Recording · Download',
			recording('download', parameters),
			using(account),
		);
		for (const { binary } of items) {
			for await (const chunk of await this.#engine.openFile(binary!.data!))
				this.downloadedBytes += (chunk as Buffer).length;
		}
	}

	async #run(name: string, parameters: IDataObject, options: RunOptions): Promise<RunResult> {
		return await this.#count(name, this.#engine.run(parameters, options));
	}

	async #count<Result>(name: string, work: Promise<Result>): Promise<Result> {
		const counts = (this.tally[name] ??= { done: 0, failed: 0, cancelled: 0 });
		return await work.then(
			(result) => {
				this.executions++;
				const { status = 'success' } = (result ?? {}) as Partial<RunResult>;
				counts[status === 'canceled' ? 'cancelled' : status === 'success' ? 'done' : 'failed']++;
				return result;
			},
			() => {
				// Of a poll: n8n would make it again.
				this.executions++;
				counts.failed++;
				return null as Result;
			},
		);
	}
}

const FEWEST_LIVE = 2;
const MOST_LIVE = 5;
const APP_IDS_AT_ONCE = 100;

interface Action {
	run: IDataObject;
	options?: RunOptions;
	cancelled?: boolean;
}

const recording = (operation: string, parameters: IDataObject = {}): IDataObject => ({
	resource: 'recording',
	operation,
	...parameters,
});
const of = (resource: string, operation: string, parameters: IDataObject = {}): IDataObject => ({
	resource,
	operation,
	...parameters,
});
const byChannel = (value: string) => ({ recordingId: { __rl: true, mode: 'channel', value } });
const project = { projectId: { __rl: true, mode: 'name', value: 'Live classes' } };
const someAppId = () => randomBytes(16).toString('hex');

function using(agoraApi: string, agoraStorageApi = agoraApi): RunOptions {
	return { credentials: { agoraApi, agoraStorageApi } };
}

const ACTIONS: Record<string, (channel: string) => Action> = {
	'Recording · Get': (channel) => ({ run: recording('get', byChannel(channel)) }),
	'Recording · Get Many': () => ({ run: recording('getAll', { limit: 20 }) }),
	'Recording · Update': (channel) => ({
		run: recording('update', {
			...byChannel(channel),
			change: 'subscriptions',
			subscribeAudioUids: '#allstream#',
		}),
	}),
	'Recording · Update Layout': (channel) => ({
		run: recording('updateLayout', { ...byChannel(channel), mixedVideoLayout: 1 }),
	}),
	'Project · Get Many': () => ({ run: of('project', 'getAll') }),
	'Project · Get': () => ({ run: of('project', 'get', project) }),
	'Project · Get Usage': () => ({
		run: of('project', 'getUsage', { ...project, fromDate: '2026-11-01', toDate: '2026-11-02' }),
	}),
	'Project · Set App Certificate': () => ({
		run: of('project', 'setAppCertificate', {
			projectId: { __rl: true, mode: 'name', value: 'Staging' },
			enableAppCertificate: false,
		}),
	}),
	'Project · Create, the name is taken': () => ({
		run: of('project', 'create', { name: 'Staging', enableAppCertificate: false }),
	}),
	'User · Get Current': () => ({ run: of('user', 'getCurrent') }),
	'Token · Generate': (cname) => ({ run: of('token', 'generate', { cname, uid: '1' }) }),
	'Recording · Get Many, cancelled': () => ({
		run: recording('getAll', { returnAll: true }),
		cancelled: true,
	}),
	'Recording · Download, cancelled': (channel) => ({
		run: recording('download', { ...byChannel(channel), options: { allowIncomplete: true } }),
		cancelled: true,
	}),
	'Recording · Get, unknown channel': () => ({ run: recording('get', byChannel(someAppId())) }),
	'Recording · Get Many, wrong keys': () => ({ run: recording('getAll'), options: using(WRONG) }),
	'User · Get Current, wrong keys': () => ({
		run: of('user', 'getCurrent'),
		options: using(WRONG),
	}),
	'Recording · Start, App IDs that nobody has': () => ({
		run: recording('start', { cname: 'class', options: { appId: '={{ $json.appId }}' } }),
		options: {
			items: Array.from({ length: APP_IDS_AT_ONCE }, () => ({ appId: someAppId() })),
			continueOnFail: true,
		},
	}),
};
