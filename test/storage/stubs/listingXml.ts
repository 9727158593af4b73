import { readListQuery, type Entry, type ListQuery, type Page } from './listing.ts';
import { element, escapeXml } from './xml.ts';

/** An object as a listing shows it. */
export interface ListedObject {
	key: string;
	/** Bytes. */
	size: number;
	/** Unix milliseconds. */
	lastModified: number;
	/** Without quotes. Defaults to that of an empty object. */
	etag?: string;
	/** Defaults to STANDARD. */
	storageClass?: string;
}

/** One page of a listing to print. */
export interface Listing extends Omit<Page, 'entries' | 'next'> {
	bucket?: string;
	objects: Iterable<ListedObject>;
	/** The folded entries. */
	prefixes?: string[];
	/** Requests the next page: a token, or a marker for version 1. */
	next?: string | null;
}

/** Neither URLs nor XML encode these characters: a fast path for listings of a million keys. */
const UNRESERVED = /^[\w./-]*$/;
const EMPTY_ETAG = 'd41d8cd98f00b204e9800998ecf8427e';
const OWNER =
	'<Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner>';

/**
 * Prints a page of a listing as Amazon S3 does (Amazon S3 API reference, ListObjects and ListObjectsV2).
 *
 * @param query of the request; by default a ListObjectsV2 request without parameters
 */
export function listingXml(
	listing: Listing,
	query: ListQuery = readListQuery({ 'list-type': '2' }),
): string {
	const { bucket = 'recordings', prefixes = [], next = null, encodesQuery = true } = listing;
	const encode = listing.encodeName ?? encodeAsForm;
	const nameOf = (name: string) => (query.encodingType === 'url' ? encode(name) : name);
	const queried = (text: string) => (encodesQuery ? nameOf(text) : text);
	const optional = (name: string, text: string) => (text === '' ? '' : element(name, text));
	const isOlder = query.version === 1;
	const contents = Array.from(listing.objects, (object) => {
		const { key, size, lastModified, etag = EMPTY_ETAG, storageClass = 'STANDARD' } = object;
		const time = new Date(lastModified).toISOString();
		return `<Contents><Key>${UNRESERVED.test(key) ? key : escapeXml(nameOf(key))}</Key><LastModified>${time}</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size>${isOlder ? OWNER : ''}<StorageClass>${storageClass}</StorageClass></Contents>`;
	});
	const hasNextMarker = query.delimiter !== '' || listing.hasNextMarker;
	const position = isOlder
		? [
				element('Marker', queried(query.marker)),
				next !== null && hasNextMarker ? element('NextMarker', queried(next)) : '',
			]
		: [
				optional('StartAfter', queried(query.startAfter)),
				element('ContinuationToken', query.continuationToken ?? undefined),
				element('NextContinuationToken', next ?? undefined),
				element('KeyCount', contents.length + prefixes.length),
			];
	return [
		'<?xml version="1.0" encoding="UTF-8"?>\n',
		'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
		element('Name', bucket),
		element('Prefix', queried(query.prefix)),
		...position,
		element('MaxKeys', query.maxKeys),
		optional('Delimiter', queried(query.delimiter)),
		element('EncodingType', query.encodingType ?? undefined),
		element('IsTruncated', next !== null),
		...contents,
		...prefixes.map(
			(prefix) => `<CommonPrefixes>${element('Prefix', nameOf(prefix))}</CommonPrefixes>`,
		),
		'</ListBucketResult>',
	].join('');
}

/** Prints a page of a server that looks up or computes its objects. */
export function pageXml(
	{ entries, ...page }: Page,
	query: ListQuery,
	objectOf: (entry: Entry) => ListedObject,
	bucket?: string,
): string {
	const objects = entries.filter(({ isFolded }) => !isFolded).map(objectOf);
	const prefixes = entries.filter(({ isFolded }) => isFolded).map(({ name }) => name);
	return listingXml({ ...page, bucket, objects, prefixes }, query);
}

/** As S3 encodes names: like a form, except for `/` and `*`. */
function encodeAsForm(name: string): string {
	return encodeURIComponent(name)
		.replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
		.replaceAll('%20', '+')
		.replaceAll('%2F', '/');
}
