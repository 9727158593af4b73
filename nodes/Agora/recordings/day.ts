import { afterPrefix } from '../storage/listing';
import { INDEX_FOLDER } from './sessionRecord';

/** A day as Partition by Date names its folder: `20261123`, UTC. Days are compared as strings. */
export type Day = string;

/** Days from one to another, both included. */
export interface Days {
	from: Day;
	to: Day;
}

export const DAY_MS = 86_400_000;

/** Before and after every day that has a folder. */
const FIRST: Day = '00000000';
const LAST: Day = '99999999';

export const ALL_DAYS: Days = { from: FIRST, to: LAST };

/** @param time Unix milliseconds; outside this century it is before or after every day */
export function dayOf(time: number): Day {
	if (time < Date.UTC(2000)) return FIRST;
	if (time >= Date.UTC(2100)) return LAST;
	return new Date(time).toISOString().slice(0, 10).replaceAll('-', '');
}

/** @returns when a day began, Unix milliseconds; infinite for the first and last value of `ALL_DAYS` */
export function startOfDay(day: Day): number {
	if (day === LAST) return Infinity;
	if (day === FIRST) return -Infinity;
	return Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
}

/** @returns whether a value is a day, or one of `ALL_DAYS` */
export function isDay(value: unknown): value is Day {
	return typeof value === 'string' && /^\d{8}$/.test(value) && !Number.isNaN(startOfDay(value));
}

/** `<path>/<year><month><day>/<name>`: the innermost folder is a date of this century. */
const PARTITION = /^(.*\/)?(20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\/[^/]*$/;

/**
 * @param key of an object, or a folded entry of a listing
 * @returns the day whose folder it is in and the parent of that folder, '' or with a trailing slash; null for any other
 *   folder
 */
export function partitionOf(key: string): { parent: string; day: Day } | null {
	const match = PARTITION.exec(key);
	return match === null ? null : { parent: match[1] ?? '', day: match[2]! };
}

/** The folder of the last key that was checked, as consecutive keys are mostly in the same one. */
interface Folder {
	name: string;
	/** The days that were requested when it was checked. */
	days: Days;
	day: Day | null;
	/** Whether its keys are in the requested days, and not in the index. */
	isWanted: boolean;
}

/** Prefix of all day folders. */
export const CENTURY = '20';
/** Keys of the session index, of any credential with a prefix in the bucket. */
export const INDEXED = new RegExp(`^(?:.*/)?${INDEX_FOLDER}`);

/** Selects the keys of a listing that belong to the requested days, and remembers which days were left out. */
export class DayFilter {
	/** The requested days. */
	days: Days = ALL_DAYS;
	/** Parent folders in which days were skipped. */
	readonly skipped = new Set<string>();
	/** The oldest day left out so far, by the parent folder of the day folders. */
	private readonly oldestDays = new Map<string, Day>();
	private lastFolder: Folder = { name: '?', days: ALL_DAYS, day: null, isWanted: false };

	/** @returns the parent folders of day folders before the requested days, as far as they were listed */
	parentsWithOlder(): string[] {
		const older = [...this.oldestDays].filter(([, oldest]) => oldest < this.days.from);
		return older.map(([parent]) => parent);
	}

	/** @returns whether a key is outside day folders or in that of a requested day, and not in the session index */
	isWanted(key: string): boolean {
		return this.folderOf(key).isWanted;
	}

	/** @returns the day whose folder a key is in, null for any other folder */
	dayOf(key: string): Day | null {
		return this.folderOf(key).day;
	}

	/**
	 * @param last the last entry of a page
	 * @returns the key to continue after, where the page ends in keys that are not needed
	 */
	skipFrom(last: string): string | undefined {
		const [indexed] = INDEXED.exec(last) ?? [];
		if (indexed !== undefined) return afterPrefix(indexed);
		const partition = partitionOf(last);
		if (partition === null) return undefined;
		const { parent, day } = partition;
		const { from, to } = this.days;
		if (day >= from && day <= to) return undefined;
		this.skipped.add(parent);
		return day < from ? `${parent}${from}` : `${parent}${CENTURY}~`;
	}

	private folderOf(key: string): Folder {
		const { name, days } = this.lastFolder;
		const length = key.lastIndexOf('/') + 1;
		if (length !== name.length || !key.startsWith(name) || this.days !== days) {
			const isWanted = this.isWithinDays(key) && !INDEXED.test(key);
			const day = partitionOf(key)?.day ?? null;
			this.lastFolder = { name: key.slice(0, length), days: this.days, day, isWanted };
		}
		return this.lastFolder;
	}

	private isWithinDays(key: string): boolean {
		const partition = partitionOf(key);
		if (partition === null) return true;
		const { parent, day } = partition;
		const { from, to } = this.days;
		if (day < (this.oldestDays.get(parent) ?? from)) this.oldestDays.set(parent, day);
		return day >= from && day <= to;
	}
}
