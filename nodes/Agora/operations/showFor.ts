import type { INodeProperties } from 'n8n-workflow';

/**
 * Makes fields appear only for one operation of one resource.
 */
export function showFor(
	resource: string,
	operation: string,
	fields: INodeProperties[],
): INodeProperties[] {
	const shown = { resource: [resource], operation: [operation] };
	return fields.map((field) => ({
		...field,
		displayOptions: { ...field.displayOptions, show: { ...field.displayOptions?.show, ...shown } },
	}));
}
