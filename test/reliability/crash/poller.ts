/** One of n8n's two ways to poll. */
export interface Poller {
	name: 'default' | 'durable';
	/** What switches it on, as environment variables. */
	settings: Record<string, string>;
	/** Whether it tells the trigger that n8n was started, which then gives out once more what it gave out last. */
	tellsOfStart: boolean;
	/** Asks n8n's database for what triggers remember: `text` is JSON, `id` is the workflow's. */
	memories: string;
	/** Takes one trigger's memory out of it. */
	memoryOf(parsed: Record<string, object>, trigger: string): object | undefined;
}

/** Polls in memory, and saves what a trigger remembers by itself. */
export const DEFAULT_POLLER: Poller = {
	name: 'default',
	settings: {},
	tellsOfStart: true,
	memories: 'select id, staticData as text from workflow_entity',
	memoryOf: (parsed, trigger) => parsed[`node:${trigger}`],
};

/** Polls by a schedule in the database, and saves what a trigger remembers together with the execution. */
export const DURABLE_POLLER: Poller = {
	name: 'durable',
	settings: {
		N8N_SCHEDULER_ENABLED: 'true',
		N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
		N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
	},
	tellsOfStart: false,
	memories: 'select workflowId as id, cursor as text from poller_state',
	memoryOf: (parsed) => parsed,
};
