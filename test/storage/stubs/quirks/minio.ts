import { randomUUID } from 'node:crypto';
import { foldKey, takeEntries, type Entry, type ListQuery, type Page } from '../listing.ts';
import { compareKeys, type ObjectStore } from '../objectStore.ts';
import type { Quirk } from '../quirk.ts';
import { notImplemented } from '../s3Error.ts';

/** Where MinIO continues: a name, and the ID of a listing that it caches. */
interface Marker {
	name: string;
	/** 'none' for the first page, 'wanted' when the server is to cache the listing from now on. */
	id: string;
}

const TAG = /^(.*)\[minio_cache:v2,(?:return:|id:([\da-f-]+),p:0,s:0)\]$/s;

function parseMarker(marker: string): Marker {
	const [, name, id] = TAG.exec(marker) ?? [];
	return name === undefined ? { name: marker, id: 'none' } : { name, id: id ?? 'wanted' };
}

/**
 * MinIO, as its code has been since 2021 (minio/minio at 7aac2a2, February 2026: `listObjectsGeneric`,
 * `metaCacheEntriesSorted.fileInfos`, `metacache-marker.go`).
 *
 * It ends a page after `max-keys` unfolded keys, and then folds them. So with another delimiter than `/`
 *
 * - a folded entry is repeated on the next page whenever a page ends among its keys (issue 16108),
 * - with `max-keys` + 1 keys or more in it, that page is repeated forever (issue 20682): the third page has the
 *   token of the second. Where the server cannot cache its listings, each token has another ID.
 *
 * It ignores a start-after before the prefix; one after it that does not begin with it results in an empty page. A
 * token or marker that does not begin with the prefix is refused. A start inside a folder hides the folder.
 *
 * @param tokens whether the token stays the same while a listing makes no progress, or changes on each page
 */
export function minio(tokens: 'sameToken' | 'newToken' = 'sameToken'): Quirk {
	return {
		list(query, { objects }) {
			const { prefix, maxKeys } = query;
			const received = markerOf(query);
			const start = parseMarker(received.text);
			if (received.mustHavePrefix && !received.text.startsWith(prefix)) throw notImplemented();
			if (compareKeys(start.name, prefix) < 0) start.name = '';
			const empty: Page = { entries: [], next: null };
			if (maxKeys === 0 || (start.name !== '' && !start.name.startsWith(prefix))) return empty;
			if (prefix !== '' && maxKeys === 1 && received.text === '' && objects.get(prefix)) {
				return { ...empty, entries: [{ name: prefix, isFolded: false }] };
			}
			const { entries, isTruncated } = takePage(objects, query, start.name);
			if (!isTruncated) return { entries, next: null };
			const id = start.id === 'wanted' || tokens === 'newToken' ? randomUUID() : start.id;
			const tag = start.id === 'none' ? 'return:' : `id:${id},p:0,s:0`;
			const next = `${entries.at(-1)!.name}[minio_cache:v2,${tag}]`;
			return {
				entries,
				hasNextMarker: true,
				next: query.version === 2 ? Buffer.from(next).toString('base64') : next,
			};
		},
	};
}

function markerOf({ version, continuationToken, startAfter, marker }: ListQuery) {
	if (version === 1) return { text: marker, mustHavePrefix: marker !== '' };
	if (continuationToken === null) return { text: startAfter, mustHavePrefix: false };
	return { text: Buffer.from(continuationToken, 'base64').toString(), mustHavePrefix: true };
}

function takePage(objects: ObjectStore, query: ListQuery, after: string) {
	const { prefix, delimiter, maxKeys } = query;
	// Folders are folders on disk, which are skipped as a whole.
	const walked = delimiter === '/' ? '/' : '';
	const inside = after === '' ? null : foldKey(after, prefix, walked);
	const start = { after: inside ?? after, isFolded: inside !== null };
	// The object to continue after, where it exists, is read again and dropped.
	const limit = after === '' || objects.get(after) ? maxKeys : maxKeys + 1;
	const raw = takeEntries(objects.keys, { prefix, delimiter: walked }, start, limit);
	const entries: Entry[] = [];
	for (const { name, isFolded } of raw.entries) {
		const folded = isFolded ? name : foldKey(name, prefix, delimiter);
		if (folded === null) entries.push({ name, isFolded });
		else if (entries.at(-1)?.name !== folded) entries.push({ name: folded, isFolded: true });
	}
	return {
		entries: entries.slice(0, maxKeys),
		isTruncated: raw.isTruncated || entries.length > maxKeys,
	};
}
