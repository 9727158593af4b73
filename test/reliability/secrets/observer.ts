import type { IDataObject } from 'n8n-workflow';
import type { Engine, RunOptions, RunResult } from '../../integration/engine.ts';
import type { Witness } from '../witness.ts';
import type { Action, Gift } from './actions.ts';
import type { Ending } from './tally.ts';

/** Runs actions in n8n's engine, and shows a witness all that comes out. */
export class Observer {
	readonly #engine: Engine;
	readonly #witness: Witness;
	#oldFiles: ReadonlySet<string> = new Set();
	readonly #gifts = new Map<string, number>();
	#logLetters = 0;

	constructor(engine: Engine, witness: Witness) {
		this.#engine = engine;
		this.#witness = witness;
	}

	/** One that leaves out what this process logged and kept before. */
	static async fromNow(engine: Engine, witness: Witness): Promise<Observer> {
		const observer = new Observer(engine, witness);
		observer.#logLetters = (await engine.log()).length;
		observer.#oldFiles = new Set(engine.binaryMetadata());
		return observer;
	}

	/** How often a secret was left out of what is searched because it may be seen there, by the gift's name. */
	get gifts(): ReadonlyMap<string, number> {
		return this.#gifts;
	}

	/**
	 * @param options `gift`: what may be seen besides what the action gives; `learn` is told of its end before
	 *   what came out is searched, and may guard secrets that it made
	 */
	async do(
		{ what, gives }: Action,
		{
			gift = gives,
			learn,
			...options
		}: RunOptions & { gift?: Gift; learn?: () => Promise<void> } = {},
	): Promise<Ending> {
		if ('list' in what) return await this.#list(what.list, options);
		if ('poll' in what) return await this.#poll(what.poll, options, gift);
		const result =
			'test' in what
				? await this.#engine.testTrigger(what.test, options)
				: await this.#engine.run(what.run, options);
		await learn?.();
		this.see(result, gift);
		if (result.status === 'canceled') return 'cancelled';
		return result.error === undefined ? 'done' : 'failed';
	}

	/** @param gift what is left out of the search */
	see({ items, error, thrown, stored, staticData }: RunResult, gift?: Gift): void {
		// The file itself is no text; beside it is its name, and that is searched.
		const output = items.map(({ json, binary = {} }) => ({
			json,
			binary: Object.values(binary).map((file) => ({ ...file, data: '' })),
		}));
		if (output.length > 0) this.#witness.see('output', this.#without(gift, output));
		if (error !== undefined || thrown !== undefined) this.#witness.see('error', { error, thrown });
		this.#witness.see('execution', this.#without(gift, stored));
		if (Object.keys(staticData).length > 0) this.#witness.see('static data', staticData);
	}

	async #list(method: string, options: RunOptions): Promise<Ending> {
		return await this.#untilError(async () => {
			this.#witness.see('output', await this.#engine.listSearch(method, '', options));
		});
	}

	/** Polls twice: the second time with what is remembered from the first. */
	async #poll(parameters: IDataObject, options: RunOptions, gift?: Gift): Promise<Ending> {
		const { poll, state } = this.#engine.trigger(parameters, options);
		return await this.#untilError(async () => {
			for (let time = 0; time < 2; time++)
				this.#witness.see('output', this.#without(gift, await poll()));
			this.#witness.see('static data', state);
		});
	}

	async #untilError(work: () => Promise<void>): Promise<Ending> {
		try {
			await work();
			return 'done';
		} catch (error) {
			this.#witness.see('error', error);
			return 'failed';
		}
	}

	#without(gift: Gift | undefined, what: unknown): string {
		const text = typeof what === 'string' ? what : JSON.stringify(what);
		if (gift === undefined) return text;
		const count = text.match(gift.form)?.length ?? 0;
		this.#gifts.set(gift.name, (this.#gifts.get(gift.name) ?? 0) + count);
		return text.replace(gift.form, '');
	}

	/** Shows what n8n has logged. */
	async seeLog(): Promise<void> {
		this.#witness.see('log', (await this.#engine.log()).slice(this.#logLetters));
	}

	/** Shows what n8n keeps beside the files that came out. */
	seeBinaryMetadata(): void {
		const files = this.#engine.binaryMetadata().filter((text) => !this.#oldFiles.has(text));
		for (const text of files) this.#witness.see('binary metadata', text);
	}
}
