/** The query of Amazon S3's ListObjectsV2, as far as this bucket knows it. */
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
	/** Quotes included. */
	etag: string;
	lastModified: Date;
}

/** One page: keys and common prefixes together count against `max-keys`. */
export interface Page {
	keys: string[];
	prefixes: string[];
	/** For the page that follows; undefined on the last one. */
	next?: string;
}

/** Where a page ended: `folded` when with a common prefix, whose keys are all done with. */
interface Mark {
	after: string;
	folded: boolean;
}

const MOST_KEYS = 1000;

/**
 * Picks one page of a bucket (Amazon S3 API reference, ListObjectsV2).
 *
 * @param keys all keys, sorted
 * @throws RangeError when the query cannot be understood
 */
export function pageOf(keys: string[], query: ListQuery): Page {
	const { prefix = '', delimiter = '' } = query;
	const limit = maxKeys(query);
	const token = query['continuation-token'];
	const start: Mark = token ? markOf(token) : { after: query['start-after'] ?? '', folded: false };
	const page: Page = { keys: [], prefixes: [] };
	let last = start;
	for (const key of keys) {
		if (!key.startsWith(prefix) || key <= start.after) continue;
		if (last.folded && key.startsWith(last.after)) continue;
		const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
		const folded = end !== -1;
		const entry = folded ? key.slice(0, end + delimiter.length) : key;
		if (page.keys.length + page.prefixes.length === limit) {
			if (limit > 0) page.next = tokenOf(last);
			break;
		}
		(folded ? page.prefixes : page.keys).push(entry);
		last = { after: entry, folded };
	}
	return page;
}

/** The number of entries a page may have: `max-keys`, at most and by default 1000. */
function maxKeys({ 'max-keys': asked = String(MOST_KEYS) }: ListQuery): number {
	if (!/^\d+$/.test(asked)) throw new RangeError('max-keys must be a whole number');
	return Math.min(Number(asked), MOST_KEYS);
}

const tokenOf = (mark: Mark) => Buffer.from(JSON.stringify(mark)).toString('base64');

function markOf(token: string): Mark {
	try {
		return JSON.parse(Buffer.from(token, 'base64').toString()) as Mark;
	} catch {
		throw new RangeError('The continuation token provided is incorrect');
	}
}

/** The XML answer for a page; with `encoding-type=url` names are encoded as in a form. */
export function listingXml(
	bucket: string,
	query: ListQuery,
	page: Page,
	objects: ListedObject[],
): string {
	const named = query['encoding-type'] === 'url' ? formEncoded : escaped;
	const optional = (name: string, value: string | undefined, write = escaped) =>
		value ? `<${name}>${write(value)}</${name}>` : '';
	return [
		'<?xml version="1.0" encoding="UTF-8"?>\n',
		'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
		`<Name>${bucket}</Name>`,
		`<Prefix>${named(query.prefix ?? '')}</Prefix>`,
		optional('StartAfter', query['start-after'], named),
		optional('ContinuationToken', query['continuation-token']),
		optional('NextContinuationToken', page.next),
		`<KeyCount>${page.keys.length + page.prefixes.length}</KeyCount>`,
		`<MaxKeys>${maxKeys(query)}</MaxKeys>`,
		optional('Delimiter', query.delimiter, named),
		optional('EncodingType', query['encoding-type']),
		`<IsTruncated>${page.next !== undefined}</IsTruncated>`,
		...objects.map(
			({ key, size, etag, lastModified }) =>
				`<Contents><Key>${named(key)}</Key>` +
				`<LastModified>${lastModified.toISOString()}</LastModified>` +
				`<ETag>${escaped(etag)}</ETag><Size>${size}</Size>` +
				'<StorageClass>STANDARD</StorageClass></Contents>',
		),
		...page.prefixes.map(
			(prefix) => `<CommonPrefixes><Prefix>${named(prefix)}</Prefix></CommonPrefixes>`,
		),
		'</ListBucketResult>',
	].join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string) =>
	text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

const formEncoded = (text: string) =>
	encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/');
