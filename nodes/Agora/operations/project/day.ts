import { DateTime } from 'luxon';
import { Fault } from '../../http/fault';

/**
 * Reads a day as people and other nodes write it. A time stands for the day that it shows, so that `$today`
 * is today in every time zone; the day is taken for a UTC day, as Agora counts.
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
	throw new Fault(`The field ‘${field}’ is not a date`, {
		description: `It is ‘${text}’. Write it like 2026-11-23.`,
	});
}
