import { appendFileSync, writeFileSync } from 'node:fs';

const file = process.env.E2E_TRANSCRIPT;
const LONGEST = 100;
const TOKEN_START = 8;

/** Agora: AccessToken2, `007` and zlib's output in Base64. */
const isToken = (text: string) => /^007e[AFJN][\w+/]{50,}=*$/.test(text);

/** Begins the file named by E2E_TRANSCRIPT, if there is one. */
export function beginTranscript(title: string): void {
	if (file) writeFileSync(file, `# ${title}\n`);
}

/**
 * Adds the output of a node to the transcript. Signatures, tokens and long strings are shortened.
 *
 * @param heading what was run
 * @param items its output
 */
export function note(heading: string, items: unknown): void {
	if (!file) return;
	const text = JSON.stringify(items, (_, value) => shortened(value), 2);
	appendFileSync(file, `\n## ${heading}\n\n\`\`\`json\n${text}\n\`\`\`\n`);
}

function shortened(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	const unsigned = value.replace(/(X-Amz-(?:Signature|Credential)=)[^&]+/g, '$1…');
	if (isToken(unsigned)) return `${unsigned.slice(0, TOKEN_START)}…`;
	return unsigned.length > LONGEST ? `${unsigned.slice(0, LONGEST)}…` : unsigned;
}
