import type { INodeProperties } from 'n8n-workflow';

/**
 * Sorts fields as n8n wants options shown. Labels are plain English: the locale's own order, `localeCompare`,
 * would be the same, but takes longer to set up than the whole package takes to load.
 */
export function alphabetical(fields: INodeProperties[]): INodeProperties[] {
	return fields.toSorted((a, b) => (a.displayName < b.displayName ? -1 : 1));
}
