import { Fault } from '../../http/fault';
import type { Listing, StoredObject } from '../listing';

/** A tag or text; what else XML knows does not occur and is refused. */
const TOKEN = /<(\/?)([\w.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const DECLARATION = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*/;
const ENTITY = /&(?:amp|lt|gt|quot|apos|#\d+|#x[\dA-Fa-f]+);/g;
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** An entry's texts by their path below it, such as `Properties/Content-Length`. */
type Entry = Map<string, string>;

/**
 * Reads a page of a container's listing (Azure: List Blobs).
 *
 * @param xml the whole answer
 * @throws Fault when it is anything else, or is cut short: a page must never be taken for the last one
 *   because its end is missing
 */
export function readBlobListing(xml: string): Listing {
	const objects: StoredObject[] = [];
	const prefixes: string[] = [];
	let nextToken: string | undefined;
	let entry: Entry = new Map();
	for (const { path, attributes, text } of elements(xml)) {
		const [root, list, kind, ...below] = path;
		if (root !== 'EnumerationResults') throw notAListing();
		if (list === 'NextMarker') nextToken = text;
		if (list !== 'Blobs' || kind === undefined) continue;
		if (below.length > 0) {
			const encoded = /\bEncoded\s*=\s*["']true["']/.test(attributes);
			entry.set(below.join('/'), encoded ? decode(text) : text);
			continue;
		}
		if (kind === 'Blob') objects.push(readBlob(entry));
		else if (kind === 'BlobPrefix') prefixes.push(required(entry, 'Name'));
		entry = new Map();
	}
	// Azure writes this element on every page, empty on the last.
	if (nextToken === undefined) throw notAListing();
	return { objects, prefixes, nextToken: nextToken === '' ? null : nextToken };
}

interface Element {
	/** Its name and those of all around it, outermost first. */
	path: string[];
	attributes: string;
	/** What stands in it, if that is text alone. */
	text: string;
}

/** @returns every element as it ends, the root last */
function* elements(xml: string): Generator<Element> {
	const open: Element[] = [];
	const start = DECLARATION.exec(xml)![0].length;
	let roots = 0;
	for (let at = start; at < xml.length; at = TOKEN.lastIndex) {
		TOKEN.lastIndex = at;
		const token = TOKEN.exec(xml);
		if (!token) throw notAListing();
		const [, closing, name, attributes = '', empty, text] = token;
		const around = open.at(-1);
		if (name === undefined) {
			if (around !== undefined) around.text += decodeEntities(text!);
			else if (text!.trim() !== '') throw notAListing();
			continue;
		}
		if (!closing) {
			if (around === undefined && roots++ > 0) throw notAListing();
			open.push({ path: [...(around?.path ?? []), name], attributes, text: '' });
		}
		if (!closing && !empty) continue;
		const ended = open.pop();
		if (ended?.path.at(-1) !== name) throw notAListing();
		yield ended;
	}
	if (open.length > 0 || roots === 0) throw notAListing();
}

function readBlob(entry: Entry): StoredObject {
	const size = Number(required(entry, 'Properties/Content-Length'));
	const lastModified = new Date(required(entry, 'Properties/Last-Modified'));
	if (!Number.isSafeInteger(size) || Number.isNaN(lastModified.getTime())) throw notAListing();
	return { key: required(entry, 'Name'), size, lastModified: lastModified.toISOString() };
}

function required(entry: Entry, name: string): string {
	const value = entry.get(name);
	if (value === undefined || value === '') throw notAListing();
	return value;
}

function decodeEntities(text: string): string {
	if (!text.includes('&')) return text;
	return text.replace(ENTITY, (entity) => {
		const name = entity.slice(1, -1);
		if (!name.startsWith('#')) return NAMED[name]!;
		const code = name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1));
		return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
	});
}

/** Names that XML cannot hold come URL-encoded (Azure: List Blobs, versions from 2021-02-12). */
function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw notAListing();
	}
}

function notAListing(): Fault {
	return new Fault(
		'The storage answered with something that is not a listing of an Azure container',
		{
			description:
				'Check the endpoint in the Agora Recording Storage API credential: this does not look like the Blob service.',
			cause: 'configuration-invalid',
		},
	);
}
