import type { Bucket } from '../storage/types';

/**
 * Collects what a scan finds below each stem, a folded entry that is no session such as `match_`, so that the next scan
 * knows which stems lead to recordings.
 */
export class StemResults {
	/** The folders with sessions below each stem, of whatever day. */
	private readonly folders = new Map<string, Set<string>>();
	/** Where the search below a stem was cut short. */
	private readonly resumeAfter = new Map<string, string | undefined>();
	/** How many requests each stem took. */
	private readonly requests = new Map<string, number>();
	private readonly known: Bucket['support']['stems'];

	constructor(known: Bucket['support']['stems']) {
		this.known = known;
	}

	/** @param entry `<folder><sid>_`, which is below every stem that it begins with */
	noteSession(entry: string): void {
		const own = entry.length - 1;
		for (let end = entry.indexOf('_'); end < own; end = entry.indexOf('_', end + 1)) {
			const stem = entry.slice(0, end + 1);
			const folders = this.folders.get(stem) ?? new Set();
			const slash = entry.indexOf('/', end);
			this.folders.set(stem, slash < 0 ? folders : folders.add(entry.slice(0, slash + 1)));
		}
	}

	noteRequest(stem: string): void {
		this.requests.set(stem, (this.requests.get(stem) ?? 0) + 1);
	}

	/** @param last the last entry that was listed, if any */
	noteCut(stem: string, last: string | undefined): void {
		this.resumeAfter.set(stem, last);
	}

	/** Remembers the results of a stem for later scans of the bucket. */
	noteOpened(stem: string): void {
		const requests = this.requests.get(stem) ?? 0;
		this.known.set(stem, {
			hasSessions: this.folders.has(stem),
			folders: [...(this.folders.get(stem) ?? [])],
			openedAt: Date.now(),
			resumeAfter: this.resumeAfter.get(stem),
			requests: Math.max(requests, this.known.get(stem)?.requests ?? 0),
		});
	}
}
