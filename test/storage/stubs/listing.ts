import { firstIndex, compareKeys, type ObjectStore } from './objectStore.ts';
import { invalidArgument } from './s3Error.ts';
import { element, escapeXml } from './xml.ts';

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

/** One page of a listing. */
export interface Page {
	/** In order. */
	keys: string[];
	/** What the delimiter folded, in order. */
	prefixes: string[];
	/** What to ask the next page with: a token, or a marker for version 1. Null on the last page. */
	next: string | null;
	/** Whether version 1 writes `NextMarker` without a delimiter, too. */
	namesMarker?: boolean;
	/** How names are written with `encoding-type=url`; S3's way by default. */
	encodeName?: (name: string) => string;
	/** Whether `Prefix`, `Delimiter` and the like are encoded as well. Defaults to true. */
	encodesQuery?: boolean;
}

export const MOST_KEYS = 1000;

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
	const maxKeys = query['max-keys'] || String(MOST_KEYS);
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
		maxKeys: Math.min(Number(maxKeys), MOST_KEYS),
		startAfter: query['start-after'] ?? '',
		continuationToken: query['continuation-token'] || null,
		marker: query.marker ?? '',
		encodingType,
	};
}

/** @returns the key up to and with the first delimiter after the prefix, null where there is none */
export function foldOf(key: string, prefix: string, delimiter: string): string | null {
	if (delimiter === '') return null;
	const index = key.indexOf(delimiter, prefix.length);
	return index < 0 ? null : key.slice(0, index + delimiter.length);
}

/** Where a page begins. */
interface Start {
	/** Only keys after this one. */
	after: string;
	/** Whether `after` is a folded entry, so that all keys below it are done with. */
	isFolded: boolean;
}

/**
 * Picks one page of a bucket (Amazon S3 API reference, ListObjects and ListObjectsV2). Keys and folded
 * entries come in one order and count against `max-keys` together. A start-after inside a folded entry shows
 * that entry again; a marker inside it hides it (ceph/s3-tests; LocalStack, whose tests ran against AWS).
 *
 * @throws S3Error for a token that is none of this server's
 */
export function pageOf(keys: readonly string[], query: ListQuery): Page {
	const { entries, isTruncated } = takeEntries(keys, query, startOf(query), query.maxKeys);
	const last = entries.at(-1);
	const page: Page = {
		keys: entries.filter(({ isFolded }) => !isFolded).map(({ name }) => name),
		prefixes: entries.filter(({ isFolded }) => isFolded).map(({ name }) => name),
		next: null,
	};
	if (isTruncated && last) {
		page.next =
			query.version === 1 ? last.name : encodeToken({ after: last.name, isFolded: last.isFolded });
	}
	return page;
}

/** A key, or what a delimiter folded. */
export interface Entry {
	name: string;
	isFolded: boolean;
}

/** @returns up to `limit` entries from `start`, and whether more follow */
export function takeEntries(
	keys: readonly string[],
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
		const key = keys[index];
		if (key === undefined || !key.startsWith(prefix)) return { entries, isTruncated: false };
		if (entries.length >= limit) return { entries, isTruncated: limit > 0 };
		const fold = foldOf(key, prefix, delimiter);
		entries.push({ name: fold ?? key, isFolded: fold !== null });
		index =
			fold === null ? index + 1 : firstIndex(keys, (each) => !each.startsWith(fold), index + 1);
	}
}

function startOf({ version, ...query }: ListQuery): Start {
	if (version === 2) {
		return query.continuationToken === null
			? { after: query.startAfter, isFolded: false }
			: decodeToken(query.continuationToken);
	}
	const fold = query.marker.startsWith(query.prefix)
		? foldOf(query.marker, query.prefix, query.delimiter)
		: null;
	return { after: fold ?? query.marker, isFolded: fold !== null };
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

/** As S3 encodes names: like a form, but `/` and `*` stay. */
export function encodeAsForm(name: string): string {
	return encodeURIComponent(name)
		.replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
		.replaceAll('%20', '+')
		.replaceAll('%2F', '/');
}

const OWNER =
	'<Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner>';

/** Writes a page as Amazon S3 does. */
export function listingXml(
	bucket: string,
	query: ListQuery,
	page: Page,
	objects: Pick<ObjectStore, 'get'>,
): string {
	const { version, encodingType } = query;
	const encode = page.encodeName ?? encodeAsForm;
	const nameOf = (name: string) => (encodingType === 'url' ? encode(name) : name);
	const queried = (text: string) => (page.encodesQuery === false ? text : nameOf(text));
	const optional = (name: string, text: string) => (text === '' ? '' : element(name, text));
	const isTruncated = page.next !== null;
	const head =
		version === 2
			? [
					optional('StartAfter', queried(query.startAfter)),
					element('ContinuationToken', query.continuationToken ?? undefined),
					element('NextContinuationToken', page.next ?? undefined),
					element('KeyCount', page.keys.length + page.prefixes.length),
				]
			: [
					element('Marker', queried(query.marker)),
					page.next === null || (query.delimiter === '' && !page.namesMarker)
						? ''
						: element('NextMarker', queried(page.next)),
				];
	return [
		'<?xml version="1.0" encoding="UTF-8"?>\n',
		'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
		element('Name', bucket),
		element('Prefix', queried(query.prefix)),
		...head,
		element('MaxKeys', query.maxKeys),
		optional('Delimiter', queried(query.delimiter)),
		element('EncodingType', encodingType ?? undefined),
		element('IsTruncated', isTruncated),
		...page.keys.map((key) => {
			const object = objects.get(key)!;
			return [
				`<Contents><Key>${escapeXml(nameOf(key))}</Key>`,
				`<LastModified>${object.lastModified.toISOString()}</LastModified>`,
				`<ETag>${escapeXml(object.etag)}</ETag><Size>${object.body.length}</Size>`,
				version === 1 ? OWNER : '',
				`<StorageClass>${object.storageClass}</StorageClass></Contents>`,
			].join('');
		}),
		...page.prefixes.map(
			(prefix) => `<CommonPrefixes>${element('Prefix', nameOf(prefix))}</CommonPrefixes>`,
		),
		'</ListBucketResult>',
	].join('');
}
