import { compareKeys, firstIndex, type SortedKeys } from './objectStore.ts';
import { invalidArgument } from './s3Error.ts';

/** The query of ListObjects and ListObjectsV2. */
export interface ListQuery {
	/** 1: ListObjects, 2: ListObjectsV2. */
	version: 1 | 2;
	prefix: string;
	/** '' for none. */
	delimiter: string;
	/** 0 to 1,000. */
	maxKeys: number;
	/** Version 2, '' for none. */
	startAfter: string;
	/** Version 2, null for none. */
	continuationToken: string | null;
	/** Version 1, '' for none. */
	marker: string;
	encodingType: 'url' | null;
}

/** A key, or the common prefix that a delimiter folds keys into. */
export interface Entry {
	name: string;
	isFolded: boolean;
	/** Of the key, or of the first folded one, where the entry comes from `takeEntries`. */
	index?: number;
}

/** One page of a listing. */
export interface Page {
	/** In the server's order. */
	entries: Entry[];
	/** Requests the next page: a token, or a marker for version 1. Null on the last page. */
	next: string | null;
	/** Whether version 1 also writes `NextMarker` without a delimiter. */
	hasNextMarker?: boolean;
	/** How names are written with `encoding-type=url`; S3's way by default. */
	encodeName?: (name: string) => string;
	/** Whether `Prefix`, `Delimiter` and the like are encoded as well. Defaults to true. */
	encodesQuery?: boolean;
}

export const MAX_KEYS = 1000;

/** @throws S3Error for values that S3 refuses */
export function readListQuery(query: Record<string, string>): ListQuery {
	const encodingType = query['encoding-type'] ?? null;
	if (encodingType !== null && encodingType !== 'url') {
		throw invalidArgument(
			'Invalid Encoding Method specified in Request',
			'encoding-type',
			encodingType,
		);
	}
	const maxKeys = query['max-keys'] || String(MAX_KEYS);
	if (!/^\d{1,10}$/.test(maxKeys)) {
		throw invalidArgument(
			'Provided max-keys not an integer or within integer range',
			'max-keys',
			maxKeys,
		);
	}
	return {
		version: query['list-type'] === '2' ? 2 : 1,
		prefix: query.prefix ?? '',
		delimiter: query.delimiter ?? '',
		maxKeys: Math.min(Number(maxKeys), MAX_KEYS),
		startAfter: query['start-after'] ?? '',
		continuationToken: query['continuation-token'] || null,
		marker: query.marker ?? '',
		encodingType,
	};
}

/** @returns the key up to and including the first delimiter after the prefix, null without one */
export function foldKey(key: string, prefix: string, delimiter: string): string | null {
	if (delimiter === '') return null;
	const index = key.indexOf(delimiter, prefix.length);
	return index < 0 ? null : key.slice(0, index + delimiter.length);
}

/** Where a page begins. */
export interface Start {
	/** Only keys after this one, '' for all. */
	after: string;
	/** Whether `after` is a folded entry, so that all keys in it are skipped. */
	isFolded: boolean;
}

/**
 * Picks one page of a bucket (Amazon S3 API reference, ListObjects and ListObjectsV2). Keys and folded
 * entries are sorted together and both count against `max-keys`. A start-after inside a folded entry shows
 * that entry again; a marker inside it hides it (ceph/s3-tests; LocalStack, whose tests ran against AWS).
 *
 * @throws S3Error for a token that this server did not return
 */
export function pageOf(keys: SortedKeys, query: ListQuery): Page {
	const { entries } = takeEntries(keys, query, startOf(query), query.maxKeys + 1);
	return cutPage(entries, query);
}

/** @returns a page of the first entries, with the last one as the token or marker where more follow */
export function cutPage(all: Entry[], { version, maxKeys }: ListQuery): Page {
	const entries = all.slice(0, maxKeys);
	const last = entries.at(-1);
	if (!last || all.length === entries.length) return { entries, next: null };
	const { name, isFolded } = last;
	return { entries, next: version === 1 ? name : encodeToken({ after: name, isFolded }) };
}

/** @returns up to `limit` entries from `start`, and whether more follow */
export function takeEntries(
	keys: SortedKeys,
	{ prefix, delimiter }: Pick<ListQuery, 'prefix' | 'delimiter'>,
	start: Start,
	limit: number,
): { entries: Entry[]; isTruncated: boolean } {
	const entries: Entry[] = [];
	let index = firstIndex(keys, (key) => compareKeys(key, prefix) >= 0);
	if (start.after !== '') {
		const isPast = (key: string) =>
			compareKeys(key, start.after) > 0 && !(start.isFolded && key.startsWith(start.after));
		index = Math.max(index, firstIndex(keys, isPast));
	}
	for (;;) {
		const key = keys.at(index);
		if (key === undefined || !key.startsWith(prefix)) return { entries, isTruncated: false };
		if (entries.length >= limit) return { entries, isTruncated: limit > 0 };
		const folded = foldKey(key, prefix, delimiter);
		entries.push({ name: folded ?? key, isFolded: folded !== null, index });
		index =
			folded === null ? index + 1 : firstIndex(keys, (each) => !each.startsWith(folded), index + 1);
	}
}

/** @throws S3Error for a token that this server did not return */
export function startOf({ version, ...query }: ListQuery): Start {
	if (version === 2) {
		return query.continuationToken === null
			? { after: query.startAfter, isFolded: false }
			: decodeToken(query.continuationToken);
	}
	const folded = query.marker.startsWith(query.prefix)
		? foldKey(query.marker, query.prefix, query.delimiter)
		: null;
	return { after: folded ?? query.marker, isFolded: folded !== null };
}

const encodeToken = (start: Start) => Buffer.from(JSON.stringify(start)).toString('base64');

function decodeToken(token: string): Start {
	try {
		const { after, isFolded } = JSON.parse(Buffer.from(token, 'base64').toString()) as Start;
		if (typeof after === 'string' && typeof isFolded === 'boolean') return { after, isFolded };
	} catch {
		// Not JSON.
	}
	throw invalidArgument(
		'The continuation token provided is incorrect',
		'continuation-token',
		token,
	);
}
