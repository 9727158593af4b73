import { Fault } from '../../http/fault';
import { isSize, type Listing, type StoredObject } from '../listing';
import { decodeEntities } from '../xmlText';

/** A tag or text; what else XML knows does not occur and is refused. */
const TOKEN = /<(\/?)([\w.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const ENCODED = /\bEncoded\s*=\s*["']true["']/;
const DECLARATION = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*/;

/** The texts of a blob, or of what a delimiter folded, that are wanted. */
interface Entry {
	name?: string;
	size?: string;
	lastModified?: string;
}

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
	let entry: Entry = {};
	for (const { path, attributes, text } of elements(xml)) {
		const [root, list, kind, field, property] = path;
		if (root !== 'EnumerationResults') throw notAListing();
		if (path.length === 2 && list === 'NextMarker') nextToken = decodeEntities(text);
		if (list !== 'Blobs') continue;
		if (path.length === 5 && field === 'Properties') {
			if (property === 'Content-Length') entry.size = text;
			if (property === 'Last-Modified') entry.lastModified = text;
		} else if (path.length === 4 && field === 'Name') {
			entry.name = ENCODED.test(attributes) ? decodeUrl(text) : decodeEntities(text);
		} else if (path.length === 3) {
			if (kind === 'Blob') objects.push(readBlob(entry));
			if (kind === 'BlobPrefix') prefixes.push(required(entry.name));
			entry = {};
		}
	}
	// Azure writes this element on every page, empty on the last.
	if (nextToken === undefined) throw notAListing();
	return { objects, prefixes, nextToken: nextToken === '' ? null : nextToken };
}

interface Element {
	/** Its name and those of all around it, outermost first; changes as the reading goes on. */
	path: string[];
	attributes: string;
	/** What stands before its end, as it is written. */
	text: string;
}

/** @returns every element as it ends, the root last */
function* elements(xml: string): Generator<Element> {
	const path: string[] = [];
	let attributes = '';
	let text = '';
	let roots = 0;
	for (let at = DECLARATION.exec(xml)![0].length; at < xml.length; at = TOKEN.lastIndex) {
		TOKEN.lastIndex = at;
		const token = TOKEN.exec(xml);
		if (!token) throw notAListing();
		const [, closing, name, given = '', empty, plain] = token;
		if (name === undefined) {
			text = plain!;
			if (path.length === 0 && text.trim() !== '') throw notAListing();
			continue;
		}
		if (!closing) {
			if (path.length === 0 && roots++ > 0) throw notAListing();
			path.push(name);
			attributes = given;
			text = '';
		}
		if (!closing && !empty) continue;
		if (path.at(-1) !== name) throw notAListing();
		yield { path, attributes, text };
		path.pop();
		attributes = '';
		text = '';
	}
	if (path.length > 0 || roots === 0) throw notAListing();
}

function readBlob(entry: Entry): StoredObject {
	const size = Number(required(entry.size));
	const lastModified = Date.parse(required(entry.lastModified));
	if (!isSize(size) || Number.isNaN(lastModified)) throw notAListing();
	return { key: required(entry.name), size, lastModified };
}

function required(value: string | undefined): string {
	if (value === undefined || value === '') throw notAListing();
	return value;
}

/** Names that XML cannot hold come URL-encoded (Azure: List Blobs, versions from 2021-02-12). */
function decodeUrl(text: string): string {
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
