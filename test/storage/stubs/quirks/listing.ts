import { compareKeys } from '../objectStore.ts';
import { cutPage, foldKey, startOf, takeEntries, type Entry } from '../listing.ts';
import type { Quirk } from '../quirk.ts';
import { notImplemented, s3Error, S3Error } from '../s3Error.ts';

/** How servers that only fold by `/` word their errors, by status. */
const DELIMITER_REFUSALS: Record<400 | 500 | 501, (delimiter: string) => S3Error> = {
	400: () => new S3Error(400, { Code: 'BadRequest', Message: '400 BadRequest' }),
	500: () =>
		s3Error(500, 'InternalError', 'We encountered an internal error. Please try again.', {
			Resource: '/',
		}),
	501: (delimiter) => notImplemented(`delimiter must be '/' but was ${delimiter}`),
};

/**
 * Refuses every delimiter except `/`.
 *
 * - 400: lakeFS (treeverse/lakeFS issue 3457).
 * - 500: NooBaa on a file system (noobaa/noobaa-core: `NamespaceFS._list_objects` throws an Error that
 *   `s3_rest.js` returns as InternalError; issue 7940).
 * - 501: Sia (SiaFoundation/renterd: `worker/s3/backend.go`; SiaFoundation/s3d issue 169), MinIO's gateways of
 *   2019, Storj for projects with customer-managed encryption (storj/gateway-st: `ErrUnsupportedListing`).
 */
export function delimiterRefused(status: 400 | 500 | 501): Quirk {
	return {
		rewriteList(query) {
			const { delimiter } = query;
			if (delimiter !== '' && delimiter !== '/') throw DELIMITER_REFUSALS[status](delimiter);
			return query;
		},
	};
}

/** Lists every key, whatever the delimiter. */
export const delimiterIgnored: Quirk = {
	rewriteList: (query) => ({ ...query, delimiter: '' }),
};

/**
 * Folds by `/` as S3 does, and by other delimiters in another way.
 *
 * @param fold gets a key and its index among those with the prefix
 * @returns the entry that the key is folded into, null for the key itself
 */
function foldsOtherwise(
	fold: (key: string, prefix: string, delimiter: string, index: number) => string | null,
): Quirk {
	return {
		list(query, { objects }) {
			const { prefix, delimiter } = query;
			if (delimiter === '' || delimiter === '/') return undefined;
			const { after, isFolded } = startOf(query);
			const names = new Set(isFolded ? [after] : []);
			const entries: Entry[] = [];
			const keys = objects.keys.filter((key) => key.startsWith(prefix));
			for (const [index, key] of keys.entries()) {
				if (compareKeys(key, after) <= 0) continue;
				const name = fold(key, prefix, delimiter, index);
				if (name === null) entries.push({ name: key, isFolded: false });
				else if (!names.has(name)) entries.push({ name, isFolded: true });
				if (name !== null) names.add(name);
			}
			return cutPage(entries, query);
		},
	};
}

/** Folds with `/` in place of the delimiter, as Supabase does. */
export const foldsWithSlash = foldsOtherwise((key, prefix, delimiter) => {
	const end = key.indexOf(delimiter, prefix.length);
	return end < 0 ? null : `${key.slice(0, end)}/`;
});

/** Folds every other key only. */
export const foldsSome = foldsOtherwise((key, prefix, delimiter, index) =>
	index % 2 === 0 ? null : foldKey(key, prefix, delimiter),
);

/** Folds at the last delimiter of a key instead of the first. */
export const foldsAtLastDelimiter = foldsOtherwise((key, prefix, delimiter) => {
	const end = key.lastIndexOf(delimiter);
	return end < prefix.length ? null : key.slice(0, end + delimiter.length);
});

/** Sends at most this many entries a page. */
export function pageSize(size: number): Quirk {
	return { rewriteList: (query) => ({ ...query, maxKeys: Math.min(query.maxKeys, size) }) };
}

const EMPTY_THEN = 'empty, then ';

/** Sends an empty page with a token before each page except the first. */
export const emptyPages: Quirk = {
	list({ continuationToken }) {
		if (!continuationToken?.startsWith(EMPTY_THEN)) return undefined;
		return { entries: [], next: continuationToken.slice(EMPTY_THEN.length) };
	},
	rewritePage({ entries, next, ...page }) {
		const isLast = next === null || entries.length === 0;
		return { ...page, entries, next: isLast ? next : `${EMPTY_THEN}${next}` };
	},
};

/** Ignores `start-after`: each listing begins with the first key. */
export const startAfterIgnored: Quirk = {
	rewriteList: (query) => ({ ...query, startAfter: '' }),
};

/**
 * Fails for a start-after, token or marker that does not begin with the prefix (noobaa/noobaa-core:
 * `md_store.js` throws "BAD KEY MARKER", which is returned as InternalError).
 */
export const startOutsidePrefixFails: Quirk = {
	rewriteList(query) {
		const start = query.startAfter || query.marker;
		if (start !== '' && !start.startsWith(query.prefix)) throw DELIMITER_REFUSALS[500](start);
		return query;
	},
};

/**
 * Only knows ListObjects: it ignores `list-type`, `start-after` and `continuation-token`, and its pages only have
 * a NextMarker with a delimiter (Amazon S3 API reference, ListObjects: NextMarker).
 */
export const olderListingOnly: Quirk = {
	rewriteList: (query) => ({ ...query, version: 1, startAfter: '', continuationToken: null }),
};

/** Refuses ListObjectsV2 and serves ListObjects. */
export function listV2Refused(status: 400 | 501): Quirk {
	return {
		rewriteList(query) {
			if (query.version === 1) return query;
			if (status === 501) throw notImplemented();
			throw s3Error(400, 'InvalidArgument', 'Invalid Argument', {
				ArgumentName: 'list-type',
				ArgumentValue: '2',
			});
		},
	};
}

/** Does not encode names, and sends no `EncodingType` (SiaFoundation/gofakes3: `ListBucketResultBase`). */
export const encodingIgnored: Quirk = {
	rewriteList: (query) => ({ ...query, encodingType: null }),
};

/**
 * Huawei's older listing: it ignores a marker in a request for encoded names (rclone: quirks of HuaweiOBS in its
 * S3 backend).
 */
export const markerIgnoredWithEncoding: Quirk = {
	rewriteList: (query) => (query.encodingType === null ? query : { ...query, marker: '' }),
};

/** @returns a pseudorandom number that only depends on the string */
function scramble(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) {
		hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	}
	return (hash ^ (hash >>> 15)) >>> 0;
}

/** Compares folder by folder, as Storj does: by the encrypted name, which is unrelated to the real one. */
function compareScrambled(a: string, b: string): number {
	const [left, right] = [a.split('/'), b.split('/')];
	for (let i = 0; i < Math.min(left.length, right.length); i++) {
		const [x, y] = [left[i]!, right[i]!];
		if (x !== y) return scramble(x) - scramble(y) || compareKeys(x, y);
	}
	return left.length - right.length;
}

/**
 * Lists in another order than that of the keys. Storj encrypts each part of a path, and lists in the order of the
 * encrypted names where prefix and delimiter allow it; `start-after` is a position in that order. For any other
 * prefix or delimiter its gateway reads everything and sorts (storj/gateway-st: `listObjectsGeneral`).
 */
export const unsorted: Quirk = {
	list(query, { objects }) {
		const { prefix, delimiter } = query;
		const isFast = (prefix === '' || prefix.endsWith('/')) && ['', '/'].includes(delimiter);
		if (!isFast) return undefined;
		const { after } = startOf(query);
		const { entries } = takeEntries(objects.keys, query, { after: '', isFolded: false }, Infinity);
		const rest = entries.filter(({ name }) => after === '' || compareScrambled(name, after) > 0);
		rest.sort((a, b) => compareScrambled(a.name, b.name));
		return cutPage(rest, query);
	},
};
