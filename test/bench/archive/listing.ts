import { isoTime, type Archive } from './archive.ts';

/** The query of Amazon S3's ListObjectsV2, and `marker` of its first version. */
export type ListQuery = Partial<
	Record<
		| 'list-type'
		| 'prefix'
		| 'delimiter'
		| 'start-after'
		| 'continuation-token'
		| 'marker'
		| 'max-keys'
		| 'encoding-type',
		string
	>
>;

export interface Page {
	/** Numbers of the archive's objects. */
	objects: number[];
	prefixes: string[];
	/** The last entry, when others follow. */
	next: string | null;
}

const MOST_KEYS = 1000;

/** Picks one page (Amazon S3 API reference, ListObjectsV2 and ListObjects). */
export function pageOf(archive: Archive, query: ListQuery): Page {
	const { prefix = '', delimiter = '' } = query;
	const limit = Math.min(Number(query['max-keys'] ?? MOST_KEYS), MOST_KEYS);
	const end = prefix === '' ? archive.size : archive.firstFrom(afterAllWith(prefix));
	const page: Page = { objects: [], prefixes: [], next: null };
	let last = '';
	let n = firstOf(archive, query);
	if (delimiter === '') {
		const stop = Math.min(n + limit, end);
		for (; n < stop; n++) page.objects.push(n);
		return { ...page, next: n < end ? archive.keyAt(n - 1) : null };
	}
	while (n < end) {
		const key = archive.keyAt(n);
		const fold = key.indexOf(delimiter, prefix.length);
		if (page.objects.length + page.prefixes.length === limit) return { ...page, next: last };
		if (fold < 0) {
			page.objects.push(n);
			last = key;
			n++;
		} else {
			last = key.slice(0, fold + delimiter.length);
			page.prefixes.push(last);
			n = archive.firstFrom(afterAllWith(last), n);
		}
	}
	return page;
}

function firstOf(archive: Archive, query: ListQuery): number {
	const { prefix = '', delimiter = '', 'continuation-token': token, marker = '' } = query;
	const begin = archive.firstFrom(prefix);
	const last = token === undefined ? marker : Buffer.from(token, 'base64url').toString();
	// A page that ended with folded keys is done with all of them.
	const folded = delimiter !== '' && last.endsWith(delimiter);
	if (folded) return Math.max(begin, archive.firstFrom(afterAllWith(last)));
	const after = last || query['start-after'];
	return after ? Math.max(begin, archive.firstFrom(`${after}\0`)) : begin;
}

/** What comes right after every text that begins so. */
function afterAllWith(text: string): string {
	return text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
}

/**
 * The XML answer, piece by piece, all of ASCII. Keys hold nothing that XML or a URL would have to encode, but
 * for the slash.
 */
export function* listingXml(archive: Archive, bucket: string, query: ListQuery): Generator<string> {
	const page = pageOf(archive, query);
	const second = query['list-type'] === '2';
	const { next } = page;
	const token = second ? 'NextContinuationToken' : 'NextMarker';
	const value = next && (second ? Buffer.from(next).toString('base64url') : next);
	const encoding = query['encoding-type'];
	yield (
		'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
		`<Name>${bucket}</Name><Prefix>${query.prefix ?? ''}</Prefix>` +
		(value === null ? '' : `<${token}>${value}</${token}>`) +
		`<KeyCount>${page.objects.length + page.prefixes.length}</KeyCount><MaxKeys>${MOST_KEYS}</MaxKeys>` +
		(encoding === undefined ? '' : `<EncodingType>${encoding}</EncodingType>`) +
		`<IsTruncated>${next !== null}</IsTruncated>`
	);
	for (const n of page.objects) {
		const { key, size, changed } = archive.objectAt(n);
		yield `<Contents><Key>${key}</Key><LastModified>${isoTime(changed)}</LastModified><ETag>&quot;${etag(n)}&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
	}
	for (const prefix of page.prefixes) {
		yield `<CommonPrefixes><Prefix>${prefix}</Prefix></CommonPrefixes>`;
	}
	yield '</ListBucketResult>';
}

const etag = (n: number) => n.toString(16).padStart(32, '0123456789abcdef');
