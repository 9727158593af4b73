const ENTITIES = new Map([
	['amp', '&'],
	['lt', '<'],
	['gt', '>'],
	['quot', '"'],
	['apos', "'"],
]);

/**
 * Decodes the entities in an element's content or an attribute's value. Keeps unknown entities, and those for NUL and
 * lone surrogates, which are not characters of XML.
 */
export function decodeEntities(text: string): string {
	if (!text.includes('&')) return text;
	return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (entity, decimal, hex, name) => {
		if (name !== undefined) return ENTITIES.get(name) ?? entity;
		const code = decimal !== undefined ? Number(decimal) : parseInt(hex, 16);
		return isCharacter(code) ? String.fromCodePoint(code) : entity;
	});
}

function isCharacter(code: number): boolean {
	return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

export interface XmlElement {
	/** The names of its ancestors and itself, root first, without namespace prefixes. */
	path: readonly string[];
	/** Its attributes, not decoded. */
	attributes: string;
	/** The decoded text between the last tag and its end tag. */
	text: string;
}

/**
 * A tag, text, a CDATA section, or a comment or declaration. The lookaheads prevent backtracking in a tag without an
 * end, which would take quadratic time.
 */
const TOKEN =
	/<(\/?)(?:[\w.-]+:)?([\w.-]+)(?![\w.:-])((?:[^<>"']+(?=[<>"']|$)|"[^"]*"|'[^']*')*)>|([^<]+)|<!\[CDATA\[([^]*?)\]\]>|<!--[^]*?-->|<\?[^]*?\?>/y;

/** Thrown for a string that is not the expected XML. */
export class XmlError extends Error {}

/**
 * Reads an XML document strictly, so that a truncated document is detected.
 *
 * @param root name of the root element
 * @returns the elements in the order of their end tags, the root last; `path` is only valid until the next element
 * @throws XmlError when elements are not closed, or the root has a different name
 */
export function* readElements(xml: string, root: string): Generator<XmlElement> {
	const path: string[] = [];
	let hasRoot = false;
	let attributes = '';
	let text = '';
	// A byte order mark counts as white space before the root.
	for (let index = 0; index < xml.length; index = TOKEN.lastIndex) {
		TOKEN.lastIndex = index;
		const token = TOKEN.exec(xml);
		if (token === null) throw new XmlError();
		const [, closing, name, rawAttributes = '', plain, cdata] = token;
		// Not a character of XML: callers use it to mark elements that they have already read.
		if (rawAttributes.includes('\0') || (plain?.includes('\0') && path.length !== 1))
			throw new XmlError();
		if (name === undefined) {
			if (path.length > 0) text += cdata ?? (plain === undefined ? '' : decodeEntities(plain));
			else if ((plain ?? cdata ?? '').trim() !== '') throw new XmlError();
			continue;
		}
		const isEmpty = rawAttributes.endsWith('/');
		if (!closing) {
			if (path.length === 0 && (hasRoot || name !== root)) throw new XmlError();
			hasRoot = true;
			path.push(name);
			attributes = rawAttributes;
			text = '';
		}
		if (closing || isEmpty) {
			if (path.at(-1) !== name) throw new XmlError();
			yield { path, attributes, text };
			path.pop();
			attributes = '';
			text = '';
		}
	}
	if (path.length > 0 || !hasRoot) throw new XmlError();
}
