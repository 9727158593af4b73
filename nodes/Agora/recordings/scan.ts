import { mapConcurrent } from '../http/concurrency';
import { comesAfter, lastEntry } from '../storage/listing';
import { Pages } from '../storage/pages';
import type { Bucket } from '../storage/types';
import { CENTURY, DayFilter, INDEXED, type Day, type Days } from './day';
import { PrefixSearch } from './prefixSearch';
import {
	collectSessions,
	idOf,
	prefixesOf,
	sessionKeyOf,
	type KeyPrefix,
	type SessionFiles,
	type SessionKey,
	type SessionRef,
} from './sessionFiles';

export interface ScanOptions {
	/** Unix milliseconds; the scan fails when it has not ended by then. */
	deadline?: number;
	/**
	 * Whether it is one of many scans in a row: then few requests are spent on names that are not Agora's and never
	 * led to a recording, and all of them are searched in turns.
	 */
	isRepeated?: boolean;
	/**
	 * Whether the caller knows a session already. Such sessions are left out of `sessions`, which saves most of the time
	 * and memory of a scan.
	 *
	 * @param id as returned by `idOf`
	 */
	isKnown?: (id: string) => boolean;
}

/** Keys between two others; open where one is missing. */
interface KeyRange {
	after?: string;
	before?: string;
}

const REQUESTS_AT_ONCE = 8;
/** More prefixes than this below another one are files, not folders of recordings. */
const FEW_PREFIXES = 3;
/** Names with a leading underscore: mostly the package's own index, rarely other folders. */
const LEADING_UNDERSCORE = /(?:^|\/)_$/;
/** Space between the indexes of two ranges. */
const RANGE = 2 ** 32;

/**
 * Finds out which sessions are below a folder, without listing their files: a listing folded by `_` returns
 * `<folder><sid>_` for each session at any depth, a thousand sessions a request. Day folders outside the requested
 * days are skipped, so older recordings cost no requests.
 *
 * A folded entry that is not a session's is searched, as it may contain recordings: see `PrefixSearch`.
 *
 * Storage that cannot fold returns the files themselves; they are kept in `listed`.
 */
export class SessionScan {
	readonly bucket: Bucket;
	/** '' or a path with a trailing slash. */
	readonly root: string;
	/** By `idOf`. */
	readonly sessions = new Map<string, SessionRef>();
	/** The folded entries of sessions for which `isKnown` is true. */
	private readonly known: string[] = [];
	/** The files of sessions from storage that does not fold, by `idOf`. */
	readonly listed = new Map<string, SessionFiles>();
	/** Files whose names are not Agora's; several with the same prefix may count as one. */
	unrecognized = 0;
	/** The bucket's time, Unix milliseconds. */
	now = 0;
	private readonly filter = new DayFilter();
	private readonly search: PrefixSearch;
	private readonly deadline: number;
	private readonly isKnown: (id: string) => boolean;
	private ranges = 0;

	/** @param root '' or a path with a trailing slash */
	constructor(
		bucket: Bucket,
		root: string,
		{ deadline = Infinity, isRepeated = false, isKnown = () => false }: ScanOptions = {},
	) {
		this.bucket = bucket;
		this.root = root;
		this.search = new PrefixSearch(bucket.support.searchedPrefixes, isRepeated);
		this.deadline = deadline;
		this.isKnown = isKnown;
	}

	/**
	 * Finds the sessions of these days, and those outside day folders.
	 *
	 * @throws Fault when the bucket refuses, or the deadline has passed
	 */
	async scanDays(days: Days): Promise<void> {
		this.filter.days = days;
		await this.searchPrefixes(await this.scanRange(this.root, {}, true));
		await this.rescanGaps();
	}

	/** The days that were scanned last. */
	get days(): Days {
		return this.filter.days;
	}

	/** Prefixes that were not searched, because too many names are not Agora's. */
	get unsearched(): string[] {
		return this.search.unsearched;
	}

	/** The key prefixes of all sessions, those that the caller knew last. */
	get prefixes(): string[] {
		return [...[...this.sessions.values()].flatMap(prefixesOf), ...this.known];
	}

	/** @returns whether there are day folders before the days that were scanned */
	hasOlderDays(): boolean {
		return this.filter.parentsWithOlder().length > 0;
	}

	/**
	 * Adds the sessions of older days.
	 *
	 * @param from the first day; the last one is where the scan stopped before
	 * @throws Fault when the bucket refuses, or the deadline has passed
	 */
	async scanOlderDays(from: Day): Promise<void> {
		const before = this.filter.days.from;
		const parents = this.filter.parentsWithOlder();
		this.filter.days = { from, to: before };
		if (!this.bucket.support.startsAfter) {
			await this.searchPrefixes(await this.scanRange(this.root, {}, false));
			return;
		}
		const prefixes = await mapConcurrent(parents, REQUESTS_AT_ONCE, async (parent) => {
			const range = { after: `${parent}${from}`, before: `${parent}${before}` };
			return await this.scanRange(this.within(parent), range, false);
		});
		await this.searchPrefixes(prefixes.flat());
	}

	/**
	 * Scans keys that were skipped between day folders, if there are sessions next to these folders: there may be more of
	 * them, with a sid that begins like a year.
	 */
	private async rescanGaps(): Promise<void> {
		const { skipped } = this.filter;
		if (skipped.size === 0 || !this.bucket.support.startsAfter) return;
		const { from, to } = this.filter.days;
		const folders = new Set(this.prefixes.map((prefix) => sessionKeyOf(prefix)!.folder));
		for (const parent of skipped) {
			if (!folders.has(parent)) continue;
			const first = `${parent}${CENTURY}`;
			const prefix = this.within(parent);
			for (const range of [
				{ after: first, before: `${parent}${from}` },
				{ after: `${parent}${to}~`, before: `${first}~` },
			]) {
				await this.searchPrefixes(await this.scanRange(prefix, range, false));
			}
		}
	}

	private get found(): number {
		return this.sessions.size + this.known.length;
	}

	private within(folder: string): string {
		return folder.startsWith(this.root) ? folder : this.root;
	}

	/**
	 * @param isLimited whether the number of requests is limited, until a session is found
	 * @returns the folded entries that are not a session's
	 */
	private async scanRange(
		prefix: string,
		{ after, before }: KeyRange,
		maySkip: boolean,
		isLimited = false,
	): Promise<string[]> {
		const unrecognized: string[] = [];
		const foundBefore = this.found;
		const base = ++this.ranges * RANGE;
		let index = base;
		const isInRange = (key: string) =>
			(before === undefined || key < before) && this.filter.isWanted(key);
		const query = { prefix, delimiter: '_', startAfter: after };
		const pages = new Pages(this.bucket, query, this.deadline);
		let last = after;
		let skipTo: string | undefined;
		while (!pages.isDone) {
			const hasFound = this.found > foundBefore;
			if (isLimited && !hasFound && !this.search.takeRequest(prefix, last)) break;
			const page = await pages.next(skipTo);
			if (page === null) break;
			this.search.noteRequest(prefix);
			this.now = page.serverTime;
			last = lastEntry(page) || last;
			for (const entry of page.prefixes) {
				// Entries that are left out count as well: those around them are not next to each other.
				index++;
				const isWanted = isInRange(entry);
				// Faster than reading the name, which is usually the ID of a session and an underscore.
				if (isWanted && this.isKnown(entry.slice(0, -1))) {
					this.search.noteSession(entry);
					this.known.push(entry);
					continue;
				}
				const key = sessionKeyOf(entry);
				if (key !== null) this.search.noteSession(entry);
				if (!isWanted) continue;
				if (key === null) unrecognized.push(entry);
				// The name of a recorder that took over does not begin with the ID.
				else if (this.isKnown(idOf(key))) this.known.push(entry);
				else this.add(key, index, true);
			}
			const objects = page.objects.filter(({ key }) => {
				if (!isInRange(key)) return false;
				const session = sessionKeyOf(key);
				// Files that an earlier range contained are not counted again.
				return session === null || this.add(session, ++index, false).index > base;
			});
			this.unrecognized += collectSessions(this.listed, objects, false);
			const { startsAfter } = this.bucket.support;
			const isPast = before !== undefined && last !== undefined && !comesAfter(before, last);
			if (isPast && startsAfter) break;
			skipTo = maySkip && startsAfter ? this.filter.skipFrom(lastEntry(page)) : undefined;
		}
		return unrecognized;
	}

	/** @returns the prefix of the session's keys, which may be known */
	private add({ prefix, folder, sid }: SessionKey, index: number, isFolded: boolean): KeyPrefix {
		const id = idOf({ folder, sid });
		let session = this.sessions.get(id);
		const known = session?.prefixes.find((each) => each.prefix === prefix);
		if (known !== undefined) {
			known.isFolded ||= isFolded;
			return known;
		}
		if (session === undefined) {
			session = { folder, sid, day: this.filter.dayOf(prefix), prefixes: [] };
			this.sessions.set(id, session);
		}
		const added = { prefix, index, isFolded };
		session.prefixes.push(added);
		return added;
	}

	private async searchPrefixes(prefixes: string[]): Promise<void> {
		for (const prefix of this.search.inOrder(prefixes)) {
			const isLimited = this.search.isLimited(prefix);
			if (isLimited && !this.search.mayRequest(prefix)) continue;
			if (!LEADING_UNDERSCORE.test(prefix)) await this.searchPrefix(prefix, isLimited);
			else if (this.search.isDue(prefix)) await this.searchFolders(prefix, isLimited, () => true);
		}
	}

	private async searchPrefix(prefix: string, mayBeLimited: boolean): Promise<void> {
		const folders = this.search.knownFolders(prefix);
		for (const folder of folders) {
			await this.searchPrefixes(await this.scanRange(folder, {}, true));
		}
		const isLimited = mayBeLimited || folders.length > 0;
		const after = this.search.resumeAfter(prefix);
		const found = await this.scanRange(prefix, { after }, true, isLimited);
		const isSameFolder = (each: string) => !each.includes('/', prefix.length);
		if (found.filter(isSameFolder).length <= FEW_PREFIXES) await this.searchPrefixes(found);
		else {
			await this.searchPrefixes(found.filter((each) => !isSameFolder(each)));
			await this.searchFolders(prefix, isLimited, (folder) => folder.includes('_', prefix.length));
		}
		this.search.noteSearched(prefix);
	}

	/** Finds the folders whose names begin with a prefix among any number of files, and searches those needed. */
	private async searchFolders(
		prefix: string,
		isLimited: boolean,
		isNeeded: (folder: string) => boolean,
	): Promise<void> {
		const pages = new Pages(this.bucket, { prefix, delimiter: '/' }, this.deadline);
		const folders: string[] = [];
		while (!pages.isDone) {
			if (isLimited && !this.search.takeRequest(prefix)) break;
			const page = await pages.next();
			if (page === null) break;
			folders.push(...page.prefixes.filter((folder) => !INDEXED.test(folder)));
		}
		for (const folder of folders.filter(isNeeded)) {
			await this.searchPrefixes(await this.scanRange(folder, {}, true, isLimited));
		}
		this.search.noteSearched(prefix);
	}
}
