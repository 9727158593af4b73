/** The query parameters of Amazon S3's ListObjectsV2 that this bucket supports. */
export interface ListQuery {
	prefix?: string;
	delimiter?: string;
	'start-after'?: string;
	'continuation-token'?: string;
	'max-keys'?: string;
	'encoding-type'?: string;
}

export interface ListedObject {
	key: string;
	size: number;
	/** Including the quotes. */
	etag: string;
	lastModified: Date;
}

/** A page of a listing. Keys and common prefixes together count toward `max-keys`. */
export interface Page {
	keys: string[];
	prefixes: string[];
	/** Continuation token of the next page; undefined on the last page. */
	next?: string;
}

/** The last entry of a page: a key, or a common prefix, whose remaining keys are skipped. */
interface Position {
	after: string;
	isPrefix: boolean;
}

const MAX_KEYS = 1000;

/**
 * Selects a page of a bucket's keys (Amazon S3 API reference, ListObjectsV2).
 *
 * @param keys all keys, sorted
 * @throws RangeError when the query is invalid
 */
export function selectPage(keys: string[], query: ListQuery): Page {
	const { prefix = '', delimiter = '' } = query;
	const limit = maxKeys(query);
	const token = query['continuation-token'];
	const start: Position = token
		? parseToken(token)
		: { after: query['start-after'] ?? '', isPrefix: false };
	const page: Page = { keys: [], prefixes: [] };
	let last = start;
	for (const key of keys) {
		if (!key.startsWith(prefix) || key <= start.after) continue;
		if (last.isPrefix && key.startsWith(last.after)) continue;
		const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
		const isPrefix = end !== -1;
		const entry = isPrefix ? key.slice(0, end + delimiter.length) : key;
		if (page.keys.length + page.prefixes.length === limit) {
			if (limit > 0) page.next = toToken(last);
			break;
		}
		(isPrefix ? page.prefixes : page.keys).push(entry);
		last = { after: entry, isPrefix };
	}
	return page;
}

/** The maximum number of entries on a page. */
function maxKeys({ 'max-keys': requested = String(MAX_KEYS) }: ListQuery): number {
	if (!/^\d+$/.test(requested)) throw new RangeError('max-keys must be a whole number');
	return Math.min(Number(requested), MAX_KEYS);
}

const toToken = (position: Position) => Buffer.from(JSON.stringify(position)).toString('base64');

function parseToken(token: string): Position {
	try {
		return JSON.parse(Buffer.from(token, 'base64').toString()) as Position;
	} catch {
		throw new RangeError('The continuation token provided is incorrect');
	}
}

/** The XML response for a page. With `encoding-type=url`, names are encoded as in a form. */
export function listingXml(
	bucket: string,
	query: ListQuery,
	page: Page,
	objects: ListedObject[],
): string {
	const encode = query['encoding-type'] === 'url' ? formEncode : escapeXml;
	const optional = (name: string, value: string | undefined, encoding = escapeXml) =>
		value ? `<${name}>${encoding(value)}</${name}>` : '';
	return [
		'<?xml version="1.0" encoding="UTF-8"?>\n',
		'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
		`<Name>${bucket}</Name>`,
		`<Prefix>${encode(query.prefix ?? '')}</Prefix>`,
		optional('StartAfter', query['start-after'], encode),
		optional('ContinuationToken', query['continuation-token']),
		optional('NextContinuationToken', page.next),
		`<KeyCount>${page.keys.length + page.prefixes.length}</KeyCount>`,
		`<MaxKeys>${maxKeys(query)}</MaxKeys>`,
		optional('Delimiter', query.delimiter, encode),
		optional('EncodingType', query['encoding-type']),
		`<IsTruncated>${page.next !== undefined}</IsTruncated>`,
		...objects.map(
			({ key, size, etag, lastModified }) =>
				`<Contents><Key>${encode(key)}</Key>` +
				`<LastModified>${lastModified.toISOString()}</LastModified>` +
				`<ETag>${escapeXml(etag)}</ETag><Size>${size}</Size>` +
				'<StorageClass>STANDARD</StorageClass></Contents>',
		),
		...page.prefixes.map(
			(prefix) => `<CommonPrefixes><Prefix>${encode(prefix)}</Prefix></CommonPrefixes>`,
		),
		'</ListBucketResult>',
	].join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeXml = (text: string) =>
	text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

const formEncode = (text: string) =>
	encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/');
