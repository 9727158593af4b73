import type { Witness } from '../witness.ts';
import type { Stage } from './stage.ts';

/** Shows the witness all that n8n keeps: its logs, executions, binary data's names, and static data. */
export async function show({ cluster, services }: Stage, witness: Witness): Promise<void> {
	const { agoraAccount, storage } = cluster.sandbox;
	witness.guard({
		'Customer Secret': agoraAccount.customerSecret,
		'App Certificate': agoraAccount.appCertificate,
		'storage secret key': storage.secretKey,
	});
	for (const log of cluster.logs()) witness.see('log', log);
	for (const row of await services.rows('select * from execution_entity'))
		witness.see('execution', row);
	for (const row of await services.rows('select * from execution_data'))
		witness.see('execution', row);
	for (const row of await services.rows('select "staticData" from workflow_entity'))
		witness.see('static data', row);
	for (const row of await services.rows('select "fileName", "mimeType" from binary_data'))
		witness.see('binary metadata', row);
}
