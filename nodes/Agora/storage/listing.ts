import { Fault } from '../http/fault';
import { markerAfter } from './olderListing';

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
	/** The key to go on after, of a page from storage that has no tokens; nextToken is null then. */
	nextMarker?: string;
}

/** A tag, text, a CDATA section, or a comment or declaration. */
const TOKEN =
	/<(\/?)(?:[\w.-]+:)?([\w.-]+)((?:[^<>"']|"[^"]*"|'[^']*')*)>|([^<]+)|<!\[CDATA\[([^]*?)\]\]>|<!--[^]*?-->|<\?[^]*?\?>/y;

const ENTITIES = new Map([
	['amp', '&'],
	['lt', '<'],
	['gt', '>'],
	['quot', '"'],
	['apos', "'"],
]);

type Fields = Map<string, string>;

/**
 * Reads a page of a bucket listing (Amazon S3: ListObjectsV2, asked for with `encoding-type=url`).
 *
 * @param xml the whole answer
 * @throws Fault when it is anything else, or is cut short: a page must never be taken for the last one
 *   because its end is missing
 */
export function readListing(xml: string): Listing {
	const objects: Fields[] = [];
	const prefixes: Fields[] = [];
	const page: Fields = new Map();
	let fields: Fields = new Map();
	for (const { name, depth, text } of elements(xml)) {
		if (depth === 3) fields.set(name, text);
		if (depth !== 2) continue;
		if (name === 'Contents') objects.push(fields);
		else if (name === 'CommonPrefixes') prefixes.push(fields);
		else page.set(name, text);
		fields = new Map();
	}
	const decode = page.get('EncodingType') === 'url' ? decodeUrl : (text: string) => text;
	const entries = {
		objects: objects.map((object) => readObject(object, decode)),
		prefixes: prefixes.map((prefix) => decode(required(prefix, 'Prefix'))),
	};
	const nextToken = page.get('NextContinuationToken') || null;
	const truncated = page.get('IsTruncated')?.trim();
	if (truncated === 'false') return { ...entries, nextToken: null };
	if (truncated !== 'true' || nextToken !== null) return { ...entries, nextToken };
	return {
		...entries,
		nextToken,
		nextMarker: markerAfter(entries, decode(page.get('NextMarker') ?? '')),
	};
}

/**
 * @returns every element as it ends, the root last and with depth 1; `text` is what stands before its end
 * @throws Fault when the elements do not nest, or the root is not a listing's
 */
function* elements(xml: string): Generator<{ name: string; depth: number; text: string }> {
	const open: string[] = [];
	let root = '';
	let text = '';
	for (let at = 0; at < xml.length; at = TOKEN.lastIndex) {
		TOKEN.lastIndex = at;
		const token = TOKEN.exec(xml);
		if (!token) throw notAListing();
		const [, closing, name, attributes, plain, cdata] = token;
		if (name === undefined) {
			text += cdata ?? (plain === undefined ? '' : decodeEntities(plain));
			continue;
		}
		if (!closing) {
			if (open.push(name) === 1) root = name;
			text = '';
		}
		if (closing || attributes?.endsWith('/')) {
			if (open.at(-1) !== name) throw notAListing();
			yield { name, depth: open.length, text };
			open.pop();
			text = '';
		}
	}
	if (open.length > 0 || root !== 'ListBucketResult') throw notAListing();
}

function readObject(fields: Fields, decode: (text: string) => string): StoredObject {
	const size = Number(required(fields, 'Size'));
	const lastModified = new Date(required(fields, 'LastModified'));
	if (!Number.isSafeInteger(size) || Number.isNaN(lastModified.getTime())) throw notAListing();
	return {
		key: decode(required(fields, 'Key')),
		size,
		lastModified: lastModified.toISOString(),
	};
}

function required(fields: Fields, name: string): string {
	const value = fields.get(name);
	if (value === undefined || value === '') throw notAListing();
	return value;
}

function decodeEntities(text: string): string {
	if (!text.includes('&')) return text;
	return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (entity, decimal, hex, name) => {
		if (name !== undefined) return ENTITIES.get(name) ?? entity;
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
