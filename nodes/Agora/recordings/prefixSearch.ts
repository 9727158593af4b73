import type { Bucket } from '../storage/types';

/** Requests for names that are not Agora's: enough for every bucket that is not mainly used for something else. */
const MAX_REQUESTS = 100;
const MAX_REQUESTS_IF_REPEATED = 4;
/** `bak<n>_` with nothing after it: the folded entry of everything that recorders wrote which took over. */
const TAKEOVER = /(?:^|\/)bak\d+_$/;
/** A repeated scan searches for folders with a leading underscore this often. */
const LEADING_UNDERSCORE_MS = 15 * 60_000;

/**
 * Decides which unrecognized prefixes a scan searches: folded entries that are not a session's, such as `match_`,
 * which may be files, or folders such as `match_recordings/`. The number of requests is limited, except for prefixes
 * below which earlier scans of the bucket found recordings.
 */
export class PrefixSearch {
	/** Prefixes that were not searched completely, because the requests were used up. */
	readonly unsearched: string[] = [];
	private readonly known: Bucket['support']['searchedPrefixes'];
	private readonly isRepeated: boolean;
	private requestsLeft: number;
	/** The folders with sessions below each prefix, of whatever day. */
	private readonly folders = new Map<string, Set<string>>();
	/** Where the search below a prefix was cut short. */
	private readonly cutAfter = new Map<string, string>();
	/** How many requests each prefix took. */
	private readonly requests = new Map<string, number>();

	/**
	 * @param known the results of earlier scans; those of this one are added
	 * @param isRepeated see `ScanOptions`
	 */
	constructor(known: Bucket['support']['searchedPrefixes'], isRepeated: boolean) {
		this.known = known;
		// The first scan of this process searches as much as a single scan does.
		this.isRepeated = isRepeated && known.size > 0;
		this.requestsLeft = this.isRepeated ? MAX_REQUESTS_IF_REPEATED : MAX_REQUESTS;
	}

	/** @returns the prefixes that led to recordings before, then those that were searched longest ago, each once */
	inOrder(prefixes: string[]): string[] {
		const rank = (prefix: string) =>
			2 * Number(this.hasSessions(prefix)) + Number(TAKEOVER.test(prefix));
		return [...new Set(prefixes)].sort(
			(a, b) => rank(b) - rank(a) || this.searchedAt(a) - this.searchedAt(b),
		);
	}

	/** @returns whether the requests for a prefix are limited; a session is incomplete without a recorder that took over */
	isLimited(prefix: string): boolean {
		return !this.hasSessions(prefix) && !TAKEOVER.test(prefix);
	}

	/** @returns whether another limited request may be sent; if not, the prefix counts as not searched */
	mayRequest(prefix: string): boolean {
		if (this.requestsLeft === 0) this.unsearched.push(prefix);
		return this.requestsLeft > 0;
	}

	/**
	 * Counts a limited request that is about to be sent.
	 *
	 * @param last the last entry that was listed, if any
	 * @returns false when none is left: the next scan continues after `last`
	 */
	takeRequest(prefix: string, last?: string): boolean {
		if (!this.mayRequest(prefix)) {
			if (last !== undefined) this.cutAfter.set(prefix, last);
			return false;
		}
		this.requestsLeft--;
		return true;
	}

	/** @returns whether a prefix that ends with a leading underscore is to be searched now */
	isDue(prefix: string): boolean {
		return !this.isRepeated || Date.now() - this.searchedAt(prefix) > LEADING_UNDERSCORE_MS;
	}

	/**
	 * @returns the folders with recordings below a prefix which has so many other files that a repeated scan cannot search
	 *   all of it; none for any other prefix
	 */
	knownFolders(prefix: string): string[] {
		const known = this.isRepeated ? this.known.get(prefix) : undefined;
		return known !== undefined && known.requests > MAX_REQUESTS_IF_REPEATED ? known.folders : [];
	}

	/** @returns where the previous scan stopped below a prefix; undefined to begin with its first key */
	resumeAfter(prefix: string): string | undefined {
		return this.isRepeated ? this.known.get(prefix)?.resumeAfter : undefined;
	}

	/** @param entry `<folder><sid>_`, which is below every prefix that it begins with */
	noteSession(entry: string): void {
		const own = entry.length - 1;
		for (let end = entry.indexOf('_'); end < own; end = entry.indexOf('_', end + 1)) {
			const prefix = entry.slice(0, end + 1);
			const folders = this.folders.get(prefix) ?? new Set();
			const slash = entry.indexOf('/', end);
			this.folders.set(prefix, slash < 0 ? folders : folders.add(entry.slice(0, slash + 1)));
		}
	}

	noteRequest(prefix: string): void {
		this.requests.set(prefix, (this.requests.get(prefix) ?? 0) + 1);
	}

	/** Saves the results of a prefix for later scans of the bucket. */
	noteSearched(prefix: string): void {
		const requests = this.requests.get(prefix) ?? 0;
		this.known.set(prefix, {
			hasSessions: this.folders.has(prefix),
			folders: [...(this.folders.get(prefix) ?? [])],
			searchedAt: Date.now(),
			resumeAfter: this.cutAfter.get(prefix),
			requests: Math.max(requests, this.known.get(prefix)?.requests ?? 0),
		});
	}

	private hasSessions(prefix: string): boolean {
		return this.known.get(prefix)?.hasSessions ?? false;
	}

	private searchedAt(prefix: string): number {
		return this.known.get(prefix)?.searchedAt ?? 0;
	}
}
