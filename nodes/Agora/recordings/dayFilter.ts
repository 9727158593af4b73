import { afterPrefix } from '../storage/listing';
import { ALL_DAYS, partitionOf, type Day, type Days } from './day';
import { INDEX_FOLDER } from './sessionRecord';

interface Folder {
	name: string;
	/** The days that were requested when it was checked. */
	days: Days;
	day: Day | null;
	/** Whether its keys are needed. */
	isWanted: boolean;
}

/** All day folders begin with it. */
export const CENTURY = '20';
/** The index of any credential whose prefix is in the bucket. */
export const INDEXED = new RegExp(`^(?:.*/)?${INDEX_FOLDER}`);

/** Decides which keys of a listing belong to the requested days, and remembers which days were left out. */
export class DayFilter {
	/** The days that are requested. */
	days: Days = ALL_DAYS;
	/** Parent folders in which days were skipped. */
	readonly skipped = new Set<string>();
	/** The oldest day left out so far, by the parent folder of the day folders. */
	private readonly oldestDays = new Map<string, Day>();
	private lastFolder: Folder = { name: '?', days: ALL_DAYS, day: null, isWanted: false };

	/** @returns the parent folders of day folders before the requested days, as far as they were seen */
	parentsWithOlder(): string[] {
		const older = [...this.oldestDays].filter(([, oldest]) => oldest < this.days.from);
		return older.map(([parent]) => parent);
	}

	/** @returns whether a key is in no day folder or in that of a requested day, and not in the package's own index */
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

	/** Keys next to each other are mostly in the same folder. */
	private folderOf(key: string): Folder {
		const name = key.slice(0, key.lastIndexOf('/') + 1);
		if (name !== this.lastFolder.name || this.days !== this.lastFolder.days) {
			const isWanted = this.isWithinDays(key) && !INDEXED.test(key);
			const day = partitionOf(key)?.day ?? null;
			this.lastFolder = { name, days: this.days, day, isWanted };
		}
		return this.lastFolder;
	}

	private isWithinDays(key: string): boolean {
		const partition = partitionOf(key);
		if (partition === null) return true;
		const { parent, day } = partition;
		const { from, to } = this.days;
		if (day < from && day < (this.oldestDays.get(parent) ?? from)) this.oldestDays.set(parent, day);
		return day >= from && day <= to;
	}
}
