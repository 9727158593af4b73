import type { IDataObject } from 'n8n-workflow';
import type { Engine, RunOptions, RunResult } from '../../integration/engine.ts';
import { newNotice, signNotice } from '../../../sandbox/agora/notifications.ts';
import { EVERY_EVENT } from '../operations.ts';
import type { Witness } from '../witness.ts';
import type { Action, ReturnedSecret } from './actions.ts';
import type { Planted } from './planted.ts';
import type { Setup } from './setup.ts';

export interface ActionOutcome {
	status: 'succeeded' | 'failed' | 'canceled';
	json: IDataObject[];
}

export interface ActionOptions extends RunOptions {
	/** A secret that the output may contain, in place of the action's own. */
	returns?: ReturnedSecret;
	/** Called before the output is searched; may guard secrets that the action has created. */
	beforeSearch?: () => Promise<void>;
}

/** Runs actions in n8n's engine and shows a witness everything that comes out. */
export class Observer {
	readonly #engine: Engine;
	readonly #planted: Planted;
	readonly #witness: Witness;
	/** What this process has logged and stored before. */
	readonly #before: { log: string; binaryMetadata: ReadonlySet<string> };
	/** How often a secret was left out of the search because a user had asked for it. */
	readonly returned: Record<string, number> = {};

	private constructor({ engine, planted }: Setup, witness: Witness, log: string) {
		this.#engine = engine;
		this.#planted = planted;
		this.#witness = witness;
		this.#before = { log, binaryMetadata: new Set(engine.binaryMetadata()) };
	}

	static async start(setup: Setup, witness: Witness): Promise<Observer> {
		return new Observer(setup, witness, await setup.engine.log());
	}

	async run({ call, ...action }: Action, options: ActionOptions = {}): Promise<ActionOutcome> {
		const { returns = action.returns, beforeSearch, ...runOptions } = options;
		if ('list' in call) {
			return await this.#untilError(async () => {
				this.#witness.see('output', await this.#engine.listSearch(call.list, '', runOptions));
			});
		}
		if ('event' in call) return await this.#receive(call.event, runOptions, returns);
		if ('trigger' in call && call.trigger === 'poll') return await this.#poll(runOptions, returns);
		const result =
			'run' in call
				? await this.#engine.run(call.run, { ...runOptions, items: [call.item] })
				: await this.#engine.testTrigger({}, runOptions);
		await beforeSearch?.();
		this.see(result, returns);
		const { error, json } = result;
		if (result.status === 'canceled') return { status: 'canceled', json };
		return { status: error === undefined ? 'succeeded' : 'failed', json };
	}

	see(result: RunResult, returns?: ReturnedSecret): void {
		const { items, error, thrown, stored, staticData } = result;
		// The content of files is not searched, but everything n8n stores with them.
		const output = items.map(({ json, binary = {} }) => ({
			json,
			binary: Object.values(binary).map((file) => ({ ...file, data: '' })),
		}));
		if (output.length > 0) this.#witness.see('output', this.#without(returns, output));
		if (error !== undefined || thrown !== undefined) this.#witness.see('error', { error, thrown });
		this.#witness.see('execution', this.#without(returns, stored));
		if (Object.keys(staticData).length > 0) this.#witness.see('static data', staticData);
	}

	/** What n8n has logged, and stored with the files. */
	async seeLogAndFiles(): Promise<void> {
		const { log, binaryMetadata } = this.#before;
		this.#witness.see('log', (await this.#engine.log()).slice(log.length));
		for (const text of this.#engine.binaryMetadata())
			if (!binaryMetadata.has(text)) this.#witness.see('binary metadata', text);
	}

	/** Polls twice, the second time with the state of the first. */
	async #poll(options: RunOptions, returns?: ReturnedSecret): Promise<ActionOutcome> {
		const parameters = { options: { includeExisting: true } };
		const { poll, state } = this.#engine.trigger(parameters, options);
		return await this.#untilError(async () => {
			const first = await poll();
			this.#witness.see('output', this.#without(returns, [first, await poll()]));
			this.#witness.see('static data', state);
		});
	}

	/** An event whose URL contains a stream key. */
	async #receive(
		{ sid }: IDataObject,
		options: RunOptions,
		returns?: ReturnedSecret,
	): Promise<ActionOutcome> {
		const { inCredentials, variables } = this.#planted;
		const details = {
			msgName: 'rtmp_publish_status',
			rtmpUrl: `rtmp://live.example.com/app/${variables.streamKey}`,
		};
		const notice = newNotice('recording', 100, { sid, serviceType: 6, details }, String(sid));
		const credentials = { ...options.credentials, agoraNotificationsApi: 'default' };
		return await this.#untilError(async () => {
			const request = signNotice(notice, Date.now(), inCredentials['Notifications Secret']);
			const { body, items, state } = await this.#engine.receive(EVERY_EVENT, request, {
				credentials,
			});
			this.#witness.see('output', this.#without(returns, [body, items]));
			this.#witness.see('static data', state);
		});
	}

	async #untilError(work: () => Promise<void>): Promise<ActionOutcome> {
		try {
			await work();
			return { status: 'succeeded', json: [] };
		} catch (error) {
			this.#witness.see('error', error);
			return { status: 'failed', json: [] };
		}
	}

	#without(returns: ReturnedSecret | undefined, value: unknown): string {
		const text = typeof value === 'string' ? value : JSON.stringify(value);
		if (returns === undefined) return text;
		const { name, pattern } = returns;
		this.returned[name] = (this.returned[name] ?? 0) + (text.match(pattern)?.length ?? 0);
		return text.replace(pattern, '');
	}
}
