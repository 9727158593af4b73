import { DatabaseSync } from 'node:sqlite';

/** After which n8n takes over what another n8n has begun, and more. */
const LONG = '-10 minutes';

/**
 * Makes n8n's database, while n8n is dead, look as if it had been dead for some minutes. An n8n that was killed
 * while it activated workflows has left them claimed, and the next one would leave them alone for two minutes.
 *
 * @param file the database
 * @throws Error when n8n has given up activating a workflow: then it does not watch any more
 */
export function letClaimsExpire(file: string): void {
	const database = new DatabaseSync(file, { timeout: 10_000 });
	try {
		database
			.prepare(
				`update workflow_publication_outbox
				set updatedAt = strftime('%Y-%m-%d %H:%M:%f', 'now', ?) where status = 'in_progress'`,
			)
			.run(LONG);
		const failed = database
			.prepare(
				"select errorMessage from workflow_publication_trigger_status where status = 'failed'",
			)
			.all();
		if (failed.length > 0)
			throw new Error(`n8n gave up activating a workflow: ${failed[0]!.errorMessage as string}`);
	} finally {
		database.close();
	}
}
