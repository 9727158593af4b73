import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../http/fault';

/**
 * Reads a JSON field, which holds text or, from an expression, an object.
 *
 * @param value what n8n hands over; empty text counts as {}
 * @param field the field's label, for the error
 * @throws Fault when it is not a JSON object, with the place where reading stopped
 */
export function readJsonObject(value: unknown, field: string): IDataObject {
	let parsed = value;
	if (typeof value === 'string') {
		if (value.trim() === '') return {};
		try {
			parsed = JSON.parse(value);
		} catch (error) {
			throw notAnObject(field, placeOf(error as Error));
		}
	}
	if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
		return parsed as IDataObject;
	}
	throw notAnObject(field, 'Write an object in braces, such as { "maxIdleTime": 30 }.');
}

/** Only the place: the engine quotes the text around it, which may be a storage key. */
function placeOf({ message }: Error): string {
	const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0];
	return `Check quotes, commas and braces${place === undefined ? '' : ` ${place}`}.`;
}

function notAnObject(field: string, detail: string): Fault {
	return new Fault(`The field ‘${field}’ is not a JSON object`, { description: detail });
}
