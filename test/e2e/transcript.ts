import { appendFileSync, writeFileSync } from 'node:fs';

const file = process.env.E2E_TRANSCRIPT;
const LONGEST = 100;

/** Begins the file named by E2E_TRANSCRIPT, if there is one. */
export function beginTranscript(title: string): void {
	if (file) writeFileSync(file, `# ${title}\n`);
}

/**
 * Adds what a node put out to the transcript. Signatures and long texts are shortened.
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
	return unsigned.length > LONGEST ? `${unsigned.slice(0, LONGEST)}…` : unsigned;
}
