/**
 * Looks for secrets in what nodes gave out, logged or threw.
 *
 * @param texts everything there is to search
 * @param secrets by name
 * @returns the names of those found, as they are, in base64 (Basic authentication) or in URL encoding
 */
export function findSecrets(texts: string[], secrets: Record<string, string>): string[] {
	return Object.entries(secrets)
		.filter(([, secret]) =>
			spellings(secret).some((each) => texts.some((text) => text.includes(each))),
		)
		.map(([name]) => name);
}

/** Base64 shows a text in one of three ways, by where it begins; its first and last letters mix with others. */
function spellings(secret: string): string[] {
	const shifted = ['', 'x', 'xx'].map((before) =>
		Buffer.from(`${before}${secret}`).toString('base64').slice(4, -4),
	);
	return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...shifted];
}
