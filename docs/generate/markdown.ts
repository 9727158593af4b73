import prettier from 'prettier';
import { REFERENCE } from './paths.ts';

/** Formats Markdown as the repository's lint expects it. */
export async function formatMarkdown(text: string): Promise<string> {
	return await prettier.format(text, {
		...(await prettier.resolveConfig(REFERENCE)),
		parser: 'markdown',
	});
}
