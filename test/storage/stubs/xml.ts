const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes text between two tags. Like S3, writes control characters as references, which XML 1.0 parsers may refuse. */
export function escapeXml(text: string): string {
	return text.replace(
		/[&<>"\u0000-\u0008\u000b-\u001f]/g,
		(character) => NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
	);
}

/** @returns `<name>text</name>`, nothing for undefined */
export function element(name: string, text: string | number | boolean | undefined): string {
	return text === undefined ? '' : `<${name}>${escapeXml(String(text))}</${name}>`;
}
