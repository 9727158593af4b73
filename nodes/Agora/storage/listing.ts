import { Fault } from '../http/errors';
import type { Listing, StoredObject } from './types';
import { decodeEntities, readElements, XmlError } from './xml';

/**
 * An object as nearly every storage writes it: key, time and size in this order, other fields without children
 * between them.
 */
const USUAL_OBJECT =
	/<Contents><Key>([^<]+)<\/Key><LastModified>([^<&]+)<\/LastModified>(?:<(?!Size>)(\w+)>[^<]*<\/\3>)*<Size>(\d+)<\/Size>(?:<(\w+)>[^<]*<\/\5>)*<\/Contents>/g;
/** A folded entry as nearly every storage writes it. */
const USUAL_PREFIX = /<CommonPrefixes><Prefix>([^<]+)<\/Prefix><\/CommonPrefixes>/g;
/** Comments and CDATA sections may contain anything, also what looks like an object. */
const UNUSUAL_MARKUP = '<!';
/** What is left of an entry: `readElements` allows this character only directly below the root. */
const TAKEN = '\0';
const ANY_ENTRY = /<[\w.:-]*(?:Contents|CommonPrefixes)\b/;

/**
 * Reads a page of a bucket listing (Amazon S3: ListObjectsV2 or ListObjects, with or without
 * `encoding-type=url`).
 *
 * @param xml the whole answer
 * @throws Fault when it is anything else, or is cut off: a page must never be taken for the last one because its
 *   end is missing
 */
export function readListing(xml: string): Listing {
	try {
		if (xml.includes(UNUSUAL_MARKUP) || xml.includes(TAKEN)) return readPage(xml, [], []);
		// Entries are nearly all of a page, and this takes a fraction of the time of reading every element.
		const objects: StoredObject[] = [];
		const prefixes: string[] = [];
		const rest = xml
			.replace(USUAL_OBJECT, (_, key: string, time: string, __, size: string) => {
				objects.push(readObject(decodeEntities(key), time, size));
				return TAKEN;
			})
			.replace(USUAL_PREFIX, (_, prefix: string) => {
				prefixes.push(decodeEntities(prefix));
				return TAKEN;
			});
		const usual = ANY_ENTRY.test(rest) ? null : readRest(rest, objects, prefixes);
		return usual ?? readPage(xml, [], []);
	} catch (error) {
		throw error instanceof XmlError ? notAListing() : error;
	}
}

/** @returns null where entries were taken out from a place where a listing has none */
function readRest(rest: string, objects: StoredObject[], prefixes: string[]): Listing | null {
	try {
		return readPage(rest, objects, prefixes);
	} catch {
		return null;
	}
}

/** @param objects,prefixes to add to */
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

/** @param page what the page says about itself */
function withNext(
	{ objects, prefixes }: Pick<Listing, 'objects' | 'prefixes'>,
	page: Map<string, string>,
): Listing {
	const isEncoded = page.get('EncodingType') === 'url';
	if (isEncoded) {
		for (const object of objects) object.key = decodeUrl(object.key);
		for (const [i, prefix] of prefixes.entries()) prefixes[i] = decodeUrl(prefix);
	}
	const entries = { objects, prefixes };
	const nextToken = page.get('NextContinuationToken') || null;
	const truncated = page.get('IsTruncated')?.trim();
	if (truncated === 'false') return { ...entries, nextToken: null };
	if (truncated !== 'true' || nextToken !== null) return { ...entries, nextToken };
	const marker = page.get('NextMarker') ?? '';
	return {
		...entries,
		nextToken,
		nextMarker: markerAfter(entries, isEncoded ? decodeUrl(marker) : marker),
	};
}

/**
 * Where to continue after a page of the older listing, which has no tokens (Amazon S3: ListObjects). The storage
 * names a marker only for a folded listing; otherwise it is the last entry.
 *
 * @throws Fault when the page says that there is more but contains nothing to continue after
 */
function markerAfter(entries: Pick<Listing, 'objects' | 'prefixes'>, nextMarker: string): string {
	const marker = nextMarker || lastEntry(entries);
	if (marker !== '') return marker;
	throw new Fault('The storage returned an incomplete listing page and no way to continue', {
		description: 'The storage does not support ListObjectsV2. Use storage that does.',
	});
}

/** @returns the last key or folded entry of a page, '' for an empty one */
export function lastEntry({ objects, prefixes }: Pick<Listing, 'objects' | 'prefixes'>): string {
	const [key = '', prefix = ''] = [objects.at(-1)?.key, prefixes.at(-1)];
	return comesAfter(key, prefix) ? key : prefix;
}

function firstEntry({ objects, prefixes }: Pick<Listing, 'objects' | 'prefixes'>): string {
	const [key, prefix] = [objects[0]?.key, prefixes[0]];
	if (key === undefined || prefix === undefined) return key ?? prefix ?? '';
	return comesAfter(key, prefix) ? prefix : key;
}

/** @returns whether a page begins before the key that it was to start after */
export function ignoresStart(
	page: Pick<Listing, 'objects' | 'prefixes'>,
	startAfter: string | undefined,
): boolean {
	const first = firstEntry(page);
	if (startAfter === undefined || first === '' || comesAfter(first, startAfter)) return false;
	// A folded entry that contains the start also has keys after it.
	const isAround = page.prefixes[0] === first && startAfter !== first;
	return !(isAround && startAfter.startsWith(first));
}

const SURROGATE = /[\ud800-\udfff]/;

/**
 * Compares keys in the order of their UTF-8 bytes, as listings are sorted. UTF-16, which JavaScript compares,
 * differs where a character outside the Basic Multilingual Plane meets one above U+DFFF.
 */
export function comesAfter(key: string, other: string): boolean {
	if (!SURROGATE.test(key) && !SURROGATE.test(other)) return key > other;
	return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
}

/**
 * @param prefix not empty
 * @returns a string after all keys with this prefix and before all others that follow: its last character, an
 *   ASCII one, raised by one
 */
export function afterPrefix(prefix: string): string {
	return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}

/**
 * Copies a key that outlives its page. V8 makes a substring by pointing into the string, so one key would keep the
 * whole page in memory.
 */
export function ownCopy(key: string): string {
	return Buffer.from(key).toString();
}

/** A class, because V8 keeps millions of short-lived object literals longer in memory. */
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
 * @param lastModified any form that `Date.parse` knows
 * @throws XmlError when one is missing or cannot be right
 */
export function readObject(
	key: string | undefined,
	lastModified: string | undefined,
	size: string | undefined,
): StoredObject {
	const bytes = Number(required(size));
	const time = readTime(required(lastModified));
	if (!Number.isSafeInteger(bytes) || bytes < 0 || Number.isNaN(time)) throw new XmlError();
	return new ListedObject(required(key), bytes, time);
}

/** @throws XmlError when there is no value */
export function required(value: string | undefined): string {
	if (value === undefined || value === '') throw new XmlError();
	return value;
}

/** `2026-11-23T10:15:30.000Z`, as Amazon writes it, and nearly everyone else. */
const USUAL_TIME = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
/** Thousands of objects share a day, and parsing the date takes most of the time. */
let day = { name: 'none yet', start: 0 };

function readTime(text: string): number {
	if (!USUAL_TIME.test(text)) return Date.parse(text);
	if (!text.startsWith(day.name)) {
		const name = text.slice(0, 10);
		day = { name, start: Date.parse(name) };
	}
	const [hours, minutes, seconds, ms] = [
		[11, 13],
		[14, 16],
		[17, 19],
		[20, 23],
	].map(([from, to]) => Number(text.slice(from, to))) as [number, number, number, number];
	return day.start + ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

/** S3 encodes a key as a form does: a space is `+`, a plus is `%2B`. */
function decodeUrl(text: string): string {
	if (!/[%+]/.test(text)) return text;
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		// The storage announces an encoding that it does not apply.
		return text;
	}
}

function notAListing(): Fault {
	return new Fault("The storage's answer is not a bucket listing", {
		description:
			'Check Endpoint and Addressing in the Agora Recording Storage API credential: this does not look like the S3 API.',
		cause: 'configuration-invalid',
	});
}
