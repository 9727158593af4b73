import { DateTime } from 'luxon';

/**
 * Reads a time as Agora writes it. Its console REST API documents Unix seconds, but milliseconds (a
 * project's `created`) and ISO 8601 (the `date` of a usage) have been seen; seconds stay below 10¹¹ until
 * the year 5138.
 *
 * @returns the time in UTC, null when it is none
 */
export function readTimestamp(stamp: unknown): DateTime | null {
	const number = Number(stamp);
	const time = Number.isNaN(number)
		? DateTime.fromISO(String(stamp), { zone: 'utc' })
		: DateTime.fromMillis(number < 1e11 ? number * 1000 : number, { zone: 'utc' });
	return time.isValid && time.toMillis() > 0 ? time : null;
}
