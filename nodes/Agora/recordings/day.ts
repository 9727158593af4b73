/**
 * A day as Partition by Date names its folder: `20261123`, UTC. Days compare as text.
 */
export type Day = string;

/** Days from one to another, both included. */
export interface Days {
	from: Day;
	to: Day;
}

export const DAY_MS = 86_400_000;

/** Before and after any day there is a folder for. */
const FIRST: Day = '00000000';
const LAST: Day = '99999999';

export const ALL_DAYS: Days = { from: FIRST, to: LAST };

/** @param time Unix milliseconds; outside this century it is before or after every day */
export function dayOf(time: number): Day {
	if (time < Date.UTC(2000)) return FIRST;
	if (time >= Date.UTC(2100)) return LAST;
	return new Date(time).toISOString().slice(0, 10).replaceAll('-', '');
}

/** @returns when a day began, Unix milliseconds; infinite for what is before or after every day */
export function startOfDay(day: Day): number {
	if (day === LAST) return Infinity;
	if (day === FIRST) return -Infinity;
	return Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
}

/** @returns whether something is the name of a day, or of what is before or after every day */
export function isDay(value: unknown): value is Day {
	return typeof value === 'string' && /^\d{8}$/.test(value) && !Number.isNaN(startOfDay(value));
}

/** `<path>/<year><month><day>/<name>`: the innermost folder is a date of this century. */
const PARTITION = /^(.*\/)?(20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\/[^/]*$/;

/**
 * @param key of an object, or what a listing folded into one entry
 * @returns the day whose folder it is in and the parent of that folder, '' or with a trailing slash; null
 *   for any other folder
 */
export function partitionOf(key: string): { parent: string; day: Day } | null {
	const match = PARTITION.exec(key);
	return match === null ? null : { parent: match[1] ?? '', day: match[2]! };
}
