import { compareKeys, firstIndex } from '../objectStore.ts';
import { takeEntries, type Entry, type ListQuery, type Page } from '../listing.ts';
import type { Quirk } from '../quirk.ts';
import { notImplemented, s3Error, S3Error } from '../s3Error.ts';

/** How servers word that they fold by `/` only, by status. */
const DELIMITER_REFUSALS: Record<400 | 500 | 501, (delimiter: string) => S3Error> = {
	400: () => new S3Error(400, { Code: 'BadRequest', Message: '400 BadRequest' }),
	500: () =>
		s3Error(500, 'InternalError', 'We encountered an internal error. Please try again.', {
			Resource: '/',
		}),
	501: (delimiter) => notImplemented(`delimiter must be '/' but was ${delimiter}`),
};

/**
 * Refuses every delimiter but `/`.
 *
 * - 400: lakeFS (treeverse/lakeFS issue 3457).
 * - 500: NooBaa on a file system (noobaa/noobaa-core: `NamespaceFS._list_objects` throws an Error that
 *   `s3_rest.js` answers as InternalError; issue 7940).
 * - 501: Sia (SiaFoundation/renterd: `worker/s3/backend.go`; SiaFoundation/s3d issue 169), MinIO's gateways of
 *   2019, Storj for projects with encryption of their own (storj/gateway-st: `ErrUnsupportedListing`).
 */
export function delimiterRefused(status: 400 | 500 | 501): Quirk {
	return {
		name: `delimiterRefused ${status}`,
		rewriteList(query) {
			const { delimiter } = query;
			if (delimiter !== '' && delimiter !== '/') throw DELIMITER_REFUSALS[status](delimiter);
			return query;
		},
	};
}

/** Lists every key one by one, whatever delimiter is asked for, and says nothing of it. */
export const delimiterIgnored: Quirk = {
	name: 'delimiterIgnored',
	rewriteList: (query) => ({ ...query, delimiter: '' }),
};

/** Takes no notice of `start-after`: each listing begins at the top. */
export const startAfterIgnored: Quirk = {
	name: 'startAfterIgnored',
	rewriteList: (query) => ({ ...query, startAfter: '' }),
};

/**
 * Fails for a start-after, token or marker that does not begin with the prefix (noobaa/noobaa-core:
 * `md_store.js` throws "BAD KEY MARKER", which is answered as InternalError).
 */
export const startOutsidePrefixFails: Quirk = {
	name: 'startOutsidePrefixFails',
	rewriteList(query) {
		const start = query.startAfter || query.marker;
		if (start !== '' && !start.startsWith(query.prefix)) throw DELIMITER_REFUSALS[500](start);
		return query;
	},
};

/**
 * Knows ListObjects only: `list-type`, `start-after` and `continuation-token` mean nothing to it, and without a
 * delimiter its pages do not say where to go on (Amazon S3 API reference, ListObjects: NextMarker).
 */
export const olderListingOnly: Quirk = {
	name: 'olderListingOnly',
	rewriteList: (query) => ({ ...query, version: 1, startAfter: '', continuationToken: null }),
};

/** Refuses ListObjectsV2, and serves ListObjects. */
export function listV2Refused(status: 400 | 501): Quirk {
	return {
		name: `listV2Refused ${status}`,
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

/** Writes names as they are, and no `EncodingType` (SiaFoundation/gofakes3: `ListBucketResultBase`). */
export const encodingIgnored: Quirk = {
	name: 'encodingIgnored',
	rewriteList: (query) => ({ ...query, encodingType: null }),
};

/**
 * Huawei's older listing: it takes no notice of a marker beside an encoding (rclone: quirks of HuaweiOBS
 * in its S3 backend).
 */
export const markerIgnoredWithEncoding: Quirk = {
	name: 'markerIgnoredWithEncoding',
	rewriteList: (query) => (query.encodingType === null ? query : { ...query, marker: '' }),
};

/** @returns the same number for the same text, otherwise like a random one */
function scramble(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) {
		hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	}
	return (hash ^ (hash >>> 15)) >>> 0;
}

/** Compares folder by folder, as Storj does: by the encrypted name, which says nothing of the real one. */
function compareScrambled(a: string, b: string): number {
	const [left, right] = [a.split('/'), b.split('/')];
	for (let i = 0; i < Math.min(left.length, right.length); i++) {
		const [x, y] = [left[i]!, right[i]!];
		if (x !== y) return scramble(x) - scramble(y) || compareKeys(x, y);
	}
	return left.length - right.length;
}

/**
 * Lists in an order that is not that of the keys. Storj encrypts each part of a path, and lists in the order of
 * what comes out where prefix and delimiter allow it; `start-after` is a place in that order. For any other prefix
 * or delimiter its gateway reads everything and sorts (storj/gateway-st: `listObjectsGeneral`).
 */
export const unsorted: Quirk = {
	name: 'unsorted',
	list(query, { objects }) {
		const { prefix, delimiter } = query;
		const isFast = (prefix === '' || prefix.endsWith('/')) && ['', '/'].includes(delimiter);
		if (!isFast) return undefined;
		const everything = { after: '', isFolded: false };
		const { entries } = takeEntries(objects.keys, query, everything, Infinity);
		entries.sort((a, b) => compareScrambled(a.name, b.name));
		return pageAfter(entries, query, compareScrambled);
	},
};

/** A page of entries in any order, with tokens that hold the last entry. */
function pageAfter(
	entries: Entry[],
	query: ListQuery,
	compare: (a: string, b: string) => number,
): Page {
	const { version, continuationToken, maxKeys } = query;
	const token = continuationToken && Buffer.from(continuationToken, 'base64').toString();
	const after = token ?? (version === 2 ? query.startAfter : query.marker);
	const names = entries.map(({ name }) => name);
	const first = after === '' ? 0 : firstIndex(names, (name) => compare(name, after) > 0);
	const taken = entries.slice(first, first + maxKeys);
	const last = taken.at(-1);
	const isTruncated = last !== undefined && first + maxKeys < entries.length;
	const next = version === 2 ? Buffer.from(last?.name ?? '').toString('base64') : last?.name;
	return {
		keys: taken.filter(({ isFolded }) => !isFolded).map(({ name }) => name),
		prefixes: taken.filter(({ isFolded }) => isFolded).map(({ name }) => name),
		next: isTruncated ? next! : null,
	};
}
