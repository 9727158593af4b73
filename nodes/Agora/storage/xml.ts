const NAMED = new Map([
	['amp', '&'],
	['lt', '<'],
	['gt', '>'],
	['quot', '"'],
	['apos', "'"],
]);

/**
 * @param text the content of an element, or an attribute's value, as it is written
 * @returns the text it represents. Unknown references, and references to NUL or half a surrogate pair, are left as
 *   they are: XML has no such characters.
 */
export function decodeEntities(text: string): string {
	if (!text.includes('&')) return text;
	return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (entity, decimal, hex, name) => {
		if (name !== undefined) return NAMED.get(name) ?? entity;
		const code = decimal !== undefined ? Number(decimal) : parseInt(hex, 16);
		return isCharacter(code) ? String.fromCodePoint(code) : entity;
	});
}

function isCharacter(code: number): boolean {
	return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

export interface XmlElement {
	/** Its name and those of the elements around it, outermost first, without namespace prefixes. */
	path: readonly string[];
	/** Its attributes, as they are written. */
	attributes: string;
	/** The text before its end tag, decoded; '' where a child element ends just before. */
	text: string;
}

/**
 * A tag, text, a CDATA section, or a comment or declaration. The lookaheads keep the pattern from trying other
 * ends for a tag that has none, which would take quadratic time.
 */
const TOKEN =
	/<(\/?)(?:[\w.-]+:)?([\w.-]+)(?![\w.:-])((?:[^<>"']+(?=[<>"']|$)|"[^"]*"|'[^']*')*)>|([^<]+)|<!\[CDATA\[([^]*?)\]\]>|<!--[^]*?-->|<\?[^]*?\?>/y;

/** Why a string is not the XML it should be. */
export class XmlError extends Error {}

/**
 * Reads a short XML document strictly, as it must not be taken for complete when it is cut off.
 *
 * @param root name of the root element
 * @returns every element when it ends, the root last; `path` is only valid until the next one
 * @throws XmlError when the elements do not nest, or the root has another name
 */
export function* readElements(xml: string, root: string): Generator<XmlElement> {
	const path: string[] = [];
	let hasRoot = false;
	let attributes = '';
	let text = '';
	for (let index = xml.startsWith('\uFEFF') ? 1 : 0; index < xml.length; index = TOKEN.lastIndex) {
		TOKEN.lastIndex = index;
		const token = TOKEN.exec(xml);
		if (token === null) throw new XmlError();
		const [, closing, name, given = '', plain, cdata] = token;
		// XML has no such character: it is where a reader has taken out what it read before.
		if (given.includes('\0') || (plain?.includes('\0') && path.length !== 1)) throw new XmlError();
		if (name === undefined) {
			if (path.length > 0) text += cdata ?? (plain === undefined ? '' : decodeEntities(plain));
			else if ((plain ?? cdata ?? '').trim() !== '') throw new XmlError();
			continue;
		}
		const isEmpty = given.endsWith('/');
		if (!closing) {
			if (path.length === 0 && (hasRoot || name !== root)) throw new XmlError();
			hasRoot = true;
			path.push(name);
			attributes = given;
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
