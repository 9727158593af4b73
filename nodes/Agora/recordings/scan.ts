import { mapConcurrent } from '../http/concurrency';
import { comesAfter, lastEntry } from '../storage/listing';
import { Pages } from '../storage/pages';
import type { Bucket } from '../storage/types';
import { type Day, type Days } from './day';
import { CENTURY, DayFilter, INDEXED } from './dayFilter';
import { collect, type SessionFiles } from './sessionFiles';
import { StemResults } from './stemResults';
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
	private readonly filter = new DayFilter();
	private readonly results: StemResults;
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
		this.results = new StemResults(bucket.support.stems);
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
		this.filter.days = days;
		await this.openStems(await this.scanRange(this.root, {}, true));
		await this.rescanGaps();
	}

	/** The days that were scanned last. */
	get days(): Days {
		return this.filter.days;
	}

	/** @returns whether there are day folders before the days that were scanned */
	hasOlder(): boolean {
		return this.filter.parentsWithOlder().length > 0;
	}

	/**
	 * Adds the sessions of older days.
	 *
	 * @param from the first day; the last one is where the scan stopped before
	 * @throws Fault when the bucket refuses, or the deadline has passed
	 */
	async goBack(from: Day): Promise<void> {
		const before = this.filter.days.from;
		const parents = this.filter.parentsWithOlder();
		this.filter.days = { from, to: before };
		if (!this.bucket.support.startsAfter) {
			await this.openStems(await this.scanRange(this.root, {}, false));
			return;
		}
		const stems = await mapConcurrent(parents, REQUESTS_AT_ONCE, async (parent) => {
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
		const { from, to } = this.filter.days;
		const folders = new Set([...this.sessions.values()].map(({ folder }) => folder));
		for (const parent of this.filter.skipped) {
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
		const isIn = (key: string) =>
			(before === undefined || key < before) && this.filter.isWanted(key);
		const query = { prefix, delimiter: '_', startAfter: after };
		const pages = new Pages(this.bucket, query, this.deadline);
		let last = after;
		let skipTo: string | undefined;
		while (!pages.isDone) {
			const hasFound = this.sessions.size > sessionsBefore;
			if (isCounted && !hasFound && this.openingsLeft-- <= 0) {
				this.unopened.push(prefix);
				this.results.noteCut(prefix, last);
				break;
			}
			const page = await pages.next(skipTo);
			if (page === null) break;
			this.results.noteRequest(prefix);
			this.now = page.serverTime;
			last = lastEntry(page) || last;
			for (const entry of page.prefixes) {
				// Entries that are left out count as well: those around them are not next to each other.
				index++;
				const key = sessionKeyOf(entry);
				if (key !== null) this.results.noteSession(entry);
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
			skipTo = maySkip && startsAfter ? this.filter.skipFrom(lastEntry(page)) : undefined;
		}
		return stems;
	}

	/** @returns the prefix of the session's keys, which may be known */
	private add({ prefix, folder, sid }: SessionKey, index: number, isFolded: boolean): KeyPrefix {
		const id = idOf({ folder, sid });
		const session = this.sessions.get(id);
		if (session === undefined) {
			const added = { prefix, index, isFolded };
			const day = this.filter.dayOf(prefix);
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
		this.results.noteOpened(stem);
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
		this.results.noteOpened(stem);
	}
}
