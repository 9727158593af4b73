import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { toNodeError } from './http/nodeError';
import { pollRecordings } from './trigger/pollRecordings';

/**
 * Polls the bucket once.
 *
 * @returns an item for each new recording, null for none
 * @throws NodeError when the bucket cannot be read
 */
export async function runPoll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	try {
		const recordings = await pollRecordings(context);
		if (recordings.length === 0) return null;
		return [recordings.map((json) => ({ json: json as unknown as IDataObject }))];
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}
