import { Fault } from '../http/errors';
import type { Listing, StoredObject } from './types';
import { decodeEntities, readElements, XmlError } from './xml';

/** The usual form of an object: key, time and size in this order, and only fields without children. */
const USUAL_OBJECT =
	/<Contents><Key>([^<]+)<\/Key><LastModified>([^<&]+)<\/LastModified>(?:<(?!Size>)(\w+)>[^<]*<\/\3>)*<Size>(\d+)<\/Size>(?:<(\w+)>[^<]*<\/\5>)*<\/Contents>/g;
/** The usual form of a folded entry. */
const USUAL_PREFIX = /<CommonPrefixes><Prefix>([^<]+)<\/Prefix><\/CommonPrefixes>/g;
/** Starts comments and CDATA sections, which may contain text that looks like an object. */
const UNUSUAL_MARKUP = '<!';
/** Replaces an entry that was read: `readElements` allows this character only directly below the root. */
const READ = '\0';
const ANY_ENTRY = /<[\w.:-]*(?:Contents|CommonPrefixes)\b/;

/**
 * Reads a page of a bucket listing (Amazon S3: ListObjectsV2 or ListObjects, with or without
 * `encoding-type=url`).
 *
 * @throws Fault when it is not a complete listing: a truncated page must not count as the last one
 */
export function readListing(xml: string): Listing {
	try {
		if (xml.includes(UNUSUAL_MARKUP) || xml.includes(READ)) return readPage(xml, [], []);
		// Much faster than reading every element, as a page consists almost only of entries.
		const objects: StoredObject[] = [];
		const prefixes: string[] = [];
		const rest = xml
			.replace(USUAL_OBJECT, (_, key: string, time: string, __, size: string) => {
				objects.push(readObject(decodeEntities(key), time, size));
				return READ;
			})
			.replace(USUAL_PREFIX, (_, prefix: string) => {
				prefixes.push(decodeEntities(prefix));
				return READ;
			});
		const usual = ANY_ENTRY.test(rest) ? null : readRest(rest, objects, prefixes);
		return usual ?? readPage(xml, [], []);
	} catch (error) {
		throw error instanceof XmlError ? notAListing() : error;
	}
}

/** @returns null if entries were found where a listing has none */
function readRest(rest: string, objects: StoredObject[], prefixes: string[]): Listing | null {
	try {
		return readPage(rest, objects, prefixes);
	} catch {
		return null;
	}
}

/** @param objects,prefixes the entries read so far */
function readPage(xml: string, objects: StoredObject[], prefixes: string[]): Listing {
	const page = new Map<string, string>();
	let object = new Map<string, string>();
	for (const { path, text } of readElements(xml, 'ListBucketResult')) {
		const [, group, field] = path;
		if (path.length === 2) {
			if (group === 'Contents') {
				objects.push(readObject(object.get('Key'), object.get('LastModified'), object.get('Size')));
				object = new Map();
			} else if (group !== 'CommonPrefixes') page.set(group!, text);
		} else if (path.length === 3 && group === 'Contents') object.set(field!, text);
		else if (path.length === 3 && group === 'CommonPrefixes' && field === 'Prefix') {
			prefixes.push(required(text));
		}
	}
	return withNext({ objects, prefixes }, page);
}

/** @param page the page's own fields */
function withNext(
	{ objects, prefixes }: Pick<Listing, 'objects' | 'prefixes'>,
	page: Map<string, string>,
): Listing {
	const isEncoded = page.get('EncodingType') === 'url';
	if (isEncoded) for (const object of objects) object.key = decodeKey(object.key);
	const entries = { objects, prefixes: isEncoded ? prefixes.map(decodeKey) : prefixes };
	const nextToken = page.get('NextContinuationToken') || null;
	const truncated = page.get('IsTruncated')?.trim();
	if (truncated === 'false') return { ...entries, nextToken: null };
	if (truncated !== 'true' || nextToken !== null) return { ...entries, nextToken };
	const marker = page.get('NextMarker') ?? '';
	return {
		...entries,
		nextToken,
		nextMarker: markerAfter(entries, isEncoded ? decodeKey(marker) : marker),
	};
}

/**
 * The key to continue after in the older listing, which has no tokens (Amazon S3: ListObjects). The storage returns a
 * marker only for a folded listing; otherwise it is the last entry.
 *
 * @throws Fault when the page is truncated but has no entry to continue after
 */
function markerAfter(entries: Pick<Listing, 'objects' | 'prefixes'>, nextMarker: string): string {
	const marker = nextMarker || lastEntry(entries);
	if (marker !== '') return marker;
	throw new Fault('The storage returned a truncated listing page that cannot be continued', {
		description: 'The storage does not support ListObjectsV2. Use storage that does.',
	});
}

/** @returns the last key or folded entry of a page, '' for an empty page */
export function lastEntry({ objects, prefixes }: Pick<Listing, 'objects' | 'prefixes'>): string {
	const [key = '', prefix = ''] = [objects.at(-1)?.key, prefixes.at(-1)];
	return comesAfter(key, prefix) ? key : prefix;
}

function firstEntry({ objects, prefixes }: Pick<Listing, 'objects' | 'prefixes'>): string {
	const [key, prefix] = [objects[0]?.key, prefixes[0]];
	if (key === undefined || prefix === undefined) return key ?? prefix ?? '';
	return comesAfter(key, prefix) ? prefix : key;
}

/** @returns whether a page starts before the requested key */
export function ignoresStart(
	page: Pick<Listing, 'objects' | 'prefixes'>,
	startAfter: string | undefined,
): boolean {
	const first = firstEntry(page);
	if (startAfter === undefined || first === '' || comesAfter(first, startAfter)) return false;
	// A folded entry with the requested key also has keys after it.
	const isFirstFolded = page.prefixes[0] === first && startAfter !== first;
	return !(isFirstFolded && startAfter.startsWith(first));
}

const SURROGATE = /[\ud800-\udfff]/;

/**
 * Compares keys by their UTF-8 bytes, the order of listings. JavaScript compares UTF-16, which differs for characters
 * outside the Basic Multilingual Plane and those above U+DFFF.
 */
export function comesAfter(key: string, other: string): boolean {
	if (!SURROGATE.test(key) && !SURROGATE.test(other)) return key > other;
	return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
}

/**
 * @param prefix not empty, with an ASCII character at its end
 * @returns a string after all keys with this prefix and before all later keys
 */
export function afterPrefix(prefix: string): string {
	return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}

/**
 * Copies a key that is kept longer than its page. In V8, a substring refers to the full string, so one key would keep
 * the page in memory.
 */
export function ownCopy(key: string): string {
	return Buffer.from(key).toString();
}

/** A class, as V8 keeps millions of short-lived object literals longer in memory. */
export class ListedObject implements StoredObject {
	key: string;
	readonly size: number;
	readonly lastModified: number;

	constructor(key: string, size: number, lastModified: number) {
		this.key = key;
		this.size = size;
		this.lastModified = lastModified;
	}
}

/**
 * Checks the fields of a listed object.
 *
 * @param lastModified any format that `Date.parse` supports
 * @throws XmlError when a field is missing or invalid
 */
export function readObject(
	key: string | undefined,
	lastModified: string | undefined,
	size: string | undefined,
): StoredObject {
	const bytes = Number(required(size));
	const time = parseTime(required(lastModified));
	if (!Number.isSafeInteger(bytes) || bytes < 0 || Number.isNaN(time)) throw new XmlError();
	return new ListedObject(required(key), bytes, time);
}

/** @throws XmlError when the value is missing */
export function required(value: string | undefined): string {
	if (value === undefined || value === '') throw new XmlError();
	return value;
}

/** `2026-11-23T10:15:30.000Z`, the format of Amazon and most others. */
const USUAL_TIME = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
/** Cached, as parsing the date is slow and thousands of objects share a day. */
let day = { name: 'none yet', start: 0 };

function parseTime(value: string): number {
	if (!USUAL_TIME.test(value)) return Date.parse(value);
	if (!value.startsWith(day.name)) {
		const name = value.slice(0, 10);
		day = { name, start: Date.parse(name) };
	}
	const [hours, minutes, seconds, ms] = [
		[11, 13],
		[14, 16],
		[17, 19],
		[20, 23],
	].map(([from, to]) => Number(value.slice(from, to))) as [number, number, number, number];
	return day.start + ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

/** S3 encodes keys like form data: `+` is a space, `%2B` a plus. */
function decodeKey(key: string): string {
	if (!/[%+]/.test(key)) return key;
	try {
		return decodeURIComponent(key.replaceAll('+', ' '));
	} catch {
		// Some storage declares the encoding but does not apply it.
		return key;
	}
}

function notAListing(): Fault {
	return new Fault('The response from the storage is not a bucket listing', {
		description:
			'Check Endpoint and Addressing in the Agora Recording Storage API credential: the endpoint is not an S3 API.',
		cause: 'configuration-invalid',
	});
}
