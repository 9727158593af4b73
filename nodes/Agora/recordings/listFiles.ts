import { mapConcurrent } from '../http/concurrency';
import { comesAfter, lastEntry } from '../storage/listing';
import { Pages, type PagesQuery } from '../storage/pages';
import type { Bucket, ListPage, StoredObject } from '../storage/types';
import type { SessionScan } from './scan';
import {
	collectSessions,
	groupBy,
	idOf,
	sessionKeyOf,
	type KeyPrefix,
	type SessionFiles,
	type SessionRef,
} from './sessionFiles';

/** Listing requests in flight at the same time, as they mostly wait for the storage. */
const REQUESTS_AT_ONCE = 16;
/** One key range for each request in flight. */
const RANGES = REQUESTS_AT_ONCE;
/** The last page of a range also contains keys after it, so short ranges waste requests. */
const MIN_PAGES = 4;
/** A range is read to its end even after the deadline; this many requests take a few seconds. */
const MAX_PAGES = 40;
/** Where a listing cannot start in the middle, a folder is listed whole for more sessions than this, */
const FEW = 3;
/** or for more than one in so many: a page of a folder has the files of some twenty sessions. */
const ONE_IN = 20;

/**
 * Lists the files of many sessions. Sessions next to each other in the bucket are listed together, a thousand files a
 * request, and several such key ranges at once. Keys between these ranges are not read.
 *
 * @param scan that found the sessions
 * @param wanted the sessions to list
 * @param deadline Unix milliseconds; no further range is begun after it, and sessions that are not completely listed
 *   then are left out
 * @returns the files of each session, with its segments only counted; null where there are no recorded files
 * @throws Fault when the bucket refuses
 */
export async function listFiles(
	scan: SessionScan,
	wanted: SessionRef[],
	deadline = Infinity,
): Promise<Map<SessionRef, SessionFiles | null>> {
	const listed = (session: SessionRef) =>
		session.prefixes.some(({ isFolded }) => isFolded) ? undefined : scan.listed.get(idOf(session));
	const unlisted = wanted.filter((session) => listed(session) === undefined);
	const { bucket, root } = scan;
	const lister = new Lister(bucket, root, deadline);
	if (bucket.support.startsAfter) {
		const prefixes = unlisted.flatMap((session) => session.prefixes);
		await lister.listPrefixes(prefixes.sort((a, b) => a.index - b.index));
	} else {
		await lister.listFolders(unlisted, scan.prefixes);
	}
	const isWhole = ({ prefixes }: SessionRef) => !prefixes.some((each) => lister.unread.has(each));
	return new Map(
		wanted
			.filter(isWhole)
			.map((session) => [session, listed(session) ?? lister.sessions.get(idOf(session)) ?? null]),
	);
}

class Lister {
	readonly sessions = new Map<string, SessionFiles>();
	/** Prefixes that were not listed before the deadline. */
	readonly unread = new Set<KeyPrefix>();

	private readonly bucket: Bucket;
	private readonly root: string;
	private readonly deadline: number;

	constructor(bucket: Bucket, root: string, deadline: number) {
		this.bucket = bucket;
		this.root = root;
		this.deadline = deadline;
	}

	async listPrefixes(prefixes: KeyPrefix[]): Promise<void> {
		const perPage = this.isInTime() ? await this.listFirstPage(prefixes) : 0;
		const ranges = rangesOf(prefixes.slice(perPage), Math.max(1, perPage));
		await mapConcurrent(ranges, REQUESTS_AT_ONCE, async (range) => {
			if (this.isInTime()) await this.listRange(range);
			else for (const each of range) this.unread.add(each);
		});
	}

	/** Lists each session separately, or its whole folder, whichever takes fewer requests. */
	async listFolders(wanted: SessionRef[], all: string[]): Promise<void> {
		const inFolder = groupBy(all, (prefix) => sessionKeyOf(prefix)!.folder);
		const jobs = [...groupBy(wanted, ({ folder }) => folder)].flatMap(
			([folder, sessions]): FolderJob[] => {
				const few = Math.max(FEW, inFolder.get(folder)!.length / ONE_IN);
				const prefixes = sessions.flatMap((session) => session.prefixes);
				return sessions.length > few
					? [{ query: { prefix: folder, delimiter: '/' }, prefixes }]
					: prefixes.map((each) => ({ query: { prefix: each.prefix }, prefixes: [each] }));
			},
		);
		await mapConcurrent(jobs, REQUESTS_AT_ONCE, async ({ query, prefixes }) => {
			const pages = new Pages(this.bucket, query);
			const isWanted = isBelow(prefixes);
			while (this.isInTime()) {
				const page = await pages.next();
				if (page === null) return;
				collectSessions(this.sessions, page.objects.filter(isWanted), false);
			}
			for (const each of prefixes) this.unread.add(each);
		});
	}

	/**
	 * Reads one page, to find out how many sessions a page has.
	 *
	 * @returns how many prefixes it contains completely
	 */
	private async listFirstPage(prefixes: KeyPrefix[]): Promise<number> {
		const [first, ...more] = adjacent(prefixes);
		if (first === undefined || more.length === 0) return 0;
		const page = await new Pages(this.bucket, this.queryFor(first, more.at(-1)!)).next();
		if (page === null) return 0;
		const isWhole = ({ prefix }: KeyPrefix) =>
			page.nextToken === null || isPast(lastEntry(page), prefix);
		const whole = [first, ...more].filter(isWhole);
		if (whole.length > 0)
			collectSessions(this.sessions, between(page, first, whole.at(-1)!), false);
		return whole.length;
	}

	private async listRange(range: KeyPrefix[]): Promise<void> {
		const [first, last] = [range[0]!, range.at(-1)!];
		const pages = new Pages(this.bucket, this.queryFor(first, last));
		for (let page = await pages.next(); page !== null; page = await pages.next()) {
			collectSessions(this.sessions, between(page, first, last), false);
			if (isPast(lastEntry(page), last.prefix) && this.bucket.support.startsAfter) return;
		}
	}

	/** All keys with a prefix come after it, because they are longer. */
	private queryFor(first: KeyPrefix, last: KeyPrefix): PagesQuery {
		return first === last
			? { prefix: first.prefix }
			: { prefix: this.root, startAfter: first.prefix };
	}

	private isInTime(): boolean {
		return Date.now() <= this.deadline;
	}
}

interface FolderJob {
	query: PagesQuery;
	prefixes: KeyPrefix[];
}

/** Whether a key has one of these prefixes, each of which ends with the `_` after the sid. */
function isBelow(prefixes: KeyPrefix[]): (object: StoredObject) => boolean {
	const known = new Set(prefixes.map(({ prefix }) => prefix));
	return ({ key }) => {
		const name = key.lastIndexOf('/') + 1;
		const sid = key.indexOf('_', key.startsWith('bak', name) ? key.indexOf('_', name) + 1 : name);
		return known.has(key.slice(0, sid + 1));
	};
}

/** @returns the first prefixes that are next to each other in the bucket */
function adjacent(prefixes: KeyPrefix[]): KeyPrefix[] {
	const end = prefixes.findIndex(({ index }, i) => i > 0 && index - prefixes[i - 1]!.index > 1);
	return end < 0 ? prefixes : prefixes.slice(0, end);
}

/** @returns the prefixes in groups that are next to each other in the bucket, each to be listed page by page */
function rangesOf(prefixes: KeyPrefix[], perPage: number): KeyPrefix[][] {
	const fit = Math.ceil(prefixes.length / RANGES);
	const most = Math.min(MAX_PAGES * perPage, Math.max(MIN_PAGES * perPage, fit));
	const ranges: KeyPrefix[][] = [];
	for (let rest = prefixes; rest.length > 0; rest = rest.slice(ranges.at(-1)!.length)) {
		ranges.push(adjacent(rest.slice(0, most)));
	}
	return ranges;
}

function isPast(key: string, prefix: string): boolean {
	return !key.startsWith(prefix) && comesAfter(key, prefix);
}

/** @returns the objects of a page within a range; storage may ignore where to start, and return other keys as well */
function between({ objects }: ListPage, first: KeyPrefix, last: KeyPrefix): StoredObject[] {
	const begin = objects.findIndex(({ key }) => comesAfter(key, first.prefix));
	const end = objects.findLastIndex(({ key }) => !isPast(key, last.prefix));
	return begin < 0 ? [] : objects.slice(begin, end + 1);
}

export interface ListedSession {
	session: SessionFiles;
	/** The bucket's time, Unix milliseconds. */
	now: number;
}

/**
 * Lists the files of one session whose recorders are known, a thousand files of a recorder a request.
 *
 * @param prefixes `<folder>[bak<n>_]<sid>_` of each recorder
 * @param keepSegments whether its segments are listed one by one
 * @returns null when there are no files. If all are of other tools, `isSession` is false.
 * @throws Fault when the bucket refuses
 */
export async function listSession(
	bucket: Bucket,
	prefixes: string[],
	keepSegments: boolean,
): Promise<ListedSession | null> {
	const sessions = new Map<string, SessionFiles>();
	let now = 0;
	for (const prefix of prefixes) {
		const pages = new Pages(bucket, { prefix });
		for (let page = await pages.next(); page !== null; page = await pages.next()) {
			collectSessions(sessions, page.objects, keepSegments);
			now = page.serverTime;
		}
	}
	const [session] = sessions.values();
	return session === undefined ? null : { session, now };
}

/**
 * Finds the recorders that took over, with one request for each, and one more.
 *
 * @returns their key prefixes
 * @throws Fault when the bucket refuses
 */
export async function findTakeovers(
	bucket: Bucket,
	folder: string,
	sid: string,
): Promise<string[]> {
	const prefixes: string[] = [];
	for (;;) {
		const prefix = `${folder}bak${prefixes.length}_${sid}_`;
		const { objects } = await bucket.list({ prefix, maxKeys: 1 });
		// A server that ignores the prefix would return another object each time.
		if (!objects.some(({ key }) => key.startsWith(prefix))) return prefixes;
		prefixes.push(prefix);
	}
}
