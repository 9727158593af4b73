import type { IDataObject } from 'n8n-workflow';
import { isSafeObjectProperty } from 'n8n-workflow';

/**
 * Lays one object over another, objects inside objects too; lists are replaced whole.
 *
 * @returns a new object. Keys that would reach an object's prototype are left out.
 */
export function mergeOver(base: IDataObject, over: IDataObject): IDataObject {
	const merged: IDataObject = { ...base };
	for (const [key, value] of Object.entries(over)) {
		if (!isSafeObjectProperty(key)) continue;
		const below = merged[key];
		merged[key] = isPlain(value) ? mergeOver(isPlain(below) ? below : {}, value) : value;
	}
	return merged;
}

function isPlain(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
