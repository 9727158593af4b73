import { randomUUID } from 'node:crypto';
import { foldOf, takeEntries, type ListQuery, type Page } from '../listing.ts';
import { compareKeys, type ObjectStore } from '../objectStore.ts';
import type { Quirk } from '../quirk.ts';
import { notImplemented } from '../s3Error.ts';

/** Where MinIO goes on: a name, and the id of a listing that it keeps. */
interface Marker {
	name: string;
	/** 'none' for the first page, 'wanted' when the server is to keep the listing from now on. */
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
 * It cuts a page after `max-keys` raw keys and folds what it has. So with another delimiter than `/`
 *
 * - a folded entry comes again on the next page whenever a page ends among its keys (issue 16108),
 * - with `max-keys` + 1 keys or more below it, that page comes again for ever (issue 20682): the third page has
 *   the token of the second. Where the server cannot keep its listings, each token has another id.
 *
 * A start-after before the prefix is no start; one after it that does not begin with it gives an empty page. A
 * token or marker that does not begin with the prefix is refused. A start inside a folder hides the folder.
 *
 * @param tokens whether the token stays the same while a listing makes no progress, or changes on each page
 */
export function minio(tokens: 'sameToken' | 'newToken' = 'sameToken'): Quirk {
	return {
		name: `minio ${tokens}`,
		list(query, { objects }) {
			const { prefix, maxKeys } = query;
			const given = markerOf(query);
			const start = parseMarker(given.text);
			if (given.mustHavePrefix && !given.text.startsWith(prefix)) throw notImplemented();
			if (compareKeys(start.name, prefix) < 0) start.name = '';
			const empty: Page = { keys: [], prefixes: [], next: null };
			if (maxKeys === 0 || (start.name !== '' && !start.name.startsWith(prefix))) return empty;
			if (prefix !== '' && maxKeys === 1 && given.text === '' && objects.get(prefix)) {
				return { ...empty, keys: [prefix] };
			}
			const { keys, prefixes, last } = takePage(objects, query, start.name);
			if (last === null) return { ...empty, keys, prefixes };
			const id = start.id === 'wanted' || tokens === 'newToken' ? randomUUID() : start.id;
			const tag = start.id === 'none' ? 'return:' : `id:${id},p:0,s:0`;
			const next = `${last}[minio_cache:v2,${tag}]`;
			return {
				keys,
				prefixes,
				namesMarker: true,
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

/** @returns `last`: the entry to go on after, null at the end of the listing */
function takePage(objects: ObjectStore, query: ListQuery, after: string) {
	const { prefix, delimiter, maxKeys } = query;
	// Folders are real ones, which a walk through the disk skips as a whole.
	const walked = delimiter === '/' ? '/' : '';
	const inside = after === '' ? null : foldOf(after, prefix, walked);
	const start = { after: inside ?? after, isFolded: inside !== null };
	// The one to go on after is read again and dropped, where there is one.
	const limit = after === '' || objects.get(after) ? maxKeys : maxKeys + 1;
	const raw = takeEntries(objects.keys, { prefix, delimiter: walked }, start, limit);
	const entries: Array<{ name: string; isFolded: boolean }> = [];
	for (const { name, isFolded } of raw.entries) {
		const fold = isFolded ? name : foldOf(name, prefix, delimiter);
		if (fold === null) entries.push({ name, isFolded });
		else if (entries.at(-1)?.name !== fold) entries.push({ name: fold, isFolded: true });
	}
	const page = entries.slice(0, maxKeys);
	const isTruncated = raw.isTruncated || entries.length > maxKeys;
	return {
		keys: page.filter(({ isFolded }) => !isFolded).map(({ name }) => name),
		prefixes: page.filter(({ isFolded }) => isFolded).map(({ name }) => name),
		last: isTruncated ? page.at(-1)!.name : null,
	};
}
