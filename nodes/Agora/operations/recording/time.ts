import { DateTime } from 'luxon';
import { Fault } from '../../http/fault';

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
	throw new Fault(`The field ‘${field}’ is not a time`, {
		description: `It is ‘${text}’. Write it like 2026-11-23T09:30:00Z, or as Unix time in seconds.`,
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
