import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../http/fault';

/** Agora's own requests have six. What has thousands breaks whatever writes or copies it. */
const MOST_LEVELS = 100;

/**
 * Reads a JSON field, which holds text or, from an expression, an object.
 *
 * @param value what n8n hands over; empty text counts as {}
 * @param field the field's label, for the error
 * @returns the object, never the one that was handed over
 * @throws Fault when it is not a JSON object, with the place where reading stopped, or is nested too deep
 */
export function readJsonObject(value: unknown, field: string): IDataObject {
	const parsed = typeof value === 'string' ? parse(value, field) : copy(value, field);
	if (isDeeperThan(MOST_LEVELS, parsed)) {
		throw notAnObject(field, `It is nested more than ${MOST_LEVELS} levels deep.`);
	}
	if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
		return parsed as IDataObject;
	}
	throw notAnObject(field, 'Write an object in braces, such as { "maxIdleTime": 30 }.');
}

function parse(text: string, field: string): unknown {
	if (text.trim() === '') return {};
	try {
		return JSON.parse(text);
	} catch (error) {
		throw notAnObject(field, placeOf(error as Error));
	}
}

/** What an expression gave may do anything when it is looked at; its copy is mere data. */
function copy(value: unknown, field: string): unknown {
	try {
		return JSON.parse(JSON.stringify(value) ?? 'null');
	} catch {
		throw notAnObject(field, 'It refers to itself, or holds what JSON cannot.');
	}
}

function isDeeperThan(levels: number, value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}

/** Only the place: the engine quotes the text around it, which may be a storage key. */
function placeOf({ message }: Error): string {
	const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0];
	return `Check quotes, commas and braces${place === undefined ? '' : ` ${place}`}.`;
}

function notAnObject(field: string, detail: string): Fault {
	return new Fault(`The field ‘${field}’ is not a JSON object`, { description: detail });
}
