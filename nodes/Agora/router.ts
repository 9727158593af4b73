import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { sessionName, type Session } from './agora/cloudRecording';
import { cancelSignal, mapConcurrent } from './http/concurrency';
import { fullText, mayBeRunning, toNodeError } from './http/errors';
import { operations } from './resources';

const ITEMS_AT_ONCE = 10;

type NodeError = ReturnType<typeof toNodeError>;

/**
 * Runs the chosen operation for every input item, several at once.
 *
 * @returns the output items in the order of the input items, each paired with the one it came from. With
 *   "continue on fail" an item that failed gives `{ error }`, and in `message` what to do.
 * @throws the first item's error otherwise, once the items already begun have ended. It names what the
 *   others started, or may have started, because n8n drops their output and their errors. Of a cancelled
 *   execution n8n keeps neither, so all of it is noted in n8n's log.
 */
export async function runItems(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	// Neither takes an expression: they are the same for all items.
	const resource = context.getNodeParameter('resource', 0) as string;
	const operation = context.getNodeParameter('operation', 0) as string;
	const execute = operations[resource]?.[operation];
	const started: string[] = [];
	const inDoubt = new Map<NodeError, string>();
	const runItem = async (_: INodeExecutionData, item: number): Promise<INodeExecutionData[]> => {
		try {
			if (execute === undefined) {
				throw new Error(`The resource "${resource}" has no operation "${operation}"`);
			}
			const output = [await execute(context, item)].flat().map(toItem);
			if (operation === 'start') {
				const isNew = output.filter(({ json }) => json.already_recording === false);
				started.push(...isNew.map(({ json }) => sessionName(json as unknown as Session)));
			}
			return output.map((each) => ({ ...each, pairedItem: { item } }));
		} catch (error) {
			const nodeError = toNodeError(context.getNode(), error, item);
			if (mayBeRunning(error)) inDoubt.set(nodeError, error.details.mayBeRunning!);
			if (!context.continueOnFail()) throw nodeError;
			return [{ json: errorItem(nodeError), pairedItem: { item } }];
		}
	};
	try {
		return (await mapConcurrent(context.getInputData(), ITEMS_AT_ONCE, runItem)).flat();
	} catch (error) {
		const ofOthers = [...inDoubt].filter(([by]) => by !== error).map(([, what]) => what);
		const named = naming(started, ofOthers, error as NodeError);
		throw isTool(context) ? withWholeMessage(named) : named;
	} finally {
		const left = [...started, ...inDoubt.values()];
		if (left.length > 0 && cancelSignal(context)?.aborted) {
			context.logger.warn(`Cancelled; these recordings may be running: ${left.join('; ')}.`);
		}
	}
}

/** Download returns n8n's items, with files; no object of Agora's has both keys. */
function toItem(output: IDataObject | INodeExecutionData): INodeExecutionData {
	return 'json' in output && 'binary' in output ? (output as INodeExecutionData) : { json: output };
}

/** By these names n8n knows an item that failed, and gives it out at the error output where there is one. */
function errorItem({ message, description }: NodeError): IDataObject {
	return description ? { error: message, message: description } : { error: message };
}

function isTool(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** Of a tool's error, n8n passes only the message on to the agent. */
function withWholeMessage(error: NodeError): NodeError {
	if (error.description) error.message = fullText(error.message, error.description);
	return error;
}

/** @param started,inDoubt by other items than the error's own */
function naming(started: string[], inDoubt: string[], error: NodeError): NodeError {
	const words = [
		error.description,
		started.length > 0 && `Recordings started by other items keep running: ${started.join('; ')}.`,
		inDoubt.length > 0 && `Recordings of other items may be running: ${inDoubt.join('; ')}.`,
	];
	error.description = words.filter(Boolean).join(' ');
	return error;
}
