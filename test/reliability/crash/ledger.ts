import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { n8nFolder } from '../../../sandbox/n8n/paths.ts';
import { TRIGGER } from './workflows.ts';

/** One of n8n's two ways to poll. */
export interface PollerKind {
	name: 'default' | 'durable';
	/** Environment variables that turn it on. */
	settings: Record<string, string>;
	/** Selects the trigger's state of each workflow, as `id` and JSON in `text`. */
	statesQuery: string;
	/** Takes the trigger's state out of the JSON. */
	stateIn(json: Record<string, { state?: State }>): State | undefined;
}

interface State {
	seen: string;
	/** What the last poll with new recordings emitted. */
	emitted: string;
}

/** Polls in memory. It saves the trigger's state first and the execution after it. */
export const DEFAULT_POLLER: PollerKind = {
	name: 'default',
	settings: {},
	statesQuery: 'select id, staticData as text from workflow_entity',
	stateIn: (json) => json[`node:${TRIGGER}`]?.state,
};

/** Polls by a schedule in the database, and saves state and execution in one transaction. */
export const DURABLE_POLLER: PollerKind = {
	name: 'durable',
	settings: {
		N8N_SCHEDULER_ENABLED: 'true',
		N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
		N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
	},
	statesQuery: 'select workflowId as id, cursor as text from poller_state',
	stateIn: (json) => (json as { state?: State }).state,
};

export const LAST_EXECUTION = 'select max(id) from execution_entity';

/** What n8n's database contains of one workflow. */
export interface LedgerEntry {
	/** Null before the trigger has stored any. */
	state: State | null;
	executions: Array<{ status: string; items: EmittedItem[]; data: string }>;
}

interface EmittedItem {
	sid: string;
	status: string;
}

type Items = Array<{ json: EmittedItem }>;

interface ExecutionData {
	executionData?: {
		nodeExecutionStack: Array<{ node: { name: string }; data: { main: [Items] } }>;
	};
	resultData: { runData: Record<string, Array<{ data?: { main: [Items] } }>> };
}

/** The format of n8n's execution data. */
const flatted = createRequire(join(n8nFolder, 'package.json'))('flatted') as {
	parse(text: string): ExecutionData;
};

/** Opens n8n's SQLite database, which n8n may be using. */
export function openDatabase(file: string, readOnly = true): DatabaseSync {
	return new DatabaseSync(file, { readOnly, timeout: 10_000 });
}

/** Reads n8n's database itself, as n8n may be dead. */
export function readLedger(file: string, poller: PollerKind, workflow: string): LedgerEntry {
	const database = openDatabase(file);
	try {
		const states = database.prepare(poller.statesQuery).all() as Array<{
			id: string;
			text: string;
		}>;
		const text = states.find(({ id }) => id === workflow)?.text ?? '{}';
		const rows = database
			.prepare(
				`select status, data from execution_entity
				join execution_data on executionId = id where workflowId = ? order by id`,
			)
			.all(workflow) as Array<{ status: string; data: string }>;
		return {
			state: poller.stateIn(JSON.parse(text)) ?? null,
			executions: rows.map((row) => ({ ...row, items: itemsIn(row.data) })),
		};
	} finally {
		database.close();
	}
}

/** What the trigger emitted is in its output once it has run, and before that on the stack of nodes to run. */
function itemsIn(data: string): EmittedItem[] {
	const { executionData, resultData } = flatted.parse(data);
	const waiting = executionData?.nodeExecutionStack.find(({ node }) => node.name === TRIGGER);
	const [run] = resultData.runData[TRIGGER] ?? [];
	const [items] = run?.data?.main ?? waiting?.data.main ?? [[]];
	return items.map(({ json: { sid, status } }) => ({ sid, status }));
}

/**
 * Makes the database of a dead n8n look as if it had been dead for ten minutes. n8n claims the workflows that it is
 * activating; if it is killed meanwhile, the next one waits for two minutes.
 */
export function expireActivationClaims(file: string): void {
	const database = openDatabase(file, false);
	try {
		database.exec(
			`update workflow_publication_outbox
			set updatedAt = strftime('%Y-%m-%d %H:%M:%f', 'now', '-10 minutes')
			where status = 'in_progress'`,
		);
	} finally {
		database.close();
	}
}
