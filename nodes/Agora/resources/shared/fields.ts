import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/errors';
import { readBoolean, readWholeNumber } from './parameters';

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

/**
 * @returns the limit of an item, Infinity for all
 * @throws Fault when it is not a whole number from 1 on
 */
export function readLimit(context: IExecuteFunctions, itemIndex: number): number {
	if (readBoolean(context.getNodeParameter('returnAll', itemIndex, false), 'Return All')) {
		return Infinity;
	}
	const value = context.getNodeParameter('limit', itemIndex, 50) as unknown;
	const limit = readWholeNumber(value);
	if (limit !== undefined && limit >= 1) return limit;
	throw new Fault('"Limit" must be a whole number from 1 on', {
		description: `It is "${String(value)}". Turn on Return All to return all results.`,
	});
}

export const simplify: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

export const userUid: INodeProperties = {
	displayName: 'UID',
	name: 'uid',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. 1001',
	description:
		"The user's UID, a whole number from 1 to 4294967295. Agora's API doesn't accept user accounts.",
};

export const appIdOption: INodeProperties = {
	displayName: 'App ID',
	name: 'appId',
	type: 'string',
	default: '',
	placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
	description: 'App ID of the project, if it is not the one in the Agora API credential',
};

/** The Options field of operations whose only option is App ID. */
export const appIdOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [appIdOption],
};

/**
 * Sorts options alphabetically, as n8n's guidelines require. The labels are ASCII, so code unit order is correct;
 * `localeCompare` would take longer to initialize than the whole package takes to load.
 */
export function alphabetical(fields: INodeProperties[]): INodeProperties[] {
	return fields.toSorted((a, b) => (a.displayName < b.displayName ? -1 : 1));
}
