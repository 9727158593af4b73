import { mapConcurrent } from '../http/concurrency';
import { comesAfter, endOf, lastEntry } from '../storage/listing';
import { Pages } from '../storage/pages';
import type { Bucket, ListPage } from '../storage/types';
import { ALL_DAYS, partitionOf, type Day, type Days } from './day';
import { collect, type SessionFiles } from './sessionFiles';
import { INDEX_FOLDER } from './sessionRecord';
import { idOf, sessionKeyOf, type KeyPrefix, type SessionKey, type SessionRef } from './sessionRef';

export interface ScanOptions {
	/** Unix milliseconds; the scan fails when it has not ended by then. */
	deadline?: number;
	/**
	 * Whether it is one of many scans in a row: then few requests are spent on names that are not Agora's and never
	 * led to a recording, and all of them are searched in turns.
	 */
	isRepeated?: boolean;
}

/** Keys between two others; open where one is missing. */
interface KeyRange {
	after?: string;
	before?: string;
}

/** `bak<n>_` with nothing after it: the folded entry of everything that replacing recorders wrote. */
const TAKEOVER = /(?:^|\/)bak\d+_$/;
interface ScannedFolder {
	name: string;
	/** The days that were scanned when it was looked at. */
	days: Days;
	day: Day | null;
	/** Whether its sessions are in the requested days. */
	isWanted: boolean;
}

/** All day folders begin with it. */
const CENTURY = '20';
const REQUESTS_AT_ONCE = 8;
/** Requests for names that are not Agora's: enough for every bucket that is not mainly used for something else. */
const OPENINGS = 100;
const OPENINGS_IF_REPEATED = 4;
/** More names than that beginning alike are files, not folders of recordings. */
const FEW_STEMS = 3;
/** Names with a leading underscore: of the package's own index, and seldom of other folders. */
const LEADING_UNDERSCORE = /(?:^|\/)_$/;
/** A repeated scan looks for those other folders this often. */
const LEADING_UNDERSCORE_MS = 15 * 60_000;
/** The index of any credential whose prefix is in the bucket. */
const INDEXED = new RegExp(`^(?:.*/)?${INDEX_FOLDER}`);
/** Room between the indexes of two ranges. */
const RANGE = 2 ** 32;

/**
 * Finds out which sessions are below a folder, without listing their files: a listing folded by `_` returns
 * `<folder><sid>_` for each session at any depth, a thousand sessions a request. Day folders outside the requested
 * days are skipped, so the past costs nothing.
 *
 * A folded entry that is no session, such as `match_` of the folder `match_recordings/`, is opened: it may contain
 * recordings. How many requests are spent on that is limited; what was not opened is in `unopened`, and its turn
 * comes first the next time.
 *
 * Storage that cannot fold returns the files themselves; they are kept in `listed`.
 */
export class SessionScan {
	readonly bucket: Bucket;
	/** '' or a path with a trailing slash. */
	readonly root: string;
	/** By `idOf`. */
	readonly sessions = new Map<string, SessionRef>();
	/** The files of sessions from storage that does not fold, by `idOf`. */
	readonly listed = new Map<string, SessionFiles>();
	/** Files whose names are not Agora's; those that begin alike may count as one. */
	unrecognized = 0;
	/** What names begin with that were not searched, because too many are not Agora's. */
	readonly unopened: string[] = [];
	/** The bucket's time, Unix milliseconds. */
	now = 0;
	/** The days that were scanned last. */
	days: Days = ALL_DAYS;
	/** The oldest day left out so far, by the parent folder of the day folders. */
	private readonly oldestDays = new Map<string, Day>();
	/** Parent folders in which days were skipped. */
	private readonly skipped = new Set<string>();
	/** What names begin with below which there is a session, of whatever day, and in which folders. */
	private readonly yielding = new Map<string, Set<string>>();
	private lastFolder: ScannedFolder = { name: '?', days: ALL_DAYS, day: null, isWanted: false };
	/** Where the search below a name ended before its time. */
	private readonly resumeAfter = new Map<string, string | undefined>();
	/** How many requests each listed prefix took. */
	private readonly requests = new Map<string, number>();
	private readonly deadline: number;
	private readonly isRepeated: boolean;
	private openingsLeft: number;
	private ranges = 0;

	/** @param root '' or a path with a trailing slash */
	constructor(
		bucket: Bucket,
		root: string,
		{ deadline = Infinity, isRepeated = false }: ScanOptions = {},
	) {
		this.bucket = bucket;
		this.root = root;
		this.deadline = deadline;
		// The first scan of this process searches all that a single one would.
		this.isRepeated = isRepeated && bucket.support.stems.size > 0;
		this.openingsLeft = this.isRepeated ? OPENINGS_IF_REPEATED : OPENINGS;
	}

	/**
	 * Finds the sessions of these days, and those in no day folder.
	 *
	 * @throws Fault when the bucket refuses, or the deadline has passed
	 */
	async scanDays(days: Days): Promise<void> {
		this.days = days;
		await this.openStems(await this.scanRange(this.root, {}, true));
		await this.rescanGaps();
	}

	/** @returns whether there are day folders before the days that were scanned */
	hasOlder(): boolean {
		return [...this.oldestDays.values()].some((day) => day < this.days.from);
	}

	/**
	 * Adds the sessions of older days.
	 *
	 * @param from the first day; the last one is where the scan stopped before
	 * @throws Fault when the bucket refuses, or the deadline has passed
	 */
	async goBack(from: Day): Promise<void> {
		const before = this.days.from;
		this.days = { from, to: before };
		if (!this.bucket.support.startsAfter) {
			await this.openStems(await this.scanRange(this.root, {}, false));
			return;
		}
		const parents = [...this.oldestDays].filter(([, oldest]) => oldest < before);
		const stems = await mapConcurrent(parents, REQUESTS_AT_ONCE, async ([parent]) => {
			const range = { after: `${parent}${from}`, before: `${parent}${before}` };
			return await this.scanRange(this.within(parent), range, false);
		});
		await this.openStems(stems.flat());
	}

	/**
	 * Between two day folders there may be sessions in no day folder, whose sid begins like a year. Where there are
	 * other sessions like that, the skipped keys are scanned after all.
	 */
	private async rescanGaps(): Promise<void> {
		if (!this.bucket.support.startsAfter) return;
		const { from, to } = this.days;
		const folders = new Set([...this.sessions.values()].map(({ folder }) => folder));
		for (const parent of this.skipped) {
			if (!folders.has(parent)) continue;
			const first = `${parent}${CENTURY}`;
			const prefix = this.within(parent);
			for (const range of [
				{ after: first, before: `${parent}${from}` },
				{ after: `${parent}${to}~`, before: `${first}~` },
			]) {
				await this.openStems(await this.scanRange(prefix, range, false));
			}
		}
	}

	private within(folder: string): string {
		return folder.startsWith(this.root) ? folder : this.root;
	}

	/**
	 * @param isCounted whether the requests count as spent on names that are not Agora's, until a session is found
	 * @returns the folded entries that are no sessions
	 */
	private async scanRange(
		prefix: string,
		{ after, before }: KeyRange,
		maySkip: boolean,
		isCounted = false,
	): Promise<string[]> {
		const stems: string[] = [];
		const sessionsBefore = this.sessions.size;
		const base = ++this.ranges * RANGE;
		let index = base;
		const isIn = (key: string) => (before === undefined || key < before) && this.isWanted(key);
		const query = { prefix, delimiter: '_', startAfter: after };
		const pages = new Pages(this.bucket, query, this.deadline);
		let last = after;
		let skipTo: string | undefined;
		while (!pages.isDone) {
			const hasFound = this.sessions.size > sessionsBefore;
			if (isCounted && !hasFound && this.openingsLeft-- <= 0) {
				this.unopened.push(prefix);
				this.resumeAfter.set(prefix, last);
				break;
			}
			const page = await pages.next(skipTo);
			if (page === null) break;
			this.requests.set(prefix, (this.requests.get(prefix) ?? 0) + 1);
			this.now = page.serverTime;
			last = lastEntry(page) || last;
			for (const entry of page.prefixes) {
				// Entries that are left out count as well: those around them are not next to each other.
				index++;
				const key = sessionKeyOf(entry);
				if (key !== null) this.noteYield(entry);
				if (!isIn(entry)) continue;
				if (key !== null) this.add(key, index, true);
				else stems.push(entry);
			}
			const objects = page.objects.filter(({ key }) => {
				if (!isIn(key)) return false;
				const session = sessionKeyOf(key);
				// Files that an earlier range contained are not counted again.
				return session === null || this.add(session, ++index, false).index > base;
			});
			this.unrecognized += collect(this.listed, objects, false);
			const { startsAfter } = this.bucket.support;
			const isPast = before !== undefined && last !== undefined && !comesAfter(before, last);
			if (isPast && startsAfter) break;
			skipTo = maySkip && startsAfter ? this.skipFrom(page) : undefined;
		}
		return stems;
	}

	/** @returns the key to continue after, where a page ends in keys that are not needed */
	private skipFrom(page: ListPage): string | undefined {
		const last = lastEntry(page);
		const [indexed] = INDEXED.exec(last) ?? [];
		if (indexed !== undefined) return endOf(indexed);
		const partition = partitionOf(last);
		if (partition === null) return undefined;
		const { parent, day } = partition;
		const { from, to } = this.days;
		if (day >= from && day <= to) return undefined;
		this.skipped.add(parent);
		return day < from ? `${parent}${from}` : `${parent}${CENTURY}~`;
	}

	/** Whether a key is in no day folder or in that of a requested day, and not in the package's own index. */
	private isWanted(key: string): boolean {
		return this.folderOf(key).isWanted;
	}

	/** Keys next to each other are mostly in the same folder. */
	private folderOf(key: string): ScannedFolder {
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

	/** @returns the prefix of the session's keys, which may be known */
	private add({ prefix, folder, sid }: SessionKey, index: number, isFolded: boolean): KeyPrefix {
		const id = idOf({ folder, sid });
		const session = this.sessions.get(id);
		if (session === undefined) {
			const added = { prefix, index, isFolded };
			const { day } = this.folderOf(prefix);
			this.sessions.set(id, { folder, sid, day, prefixes: [added] });
			return added;
		}
		const known = session.prefixes.find((each) => each.prefix === prefix);
		if (known !== undefined) {
			known.isFolded ||= isFolded;
			return known;
		}
		const added = { prefix, index, isFolded };
		session.prefixes.push(added);
		return added;
	}

	private noteYield(entry: string): void {
		const own = entry.length - 1;
		for (let end = entry.indexOf('_'); end < own; end = entry.indexOf('_', end + 1)) {
			const stem = entry.slice(0, end + 1);
			const folders = this.yielding.get(stem) ?? new Set();
			const slash = entry.indexOf('/', end);
			this.yielding.set(stem, slash < 0 ? folders : folders.add(entry.slice(0, slash + 1)));
		}
	}

	/** Those that led to recordings before first, then those that were opened longest ago. */
	private async openStems(stems: string[]): Promise<void> {
		const { stems: known } = this.bucket.support;
		const openedAt = (stem: string) => known.get(stem)?.openedAt ?? 0;
		const yields = (stem: string) => known.get(stem)?.hasSessions ?? false;
		const isFirst = (stem: string) => 2 * Number(yields(stem)) + Number(TAKEOVER.test(stem));
		const sorted = [...new Set(stems)].sort(
			(a, b) => isFirst(b) - isFirst(a) || openedAt(a) - openedAt(b),
		);
		for (const stem of sorted) {
			// Without a recorder that took over, its recording would be incomplete.
			const isCounted = !yields(stem) && !TAKEOVER.test(stem);
			if (isCounted && this.openingsLeft <= 0) this.unopened.push(stem);
			else if (!LEADING_UNDERSCORE.test(stem)) await this.openStem(stem, isCounted);
			else if (!this.isRepeated || Date.now() - openedAt(stem) > LEADING_UNDERSCORE_MS) {
				await this.openFolders(stem, isCounted, () => true);
			}
		}
	}

	private async openStem(stem: string, isNew: boolean): Promise<void> {
		const known = this.isRepeated ? this.bucket.support.stems.get(stem) : undefined;
		const isLarge =
			known !== undefined && known.folders.length > 0 && known.requests > OPENINGS_IF_REPEATED;
		if (isLarge) {
			// Most of it is not Agora's: its folders of recordings are scanned, the rest in turns.
			for (const folder of known.folders) {
				await this.openStems(await this.scanRange(folder, {}, true));
			}
		}
		const isCounted = isNew || isLarge;
		const inner = await this.scanRange(stem, { after: known?.resumeAfter }, true, isCounted);
		const isAlike = (each: string) => !each.includes('/', stem.length);
		if (inner.filter(isAlike).length <= FEW_STEMS) await this.openStems(inner);
		else {
			await this.openStems(inner.filter((each) => !isAlike(each)));
			await this.openFolders(stem, isCounted, (folder) => folder.includes('_', stem.length));
		}
		this.noteOpened(stem);
	}

	/** Finds the folders whose names begin with a stem among any number of files, and searches those needed. */
	private async openFolders(
		stem: string,
		isCounted: boolean,
		isNeeded: (folder: string) => boolean,
	): Promise<void> {
		const pages = new Pages(this.bucket, { prefix: stem, delimiter: '/' }, this.deadline);
		const folders: string[] = [];
		while (!pages.isDone) {
			if (isCounted && this.openingsLeft-- <= 0) {
				this.unopened.push(stem);
				break;
			}
			const page = await pages.next();
			if (page === null) break;
			folders.push(...page.prefixes.filter((folder) => !INDEXED.test(folder)));
		}
		for (const folder of folders.filter(isNeeded)) {
			await this.openStems(await this.scanRange(folder, {}, true, isCounted));
		}
		this.noteOpened(stem);
	}

	private noteOpened(stem: string): void {
		const { stems } = this.bucket.support;
		const folders = [...(this.yielding.get(stem) ?? [])];
		const requests = this.requests.get(stem) ?? 0;
		stems.set(stem, {
			hasSessions: this.yielding.has(stem),
			folders,
			openedAt: Date.now(),
			resumeAfter: this.resumeAfter.get(stem),
			requests: Math.max(requests, stems.get(stem)?.requests ?? 0),
		});
	}
}
