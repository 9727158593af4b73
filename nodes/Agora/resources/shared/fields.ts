import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

export const returnAll: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

export const limit: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	displayOptions: { show: { returnAll: [false] } },
	description: 'Max number of results to return',
};

/** @returns the limit of an item, Infinity for all */
export function readLimit(context: IExecuteFunctions, itemIndex: number): number {
	if (context.getNodeParameter('returnAll', itemIndex, false) === true) return Infinity;
	return context.getNodeParameter('limit', itemIndex, 50) as number;
}

/**
 * Sorts options alphabetically, as n8n's guidelines require. The labels are ASCII, so code unit order is correct;
 * `localeCompare` would take longer to initialize than the whole package takes to load.
 */
export function alphabetical(fields: INodeProperties[]): INodeProperties[] {
	return fields.toSorted((a, b) => (a.displayName < b.displayName ? -1 : 1));
}
