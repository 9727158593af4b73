import { Fault } from '../http/errors';
import { comesAfter, afterPrefix, ignoresStart, lastEntry, ownCopy } from './listing';
import type { Bucket, ListingSupport, ListPage, ListQuery } from './types';

export interface PagesQuery {
	prefix: string;
	/** `_` or `/`: keys with it after the prefix are folded, where the storage can. */
	delimiter?: string;
	/** Only keys after this one; without effect where the storage does not `startsAfter`. */
	startAfter?: string;
}

/** For so long a server error counts as a refusal to fold: it may also have been a failure. */
const SERVER_ERROR_MS = 10 * 60_000;
/** Entries of a page, if there are more. */
const FULL_PAGE = 1000;
/** Storage may return empty pages, for deleted objects say, but not without end. */
const MOST_EMPTY_PAGES = 1000;

/**
 * Reads a listing page by page, whatever the server does with it.
 *
 * Folding is only an accelerator: every folded page is checked, and storage that refuses to fold, folds otherwise
 * or stands still is listed plainly from there on, which `Bucket.support` remembers. A plain page contains the
 * objects that would have been folded. Servers that behave otherwise: Supabase replaces the delimiter, NooBaa,
 * Storj, Sia and older MinIO refuse any but `/`, current MinIO repeats an entry with more keys than a page.
 */
export class Pages {
	private readonly bucket: Bucket;
	private readonly deadline: number;
	private readonly prefix: string;
	private readonly delimiter: string | undefined;
	private startAfter: string | undefined;
	/** The key that comes after everything known, to be requested in place of the token if possible. */
	private nextStart: string | undefined;
	private token: string | undefined;
	private isFolding: boolean;
	/** Whether there are more pages to request. */
	isDone = false;
	private emptyPages = 0;
	/** The last entry returned, '' at first. */
	private position = '';
	private isPositionFolded = false;
	/** The last entry of each page: a page that ends like an earlier one brings nothing new. */
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
	 * @param skipTo continues after this key instead, if the storage can; the pages after that follow on it
	 * @returns the next page, its entries all below the prefix; null after the last one
	 * @throws Fault when the storage refuses, returns the same page again and again, or the deadline has passed
	 */
	async next(skipTo?: string): Promise<ListPage | null> {
		if (this.isDone) return null;
		const start = skipTo ?? this.nextStart;
		const page =
			(start === undefined ? null : await this.skip(start)) ??
			(await this.request({ token: this.token, startAfter: this.startAfter }));
		this.isDone = page.nextToken === null;
		this.token = page.nextToken ?? undefined;
		const fresh = this.withoutRepeated(page);
		this.checkProgress(page);
		return fresh;
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
		const answer = await this.bucket.list(query).catch((error: unknown) => {
			if (error instanceof Fault && isRefused(error)) return error;
			throw error;
		});
		if (answer instanceof Fault) {
			const plain = await this.listPlainly(start);
			const isServerError = answer.details.httpCode === '500';
			if (delimiter !== '/') support.folds = isServerError && Date.now() + SERVER_ERROR_MS;
			return plain;
		}
		const page = this.onlyBelowPrefix(answer);
		if (start.token === undefined && ignoresStart(page, start.startAfter)) {
			support.startsAfter = false;
		}
		if (delimiter === undefined) return page;
		const folding = foldingOf(answer, this.prefix, delimiter);
		if (delimiter === '_' && folding !== 'none') support.folds = folding === 'right';
		if (folding === 'ignored') this.isFolding = false;
		return folding === 'wrong' ? await this.listPlainly(start) : page;
	}

	/** Continues without folding where it stopped, as the token belongs to the folded listing. */
	private async listPlainly({ startAfter }: Pick<ListQuery, 'startAfter'>): Promise<ListPage> {
		this.isFolding = false;
		this.ends.clear();
		const start = this.position === '' ? startAfter : this.afterPosition();
		return await this.request({ startAfter: start });
	}

	private afterPosition(): string | undefined {
		if (!this.bucket.support.startsAfter) return undefined;
		return this.isPositionFolded ? afterPrefix(this.position) : this.position;
	}

	/** Some servers read more than they are asked for. */
	private onlyBelowPrefix(page: ListPage): ListPage {
		const { prefix } = this;
		const objects = page.objects.filter(({ key }) => key.startsWith(prefix));
		const prefixes = page.prefixes.filter((entry) => entry.startsWith(prefix));
		const isAll =
			objects.length === page.objects.length && prefixes.length === page.prefixes.length;
		return isAll ? page : { ...page, objects, prefixes };
	}

	/** A folded entry comes twice where a page ends within it (MinIO). */
	private withoutRepeated(page: ListPage): ListPage {
		const { position } = this;
		if (position === '' || !page.prefixes.includes(position)) return page;
		return { ...page, prefixes: page.prefixes.filter((entry) => entry !== position) };
	}

	private checkProgress(page: ListPage): void {
		const { support } = this.bucket;
		const last = ownCopy(lastEntry(page));
		if (last === '') {
			if (!this.isDone && ++this.emptyPages > MOST_EMPTY_PAGES) throw standsStill(this.bucket);
			return;
		}
		if (!isSorted(page) || (this.position !== '' && comesAfter(this.position, last))) {
			// Storj sorts by encrypted names: nothing can be skipped there.
			support.startsAfter = false;
		}
		const isRepeated = this.ends.has(last);
		this.ends.add(last);
		this.position = last;
		// A key may end with the delimiter as well.
		this.isPositionFolded = page.prefixes.at(-1) === last;
		this.nextStart = undefined;
		if (this.isDone) return;
		const isShort = page.objects.length + page.prefixes.length < FULL_PAGE;
		if (this.isPositionFolded && support.startsAfter && (isShort || isRepeated)) {
			// MinIO folds each thousand keys by themselves, and never gets past an entry with more.
			this.nextStart = afterPrefix(last);
		} else if (isRepeated) {
			if (!this.isFolding) throw standsStill(this.bucket);
			this.isFolding = false;
			if (this.delimiter !== '/') support.folds = false;
			this.token = undefined;
			this.startAfter = this.afterPosition();
			this.ends.clear();
		}
	}
}

/**
 * How storage answers that cannot fold by `_`: most with an error of its own, NooBaa with one that otherwise
 * asks for another attempt.
 */
const FOLDING_REFUSED = [400, 500, 501];

/**
 * @param status of the answer to a listing
 * @returns whether it may mean that the storage cannot fold by this delimiter. Once it has, it never means that.
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
 * Whether a page is folded as requested: each folded entry ends with the first delimiter after the prefix, and no
 * key contains one.
 *
 * @returns `none` where nothing had to be folded, `ignored` where nothing was
 */
function foldingOf(
	{ prefixes, objects }: ListPage,
	prefix: string,
	delimiter: string,
): 'right' | 'none' | 'ignored' | 'wrong' {
	// A server that ignores the prefix also returns what is elsewhere, but must not fold what is below it.
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

function standsStill({ name }: Bucket): Fault {
	return new Fault(
		`The bucket "${name}" returned the same listing page twice, so listing was stopped`,
		{
			description:
				'The storage does not continue its listing. Check whether an update of the storage or a proxy in front of it causes this.',
		},
	);
}

function outOfTime({ name }: Bucket): Fault {
	return new Fault(`Listing the bucket "${name}" took longer than n8n allows`, {
		description:
			'Limit the search to a folder (Prefix), or store recordings by day (Partition by Date in Recording: Start), so that fewer files have to be listed.',
		cause: 'temporarily-unavailable',
	});
}
