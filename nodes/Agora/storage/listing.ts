import { Fault } from '../http/fault';

export interface StoredObject {
	key: string;
	/** Bytes. */
	size: number;
	/** ISO 8601, UTC. */
	lastModified: string;
}

export interface Listing {
	objects: StoredObject[];
	/** What the delimiter folded: each ends with it. */
	prefixes: string[];
	/** What to ask the next page with, null on the last one. */
	nextToken: string | null;
}

/** A comment or declaration, a CDATA section, a tag, or text. */
const TOKEN =
	/<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<(\/?)(?:[\w.-]+:)?([\w.-]+)((?:[^<>"']|"[^"]*"|'[^']*')*)>|([^<]+)/y;

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads a page of a bucket listing (Amazon S3: ListObjectsV2, asked for with `encoding-type=url`).
 *
 * @param xml the whole answer
 * @throws Fault when it is anything else, or is cut short: a page must never be taken for the last one
 *   because its end is missing
 */
export function readListing(xml: string): Listing {
	const objects: Array<Map<string, string>> = [];
	const prefixes: Array<Map<string, string>> = [];
	const page = new Map<string, string>();
	const groups: Record<string, Array<Map<string, string>>> = {
		Contents: objects,
		CommonPrefixes: prefixes,
	};
	const path: string[] = [];
	let text = '';
	TOKEN.lastIndex = 0;
	for (let at = 0; at < xml.length; at = TOKEN.lastIndex) {
		TOKEN.lastIndex = at;
		const token = TOKEN.exec(xml);
		if (!token) throw notAListing();
		const [, cdata, closing, name, rest, plain] = token;
		if (cdata !== undefined) text += cdata;
		else if (plain !== undefined) text += decodeEntities(plain);
		else if (name !== undefined) {
			if (!closing) {
				path.push(name);
				text = '';
				if (path.length === 1 && name !== 'ListBucketResult') throw notAListing();
				if (path.length === 2) groups[name]?.push(new Map());
			}
			if (closing || rest?.endsWith('/')) {
				if (path.at(-1) !== name) throw notAListing();
				if (path.length === 2) page.set(name, text);
				if (path.length === 3) groups[path[1] ?? '']?.at(-1)?.set(name, text);
				path.pop();
				text = '';
			}
		}
	}
	if (path.length > 0 || page.size === 0) throw notAListing();
	const decode = page.get('EncodingType') === 'url' ? decodeUrl : (value: string) => value;
	return {
		objects: objects.map((fields) => readObject(fields, decode)),
		prefixes: prefixes.map((fields) => decode(required(fields, 'Prefix'))),
		nextToken: readNextToken(page),
	};
}

function readObject(fields: Map<string, string>, decode: (text: string) => string): StoredObject {
	const size = Number(required(fields, 'Size'));
	const lastModified = new Date(required(fields, 'LastModified'));
	if (!Number.isSafeInteger(size) || Number.isNaN(lastModified.getTime())) throw notAListing();
	return {
		key: decode(required(fields, 'Key')),
		size,
		lastModified: lastModified.toISOString(),
	};
}

function readNextToken(page: Map<string, string>): string | null {
	const truncated = page.get('IsTruncated')?.trim();
	const token = page.get('NextContinuationToken') || null;
	if (truncated === 'false') return null;
	if (truncated !== 'true' || token !== null) return token;
	throw new Fault(
		'The storage says that there is more to list, but not how to go on: it does not support ListObjectsV2',
		{ description: 'Use storage that supports this operation of the S3 API.' },
	);
}

function required(fields: Map<string, string>, name: string): string {
	const value = fields.get(name);
	if (value === undefined || value === '') throw notAListing();
	return value;
}

function decodeEntities(text: string): string {
	if (!text.includes('&')) return text;
	return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (entity, decimal, hex, name) => {
		if (name !== undefined) return ENTITIES[name] ?? entity;
		const code = decimal !== undefined ? Number(decimal) : parseInt(hex, 16);
		return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
	});
}

/** S3 encodes a key as a form does: a space is `+`, a plus is `%2B`. */
function decodeUrl(text: string): string {
	if (!/[%+]/.test(text)) return text;
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		// Not encoded after all, although the storage says so.
		return text;
	}
}

function notAListing(): Fault {
	return new Fault('The storage answered with something that is not a bucket listing', {
		description:
			'Check endpoint and addressing in the Agora Recording Storage API credential: this does not look like the S3 API.',
		cause: 'configuration-invalid',
	});
}
