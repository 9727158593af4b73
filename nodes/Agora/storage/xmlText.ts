const NAMED = new Map([
	['amp', '&'],
	['lt', '<'],
	['gt', '>'],
	['quot', '"'],
	['apos', "'"],
]);

/**
 * @param text as it stands between two tags, or in an attribute
 * @returns what it says. References to unknown names, and to what is no character by itself, stay as they are:
 *   half a character would become another one on the way.
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
	return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}
