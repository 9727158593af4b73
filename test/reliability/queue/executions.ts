import { readRun, type Execution } from '../../e2e/executions.ts';
import type { WorkflowName } from './workflows.ts';
import type { Stage } from './stage.ts';

/** An execution as it stands in n8n's database. */
export interface Row {
	id: string;
	status: string;
	mode: string;
	/** The execution that this one repeats. */
	retryOf: string | null;
}

const UNDER_WAY = ['new', 'running', 'waiting'];

export function isUnderWay({ status }: Row): boolean {
	return UNDER_WAY.includes(status);
}

/** All executions of a workflow, oldest first. */
export async function executionsOf(
	{ services, cluster }: Stage,
	workflow: WorkflowName,
): Promise<Row[]> {
	return await services.rows<Row>(
		`select id::text, status, mode, "retryOf"
		from execution_entity where "workflowId" = $1 order by execution_entity.id`,
		[cluster.workflows[workflow]],
	);
}

/** What the nodes of an execution put out, and what stopped it. */
export async function runOf(
	{ services }: Stage,
	id: string,
): Promise<Pick<Execution, 'error' | 'outputs'>> {
	const [row] = await services.rows<{ data: string }>(
		'select data from execution_data where "executionId" = $1',
		[id],
	);
	return row === undefined ? { outputs: {} } : readRun(row.data);
}
