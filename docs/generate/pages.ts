import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import { formatMarkdown } from './markdown.ts';
import { loadOperations } from './operations.ts';
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
	return {
		[REFERENCE]: await referencePage(),
		[README]: await readme(),
		[CODEX]: await codex(),
	};
}

async function readme(): Promise<string> {
	const { operations } = await loadOperations();
	const rows = operations.map(
		({ resource, name, description }) => `| ${resource.name} | ${name} | ${description} |`,
	);
	const table = ['| Resource | Operation | What it does |', '| --- | --- | --- |', ...rows];
	const text = readFileSync(README, 'utf8');
	if (!TABLE.test(text)) throw new Error('README.md has no table of operations');
	return await formatMarkdown(text.replace(TABLE, () => `\n${table.join('\n')}\n\n`));
}

async function codex(): Promise<string> {
	const { operations } = await loadOperations();
	const resources = new Set(operations.map(({ resource }) => resource));
	const alias = [...resources].flatMap(({ aliases }) => aliases);
	const text = JSON.stringify({ ...JSON.parse(readFileSync(CODEX, 'utf8')), alias });
	return await prettier.format(text, {
		...(await prettier.resolveConfig(CODEX)),
		parser: 'json',
	});
}
