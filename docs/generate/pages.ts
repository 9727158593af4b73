import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import { eventTables } from './events.ts';
import { loadOperations, type Example, type Operation } from './operations.ts';
import { CODEX, EVENTS, README, RECORDINGS, REFERENCE } from './paths.ts';
import { referencePage } from './reference.ts';

/** What is generated within a page is between these markers. */
const part = (name: string) => new RegExp(`(?<=<!-- ${name} -->\\n).*?(?=<!-- /${name} -->)`, 's');

/**
 * Everything that is generated from the operations' descriptions: the reference, the README's table, the example of a
 * recording and the aliases of the codex file.
 *
 * @returns the contents of each file by its path
 */
export async function generatedPages(): Promise<Record<string, string>> {
	const { operations, trigger } = await loadOperations();
	const pages = {
		[REFERENCE]: referencePage(operations, trigger),
		[README]: withPart(README, 'operations', operationsTable(operations)),
		[RECORDINGS]: withPart(RECORDINGS, 'recording', exampleOf(trigger)),
		[EVENTS]: withPart(EVENTS, 'events', await eventTables()),
		[CODEX]: codex(operations),
	};
	for (const file of Object.keys(pages)) pages[file] = await format(file, pages[file]!);
	return pages;
}

/** Formats a page as the repository's lint expects it. */
async function format(file: string, text: string): Promise<string> {
	return await prettier.format(text, {
		...(await prettier.resolveConfig(file)),
		filepath: file,
	});
}

function withPart(file: string, name: string, lines: string[]): string {
	const text = readFileSync(file, 'utf8');
	if (!part(name).test(text)) throw new Error(`${file} has no place for "${name}"`);
	return text.replace(part(name), () => `\n${lines.join('\n')}\n\n`);
}

function exampleOf({ result }: Example): string[] {
	return ['```json', JSON.stringify(result, null, '\t'), '```'];
}

function operationsTable(operations: Operation[]): string[] {
	const rows = operations.map(
		({ resource, name, description }) => `| ${resource.name} | ${name} | ${description} |`,
	);
	return ['| Resource | Operation | What it does |', '| --- | --- | --- |', ...rows];
}

function codex(operations: Operation[]): string {
	const resources = new Set(operations.map(({ resource }) => resource));
	const alias = [...resources].flatMap(({ aliases }) => aliases);
	return JSON.stringify({ ...JSON.parse(readFileSync(CODEX, 'utf8')), alias });
}
