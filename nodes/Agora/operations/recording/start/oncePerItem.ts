import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { Fault } from '../../../http/fault';

/** What came of the starts, for as long as n8n holds the input items. */
const outcomes = new WeakMap<INodeExecutionData, Promise<IDataObject>>();

/**
 * Starts a recording for an input item, once. With Retry On Fail n8n runs a node that failed again, for all its
 * items: one that has started a recording, or may have, gives what it gave before; the others try again.
 *
 * @param item as n8n hands it to every try of one run, and to no other run
 * @throws what `begin` throws, again for each try when it has left behind what may run
 */
export async function oncePerItem(
	item: INodeExecutionData,
	begin: () => Promise<IDataObject>,
): Promise<IDataObject> {
	const known = outcomes.get(item);
	if (known !== undefined) return await known;
	const outcome = begin();
	outcomes.set(item, outcome);
	outcome.catch((error: unknown) => {
		const mayRun = error instanceof Fault && error.details.leftBehind !== undefined;
		if (!mayRun) outcomes.delete(item);
	});
	return await outcome;
}
