import { constants, unzipSync } from 'node:zlib';

/** Shorter ones would be found by chance. */
const FEWEST_CHARACTERS = 8;

/**
 * Searches the output, logs and errors of nodes for secrets.
 *
 * @param texts everything there is to search
 * @param secrets by name
 * @returns the names of those found: as they are, or in any spelling of `spellings`, packed (zlib, gzip) in
 *   Base64 as well
 * @throws for a secret that is so short that it could occur by chance
 */
export function findSecrets(texts: string[], secrets: Record<string, string>): string[] {
	const searches = Object.entries(secrets).map(
		([name, secret]) => [name, searchFor(secret)] as const,
	);
	return searches.filter(([, isIn]) => texts.some(isIn)).map(([name]) => name);
}

/**
 * @returns whether the secret is in a text
 * @throws for a secret that is so short that it could occur by chance
 */
export function searchFor(secret: string): (text: string) => boolean {
	const all = spellings(secret);
	const isIn = (text: string) => all.some((each) => text.includes(each));
	return (text) => isIn(text) || unpacked(text).some(isIn);
}

/**
 * @returns how a secret may be written: as it is, in a URL, a form and XML, in hexadecimal, and in Base64 with
 *   whatever before and after it; and each of these in JSON, and in JSON within JSON
 * @throws for a secret that is so short that it could occur by chance
 */
export function spellings(secret: string): string[] {
	if (secret.length < FEWEST_CHARACTERS)
		throw new Error('such a short secret would be found anywhere');
	const bytes = Buffer.from(secret);
	const hex = bytes.toString('hex');
	const all = [
		secret,
		...inUrls(secret),
		inXml(secret, '&#39;'),
		inXml(secret, '&apos;'),
		hex,
		hex.toUpperCase(),
		...inBase64(bytes),
	];
	const quoted = (depth: number): string[] => (depth === 0 ? all : quoted(depth - 1).map(inJson));
	return [...new Set([0, 1, 2, 3].flatMap(quoted))];
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

function inUrls(text: string): string[] {
	const usual = encodeURIComponent(text);
	const strict = usual.replace(
		/[!'()*]/g,
		(sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
	);
	const everyByte = Buffer.from(text).toString('hex').replace(/../g, '%$&');
	const form = new URLSearchParams({ text }).toString().slice('text='.length);
	const upper = [usual, strict, form, everyByte.replace(/[a-f]/g, (digit) => digit.toUpperCase())];
	const lower = upper.map((each) => each.replace(/%../g, (escape) => escape.toLowerCase()));
	return [...upper, ...lower];
}

function inXml(text: string, apostrophe: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", apostrophe);
}

/** Base64 shows a text in one of three ways, by where it begins; its first and last letters mix with others. */
function inBase64(bytes: Buffer): string[] {
	const shifted = ['', 'x', 'xx'].map((before) => Buffer.concat([Buffer.from(before), bytes]));
	return (['base64', 'base64url'] as const).flatMap((alphabet) =>
		shifted.map((each) => each.toString(alphabet).replace(/=+$/, '').slice(4, -3)),
	);
}

/** How gzip's and zlib's output begins in Base64. */
const PACKED = /(?:H4sI|e[AFJN])[\w+/-]{20,}/g;
const MOST_UNPACKED_BYTES = 10_000_000;

function unpacked(text: string): string[] {
	return [...text.matchAll(PACKED)].flatMap(([match]) => {
		try {
			const options = {
				finishFlush: constants.Z_SYNC_FLUSH,
				maxOutputLength: MOST_UNPACKED_BYTES,
			};
			return [unzipSync(Buffer.from(match, 'base64'), options).toString()];
		} catch {
			// It only looks packed.
			return [];
		}
	});
}
