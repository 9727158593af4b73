import { Fault } from '../http/errors';
import { comesAfter, afterPrefix, ignoresStart, lastEntry, ownCopy } from './listing';
import type { Bucket, ListingSupport, ListPage, ListQuery } from './types';

export interface PagesQuery {
	prefix: string;
	/** `_` or `/`: keys with it after the prefix are folded, if the storage supports it. */
	delimiter?: string;
	/** Only keys after this one. Ignored by some storage, see `ListingSupport.startsAfter`. */
	startAfter?: string;
}

/** Folding is tried again after this time, as a server error may also have been an outage. */
const SERVER_ERROR_MS = 10 * 60_000;
const FULL_PAGE = 1000;
/** Storage may return empty pages, e.g. for deleted objects, but not endlessly. */
const MAX_EMPTY_PAGES = 1000;

/**
 * Reads a listing page by page, including from storage that deviates from Amazon S3.
 *
 * Folding only saves requests: every folded page is checked, and if the storage refuses to fold, folds differently or
 * repeats a page, the rest is listed without folding and `Bucket.support` remembers it. An unfolded page contains the
 * objects that would have been folded. Known deviations: Supabase replaces the delimiter; NooBaa, Storj, Sia and older
 * MinIO refuse any delimiter but `/`; current MinIO repeats a folded entry with more keys than a page.
 */
export class Pages {
	private readonly bucket: Bucket;
	private readonly deadline: number;
	private readonly prefix: string;
	private readonly delimiter: string | undefined;
	private startAfter: string | undefined;
	/** A key to continue after instead of the token, if the storage supports that. */
	private nextStart: string | undefined;
	private token: string | undefined;
	private isFolding: boolean;
	/** Whether the last page was read. */
	isDone = false;
	private emptyPages = 0;
	/** The last entry so far, '' at first. */
	private position = '';
	private isPositionFolded = false;
	/** The last entry of each page, to detect a repeated page. */
	private readonly ends = new Set<string>();

	/** @param deadline Unix milliseconds; no page is requested after it */
	constructor(bucket: Bucket, { prefix, delimiter, startAfter }: PagesQuery, deadline = Infinity) {
		this.bucket = bucket;
		this.deadline = deadline;
		this.prefix = prefix;
		this.delimiter = delimiter;
		this.startAfter = startAfter;
		this.isFolding = delimiter !== undefined && (delimiter === '/' || mayFold(bucket));
	}

	/**
	 * @param skipTo key to continue after, if the storage supports that
	 * @returns the next page, only with entries below the prefix; null after the last page
	 * @throws Fault when the storage refuses or repeats a page, or the deadline has passed
	 */
	async next(skipTo?: string): Promise<ListPage | null> {
		if (this.isDone) return null;
		const start = skipTo ?? this.nextStart;
		const page =
			(start === undefined ? null : await this.skip(start)) ??
			(await this.request({ token: this.token, startAfter: this.startAfter }));
		this.isDone = page.nextToken === null;
		this.token = page.nextToken ?? undefined;
		const withoutRepeated = this.withoutRepeated(page);
		this.checkProgress(page);
		return withoutRepeated;
	}

	private async skip(startAfter: string): Promise<ListPage | null> {
		if (!this.bucket.support.startsAfter) return null;
		const page = await this.request({ startAfter });
		return this.bucket.support.startsAfter ? page : null;
	}

	private async request(start: Pick<ListQuery, 'token' | 'startAfter'>): Promise<ListPage> {
		if (Date.now() > this.deadline) throw outOfTime(this.bucket);
		const delimiter = this.isFolding ? this.delimiter : undefined;
		const { support } = this.bucket;
		const query = { prefix: this.prefix, delimiter, ...start };
		const isRefused = ({ details }: Fault) =>
			isFoldingRefused(Number(details.httpCode), query, support);
		const result = await this.bucket.list(query).catch((error: unknown) => {
			if (error instanceof Fault && isRefused(error)) return error;
			throw error;
		});
		if (result instanceof Fault) {
			const page = await this.listUnfolded(start);
			const isServerError = result.details.httpCode === '500';
			if (delimiter !== '/') support.folds = isServerError && Date.now() + SERVER_ERROR_MS;
			return page;
		}
		const page = this.onlyBelowPrefix(result);
		if (start.token === undefined && ignoresStart(page, start.startAfter)) {
			support.startsAfter = false;
		}
		if (delimiter === undefined) return page;
		const folding = foldingOf(result, this.prefix, delimiter);
		if (delimiter === '_' && folding !== 'none') support.folds = folding === 'right';
		if (folding === 'ignored') this.isFolding = false;
		return folding === 'wrong' ? await this.listUnfolded(start) : page;
	}

	/** Continues without folding, after the last entry, as the token belongs to the folded listing. */
	private async listUnfolded({ startAfter }: Pick<ListQuery, 'startAfter'>): Promise<ListPage> {
		this.isFolding = false;
		this.ends.clear();
		const start = this.position === '' ? startAfter : this.afterPosition();
		return await this.request({ startAfter: start });
	}

	private afterPosition(): string | undefined {
		if (!this.bucket.support.startsAfter) return undefined;
		return this.isPositionFolded ? afterPrefix(this.position) : this.position;
	}

	/** Some servers return more than requested. */
	private onlyBelowPrefix(page: ListPage): ListPage {
		const { prefix } = this;
		const objects = page.objects.filter(({ key }) => key.startsWith(prefix));
		const prefixes = page.prefixes.filter((entry) => entry.startsWith(prefix));
		const isAll =
			objects.length === page.objects.length && prefixes.length === page.prefixes.length;
		return isAll ? page : { ...page, objects, prefixes };
	}

	/** MinIO begins a page with the last folded entry if the page before ended within it. */
	private withoutRepeated(page: ListPage): ListPage {
		if (page.prefixes[0] !== this.position) return page;
		return { ...page, prefixes: page.prefixes.slice(1) };
	}

	private checkProgress(page: ListPage): void {
		const { support } = this.bucket;
		const last = ownCopy(lastEntry(page));
		if (last === '') {
			if (!this.isDone && ++this.emptyPages > MAX_EMPTY_PAGES) throw repeatedPage(this.bucket);
			return;
		}
		if (!isSorted(page) || (this.position !== '' && comesAfter(this.position, last))) {
			// Storj sorts by encrypted names, so no keys can be skipped.
			support.startsAfter = false;
		}
		const isRepeated = this.ends.has(last);
		this.ends.add(last);
		this.position = last;
		// A key can also end with the delimiter.
		this.isPositionFolded = page.prefixes.at(-1) === last;
		this.nextStart = undefined;
		if (this.isDone) return;
		const isShort = page.objects.length + page.prefixes.length < FULL_PAGE;
		if (this.isPositionFolded && support.startsAfter && (isShort || isRepeated)) {
			// MinIO folds every 1,000 keys separately and never continues after an entry with more.
			this.nextStart = afterPrefix(last);
		} else if (isRepeated) {
			if (!this.isFolding) throw repeatedPage(this.bucket);
			this.isFolding = false;
			if (this.delimiter !== '/') support.folds = false;
			this.token = undefined;
			this.startAfter = this.afterPosition();
			this.ends.clear();
		}
	}
}

/**
 * Statuses of storage that cannot fold by `_`. NooBaa returns 500, which would otherwise be retried.
 */
const FOLDING_REFUSED = [400, 500, 501];

/**
 * @param status of the response to a listing
 * @returns whether it may mean that the storage cannot fold by this delimiter; never once it has folded
 */
export function isFoldingRefused(
	status: number,
	{ delimiter }: Pick<ListQuery, 'delimiter'>,
	{ folds }: ListingSupport,
): boolean {
	return delimiter !== undefined && folds !== true && FOLDING_REFUSED.includes(status);
}

function mayFold({ support: { folds } }: Bucket): boolean {
	return typeof folds === 'number' ? Date.now() > folds : folds !== false;
}

/**
 * Whether a page is folded correctly: each folded entry ends with the first delimiter after the prefix, and no key
 * contains one.
 *
 * @returns `none` if no key had to be folded, `ignored` if the delimiter had no effect
 */
function foldingOf(
	{ prefixes, objects }: ListPage,
	prefix: string,
	delimiter: string,
): 'right' | 'none' | 'ignored' | 'wrong' {
	// A server that ignores the prefix returns other folded entries, but they must not include keys below the prefix.
	const isFolded = (entry: string) =>
		entry.startsWith(prefix)
			? entry.indexOf(delimiter, prefix.length) === entry.length - delimiter.length
			: !prefix.startsWith(entry);
	if (!prefixes.every(isFolded)) return 'wrong';
	const hasUnfolded = objects.some(
		({ key }) => key.startsWith(prefix) && key.includes(delimiter, prefix.length),
	);
	if (!hasUnfolded) return prefixes.length > 0 ? 'right' : 'none';
	return prefixes.length > 0 ? 'wrong' : 'ignored';
}

function isSorted({ objects, prefixes }: ListPage): boolean {
	return (
		objects.every(({ key }, i) => i === 0 || comesAfter(key, objects[i - 1]!.key)) &&
		prefixes.every((prefix, i) => i === 0 || comesAfter(prefix, prefixes[i - 1]!))
	);
}

function repeatedPage({ name }: Bucket): Fault {
	return new Fault(
		`The bucket "${name}" returned the same listing page twice, so listing was stopped`,
		{
			description:
				'The storage does not continue its listing. Check whether a proxy in front of it changes responses, and update the storage.',
		},
	);
}

function outOfTime({ name }: Bucket): Fault {
	return new Fault(`Listing the bucket "${name}" took longer than n8n allows`, {
		description:
			'To list fewer files, limit the search to a folder (Filters > Folder), or store recordings by day (Partition by Date in Recording: Start).',
		cause: 'temporarily-unavailable',
	});
}
