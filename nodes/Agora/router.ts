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
 *   "continue on fail", an item that failed is `{ error }`, with what to do in `message`.
 * @throws otherwise the first item's error, once the items already begun have ended. It names what the
 *   others started, or may have started, because n8n drops their output and their errors. Of a cancelled
 *   execution n8n keeps neither, so all of it is noted in n8n's log.
 */
export async function router(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	// Neither accepts an expression, so they are the same for all items.
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
		const named = withStartedNote(started, ofOthers, error as NodeError);
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

/** n8n recognizes a failed item by these keys, and sends it to the error output if there is one. */
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
function withStartedNote(started: string[], inDoubt: string[], error: NodeError): NodeError {
	const sentences = [
		error.description,
		started.length > 0 && `Recordings started by other items keep running: ${started.join('; ')}.`,
		inDoubt.length > 0 && `Recordings of other items may be running: ${inDoubt.join('; ')}.`,
	];
	error.description = sentences.filter(Boolean).join(' ');
	return error;
}
