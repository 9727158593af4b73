import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { n8nFolder } from '../../../sandbox/n8n/paths.ts';
import type { Witness } from '../witness.ts';
import type { Poller } from './poller.ts';

/** What n8n's database says of one workflow. */
export interface Entry {
	/** What the trigger remembers as dealt with: digests; null while it remembers nothing. */
	known: Set<string> | null;
	/** What its latest poll that brought anything gave out: digests. */
	last: Set<string>;
	/** Which executions were given a recording, by its sid. */
	given: Map<string, number[]>;
}

/** An execution, whatever became of it. */
export interface Row {
	id: number;
	workflowId: string;
	status: string;
	/** The recordings that it was given. */
	items: Array<{ sid: string; status: string }>;
}

/** What the trigger keeps, as far as it matters here. */
interface State {
	seen: string;
	given: string;
}

type Items = Array<{ json: { sid: string; status: string } }>;

interface RunData {
	executionData?: {
		nodeExecutionStack: Array<{ node: { name: string }; data: { main: [Items] } }>;
	};
	resultData: { runData: Record<string, Array<{ data?: { main: [Items] } }>> };
}

/** n8n keeps execution data in this package's form; its own copy reads it. */
const flatted = createRequire(join(n8nFolder, 'package.json'))('flatted') as {
	parse(text: string): RunData;
};

export interface LedgerOptions {
	/** n8n's database. */
	file: string;
	poller: Poller;
	/** Name of the trigger node in each workflow. */
	trigger: string;
	readSeen(state: { seen: string }): Set<string>;
	witness: Witness;
}

/** Reads what n8n's database says of executions and of what triggers remember, itself, not through n8n. */
export class Ledger {
	/** All executions, by id. */
	readonly rows = new Map<number, Row>();
	readonly #options: LedgerOptions;

	constructor(options: LedgerOptions) {
		this.#options = options;
	}

	/** By workflow. */
	read(): Map<string, Entry> {
		const database = new DatabaseSync(this.#options.file, { readOnly: true, timeout: 10_000 });
		try {
			this.#readExecutions(database);
			return this.#entries(this.#memories(database));
		} finally {
			database.close();
		}
	}

	#readExecutions(database: DatabaseSync): void {
		const { witness } = this.#options;
		const rows = database.prepare('select id, workflowId, status from execution_entity').all();
		const dataOf = database.prepare('select data from execution_data where executionId = ?');
		for (const { id, workflowId, status } of rows as unknown as Array<Omit<Row, 'items'>>) {
			const known = this.rows.get(id);
			if (known) {
				known.status = status;
				continue;
			}
			const text = (dataOf.get(id) as { data: string }).data;
			witness.see('execution', text);
			this.rows.set(id, { id, workflowId, status, items: this.#itemsIn(text) });
		}
	}

	/** What the trigger gave lies where it waits for the first node, and after the run in its output. */
	#itemsIn(text: string): Row['items'] {
		const { trigger } = this.#options;
		const { executionData, resultData } = flatted.parse(text);
		const waiting = executionData?.nodeExecutionStack.find(({ node }) => node.name === trigger);
		const [run] = resultData.runData[trigger] ?? [];
		const [items] = run?.data?.main ?? waiting?.data.main ?? [[]];
		return items.map(({ json: { sid, status } }) => ({ sid, status }));
	}

	/** The trigger's memory as n8n keeps it, by workflow. */
	#memories(database: DatabaseSync): Map<string, { state?: State }> {
		const { poller, trigger } = this.#options;
		const rows = database.prepare(poller.memories).all() as Array<{ id: string; text: string }>;
		return new Map(
			rows.map(({ id, text }) => [id, poller.memoryOf(JSON.parse(text ?? '{}'), trigger) ?? {}]),
		);
	}

	#entries(memories: Map<string, { state?: State }>): Map<string, Entry> {
		const { readSeen, witness } = this.#options;
		const entries = new Map<string, Entry>();
		for (const [id, memory] of memories) {
			witness.see('static data', memory);
			const { state } = memory;
			entries.set(id, {
				known: state ? readSeen(state) : null,
				last: state ? readSeen({ seen: state.given }) : new Set(),
				given: new Map(),
			});
		}
		for (const { id, workflowId, items } of this.rows.values()) {
			const given = entries.get(workflowId)?.given;
			for (const { sid } of items) given?.set(sid, [...(given.get(sid) ?? []), id]);
		}
		return entries;
	}
}
