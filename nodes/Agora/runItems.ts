import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { toNodeError } from './http/nodeError';
import { sideBySide } from './http/sideBySide';
import { operationOf, type Execute } from './operations';
import { FileItem } from './operations/fileItem';

const ITEMS_AT_ONCE = 10;

/**
 * Runs the chosen operation for every input item, several at once.
 *
 * @returns the output items in the order of the input items, each paired with the one it came from. With
 *   "continue on fail" an item that failed gives `{ error }`.
 * @throws the first item's error otherwise, once the items already begun have ended. It names what the
 *   others started, because n8n drops their output.
 */
export async function runItems(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const started: string[] = [];
	const runItem = async (_: INodeExecutionData, item: number): Promise<INodeExecutionData[]> => {
		try {
			const operation = context.getNodeParameter('operation', item) as string;
			const output = [await runOperation(context, operation, item)].flat().map(toItem);
			if (operation === 'start') {
				started.push(...output.map(({ json }) => String(json.sid)));
			}
			return output.map((each) => ({ ...each, pairedItem: { item } }));
		} catch (error) {
			const nodeError = toNodeError(context.getNode(), error, item);
			if (!context.continueOnFail()) throw nodeError;
			return [{ json: errorItem(nodeError), pairedItem: { item } }];
		}
	};
	try {
		return (await sideBySide(context.getInputData(), ITEMS_AT_ONCE, runItem)).flat();
	} catch (error) {
		throw naming(started, error as ReturnType<typeof toNodeError>);
	}
}

async function runOperation(
	context: IExecuteFunctions,
	operation: string,
	item: number,
): ReturnType<Execute> {
	const resource = context.getNodeParameter('resource', item) as string;
	const execute = operationOf(resource, operation);
	if (execute === undefined) {
		throw new NodeOperationError(
			context.getNode(),
			`The resource ‘${resource}’ has no operation ‘${operation}’`,
			{ itemIndex: item },
		);
	}
	return await execute(context, item);
}

function toItem(output: IDataObject | FileItem): INodeExecutionData {
	if (!(output instanceof FileItem)) return { json: output };
	const { json, binary } = output;
	return { json, binary };
}

function errorItem({ message, description }: ReturnType<typeof toNodeError>): IDataObject {
	return description ? { error: message, description } : { error: message };
}

function naming(started: string[], error: ReturnType<typeof toNodeError>) {
	if (started.length > 0) {
		const others = `Recordings started by other items keep running: ${started.join(', ')}.`;
		error.description = [error.description, others].filter(Boolean).join(' ');
	}
	return error;
}
