import type { IDataObject } from 'n8n-workflow';

/** @returns the object without what was not set: undefined, and fields left empty */
export function withoutUnset(object: object): IDataObject {
	return Object.fromEntries(
		Object.entries(object).filter(([, value]) => value !== undefined && value !== ''),
	) as IDataObject;
}
