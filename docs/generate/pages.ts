import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import { loadOperations, type Operation } from './operations.ts';
import { CODEX, README, REFERENCE } from './paths.ts';
import { referencePage } from './reference.ts';

/** The README's table of operations is between these. */
const TABLE = /(?<=<!-- operations -->\n).*?(?=<!-- \/operations -->)/s;

/**
 * Everything that is generated from the operations' descriptions: the reference, the README's table and the aliases
 * of the codex file.
 *
 * @returns the contents of each file by its path
 */
export async function generatedPages(): Promise<Record<string, string>> {
	const { operations, trigger } = await loadOperations();
	const pages = {
		[REFERENCE]: referencePage(operations, trigger),
		[README]: readme(operations),
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

function readme(operations: Operation[]): string {
	const rows = operations.map(
		({ resource, name, description }) => `| ${resource.name} | ${name} | ${description} |`,
	);
	const table = ['| Resource | Operation | What it does |', '| --- | --- | --- |', ...rows];
	const text = readFileSync(README, 'utf8');
	if (!TABLE.test(text)) throw new Error('README.md has no table of operations');
	return text.replace(TABLE, () => `\n${table.join('\n')}\n\n`);
}

function codex(operations: Operation[]): string {
	const resources = new Set(operations.map(({ resource }) => resource));
	const alias = [...resources].flatMap(({ aliases }) => aliases);
	return JSON.stringify({ ...JSON.parse(readFileSync(CODEX, 'utf8')), alias });
}
