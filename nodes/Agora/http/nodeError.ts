import type { Failure, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { Fault } from './fault';

type NodeError = NodeApiError | NodeOperationError;

/**
 * Turns anything thrown into the error n8n shows.
 *
 * @param node the node that ran
 * @param error what was caught
 * @param itemIndex the input item it belongs to, where there is one
 * @returns a NodeApiError when a service answered, a NodeOperationError otherwise. It is built from plain
 *   words only: a caught HTTP error would carry the request's headers, and with them the credentials.
 */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeError {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) {
		if (itemIndex !== undefined) error.context.itemIndex = itemIndex;
		return error;
	}
	if (!(error instanceof Fault)) {
		return new NodeOperationError(node, (error as Error).message, { itemIndex });
	}
	const { message } = error;
	const { description, httpCode } = error.details;
	const options = { message, description, itemIndex, failure: failureOf(error) };
	return httpCode === undefined
		? new NodeOperationError(node, message, options)
		: new NodeApiError(node, { message, httpCode } as JsonObject, { ...options, httpCode });
}

function failureOf({ details: { cause, retryAfterMs } }: Fault): Failure | undefined {
	if (cause === undefined) return undefined;
	if (cause === 'credential-invalid' || cause === 'configuration-invalid') return { cause };
	return { cause, retryAfterMs };
}
