import { DateTime } from 'luxon';
import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { isChannelName, isUid, MAX_UID, NAME_CHARACTERS } from '../../agora/formats';
import { Fault } from '../../http/errors';

/**
 * Reads a field with a fixed set of choices, which an expression may have filled in.
 *
 * @param value a choice's value, or its name as the editor shows it
 * @param field its definition in n8n
 * @returns the choice's value
 * @throws Fault listing the choices when it is not one of them
 */
export function oneOf<Value = string>(value: unknown, field: INodeProperties): Value {
	const choices = (field.options ?? []) as INodePropertyOptions[];
	const text = String(value ?? '').trim();
	const chosen =
		choices.find((choice) => choice.value === value) ??
		choices.find((choice) => String(choice.value) === text) ??
		choices.find(({ name }) => name.toLowerCase() === text.toLowerCase());
	if (chosen !== undefined) return chosen.value as Value;
	const allowed = choices.map((choice) => `${JSON.stringify(choice.value)} (${choice.name})`);
	throw new Fault(`"${field.displayName}" can't be "${text.slice(0, 80)}"`, {
		description: `Use ${allowed.join(', ')}.`,
	});
}

/**
 * Reads a field with a fixed set of choices, of which several can be chosen.
 *
 * @param value a list of choices, or one or more as a string separated by commas, each as for `oneOf`
 * @returns the values of the choices, each once
 * @throws Fault listing the choices when there is none, or one that is not among them
 */
export function someOf<Value = string>(value: unknown, field: INodeProperties): Value[] {
	const chosen: unknown[] = Array.isArray(value) ? value : String(value ?? '').split(',');
	const set = chosen.filter((each) => String(each ?? '').trim() !== '');
	if (set.length > 0) return [...new Set(set.map((each) => oneOf<Value>(each, field)))];
	const names = ((field.options ?? []) as INodePropertyOptions[]).map(({ name }) => name);
	throw new Fault(`"${field.displayName}" is empty`, {
		description: `Choose at least one of ${names.join(', ')}.`,
	});
}

/**
 * Reads a toggle, which an expression may have filled in.
 *
 * @param unset what it is where it was not set
 * @throws Fault when it is neither true nor false, as a boolean or as a string
 */
export function readBoolean(value: unknown, label: string, unset = false): boolean {
	if (value === undefined || value === null || value === '') return unset;
	const text = String(value).trim();
	if (text === 'true' || text === 'false') return text === 'true';
	throw new Fault(`"${label}" can't be "${text.slice(0, 80)}"`, {
		description: 'It must be true or false.',
	});
}

/** @returns the whole number in a field, or in the text of an expression; undefined for anything else */
export function readWholeNumber(value: unknown): number | undefined {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return Number.isInteger(number) ? (number as number) : undefined;
}

/**
 * Reads a list of UIDs or IDs.
 *
 * @param value entries separated by commas or spaces, a number, or a list
 * @returns undefined when there is none
 */
export function readList(value: unknown): string[] | undefined {
	const texts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(/[\s,;]+/);
	const entries = texts.map((text) => text.trim()).filter((text) => text !== '');
	return entries.length > 0 ? entries : undefined;
}

/**
 * @returns the name
 * @throws Fault when an RTC channel cannot have it
 */
export function checkChannelName(cname: string): string {
	if (cname.trim() !== '' && isChannelName(cname)) return cname;
	throw new Fault(`"${cname.slice(0, 80)}" is not a valid channel name`, {
		description: `A channel name has 1 to 64 characters: ${NAME_CHARACTERS}`,
	});
}

/**
 * Reads the UID of one user, for Agora's channel management, which doesn't accept user accounts.
 *
 * @throws Fault when it is empty or not a UID
 */
export function readUserUid(value: unknown): string {
	const uid = String(value ?? '').trim();
	if (isUid(uid)) return uid;
	throw new Fault(uid === '' ? '"UID" is empty' : `"${uid.slice(0, 80)}" is not a UID`, {
		description: `Enter a whole number from 1 to ${MAX_UID}. Agora's API doesn't accept user accounts (strings) here.`,
	});
}

/**
 * Reads a day as people and other nodes write it. A time counts as the day that it shows, so that `$today`
 * is today in every time zone; the day is taken as a UTC day, as Agora counts.
 *
 * @param value ISO 8601 text with or without a time, a luxon DateTime, or a Date
 * @param field the field's label, for the error
 * @returns such as 2026-11-23
 * @throws Fault when it is not a day
 */
export function readDay(value: unknown, field: string): string {
	const text = String((value instanceof Date ? value.toJSON() : value) ?? '').trim();
	const day = /^(\d{4}-\d\d-\d\d)([T ].*)?$/.exec(text)?.[1] ?? '';
	if (DateTime.fromISO(day).isValid) return day;
	throw new Fault(`"${field}" is not a date`, {
		description: `It is "${text}". Write it like 2026-11-23.`,
	});
}

/**
 * Reads a point in time as people and other nodes write it.
 *
 * @param value ISO 8601 text, a Date, a luxon DateTime, or Unix time as number or digits (seconds, or
 *   milliseconds from 10¹¹ on); empty means none
 * @param zone time zone of text that names none, such as Europe/Berlin
 * @param field the field's label, for the error
 * @returns Unix milliseconds, undefined for none
 * @throws Fault when it is not a time
 */
export function readTime(value: unknown, zone: string, field: string): number | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	const text = String(value).trim();
	const time = toMilliseconds(value, text, zone);
	if (!Number.isNaN(time)) return time;
	throw new Fault(`"${field}" is not a time`, {
		description: `It is "${text}". Write it like 2026-11-23T09:30:00Z, or as Unix time in seconds.`,
	});
}

function toMilliseconds(value: unknown, text: string, zone: string): number {
	if (value instanceof Date || DateTime.isDateTime(value)) return value.valueOf();
	if (/^\d+(\.\d+)?$/.test(text)) return unixTime(Number(text));
	return DateTime.fromISO(text.replace(' ', 'T'), { zone }).toMillis();
}

function unixTime(number: number): number {
	return number < 1e11 ? number * 1000 : number;
}

/** Agora's own requests have six. Thousands would break whatever writes or copies them. */
const MOST_LEVELS = 100;

/**
 * Reads a JSON field, which contains text or, from an expression, an object.
 *
 * @param value empty text counts as {}
 * @param field the field's label, for the error
 * @returns a copy of the object
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

/** An object from an expression may run code when it is read; its copy is mere data. */
function copy(value: unknown, field: string): unknown {
	try {
		return JSON.parse(JSON.stringify(value) ?? 'null');
	} catch {
		throw notAnObject(field, 'It refers to itself, or contains values that JSON cannot.');
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
	return new Fault(`"${field}" is not a JSON object`, { description: detail });
}
