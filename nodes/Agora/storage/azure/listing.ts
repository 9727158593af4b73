import { Fault } from '../../http/errors';
import { readObject, required } from '../listing';
import type { Listing, StoredObject } from '../types';
import { readElements, XmlError } from '../xml';

const ENCODED = /\bEncoded\s*=\s*["']true["']/;

/** The fields that are read of a blob or a folded entry. */
interface Entry {
	name?: string;
	size?: string;
	lastModified?: string;
}

/**
 * Reads a page of a container's listing (Azure: List Blobs).
 *
 * @throws Fault when it is not a complete listing: a truncated page must not count as the last one
 */
export function readBlobListing(xml: string): Listing {
	try {
		return readPage(xml);
	} catch (error) {
		throw error instanceof XmlError ? notAListing() : error;
	}
}

function readPage(xml: string): Listing {
	const objects: StoredObject[] = [];
	const prefixes: string[] = [];
	let nextToken: string | undefined;
	let entry: Entry = {};
	for (const { path, attributes, text } of readElements(xml, 'EnumerationResults')) {
		const [, list, kind, field, property] = path;
		if (path.length === 2 && list === 'NextMarker') nextToken = text;
		if (list !== 'Blobs') continue;
		if (path.length === 5 && field === 'Properties') {
			if (property === 'Content-Length') entry.size = text;
			if (property === 'Last-Modified') entry.lastModified = text;
		} else if (path.length === 4 && field === 'Name') {
			entry.name = ENCODED.test(attributes) ? decodeName(text) : text;
		} else if (path.length === 3) {
			if (kind === 'Blob') objects.push(readObject(entry.name, entry.lastModified, entry.size));
			if (kind === 'BlobPrefix') prefixes.push(required(entry.name));
			entry = {};
		}
	}
	// On every page; empty on the last.
	if (nextToken === undefined) throw new XmlError();
	return { objects, prefixes, nextToken: nextToken === '' ? null : nextToken };
}

/** Names that are not valid in XML are URL-encoded (Azure: List Blobs, versions from 2021-02-12). */
function decodeName(name: string): string | undefined {
	try {
		return decodeURIComponent(name);
	} catch {
		return undefined;
	}
}

function notAListing(): Fault {
	return new Fault('The response from the storage is not a listing of an Azure container', {
		description:
			'Check Endpoint in the Agora Recording Storage API credential: it is not a Blob service endpoint.',
		cause: 'configuration-invalid',
	});
}
