import { startHttpHost, type HttpHost, type HttpResponse } from './httpHost.ts';

/** How the storage writes keys into listings: as with `encoding-type=url`, or as character references. */
export type KeyEncoding = 'url' | 'xml';

export interface AnyKeyBucket extends HttpHost {
	put(key: string, body: string): void;
}

export const BUCKET = 'any-key';
const CHANGED = new Date(Date.now() - 3_600_000).toISOString();

/** Starts an S3 server that accepts every key, as S3 does. The sandbox's bucket stores files, so it cannot. */
export async function startAnyKeyBucket(encoding: KeyEncoding): Promise<AnyKeyBucket> {
	const objects = new Map<string, string>();
	const host = await startHttpHost((path): HttpResponse => {
		const key = keyIn(path);
		const [, query] = path.split('?');
		if (key === null) return { status: 400, body: '<Error><Code>InvalidURI</Code></Error>' };
		if (key === '' && query !== undefined)
			return { status: 200, body: listing(objects, new URLSearchParams(query), encoding) };
		const body = objects.get(key);
		return body === undefined
			? { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
			: { status: 200, body };
	});
	return { ...host, put: (key, body) => void objects.set(key, body) };
}

/** @returns the key in the path of a request, '' for the bucket itself; null if it is not a key of the bucket */
export function keyIn(path: string): string | null {
	const [pathname] = path.split('?') as [string];
	if (pathname !== `/${BUCKET}` && !pathname.startsWith(`/${BUCKET}/`)) return null;
	try {
		return decodeURIComponent(pathname.slice(BUCKET.length + 2));
	} catch {
		return null;
	}
}

/** A single page: there are fewer than a thousand objects. */
function listing(
	objects: Map<string, string>,
	query: URLSearchParams,
	encoding: KeyEncoding,
): string {
	const write = encoding === 'url' ? urlEncoded : xmlEncoded;
	const prefix = query.get('prefix') ?? '';
	const delimiter = query.get('delimiter') ?? '';
	const after = query.get('start-after') ?? '';
	const prefixes = new Set<string>();
	const contents: string[] = [];
	const keys = [...objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
	for (const key of keys) {
		if (!key.startsWith(prefix) || (after !== '' && key <= after)) continue;
		const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
		if (end >= 0) {
			prefixes.add(key.slice(0, end + delimiter.length));
			continue;
		}
		const size = Buffer.byteLength(objects.get(key)!);
		contents.push(
			`<Contents><Key>${write(key)}</Key><LastModified>${CHANGED}</LastModified><Size>${size}</Size></Contents>`,
		);
	}
	const folded = [...prefixes].map(
		(each) => `<CommonPrefixes><Prefix>${write(each)}</Prefix></CommonPrefixes>`,
	);
	const type = encoding === 'url' ? '<EncodingType>url</EncodingType>' : '';
	return `<ListBucketResult>${type}<IsTruncated>false</IsTruncated>${contents.join('')}${folded.join('')}</ListBucketResult>`;
}

const urlEncoded = (text: string) =>
	encodeURIComponent(Buffer.from(text).toString()).replaceAll('%20', '+');

const xmlEncoded = (text: string) =>
	text.replace(/[&<>"'\p{Cc}\p{Cs}]/gu, (character) => `&#${character.codePointAt(0)!};`);
