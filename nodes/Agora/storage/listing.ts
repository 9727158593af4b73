import { Fault } from '../http/fault';
import type { TextReader } from '../http/openStream';
import { markerAfter } from './olderListing';
import { decodeEntities } from './xmlText';

export interface StoredObject {
	key: string;
	/** Bytes. */
	size: number;
	/** Unix milliseconds. */
	lastModified: number;
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

const START = '<Contents>';
const END = '</Contents>';
const ANY_START = /<[\w.:-]*Contents\b/;
/** An object as nearly every storage writes it. A listing is little else, so one look at it must do. */
const PLAIN_OBJECT =
	/<Contents><Key>[^<]+<\/Key><LastModified>[^<&]+<\/LastModified>(?:<(?!Size>)(\w+)>[^<]*<\/\1>)*<Size>\d+<\/Size>(?:<(\w+)>[^<]*<\/\2>)*<\/Contents>/y;
/** An object has a key of 1,024 bytes and little else. What goes on for longer is not looked at again and again. */
const MOST_AHEAD = 16_384;

/**
 * Reads a page of a bucket listing (Amazon S3: ListObjectsV2, asked for with `encoding-type=url`) while it comes.
 * Objects written as usual are taken out of the text piece by piece; what remains is read as the XML it is.
 */
export class ListingReader implements TextReader<Listing> {
	readonly #objects: StoredObject[] = [];
	/** What was not taken out, up to `#ahead`. */
	#rest = '';
	/** Length of that when the first object was taken out; 0 before. */
	#head = 0;
	/** What may begin with an object that has not come to its end yet. */
	#ahead = '';
	#isUsual = true;

	push(text: string): void {
		// Joining the whole piece to what waits would copy it; up to its first end of an object will do.
		const end = text.indexOf(END) + END.length;
		if (this.#ahead !== '' && end >= END.length) {
			this.#take(this.#ahead + text.slice(0, end));
			this.#take(this.#ahead + text.slice(end));
		} else this.#take(this.#ahead + text);
	}

	/**
	 * @throws Fault when the text is anything else than a listing, or is cut short: a page must never be taken
	 *   for the last one because its end is missing
	 */
	end(): Listing {
		return readRest(this.#objects, this.#rest + this.#ahead);
	}

	#take(text: string): void {
		this.#ahead = '';
		const first = this.#isUsual ? text.search(ANY_START) : -1;
		// The last tag may not have come to its end yet; what stands before it is done with.
		let at = first < 0 ? Math.max(0, text.lastIndexOf('<')) : first;
		this.#rest += text.slice(0, at);
		if (first >= 0) this.#isUsual = this.#isAmongObjects();
		while (this.#isUsual && text.startsWith(START, at)) {
			PLAIN_OBJECT.lastIndex = at;
			if (!PLAIN_OBJECT.test(text)) break;
			this.#objects.push(readPlainObject(text, at));
			at = PLAIN_OBJECT.lastIndex;
		}
		this.#ahead = text.slice(at);
		// Where one is written otherwise, those that follow must not overtake it.
		this.#isUsual &&= this.#ahead.length <= MOST_AHEAD;
		this.#isUsual &&= this.#ahead.startsWith(START)
			? !this.#ahead.includes(END)
			: START.startsWith(this.#ahead) || !ANY_START.test(this.#ahead);
		if (!this.#isUsual) {
			this.#rest += this.#ahead;
			this.#ahead = '';
		}
	}

	/** Whether nothing but the head of a listing stands before an object, and nothing between it and the others. */
	#isAmongObjects(): boolean {
		if (this.#head > 0) return this.#rest.length === this.#head;
		this.#head = this.#rest.length;
		return isHead(this.#rest);
	}
}

const BEFORE_KEY = '<Contents><Key>'.length;
const BEFORE_TIME = '</Key><LastModified>'.length;
const SIZE = '<Size>';

/** @param at where what `PLAIN_OBJECT` matches begins */
function readPlainObject(text: string, at: number): StoredObject {
	const keyEnd = text.indexOf('<', at + BEFORE_KEY);
	const timeEnd = text.indexOf('<', keyEnd + BEFORE_TIME);
	const size = text.indexOf(SIZE, timeEnd) + SIZE.length;
	return readObject(
		decodeEntities(text.slice(at + BEFORE_KEY, keyEnd)),
		text.slice(keyEnd + BEFORE_TIME, timeEnd),
		text.slice(size, text.indexOf('<', size)),
	);
}

/**
 * Reads a whole page.
 *
 * @throws Fault as `ListingReader` does
 */
export function readListing(xml: string): Listing {
	const reader = new ListingReader();
	reader.push(xml);
	return reader.end();
}

/** @param objects those that were taken out of the XML, all of them from before those still in it */
function readRest(objects: StoredObject[], xml: string): Listing {
	const prefixes: string[] = [];
	const page: Fields = new Map();
	let fields: Fields = new Map();
	for (const { name, depth, text } of elements(xml)) {
		if (depth === 3) fields.set(name, text);
		if (depth !== 2) continue;
		if (name === 'Contents') {
			objects.push(readObject(fields.get('Key'), fields.get('LastModified'), fields.get('Size')));
		} else if (name === 'CommonPrefixes') prefixes.push(required(fields.get('Prefix')));
		else page.set(name, text);
		fields = new Map();
	}
	// Whether names are encoded may stand after them.
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

type Fields = Map<string, string>;

/**
 * A tag, text, a CDATA section, or a comment or declaration. What follows a name and what follows text between
 * quotes is looked at ahead: they end in one place only, and no other is tried where a tag has no end.
 */
const TOKEN =
	/<(\/?)(?:[\w.-]+:)?([\w.-]+)(?![\w.:-])((?:[^<>"']+(?=[<>"']|$)|"[^"]*"|'[^']*')*)>|([^<]+)|<!\[CDATA\[([^]*?)\]\]>|<!--[^]*?-->|<\?[^]*?\?>/y;

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
			if (open.push(name) === 1) {
				if (root !== '') throw notAListing();
				root = name;
			}
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

/** @returns whether the text is all that stands before what a listing lists */
function isHead(xml: string): boolean {
	try {
		return [...elements(`${xml}</ListBucketResult>`)].length > 0;
	} catch {
		return false;
	}
}

/** A class, as V8 takes a literal that is made so often for long-lived, and clears up late after it. */
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

function readObject(
	key: string | undefined,
	lastModified: string | undefined,
	size: string | undefined,
): StoredObject {
	const object = new ListedObject(
		required(key),
		Number(required(size)),
		readTime(required(lastModified)),
	);
	if (!isSize(object.size) || Number.isNaN(object.lastModified)) throw notAListing();
	return object;
}

/** @returns whether a number can be that of an object's bytes */
export function isSize(number: number): boolean {
	return Number.isSafeInteger(number) && number >= 0;
}

/** `2026-11-23T10:15:30.000Z`, as Amazon writes it, and nearly everyone after it. */
const USUAL_TIME = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
/** Thousands of objects are of one day, and finding out when that began is nearly all the work. */
let day = { name: 'none yet', start: 0 };

function readTime(text: string): number {
	if (!USUAL_TIME.test(text)) return Date.parse(text);
	if (!text.startsWith(day.name)) {
		const name = text.slice(0, 10);
		day = { name, start: Date.parse(name) };
	}
	const seconds = digits(text, 11, 13) * 3600 + digits(text, 14, 16) * 60 + digits(text, 17, 19);
	return day.start + seconds * 1000 + digits(text, 20, 23);
}

function digits(text: string, from: number, to: number): number {
	let number = 0;
	for (let i = from; i < to; i++) number = number * 10 + text.charCodeAt(i) - ZERO;
	return number;
}

const ZERO = '0'.charCodeAt(0);

function required(value: string | undefined): string {
	if (value === undefined || value === '') throw notAListing();
	return value;
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
